//! Plays a history: the market moves, the master trades, the slaves follow.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lotbridge::domain::{Login, ServerTime};

use super::broker::Broker;
use super::plan::Plan;
use super::processes::{Processes, Terminals, Word};
use super::progress::Progress;
use super::wire::{FromTerminal, ToTerminal};

/// How fast the history is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Pace {
    /// Each step waits until every slave has settled: the same history gives the same result.
    Settled,
    /// As fast as possible: what a burst of trades does.
    Fast,
}

/// When nothing moves for so long while it is waited for, the replay has failed.
const SILENCE: Duration = Duration::from_secs(60);

/// What a replay gathers on its way.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Microseconds from the master's commit to the slave's order, each.
    pub latencies_us: Vec<u64>,
    /// What the terminals had to say.
    pub alerts: Vec<String>,
    /// Defects that the hub counted.
    pub impossible: u32,
    /// Copies in doubt at the end.
    pub in_doubt: u32,
}

/// A replay under way.
pub struct Replay<'a> {
    plan: &'a Plan,
    broker: Broker,
    processes: Processes,
    gathered: Gathered,
    step: u64,
    /// Slaves whose state of this step the master has not confirmed.
    unseen: BTreeSet<u64>,
    /// The master has not said that this step has settled.
    unsettled: bool,
    waiting_for: String,
    /// When something last moved.
    moved_at: Instant,
}

impl<'a> Replay<'a> {
    /// Starts every terminal.
    pub fn start(plan: &'a Plan, broker: Broker, terminals: Terminals) -> Result<Self> {
        let processes = Processes::new(plan.config.clone(), terminals);
        let mut replay = Self {
            plan,
            broker,
            processes,
            gathered: Gathered::default(),
            step: 0,
            unseen: BTreeSet::new(),
            unsettled: false,
            waiting_for: String::new(),
            moved_at: Instant::now(),
        };
        replay.start_terminal(replay.master())?;
        let slaves: Vec<u64> = replay.slaves().collect();
        for login in slaves {
            replay.start_terminal(login)?;
        }
        Ok(replay)
    }

    fn master(&self) -> u64 {
        self.plan.master.login.0
    }

    fn slaves(&self) -> impl Iterator<Item = u64> + 'a {
        self.plan.slaves.keys().map(|login| login.0)
    }

    /// Plays everything, and ends the terminals.
    pub fn play(mut self, pace: Pace, progress: &mut Progress) -> Result<(Broker, Gathered, u32)> {
        self.begin_step()?;
        self.wait_all()?;
        for (at, step) in self.plan.steps.iter().enumerate() {
            let line = || format!("step {} of {}", at + 1, self.plan.steps.len());
            self.broker
                .quote(&self.plan.setup, &self.plan.history, step.time, step.event)
                .with_context(line)?;
            self.begin_step()?;
            if pace == Pace::Settled {
                self.wait_all()?;
            }
            self.broker.play(&self.plan.history, step.time, step.event).with_context(line)?;
            self.hand_over_master()?;
            if pace == Pace::Settled {
                self.settle()?;
            } else {
                self.take_words()?;
            }
            progress.step(at + 1);
        }
        self.begin_step()?;
        self.settle()?;
        self.processes.finish()?;
        let restarts = self.processes.restarts();
        Ok((self.broker, self.gathered, restarts))
    }

    fn start_terminal(&mut self, login: u64) -> Result<()> {
        self.broker.deals_from(Login(login), ServerTime(0));
        self.processes.start(login)?;
        self.hand_over(login)
    }

    /// Hands a terminal its account's state.
    fn hand_over(&mut self, login: u64) -> Result<()> {
        let snapshot = Box::new(self.broker.snapshot(Login(login)).context("a terminal without account")?);
        self.processes.tell(login, ToTerminal::State { step: self.step, snapshot })
    }

    fn hand_over_master(&mut self) -> Result<()> {
        self.hand_over(self.master())
    }

    /// Every slave's terminal sees the market and its account.
    fn begin_step(&mut self) -> Result<()> {
        self.step += 1;
        self.moved_at = Instant::now();
        self.unseen = self.slaves().collect();
        let slaves: Vec<u64> = self.slaves().collect();
        for login in slaves {
            self.hand_over(login)?;
        }
        Ok(())
    }

    /// Waits until the master has confirmed every slave's state.
    fn wait_all(&mut self) -> Result<()> {
        while !self.unseen.is_empty() {
            self.word("slaves to connect")?;
        }
        Ok(())
    }

    /// Waits until every copy is where it shall be.
    fn settle(&mut self) -> Result<()> {
        self.unsettled = true;
        self.processes.tell(self.master(), ToTerminal::Settle { step: self.step })?;
        while self.unsettled {
            self.word("copies to settle")?;
        }
        Ok(())
    }

    /// Takes what has been said, without waiting.
    fn take_words(&mut self) -> Result<()> {
        while let Some((login, word)) = self.processes.next(Duration::ZERO) {
            self.take(login, word)?;
        }
        Ok(())
    }

    /// Waits for a word and takes it.
    fn word(&mut self, what: &str) -> Result<()> {
        let until = self.moved_at + SILENCE;
        match self.processes.next(until.saturating_duration_since(Instant::now())) {
            Some((login, word)) => self.take(login, word),
            None => bail!(
                "step {}: nothing moved for {SILENCE:?} while waiting for {what}; {}",
                self.step,
                self.waiting_for
            ),
        }
    }

    fn take(&mut self, login: u64, word: Word) -> Result<()> {
        match word {
            Word::Said(message) => self.hear(login, message),
            Word::Gone => {
                self.gathered
                    .alerts
                    .push(format!("The terminal of account {login} died and was started again."));
                self.start_terminal(login)?;
                if login == self.master() && self.unsettled {
                    self.processes.tell(login, ToTerminal::Settle { step: self.step })?;
                }
                Ok(())
            }
        }
    }

    fn hear(&mut self, login: u64, message: FromTerminal) -> Result<()> {
        if !matches!(message, FromTerminal::Waiting { .. } | FromTerminal::Alert { .. }) {
            self.moved_at = Instant::now();
        }
        match message {
            FromTerminal::DealsFrom { time_ms } => {
                self.broker.deals_from(Login(login), ServerTime(time_ms));
            }
            FromTerminal::Seen { step } if step == self.step => {
                self.unseen.remove(&login);
            }
            FromTerminal::Settled { step, in_doubt, impossible } if step == self.step => {
                self.unsettled = false;
                self.gathered.in_doubt = in_doubt;
                self.gathered.impossible = impossible;
            }
            FromTerminal::Seen { .. } | FromTerminal::Settled { .. } | FromTerminal::Committed { .. } => {}
            FromTerminal::Waiting { unsettled, slaves_connected } => {
                self.waiting_for = format!("{unsettled} copies, {slaves_connected} slaves connected");
            }
            FromTerminal::Order { request, age_us } => {
                self.gathered.latencies_us.push(age_us);
                let result = self.broker.order(&self.plan.history, Login(login), &request)?;
                let snapshot =
                    Box::new(self.broker.snapshot(Login(login)).context("a terminal without account")?);
                self.processes.tell(login, ToTerminal::Answer { result, snapshot })?;
            }
            FromTerminal::Alert { text } => self.gathered.alerts.push(format!("Terminal {login}: {text}.")),
            FromTerminal::Failed { text } => bail!("the terminal of account {login} gave up: {text}"),
        }
        Ok(())
    }
}
