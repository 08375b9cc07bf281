//! Is the ledger what was written, and does it make sense?

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Result, bail};
use lotbridge::allocation::{Decision, RoundingPolicy};
use lotbridge::domain::{CopyId, Login, Micros, Price, Side};
use lotbridge::ledger::{Hash, Head, LedgerError, Row, utc};
use lotbridge::replication::{Action, Event, InstructionId, Outcome, Record, State};

use super::place::Place;
use super::words;
use crate::table;

/// So many contradictions are named one by one.
const NAMED_MOST: usize = 20;

/// Checks that nothing was changed since it was written, and that it makes sense.
///
/// Recomputes the chain of hashes, and what else the ledger allows to recompute: slippage and timings of every report,
/// the states of every copy against the lifecycle, every decision against its own steps and bounds.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What it proves: no record was changed, taken out, put in or moved since it was written; the first that does not follow is
named. What no chain can prove: that the file was not made anew as a whole, or cut at its end. So note the last hash that
this prints now and then, or have your investors note it: --hash finds it again in every later state of the ledger.

The hash of a record is SHA-256(hash before it, 32 bytes | number, 8 bytes | milliseconds since 1970, 8 bytes | text), the
numbers in big endian; before the first record stand 32 zero bytes. `export --format json` has all of it.

Exit code: 0 when all is well, 1 when not, 2 for a wrong command line.")]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// A hash that was noted earlier: it must be there.
    #[arg(long, value_name = "HASH")]
    hash: Option<Hash>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (reader, path) = args.place.open()?;
    let (mut head, mut sense) = (Head::EMPTY, Sense::default());
    let (mut first, mut last, mut noted) = (None, 0, None);
    reader.each(0, |row| {
        head.follow(&row).map_err(|problem| reader.broken(&row, &problem))?;
        first.get_or_insert(row.wall_ms);
        last = row.wall_ms;
        if args.hash == Some(row.hash) {
            noted = Some(row.seq);
        }
        sense.take(&row);
        Ok::<(), LedgerError>(())
    })?;
    let mut out = String::new();
    writeln!(out, "Ledger {}: {} records, every hash recomputed", path.display(), head.seq)?;
    if let Some(first) = first {
        writeln!(out, "From {} to {}", utc(first), utc(last))?;
    }
    writeln!(out, "Last hash {}", head.hash)?;
    writeln!(
        out,
        "Recomputed: {} decisions, {} state changes, {} reports",
        sense.decisions, sense.changes, sense.reports
    )?;
    if sense.missing > 0 {
        writeln!(
            out,
            "note: {} records could not be written at the time and are missing; the ledger says where",
            sense.missing
        )?;
    }
    if sense.unknown > 0 {
        writeln!(
            out,
            "note: {} records are of kinds that a later version wrote; their hashes are right",
            sense.unknown
        )?;
    }
    match (args.hash, noted) {
        (Some(_), Some(seq)) => writeln!(out, "The noted hash is that of record {seq}")?,
        (Some(hash), None) => sense
            .wrong
            .push(format!("no record has the noted hash {hash}: this is another ledger, or a cut one")),
        (None, _) => {}
    }
    for wrong in sense.wrong.iter().take(NAMED_MOST) {
        writeln!(out, "PROBLEM: {wrong}")?;
    }
    table::print(&out)?;
    match sense.wrong.len() {
        0 => Ok(()),
        n => bail!("{n} problems, see above"),
    }
}

/// What an instruction left with.
struct Sent {
    at: Micros,
    committed_at: Micros,
    /// What it buys or sells, and the master's price for that.
    trade: Option<(Side, Price)>,
}

/// Does what the records say agree with itself?
#[derive(Default)]
struct Sense {
    states: BTreeMap<CopyId, BTreeMap<Login, State>>,
    sent: BTreeMap<(Login, InstructionId), Sent>,
    /// What copies were opened with, as far as their instructions are there.
    sides: BTreeMap<CopyId, BTreeMap<Login, Side>>,
    decisions: u64,
    changes: u64,
    reports: u64,
    missing: u64,
    unknown: u64,
    wrong: Vec<String>,
}

impl Sense {
    fn take(&mut self, row: &Row) {
        let Ok(record) = row.record() else {
            self.unknown += 1;
            return;
        };
        if let Err(problem) = self.check(record) {
            self.wrong.push(format!("record {} ({}, {}): {problem}", row.seq, row.kind(), utc(row.wall_ms)));
        }
    }

    /// What an instruction for this copy buys or sells; what the copy was opened with is noted.
    fn side_of(&mut self, copy: CopyId, login: Login, action: Action) -> Option<Side> {
        match action {
            Action::Open { side, .. } | Action::Place { side, .. } => {
                self.sides.entry(copy).or_default().insert(login, side);
                matches!(action, Action::Open { .. }).then_some(side)
            }
            Action::Reduce { .. } => self.sides.get(&copy)?.get(&login).map(|side| side.opposite()),
            _ => None,
        }
    }

    fn check(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::Decided { decision, .. } => {
                self.decisions += 1;
                sized(&decision)
            }
            Record::Copy { copy, login, state, .. } => {
                self.changes += 1;
                match self.states.entry(copy).or_default().insert(login, state) {
                    Some(before) if !may_become(before, state) => {
                        Err(format!("copy {copy} of {login} was {before} and cannot have become {state}"))
                    }
                    _ => Ok(()),
                }
            }
            // Taken up anew: without its records, a hub begins from the accounts.
            Record::Taken(trade) => {
                if let Some(copy) = trade.copy {
                    self.states.remove(&copy);
                }
                Ok(())
            }
            Record::Finished { copy, .. } => {
                self.states.remove(&copy);
                self.sides.remove(&copy);
                Ok(())
            }
            Record::Instructed { copy, login, instruction, action, reference, committed_at, at, .. } => {
                let trade = self.side_of(copy, login, action).map(|side| (side, reference));
                self.sent.insert((login, instruction), Sent { at, committed_at, trade });
                Ok(())
            }
            Record::Reported {
                login,
                instruction,
                outcome,
                slippage,
                since_commit_us,
                since_sent_us,
                at,
                ..
            } => {
                self.reports += 1;
                let sent = self.sent.remove(&(login, instruction));
                sent.map_or(Ok(()), |sent| sent.agrees(outcome, slippage, since_commit_us, since_sent_us, at))
            }
            Record::Configured { sha256, configuration, .. } => {
                let found = Hash::of_text(&configuration).to_string();
                if found == sha256 {
                    Ok(())
                } else {
                    Err(format!("the configuration's SHA-256 is {found}, not {sha256}"))
                }
            }
            Record::Missing { count, .. } => {
                // What follows may hang in the air.
                self.states.clear();
                self.sent.clear();
                self.missing += count;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Sent {
    fn agrees(
        &self,
        outcome: Outcome,
        slippage: Option<Price>,
        since_commit_us: Option<u64>,
        since_sent_us: Option<u64>,
        at: Micros,
    ) -> Result<(), String> {
        if let (Some(said), Some((side, reference)), Outcome::Answered(result)) =
            (slippage, self.trade, outcome)
        {
            let found = words::worse_by(side, reference, result.price);
            if said != found {
                return Err(format!("the slippage is {found}, not {said}"));
            }
        }
        for (name, since, said) in
            [("sent", self.at, since_sent_us), ("committed", self.committed_at, since_commit_us)]
        {
            let found = at.since(since);
            if said.is_some_and(|said| said != found) {
                return Err(format!("it was {name} {found} µs before, not {} µs", said.unwrap_or_default()));
            }
        }
        Ok(())
    }
}

/// Can a copy of this state have got into that one, perhaps with a restart in between?
fn may_become(before: State, next: State) -> bool {
    let restarted = match before {
        State::Sent | State::Planned => State::InDoubt,
        State::Closing => State::Open,
        state => state,
    };
    [before, restarted]
        .iter()
        .any(|state| *state == next || Event::ALL.iter().any(|event| state.after(*event) == Ok(next)))
}

/// Is a decision in keeping with its own steps and bounds?
fn sized(decision: &Decision) -> Result<(), String> {
    let (lots, step) = (decision.lots(), decision.rounding.step);
    match decision.skip {
        Some(reason) if !lots.is_zero() => return Err(format!("skipped for {reason}, and yet {lots} lots")),
        Some(_) => return Ok(()),
        None if !lots.is_positive() => return Err("no lots, and no reason for a skip".into()),
        None => {}
    }
    if decision.rounding.policy == RoundingPolicy::Adopted {
        return Ok(());
    }
    if !step.is_positive() || lots.units() % step.units() != 0 {
        return Err(format!("{lots} lots are no multiple of the lot step {step}"));
    }
    if let Some(cap) = decision.caps.iter().find(|cap| lots > cap.lots) {
        return Err(format!("{lots} lots are more than allowed: {}", table::cap(cap)));
    }
    let facts = &decision.facts;
    if lots < facts.lots_min || lots > facts.lots_max {
        return Err(format!("{lots} lots are not within {} and {}", facts.lots_min, facts.lots_max));
    }
    Ok(())
}
