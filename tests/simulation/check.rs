//! What must be so: at any time, and once it has been quiet for long enough.

mod copies;
mod ledger;
mod orders;

use std::collections::BTreeSet;

use lotbridge::allocation::Reaction;
use lotbridge::config::Setup;
use lotbridge::domain::{CopyId, Lots, Magic, Position, ServerTime, Signature};

pub use copies::{copied, copies_orders};
pub use ledger::ledger;

use super::world::World;
use super::wrong::{Invariant, Wrong};

/// At any time: no copy was opened twice, no order placed twice, nothing impossible happened.
pub fn always(world: &World) -> Result<(), Wrong> {
    if let Ok(hub) = &world.hub
        && hub.summary().impossible > 0
    {
        return Err(Invariant::Lifecycle.broken("an impossible event"));
    }
    for slave in &world.slaves {
        let terminal = &slave.account.terminal;
        let deals = terminal.deals().iter().filter(|d| !d.entry.closes() && d.magic.0 != 0);
        let opened: BTreeSet<_> =
            deals.filter(|_| !slave.account.nets()).map(|deal| (deal.magic.0, deal.position.0)).collect();
        let waiting = terminal.orders().map(|order| (order.magic.0, order.ticket));
        let past = terminal.past_orders(ServerTime(0)).map(|order| (order.magic.0, order.ticket));
        let placed: BTreeSet<_> = waiting.chain(past).filter(|(magic, _)| *magic != 0).collect();
        for (what, all) in [("opened", opened), ("placed", placed)] {
            let magics: Vec<u64> = all.into_iter().map(|(magic, _)| magic).collect();
            if let Some(twice) = magics.windows(2).find(|pair| pair[0] == pair[1]) {
                let name = name(&world.setup, Magic(twice[0]));
                return Err(Invariant::Once.broken(format!("{} {what} {name} twice", slave.login)));
            }
        }
    }
    for slave in world.slaves.iter().filter(|slave| slave.account.nets()) {
        once(world, slave)?;
    }
    limits(world)
}

/// What a netting account's copies traded is what one open and one whole close come to.
fn once(world: &World, slave: &super::slave::Slave) -> Result<(), Wrong> {
    if let Some(symbol) = slave.account.turned() {
        let what = format!("{} has {symbol} that a close of something gone has opened", slave.login);
        return Err(Invariant::Once.broken(what));
    }
    let shares = slave.account.shares();
    for share in shares.iter().filter(|share| share.magic != 0 && !share.by_others) {
        let closed = slave.account.terminal.deals().iter().filter(|deal| {
            deal.magic.0 == share.magic && deal.side != share.side && slave.account.is_ordered(deal.ticket)
        });
        let closed: i64 = closed.map(|deal| deal.lots.units()).sum();
        let name = name(&world.setup, Magic(share.magic));
        if closed > share.opened {
            return Err(Invariant::Once
                .broken(format!("{} closed {name} twice: {closed} of {}", slave.login, share.opened)));
        }
        let decided = world.records.iter().filter_map(|record| match record {
            lotbridge::replication::Record::Decided { copy, login, decision, .. }
                if *login == slave.login
                    && Magic(share.magic).copy(Signature::of_master(world.setup.master.login))
                        == Some(*copy) =>
            {
                Some(decision.lots().units())
            }
            _ => None,
        });
        if world.forgot == 0
            && let Some(most) = decided.max()
            && share.opened > most
        {
            let what = format!("{} opened {name} twice: {} of {most}", slave.login, share.opened);
            return Err(Invariant::Once.broken(what));
        }
    }
    Ok(())
}

/// No account is over its limits. What was sent before the EA died may come on top, once the hub knows nothing of it
/// either.
fn limits(world: &World) -> Result<(), Wrong> {
    if world.forgot > 0 {
        return Ok(());
    }
    for slave in &world.slaves {
        let limits = &world.setup.account(slave.login).rules.limits;
        let held = slave.account.copies();
        let within = |what: &str, held: i64, most: Option<i64>| match most {
            Some(most) if held > most => {
                Err(Invariant::Limits.broken(format!("{} holds {held} {what}, not {most}", slave.login)))
            }
            _ => Ok(()),
        };
        let sum = |of: &dyn Fn(&Position) -> bool| -> i64 {
            held.iter().filter(|position| of(position)).map(|position| position.lots.units()).sum()
        };
        let units = |lots: Option<Lots>| lots.map(Lots::units);
        within("copies", i64::try_from(held.len()).unwrap(), limits.open_copies.map(i64::from))?;
        within("units in all", sum(&|_| true), units(limits.lots_total))?;
        for copy in &held {
            let of_symbol = sum(&|other| other.symbol == copy.symbol);
            within("units of a symbol", of_symbol, units(limits.lots_per_symbol))?;
            within("units of a copy", copy.lots.units(), units(limits.lots_per_trade))?;
        }
    }
    Ok(())
}

/// Nothing is under way.
pub fn settled(world: &World) -> Result<(), Wrong> {
    let Ok(hub) = &world.hub else { return Err(Invariant::Settled.broken("the hub does not run")) };
    let summary = hub.summary();
    if summary.unsettled > 0 || summary.in_doubt > 0 || summary.slaves_connected < 3 {
        return Err(Invariant::Settled.broken(format!("{summary:?}")));
    }
    world.protected()?;
    // What was refused is asked for again, with pauses.
    match copied(world) {
        Err(wrong) if matches!(wrong.invariant, Invariant::Settled | Invariant::Stops) => Err(wrong),
        // An order may have expired a moment ago.
        _ => ledger(world),
    }
}

/// An account that is to be empty is.
pub fn emptied(world: &World) -> Result<(), Wrong> {
    let emptied = world.slaves.iter().filter(|slave| slave.tripped() == Some(Reaction::CloseAll));
    held(world, emptied, Invariant::Emptied)
}

/// The master is flat, and so is everybody.
pub fn flat(world: &World) -> Result<(), Wrong> {
    held(world, world.slaves.iter(), Invariant::Orphan)
}

/// None of these accounts holds anything with our magic.
fn held<'a>(
    world: &World,
    slaves: impl Iterator<Item = &'a super::slave::Slave>,
    invariant: Invariant,
) -> Result<(), Wrong> {
    for slave in slaves {
        let terminal = &slave.account.terminal;
        let positions = slave.account.copies().into_iter().map(|position| position.magic);
        let orders = terminal.orders().map(|order| order.magic);
        if let Some(magic) = positions.chain(orders).find(|magic| magic.0 != 0) {
            let name = name(&world.setup, magic);
            return Err(invariant.broken(format!("{} still holds {name}", slave.login)));
        }
    }
    Ok(())
}

fn name(setup: &Setup, magic: Magic) -> String {
    let copy: Option<CopyId> = magic.copy(Signature::of_master(setup.master.login));
    copy.map_or_else(|| format!("magic {}", magic.0), |copy| format!("copy {copy}"))
}
