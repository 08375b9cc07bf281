//! A broker for a test: accounts on headless terminals, and the processes in which the programs run on them.

#[path = "desk/orders.rs"]
mod orders;
#[path = "desk/outage.rs"]
mod outage;
#[path = "desk/panel.rs"]
mod panel;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use lotbridge::domain::{Instrument, Lots, OrderRequest, OrderResult, ServerTime, Snapshot, TradeRules};
use lotbridge::terminal::{Terminal, TerminalSettings};
use serde_json::{Value, json};

use crate::accounts::{MASTER, account, followers, gold};
use crate::compile::{self, programs};
use crate::host::{Particular, Setting, VARIABLE};
use crate::wire::{FromTerminal, ToTerminal};

pub use orders::open;

/// A server's Thursday.
const START_MS: i64 = 1_760_000_000_000;
/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

struct Process {
    child: Child,
    stdin: ChildStdin,
    start: u32,
}

enum Word {
    Said(FromTerminal),
    Gone,
}

/// The broker.
pub struct Desk {
    pub folder: tempfile::TempDir,
    config: String,
    setting: Setting,
    pub accounts: BTreeMap<u64, Terminal>,
    processes: BTreeMap<u64, Process>,
    starts: u32,
    sender: Sender<(u64, u32, Word)>,
    inbox: Receiver<(u64, u32, Word)>,
    pub now: ServerTime,
    step: u64,
    /// Every order that a slave sent, and its answer.
    pub orders: Vec<(u64, OrderRequest, OrderResult)>,
    /// Microseconds from the master's commit to `OrderSend`.
    pub ages_us: Vec<u64>,
    pub said: Vec<(u64, String)>,
    /// Terminals with another account than their own.
    logged_in: BTreeMap<u64, u64>,
    /// What a terminal shows whose lists lag behind.
    old: BTreeMap<u64, Snapshot>,
}

impl Desk {
    /// A master, and slaves that follow it by this configuration; the sockets and records are put into its own folder.
    pub fn new(mut config: Value, particulars: BTreeMap<u64, Particular>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        config["master"]["endpoint_dir"] = json!(folder.path().join("sockets"));
        config["master"]["state_dir"] = json!(folder.path());
        let (master, slave) = programs().clone();
        let setting = Setting {
            library: compile::library(),
            master,
            slave,
            folder: folder.path().to_owned(),
            terminals: particulars,
        };
        std::fs::write(folder.path().join("host.json"), serde_json::to_vec(&setting).unwrap()).unwrap();
        let (sender, inbox) = channel();
        Self {
            folder,
            config: config.to_string(),
            setting,
            accounts: BTreeMap::new(),
            processes: BTreeMap::new(),
            starts: 0,
            sender,
            inbox,
            now: ServerTime(START_MS),
            step: 0,
            orders: Vec::new(),
            ages_us: Vec::new(),
            said: Vec::new(),
            logged_in: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }

    /// Opens an account with one symbol.
    pub fn open(&mut self, settings: TerminalSettings, instrument: Instrument) {
        let login = settings.login.0;
        let mut terminal = Terminal::new(settings).unwrap();
        terminal.add_instrument(instrument).unwrap();
        self.accounts.insert(login, terminal);
    }

    /// Starts a terminal's process, or starts it again.
    pub fn start(&mut self, login: u64) {
        self.starts += 1;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["terminal", "--login", &login.to_string()])
            .env(VARIABLE, self.setting.folder.join("host.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut first = serde_json::to_vec(&self.config).unwrap();
        first.push(b'\n');
        stdin.write_all(&first).unwrap();
        let (sender, start) = (self.sender.clone(), self.starts);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Some(message) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else {
                    break;
                };
                let _ = sender.send((login, start, Word::Said(message)));
            }
            let _ = sender.send((login, start, Word::Gone));
        });
        self.processes.insert(login, Process { child, stdin, start });
        self.show(login);
    }

    /// Kills a terminal's process: no goodbye.
    pub fn kill(&mut self, login: u64) {
        let mut process = self.processes.remove(&login).unwrap();
        process.child.kill().unwrap();
        process.child.wait().unwrap();
    }

    pub fn start_all(&mut self) {
        for login in self.accounts.keys().copied().collect::<Vec<_>>() {
            self.start(login);
        }
    }

    fn tell(&mut self, login: u64, message: &ToTerminal) {
        let Some(process) = self.processes.get_mut(&login) else { return };
        let mut line = serde_json::to_vec(message).unwrap();
        line.push(b'\n');
        // One that is gone is noticed by its silence.
        let _ = process.stdin.write_all(&line);
    }

    /// Shows a terminal its account.
    pub fn show(&mut self, login: u64) {
        let snapshot = self.shown(login);
        let step = self.step;
        self.tell(login, &ToTerminal::State { step, snapshot });
    }

    pub fn show_all(&mut self) {
        for login in self.processes.keys().copied().collect::<Vec<_>>() {
            self.show(login);
        }
    }

    /// A second passes, and every account's symbols are quoted so.
    pub fn quote(&mut self, bid: &str, ask: &str) {
        self.now = ServerTime(self.now.0 + 1000);
        let (bid, ask) = (bid.parse().unwrap(), ask.parse().unwrap());
        for terminal in self.accounts.values_mut() {
            let symbols = terminal.snapshot(ServerTime(0)).instruments;
            for symbol in symbols {
                terminal.quote(self.now, &symbol.symbol, bid, ask).unwrap();
            }
        }
        self.show_all();
    }

    /// Waits until the master says that every copy is where it shall be.
    pub fn settle(&mut self) {
        self.step += 1;
        self.show(MASTER);
        let step = self.step;
        self.tell(MASTER, &ToTerminal::Settle { step });
        self.hear(
            |message| matches!(message, FromTerminal::Settled { step: settled, .. } if *settled == step),
        );
    }

    /// Waits until the master has confirmed the present state of every slave that runs.
    pub fn seen(&mut self) {
        self.step += 1;
        let slaves: Vec<u64> = self.processes.keys().copied().filter(|login| *login != MASTER).collect();
        for login in &slaves {
            self.show(*login);
        }
        let (step, mut left) = (self.step, slaves.len());
        self.hear(|message| {
            left -= usize::from(matches!(message, FromTerminal::Seen { step: seen } if *seen == step));
            left == 0
        });
    }

    /// Serves the terminals until this is said.
    pub fn hear(&mut self, mut until: impl FnMut(&FromTerminal) -> bool) {
        let began = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let Ok((login, start, word)) = self.inbox.recv_timeout(left) else {
                panic!("nothing for {PATIENCE:?}; orders: {:#?}\nsaid: {:#?}", self.orders, self.said);
            };
            if self.processes.get(&login).is_none_or(|process| process.start != start) {
                continue;
            }
            match word {
                Word::Gone => panic!("terminal {login} died; said: {:#?}", self.said),
                Word::Said(message) => {
                    self.serve(login, &message);
                    if until(&message) {
                        return;
                    }
                }
            }
        }
    }

    /// Waits until so many orders have been sent in all.
    pub fn hear_orders(&mut self, count: usize) {
        while self.orders.len() < count {
            self.hear(|message| matches!(message, FromTerminal::Order { .. }));
        }
    }

    /// Why a terminal gives up.
    pub fn failure(&mut self, login: u64) -> String {
        loop {
            match self.inbox.recv_timeout(PATIENCE).unwrap() {
                (from, _, Word::Said(FromTerminal::Failed { text })) if from == login => {
                    self.processes.remove(&login).unwrap().child.wait().unwrap();
                    return text;
                }
                (from, _, Word::Gone) if from == login => panic!("terminal {login} died without a word"),
                _ => {}
            }
        }
    }

    fn serve(&mut self, login: u64, message: &FromTerminal) {
        match message {
            FromTerminal::Order { request, age_us } => {
                let now = self.now;
                let login_there = self.logged_in.get(&login).copied().unwrap_or(login);
                let account = self.accounts.get_mut(&login_there).unwrap();
                let result = account.order_send(now, request).result;
                self.ages_us.push(*age_us);
                self.orders.push((login, request.clone(), result));
                let snapshot = self.shown(login);
                self.tell(login, &ToTerminal::Answer { result, snapshot });
            }
            FromTerminal::Alert { text } => self.said.push((login, text.clone())),
            FromTerminal::Failed { text } => panic!("terminal {login} gave up: {text}"),
            _ => {}
        }
    }

    /// Ends a terminal's program for this reason and starts it again, without ending its process.
    pub fn restart_program(&mut self, login: u64, reason: &str) {
        let file = self.folder.path().join(format!("deinit-{login}"));
        // All of it at once: the terminal may look at any moment.
        let beside = file.with_extension("new");
        std::fs::write(&beside, reason).unwrap();
        std::fs::rename(&beside, &file).unwrap();
        self.taken(&file, &format!("the program of {login} does not end"));
    }

    /// Serves the terminals until one of them has taken this file away; `else_what` went wrong when none does.
    pub fn taken(&mut self, file: &Path, else_what: &str) {
        let began = Instant::now();
        while file.exists() {
            self.serve_for(Duration::from_millis(1));
            assert!(began.elapsed() < PATIENCE, "{else_what}");
        }
    }

    /// Another account is logged in to this terminal.
    pub fn log_in(&mut self, terminal: u64, account: u64) {
        self.logged_in.insert(terminal, account);
        self.show(terminal);
    }

    /// Serves the terminals for so long, whatever comes.
    pub fn rest(&mut self, span: Duration) {
        let until = Instant::now() + span;
        while Instant::now() < until {
            self.serve_for(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Serves the terminals until nothing has come for so long.
    fn serve_for(&mut self, span: Duration) {
        while let Ok((from, start, word)) = self.inbox.recv_timeout(span) {
            if self.processes.get(&from).is_some_and(|process| process.start == start)
                && let Word::Said(message) = word
            {
                self.serve(from, &message);
            }
        }
    }

    /// The lots of each open position of an account.
    pub fn lots(&self, login: u64) -> Vec<String> {
        let open = self.accounts[&login].positions();
        open.map(|open| {
            format!("{} {} {}", open.position.side, open.position.symbol, two(open.position.lots))
        })
        .collect()
    }

    /// The end: every program has to leave in time.
    pub fn finish(mut self) {
        for login in self.processes.keys().copied().collect::<Vec<_>>() {
            self.tell(login, &ToTerminal::Finish);
        }
        for (login, mut process) in std::mem::take(&mut self.processes) {
            drop(process.stdin);
            let status = process.child.wait().unwrap();
            assert!(status.success(), "terminal {login}: {status}");
        }
    }
}

fn two(lots: Lots) -> String {
    format!("{:.2}", lots.to_decimal())
}

impl Drop for Desk {
    fn drop(&mut self) {
        for process in self.processes.values_mut() {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

/// A master and one slave, connected, gold at 4562.10 / 4562.44.
pub fn pair(settings: TerminalSettings, rules: TradeRules, particular: Particular) -> Desk {
    let mut desk = Desk::new(followers(&[2001]), [(2001, particular)].into());
    desk.open(account(MASTER), gold("XAUUSD", TradeRules::default()));
    desk.open(settings, gold("XAUUSD", rules));
    desk.quote("4562.10", "4562.44");
    desk.start_all();
    desk.seen();
    desk
}

pub fn usual() -> Desk {
    pair(account(2001), TradeRules::default(), Particular::default())
}
