//! Every position of the master has its copies, or reasons why not; so has every order of its.

use lotbridge::allocation::{
    AccountRules, BelowMinimum, Decision, FilledAlone, PendingCopy, Pool, Reaction, Rounding, StopsAt,
    Unfilled,
};
use lotbridge::domain::{
    CopyId, Filling, Login, Lots, Magic, OrderAction, OrderEnd, OrderRequest, Position, Price, Retcode,
    RetcodeClass, Side, Signature,
};
use lotbridge::replication::{Record, State};

use super::super::account::Account;
use super::super::filters::{Trade, takes};
use super::super::slave::Slave;
use super::super::world::World;
use super::super::wrong::{Invariant, Wrong};
use super::orders;

/// A lot step everywhere in the simulation.
const STEP: i64 = Lots::ONE / 100;

/// What a check is about.
pub(super) struct Case<'a> {
    pub world: &'a World,
    pub pool: &'a Pool,
    pub slave: &'a Slave,
    pub key: CopyId,
    pub magic: u64,
}

/// Every position and every order of the master has its copies, or reasons why not.
pub fn copied(world: &World) -> Result<(), Wrong> {
    let signature = Signature::of_master(world.setup.master.login);
    for pool in &world.setup.pools {
        for member in &pool.members {
            let case = |id| {
                let key = CopyId::new(pool.tag, id);
                let magic = Magic::of_copy(signature, key).0;
                Case { world, pool, slave: world.slave(member.login), key, magic }
            };
            for master in world.master.to_be_copied() {
                if takes(&pool.filter, &Trade::of_position(&master)) {
                    let case = case(master.id);
                    case.of_position(&master).map_err(|wrong| case.named(&wrong))?;
                }
            }
            for order in world.master.terminal.orders() {
                if takes(&pool.filter, &Trade::of_order(order)) {
                    let case = case(lotbridge::domain::PositionId(order.ticket));
                    orders::check(&case, order).map_err(|wrong| case.named(&wrong))?;
                }
            }
        }
    }
    Ok(())
}

impl Case<'_> {
    fn named(&self, wrong: &Wrong) -> Wrong {
        let what = format!("{} of {} {}: {}", self.slave.login, self.pool.name, self.key, wrong.what);
        wrong.invariant.broken(what)
    }

    fn of_position(&self, master: &Position) -> Result<(), Wrong> {
        let account = &self.slave.account;
        let opened = account.opened(self.magic);
        let Some((ticket, opened)) = opened.first_key_value() else {
            if account.waiting(self.magic).is_some() {
                let waits = self.pool.pending.unfilled == Unfilled::Wait;
                return if waits { Ok(()) } else { Err(Invariant::Reason.broken("its order still waits")) };
            }
            return self.reason();
        };
        self.of_held(master, *ticket, *opened)
    }

    /// A position that was opened: is it there, as large and with the stops that it shall have?
    pub fn of_held(&self, master: &Position, ticket: u64, opened: Lots) -> Result<(), Wrong> {
        let (world, slave) = (self.world, self.slave);
        let held = slave.account.held(self.magic);
        let Some(decision) = self.decision() else {
            let none = held.is_empty();
            return if none { Ok(()) } else { Err(Invariant::Ledger.broken("held, but never decided")) };
        };
        let rules = &world.setup.account(slave.login).rules;
        // What an order did not get is not missing from what its copy may keep.
        let base = if self.was_order() { opened.max(decision.lots()) } else { opened };
        let wanted = scaled(base, master.lots, decision.facts.master_lots, rules);
        // By its owner, or for a guard that was re-armed before all of it was closed.
        let touched = world.by_hand.contains(&(slave.login, ticket))
            || slave.watch.emptied && slave.cleared.contains(&self.magic);
        let alone = self.pool.pending.filled_alone == FilledAlone::Close
            && slave.account.ended(self.magic) == Some(OrderEnd::Filled);
        let wrong = |what: String| Err(Invariant::Lots.broken(what));
        let Some(held) = held.first() else {
            // One that its account's stop loss could not be set for is given up.
            let shared = rules.require_stop_loss && slave.account.shared(self.magic);
            let given_up = shared || world.were_bare.contains(&(slave.login, self.magic));
            let closed = wanted > 0 && !touched && !alone && !given_up;
            return if closed && slave.account.closed_by_order(ticket) {
                wrong(format!("closed, though {wanted} steps of it are wanted"))
            } else {
                Ok(())
            };
        };
        if held.side != self.side(master.side) {
            return wrong(format!("a {}", held.side));
        }
        if held.lots.units() > wanted * STEP {
            return wrong(format!("holds {}, of {opened} opened only {wanted} steps are wanted", held.lots));
        }
        let least = wanted.min(opened.units() / STEP);
        // One that was given up, for want of its stop loss or since it had filled alone, and closed in part when the hub
        // forgot that; by now it has its stop loss, or the master's has filled.
        let given_up = || alone || world.were_bare.contains(&(slave.login, self.magic));
        let forgotten = || world.forgot > 0 && given_up();
        let by_owner = || slave.account.stopped(self.magic) || slave.account.spilled_by_hand(self.magic);
        let excused = || forgotten() || by_owner();
        if held.lots.units() < least * STEP && !touched && !excused() {
            return wrong(format!("holds only {}, of {opened} opened {wanted} steps are wanted", held.lots));
        }
        // Stops that would risk more are not set.
        if slave.tripped() >= Some(Reaction::CloseOnly) || slave.watch.hub_holds_stops {
            return Ok(());
        }
        if slave.account.nets() && held.ticket == 0 {
            // Its position's stops are everybody's, or there is no position.
            return Ok(());
        }
        let mut stops = self.stops(master, Some(held.open_price));
        if rules.require_stop_loss {
            // It keeps its last.
            stops.0 = stops.0.or(held.stop_loss);
        }
        has_stops(&slave.account, held, stops)
    }

    pub fn side(&self, master: Side) -> Side {
        if self.pool.reverse { master.opposite() } else { master }
    }

    /// The stops that a copy shall have: worked out here once more.
    pub fn stops(&self, master: &Position, own: Option<Price>) -> (Option<Price>, Option<Price>) {
        let off = match self.pool.stops {
            StopsAt::None => return (None, None),
            StopsAt::Price => 0,
            StopsAt::Distance => own.map_or(0, |own| own.units() - master.open_price.units()),
        };
        let at = |stop: Option<Price>| stop.map(|stop| Price::from_units(stop.units() + off));
        let (loss, profit) = (at(master.stop_loss), at(master.take_profit));
        if self.pool.reverse { (profit, loss) } else { (loss, profit) }
    }

    /// Did the master's position begin as an order that was copied?
    fn was_order(&self) -> bool {
        self.world.records.iter().any(|record| match record {
            Record::Taken(taken) => taken.copy == Some(self.key) && taken.order.is_some(),
            _ => false,
        })
    }

    /// The last word on record.
    pub fn last(&self) -> Option<(State, bool)> {
        let ours = |copy: CopyId, login: Login| copy == self.key && login == self.slave.login;
        self.world.records.iter().rev().find_map(|record| match record {
            Record::Decided { copy, login, decision, .. } if ours(*copy, *login) => {
                let skipped = decision.skip.is_some();
                Some((if skipped { State::Skipped } else { State::Planned }, skipped))
            }
            Record::Copy { copy, login, state, skip, retcode, .. } if ours(*copy, *login) => {
                Some((*state, skip.is_some() || *state == State::Rejected && retcode.is_some()))
            }
            _ => None,
        })
    }

    /// The last word on record is a skip or a refusal with its reason.
    pub fn reason(&self) -> Result<(), Wrong> {
        match self.last() {
            Some((State::Skipped | State::Rejected, true)) => Ok(()),
            // A record that was lost, of a copy that its account has forgotten.
            Some((state, _)) => {
                Err(Invariant::Reason.broken(format!("{state} without a reason or a position")))
            }
            None => Err(Invariant::Reason.broken("neither copied nor skipped")),
        }
    }

    /// The last decision that gave it any lots.
    pub fn decision(&self) -> Option<&Decision> {
        self.world.records.iter().rev().find_map(|record| match record {
            Record::Decided { copy, login, decision, .. }
                if *copy == self.key && *login == self.slave.login && decision.lots().is_positive() =>
            {
                Some(&**decision)
            }
            _ => None,
        })
    }
}

/// Does this pool copy orders as orders?
pub fn copies_orders(pool: &Pool) -> bool {
    pool.pending.copy == PendingCopy::Orders
}

/// What is wanted of a copy, in steps: worked out here once more.
fn scaled(opened: Lots, remaining: Lots, of: Lots, rules: &AccountRules) -> i64 {
    if remaining >= of {
        return opened.units() / STEP;
    }
    let (share, whole) = (
        i128::from(opened.units()) * i128::from(remaining.units()),
        i128::from(of.units()) * i128::from(STEP),
    );
    let steps = match rules.rounding {
        Rounding::Nearest => (share * 2 + whole) / (whole * 2),
        Rounding::Down | Rounding::RaiseToMinimum => share / whole,
    };
    match (i64::try_from(steps).unwrap(), rules.below_minimum) {
        (0, BelowMinimum::Keep) => 1,
        (steps, _) => steps,
    }
}

/// Its stops are these, unless the broker refuses them now, too.
fn has_stops(account: &Account, held: &Position, stops: (Option<Price>, Option<Price>)) -> Result<(), Wrong> {
    if (held.stop_loss, held.take_profit) == stops {
        return Ok(());
    }
    let (stop_loss, take_profit) = stops;
    let action = OrderAction::Modify { ticket: held.ticket, stop_loss, take_profit };
    if would_answer(account, held, action, Lots::ZERO).class() != RetcodeClass::Done {
        return Ok(());
    }
    let what = format!("stops {:?} {:?}, it shall have {stops:?}", held.stop_loss, held.take_profit);
    Err(Invariant::Stops.broken(what))
}

/// What the broker would say now.
pub(super) fn would_answer(account: &Account, like: &Position, action: OrderAction, lots: Lots) -> Retcode {
    let request = OrderRequest {
        symbol: like.symbol,
        action,
        lots,
        price: Price::ZERO,
        deviation_points: 0,
        magic: like.magic,
        filling: Filling::default(),
    };
    let mut terminal = account.terminal.clone();
    terminal.next_answers([lotbridge::terminal::Answer::Plain]);
    terminal.order_send(account.terminal.account().time, &request).result.retcode
}
