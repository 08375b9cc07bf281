//! `lotbridge install`: the library and the MQL5 programs into MetaTrader's data folders, and out again.

pub mod compile;
pub mod find;
pub mod manifest;
mod put;
mod remove;
pub mod shipped;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::table;
use compile::{Compiled, Editor};
use find::{Found, Terminal};
use manifest::{Manifest, hash_of, place, shown};
use put::{Act, Plan};
use shipped::Shipped;

/// Puts the library and the MQL5 programs into MetaTrader 5, and compiles them there.
///
/// Every terminal of this user is found by itself. It may be done again at any time: what is as it shall be is left
/// alone, an earlier release is replaced, what you have changed is kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lotbridge install --dry-run                          what is there, and what would be done
  lotbridge install                                    the one terminal of this user
  lotbridge install --all                              every terminal of this user
  lotbridge install --data-dir \"D:\\MT5 portable\"       a portable installation, or any data folder
  lotbridge install --data-dir ~/.mt5                  a Wine prefix: all terminals in it
  lotbridge install --uninstall --all                  take it out again

In the terminal, File > Open Data Folder shows its data folder. Into its MQL5 folder go Libraries/lotbridge.dll,
Experts/LotBridge, Include/LotBridge and Scripts/LotBridge; Libraries/lotbridge.installed.json says what was put there.
The configuration is never touched. Exit code: 0 when all is in place, 1 when something is left to do, 2 for a wrong
command line.")]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub struct Args {
    /// A data folder, a folder of several, a portable installation or a Wine prefix; may be given several times.
    #[arg(long, value_name = "FOLDER", conflicts_with = "all")]
    data_dir: Vec<PathBuf>,
    /// Every terminal that is found.
    #[arg(long)]
    all: bool,
    /// The library; without it, lotbridge.dll beside this program.
    #[arg(long, value_name = "FILE", conflicts_with = "uninstall")]
    library: Option<PathBuf>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Replace programs that were changed, too; yours are kept beside them as NAME.yours.
    #[arg(long, conflicts_with = "uninstall")]
    overwrite: bool,
    /// Take out what was put there and is unchanged.
    #[arg(long)]
    uninstall: bool,
    /// Wine, which runs MetaEditor on other systems than Windows.
    #[arg(long, value_name = "PROGRAM", default_value = "wine")]
    wine: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let found = find::terminals(&args.data_dir)?;
    let mut out = String::new();
    if args.dry_run {
        writeln!(out, "Nothing is changed: this is what would be done.")?;
    }
    for note in &found.notes {
        writeln!(out, "note: {note}")?;
    }
    if let Some(trouble) = unclear(args, &found) {
        list(&mut out, &found)?;
        table::print(&out)?;
        bail!("{trouble}");
    }
    let left = if args.uninstall { take_out(&mut out, args, &found) } else { put_in(&mut out, args, &found) };
    // What was done before an error is worth knowing.
    table::print(&out)?;
    match left? {
        0 => Ok(()),
        1 => bail!("1 thing is left to do, see above"),
        n => bail!("{n} things are left to do, see above"),
    }
}

/// Why it is not clear which terminals are meant.
fn unclear(args: &Args, found: &Found) -> Option<String> {
    if found.terminals.is_empty() {
        let places: Vec<String> = found.places.iter().map(|place| place.display().to_string()).collect();
        let places = if places.is_empty() { "nowhere to look".into() } else { places.join(", ") };
        return Some(format!(
            "no MetaTrader 5 was found ({places}). Start it once, or name its data folder with --data-dir: in the \
             terminal, File > Open Data Folder"
        ));
    }
    (found.terminals.len() > 1 && args.data_dir.is_empty() && !args.all).then(|| {
        "several terminals were found: --all takes them all, --data-dir FOLDER one of them (several times for several)"
            .into()
    })
}

fn list(out: &mut String, found: &Found) -> std::fmt::Result {
    for (at, terminal) in found.terminals.iter().enumerate() {
        title(out, at, terminal)?;
    }
    if found.terminals.is_empty() { Ok(()) } else { writeln!(out) }
}

fn title(out: &mut String, at: usize, terminal: &Terminal) -> std::fmt::Result {
    writeln!(out, "\n{}. {}", at + 1, terminal.data.display())?;
    match (&terminal.origin, &terminal.program) {
        (Some(origin), Some(_)) => writeln!(out, "   of the terminal in {origin}"),
        (Some(origin), None) => writeln!(out, "   of a terminal in {origin}, which is not there any more"),
        (None, Some(_)) => {
            writeln!(out, "   a portable installation (its terminal is started with /portable)")
        }
        (None, None) => writeln!(out, "   a data folder without origin.txt: of which terminal is not said"),
    }
}

fn put_in(out: &mut String, args: &Args, found: &Found) -> Result<usize> {
    let (path, library) = shipped::library(args.library.as_deref())?;
    writeln!(out, "LotBridge {}, {} of {} bytes", env!("CARGO_PKG_VERSION"), path.display(), library.len())?;
    let shipped = Shipped::all(library);
    let mut left = 0;
    for (at, terminal) in found.terminals.iter().enumerate() {
        title(out, at, terminal)?;
        let plan = Plan::new(&terminal.data, &shipped, args.overwrite)?;
        write_plan(out, &plan)?;
        left += plan.of(Act::Keep).count();
        if args.dry_run {
            match Editor::of(terminal, &args.wine) {
                Ok(_) => writeln!(out, "   compiled   by the terminal's own MetaEditor, where that is due")?,
                Err(why) => writeln!(out, "   TO DO      programs are compiled by hand, for {why}")?,
            }
            continue;
        }
        match plan.carry_out(&shipped) {
            Ok(manifest) => left += compile_all(out, terminal, manifest, &args.wine)?,
            Err(error) => {
                writeln!(out, "   FAILED     {error:#}")?;
                left += 1;
            }
        }
    }
    if args.dry_run {
        return Ok(0);
    }
    write_next(out, found)?;
    Ok(left)
}

fn write_plan(out: &mut String, plan: &Plan) -> std::fmt::Result {
    for (act, word, note) in [
        (Act::New, "new", ""),
        (Act::Update, "updated", ""),
        (Act::Overwrite, "replaced", " (yours is kept beside it as .yours)"),
        (Act::Remove, "removed", " (no part of this release)"),
        (Act::Keep, "KEPT", " (yours differs; --overwrite replaces it and keeps yours as .yours)"),
    ] {
        for path in plan.of(act) {
            writeln!(out, "   {word:<10} {}{note}", shown(path))?;
        }
    }
    match plan.of(Act::Same).count() {
        0 => Ok(()),
        1 => writeln!(out, "   unchanged  1 file"),
        n => writeln!(out, "   unchanged  {n} files"),
    }
}

/// Compiles what has to be compiled, with MetaEditor where it is there; how many programs are left. What the user has
/// compiled by hand counts as well.
fn compile_all(out: &mut String, terminal: &Terminal, mut manifest: Manifest, wine: &Path) -> Result<usize> {
    let due = compile::due(&terminal.data);
    for source in shipped::programs().filter(|source| !due.contains(source)) {
        let result = compile::result_of(&source);
        if let Some(hash) = hash_of(&place(&terminal.data, &result))? {
            manifest.files.insert(result, hash);
        }
    }
    if due.is_empty() {
        manifest.write(&terminal.data)?;
        return Ok(0);
    }
    let editor = match Editor::of(terminal, wine) {
        Ok(editor) => editor,
        Err(why) => {
            writeln!(out, "   TO DO      compile these (in the terminal F4, open each, F7), for {why}:")?;
            due.iter().try_for_each(|source| writeln!(out, "              {}", shown(source)))?;
            manifest.write(&terminal.data)?;
            return Ok(due.len());
        }
    };
    let mut left = 0;
    for source in due {
        let result = compile::result_of(&source);
        match editor.compile(terminal, &source)? {
            Compiled::Done { warnings } => {
                writeln!(out, "   compiled   {}", shown(&result))?;
                warnings.iter().try_for_each(|line| writeln!(out, "              {line}"))?;
                if let Some(hash) = hash_of(&place(&terminal.data, &result))? {
                    manifest.files.insert(result, hash);
                }
            }
            Compiled::Failed(why) => {
                left += 1;
                writeln!(out, "   FAILED     {} was not compiled:", shown(&source))?;
                why.iter().try_for_each(|line| writeln!(out, "              {line}"))?;
            }
        }
    }
    manifest.write(&terminal.data)?;
    Ok(left)
}

/// What a new user does next.
fn write_next(out: &mut String, found: &Found) -> std::fmt::Result {
    writeln!(out, "\nNext:")?;
    let mut places: Vec<PathBuf> = found.terminals.iter().filter_map(Terminal::configuration).collect();
    places.sort();
    places.dedup();
    for place in places {
        if place.is_file() {
            writeln!(out, "- The configuration is {}; it was not touched.", place.display())?;
        } else {
            writeln!(
                out,
                "- There is no configuration yet: `lotbridge init --output \"{}\"` asks and writes one.",
                place.display()
            )?;
        }
    }
    writeln!(out, "- In each terminal: Tools > Options > Expert Advisors, tick \"Allow DLL imports\".")?;
    writeln!(
        out,
        "- Drag LotBridgeMaster (on the master) or LotBridgeSlave (on each slave) from the Navigator onto one chart, and \
         switch on \"Algo Trading\". A program that runs already is taken off and put on again."
    )?;
    writeln!(out, "- `lotbridge doctor` says whether all works.")
}

fn take_out(out: &mut String, args: &Args, found: &Found) -> Result<usize> {
    let mut left = 0;
    for (at, terminal) in found.terminals.iter().enumerate() {
        title(out, at, terminal)?;
        match remove::remove(&terminal.data, args.dry_run) {
            Ok(None) => writeln!(out, "   nothing was installed here")?,
            Ok(Some(removal)) => {
                let word = if args.dry_run { "to remove" } else { "removed" };
                removal.removed.iter().try_for_each(|path| writeln!(out, "   {word:<10} {}", shown(path)))?;
                removal.kept.iter().try_for_each(|path| {
                    writeln!(out, "   KEPT       {} (changed since it was installed)", shown(path))
                })?;
            }
            Err(error) => {
                writeln!(out, "   FAILED     {error:#}")?;
                left += 1;
            }
        }
    }
    writeln!(out, "\nConfiguration, ledgers and guards are kept: they are yours.")?;
    Ok(left)
}
