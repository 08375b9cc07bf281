//! The ledger as CSV or JSON, or as a file to hand on.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use lotbridge::ledger::{Cell, LedgerError, Reader, Table, utc};
use serde_json::{Map, Value};

use super::place::Place;

/// Writes it as CSV or JSON, or as a file to hand on.
///
/// CSV and JSON have one table, or all records with their hashes; the file can be checked with `verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The form.
    #[arg(long, value_enum)]
    format: Format,
    /// Which table; all records with their hashes when none is named.
    #[arg(long, value_enum, value_name = "TABLE")]
    table: Option<Name>,
    /// Where to; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A heading and a line each.
    Csv,
    /// An array of objects.
    Json,
    /// The ledger itself, whole in one file: what `verify` can check.
    Db,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Accounts' money over time.
    Accounts,
    /// What the master did.
    Master,
    /// What was decided for every slave.
    Decisions,
    /// The copies' states over time.
    Copies,
    /// What was asked of the slaves.
    Instructions,
    /// What came of it, with slippage and timings.
    Reports,
    /// Copies that were not made, with their reason.
    Skips,
    /// What the guards did.
    Guards,
    /// What the manager was told.
    Alerts,
    /// The configurations, without their secret.
    Config,
}

impl Name {
    const fn table(self) -> Table {
        match self {
            Self::Accounts => Table::Accounts,
            Self::Master => Table::Master,
            Self::Decisions => Table::Decisions,
            Self::Copies => Table::Copies,
            Self::Instructions => Table::Instructions,
            Self::Reports => Table::Reports,
            Self::Skips => Table::Skips,
            Self::Guards => Table::Guards,
            Self::Alerts => Table::Alerts,
            Self::Config => Table::Config,
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (reader, _) = args.place.open()?;
    if args.format == Format::Db {
        let (Some(target), None) = (&args.output, args.table) else {
            bail!("--format db takes --output and the whole ledger, no --table");
        };
        return Ok(reader.copy_to(target)?);
    }
    let out: Box<dyn Write> = match &args.output {
        Some(path) => {
            let name = || format!("cannot write {}", path.display());
            Box::new(std::fs::File::create(path).with_context(name)?)
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let mut sheet = Sheet::new(args.format, BufWriter::new(out));
    let written = match args.table {
        Some(name) => reader.table(name.table(), |columns, cells| sheet.take(columns, cells.map(of_cells))),
        None => records(&reader, &mut sheet),
    };
    match written.and_then(|()| sheet.end()) {
        Err(End::Print(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(End::Print(error)) => Err(error).context("cannot write the export"),
        Err(End::Ledger(error)) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}

/// Why an export ends early.
enum End {
    Ledger(LedgerError),
    Print(std::io::Error),
}

impl From<LedgerError> for End {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        Self::Print(error)
    }
}

impl From<csv::Error> for End {
    fn from(error: csv::Error) -> Self {
        Self::Print(match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => std::io::Error::other(format!("{other:?}")),
        })
    }
}

fn of_cells(cells: Vec<Cell>) -> Vec<Value> {
    let value = |cell| match cell {
        Cell::Nothing => Value::Null,
        Cell::Number(number) => number.into(),
        Cell::Text(text) => text.into(),
    };
    cells.into_iter().map(value).collect()
}

/// Every record as it is chained.
fn records(reader: &Reader, sheet: &mut Sheet<impl Write>) -> Result<(), End> {
    let columns = ["seq", "time", "wall_ms", "kind", "body", "hash"].map(str::to_owned);
    sheet.take(&columns, None)?;
    reader.each(0, |row| {
        let time = utc(row.wall_ms);
        let kind = row.kind();
        let values: Vec<Value> = vec![
            row.seq.into(),
            time.into(),
            row.wall_ms.into(),
            kind.into(),
            row.body.into(),
            row.hash.to_string().into(),
        ];
        sheet.take(&columns, Some(values))
    })
}

/// What is being written.
enum Sheet<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json { out: W, rows: u64 },
}

impl<W: Write> Sheet<W> {
    fn new(format: Format, out: W) -> Self {
        match format {
            Format::Csv => Self::Csv(Box::new(csv::Writer::from_writer(out))),
            Format::Json | Format::Db => Self::Json { out, rows: 0 },
        }
    }

    /// Takes the columns' names, or a row under them.
    fn take(&mut self, columns: &[String], row: Option<Vec<Value>>) -> Result<(), End> {
        match self {
            Self::Csv(out) => match row {
                None => out.write_record(columns)?,
                Some(row) => out.write_record(row.iter().map(plain))?,
            },
            Self::Json { out, rows } => {
                if let Some(row) = row {
                    let object: Map<String, Value> = columns.iter().cloned().zip(row).collect();
                    out.write_all(if *rows == 0 { b"[\n" } else { b",\n" })?;
                    out.write_all(Value::Object(object).to_string().as_bytes())?;
                    *rows += 1;
                }
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), End> {
        match self {
            Self::Csv(mut out) => out.flush()?,
            Self::Json { mut out, rows } => {
                out.write_all(if rows == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()?;
            }
        }
        Ok(())
    }
}

/// A value as CSV has it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
