//! `lotbridge replay`: what would each of my investors have got?

mod broker;
mod plan;
mod play;
mod processes;
mod progress;
mod quotes;
mod report;
mod summary;
mod terminal;
mod wire;

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use lotbridge::history;
use lotbridge::ledger::{Ledger, Reader};

use broker::{Broker, Execution};
use plan::Plan;
pub use play::Pace;
use play::Replay;
use processes::Terminals;
use progress::Progress;
use report::Report;
pub use terminal::run_as_process;

/// The bundled sample: made up for this project.
const SAMPLE: &[u8] = include_bytes!("../sample/history.csv");

/// Replays a manager's exported history: every position is opened and closed again on a headless master terminal, and
/// copied to headless slave terminals through the same library, socket and C functions as on real ones.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge replay                                   the bundled sample with a default set of pools
  lotbridge replay --history statement.html          a MetaTrader 5 report (account history or strategy tester)
  lotbridge replay --history positions.csv --config pools.json --report out.json
The history's form is told by its content: signal positions CSV, signal order-book CSV, MetaTrader 5 HTML report.
Pending orders of an order book are placed, filled and cancelled on the master, and copied as the pools say; the table and
the report (orders_placed, orders_filled, orders_cancelled of each slave) tell what became of the slaves' own. In an HTML
report they are counted and left out.
Without a configuration, investors from half to five times the master's balance are made up.")]
pub struct Args {
    /// The history to replay; without it, the bundled sample.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The configuration: pools, members, limits, accounts; `lotbridge schema` describes it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write what happened to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Keep the master's ledger as this file: `lotbridge ledger` reads it.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Wait for every slave at each step, or play as fast as possible.
    #[arg(long, value_enum, default_value = "settled")]
    pace: Pace,
    /// One thread per terminal instead of one process: for debugging.
    #[arg(long)]
    in_process: bool,
    /// The program that runs each terminal, in place of this one: the tests have the MQL5 programs' host there.
    #[arg(long, hide = true, value_name = "PROGRAM", conflicts_with = "in_process")]
    terminal: Option<PathBuf>,
    /// Adverse slippage of slaves' market orders, up to so many points.
    #[arg(long, value_name = "POINTS", default_value_t = 0)]
    slippage_points: u32,
    /// Seeds the slippage.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Args {
    fn terminals(&self) -> Terminals {
        match &self.terminal {
            Some(program) => Terminals::Program(program.clone()),
            None if self.in_process => Terminals::Threads,
            None => Terminals::Processes,
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let history = match &args.history {
        // Its text holds its causes already.
        Some(path) => history::read_file(path).map_err(|error| anyhow!("{error}"))?,
        None => history::read(SAMPLE).context("the bundled sample")?,
    };
    let name = args.history.as_ref().map_or("the bundled sample".into(), |path| path.display().to_string());
    let plan = Plan::new(history, &name, args.config.as_deref())?;
    if let Some(path) = &args.report {
        // Found out now rather than after the replay.
        std::fs::write(path, "").with_context(|| format!("cannot write the report {}", path.display()))?;
    }
    if let Some(path) = args.ledger.as_ref().filter(|path| path.exists()) {
        bail!("the ledger {} is there already", path.display());
    }
    let execution = Execution { seed: args.seed, slippage_points_max: args.slippage_points };
    let broker = Broker::new(&plan, execution)?;
    let mut progress = Progress::new(plan.steps.len());
    let (broker, gathered, restarts) =
        Replay::start(&plan, broker, args.terminals())?.play(args.pace, &mut progress)?;
    progress.finish();
    let name = format!("master-{}", plan.master.login);
    let records = Ledger::read(plan.folder.path(), &name)?;
    if let Some(path) = &args.ledger {
        Reader::open(&Ledger::path(plan.folder.path(), &name))?.copy_to(path)?;
    }
    let report = Report::new(&plan, &broker, records, &gathered.latencies_us)?;
    if let Some(path) = &args.report {
        let mut text = serde_json::to_string_pretty(&report)?;
        text.push('\n');
        std::fs::write(path, text).with_context(|| format!("cannot write the report {}", path.display()))?;
    }
    summary::print(&plan, &report, &gathered, restarts);
    match summary::problems(&report, &gathered).len() {
        0 => Ok(()),
        n => bail!("{n} problems, see above"),
    }
}
