//! A slave's terminal with its EA: one thread that commits states, waits for orders, and is blocked by each of them.

use std::collections::{BTreeMap, BTreeSet};

use lotbridge::allocation::Reaction;
use lotbridge::config::Setup;
use lotbridge::domain::{
    Login, Lots, Micros, Money, OrderAction, OrderRequest, OrderResult, Price, Retcode, Signature,
};
use lotbridge::protocol::{ToHub, ToSlave};
use lotbridge::replication::{
    Agent, AgentSettings, Defect, Instruction, InstructionId, Order, SavedGuard, SlaveState, Unsaved,
};

use super::account::{Account, server_time};
use super::guards::Watch;
use super::market_watch::MarketWatch;
use super::monitor::opens;
use super::random::Random;
use super::setup::DOUBT_MS;
use super::wrong::{Invariant, Wrong};

/// Every process's clock starts here: what a jump takes it back to is a time, too.
pub const CLOCK_START_MS: u64 = 10_000_000_000;

/// The clock of a process that jumped before it started.
pub fn micros(now_ms: u64, jump_ms: i64) -> Micros {
    Micros((now_ms + CLOCK_START_MS).saturating_add_signed(jump_ms) * 1000)
}

/// What the trade server makes of an order, and what the terminal says of it.
enum Fate {
    /// Executed or refused as the account has it, and told so.
    Told,
    /// Executed in part.
    Part,
    /// Told another thing than what happens; executed, if at all, so long after the answer.
    Untold { answer: OrderResult, executed_after_ms: Option<u64> },
}

/// An `OrderSend` that has not returned.
struct Call {
    instruction: InstructionId,
    /// The number of the order at the account.
    number: Option<u64>,
    answer_ms: u64,
    fate: Fate,
}

/// A slave's terminal with its EA.
pub struct Slave {
    pub login: Login,
    pub account: Account,
    /// `None`: the EA does not run, and is started again then.
    agent: Result<Agent, u64>,
    settings: AgentSettings,
    last_state: Option<(Box<SlaveState>, u64)>,
    /// Its session with the hub is open.
    pub online: bool,
    pub connect_ms: u64,
    pub commit_ms: u64,
    call: Option<Call>,
    pub market_watch: MarketWatch,
    pub watch: Watch,
    /// Magics of copies that somebody's guard wanted closed.
    pub cleared: BTreeSet<u64>,
    /// What the node has put down of the guards, and when.
    saved: Option<(String, u64)>,
    /// How far this process's clock is off.
    pub jump_ms: i64,
    /// The EA does nothing until then.
    pub frozen_until: u64,
    /// When it reported what came of each instruction.
    pub reported_ms: BTreeMap<InstructionId, u64>,
    /// Open instructions it was given.
    given: BTreeMap<InstructionId, Instruction>,
    defect: Option<Defect>,
    /// What the watch objects to.
    pub wrong: Option<Wrong>,
}

impl Slave {
    pub fn new(setup: &Setup, login: Login, account: Account, defect: Option<Defect>) -> Self {
        let settings = AgentSettings {
            login,
            signature: Signature::of_master(setup.master.login),
            rules: setup.account(login).rules.clone(),
            doubt_ms: setup.master.doubt_ms,
        };
        Self {
            login,
            account,
            market_watch: MarketWatch::default(),
            agent: Err(0),
            watch: Watch::new(&settings.rules.guards),
            cleared: BTreeSet::new(),
            saved: None,
            jump_ms: 0,
            frozen_until: 0,
            reported_ms: BTreeMap::new(),
            given: BTreeMap::new(),
            defect,
            wrong: None,
            settings,
            last_state: None,
            online: false,
            connect_ms: 0,
            commit_ms: 0,
            call: None,
        }
    }

    pub fn runs(&self) -> bool {
        self.agent.is_ok()
    }

    /// Is an order of its EA's at the trade server?
    pub fn sends(&self) -> bool {
        self.call.is_some()
    }

    pub fn is_busy(&self, now_ms: u64) -> bool {
        self.sends() || now_ms < self.frozen_until
    }

    /// The EA's process dies. What it had sent to the trade server goes on without it.
    pub fn kill(&mut self, now_ms: u64, again_ms: u64) {
        self.account.arrive_by(now_ms + DOUBT_MS - 1_000);
        self.agent = Err(again_ms);
        self.last_state = None;
        self.call = None;
        self.online = false;
        self.frozen_until = 0;
        self.account.stale_until = 0;
        self.given.clear();
    }

    /// Is it time to start it again?
    pub fn starts_now(&self, now_ms: u64) -> bool {
        self.agent.as_ref().is_err_and(|again_ms| now_ms >= *again_ms && now_ms >= self.frozen_until)
    }

    fn now(&self, now_ms: u64) -> Micros {
        micros(now_ms, self.jump_ms)
    }

    /// The session with the hub broke.
    pub fn disconnected(&mut self, again_ms: u64) {
        self.online = false;
        self.connect_ms = again_ms;
        if let Ok(agent) = &mut self.agent {
            agent.on_disconnected();
        }
    }

    /// One turn of the EA; what it has to say to the hub. `heard`: what the session brought. A blocked EA hears
    /// nothing: see [`Slave::is_busy`].
    pub fn turn(&mut self, now_ms: u64, heard: Vec<ToSlave>, random: &mut Random, calm: bool) -> Vec<ToHub> {
        let mut said = Vec::new();
        if now_ms < self.frozen_until {
            return said;
        }
        if let Err(again_ms) = self.agent {
            if now_ms < again_ms {
                return said;
            }
            self.start(now_ms, random);
            (self.commit_ms, self.connect_ms) = (now_ms, now_ms + random.between(0, 300));
        }
        self.answer(now_ms, &mut said);
        if self.call.is_some() {
            return said;
        }
        if now_ms >= self.commit_ms {
            self.commit_ms = now_ms + if calm { random.between(200, 800) } else { random.between(100, 400) };
            self.commit(now_ms, &mut said);
        }
        for message in heard {
            let Ok(agent) = &mut self.agent else { continue };
            match message {
                ToSlave::Instruction(instruction) => {
                    self.given.insert(instruction.id, instruction.clone());
                    agent.on_instruction(instruction);
                }
                ToSlave::Welcome => {
                    self.online = true;
                    self.say_state(now_ms, &mut said);
                }
                ToSlave::AskState { symbol: Some(symbol) } => {
                    agent.want_symbol(symbol);
                    self.market_watch.show(agent.next_wanted());
                    self.commit(now_ms, &mut said);
                }
                ToSlave::AskState { symbol: None } => self.say_state(now_ms, &mut said),
                _ => {}
            }
        }
        let now = self.now(now_ms);
        let Ok(agent) = &mut self.agent else { return said };
        let order = agent.next_order(now);
        self.say_reports(now_ms, &mut said);
        if let Some(order) = order {
            self.send(now_ms, &order, random, calm);
        }
        said
    }

    /// The EA starts: as the node does, with what it had put down of the guards, if that can be read.
    fn start(&mut self, now_ms: u64, random: &mut Random) {
        let mut agent = Agent::new(self.settings.clone());
        if let Some(defect) = self.defect {
            agent.plant(defect);
        }
        if let Some((saved, _)) = &self.saved {
            if random.per_mille(50) {
                agent.distrust_guard(self.now(now_ms));
                self.watch.armed();
                self.watch.forgot = true;
            } else {
                let saved: SavedGuard = serde_json::from_str(saved).unwrap();
                let peaks = saved.state.references.map(|r| (r.day_peak, r.peak));
                agent.restore_guard(saved);
                self.watch.restarted(peaks, agent.guard_report().cash.total);
            }
        }
        self.agent = Ok(agent);
    }

    /// As the node does: trips at once, peaks once a second.
    fn keep_guard(&mut self, now_ms: u64) {
        let Ok(agent) = &mut self.agent else { return };
        let due = self.saved.as_ref().is_none_or(|(_, at_ms)| now_ms >= at_ms + 1_000);
        if agent.unsaved_guard() == Unsaved::Matters || agent.unsaved_guard() == Unsaved::Peaks && due {
            self.saved = Some((serde_json::to_string(&agent.saved_guard()).unwrap(), now_ms));
            agent.guard_is_saved();
        }
    }

    /// What the guards on this terminal do.
    pub fn tripped(&self) -> Option<Reaction> {
        let agent = self.agent.as_ref().ok()?;
        agent.guard_report().tripped.map(|tripped| tripped.reaction)
    }

    /// The account's owner pays in or out.
    pub fn pays(&mut self, now_ms: u64, random: &mut Random) {
        let cents = random.around(200_000);
        let amount = Money::from_units(cents * Money::ONE / 100);
        self.account.terminal.balance_operation(server_time(now_ms), amount).unwrap();
        self.account.changed(now_ms);
        self.watch.paid += amount.units();
        self.watch.mixed = true;
        self.watch.seen[4] += 1;
    }

    /// The account's owner re-arms the guards.
    pub fn rearms(&mut self, now_ms: u64) {
        let now = self.now(now_ms);
        if self.tripped().is_some()
            && let Ok(agent) = &mut self.agent
        {
            agent.rearm(now);
            self.watch.armed();
            self.watch.seen[3] += 1;
            self.keep_guard(now_ms);
        }
    }

    fn commit(&mut self, now_ms: u64, said: &mut Vec<ToHub>) {
        let mut snapshot = self.account.snapshot(now_ms);
        self.market_watch.narrow(&mut snapshot);
        let now = self.now(now_ms);
        if let Ok(agent) = &mut self.agent {
            let state = agent.on_snapshot(now, snapshot.clone());
            self.last_state = Some((Box::new(state), now_ms));
            let late = self.account.late(&snapshot);
            let objection = self.watch.look(&snapshot, late, agent).err();
            let object = |what| Invariant::Guards.broken(format!("{}: {what}", self.login));
            self.wrong = self.wrong.take().or(objection.map(object));
        }
        self.keep_guard(now_ms);
        self.say_state(now_ms, said);
    }

    /// As the node does: the last state, with what has come to be doubtful since.
    fn say_state(&mut self, now_ms: u64, said: &mut Vec<ToHub>) {
        let (Some((state, taken_ms)), Ok(agent)) = (&mut self.last_state, &self.agent) else { return };
        state.age_us = (now_ms - *taken_ms) * 1000;
        state.sent = micros(now_ms, self.jump_ms);
        state.busy = agent.busy();
        state.guard = agent.guard_report();
        if self.online {
            said.push(ToHub::State(state.clone()));
        }
    }

    fn say_reports(&mut self, now_ms: u64, said: &mut Vec<ToHub>) {
        let Ok(agent) = &mut self.agent else { return };
        while self.online
            && let Some(report) = agent.poll_report()
        {
            self.reported_ms.insert(report.instruction, now_ms);
            said.push(ToHub::Report(report));
        }
    }

    /// What is opened or placed is allowed by the guards, in time, and as large as it was to be.
    fn look_at_open(&mut self, now_ms: u64, order: &Order) {
        let login = self.login;
        let late =
            self.given.get(&order.instruction).is_none_or(|given| self.now(now_ms) > given.valid_until);
        let asked = self.given.get(&order.instruction).and_then(|given| opens(&given.action));
        let objection = if asked != Some(order.request.lots) {
            Some(Invariant::Lots.broken(format!("{login} sends {}, not {asked:?}", order.request.lots)))
        } else if self.tripped().is_some() {
            Some(Invariant::Guards.broken(format!("{login} opens against its guards")))
        } else if late {
            Some(Invariant::Deadline.broken(format!("{login} sends {:?} too late", order.request.action)))
        } else {
            None
        };
        self.wrong = self.wrong.take().or(objection);
    }

    /// `OrderSend`: nothing else happens in this EA until it returns.
    fn send(&mut self, now_ms: u64, order: &Order, random: &mut Random, calm: bool) {
        // On a netting account a close is an open, too.
        if self.given.get(&order.instruction).is_some_and(|given| opens(&given.action).is_some()) {
            self.look_at_open(now_ms, order);
        } else if !self.given.contains_key(&order.instruction) {
            self.cleared.insert(order.request.magic.0);
        }
        let answer_ms =
            now_ms + if random.per_mille(50) { random.between(0, 4_000) } else { random.between(5, 60) };
        let reaches_ms = now_ms + random.between(1, (answer_ms - now_ms).clamp(1, 800));
        let fate = if calm || !self.account.faulty { Fate::Told } else { fate(&order.request, random) };
        let number = match &fate {
            Fate::Told => Some(self.account.send(reaches_ms, order.request.clone())),
            Fate::Part => {
                let half = Lots::from_units(order.request.lots.units() / 2)
                    .floor_to(Lots::from_units(Lots::ONE / 100));
                Some(self.account.send(reaches_ms, OrderRequest { lots: half, ..order.request.clone() }))
            }
            Fate::Untold { executed_after_ms, .. } => {
                executed_after_ms.map(|after| self.account.send(answer_ms + after, order.request.clone()))
            }
        };
        self.call = Some(Call { instruction: order.instruction, number, answer_ms, fate });
    }

    /// `OrderSend` returns.
    fn answer(&mut self, now_ms: u64, said: &mut Vec<ToHub>) {
        let Some(call) = self.call.take_if(|call| call.answer_ms <= now_ms) else { return };
        let mut truth =
            || call.number.map_or(OrderResult::refused(Retcode::TIMEOUT), |n| self.account.result(n));
        let result = match call.fate {
            Fate::Told => truth(),
            Fate::Part => match truth() {
                done if done.retcode == Retcode::DONE => {
                    OrderResult { retcode: Retcode::DONE_PARTIAL, ..done }
                }
                refused => refused,
            },
            Fate::Untold { answer, .. } => answer,
        };
        let now = self.now(now_ms);
        if let Ok(agent) = &mut self.agent {
            assert!(agent.on_result(now, call.instruction, result), "an order of this agent");
        }
        self.say_reports(now_ms, said);
        self.commit_ms = now_ms;
    }
}

/// Every code that says that nothing was done, and that asking again at once is of no use.
const REFUSALS: [u32; 28] = [
    10_006, 10_007, 10_013, 10_014, 10_015, 10_016, 10_017, 10_018, 10_019, 10_022, 10_023, 10_026, 10_027,
    10_030, 10_032, 10_033, 10_034, 10_035, 10_036, 10_038, 10_039, 10_040, 10_041, 10_042, 10_043, 10_044,
    10_045, 10_046,
];

fn fate(request: &OrderRequest, random: &mut Random) -> Fate {
    let refused = |code| OrderResult::refused(Retcode(code));
    let untold = |answer, executed_after_ms| Fate::Untold { answer, executed_after_ms };
    let later = Some(random.between(0, 700));
    let at_market = matches!(request.action, OrderAction::Open { .. } | OrderAction::Close { .. });
    match random.between(0, 99) {
        0..=7 => untold(refused(*random.pick(&[10_004, 10_020, 10_021, 10_024, 10_028, 10_029])), None),
        8..=10 => untold(refused(*random.pick(&REFUSALS)), None),
        11..=14 => untold(refused(*random.pick(&[10_011, 10_012, 10_031])), None),
        15..=18 => untold(refused(*random.pick(&[10_011, 10_012, 10_031])), later),
        19..=20 => untold(refused(10_008), later),
        // Stops that are said to be set are set.
        21..=22 if request.lots.is_positive() => {
            untold(OrderResult { price: Price::ZERO, ..refused(10_009) }, later)
        }
        23..=26 if request.lots.units() >= Lots::ONE / 50 && at_market => Fate::Part,
        _ => Fate::Told,
    }
}
