//! Terminals that are cut off from their trade server, and whose lists lag behind.

use std::time::Duration;

use lotbridge::domain::{ServerTime, Snapshot};

use super::Desk;

impl Desk {
    /// Cuts a terminal off from its trade server, and waits until its program says so. No trade's event is left by which
    /// it would notice.
    pub fn cut_off(&mut self, login: u64) {
        self.rest(Duration::from_millis(300));
        self.connect(login, false);
        self.panel(login, "Waiting for the connection to the trade server");
    }

    /// Connects it again.
    pub fn back(&mut self, login: u64) {
        self.connect(login, true);
    }

    fn connect(&mut self, login: u64, connected: bool) {
        self.accounts.get_mut(&login).unwrap().set_connected(connected);
        self.show(login);
    }

    /// From now on a terminal shows its lists as they are at this moment.
    pub fn lag(&mut self, login: u64) {
        let now = *self.shown(login);
        self.old.insert(login, now);
    }

    /// Its lists have caught up.
    pub fn catch_up(&mut self, login: u64) {
        self.old.remove(&login);
        self.show(login);
    }

    /// What a terminal shows of the account that is logged in to it.
    pub(super) fn shown(&self, login: u64) -> Box<Snapshot> {
        let account = self.logged_in.get(&login).copied().unwrap_or(login);
        let now = self.accounts[&account].snapshot(ServerTime(0));
        let mut shown = self.old.get(&login).cloned().unwrap_or_else(|| now.clone());
        shown.account.connected = now.account.connected;
        Box::new(shown)
    }
}
