//! Every order of the master that waits has an order, a position, or a reason at every member of every pool that copies
//! orders; and nothing in the others.

use lotbridge::domain::{
    Comment, OrderAction, PendingKind, PendingOrder, PendingTerms, Position, PositionId,
};
use lotbridge::replication::State;

use super::super::wrong::{Invariant, Wrong};
use super::copies::{Case, copies_orders, would_answer};

pub(super) fn check(case: &Case, order: &PendingOrder) -> Result<(), Wrong> {
    let account = &case.slave.account;
    let (waiting, opened) = (account.waiting(case.magic), account.opened(case.magic));
    if !copies_orders(case.pool) || case.world.master.nets() {
        let nothing = waiting.is_none() && opened.is_empty();
        return if nothing { Ok(()) } else { Err(Invariant::Orphan.broken("not to be copied as an order")) };
    }
    let master = becomes(order);
    if let Some((ticket, opened)) = opened.first_key_value() {
        return case.of_held(&master, *ticket, *opened);
    }
    let Some(waiting) = waiting else { return unplaced(case, order, &master) };
    if waiting.side != case.side(order.side) || Some(waiting.kind) != kind(case, order) {
        return Err(Invariant::Lots.broken(format!("{} {:?} waits", waiting.side, waiting.kind)));
    }
    let decided = case.decision().map(lotbridge::allocation::Decision::lots);
    if decided != Some(waiting.lots) {
        return Err(Invariant::Lots.broken(format!("{} wait, decided were {decided:?}", waiting.lots)));
    }
    let mut terms = terms(case, order, &master);
    if case.world.setup.account(case.slave.login).rules.require_stop_loss {
        // It keeps its last.
        terms.stop_loss = terms.stop_loss.or(waiting.terms.stop_loss);
    }
    // Without stops when they were refused: they are attached to its position.
    let bare = PendingTerms { stop_loss: None, take_profit: None, ..terms };
    if waiting.terms == terms
        || waiting.terms == bare
        || case.slave.tripped().is_some()
        || case.slave.watch.hub_holds_stops
    {
        return Ok(());
    }
    let action = OrderAction::ModifyPending { ticket: waiting.ticket, terms };
    let like = becomes(waiting);
    // A stop-limit order whose stop was reached there first is a limit order.
    if would_answer(account, &like, action, lotbridge::domain::Lots::ZERO).class()
        != lotbridge::domain::RetcodeClass::Done
    {
        return Ok(());
    }
    Err(Invariant::Stops.broken(format!("waits with {:?}, it shall with {terms:?}", waiting.terms)))
}

/// Neither an order nor a position: for a reason, or because the broker takes no such order at this price.
fn unplaced(case: &Case, order: &PendingOrder, master: &Position) -> Result<(), Wrong> {
    if !matches!(case.last(), Some((State::Planned, _))) {
        return case.reason();
    }
    if case.world.clocks_disagree(case.slave) {
        // Whatever the hub asks for is long over by the slave's clock, or not yet.
        return Ok(());
    }
    let (Some(kind), Some(decision)) = (kind(case, order), case.decision()) else { return case.reason() };
    let terms = terms(case, order, master);
    let symbol = super::super::setup::slave_symbol(&case.world.setup, case.slave.login, &order.symbol);
    let like = Position { symbol, ..becomes(order) };
    let action = OrderAction::Place { side: case.side(order.side), kind, terms };
    let answer = would_answer(&case.slave.account, &like, action, decision.lots());
    if answer.class() == lotbridge::domain::RetcodeClass::Done {
        return Err(
            Invariant::Settled.broken(format!("not placed, though it could be, as {kind:?} {terms:?}"))
        );
    }
    Ok(())
}

/// A stop-limit order whose stop was reached at one broker and not at the other is another kind there.
fn kind(case: &Case, order: &PendingOrder) -> Option<PendingKind> {
    match (order.kind, case.pool.reverse) {
        (PendingKind::StopLimit, true) => None,
        (PendingKind::Limit, true) => Some(PendingKind::Stop),
        (PendingKind::Stop, true) => Some(PendingKind::Limit),
        (kind, false) => {
            let waits = case.slave.account.waiting(case.magic).map(|waiting| waiting.kind);
            waits.filter(|waits| *waits != PendingKind::Stop && kind != PendingKind::Stop).or(Some(kind))
        }
    }
}

fn terms(case: &Case, order: &PendingOrder, master: &Position) -> PendingTerms {
    let (stop_loss, take_profit) = case.stops(master, None);
    let waits = case.slave.account.waiting(case.magic);
    let (price, limit_price) =
        match (order.terms.limit_price, waits.map(|waits| (waits.kind, waits.terms.price))) {
            (Some(limit), Some((PendingKind::Limit, _))) => (limit, None),
            (None, Some((PendingKind::StopLimit, stop))) => (stop, Some(order.terms.price)),
            (limit, _) => (order.terms.price, limit),
        };
    PendingTerms { price, limit_price, stop_loss, take_profit, ..order.terms }
}

/// The position that an order will open.
fn becomes(order: &PendingOrder) -> Position {
    Position {
        id: PositionId(order.ticket),
        ticket: order.ticket,
        symbol: order.symbol,
        side: order.side,
        lots: order.lots,
        open_price: order.terms.limit_price.unwrap_or(order.terms.price),
        open_time: order.placed,
        stop_loss: order.terms.stop_loss,
        take_profit: order.terms.take_profit,
        magic: order.magic,
        comment: Comment::new(),
    }
}
