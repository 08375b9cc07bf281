//! What goes wrong: processes killed, connections broken, terminals that lag, hide and lose.

use super::super::account::Account;
use super::super::random::Random;
use super::World;

impl World {
    pub(super) fn trouble(&mut self) -> Result<(), String> {
        let at = usize::try_from(self.random.between(0, 2)).unwrap();
        let pace = self.pace.1;
        let everything = self.random.per_mille(pace / 100);
        if everything || self.random.per_mille(2 * pace / 100) {
            self.kill_hub()?;
        }
        for at in 0..self.slaves.len() {
            if everything || self.random.per_mille(pace / 50) {
                self.kill_slave(at);
            }
        }
        if self.random.per_mille(4 * pace / 100) {
            self.break_link(at);
        }
        for slave in self.slaves.iter_mut().filter(|slave| slave.watch.is_set()) {
            slave.owner(self.now_ms, &mut self.random);
        }
        if self.random.per_mille(15) {
            let lag = |random: &mut Random| if random.per_mille(500) { random.between(0, 500) } else { 0 };
            let lags = (lag(&mut self.random), lag(&mut self.random));
            self.account(at).lag_ms = lags;
        }
        if self.random.per_mille(3 * pace / 100) {
            let until = self.now_ms + self.random.between(20, 700);
            let hidden = usize::try_from(self.random.between(0, 9)).unwrap();
            let who = usize::try_from(self.random.between(0, 3)).unwrap();
            let now_ms = self.now_ms;
            let account = self.account(who);
            // Never two in one go: a position is invisible for a moment, not for long.
            if account.glitch.is_none_or(|(last, _)| now_ms > last + 4_000) {
                account.glitch = Some((until, hidden));
            }
        }
        if self.random.per_mille(4 * pace / 100) {
            let who = usize::try_from(self.random.between(0, 3)).unwrap();
            let account = self.account(who);
            account.online = !account.online;
            let online = account.online;
            self.tell(|| format!("terminal {who} online: {online}"));
        } else if self.random.per_mille(20) {
            let who = usize::try_from(self.random.between(0, 3)).unwrap();
            self.account(who).online = true;
        }
        Ok(())
    }

    /// A slave's account by its place, or the master's.
    pub(super) fn account(&mut self, at: usize) -> &mut Account {
        self.slaves.get_mut(at).map_or(&mut self.master, |slave| &mut slave.account)
    }

    /// Nothing goes wrong any more.
    pub fn quiet_down(&mut self) {
        self.calm = true;
        for who in 0..=self.slaves.len() {
            let account = self.account(who);
            (account.online, account.glitch, account.lag_ms) = (true, None, (0, 50));
        }
        self.tell(|| "calm".into());
    }

    pub(super) fn kill_hub(&mut self) -> Result<(), String> {
        if let Ok(hub) = &self.hub
            && hub.summary().impossible > 0
        {
            return Err("an impossible event".into());
        }
        self.deaths[0] += 1;
        self.hub = Err(self.now_ms + self.random.between(50, 6_000));
        let lost = if self.random.per_mille(300) { self.random.between(0, 8) } else { 0 };
        let keep = self.records.len().saturating_sub(usize::try_from(lost).unwrap());
        self.records.truncate(keep);
        for at in 0..self.links.len() {
            self.break_link(at);
            self.links[at].hub_open = false;
        }
        self.tell(|| format!("the hub dies, {lost} records are lost"));
        Ok(())
    }

    pub(super) fn kill_slave(&mut self, at: usize) {
        let again_ms = self.now_ms + self.random.between(20, 5_000);
        self.deaths[1] += 1;
        self.slaves[at].kill(again_ms);
        self.break_link(at);
        self.links[at].slave_open = false;
        let login = self.slaves[at].login;
        self.tell(|| format!("{login} dies"));
    }

    pub(super) fn break_link(&mut self, at: usize) {
        let notices = (self.now_ms + self.random.between(0, 400), self.now_ms + self.random.between(0, 400));
        let link = &mut self.links[at];
        if link.broken.is_none() && (link.hub_open || link.slave_open) {
            self.deaths[2] += 1;
            link.broken = Some(notices);
            link.to_hub.clear();
            link.to_slave.clear();
            self.tell(|| format!("link {at} breaks"));
        }
    }
}
