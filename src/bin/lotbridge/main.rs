//! `lotbridge`: the main job and its siblings on the command line.

mod accounts;
mod allocate;
mod check;
mod doctor;
mod init;
mod install;
mod ledger;
mod market;
mod reference;
mod replay;
mod sizing;
mod table;

use clap::{Parser, Subcommand};

/// Replicates a MetaTrader 5 master's trades to its slaves, each in its size: LAMM and MAM allocation.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(replay::Args),
    Check(check::Args),
    Allocate(allocate::Args),
    Ledger(ledger::Args),
    Init(init::Args),
    Install(install::Args),
    Doctor(doctor::Args),
    /// Print the JSON Schema of the configuration: editors complete it.
    Schema,
    /// One terminal of a replay; started by `replay` itself.
    #[command(hide = true)]
    Terminal {
        /// The account.
        #[arg(long)]
        login: u64,
    },
}

fn main() -> std::process::ExitCode {
    let result = match Cli::parse().command {
        Command::Replay(args) => replay::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Allocate(args) => allocate::run(&args),
        Command::Ledger(args) => ledger::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Install(args) => install::run(&args),
        Command::Schema => schema(),
        Command::Terminal { login } => replay::run_as_process(login),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn schema() -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(&lotbridge::config::schema())?);
    Ok(())
}
