//! After a restart: the record is read back, then the accounts have the last word.

use std::sync::Arc;

use super::super::copy::Copy;
use super::super::lifecycle::State;
use super::super::record::{MasterTrade, Record};
use super::Hub;
use super::group::Group;
use crate::config::Setup;
use crate::domain::{CopyId, Login, Lots, Micros};

impl Hub {
    /// A hub that goes on where the record ends. Copies that were under way are in doubt until their accounts
    /// tell; records of pools or members that are no longer configured are passed over. Where the clock was set back
    /// meanwhile, what is on record happened now: else every pause would last until the clock is there again.
    pub fn restore(setup: Arc<Setup>, now: Micros, records: impl IntoIterator<Item = Record>) -> Self {
        let mut hub = Self::new(setup, now);
        for record in records {
            match record {
                Record::Taken(trade) => hub.restore_taken(&trade, now),
                Record::Decided { copy, login, decision, credit, .. } => {
                    hub.restore_copy(copy, login, |copy| {
                        if decision.skip.is_some() {
                            // The end of the record may be torn off: this is what comes next in it.
                            copy.state = State::Skipped;
                        }
                        copy.skip = decision.skip;
                        copy.decision = Some(decision);
                    });
                    if let Some(credit) = credit {
                        hub.restore_credit(copy, login, credit);
                    }
                }
                Record::Copy { copy, login, state, opened, to_market, retcode, skip, at } => {
                    hub.restore_copy(copy, login, |copy| {
                        if to_market && state == State::Planned {
                            copy.taken_at = at.min(now);
                        }
                        if state == State::Planned && copy.decision.as_ref().is_some_and(|d| d.skip.is_some())
                        {
                            // It joined late, and the decision that followed is torn off.
                            copy.decision = None;
                        }
                        copy.to_market = to_market;
                        copy.state = state;
                        copy.opened = opened;
                        copy.retcode = retcode;
                        copy.skip = skip;
                        copy.over |= state == State::Closed;
                    });
                }
                Record::Guard { login, state, .. } => hub.restore_guard(login, *state),
                Record::ByHand { reaction, .. } => hub.by_hand = reaction,
                Record::MasterChanged { copy, proved: true, .. } => hub.restore_end(copy, true),
                Record::MasterOrder { copy, proved: true, .. } => hub.restore_end(copy, false),
                Record::MasterNetting { position, tale, .. } => hub.netting.restore(position, *tale, now),
                Record::Finished { copy, .. } => {
                    hub.groups.remove(&copy);
                    hub.remember_finished(copy);
                }
                // The story only, or what the master's first state tells anew.
                _ => {}
            }
        }
        for (key, mut group) in std::mem::take(&mut hub.groups) {
            for copy in &mut group.copies {
                if copy.settle_after_restart(now) {
                    hub.record_copy(key, copy, now);
                }
            }
            hub.groups.insert(key, group);
        }
        hub
    }

    fn restore_taken(&mut self, trade: &MasterTrade, now: Micros) {
        let Some(index) = self.setup.pools.iter().position(|pool| *pool.name == *trade.pool) else { return };
        let pool = &self.setup.pools[index];
        let key = CopyId::new(pool.tag, trade.position.id);
        let taken_at = trade.at.min(now);
        self.groups.insert(
            key,
            Box::new(Group {
                pool: index,
                position: trade.position.clone(),
                opened: trade.position.lots,
                remaining: trade.position.lots,
                waiting: trade.order.clone(),
                from_order: trade.order.is_some(),
                taken_at,
                changed_at: taken_at,
                late: false,
                guessed: trade.guessed,
                missing_since: None,
                given_up: false,
                unfilled_since: None,
                copies: pool.members.iter().map(|m| Copy::planned(m.login, taken_at)).collect(),
                quiet: false,
            }),
        );
    }

    /// The master has no more of it: that was proved. Its history may not tell so any more when it is there again.
    fn restore_end(&mut self, key: CopyId, as_position: bool) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.remaining = Lots::ZERO;
            if as_position {
                group.waiting = None;
            }
        }
    }

    fn restore_copy(&mut self, key: CopyId, login: Login, change: impl FnOnce(&mut Copy)) {
        let copies = self.groups.get_mut(&key).map(|group| &mut group.copies);
        if let Some(copy) = copies.and_then(|copies| copies.iter_mut().find(|copy| copy.login == login)) {
            change(copy);
        }
    }

    fn restore_credit(&mut self, key: CopyId, login: Login, credit: i64) {
        let Some(group) = self.groups.get(&key) else { return };
        if let Some(symbol) = self.setup.account(login).symbols.to_slave(group.position.symbol) {
            self.credits.insert((group.pool, symbol, login), credit);
        }
    }
}

impl Copy {
    /// What was under way is in doubt: the answer may have been lost with the process that waited for it. A close is
    /// not under way any more, which is to go on record: whether it is wanted still, the master's state tells.
    fn settle_after_restart(&mut self, now: Micros) -> bool {
        let closes = self.state == State::Closing;
        self.unsent = self.state == State::Planned;
        self.unsure_since = Some(now);
        self.actual =
            if self.state == State::Open || self.state == State::Closing { self.opened } else { self.actual };
        self.state = match self.state {
            State::Sent => State::InDoubt,
            State::Planned if self.decision.is_some() => State::InDoubt,
            State::Closing => State::Open,
            state => state,
        };
        closes
    }
}
