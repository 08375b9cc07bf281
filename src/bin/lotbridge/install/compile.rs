//! MetaEditor, the terminal's own compiler, run without its window.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};

use super::find::{Terminal, text};
use super::manifest::place;
use super::shipped;

/// What it logs, from the data folder.
const LOG: &str = "MQL5/Libraries/lotbridge.compile.log";
/// It takes seconds; one that shows a window and waits for somebody is given up.
const COMPILES_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What became of a program.
#[derive(Debug, PartialEq, Eq)]
pub enum Compiled {
    /// There is an `.ex5`.
    Done {
        /// What MetaEditor warned of.
        warnings: Vec<String>,
    },
    /// There is none, and why.
    Failed(Vec<String>),
}

/// The programs of a data folder that are not compiled, or were before one of the files that came after.
pub fn due(data: &Path) -> Vec<String> {
    let sources = shipped::FILES.iter().map(|(path, _)| format!("MQL5/{path}"));
    let last = sources.filter_map(|path| written_at(&place(data, &path))).max();
    shipped::programs()
        .filter(|source| written_at(&place(data, &result_of(source))).is_none_or(|at| Some(at) < last))
        .collect()
}

/// What a program is compiled to.
pub fn result_of(source: &str) -> String {
    source.replace(".mq5", ".ex5")
}

/// How this program runs the terminal's.
#[derive(Debug)]
pub struct Editor {
    program: PathBuf,
    /// Wine, on other systems than Windows.
    wine: Option<PathBuf>,
}

impl Editor {
    /// The terminal's own; or why it cannot be run from here.
    pub fn of(terminal: &Terminal, wine: &Path) -> Result<Self, String> {
        let Some(program) = terminal.meta_editor() else {
            let place = terminal.origin.clone().unwrap_or_else(|| terminal.data.display().to_string());
            return Err(format!("there is no metaeditor64.exe in {place}"));
        };
        let wine = (!cfg!(windows)).then(|| wine.to_owned());
        if let Some(wine) = wine.as_ref().filter(|wine| !is_there(wine)) {
            return Err(format!("MetaEditor runs under Wine, and {} is not here", wine.display()));
        }
        Ok(Self { program, wine })
    }

    /// Compiles one program of a data folder.
    ///
    /// # Errors
    /// It cannot be started or watched; what is wrong with the program is no error here.
    pub fn compile(&self, terminal: &Terminal, source: &str) -> Result<Compiled> {
        let log = place(&terminal.data, LOG);
        remove(&log)?;
        let result = place(&terminal.data, &result_of(source));
        let before = written_at(&result);
        if let Some(trouble) = self.run(terminal, source)? {
            remove(&log)?;
            return Ok(Compiled::Failed(vec![trouble]));
        }
        let said = match fs::read(&log) {
            Ok(bytes) => text(&bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let text = "MetaEditor wrote no log: close it if it is open, then install again";
                return Ok(Compiled::Failed(vec![text.into()]));
            }
            Err(error) => return Err(error).with_context(|| log.display().to_string()),
        };
        remove(&log)?;
        let fresh = written_at(&result).is_some_and(|at| Some(at) != before);
        Ok(judged(&said, fresh))
    }

    /// Runs it to its end; what kept it from that.
    fn run(&self, terminal: &Terminal, source: &str) -> Result<Option<String>> {
        let path = |inside: &str| terminal.windows_path(&place(&terminal.data, inside));
        let options = [("compile", path(source)), ("include", path("MQL5")), ("log", path(LOG))];
        let mut command = match &self.wine {
            None => Command::new(&self.program),
            Some(wine) => {
                let mut command = Command::new(wine);
                command.arg(&self.program).envs(terminal.prefix.iter().map(|prefix| ("WINEPREFIX", prefix)));
                command
            }
        };
        for (name, value) in &options {
            option(&mut command, name, value);
        }
        if terminal.is_portable() {
            command.arg("/portable");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let until = Instant::now() + COMPILES_WITHIN;
        // Its exit code says nothing: it is 1 after a success, too. The log does.
        while child.try_wait().context("MetaEditor")?.is_none() {
            if Instant::now() >= until {
                child.kill().context("MetaEditor")?;
                child.wait().context("MetaEditor")?;
                let most = COMPILES_WITHIN.as_secs();
                return Ok(Some(format!("MetaEditor did not end within {most} seconds")));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(None)
    }
}

/// `/name:"value"`, with the quotation marks where MetaEditor wants them.
#[cfg(windows)]
fn option(command: &mut Command, name: &str, value: &str) {
    std::os::windows::process::CommandExt::raw_arg(command, format!("/{name}:\"{value}\""));
}

/// `/name:value`; Wine puts quotation marks about the whole where there are blanks in it.
#[cfg(not(windows))]
fn option(command: &mut Command, name: &str, value: &str) {
    command.arg(format!("/{name}:{value}"));
}

/// What a log says: `FILE(LINE,COLUMN) : error NUMBER: TEXT`, and at the end `Result: 0 errors, 0 warnings, …`.
fn judged(log: &str, fresh: bool) -> Compiled {
    let of = |kind: &str| -> Vec<String> {
        log.lines().filter(|line| line.contains(kind)).map(|line| line.trim().to_owned()).collect()
    };
    let result = log.lines().rev().find_map(|line| line.trim().strip_prefix("Result:"));
    let errors = result
        .and_then(|result| result.split_whitespace().next().and_then(|count| count.parse::<u64>().ok()));
    match errors {
        Some(0) if fresh => Compiled::Done { warnings: of(": warning") },
        Some(0) => Compiled::Failed(vec!["MetaEditor found no errors, and wrote no program".into()]),
        Some(_) => Compiled::Failed(of(": error")),
        None => Compiled::Failed(
            std::iter::once("MetaEditor's log ends without a result".to_owned())
                .chain(log.lines().rev().take(3).map(|line| line.trim().to_owned()))
                .collect(),
        ),
    }
}

fn written_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// Is a program there, by its path or in one of the folders for programs?
fn is_there(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_as_metaeditor_writes_it() {
        let good = "C:\\A.mq5 : information: compiling 'A.mq5'\r\n\
                    C:\\A.mq5(7,3) : warning 43: possible loss of data\r\n\
                    Result: 0 errors, 1 warnings, 421 ms elapsed, cpu='X64 Regular'\r\n";
        let warnings = vec!["C:\\A.mq5(7,3) : warning 43: possible loss of data".to_owned()];
        assert_eq!(judged(good, true), Compiled::Done { warnings });
        assert!(matches!(judged(good, false), Compiled::Failed(why) if why[0].contains("no program")));
        let bad = "C:\\A.mq5(9,1) : error 256: undeclared identifier\r\nResult: 1 errors, 0 warnings\r\n";
        let why = vec!["C:\\A.mq5(9,1) : error 256: undeclared identifier".to_owned()];
        assert_eq!(judged(bad, true), Compiled::Failed(why));
        assert!(matches!(judged("", true), Compiled::Failed(why) if why[0].contains("without a result")));
        assert!(matches!(judged("Result: 10 errors, 0 warnings", true), Compiled::Failed(_)));
    }
}
