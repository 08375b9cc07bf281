//! The last records, and those to come.

use std::time::Duration;

use anyhow::Result;
use lotbridge::ledger::{LedgerError, Row, utc};

use super::place::Place;
use super::words;

/// New records are looked for this often.
const LOOK: Duration = Duration::from_millis(200);

/// Prints the last records, and follows.
///
/// A line each: number, time (UTC), copy and account, what happened.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Go on with what is written from now on, until Ctrl+C.
    #[arg(short, long)]
    follow: bool,
    /// How many of the last records.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    lines: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (mut reader, path) = args.place.open()?;
    let mut last = reader.last()?.saturating_sub(args.lines);
    loop {
        let mut text = String::new();
        reader.each(last, |row| {
            last = row.seq;
            text.push_str(&line(&row));
            Ok::<(), LedgerError>(())
        })?;
        if !print(&text)? || !args.follow {
            return Ok(());
        }
        std::thread::sleep(LOOK);
        // A ledger that was begun anew: its master went on, and so does this.
        if path.exists()
            && !reader.is_still_there()
            && let Ok((anew, _)) = args.place.open()
        {
            (reader, last) = (anew, 0);
            if !print(&format!("--- {} was begun anew\n", path.display()))? {
                return Ok(());
            }
        }
    }
}

fn line(row: &Row) -> String {
    let (whose, what) = match row.record() {
        Ok(record) => (words::whose(&record), words::what(&record)),
        // One that a later version wrote.
        Err(_) => (String::new(), format!("{}: {}", row.kind(), row.body)),
    };
    let gap = if whose.is_empty() { "" } else { "  " };
    format!("{:>8}  {}  {whose}{gap}{what}\n", row.seq, utc(row.wall_ms))
}

/// Prints; `false` when the reader has seen enough.
fn print(text: &str) -> Result<bool> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(anyhow::Error::new(error).context("cannot print")),
    }
}
