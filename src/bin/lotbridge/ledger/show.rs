//! One copy's whole story.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use anyhow::{Context, Result, bail};
use lotbridge::domain::{CopyId, Login, Micros, PoolTag, PositionId};
use lotbridge::ledger::{Row, utc};
use lotbridge::replication::Record;

use super::place::Place;
use super::words;
use crate::table;

/// Tells one copy's whole story.
///
/// The master's trade, then for every account what was decided, instructed, reported and what became of it, each with
/// its time (UTC) and how long after the master's trade it was.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The copy, as `tail` and `export` name it: the pool's tag and the master position's identifier, 250:123456.
    #[arg(value_name = "COPY", value_parser = parse_copy)]
    copy: CopyId,
    #[command(flatten)]
    place: Place,
    /// This account only.
    #[arg(long, value_name = "LOGIN")]
    login: Option<u64>,
}

fn parse_copy(text: &str) -> Result<CopyId, String> {
    let parts = text.split_once(':');
    let copy = parts.and_then(|(tag, position)| Some((tag.parse().ok()?, position.parse().ok()?)));
    copy.map(|(tag, position)| CopyId::new(PoolTag(tag), PositionId(position))).ok_or_else(|| {
        "a copy is POOL-TAG:POSITION, such as 250:123456; `lotbridge ledger tail` shows them".into()
    })
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (reader, path) = args.place.open()?;
    let rows = reader.of_copy(args.copy)?;
    let mut master = Vec::new();
    let mut slaves: BTreeMap<Login, Vec<(Row, Record)>> = BTreeMap::new();
    for row in rows {
        let record = row.record().with_context(|| format!("record {} of {}", row.seq, path.display()))?;
        match words::parties(&record).1 {
            Some(login) => slaves.entry(login).or_default().push((row, record)),
            None => master.push((row, record)),
        }
    }
    if master.is_empty() && slaves.is_empty() {
        bail!("no copy {} in {}; `lotbridge ledger tail` shows the last ones", args.copy, path.display());
    }
    if let Some(login) = args.login.map(Login) {
        let all: Vec<String> = slaves.keys().map(ToString::to_string).collect();
        slaves.retain(|of, _| *of == login);
        if slaves.is_empty() {
            bail!("account {login} has no part in copy {}; these have: {}", args.copy, all.join(", "));
        }
    }
    let start = master.first().or(slaves.values().flatten().next()).map(|(_, record)| record.at());
    let mut out = String::new();
    tell(&mut out, args.copy, start.unwrap_or_default(), &master, &slaves)?;
    table::print(&out)
}

fn tell(
    out: &mut String,
    copy: CopyId,
    start: Micros,
    master: &[(Row, Record)],
    slaves: &BTreeMap<Login, Vec<(Row, Record)>>,
) -> fmt::Result {
    let mut part = |title: String, records: &[(Row, Record)]| {
        writeln!(out, "{title}")?;
        for (row, record) in records {
            let after = words::after(record.at(), start);
            writeln!(out, "  {}  {after:>12}  {}", utc(row.wall_ms), words::what(record))?;
        }
        writeln!(out)
    };
    part(format!("Copy {copy}"), master)?;
    slaves.iter().try_for_each(|(login, records)| part(format!("Account {login}"), records))?;
    writeln!(out, "Times are UTC; behind them, how long after the first line it was.")
}
