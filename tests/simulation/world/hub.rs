//! The hub's turn, a slave's turn, and what goes between them.

use std::sync::Arc;

use lotbridge::allocation::RoundingPolicy;
use lotbridge::domain::{Login, Magic, Signature};
use lotbridge::protocol::{HubEvent, SessionError, SlaveEvent, ToHub, ToSlave};
use lotbridge::replication::{Action, Alert, Hub, HubError, HubOutput, Instruction, Record, State};

use super::super::link::Link;
use super::super::monitor::opens;
use super::super::setup::{SECRET, SLAVES};
use super::super::sizes;
use super::super::slave::micros;
use super::super::wrong::Invariant;
use super::World;

/// As the node's service thread.
const TICK_MS: u64 = 25;

impl World {
    pub(super) fn hub_turn(&mut self) {
        if let Err(again_ms) = self.hub {
            if self.now_ms < again_ms {
                return;
            }
            self.start_hub();
        }
        if self.now_ms < self.frozen_until {
            return;
        }
        let now = micros(self.now_ms, self.jump_ms);
        if self.now_ms >= self.commit_ms.max(self.program_frozen_until) {
            let (least, most) = if self.calm { (200, 800) } else { (100, 400) };
            self.commit_ms = self.now_ms + self.random.between(least, most);
            let snapshot = self.master.snapshot(self.now_ms);
            let Ok(hub) = &mut self.hub else { return };
            match hub.on_master(now, snapshot) {
                // Lists that do not go together yet: the next ones will.
                Ok(()) | Err(HubError::NotConnected | HubError::Disagree(_)) => {}
                Err(error) => self.object(Invariant::Lifecycle, error.to_string()),
            }
            self.drain();
        }
        for at in 0..self.links.len() {
            self.hub_hears(at);
        }
        if let Ok(hub) = &mut self.hub
            && self.now_ms >= self.tick_ms
        {
            self.tick_ms = self.now_ms + TICK_MS;
            hub.tick(now);
        }
        self.drain();
        if let Some((whole, until_ms)) = self.freezes.take() {
            let frozen = if whole { &mut self.frozen_until } else { &mut self.program_frozen_until };
            *frozen = until_ms.max(*frozen);
        }
    }

    fn start_hub(&mut self) {
        self.jump_ms = self.jump(self.jump_ms);
        // As the ledger keeps them.
        let kept: Vec<Record> = self
            .records
            .iter()
            .map(|r| serde_json::from_str(&serde_json::to_string(r).unwrap()).unwrap())
            .collect();
        let mut hub = Hub::restore(Arc::clone(&self.setup), micros(self.now_ms, self.jump_ms), kept);
        if let Some(defect) = self.plan.defect {
            hub.plant(defect);
        }
        self.hub = Ok(hub);
        self.commit_ms = self.now_ms + self.random.between(0, 1_500);
        self.tell(|| "the hub starts".into());
    }

    pub(super) fn object(&mut self, invariant: Invariant, what: String) {
        self.wrong.get_or_insert_with(|| invariant.broken(what));
    }

    /// A session ended with an error: that of lost bytes, or something is wrong.
    fn session_failed(&mut self, at: usize, error: &SessionError) {
        if !self.links[at].tampered {
            self.object(Invariant::Session, format!("link {at}: {error}"));
        }
        let mut random = super::Random::of(self.plan.seed, 77, self.now_ms);
        self.links[at].break_off(self.now_ms, &mut random);
        self.tell(|| format!("link {at} is given up: {error}"));
    }

    fn hub_hears(&mut self, at: usize) {
        let now = micros(self.now_ms, self.jump_ms);
        let login = self.slaves[at].login;
        if self.links[at].is_overdue(self.now_ms) {
            let mut random = super::Random::of(self.plan.seed, 78, self.now_ms);
            self.break_link(at, &mut random);
        }
        if self.links[at].hub_notices(self.now_ms) && std::mem::take(&mut self.links[at].opened) {
            self.monitor.lost(self.now_ms, Some(login));
            if let Ok(hub) = &mut self.hub {
                hub.on_disconnected(now, login);
            }
        }
        loop {
            let Ok(hub) = &mut self.hub else { return };
            let link = &mut self.links[at];
            let event = match link.hub_hears(self.now_ms, hub.knows(login)) {
                Ok(None) => return self.drain(),
                Ok(Some(event)) => {
                    if link.heard_behind_gap()[0] {
                        self.object(Invariant::Session, format!("link {at} goes on after a lost frame"));
                        return;
                    }
                    event
                }
                Err(error) => return self.session_failed(at, &error),
            };
            let taken = match event {
                HubEvent::Reply(reply) => {
                    link.hub_says(self.now_ms, &reply, &mut self.random);
                    Ok(())
                }
                HubEvent::Refuse(_, refusal) => {
                    return self.session_failed(at, &SessionError::Refused(refusal));
                }
                HubEvent::Opened(login) => {
                    link.open();
                    link.hub_says(self.now_ms, &ToSlave::Welcome, &mut self.random);
                    self.monitor.lost(self.now_ms, Some(login));
                    hub.on_connected(now, login)
                }
                HubEvent::Message(ToHub::Report(report)) => {
                    // Whatever waited on its way since is evidence, too.
                    let said_ms = self.slaves[at].reported_ms.get(&report.instruction);
                    self.monitor.reported(*said_ms.expect("it was reported"), login, &report);
                    hub.on_report(now, login, &report);
                    self.tell(|| format!("{login} reports {report:?}"));
                    Ok(())
                }
                HubEvent::Message(ToHub::State(state)) => {
                    link.hub_says(self.now_ms, &ToSlave::Seen { state: state.number }, &mut self.random);
                    if let Some(story) = &mut self.story {
                        let (old_ms, busy) = (state.age_us / 1000, state.busy.len());
                        let (held, waits) = (state.snapshot.positions.len(), state.snapshot.orders.len());
                        story.push(format!(
                            "{:>8} {login} has {held} positions, {waits} orders, {busy} busy, {old_ms} ms ago",
                            self.now_ms
                        ));
                    }
                    hub.on_slave(now, login, *state)
                }
                HubEvent::Message(_) => Ok(()),
            };
            match taken {
                Ok(()) | Err(HubError::NotConnected) => {}
                Err(error) => self.object(Invariant::Lifecycle, error.to_string()),
            }
            self.drain();
        }
    }

    /// What the hub wants done, and its record.
    fn drain(&mut self) {
        let Ok(hub) = &mut self.hub else { return };
        while let Some(alert) = hub.poll_alert() {
            if let Some(story) = &mut self.story {
                story.push(format!("{:>8} alert: {alert}", self.now_ms));
            }
            let (Alert::Here(login, _)
            | Alert::AtSlave(login, _)
            | Alert::Refused { login, .. }
            | Alert::Left(login, _)) = &alert
            else {
                continue;
            };
            let slave = self.slaves.iter_mut().find(|slave| slave.login == *login).unwrap();
            let objection = slave.watch.hub_says(&alert).err().map(|what| Invariant::Guards.broken(what));
            slave.wrong = slave.wrong.take().or(objection);
        }
        let mut outputs = Vec::new();
        while let Some(output) = hub.poll_output() {
            outputs.push(output);
        }
        let mut records = Vec::new();
        while let Some(record) = hub.poll_record() {
            records.push(record);
        }
        if let Err(wrong) = sizes::check(self, &records) {
            self.wrong.get_or_insert(wrong);
        }
        for record in records {
            if let Some(book) = &mut self.book {
                book.take(record.at().0 / 1_000, &record);
            }
            self.keep(record);
        }
        for output in outputs {
            self.pass_on(output);
        }
    }

    fn keep(&mut self, record: Record) {
        match &record {
            Record::Decided { copy, login, decision, .. } => {
                let (lots, of, skip) = (decision.lots(), decision.facts.master_lots, decision.skip);
                let most = self.master.ordered(copy.position_low());
                let adopted = decision.rounding.policy == RoundingPolicy::Adopted;
                // An order that was cancelled since has no lots any more.
                if lots.is_positive() && !adopted && most.is_positive() && of > most {
                    let what = format!("{login} {copy} is sized from {of}, the master ordered {most}");
                    self.object(Invariant::Lots, what);
                }
                self.tell(|| format!("{login} {copy} gets {lots} of {of}, {skip:?}"));
            }
            Record::Copy { copy, login, state, opened, skip, .. } => {
                if *state == State::Pending {
                    self.monitor.seen(*login, *copy);
                }
                self.tell(|| format!("{login} {copy} is {state}, opened {opened}, {skip:?}"));
            }
            _ => {}
        }
        if Record::KINDS_TO_GO_ON_FROM.contains(&record.kind()) {
            self.records.push(record);
        }
    }

    /// What is to be opened or placed is what was decided last, as far as that was not lost.
    fn look_at_lots(&mut self, login: Login, instruction: &Instruction) {
        let Some(lots) = opens(&instruction.action) else { return };
        let decided = self.records.iter().rev().find_map(|record| match record {
            Record::Decided { copy, login: of, decision, .. } => {
                (*copy == instruction.copy && *of == login).then(|| decision.lots())
            }
            _ => None,
        });
        if decided.is_some_and(|decided| decided != lots) {
            let what = format!("{login} is to open {lots} of {}, {decided:?} were decided", instruction.copy);
            self.object(Invariant::Lots, what);
        }
    }

    fn pass_on(&mut self, output: HubOutput) {
        let (login, message): (Login, ToSlave) = match output {
            HubOutput::Instruct(login, instruction) => {
                if let Err(wrong) = self.monitor.instructed(self.now_ms, login, &instruction) {
                    self.wrong.get_or_insert(wrong);
                }
                self.look_at_lots(login, &instruction);
                if matches!(instruction.action, Action::Reduce { to } if to.is_zero()) {
                    let signature = Signature::of_master(self.setup.master.login);
                    let slave = self.slaves.iter_mut().find(|slave| slave.login == login).unwrap();
                    slave.cleared.insert(Magic::of_copy(signature, instruction.copy).0);
                }
                self.tell(|| {
                    format!(
                        "{login} is to {:?} {} ({})",
                        instruction.action, instruction.copy, instruction.id.0
                    )
                });
                (login, ToSlave::Instruction(instruction))
            }
            HubOutput::AskSnapshot(login, symbol) => (login, ToSlave::AskState { symbol }),
        };
        let at = SLAVES.iter().position(|slave| *slave == login).unwrap();
        if self.links[at].opened {
            self.links[at].hub_says(self.now_ms, &message, &mut self.random);
        }
    }

    pub(super) fn slave_turn(&mut self, at: usize) {
        let now_ms = self.now_ms;
        if !self.slaves[at].runs() && self.slaves[at].starts_now(now_ms) {
            let jump = self.jump(self.slaves[at].jump_ms);
            self.slaves[at].jump_ms = jump;
        }
        if self.links[at].slave_notices(now_ms) {
            let again_ms = now_ms + self.random.between(20, 3_000);
            self.slaves[at].disconnected(again_ms);
        }
        let slave = &mut self.slaves[at];
        if !self.links[at].slave_is_there()
            && slave.runs()
            && now_ms >= slave.connect_ms
            && !slave.is_busy(now_ms)
        {
            slave.connect_ms = now_ms + self.random.between(20, 1_000);
            if self.hub.is_ok() {
                self.connect(at);
            }
        }
        let heard = self.slave_hears(at);
        let slave = &mut self.slaves[at];
        let said = slave.turn(now_ms, heard, &mut self.random, self.calm);
        for message in said {
            self.links[at].slave_says(now_ms, &message, &mut self.random);
        }
    }

    /// A new session; the hub learns of an old one's end by this one, if not before.
    fn connect(&mut self, at: usize) {
        let login = self.slaves[at].login;
        if std::mem::take(&mut self.links[at].opened) {
            self.monitor.lost(self.now_ms, Some(login));
            if let Ok(hub) = &mut self.hub {
                hub.on_disconnected(micros(self.now_ms, self.jump_ms), login);
            }
        }
        self.links[at] = Link::connect(self.now_ms, login, SECRET, &mut self.random);
        self.plant(at);
        self.drain();
    }

    fn plant(&mut self, at: usize) {
        let Some(defect) = self.plan.defect else { return };
        if let Some(hub) = self.links[at].hub_end() {
            hub.reader().plant(defect);
        }
        if let Some(slave) = self.links[at].slave_end() {
            slave.reader().plant(defect);
        }
    }

    fn slave_hears(&mut self, at: usize) -> Vec<ToSlave> {
        let mut heard = Vec::new();
        while !self.slaves[at].is_busy(self.now_ms) {
            let heard_next = self.links[at].slave_hears(self.now_ms);
            if matches!(heard_next, Ok(Some(_))) && self.links[at].heard_behind_gap()[1] {
                self.object(Invariant::Session, format!("link {at} goes on after a lost frame"));
            }
            match heard_next {
                Ok(None) => break,
                Ok(Some(SlaveEvent::Reply(reply))) => {
                    self.links[at].slave_says(self.now_ms, &reply, &mut self.random);
                }
                Ok(Some(SlaveEvent::Opened)) => heard.push(ToSlave::Welcome),
                Ok(Some(SlaveEvent::Message(message))) => heard.push(message),
                Err(error) => {
                    self.session_failed(at, &error);
                    break;
                }
            }
        }
        heard
    }
}
