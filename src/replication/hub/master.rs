//! The master hands over its state: positions are taken up, followed, and let go.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::copy::Copy;
use super::super::lifecycle::State;
use super::super::planted::Defect;
use super::super::record::{MasterTrade, Record};
use super::super::watch::gap_ms;
use super::group::{Group, low_bits, opened_by_deals};
use super::netting::Patience;
use super::{Hub, HubError};
use crate::domain::{CopyId, Login, Lots, MarginMode, Micros, Position, PositionId, Snapshot};

/// What an account no longer shows counts as closed without a deal that tells so only after so long: a terminal that has
/// just connected may show its account before its positions.
pub(super) const UNPROVED_MS: u64 = 30_000;
/// Lists of one state may lag behind each other for so long, however little doubt there is.
const LAG_LEAST_MS: u64 = 1_000;

impl Hub {
    /// Takes the master's whole state, compares it with the last one and works out what follows.
    ///
    /// # Errors
    /// Another account, a terminal without connection, or lists that do not agree: the last state is kept.
    pub fn on_master(&mut self, now: Micros, snapshot: Snapshot) -> Result<(), HubError> {
        let account = &snapshot.account;
        if account.login != self.setup.master.login {
            return Err(HubError::WrongLogin { expected: self.setup.master.login, found: account.login });
        }
        if self.watch.look(now, account.connected) {
            self.netting.begin_anew(now);
        }
        if !account.connected {
            self.forget_masters_absences(now);
            return Err(HubError::NotConnected);
        }
        // The first lists after a while without any may be those of before it, each of another moment.
        let unwatched = !self.watch.has_caught_up();
        let nets = account.margin_mode == MarginMode::Netting;
        let snapshot = if nets {
            let doubt_ms = self.setup.master.doubt_ms;
            let new_ms = if unwatched { u64::MAX } else { doubt_ms };
            let patience = Patience { new_ms, lag_ms: doubt_ms.max(LAG_LEAST_MS) };
            self.netting.view(&snapshot, now, patience, &mut self.alerts, &mut self.records)?
        } else {
            snapshot
        };
        let first = self.master.is_none();
        let gap = first || now > self.master_at.plus_ms(gap_ms(self.setup.master.doubt_ms));
        if gap && !self.planted.is(Defect::JoinMastersGlimpses) {
            self.forget_masters_absences(now);
        }
        self.master_at = now;
        self.began.get_or_insert_with(|| (highest(&snapshot), now));
        self.record_account(&snapshot.account, now);
        self.note_ordered(&snapshot, now);
        self.let_go(&snapshot, now);
        for position in &snapshot.positions {
            // What a netting master traded may have waited for its deal.
            self.follow(position, &snapshot, first, unwatched || nets, now);
        }
        self.follow_orders(&snapshot, first, now);
        self.master = Some(snapshot);
        if first {
            // Slaves that were there before it could not be held against it.
            for login in self.slaves.keys().copied().collect::<Vec<Login>>() {
                self.judge_all(login, false, now);
            }
            self.tick(now);
        } else {
            // What else there is to do has its time with the next tick.
            self.advance_stirred(|group| group.changed_at == now, now);
        }
        Ok(())
    }

    /// What the master lacks, it lacks from now on: nobody has watched. What it lacks is not opened meanwhile.
    fn forget_masters_absences(&mut self, now: Micros) {
        for group in self.groups.values_mut() {
            for since in [&mut group.missing_since, &mut group.unfilled_since] {
                *since = since.map(|_| now);
            }
        }
        self.doubt_ordered(now);
    }

    /// Takes a position up in every pool that wants it, or notes its changes. `first`: with this hub's first state;
    /// `unwatched`: what is new in it may have been done a while ago.
    fn follow(
        &mut self,
        position: &Position,
        snapshot: &Snapshot,
        first: bool,
        unwatched: bool,
        now: Micros,
    ) {
        for index in 0..self.setup.pools.len() {
            let pool = &self.setup.pools[index];
            let key = CopyId::new(pool.tag, position.id);
            if let Some(group) = self.groups.get_mut(&key) {
                let fresh =
                    snapshot.account.time.ms_since(position.open_time) <= self.setup.master.valid_for_ms;
                let lots = group.held_and_coming(position, snapshot, self.setup.master.doubt_ms, now);
                if group.note(position, snapshot, lots, first, !unwatched || fresh, now) {
                    self.records.push_back(group.as_changed(key, false, now));
                }
                continue;
            }
            let takes = pool.filter.takes(&position.into()) || self.planted.is(Defect::IgnoreFilters);
            if !takes || self.finished.contains(&key) {
                continue;
            }
            let age_ms = snapshot.account.time.ms_since(position.open_time);
            let Some(rest) = self.rest_of_new(position, snapshot, now) else { continue };
            let lots = position.lots.saturating_add(rest);
            // What had to wait until its order was understood may have been there with the first state.
            let first = first
                || rest.is_positive() && age_ms >= self.setup.master.doubt_ms
                || self.was_there(position.id, now);
            let planned = |login| Copy {
                // A hub that was here before this one may have sent it.
                unsure_since: first.then_some(now),
                ..Copy::planned(login, now)
            };
            let group = Group {
                pool: index,
                position: position.clone(),
                opened: lots.max(opened_by_deals(snapshot, position.id)),
                remaining: lots,
                waiting: None,
                from_order: false,
                taken_at: now,
                changed_at: now,
                late: (first || unwatched) && age_ms > self.setup.master.valid_for_ms,
                guessed: false,
                missing_since: None,
                given_up: false,
                unfilled_since: None,
                copies: pool.members.iter().map(|member| planned(member.login)).collect(),
                quiet: false,
            };
            self.records.push_back(Record::Taken(Box::new(MasterTrade {
                copy: Some(key),
                position: Position { lots, ..position.clone() },
                order: None,
                guessed: false,
                pool: Arc::clone(&self.names[index]),
                at: now,
            })));
            self.groups.insert(key, Box::new(group));
        }
    }

    /// May this have been there with the master's first state, which lacked it since a terminal's lists are not of one
    /// moment? Numbers rise, and all lists have been shown after a while.
    pub(super) fn was_there(&self, id: PositionId, now: Micros) -> bool {
        let began = self.began.filter(|(_, at)| now < at.plus_ms(self.setup.master.doubt_ms));
        began.is_some_and(|(highest, _)| id.0 <= highest)
    }

    /// Positions that the master no longer shows: closed when deals prove it, or when they stay away.
    fn let_go(&mut self, snapshot: &Snapshot, now: Micros) {
        let shown = &mut self.shown;
        shown.clear();
        shown.extend(snapshot.positions.iter().map(|p| low_bits(p.id)));
        shown.sort_unstable();
        let patience_ms = if self.planted.is(Defect::TrustMastersGlimpse) {
            0
        } else if self.planted.is(Defect::JoinMastersGlimpses) {
            self.setup.master.doubt_ms
        } else {
            self.setup.master.doubt_ms.max(UNPROVED_MS)
        };
        let mut missed = BTreeSet::new();
        for (key, group) in self.groups.iter_mut().filter(|(_, g)| !g.remaining.is_zero()) {
            let id = low_bits(group.position.id);
            let waits = || snapshot.orders.iter().any(|order| low_bits(PositionId(order.ticket)) == id);
            let cancelled = self.planted.is(Defect::FillIsCancel) && group.waiting.is_some() && !waits();
            if !cancelled && (shown.binary_search(&id).is_ok() || group.waiting.is_some() && waits()) {
                group.missing_since = None;
                continue;
            }
            let since = *group.missing_since.get_or_insert(now);
            let closed = group.proved_closed(snapshot);
            let proved = closed || group.proved_ended(snapshot);
            if cancelled || proved || now >= since.plus_ms(patience_ms) {
                group.remaining = Lots::ZERO;
                group.given_up = !proved && !cancelled;
                group.changed_at = now;
                group.quiet = false;
                self.records.push_back(if group.waiting.is_some() && !closed {
                    Record::MasterOrder { copy: *key, order: None, proved, at: now }
                } else {
                    group.as_changed(*key, proved, now)
                });
            } else if now >= since.plus_ms(self.setup.master.doubt_ms.min(patience_ms / 2)) {
                missed.insert(id);
            }
        }
        self.tell_missed(missed.len(), patience_ms);
    }
}

/// The highest number of a position or an order in a state.
fn highest(snapshot: &Snapshot) -> u64 {
    let positions = snapshot.positions.iter().map(|position| position.id.0);
    let deals = snapshot.deals.iter().map(|deal| deal.position.0);
    let orders = snapshot.orders.iter().map(|order| order.ticket);
    positions.chain(deals).chain(orders).max().unwrap_or(0)
}

impl Group {
    /// Do the master's deals prove that it closed this position?
    pub(super) fn proved_closed(&self, snapshot: &Snapshot) -> bool {
        let mut closing = snapshot.deals.iter().filter(|d| d.entry.closes() && self.is_of(d.position));
        closing.any(|deal| snapshot.shows_closed(deal.position))
    }

    /// Notes what the master changed, and says whether it changed anything; with this hub's first state, also what a
    /// record does not say. `lots`: what it has and is about to have; `fresh`: what it filled, it filled a moment ago.
    fn note(
        &mut self,
        position: &Position,
        snapshot: &Snapshot,
        lots: Lots,
        first: bool,
        fresh: bool,
        now: Micros,
    ) -> bool {
        if self.remaining.is_zero() && !self.take_back() {
            return false;
        }
        let filled = self.waiting.is_some();
        let changed = filled
            || self.guessed
            || lots != self.remaining
            || position.stop_loss != self.position.stop_loss
            || position.take_profit != self.position.take_profit;
        if !(changed || first) {
            return false;
        }
        if filled {
            self.waiting = None;
        }
        if filled && fresh {
            // What was not placed may still be opened at market, from now on.
            self.taken_at = now;
            for copy in &mut self.copies {
                if matches!(copy.state, State::Planned | State::Sent | State::InDoubt) {
                    copy.taken_at = now;
                }
            }
        }
        self.note_opened(lots.max(opened_by_deals(snapshot, position.id)));
        self.remaining = lots;
        self.position = position.clone();
        self.changed_at = now;
        self.quiet = false;
        changed
    }
}
