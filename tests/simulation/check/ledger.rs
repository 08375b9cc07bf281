//! The ledger tells the same story as the accounts.

use std::collections::BTreeMap;

use lotbridge::domain::{CopyId, Login, Magic, Signature};
use lotbridge::replication::{Record, State};

use super::super::world::World;
use super::super::wrong::{Invariant, Wrong};

/// What the last record of a copy says is what its account has.
pub fn ledger(world: &World) -> Result<(), Wrong> {
    let mut last: BTreeMap<(Login, CopyId), State> = BTreeMap::new();
    for record in &world.records {
        if let Record::Copy { copy, login, state, .. } = record {
            last.insert((*login, *copy), *state);
        }
    }
    let signature = Signature::of_master(world.setup.master.login);
    for ((login, copy), state) in last {
        let (account, magic) = (&world.slave(login).account, Magic::of_copy(signature, copy).0);
        let (held, waits) = (!account.held(magic).is_empty(), account.waiting(magic).is_some());
        let same = match state {
            State::Open => held,
            State::Pending => waits && !held,
            State::Closed | State::Skipped | State::Rejected | State::Planned => !held && !waits,
            State::Sent | State::Closing | State::InDoubt => false,
        };
        if !same {
            let what = format!("{login} {copy} is {state} on record; held {held}, waits {waits}");
            return Err(Invariant::Ledger.broken(what));
        }
    }
    Ok(())
}
