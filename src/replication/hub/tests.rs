//! Scripts that a trader can read: when (milliseconds), what happens, what the hub wants done about it.
//!
//! | what | |
//! | --- | --- |
//! | `master: 1 buy 0.10 sl 1990 tp 2010` | its state shows this position (opened now, or changed) |
//! | `master: 1 closed`, `master: 1 missing`, `master: 1 back` | closed with its deal; not shown; shown again |
//! | `master: nets buy 0.10 sell 0.30` | trades of a netting account, with one position at most |
//! | `master: holds 0.25` | so much of its netting position, and no deal tells why |
//! | `master: says`, `master: offline` | the same state again; one of a terminal without its trade server |
//! | `master: forgets` | what its history told is older now than what it hands over |
//! | `master: unseen 1 buy 0.10` | its account has it; its next state will show it |
//! | `2001: connects`, `2001: breaks off`, `2001: says`, `2001: says, busy 1`, `2001: offline` | the slave's session and states |
//! | `2001: says to 2200`, `all: says to 2200` (all slaves), `everybody: says to 2200` | the same state every 400 ms from now on, and at 2200 |
//! | `2001: says, 300 ms late` | its state waited so long on its way |
//! | `no tick: 2001: has 1 0.10` | the hub's tick comes after the next line only |
//! | `2001: has 1 0.10`, `2001: has 1 0.10 sl 1990`, `2001: has 1 0.10, lost`, `2001: has 1 twice` | its account holds this copy from now on; its states say so |
//! | `2001: says, lacks GOLD` | its broker does not offer this symbol |
//! | `2001: nets`, `2001: says, adrift`, `2001: says, older` | its account nets; gold's position and deals differ, for a moment or for longer |
//! | `2001: lost 1`, `2001: hides 1`, `2001: shows 1` | closed, with its deals; not shown, only its deal; shown again |
//! | `2001: answers done 0.10`, `answers done 0.10 at 1998`, `answers 10012`, `answers already`, `answers too_late` | a report on the last instruction |
//! | `2001: answers old 10012` | a report on an instruction that nobody knows any more |
//! | `2001: equity 9500`, `2001: trips close_all`, `2001: rearmed` | its states say so of its equity, and of the guards on its own terminal |
//! | `alerts` | what the manager is told |
//! | `manager: skip_opens`, `manager: goes on`, `manager: stands` | what he forbids by hand; what his panel shows |
//! | `hub: restarts`, `hub: restarts without 3` (or `any`) | from its record, without the last 3 entries |
//! | `master: order 5 buy limit 0.10 at 1990 sl 1980`, `master: order 5 filled` (or `cancelled`, `expired`, `missing`) | its state shows this order; what became of it |
//! | `2001: refuses 5` | its history lists an order of this copy that was never let in |
//! | `2001: waits 5 0.05 at 1990`, `2001: order 5 filled` (or `cancelled`, …), `2001: answers placed` | the same of a slave's |
//! | `master: order 5 filled, listed` | its position is there, and its list of orders has it still |
//! | `master: deal 5 in 0.04`, `master: deal 5 out 0.04` | its history has this deal, whatever its position shows |
//! | `master: works on 1 0.06`, `master: works on nothing` | its trade server still fills this order at market |
//! | `wait` | time passes |
//! | `look 2001 1` | state, held of opened, `!` while it is not settled, why it was skipped |

mod alerts;
mod closing;
mod corrected;
mod corrections;
mod desk;
mod doubt;
mod ended;
mod guards;
mod late;
mod limits;
mod netting;
mod netting_slave;
mod opening;
mod orders;
mod pending;
mod races;
mod restart;
mod rests;
mod standing;
mod stops;
mod story;
mod symbols;
mod terms;
mod without_record;

use desk::Desk;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::super::agent::SlaveState;
use super::super::instruction::{InstructionId, Outcome, Report};
use super::{Hub, HubOutput};
use crate::config::Setup;
use crate::domain::{
    Account, Comment, CopyId, Deal, DealEntry, Instrument, Login, Lots, Magic, MarginMode, Micros, Money,
    OrderResult, Position, PositionId, Retcode, ServerTime, Side, Signature, Snapshot, TradeRules,
    WorkingOrder, text,
};
use crate::replication::{GuardReport, Record};

/// Both slaves get half of the master's lots; 8 s to open, doubts last 2 s.
const MULTIPLIER: &str = r#"{
    "master": {"login": 1001, "currency": "USD", "valid_for_ms": 8000, "max_snapshot_age_ms": 5000,
               "doubt_ms": 2000, "deviation_points": 50},
    "secret": "scripted",
    "pools": [{"name": "half", "tag": 1, "allocation": {"method": "multiplier"}, "late_copies": "LATE", "members":
        [{"login": 2001, "profile": "0.5"}, {"login": 2002, "profile": "0.5"}]}],
    "accounts": {"2002": {"below_minimum": "keep"}}
}"#;
/// The same two share blocks.
const BLOCK: &str = r#"{
    "master": {"login": 1001, "currency": "USD", "valid_for_ms": 8000, "max_snapshot_age_ms": 5000,
               "doubt_ms": 2000, "deviation_points": 50},
    "secret": "scripted",
    "pools": [{"name": "half", "tag": 1, "allocation": {"method": "block", "by": "equal"}, "members":
        [{"login": 2001}, {"login": 2002}]}]
}"#;

fn of<T: std::str::FromStr>(value: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    value.parse().unwrap_or_else(|e| panic!("\"{value}\": {e:?}"))
}

/// A script under way.
struct Script {
    setup: Arc<Setup>,
    hub: Hub,
    records: Vec<Record>,
    /// What goes on record for the story: of what a hub goes on from, only what the master changed.
    story: Vec<Record>,
    master: Desk,
    slaves: BTreeMap<Login, Desk>,
    states: u64,
    now: Micros,
}

/// Of a pool that copies orders once they have filled.
fn fills() -> Script {
    let rule = r#""tag": 1, "pending_orders": {"copy": "fills"},"#;
    Script::new(&MULTIPLIER.replace("LATE", "skip").replace(r#""tag": 1,"#, rule))
}

/// Plays a script on two slaves that get half of the master's lots.
fn play(script: &str) {
    Script::new(&MULTIPLIER.replace("LATE", "skip")).play(script);
}

impl Script {
    fn new(config: &str) -> Self {
        let setup = Arc::new(Setup::parse(config).unwrap_or_else(|e| panic!("{e}")));
        Self {
            hub: Hub::new(Arc::clone(&setup), Micros(0)),
            setup,
            records: Vec::new(),
            story: Vec::new(),
            master: Desk::new(Login(1001)),
            slaves: [2001, 2002].map(|login| (Login(login), Desk::new(Login(login)))).into(),
            states: 0,
            now: Micros(0),
        }
    }

    fn play(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let [when, what, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
                panic!("not three columns: {line}");
            };
            if !when.is_empty() {
                self.now = Micros(of::<u64>(when) * 1000);
            }
            self.master.snapshot.account.time = ServerTime(i64::try_from(self.now.0 / 1000).unwrap());
            let came = self.act(what);
            assert_eq!(came, expected, "in the line: {line}");
            assert_eq!(self.hub.summary().impossible, 0, "in the line: {line}");
        }
    }

    fn act(&mut self, what: &str) -> String {
        let words: Vec<&str> = what.split_whitespace().map(|word| word.trim_matches([',', ':'])).collect();
        match words[..] {
            ["look", login, copy] => return self.look(Login(of(login)), of(copy)),
            ["alerts"] => return guards::alerts(&mut self.hub),
            ["manager", "stands"] => return self.hub.standing().join("; "),
            ["no", "tick", ref what @ ..] => self.happen(what),
            [who, "says", "to", until] => return self.keep_saying(who, of::<u64>(until) * 1000),
            ref what => {
                self.happen(what);
                self.hub.tick(self.now);
            }
        }
        self.outputs()
    }

    /// A terminal that is watched without a gap.
    fn keep_saying(&mut self, who: &str, until_us: u64) -> String {
        let mut came = Vec::new();
        loop {
            let says = |whose: &str| who == whose || who == "everybody" || who == "all" && whose != "master";
            for whose in ["master", "2001", "2002"].into_iter().filter(|whose| says(whose)) {
                self.happen(&[whose, "says"]);
            }
            self.hub.tick(self.now);
            came.push(self.outputs());
            if self.now.0 >= until_us {
                came.retain(|came| !came.is_empty());
                return came.join("; ");
            }
            self.now = Micros(until_us.min(self.now.0 + 400_000));
        }
    }

    fn happen(&mut self, what: &[&str]) {
        match *what {
            ["wait"] => {}
            ["manager", ref what @ ..] => guards::by_hand(&mut self.hub, self.now, what),
            ["master", ref what @ ..] => self.master(what),
            ["hub", "restarts", ref without @ ..] => {
                let lost = match without.get(1) {
                    Some(&"any") => self.records.len(),
                    Some(n) => of(n),
                    None => 0,
                };
                self.records.truncate(self.records.len() - lost);
                self.hub = Hub::restore(Arc::clone(&self.setup), self.now, self.records.clone());
            }
            [login, ref what @ ..] => self.slave(Login(of(login)), what),
            [] => panic!("nothing happens"),
        }
    }

    fn master(&mut self, what: &[&str]) {
        self.master.snapshot.account.connected = true;
        if let ["unseen", what @ ..] = what {
            return self.master_has(what);
        }
        self.master_has(what);
        let taken = self.hub.on_master(self.now, self.master.snapshot.clone());
        assert_eq!(taken.is_ok(), self.master.snapshot.account.connected);
    }

    fn master_has(&mut self, what: &[&str]) {
        let at = |desk: &Desk, id: &str| desk.place(|p| p.id.0 == of::<u64>(id)).expect("the master has it");
        match what {
            ["says"] => {}
            ["offline"] => self.master.snapshot.account.connected = false,
            ["forgets"] => {
                self.master.snapshot.deals.clear();
                self.master.snapshot.past_orders.clear();
            }
            [id, "closed"] => {
                let at = at(&self.master, id);
                self.master.reduce(at, Lots::ZERO);
            }
            [id, "missing"] => {
                let hidden = self.master.snapshot.positions.remove(at(&self.master, id));
                self.master.hidden.push(hidden);
            }
            ["nets", trades @ ..] => self.master.net(trades),
            ["holds", lots] => self.master.snapshot.positions[0].lots = of(lots),
            ["order", id, what @ ..] => self.master.order(of(id), Magic(0), what),
            ["deal", id, entry, lots] => {
                let position = self.master.snapshot.positions[at(&self.master, id)].clone();
                let entry = if *entry == "in" { DealEntry::In } else { DealEntry::Out };
                self.master.deal(&position, entry, of(lots));
            }
            ["works", "on", what @ ..] => self.master.work_on(what),
            ["back"] => self.master.snapshot.positions.append(&mut self.master.hidden),
            [id, side, lots, stops @ ..] => {
                let side = if *side == "buy" { Side::Buy } else { Side::Sell };
                if self.master.place(|p| p.id.0 == of::<u64>(id)).is_none() {
                    self.master.open(of(id), side, of(lots), Magic(0));
                }
                let at = at(&self.master, id);
                self.master.reduce(at, of(lots));
                set_stops(&mut self.master.snapshot.positions[at], stops);
            }
            other => panic!("the master cannot {other:?}"),
        }
    }

    fn slave(&mut self, login: Login, what: &[&str]) {
        let signature = Signature::of_master(Login(1001));
        let key = |copy: &str| CopyId::new(self.setup.pools[0].tag, PositionId(of(copy)));
        let magic = |copy: &str| Magic::of_copy(signature, key(copy));
        let desk = self.slaves.get_mut(&login).unwrap();
        desk.snapshot.account.connected = what != ["offline"];
        let (mut busy, mut adrift, mut older, mut lacks, mut late_ms) = (vec![], vec![], vec![], vec![], 0);
        match what {
            ["connects"] => return self.hub.on_connected(self.now, login).unwrap(),
            ["breaks", "off"] => return self.hub.on_disconnected(self.now, login),
            ["answers", answer @ ..] => return self.report(login, answer),
            ["says" | "offline"] => {}
            ["equity" | "trips" | "rearmed", value @ ..] => guards::change(desk, self.now, what[0], value),
            ["nets"] => desk.snapshot.account.margin_mode = MarginMode::Netting,
            ["says", "adrift"] => adrift.push(text("XAUUSD").unwrap()),
            ["says", "older"] => older.push(text("XAUUSD").unwrap()),
            ["says", "lacks", symbol] => lacks.push(text(symbol).unwrap()),
            ["says", "busy", copy] => busy.push(key(copy)),
            ["says", late, "ms", "late"] => late_ms = of(late),
            ["lost", copy] => {
                desk.snapshot.positions.append(&mut desk.hidden);
                while let Some(at) = desk.place(|p| p.magic == magic(copy)) {
                    desk.reduce(at, Lots::ZERO);
                }
            }
            ["hides", copy] => {
                let at = desk.place(|p| p.magic == magic(copy)).unwrap();
                desk.hidden.push(desk.snapshot.positions.remove(at));
            }
            ["waits", copy, what @ ..] => {
                let ticket = desk.ticket_of(magic(copy));
                desk.order(ticket, magic(copy), &[&["buy", "limit"], what].concat());
            }
            ["refuses", copy] => desk.refuse(magic(copy)),
            ["order", copy, what @ ..] => desk.order(desk.ticket_of(magic(copy)), magic(copy), what),
            ["shows", _] => desk.snapshot.positions.append(&mut desk.hidden),
            ["has", copy, "twice"] => {
                let first = desk.place(|p| p.magic == magic(copy)).unwrap();
                let Position { side, lots, magic, .. } = desk.snapshot.positions[first];
                desk.tickets += 1;
                desk.open(desk.tickets, side, lots, magic);
            }
            ["has", copy, lots, stops @ ..] => {
                if desk.place(|p| p.magic == magic(copy)).is_none() {
                    desk.tickets += 1;
                    desk.open(desk.tickets, Side::Buy, of(lots), magic(copy));
                }
                let at = desk.place(|p| p.magic == magic(copy)).unwrap();
                desk.reduce(at, if *stops == ["lost"] { Lots::ZERO } else { of(lots) });
                if let Some(position) = desk.snapshot.positions.iter_mut().find(|p| p.magic == magic(copy)) {
                    set_stops(position, stops);
                }
            }
            other => panic!("a slave cannot {other:?}"),
        }
        self.states += 1;
        let state = SlaveState {
            number: self.states,
            age_us: 0,
            sent: Micros(self.now.0 - 1_000 * late_ms),
            snapshot: desk.snapshot.clone(),
            busy,
            guard: desk.guard,
            adrift,
            older,
            lacks,
        };
        let taken = self.hub.on_slave(self.now, login, state);
        assert_eq!(taken.is_ok(), self.slaves[&login].snapshot.account.connected);
    }

    fn report(&mut self, login: Login, answer: &[&str]) {
        let (mut instruction, copy) = self.slaves[&login].last.expect("an instruction");
        let refused = |code: &str| Outcome::Answered(OrderResult::refused(Retcode(of(code))));
        let outcome = match answer {
            ["done", lots, at @ ..] => {
                let price = of(if let ["at", price] = at { price } else { "2000" });
                let (deal, ticket, lots) = (1, 1, of(lots));
                Outcome::Answered(OrderResult { retcode: Retcode::DONE, deal, ticket, lots, price })
            }
            ["placed"] => Outcome::Answered(OrderResult { ticket: 1, ..OrderResult::refused(Retcode::DONE) }),
            ["cancelled"] => Outcome::Answered(OrderResult::refused(Retcode::DONE)),
            ["already"] => Outcome::AlreadyDone,
            ["too_late"] => Outcome::Declined(crate::allocation::SkipReason::TooLate),
            ["old", code] => {
                instruction = InstructionId(1);
                refused(code)
            }
            [code] => refused(code),
            other => panic!("a slave cannot answer {other:?}"),
        };
        self.hub.on_report(self.now, login, &Report { instruction, copy, outcome });
    }

    /// What the hub wants done.
    fn outputs(&mut self) -> String {
        let mut shown = Vec::new();
        while let Some(output) = self.hub.poll_output() {
            shown.push(match output {
                HubOutput::AskSnapshot(login, None) => format!("{login} say"),
                HubOutput::AskSnapshot(login, Some(symbol)) => format!("{login} say with {symbol}"),
                HubOutput::Instruct(login, instruction) => {
                    let copy = instruction.copy;
                    self.slaves.get_mut(&login).unwrap().last = Some((instruction.id, copy));
                    format!("{login} {}", orders::action_text(instruction.action, copy))
                }
            });
        }
        while let Some(record) = self.hub.poll_record() {
            let needed = Record::KINDS_TO_GO_ON_FROM.contains(&record.kind());
            let masters = matches!(record, Record::MasterChanged { .. } | Record::MasterOrder { .. });
            if needed {
                self.records.push(record.clone());
            }
            if !needed || masters {
                self.story.push(record);
            }
        }
        shown.join("; ")
    }

    fn look(&self, login: Login, copy: u64) -> String {
        let key = CopyId::new(self.setup.pools[0].tag, PositionId(copy));
        let Some(group) = self.hub.groups.get(&key) else { return "over".into() };
        let copy = group.copies.iter().find(|copy| copy.login == login).unwrap();
        let mut shown = format!("{} {} of {}", copy.state, copy.actual, copy.opened);
        if !self.hub.settled(group, copy) {
            shown.push('!');
        }
        let unmade = copy.state.is_final() && copy.opened.is_zero();
        if let Some(code) = super::skip_code(copy.skip, copy.retcode).filter(|_| unmade) {
            write!(shown, " {code}").unwrap();
        }
        shown
    }
}

fn set_stops(position: &mut Position, stops: &[&str]) {
    let price = |name: &str| stops.windows(2).find(|pair| pair[0] == name).map(|pair| of(pair[1]));
    (position.stop_loss, position.take_profit) = (price("sl"), price("tp"));
}
