//! The host of a translated program: a terminal's process, started by `lotbridge replay` or by a test in place of its own
//! kind. It speaks the replay's protocol on stdin and stdout, and keeps the account as the broker last showed it.

mod bare;
mod calls;
mod chart;
mod events;
mod library;
mod options;
mod past;
mod request;
mod view;
mod watched;
mod world;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Write;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::{Duration, Instant};

pub use bare::asked as asked_for_a_bare_frame;
use events::Event;
pub use events::are_lost_as_in_metatrader as events_are_lost_as_in_metatrader;
pub use options::{Particular, Setting, VARIABLE};
use world::World;

use crate::values as v;
use crate::wire::{FromTerminal, ToTerminal};

/// While nothing is due, the broker's word is waited for this long.
const IDLE: Duration = Duration::from_millis(5);
/// A broker that takes longer has gone.
const BROKER: Duration = Duration::from_secs(60);
/// `OnDeinit` may take so long.
const DEINIT_MOST: Duration = Duration::from_millis(2500);
const REASON_REMOVE: i32 = 1;
const REASON_INITFAILED: i32 = 8;

/// What the broker tells, in order.
struct Inbox {
    receiver: Receiver<ToTerminal>,
    /// What came while an answer was waited for.
    waiting: RefCell<VecDeque<ToTerminal>>,
}

fn say(message: &FromTerminal) {
    let mut line = serde_json::to_vec(message).expect("a message is JSON");
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    // Without its broker a terminal has nobody to tell.
    if out.write_all(&line).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Runs a terminal of this login until the broker says `Finish` or is gone.
pub fn run(login: u64) -> Result<(), String> {
    let setting = std::env::var(VARIABLE).map_err(|_| format!("{VARIABLE} is not set"))?;
    let setting = std::fs::read(&setting).map_err(|error| format!("{setting}: {error}"))?;
    let setting: Setting = serde_json::from_slice(&setting).map_err(|error| error.to_string())?;
    let mut first = String::new();
    std::io::stdin().read_line(&mut first).map_err(|error| error.to_string())?;
    let config: String = serde_json::from_str(&first).map_err(|error| error.to_string())?;
    let master = lotbridge::config::Setup::parse(&config).map_err(|e| e.to_string())?.master.login.0 == login;
    let path = setting.folder.join(format!("config-{login}.json"));
    std::fs::write(&path, config).map_err(|error| error.to_string())?;
    let inbox = Rc::new(Inbox { receiver: listen(), waiting: RefCell::default() });
    let options = options::Options::new(&setting, login, &path);
    let script = options.particular.script.clone();
    calls::install(World::new(options, broker(&inbox)));
    let usual = if master { &setting.master } else { &setting.slave };
    let program = calls::Loaded::new(script.as_ref().unwrap_or(usual), &setting.library)?;
    let result = Host {
        program,
        inbox,
        master,
        unseen: None,
        settle: None,
        told_at: Instant::now(),
        stamped: true,
        deals_from: 0,
        bare: bare::Bare::default(),
    }
    .play();
    if let Err(text) = &result {
        say(&FromTerminal::Failed { text: text.clone() });
    }
    result
}

fn listen() -> Receiver<ToTerminal> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Some(message) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { return };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

/// `OrderSend` waits for its answer; states that come before it are older.
fn broker(inbox: &Rc<Inbox>) -> world::Broker {
    let inbox = Rc::clone(inbox);
    Box::new(move |request, age_us| {
        say(&FromTerminal::Order { request, age_us });
        loop {
            match inbox.receiver.recv_timeout(BROKER) {
                Ok(ToTerminal::Answer { result, snapshot }) => {
                    // A state from before the answer must not be shown after it; its step is still to be confirmed.
                    for message in inbox.waiting.borrow_mut().iter_mut() {
                        if let ToTerminal::State { snapshot: older, .. } = message {
                            older.clone_from(&snapshot);
                        }
                    }
                    return Some((result, *snapshot));
                }
                Ok(other) => inbox.waiting.borrow_mut().push_back(other),
                Err(_) => return None,
            }
        }
    })
}

struct Host {
    program: calls::Loaded,
    inbox: Rc<Inbox>,
    master: bool,
    /// The step of the state that the master has not confirmed.
    unseen: Option<u64>,
    settle: Option<u64>,
    told_at: Instant,
    /// The last state has brought a trade event already.
    stamped: bool,
    /// What the broker was told of the deals that are wanted.
    deals_from: i64,
    bare: bare::Bare,
}

impl Host {
    /// A script runs once, when the account is there; what it said is told.
    fn script(&mut self) -> Result<(), String> {
        while calls::with(|world| world.snapshot.is_none()) {
            if !self.idle()? {
                return Ok(());
            }
        }
        self.program.on_start();
        for text in calls::with(|world| std::mem::take(&mut world.said)) {
            say(&FromTerminal::Alert { text });
        }
        Ok(())
    }

    fn play(mut self) -> Result<(), String> {
        if self.program.is_script() {
            return self.script();
        }
        let begun = self.program.on_init();
        if begun != 0 {
            self.program.on_deinit(REASON_INITFAILED);
            if calls::with(|world| world.chart.robbed) {
                return Err("the user's own objects on the chart are gone".into());
            }
            let said = calls::with(|world| world.said.back().cloned()).unwrap_or_default();
            return Err(format!("OnInit answered {begun}: {said}"));
        }
        calls::with(|world| world.events.start());
        loop {
            if !self.take_words()? {
                return self.end();
            }
            self.restart_program()?;
            self.bare.turn(self.master)?;
            calls::with(|world| {
                if let Some(name) = world.chart.clicked()
                    && !world.options.particular.clicks_lost
                {
                    world.events.chart(v::CHARTEVENT_OBJECT_CLICK, 0, &name);
                }
                world.events.clock(Instant::now(), false);
            });
            match calls::with(|world| world.events.next()) {
                Some(event) => {
                    self.dispatch(&event);
                    calls::with(|world| world.events.clock(Instant::now(), event == Event::Timer));
                }
                None if !self.idle()? => return self.end(),
                None => {}
            }
            calls::with(World::put_down);
            self.tell();
        }
    }

    /// A chart, a parameter or the account changes when a test says so, with the reason in a file: events are lost from the
    /// program's end to its next beginning. The program's variables live on; it may rely on none.
    fn restart_program(&self) -> Result<(), String> {
        let file = calls::with(|world| {
            let options = &world.options;
            options.folder.join(format!("deinit-{}", options.login))
        });
        let Ok(reason) = std::fs::read_to_string(&file) else { return Ok(()) };
        let reason = reason.parse().map_err(|_| format!("no reason: {reason:?}"))?;
        calls::with(|world| world.events.stop());
        let began = Instant::now();
        self.program.on_deinit(reason);
        let took = began.elapsed();
        if took > DEINIT_MOST / 2 {
            return Err(format!("OnDeinit took {took:?}"));
        }
        if self.program.on_init() != 0 {
            return Err(format!("OnInit failed after reason {reason}"));
        }
        calls::with(|world| world.events.start());
        std::fs::remove_file(&file).map_err(|error| error.to_string())
    }

    fn dispatch(&mut self, event: &Event) {
        if self.master && !self.stamped && matches!(event, Event::Transaction { .. } | Event::Trade) {
            self.stamped = true;
            calls::with(|world| world.stamp("traded"));
        }
        self.program.on(event);
    }

    /// Takes what the broker said; `false` at the end.
    fn take_words(&mut self) -> Result<bool, String> {
        loop {
            let waiting = self.inbox.waiting.borrow_mut().pop_front();
            let message = match waiting {
                Some(message) => message,
                None => match self.inbox.receiver.try_recv() {
                    Ok(message) => message,
                    Err(TryRecvError::Empty) => return Ok(true),
                    Err(TryRecvError::Disconnected) => return Ok(false),
                },
            };
            if !self.take(message)? {
                return Ok(false);
            }
        }
    }

    fn take(&mut self, message: ToTerminal) -> Result<bool, String> {
        match message {
            ToTerminal::State { step, snapshot } => {
                if calls::with(|world| world.show(*snapshot)) {
                    self.stamped = false;
                }
                self.unseen = Some(step);
            }
            ToTerminal::Settle { step } => {
                self.settle = Some(step);
                self.told_at = Instant::now();
            }
            ToTerminal::Answer { .. } => return Err("an answer without an order".into()),
            ToTerminal::Finish => return Ok(false),
        }
        Ok(true)
    }

    /// Nothing to do up to the next tick of the clock.
    fn idle(&mut self) -> Result<bool, String> {
        let due = calls::with(|world| world.events.due());
        let wait = due.map_or(IDLE, |due| due.saturating_duration_since(Instant::now())).min(IDLE);
        match self.inbox.receiver.recv_timeout(wait) {
            Ok(message) => self.take(message),
            Err(RecvTimeoutError::Timeout) => Ok(true),
            Err(RecvTimeoutError::Disconnected) => Ok(false),
        }
    }

    /// Tells the broker how the program's own handle stands.
    fn tell(&mut self) {
        let (handle, commits, number) =
            calls::with(|world| (world.watched.handle, world.watched.commits, world.watched.number));
        if handle == 0 || commits == 0 {
            return;
        }
        let time_ms = calls::with(|world| world.watched.deals_from);
        if time_ms != self.deals_from {
            self.deals_from = time_ms;
            say(&FromTerminal::DealsFrom { time_ms });
        }
        if let Some(step) = self.unseen {
            if self.master {
                self.unseen = None;
                say(&FromTerminal::Committed { step });
            } else if library::state_seen(handle).is_some_and(|seen| seen >= number) {
                self.unseen = None;
                say(&FromTerminal::Seen { step });
            }
        }
        if let Some(step) = self.settle
            && let Some(status) = library::master_status(handle, 1)
        {
            if status.unsettled == 0 {
                self.settle = None;
                let (in_doubt, impossible) = (status.in_doubt, status.impossible);
                say(&FromTerminal::Settled { step, in_doubt, impossible });
            } else if self.told_at.elapsed() > Duration::from_secs(2) {
                self.told_at = Instant::now();
                let (unsettled, slaves_connected) = (status.unsettled, status.slaves_connected);
                say(&FromTerminal::Waiting { unsettled, slaves_connected });
            }
        }
    }

    fn end(self) -> Result<(), String> {
        let began = Instant::now();
        calls::with(|world| {
            world.stopped = true;
            world.events.stop();
        });
        self.program.on_deinit(REASON_REMOVE);
        let took = began.elapsed();
        if took > DEINIT_MOST / 2 { Err(format!("OnDeinit took {took:?}")) } else { Ok(()) }
    }
}
