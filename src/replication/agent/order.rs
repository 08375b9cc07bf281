//! What an instruction comes to on this account: an order for the terminal, or why there is none.

use std::collections::BTreeSet;

use super::super::instruction::{Action, Instruction, Outcome};
use super::super::planted::Defect;
use super::working::Working;
use super::{Agent, EVIDENCE_MS, of_copy};
use crate::allocation::{Reaction, SkipReason};
use crate::domain::{
    CopyId, Deal, Lots, Magic, MarginMode, Micros, OrderAction, OrderRequest, OrderResult, Position, Price,
    Retcode, ServerTime, Side, Signature, Snapshot, Symbol,
};

/// So many closes in a row precede whatever else waits.
const CLOSES_IN_A_ROW: usize = 4;

impl Agent {
    pub(super) fn order(&self, instruction: &Instruction, now: Micros) -> Result<OrderRequest, Outcome> {
        let snapshot = self.snapshot.as_ref().ok_or(Outcome::Declined(SkipReason::StaleFacts))?;
        match instruction.action {
            Action::Open { side, lots, stop_loss, take_profit } => {
                self.may_open(instruction, side, lots, snapshot, now)?;
                let owners = self.owners_stops(snapshot, &instruction.symbol, side);
                let (stop_loss, take_profit) = owners.unwrap_or((stop_loss, take_profit));
                let action = OrderAction::Open { side, stop_loss, take_profit };
                let twice = self.planted.is(Defect::DoubleTheLots);
                let lots = if twice { lots.saturating_add(lots) } else { lots };
                Ok(self.request(snapshot, instruction.symbol, instruction, action, lots))
            }
            Action::Reduce { to } => {
                if self.working.closes.contains(&instruction.copy) && (self.nets() || to.is_positive()) {
                    return Err(Outcome::Answered(OrderResult::refused(Retcode::LOCKED)));
                }
                let excess = self.lots_of(instruction.copy).saturating_sub(to);
                let position = self.position(snapshot, instruction).ok_or(Outcome::AlreadyDone)?;
                let lots = excess.min(position.lots);
                if !lots.is_positive() {
                    return Err(Outcome::AlreadyDone);
                }
                let lots = if self.planted.is(Defect::CloseWholePosition) && self.nets() {
                    whole(snapshot, position)
                } else {
                    lots
                };
                let lots = in_one_order(snapshot, &position.symbol, lots);
                let action = self.closes(position, lots);
                Ok(self.request(snapshot, position.symbol, instruction, action, lots))
            }
            Action::Place { side, kind, lots, terms } => {
                self.may_place(instruction, side, lots, snapshot, now)?;
                let action = OrderAction::Place { side, kind, terms };
                Ok(self.request(snapshot, instruction.symbol, instruction, action, lots))
            }
            Action::Change { terms } => {
                let order = self.waiting(snapshot, instruction.copy).ok_or(Outcome::AlreadyDone)?;
                // A stop-limit order whose stop was reached is a limit order from then on: its price is another one.
                if order.terms.limit_price.is_some() != terms.limit_price.is_some() {
                    return Err(Outcome::AlreadyDone);
                }
                let action = OrderAction::ModifyPending { ticket: order.ticket, terms };
                Ok(self.request(snapshot, order.symbol, instruction, action, Lots::ZERO))
            }
            Action::Cancel => {
                let order = self.waiting(snapshot, instruction.copy).ok_or(Outcome::AlreadyDone)?;
                let action = OrderAction::Cancel { ticket: order.ticket };
                Ok(self.request(snapshot, order.symbol, instruction, action, Lots::ZERO))
            }
            Action::Modify { stop_loss, take_profit } => {
                let position = self.position(snapshot, instruction).ok_or(Outcome::AlreadyDone)?;
                self.guard_modify(position, stop_loss)?;
                if self.nets() {
                    self.may_have_stops(snapshot, position, stop_loss, take_profit)?;
                }
                let action = OrderAction::Modify { ticket: position.ticket, stop_loss, take_profit };
                Ok(self.request(snapshot, position.symbol, instruction, action, Lots::ZERO))
            }
        }
    }

    /// The filling is what the account's broker allows for the symbol. The magic is the copy's own: what it is found and
    /// counted by is not for the hub to say.
    fn request(
        &self,
        snapshot: &Snapshot,
        symbol: Symbol,
        instruction: &Instruction,
        action: OrderAction,
        lots: Lots,
    ) -> OrderRequest {
        let filling = snapshot.instrument(&symbol).map(|instrument| instrument.trading.market_filling());
        OrderRequest {
            symbol,
            action,
            lots,
            price: Price::ZERO,
            deviation_points: instruction.deviation_points,
            magic: Magic::of_copy(self.settings.signature, instruction.copy),
            filling: filling.unwrap_or_default(),
        }
    }

    /// What closes so many lots of this position. Its ticket is named on a netting account too: if its stop or the
    /// investor's hand was faster, the server refuses, where an order the other way would open what nobody wants. Only what
    /// such a position does not hold, since shares in both directions have added up, is closed by an order the other way.
    pub(super) fn closes(&self, position: &Position, lots: Lots) -> OrderAction {
        let holds = || self.netting.holds(&position.symbol, position.side, lots);
        if !self.nets() || holds() && !self.planted.is(Defect::CloseWithoutTicket) {
            OrderAction::Close { ticket: position.ticket }
        } else {
            OrderAction::Open { side: position.side.opposite(), stop_loss: None, take_profit: None }
        }
    }

    /// The stops of a netting account's position that others hold too, when an order of this side adds to it: a position has
    /// the stops of the order that added to it last, so they are named again.
    fn owners_stops(
        &self,
        snapshot: &Snapshot,
        symbol: &Symbol,
        side: Side,
    ) -> Option<(Option<Price>, Option<Price>)> {
        let mut shares = snapshot.positions.iter().filter(|position| position.symbol == *symbol);
        let adds = self.nets() && self.netting.whole(symbol).is_some_and(|whole| whole.side == side);
        let others = shares.find(|share| share.magic.copy(self.settings.signature).is_none());
        others.filter(|_| adds).map(|share| (share.stop_loss, share.take_profit))
    }

    /// Is it a netting account?
    pub(super) fn nets(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|s| s.account.margin_mode == MarginMode::Netting)
    }

    /// From when on the terminal is to hand over its deals: the last days', and all of what it holds in copies. `None` before
    /// its first state: all that there are.
    pub fn deals_from(&self) -> Option<ServerTime> {
        let snapshot = self.snapshot.as_ref()?;
        if self.nets() {
            return Some(self.netting.deals_from());
        }
        let ours = snapshot.positions.iter().filter(|p| p.magic.copy(self.settings.signature).is_some());
        let last_days = ServerTime(snapshot.account.time.0.saturating_sub(EVIDENCE_MS));
        ours.map(|position| position.open_time).chain([last_days]).min()
    }

    /// What the account's owner should know next.
    pub fn poll_notice(&mut self) -> Option<String> {
        let of_guards = |agent: &mut Self| agent.guarding.notices.pop_front();
        self.netting
            .notices
            .pop_front()
            .or_else(|| self.working.notices.pop_front())
            .or_else(|| of_guards(self))
    }

    /// Which waiting instruction has its turn. A terminal takes one order after the other, and its server may need a third of a
    /// second for each: what closes or cancels does not wait for what opens. But what opens has its turn, too, for a close
    /// that is refused comes back.
    pub(super) fn next_in_queue(&self) -> Option<usize> {
        let ready = || self.queue.iter().enumerate().filter(|(_, waiting)| !self.must_wait(waiting));
        let prefers = self.closed_in_a_row < CLOSES_IN_A_ROW;
        let first = ready().find(|(_, waiting)| closes(waiting) == prefers).or_else(|| ready().next());
        first.map(|(at, _)| at)
    }

    /// Does something wait for what a state is to show? A terminal that hands none over by itself is to be asked.
    pub fn waits_for_state(&self) -> bool {
        if !self.nets() || !self.connected {
            return false;
        }
        let ours = |position: &Position| position.magic.copy(self.settings.signature).is_some();
        let holds = || self.snapshot.as_ref().is_some_and(|s| s.positions.iter().any(ours));
        let closes_all = self.guard_report().tripped.is_some_and(|t| t.reaction == Reaction::CloseAll);
        let waits = |waiting: &Instruction| self.must_wait(waiting) && !self.works_on(waiting.copy);
        self.queue.iter().any(waits) || closes_all && holds()
    }

    /// Must an instruction wait: for the answer to an order of its copy, or for what the account holds of it to be known?
    pub(super) fn must_wait(&self, instruction: &Instruction) -> bool {
        let Instruction { copy, ref symbol, .. } = *instruction;
        let unknown = match instruction.action {
            Action::Reduce { to } => {
                self.share_is_unknown(copy, symbol, to) || self.share_may_be_gone(copy, symbol, to)
            }
            // A netting account's stops are those of all its shares.
            Action::Modify { .. } => self.nets() && self.share_is_unknown(copy, symbol, Lots::ZERO),
            _ => false,
        };
        unknown || self.works_on(copy)
    }

    /// Is it unknown what the account holds of this copy, so that it cannot be reduced to so many lots? All of a hedging
    /// account's position can be closed whatever is left of it.
    pub(super) fn share_is_unknown(&self, copy: CopyId, symbol: &Symbol, to: Lots) -> bool {
        if !self.nets() && to == Lots::ZERO {
            return false;
        }
        // What is worked on is refused, not waited for: it may take long.
        let closing = self.closing.contains_key(&copy) && !self.working.closes.contains(&copy);
        closing || self.netting.adrift.contains(symbol)
    }

    /// Does a netting account not hold enough to close so much of this copy by the position's ticket, and less than its deals
    /// tell, or is there an order in this symbol that they do not show yet? A stop's or the owner's deal may come late: an
    /// order the other way would open what nobody wants.
    pub(super) fn share_may_be_gone(&self, copy: CopyId, symbol: &Symbol, to: Lots) -> bool {
        let Working { opens, closes, .. } = &self.working;
        // What is worked on may take long.
        let placed = self.placed.iter().filter(|(copy, _)| !opens.contains(copy));
        let closing = self.closing.iter().filter(|(copy, _)| !closes.contains(copy));
        let mut all = self.expected.iter().chain(placed).chain(closing);
        let mut unshown = || all.any(|(_, expected)| expected.symbol == *symbol);
        // What an agent before this one ordered, its guards above all, nobody knows.
        let begun = !self.watch.has_settled();
        let doubtful = self.nets() && (begun || self.netting.unexplained.contains(symbol) || unshown());
        let Some(snapshot) = self.snapshot.as_ref().filter(|_| doubtful) else { return false };
        let excess = self.lots_of(copy).saturating_sub(to);
        let blind = |share: &Position| !self.netting.holds(symbol, share.side, excess.min(share.lots));
        excess.is_positive() && of_copy(snapshot, self.settings.signature, copy).any(blind)
    }

    /// Has the terminal an order of this copy that it has not answered?
    pub(super) fn works_on(&self, copy: CopyId) -> bool {
        self.busy.iter().any(|(_, busy)| busy.copy == copy)
    }

    /// May a share of a netting account's position be given these stops? They are the whole position's: where copies share
    /// it, they may only be taken off; where others do, they are not ours. Shares that add up to nothing have none.
    fn may_have_stops(
        &self,
        snapshot: &Snapshot,
        share: &Position,
        stop_loss: Option<Price>,
        take_profit: Option<Price>,
    ) -> Result<(), Outcome> {
        let shares = || snapshot.positions.iter().filter(|p| p.symbol == share.symbol);
        let ours = shares().all(|p| p.magic.copy(self.settings.signature).is_some());
        match (share.ticket, stop_loss.is_none() && take_profit.is_none()) {
            (0, true) => Err(Outcome::Answered(OrderResult::refused(Retcode::NO_CHANGES))),
            (0, false) => Err(Outcome::AlreadyDone),
            (_, none) if ours && (shares().count() == 1 || none) => Ok(()),
            _ => Err(Outcome::AlreadyDone),
        }
    }

    fn position<'a>(&self, snapshot: &'a Snapshot, instruction: &Instruction) -> Option<&'a Position> {
        let any = self.planted.is(Defect::MatchBySymbol);
        let is = |p: &Position| p.magic.copy(self.settings.signature) == Some(instruction.copy);
        snapshot.positions.iter().find(|p| is(p) || any && p.symbol == instruction.symbol)
    }
}

/// Does it close or cancel?
pub(super) const fn closes(instruction: &Instruction) -> bool {
    matches!(instruction.action, Action::Reduce { .. } | Action::Cancel)
}

/// What one order may close of it: brokers lower a symbol's maximum while positions are open, and a close of more is refused.
/// What is left is closed by the next.
pub(super) fn in_one_order(snapshot: &Snapshot, symbol: &Symbol, lots: Lots) -> Lots {
    let most = snapshot.instrument(symbol).map(|instrument| instrument.lots_max);
    most.filter(|most| most.is_positive()).map_or(lots, |most| lots.min(most))
}

/// What a netting account holds in a share's symbol and direction.
fn whole(snapshot: &Snapshot, share: &Position) -> Lots {
    let same = snapshot.positions.iter().filter(|p| p.symbol == share.symbol && p.side == share.side);
    same.fold(Lots::ZERO, |sum, position| sum.saturating_add(position.lots))
}

/// Deals of copies: by their own magic, or by their position's, since a stop or an investor's hand closes with
/// another magic.
pub(super) fn our_deals(snapshot: &Snapshot, signature: Signature) -> Vec<Deal> {
    let ours = |d: &&Deal| d.magic.copy(signature).is_some();
    let positions: BTreeSet<_> = snapshot.deals.iter().filter(ours).map(|deal| deal.position).collect();
    snapshot.deals.iter().filter(|deal| positions.contains(&deal.position)).cloned().collect()
}
