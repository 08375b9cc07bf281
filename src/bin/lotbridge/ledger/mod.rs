//! `lotbridge ledger`: what was decided, done and why; for the manager, for auditors, for investors.

mod export;
mod place;
mod show;
mod tail;
mod verify;
mod words;

use anyhow::Result;
use clap::Subcommand;

/// Reads a master's ledger: checks it, exports it, follows it, tells one copy's story.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge ledger verify                            the one ledger of this user
  lotbridge ledger verify --config pools.json        the ledger of this configuration's master
  lotbridge ledger verify master-1001.db             a file, as an investor was handed it
  lotbridge ledger tail -f --config pools.json
  lotbridge ledger show 250:123456 --login 2001
  lotbridge ledger export --table reports --format csv --output reports.csv
A ledger is one SQLite file, master-LOGIN.db, in master.state_dir of the configuration. Any SQLite tool can read it; its
views have the names of export's tables. It may be read while its master trades.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Args),
    Export(export::Args),
    Tail(tail::Args),
    Show(show::Args),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    match &args.command {
        Command::Verify(args) => verify::run(args),
        Command::Export(args) => export::run(args),
        Command::Tail(args) => tail::run(args),
        Command::Show(args) => show::run(args),
    }
}
