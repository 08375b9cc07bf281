//! `lotbridge init`: a first configuration, asked for or from options.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use lotbridge::config::Setup;
use lotbridge::domain::Lots;
use serde_json::json;

use crate::install::find;
use crate::{sizing, table};

/// Random bytes of the secret: more than anybody can guess.
const SECRET_BYTES: usize = 32;

/// Writes a first configuration: one master, its slaves, one pool. It asks for what is not given as an option.
///
/// The file holds a secret of its own, random, and only you may read it. `lotbridge check` accepts it; pools, limits,
/// guards and symbol names are added in any editor (`lotbridge schema` helps it to complete them).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge init                                     asks
  lotbridge init --master 1001 --currency USD --slave 2001 --slave 2002 --method equity_ratio --output lotbridge.json
  lotbridge init --master 1001 --currency EUR --slave 2001 --method fixed_lots --lots 0.02 --output lotbridge.json

On Windows it is written where the MQL5 programs look by themselves: LotBridge\\lotbridge.json in the folder Files that all
terminals share. A file that is there is never overwritten.")]
pub struct Args {
    /// The master account's number.
    #[arg(long, value_name = "LOGIN")]
    master: Option<u64>,
    /// The master account's currency.
    #[arg(long)]
    currency: Option<String>,
    /// A slave account's number; may be given several times.
    #[arg(long, value_name = "LOGIN")]
    slave: Vec<u64>,
    /// How the slaves' lots follow from the master's.
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// For `fixed_lots`: each slave's lots for each trade.
    #[arg(long, value_parser = sizing::parse_lots, allow_negative_numbers = true)]
    lots: Option<Lots>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The methods to begin with; the others need more than a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Method {
    /// The master's lots by the slave's equity over the master's
    EquityRatio,
    /// The same lots as the master
    Multiplier,
    /// So many lots for each trade, whatever the master's are
    FixedLots,
    /// The master's lots, shared out among the slaves by equity
    Block,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let output = output(args)?;
    if output.exists() {
        bail!(
            "{} is there already and is left as it is: edit it, or name another file with --output",
            output.display()
        );
    }
    let mut questions = Questions { input: io::stdin().lock() };
    let answers = Answers::new(args, &mut questions)?;
    let text = answers.text()?;
    // What this program writes it has to accept; an account twice, or a currency that is none, is said here.
    Setup::parse(&text).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    write_private(&output, &text).with_context(|| output.display().to_string())?;
    table::print(&report(&output, &answers)?)
}

fn report(output: &Path, answers: &Answers) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let name = output.display();
    let private = if cfg!(unix) { "only you may read it" } else { "keep it in your own folders" };
    writeln!(out, "{name} is written; {private}, for it holds the secret of your terminals.")?;
    writeln!(out, "\nNext:")?;
    writeln!(
        out,
        "- `lotbridge check --config \"{name}\"` shows what one master lot would become on every account. It takes \
         10,000.00 in each; put the real ones into replay.terminals."
    )?;
    writeln!(
        out,
        "- `lotbridge replay --config \"{name}\"` shows what each slave would have got of a history."
    )?;
    writeln!(
        out,
        "- `lotbridge install` puts the programs into MetaTrader; `lotbridge doctor` says whether all works."
    )?;
    if Some(output) != usual_place().as_deref() {
        writeln!(
            out,
            "- The programs look for LotBridge\\lotbridge.json in the folder Files that all terminals share. Put it there, \
             or give its whole path as their input \"Configuration\"."
        )?;
    }
    if answers.method == Method::Multiplier {
        writeln!(
            out,
            "- Every slave takes the master's full lots: give smaller accounts a \"profile\", such as \"0.5\"."
        )?;
    }
    Ok(out)
}

fn output(args: &Args) -> Result<PathBuf> {
    match args.output.clone().or_else(usual_place) {
        Some(output) => Ok(output),
        None => Ok(std::env::current_dir().context("where am I?")?.join("lotbridge.json")),
    }
}

/// Where the MQL5 programs look, when that is known: on Windows.
fn usual_place() -> Option<PathBuf> {
    if cfg!(windows) { find::shared_configuration() } else { None }
}

struct Answers {
    master: u64,
    currency: String,
    slaves: Vec<u64>,
    method: Method,
    lots: Option<Lots>,
}

impl Answers {
    fn new(args: &Args, questions: &mut Questions<impl BufRead>) -> Result<Self> {
        let master = match args.master {
            Some(master) => master,
            None => questions.ask("--master", "Master account's number", login)?,
        };
        let currency = match &args.currency {
            Some(currency) => currency.to_uppercase(),
            None => questions.ask("--currency", "Its currency, such as USD", currency)?,
        };
        let slaves = match args.slave.as_slice() {
            [] => questions.ask("--slave", "Slave accounts' numbers, with blanks between them", logins)?,
            given => given.to_vec(),
        };
        let method = if let Some(method) = args.method {
            method
        } else {
            for method in Method::value_variants().iter().filter_map(Method::to_possible_value) {
                let help = method.get_help().map(ToString::to_string).unwrap_or_default();
                eprintln!("  {:<13} {help}", method.get_name());
            }
            questions.ask("--method", "Method", |text| Method::from_str(text, true))?
        };
        let lots = match (method, args.lots) {
            (Method::FixedLots, None) => {
                Some(questions.ask("--lots", "Lots for each trade, such as 0.02", sizing::parse_lots)?)
            }
            (Method::FixedLots, lots) => lots,
            (_, None) => None,
            (_, Some(_)) => bail!("--lots belongs to --method fixed_lots"),
        };
        Ok(Self { master, currency, slaves, method, lots })
    }

    /// The configuration, in the order in which people read it.
    fn text(&self) -> Result<String> {
        let (name, allocation) = match self.method {
            Method::EquityRatio => ("equity", json!({"method": "equity_ratio"})),
            Method::Multiplier => ("multiplier", json!({"method": "multiplier"})),
            Method::FixedLots => ("lamm", json!({"method": "fixed_lots", "per": "trade"})),
            Method::Block => ("block", json!({"method": "block", "by": "equity", "residual": "carry"})),
        };
        let lots = self.lots.map(|lots| lots.to_string());
        let member = |login: &u64| match &lots {
            Some(lots) => format!("        {{\"login\": {login}, \"lots\": \"{lots}\"}}"),
            None => format!("        {{\"login\": {login}}}"),
        };
        let members: Vec<String> = self.slaves.iter().map(member).collect();
        let (currency, secret) = (json!(self.currency), json!(secret()?));
        Ok(format!(
            r#"{{
  "master": {{"login": {}, "currency": {currency}}},
  "secret": {secret},
  "pools": [
    {{
      "name": "{name}",
      "allocation": {allocation},
      "members": [
{}
      ]
    }}
  ]
}}
"#,
            self.master,
            members.join(",\n")
        ))
    }
}

/// Asks on the terminal's own lines.
struct Questions<R> {
    input: R,
}

impl<R: BufRead> Questions<R> {
    /// Asks until the answer makes sense.
    fn ask<T>(
        &mut self,
        option: &str,
        question: &str,
        understood: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        loop {
            eprint!("{question}: ");
            io::stderr().flush()?;
            let mut line = String::new();
            if self.input.read_line(&mut line).context("cannot read an answer")? == 0 {
                bail!("no answer to \"{question}\": give {option}");
            }
            match understood(line.trim()) {
                Ok(answer) => return Ok(answer),
                // Nobody is there to answer better.
                Err(why) if !io::stdin().is_terminal() => bail!("\"{}\": {why}", line.trim()),
                Err(why) => eprintln!("  {why}"),
            }
        }
    }
}

fn login(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|login| *login > 0).ok_or_else(|| "an account's number, such as 1001".into())
}

fn logins(text: &str) -> Result<Vec<u64>, String> {
    let numbers = text.split([' ', ',', ';', '\t']).filter(|part| !part.is_empty());
    let found: Vec<u64> = numbers.map(login).collect::<Result<_, _>>()?;
    if found.is_empty() { Err("one account's number at least".into()) } else { Ok(found) }
}

fn currency(text: &str) -> Result<String, String> {
    let text = text.to_uppercase();
    let is_code = text.len() == 3 && text.chars().all(|c| c.is_ascii_alphabetic());
    if is_code { Ok(text) } else { Err("three letters, such as USD".into()) }
}

/// Random, in hexadecimal digits.
fn secret() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).context("no random bytes for the secret")?;
    Ok(table::hex(&bytes))
}

/// A new file that nobody else may read: by its mode, on Windows by the folder of the user's that it is in.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(file);
        // Half a configuration would stand in the next try's way.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    written
}
