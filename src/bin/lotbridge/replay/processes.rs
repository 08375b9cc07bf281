//! The terminals of a replay, started and watched: one process each, or one thread each with `--in-process`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::terminal;
use super::wire::{FromTerminal, ToTerminal};

/// A terminal that dies more often than this is not started again.
const RESTARTS_MOST: u32 = 100;

/// Where the terminals run.
pub enum Terminals {
    /// In threads of this process.
    Threads,
    /// In processes of this program's own.
    Processes,
    /// In processes of another program, which takes the same arguments and messages.
    Program(PathBuf),
}

/// What a terminal does.
pub enum Word {
    /// It says something.
    Said(FromTerminal),
    /// It is gone.
    Gone,
}

enum Line {
    Process { child: Child, stdin: ChildStdin },
    Thread(Sender<ToTerminal>),
}

struct Running {
    line: Line,
    /// Tells words of this start from those of an earlier one.
    start: u32,
}

/// All terminals of a replay.
pub struct Processes {
    config: String,
    terminals: Terminals,
    running: BTreeMap<u64, Running>,
    starts: BTreeMap<u64, u32>,
    sender: Sender<(u64, u32, Word)>,
    inbox: Receiver<(u64, u32, Word)>,
}

impl Processes {
    /// No terminal yet; each will get this configuration.
    pub fn new(config: String, terminals: Terminals) -> Self {
        let (sender, inbox) = channel();
        Self { config, terminals, running: BTreeMap::new(), starts: BTreeMap::new(), sender, inbox }
    }

    /// How often terminals had to be started again.
    pub fn restarts(&self) -> u32 {
        self.starts.values().map(|starts| starts - 1).sum()
    }

    /// Starts a terminal, or starts it again.
    pub fn start(&mut self, login: u64) -> Result<()> {
        let start = self.starts.entry(login).or_insert(0);
        *start += 1;
        let start = *start;
        if start > RESTARTS_MOST {
            bail!("terminal {login} died {RESTARTS_MOST} times: giving up");
        }
        let line = match &self.terminals {
            Terminals::Threads => self.start_thread(login, start)?,
            Terminals::Processes => {
                let program = std::env::current_exe().context("where is this program?")?;
                self.start_process(&program, login, start)?
            }
            Terminals::Program(program) => self.start_process(program, login, start)?,
        };
        self.running.insert(login, Running { line, start });
        Ok(())
    }

    fn start_process(&self, program: &Path, login: u64, start: u32) -> Result<Line> {
        let mut child = Command::new(program)
            .args(["terminal", "--login", &login.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the terminal of account {login}"))?;
        let mut stdin = child.stdin.take().context("a terminal without stdin")?;
        let stdout = child.stdout.take().context("a terminal without stdout")?;
        // The configuration holds the secret: it goes where no process list shows it.
        let mut first = serde_json::to_vec(&self.config)?;
        first.push(b'\n');
        // A terminal that is gone already is noticed by its silence.
        let _ = stdin.write_all(&first);
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(message) =
                    line.map_err(drop).and_then(|line| serde_json::from_str(&line).map_err(drop))
                else {
                    break;
                };
                if sender.send((login, start, Word::Said(message))).is_err() {
                    return;
                }
            }
            // The command may be at its end already: then nobody needs to know.
            let _ = sender.send((login, start, Word::Gone));
        });
        Ok(Line::Process { child, stdin })
    }

    fn start_thread(&self, login: u64, start: u32) -> Result<Line> {
        let (to, inbox) = channel();
        let (sender, config) = (self.sender.clone(), self.config.clone());
        std::thread::Builder::new().name(format!("terminal-{login}")).spawn(move || {
            let mut say =
                |message| sender.send((login, start, Word::Said(message))).context("the replay is over");
            // A failure has been said already; the end is told below.
            let _ = terminal::run(login, &config, &inbox, &mut say);
            let _ = sender.send((login, start, Word::Gone));
        })?;
        Ok(Line::Thread(to))
    }

    /// Tells a terminal something. One that is gone is not told: it is noticed by [`Self::next`].
    pub fn tell(&mut self, login: u64, message: ToTerminal) -> Result<()> {
        let Some(running) = self.running.get_mut(&login) else { return Ok(()) };
        match &mut running.line {
            Line::Process { stdin, .. } => {
                let mut line = serde_json::to_vec(&message)?;
                line.push(b'\n');
                let _ = stdin.write_all(&line);
            }
            Line::Thread(sender) => {
                let _ = sender.send(message);
            }
        }
        Ok(())
    }

    /// The next word of any terminal, waiting for it at most so long.
    pub fn next(&mut self, wait: Duration) -> Option<(u64, Word)> {
        loop {
            let (login, start, word) = self.inbox.recv_timeout(wait).ok()?;
            // The last words of a terminal that was started again meanwhile count no more.
            if self.running.get(&login).is_some_and(|running| running.start == start) {
                return Some((login, word));
            }
        }
    }

    /// Ends all terminals, and waits for the processes.
    pub fn finish(&mut self) -> Result<()> {
        for login in self.running.keys().copied().collect::<Vec<_>>() {
            self.tell(login, ToTerminal::Finish)?;
        }
        for running in std::mem::take(&mut self.running).into_values() {
            if let Line::Process { mut child, stdin } = running.line {
                drop(stdin);
                child.wait()?;
            }
        }
        Ok(())
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // After an error: no terminal may outlive the command.
        for running in self.running.values_mut() {
            if let Line::Process { child, .. } = &mut running.line {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}
