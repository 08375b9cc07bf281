//! Positions of accounts that require a stop loss: for how long they are without one.

use std::ops::Range;

use lotbridge::domain::Position;

use super::super::slave::Slave;
use super::super::wrong::{Invariant, Wrong};
use super::World;

/// So long a position may be without its stop while nothing is in the way: five refusals with their pauses, a doubt about
/// one of them, and a close that is refused and doubted as well.
const BARE_MS: u64 = 45_000;
/// The minute in which some brokers' markets are closed.
const MONDAYS_FIRST_MINUTE: Range<u64> = 7_000..67_000;

impl World {
    /// Nothing keeps the hub from this account, or the account from its broker.
    fn is_in_reach(&self, at: usize) -> bool {
        let slave = &self.slaves[at];
        let runs =
            self.hub.is_ok() && slave.runs() && self.now_ms >= slave.frozen_until.max(self.frozen_until);
        let closed = self.closes && MONDAYS_FIRST_MINUTE.contains(&self.now_ms);
        runs && !closed && self.links[at].opened && slave.online && slave.account.online && self.master.online
    }

    /// So much time went by.
    pub(super) fn look_for_stops(&mut self, ms: u64) {
        for at in 0..self.slaves.len() {
            let login = self.slaves[at].login;
            let bare = self.bare(&self.slaves[at]);
            self.were_bare.extend(bare.iter().map(|bare| (login, bare.magic.0)));
            let bare: Vec<u64> = bare.into_iter().map(|bare| bare.ticket).collect();
            let in_reach = self.is_in_reach(at);
            self.bare_ms.retain(|(whose, ticket), _| *whose != login || in_reach && bare.contains(ticket));
            for ticket in bare.into_iter().filter(|_| in_reach) {
                let for_ms = self.bare_ms.entry((login, ticket)).or_default();
                *for_ms += ms;
                if *for_ms > BARE_MS {
                    let what =
                        format!("{login} has had position {ticket} without a stop loss for {for_ms} ms");
                    self.wrong.get_or_insert_with(|| Invariant::Protected.broken(what));
                }
            }
        }
    }

    /// Copies without the stop loss that their account requires. Whatever its owner has traded in the symbol of a
    /// netting account, its position's stops are the owner's, too.
    fn bare(&self, slave: &Slave) -> Vec<Position> {
        if !self.setup.account(slave.login).rules.require_stop_loss {
            return Vec::new();
        }
        let mut copies = slave.account.copies();
        copies.retain(|copy| {
            let shared = slave.account.nets() && copy.ticket == 0;
            copy.stop_loss.is_none() && !shared
        });
        copies
    }

    /// No copy is without the stop loss that its account requires.
    pub fn protected(&self) -> Result<(), Wrong> {
        let bare =
            self.slaves.iter().find_map(|slave| Some((slave.login, self.bare(slave).into_iter().next()?)));
        bare.map_or(Ok(()), |(login, bare)| {
            let (ticket, lots) = (bare.ticket, bare.lots);
            Err(Invariant::Protected.broken(format!("{login} holds {lots}, {ticket}, without a stop loss")))
        })
    }
}
