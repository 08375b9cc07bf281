//! A slave connects, hands over its state, breaks off. Its account is the evidence that every doubt is resolved by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::agent::SlaveState;
use super::super::copy::{Copy, Errand};
use super::super::lifecycle::{Event, State};
use super::super::record::{MasterTrade, Record};
use super::group::Group;
use super::sizing::{adopted, late_copy};
use super::{Hub, HubError};
use crate::allocation::{Method, SkipReason};
use crate::domain::{CopyId, Login, Lots, Micros, Position, Snapshot};

/// What the hub knows of a slave.
#[derive(Debug, Clone, Default)]
pub(super) struct Slave {
    /// Has an open session.
    pub connected: bool,
    /// Its last state.
    pub snapshot: Option<Arc<Snapshot>>,
    /// When that arrived.
    pub snapshot_at: Micros,
    /// When anything was last heard.
    pub last_seen: Micros,
    /// When it was last asked for its state.
    pub asked_at: Micros,
    /// The next state is the first one of this session.
    pub fresh: bool,
}

impl Hub {
    /// A slave's session is open: its state comes next.
    ///
    /// # Errors
    /// Not a member of any pool.
    pub fn on_connected(&mut self, now: Micros, login: Login) -> Result<(), HubError> {
        let slave = self.slaves.get_mut(&login).ok_or(HubError::UnknownSlave(login))?;
        slave.connected = true;
        slave.fresh = true;
        slave.last_seen = now;
        Ok(())
    }

    /// A slave's session is over. What it had been asked is in doubt until its account tells.
    pub fn on_disconnected(&mut self, now: Micros, login: Login) {
        if let Some(slave) = self.slaves.get_mut(&login) {
            slave.connected = false;
            slave.last_seen = now;
        }
        self.for_copies_of(login, |hub, key, group, at| {
            let mut copy = group.copies[at].clone();
            if let Some(flight) = copy.flight.take() {
                copy.missing_since = None;
                if flight.errand == Errand::Open && copy.state == State::Sent || copy.state == State::Closing
                {
                    hub.meet(key, &mut copy, Event::Lost, now);
                }
                group.quiet = false;
            }
            group.copies[at] = copy;
        });
    }

    /// Takes a slave's whole state as evidence, and works out what follows.
    ///
    /// # Errors
    /// Not a member, or another account's state; one of a terminal without connection is kept out, too.
    pub fn on_slave(&mut self, now: Micros, login: Login, state: SlaveState) -> Result<(), HubError> {
        let SlaveState { snapshot, busy, .. } = state;
        if snapshot.account.login != login {
            return Err(HubError::WrongLogin { expected: login, found: snapshot.account.login });
        }
        let slave = self.slaves.get_mut(&login).ok_or(HubError::UnknownSlave(login))?;
        slave.last_seen = now;
        if !snapshot.account.connected {
            return Err(HubError::NotConnected);
        }
        let first = std::mem::take(&mut slave.fresh);
        let snapshot = Arc::new(snapshot);
        slave.snapshot = Some(Arc::clone(&snapshot));
        slave.snapshot_at = now;
        let held = self.held(&snapshot);
        self.for_copies_of(login, |hub, key, group, at| {
            let mut copy = group.copies[at].clone();
            let before = (copy.state, copy.actual, copy.seen);
            let under_way = busy.contains(&key);
            hub.judge(key, group, &mut copy, held.get(&key), &snapshot, under_way, now);
            if first {
                hub.join_late(key, group, &mut copy, now);
            }
            group.quiet &= before == (copy.state, copy.actual, copy.seen);
            group.copies[at] = copy;
        });
        self.take_in_strays(login, now);
        self.tick(now);
        Ok(())
    }

    /// Runs `act` on every copy of a slave.
    fn for_copies_of(&mut self, login: Login, mut act: impl FnMut(&mut Self, CopyId, &mut Group, usize)) {
        let keys: Vec<CopyId> = self.groups.keys().copied().collect();
        for key in keys {
            let Some(mut group) = self.groups.remove(&key) else { continue };
            if let Some(at) = group.copies.iter().position(|copy| copy.login == login) {
                act(self, key, &mut group, at);
            }
            self.groups.insert(key, group);
        }
    }

    /// What the account holds with our magic, by copy.
    fn held(&self, snapshot: &Snapshot) -> BTreeMap<CopyId, Lots> {
        let mut held: BTreeMap<CopyId, Lots> = BTreeMap::new();
        for position in &snapshot.positions {
            if let Some(copy) = position.magic.copy(self.signature) {
                let entry = held.entry(copy).or_default();
                *entry = entry.saturating_add(position.lots);
            }
        }
        held
    }

    /// Holds a copy against what its account shows.
    #[expect(clippy::too_many_arguments, reason = "the evidence, piece by piece")]
    fn judge(
        &mut self,
        key: CopyId,
        group: &Group,
        copy: &mut Copy,
        held: Option<&Lots>,
        snapshot: &Snapshot,
        busy: bool,
        now: Micros,
    ) {
        if let Some(held) = held {
            self.judge_held(key, group, copy, *held, now);
            return;
        }
        copy.seen = true;
        let traded = snapshot.deals.iter().filter(|deal| deal.magic.copy(self.signature) == Some(key));
        let opened_by_deals = traded.clone().filter(|deal| !deal.entry.closes());
        let proved = traded.clone().any(|deal| snapshot.shows_closed(deal.position));
        if proved && copy.state != State::Closed {
            let lots = opened_by_deals.fold(Lots::ZERO, |sum, deal| sum.saturating_add(deal.lots));
            copy.opened = copy.opened.max(lots);
            self.adopt(key, group, copy, now);
            self.meet(key, copy, Event::SeenClosed, now);
            return;
        }
        match copy.state {
            State::Open | State::Closing => {
                copy.seen = false;
                let since = *copy.missing_since.get_or_insert(now);
                if now >= since.plus_ms(self.setup.master.doubt_ms) {
                    self.meet(key, copy, Event::SeenClosed, now);
                }
            }
            State::InDoubt if busy => copy.missing_since = None,
            State::InDoubt => {
                let since = *copy.missing_since.get_or_insert(now);
                if now >= since.plus_ms(self.setup.master.doubt_ms) {
                    copy.missing_since = None;
                    self.meet(key, copy, Event::NotExecuted, now);
                }
            }
            _ => {}
        }
    }

    /// The account holds it: that beats whatever was thought before.
    fn judge_held(&mut self, key: CopyId, group: &Group, copy: &mut Copy, lots: Lots, now: Micros) {
        copy.actual = lots;
        copy.opened = copy.opened.max(lots);
        copy.seen = true;
        copy.missing_since = None;
        self.adopt(key, group, copy, now);
        if copy.state != State::Open {
            self.meet(key, copy, Event::SeenOpen, now);
        }
    }

    /// A copy that the account has and that was not sized here: its own volume is the decision.
    fn adopt(&mut self, key: CopyId, group: &Group, copy: &mut Copy, now: Micros) {
        if copy.sized().is_positive() {
            return;
        }
        let pool = &self.setup.pools[group.pool];
        if let Some(at) = pool.members.iter().position(|member| member.login == copy.login) {
            copy.decision = Some(adopted(pool, at, group.opened, copy.opened));
            copy.skip = None;
            self.record_decision(key, group.pool, copy, None, now);
        }
    }

    /// A slave that was not there when the position was taken up may have it late, by the pool's policy.
    fn join_late(&mut self, key: CopyId, group: &mut Group, copy: &mut Copy, now: Micros) {
        let missed = matches!(copy.skip, Some(SkipReason::NotConnected));
        if copy.state != State::Skipped || !missed || group.remaining.is_zero() {
            return;
        }
        let pool = &self.setup.pools[group.pool];
        let quote = group.instrument(self, copy).map(|i| (i.bid, i.ask));
        let reason = match (&pool.method, quote) {
            (Method::Block { .. } | Method::Hybrid { .. }, _) => Some(SkipReason::BlockShared),
            (_, Some((bid, ask))) if late_copy(pool.late_copies, group, bid, ask) => None,
            _ => Some(SkipReason::LateJoin),
        };
        copy.skip = reason;
        if let Some(reason) = reason {
            copy.decision = copy.decision.take().map(|decision| decision.skipped(reason));
            self.record_decision(key, group.pool, copy, None, now);
            return;
        }
        group.taken_at = now;
        copy.decision = None;
        self.meet(key, copy, Event::Join, now);
    }

    /// After the master's first state: look through every slave that was there before it.
    pub(super) fn look_for_strays(&mut self, now: Micros) {
        let logins: Vec<Login> = self.slaves.keys().copied().collect();
        for login in logins {
            self.take_in_strays(login, now);
        }
    }

    /// Positions with our magic whose master position is gone: the master closed while this hub was away. They
    /// are taken in as copies of a closed position, and so closed. Those of a pool that is no longer configured
    /// are left alone.
    fn take_in_strays(&mut self, login: Login, now: Micros) {
        if self.master.is_none() {
            return;
        }
        let Some(snapshot) = self.slaves.get(&login).and_then(|slave| slave.snapshot.as_ref()) else {
            return;
        };
        let strays: Vec<(CopyId, Position)> = snapshot
            .positions
            .iter()
            .filter_map(|position| Some((position.magic.copy(self.signature)?, position.clone())))
            .filter(|(key, _)| !self.groups.contains_key(key))
            .collect();
        for (key, position) in strays {
            let pools = &self.setup.pools;
            let Some(index) = pools.iter().position(|pool| pool.tag == key.pool()) else { continue };
            let pool = &self.setup.pools[index];
            let Some(place) = pool.members.iter().position(|m| m.login == login) else { continue };
            let mut group = Group::of_stray(index, key, &position, now);
            let mut copies: Vec<Copy> = pool.members.iter().map(|m| Copy::planned(m.login)).collect();
            for (at, copy) in copies.iter_mut().enumerate() {
                copy.decision = Some(adopted(pool, at, position.lots, Lots::ZERO));
                copy.state = if at == place { State::Open } else { State::Skipped };
            }
            copies[place].opened = position.lots;
            copies[place].decision = Some(adopted(pool, place, position.lots, position.lots));
            copies[place].actual = position.lots;
            copies[place].seen = true;
            group.copies = copies;
            let name = pool.name.clone();
            self.records.push_back(Record::Taken(MasterTrade { position, pool: name, at: now }));
            self.finished.remove(&key);
            self.groups.insert(key, group);
        }
    }
}

impl Group {
    /// A closed master position that a slave still has a copy of.
    fn of_stray(pool: usize, key: CopyId, position: &Position, now: Micros) -> Self {
        let mut position = position.clone();
        position.id = crate::domain::PositionId(key.position_low());
        Self {
            pool,
            opened: position.lots,
            position,
            remaining: Lots::ZERO,
            taken_at: now,
            changed_at: now,
            late: true,
            missing_since: None,
            copies: Vec::new(),
            quiet: false,
        }
    }
}
