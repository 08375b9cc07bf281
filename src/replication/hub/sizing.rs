//! A position that was just taken up is sized for every member: from fresh facts, or not at all.

use std::sync::Arc;

use super::super::copy::Copy;
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::super::record::Record;
use super::group::Group;
use super::{Hub, HubOutput};
use crate::allocation::{
    self, Conversion, Decision, Exposure, LateCopies, Limits, Method, Pool, SkipReason, SlaveFacts, Trade,
};
use crate::domain::{CopyId, Instrument, Login, Lots, Micros, Side, Symbol};

/// May this slave be sized?
enum Readiness<'a> {
    Ready(SlaveFacts<'a>),
    /// Not yet: its facts are on their way, or it may come back in time.
    Wait(SkipReason),
    /// Not at all.
    Never(SkipReason),
}

impl Hub {
    /// Sizes what can be sized now. Blocks are shared once, when everybody who can be expected has fresh facts.
    pub(super) fn size_group(&mut self, key: CopyId, group: &mut Group, now: Micros) {
        let setup = Arc::clone(&self.setup);
        let pool = &setup.pools[group.pool];
        if group.remaining.is_zero() {
            for at in undecided(group) {
                self.give_up(key, group, at, pool, SkipReason::MasterClosed, now);
            }
            return;
        }
        if !group.is_shown(self) {
            return;
        }
        if self.trade(group).is_none() {
            // Specifications come with the master's states; without one there is nothing to size by.
            if now >= group.taken_at.plus_ms(self.setup.master.valid_for_ms) {
                for at in undecided(group) {
                    self.give_up(key, group, at, pool, SkipReason::UnknownSymbol, now);
                }
            }
            return;
        }
        match pool.method {
            Method::Block { .. } | Method::Hybrid { .. } => self.size_block(key, group, pool, now),
            _ => self.size_each(key, group, pool, now),
        }
    }

    fn size_each(&mut self, key: CopyId, group: &mut Group, pool: &Pool, now: Micros) {
        for at in undecided(group) {
            let expired = now >= group.copies[at].taken_at.plus_ms(self.setup.master.valid_for_ms);
            let Some(trade) = self.trade(group) else { return };
            let ready = self.readiness(group, &group.copies[at], now);
            // Nobody was there to size it in time: this hub is new, and the slave, or its membership, too.
            let late = expired && matches!(ready, Readiness::Ready(_));
            let joins = |instrument| late_copy(pool.late_copies, group, group.side(self), instrument);
            let decision = match ready {
                Readiness::Ready(facts) if late && !joins(facts.instrument) => {
                    Decision::without_facts(pool, &pool.members[at], group.opened, SkipReason::LateJoin)
                }
                Readiness::Ready(facts) => allocation::allocate_one(pool, &pool.members[at], &trade, &facts),
                Readiness::Never(reason) => {
                    Decision::without_facts(pool, &pool.members[at], group.opened, reason)
                }
                Readiness::Wait(reason) if expired => {
                    Decision::without_facts(pool, &pool.members[at], group.opened, in_vain(reason))
                }
                Readiness::Wait(reason) => {
                    self.ask_for_facts(group, group.copies[at].login, reason, now);
                    continue;
                }
            };
            if late {
                group.copies[at].taken_at = now;
            }
            self.decided(key, group, at, decision, None, now);
        }
    }

    fn size_block(&mut self, key: CopyId, group: &mut Group, pool: &Pool, now: Micros) {
        // The facts borrow from the hub, so its scratch space is taken out meanwhile.
        let mut scratch = std::mem::take(&mut self.scratch);
        let Some(trade) = self.trade(group) else { return };
        let half = self.setup.master.valid_for_ms / 2;
        let expired = now >= group.taken_at.plus_ms(half);
        let mut members = Vec::with_capacity(pool.members.len());
        let mut awaited = Vec::new();
        for (copy, member) in group.copies.iter().zip(&pool.members) {
            // It was shared before, and this hub lost a part of the record of that: who got nothing then has no part now.
            let left_out = copy.skip.filter(|_| copy.state == State::Skipped);
            let readiness = left_out.map_or_else(|| self.readiness(group, copy, now), Readiness::Never);
            let facts = match readiness {
                Readiness::Ready(facts) => Ok(facts),
                Readiness::Never(reason) => Err(reason),
                Readiness::Wait(reason) => {
                    if !expired && self.expected(copy.login, now) {
                        awaited.push((copy.login, reason));
                    }
                    Err(in_vain(reason))
                }
            };
            members.push((member, facts));
        }
        if !awaited.is_empty() {
            for (login, reason) in awaited {
                self.ask_for_facts(group, login, reason, now);
            }
            return;
        }
        let allocated = allocation::allocate_block(pool, &trade, &members, &mut scratch);
        self.scratch = scratch;
        for (at, (decision, credit)) in allocated.decisions.into_iter().zip(allocated.credits).enumerate() {
            if group.copies[at].awaits_sizing() {
                self.decided(key, group, at, decision, credit, now);
            }
        }
    }

    /// The master's position as a trade to size; `None` while the master's own facts are not known.
    fn trade<'a>(&'a self, group: &Group) -> Option<Trade<'a>> {
        let master = self.master.as_ref()?;
        Some(Trade {
            lots: group.remaining,
            entry: group.position.open_price,
            stop_loss: group.position.stop_loss,
            account: &master.account,
            instrument: master.instrument(&group.position.symbol)?,
        })
    }

    fn readiness(&self, group: &Group, copy: &Copy, now: Micros) -> Readiness<'_> {
        let login = copy.login;
        let (Some(slave), Some(master)) = (self.slaves.get(&login), self.master.as_ref()) else {
            return Readiness::Never(SkipReason::NotConnected);
        };
        if let Some(tripped) = self.tripped(login) {
            return Readiness::Never(tripped.guard.skip());
        }
        let Some(snapshot) = &slave.snapshot else { return Readiness::Wait(SkipReason::NotConnected) };
        let old = now.since(slave.snapshot_at) > self.setup.master.max_snapshot_age_ms.saturating_mul(1000);
        if old && !self.planted.is(Defect::IgnoreAge) {
            let reason = if slave.is_ready() { SkipReason::StaleFacts } else { SkipReason::NotConnected };
            return Readiness::Wait(reason);
        }
        let account = self.setup.account(login);
        let Some(symbol) = account.symbols.to_slave(group.position.symbol) else {
            return Readiness::Never(SkipReason::UnknownSymbol);
        };
        let Some(instrument) = snapshot.instrument(&symbol) else {
            let lacks = slave.is_without(&symbol, now);
            return if lacks { Readiness::Never } else { Readiness::Wait }(SkipReason::UnknownSymbol);
        };
        if has_no_quote(instrument) && slave.just_shows(&symbol, now) {
            return Readiness::Wait(SkipReason::StaleFacts);
        }
        let side = group.side(self);
        if !instrument.trading.mode.opens(side) {
            return Readiness::Never(SkipReason::TradeMode);
        }
        let pool = &self.setup.pools[group.pool];
        if group.late && !late_copy(pool.late_copies, group, group.side(self), instrument) {
            return Readiness::Never(SkipReason::LateJoin);
        }
        let no_stop = || group.own_stops(self, copy).stop_loss.is_none() || self.shares_stops(login, &symbol);
        if account.rules.require_stop_loss && no_stop() {
            return Readiness::Never(SkipReason::NoStopLoss);
        }
        let (from, to) = (snapshot.account.currency, master.account.currency);
        let rate = snapshot.rate(from, to).or_else(|| master.rate(from, to));
        Readiness::Ready(SlaveFacts {
            account: &snapshot.account,
            instrument,
            conversion: rate.map(|(rate, inverse)| Conversion { rate, inverse }),
            symbol_factor: account.symbols.factor(group.position.symbol),
            exposure: self.exposure(login, instrument, side, &account.rules.limits),
            rules: &account.rules,
            credit: self.credits.get(&(group.pool, symbol, login)).copied().unwrap_or(0),
        })
    }

    /// Is there, or will there be, something else in this symbol on a netting account, so that a stop loss would not be
    /// this copy's own? The group that is sized is taken out meanwhile: those that are there are others.
    fn shares_stops(&self, login: Login, symbol: &Symbol) -> bool {
        let snapshot = self.slaves.get(&login).and_then(|slave| slave.snapshot.as_ref());
        let held = snapshot.is_some_and(|s| s.positions.iter().any(|p| p.symbol == *symbol));
        let account = self.setup.account(login);
        let coming = |g: &Group| {
            account.symbols.to_slave(g.position.symbol).as_ref() == Some(symbol)
                && g.copies.iter().any(|c| c.login == login && c.exposure().is_positive())
        };
        self.nets(login) && (held || self.groups.values().any(|g| coming(g)))
    }

    /// Can this slave's facts be expected soon?
    fn expected(&self, login: Login, now: Micros) -> bool {
        let grace_ms = self.setup.master.valid_for_ms / 2;
        self.slaves.get(&login).is_some_and(|slave| {
            let last = slave.last_seen.max(self.started);
            slave.connected || now < last.plus_ms(grace_ms)
        })
    }

    /// Asks a slave for its state, at most every 100 ms; the first one of a session comes by itself.
    pub(super) fn ask(&mut self, login: Login, now: Micros) {
        if let Some(slave) = self.slaves.get_mut(&login)
            && slave.is_ready()
            && now >= slave.asked_at.plus_ms(100)
        {
            slave.asked_at = now;
            self.outputs.push_back(HubOutput::AskSnapshot(login, None));
        }
    }

    /// Asks a slave for what is awaited of it: its state, or a symbol that its last one lacked.
    fn ask_for_facts(&mut self, group: &Group, login: Login, reason: SkipReason, now: Micros) {
        if reason == SkipReason::UnknownSymbol {
            self.awaits_symbol(group, login, now);
        } else {
            self.ask(login, now);
        }
    }

    /// Does the slave's last state lack the symbol, or a first quote of it, and may one of the next have it? It is asked for.
    pub(super) fn awaits_symbol(&mut self, group: &Group, login: Login, now: Micros) -> bool {
        let Some(symbol) = self.setup.account(login).symbols.to_slave(group.position.symbol) else {
            return false;
        };
        let Some(slave) = self.slaves.get_mut(&login) else { return false };
        let instrument = slave.snapshot.as_ref().and_then(|snapshot| snapshot.instrument(&symbol));
        if let Some(instrument) = instrument {
            return has_no_quote(instrument) && slave.just_shows(&symbol, now);
        }
        let may_come = !slave.is_without(&symbol, now);
        if may_come && slave.wants(symbol, now) {
            self.outputs.push_back(HubOutput::AskSnapshot(login, Some(symbol)));
        }
        may_come
    }

    /// What an account holds in copies, all pools together; not worked out where no limit looks at it.
    fn exposure(&self, login: Login, instrument: &Instrument, side: Side, limits: &Limits) -> Exposure {
        let mut exposure = Exposure::default();
        let looks = limits.look_at_exposure() && !self.planted.is(Defect::IgnoreLimits);
        if !looks && instrument.trading.volume_limit.is_zero() {
            return exposure;
        }
        let account = self.setup.account(login);
        for group in self.groups.values() {
            let Some(copy) = group.copies.iter().find(|copy| copy.login == login) else { continue };
            let lots = copy.exposure();
            if !lots.is_positive() {
                continue;
            }
            exposure.copies += 1;
            exposure.total_lots = exposure.total_lots.saturating_add(lots);
            if account.symbols.to_slave(group.position.symbol) == Some(instrument.symbol) {
                exposure.symbol_lots = exposure.symbol_lots.saturating_add(lots);
                if group.side(self) == side {
                    exposure.direction_lots = exposure.direction_lots.saturating_add(lots);
                }
            }
        }
        exposure
    }

    /// Sizes to nothing, for a reason.
    pub(super) fn give_up(
        &mut self,
        key: CopyId,
        group: &mut Group,
        at: usize,
        pool: &Pool,
        reason: SkipReason,
        now: Micros,
    ) {
        let decision = Decision::without_facts(pool, &pool.members[at], group.opened, reason);
        self.decided(key, group, at, decision, None, now);
    }

    /// Takes a decision down; a skip ends the copy.
    pub(super) fn decided(
        &mut self,
        key: CopyId,
        group: &mut Group,
        at: usize,
        mut decision: Decision,
        credit: Option<i64>,
        now: Micros,
    ) {
        let specified = self.trade(group).is_some();
        let copy = &mut group.copies[at];
        if let Some(credit) = credit
            && let Some(symbol) = self.setup.account(copy.login).symbols.to_slave(group.position.symbol)
        {
            self.credits.insert((group.pool, symbol, copy.login), credit);
        }
        let skip = decision.skip;
        // Not where the master's own specification is missing: then no name was looked for.
        if skip == Some(SkipReason::UnknownSymbol) && specified {
            decision.facts.symbol = self.setup.account(copy.login).symbols.to_slave(group.position.symbol);
        }
        copy.decision = Some(Arc::new(decision));
        self.record_decision(key, group.pool, copy, credit, now);
        if let Some(reason) = skip {
            group.copies[at].skip = Some(reason);
            self.meet(key, &mut group.copies[at], Event::Skip, now);
        }
    }

    /// Puts a copy's decision on record.
    pub(super) fn record_decision(
        &mut self,
        key: CopyId,
        pool: usize,
        copy: &Copy,
        credit: Option<i64>,
        now: Micros,
    ) {
        let Some(decision) = &copy.decision else { return };
        self.records.push_back(Record::Decided {
            copy: key,
            pool: Arc::clone(&self.names[pool]),
            login: copy.login,
            decision: Arc::clone(decision),
            credit,
            at: now,
        });
    }
}

/// The members that are not sized yet, by place.
fn undecided(group: &Group) -> Vec<usize> {
    let copies = group.copies.iter().enumerate();
    copies.filter(|(_, copy)| copy.awaits_sizing()).map(|(at, _)| at).collect()
}

fn has_no_quote(instrument: &Instrument) -> bool {
    instrument.bid.is_zero() || instrument.ask.is_zero()
}

/// Why a slave that was waited for in vain is skipped: that its broker does not offer the symbol is for its terminal to say.
fn in_vain(reason: SkipReason) -> SkipReason {
    if reason == SkipReason::UnknownSymbol { SkipReason::StaleFacts } else { reason }
}

/// May what was there before be copied at this quote? Not worse: a buyer pays no more, a seller gets no less than the
/// master did. Without a quote it is worse. An order that waits is never worse.
pub(super) fn late_copy(policy: LateCopies, group: &Group, side: Side, instrument: &Instrument) -> bool {
    let (entry, Instrument { bid, ask, .. }) = (group.position.open_price, instrument);
    match policy {
        LateCopies::Skip => false,
        LateCopies::Always => true,
        LateCopies::NotWorse if group.waiting.is_some() => true,
        LateCopies::NotWorse => match side {
            Side::Buy => ask.is_positive() && *ask <= entry,
            Side::Sell => bid.is_positive() && *bid >= entry,
        },
    }
}

/// The lots a decision adopted from the account stand in for.
pub(super) fn adopted(pool: &Pool, at: usize, master_lots: Lots, held: Lots) -> Decision {
    let mut decision =
        Decision::without_facts(pool, &pool.members[at], master_lots, SkipReason::NothingToSizeFrom);
    decision.skip = None;
    decision.rounding.policy = allocation::RoundingPolicy::Adopted;
    decision.rounding.lots = held;
    decision
}
