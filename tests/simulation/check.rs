//! What must be so once it has been quiet for long enough.

use std::collections::BTreeSet;

use lotbridge::allocation::{AccountRules, BelowMinimum, Decision, Reaction, Rounding};
use lotbridge::config::Setup;
use lotbridge::domain::{
    CopyId, Filling, Login, Lots, Magic, OrderAction, OrderRequest, Position, Price, Retcode, Signature,
};
use lotbridge::replication::{Record, State};

use super::account::Account;
use super::slave::Slave;
use super::world::World;

/// A lot step everywhere in the simulation.
const STEP: i64 = Lots::ONE / 100;

/// At any time: no copy was opened twice, nothing impossible happened.
pub fn always(world: &World) -> Result<(), String> {
    if let Ok(hub) = &world.hub
        && hub.summary().impossible > 0
    {
        return Err("an impossible event".into());
    }
    for slave in &world.slaves {
        let mut opened: BTreeSet<(u64, u64)> = BTreeSet::new();
        let deals = slave.account.terminal.deals().iter().filter(|d| !d.entry.closes() && d.magic.0 != 0);
        for deal in deals {
            opened.insert((deal.magic.0, deal.position.0));
        }
        let magics: Vec<u64> = opened.iter().map(|(magic, _)| *magic).collect();
        if let Some(twice) = magics.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("{} opened {} twice", slave.login, name(&world.setup, Magic(twice[0]))));
        }
    }
    Ok(())
}

/// Nothing is under way.
pub fn settled(world: &World) -> Result<(), String> {
    let Ok(hub) = &world.hub else { return Err("the hub does not run".into()) };
    let summary = hub.summary();
    if summary.unsettled > 0 || summary.in_doubt > 0 || summary.slaves_connected < 3 {
        return Err(format!("not settled: {summary:?}"));
    }
    Ok(())
}

/// An account that is to be empty is.
pub fn emptied(world: &World) -> Result<(), String> {
    for slave in world.slaves.iter().filter(|slave| slave.tripped() == Some(Reaction::CloseAll)) {
        if let Some(left) = slave.account.terminal.positions().next() {
            return Err(format!("{} is to hold nothing and holds {}", slave.login, left.position.ticket));
        }
    }
    Ok(())
}

/// The master is flat, and so is everybody.
pub fn flat(world: &World) -> Result<(), String> {
    for slave in &world.slaves {
        if let Some(orphan) = slave.account.terminal.positions().next() {
            let magic = orphan.position.magic;
            return Err(format!("{} still holds {}", slave.login, name(&world.setup, magic)));
        }
    }
    Ok(())
}

/// Every position of the master has its copies, or reasons why not.
pub fn copied(world: &World) -> Result<(), String> {
    let signature = Signature::of_master(world.setup.master.login);
    for open in world.master.terminal.positions() {
        let position = &open.position;
        for pool in &world.setup.pools {
            if !pool.filter.takes(&position.into()) {
                continue;
            }
            let key = CopyId::new(pool.tag, position.id);
            for member in &pool.members {
                let slave = world.slaves.iter().find(|slave| slave.login == member.login).unwrap();
                let magic = Magic::of_copy(signature, key);
                copy(world, slave, position, key, magic)
                    .map_err(|what| format!("{} of {} {key}: {what}", slave.login, pool.name))?;
            }
        }
    }
    Ok(())
}

fn copy(world: &World, slave: &Slave, master: &Position, key: CopyId, magic: Magic) -> Result<(), String> {
    let opened = slave.account.opened(magic.0);
    let Some((ticket, opened)) = opened.first_key_value() else {
        return reason(world, slave.login, key);
    };
    let held = slave.account.held(magic.0);
    let Some(decision) = decision(world, slave.login, key) else {
        return if held.is_empty() { Ok(()) } else { Err("held, but never decided".into()) };
    };
    let rules = &world.setup.account(slave.login).rules;
    let wanted = scaled(*opened, master.lots, decision.facts.master_lots, rules);
    let touched = world.by_hand.contains(&(slave.login, *ticket));
    match held.first() {
        None if wanted > 0 && !touched && !slave.watch.emptied && slave.account.closed_by_order(*ticket) => {
            Err(format!("closed, though {wanted} steps of it are wanted"))
        }
        None => Ok(()),
        Some(held) if held.lots.units() > wanted * STEP => {
            Err(format!("holds {}, of {opened} opened only {wanted} steps are wanted", held.lots))
        }
        Some(held) if held.lots.units() < wanted * STEP && !touched => {
            Err(format!("holds only {}, of {opened} opened {wanted} steps are wanted", held.lots))
        }
        // Stops that would risk more are not set.
        Some(_) if slave.tripped() >= Some(Reaction::CloseOnly) || slave.watch.hub_holds_stops => Ok(()),
        Some(held) => stops(&slave.account, master, held),
    }
}

/// The last word on record is a skip or a refusal with its reason.
fn reason(world: &World, login: Login, key: CopyId) -> Result<(), String> {
    let mut last = Err("neither copied nor skipped".to_owned());
    for record in &world.records {
        match record {
            Record::Decided { copy, login: whose, decision, .. } if *copy == key && *whose == login => {
                last = decision.skip.map(|_| ()).ok_or("decided, not opened".to_owned());
            }
            Record::Copy { copy, login: whose, state, skip, retcode, .. }
                if *copy == key && *whose == login =>
            {
                last = match state {
                    State::Skipped if skip.is_some() => Ok(()),
                    State::Rejected if retcode.is_some() => Ok(()),
                    state => Err(format!("{state} without a reason or a position")),
                };
            }
            _ => {}
        }
    }
    last
}

/// The last decision that gave it any lots.
fn decision(world: &World, login: Login, key: CopyId) -> Option<&Decision> {
    world.records.iter().rev().find_map(|record| match record {
        Record::Decided { copy, login: whose, decision, .. }
            if *copy == key && *whose == login && decision.lots().is_positive() =>
        {
            Some(&**decision)
        }
        _ => None,
    })
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

/// Its stops are the master's, unless the broker refuses them now.
fn stops(account: &Account, master: &Position, held: &Position) -> Result<(), String> {
    if (held.stop_loss, held.take_profit) == (master.stop_loss, master.take_profit) {
        return Ok(());
    }
    let request = OrderRequest {
        symbol: held.symbol,
        action: OrderAction::Modify {
            ticket: held.ticket,
            stop_loss: master.stop_loss,
            take_profit: master.take_profit,
        },
        lots: Lots::ZERO,
        price: Price::ZERO,
        deviation_points: 0,
        magic: held.magic,
        filling: Filling::default(),
    };
    let answer =
        account.terminal.clone().order_send(account.terminal.account().time, &request).result.retcode;
    if answer == Retcode::INVALID_STOPS {
        return Ok(());
    }
    Err(format!(
        "stops {:?} {:?}, the master's are {:?} {:?}",
        held.stop_loss, held.take_profit, master.stop_loss, master.take_profit
    ))
}

fn name(setup: &Setup, magic: Magic) -> String {
    let copy = magic.copy(Signature::of_master(setup.master.login));
    copy.map_or_else(|| format!("magic {}", magic.0), |copy| format!("copy {copy}"))
}
