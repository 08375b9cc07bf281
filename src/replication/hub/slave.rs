//! A slave connects, hands over its state, breaks off. Its account is the evidence that every doubt is resolved by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::agent::SlaveState;
use super::super::copy::{Copy, Errand};
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::super::watch::{Watch, gap_ms};
use super::evidence::{EVERY_MS, Shown};
use super::group::Group;
use super::guarding::Guards;
use super::sizing::late_copy;
use super::{Hub, HubError};
use crate::allocation::{LateCopies, Method, Pool, SkipReason};
use crate::config::Setup;
use crate::domain::{CopyId, Login, Micros, Retcode, ServerTime, Snapshot, Symbol};

/// Time zones differ by half hours.
const HALF_HOUR_MS: i64 = 30 * 60_000;
/// Servers' clocks that differ by less than this beyond what is known still keep the same time.
const CLOCKS_LAG_MS: i64 = 20 * 60_000;

/// What a broker does not offer is asked for again after this, should it be traded again.
const LACKS_MS: u64 = 60_000;
/// A symbol that Market Watch has only just been made to show may have no quote for so long.
const FIRST_QUOTE_MS: u64 = 3_000;
/// So many symbols of a slave are asked for at once, and so many that it is without are known.
const WANTED_MOST: usize = 1_024;

/// What the hub knows of a slave.
#[derive(Debug, Clone)]
pub(super) struct Slave {
    /// Has an open session.
    pub connected: bool,
    /// Its last state.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Copies of which that state proves nothing.
    pub busy: Vec<CopyId>,
    /// Symbols of whose copies that state proves nothing.
    pub adrift: Vec<Symbol>,
    /// Symbols of whose copies it may not show all.
    pub older: Vec<Symbol>,
    /// How far its trade server's clock is ahead of the master's, in half hours: brokers keep different times.
    pub clock_ahead_ms: i64,
    /// When that arrived.
    pub snapshot_at: Micros,
    /// When anything was last heard.
    pub last_seen: Micros,
    /// When it was last asked for its state.
    pub asked_at: Micros,
    /// Symbols that it was asked for, since its Market Watch did not show them, and when first and last.
    pub wanted: BTreeMap<Symbol, (Micros, Micros)>,
    /// Symbols that its broker does not offer, and when its terminal said so.
    pub lacks: BTreeMap<Symbol, Micros>,
    /// This session's states. Not watched: nothing may be sent yet.
    pub watch: Watch,
    /// What the fastest of this session's states took by both clocks, which differ by an unknown amount.
    pub least_way_us: Option<i64>,
    /// Symbols of a netting account whose stops may still be changed by what was asked for then.
    pub stops_unsure: BTreeMap<Symbol, Micros>,
    /// Its terminal, or its trade server, refused the last order because programs may not trade.
    pub barred: Option<Retcode>,
    /// How long after the master's change its last order was done.
    pub took_us: Option<u64>,
    /// The account's guards.
    pub guards: Guards,
    /// By pool, its place among the members, which is its copy's in every group of the pool.
    pub places: Vec<Option<usize>>,
    /// What it holds of pools that it is in no more, and of which the manager has been told.
    pub left: BTreeSet<CopyId>,
}

impl Slave {
    /// A slave that was never heard of.
    pub fn new(setup: &Setup, login: Login) -> Self {
        let place = |pool: &Pool| pool.members.iter().position(|member| member.login == login);
        Self {
            guards: Guards::new(&setup.account(login).rules),
            places: setup.pools.iter().map(place).collect(),
            watch: Watch::new(setup.master.doubt_ms),
            connected: false,
            snapshot: None,
            busy: Vec::new(),
            adrift: Vec::new(),
            older: Vec::new(),
            clock_ahead_ms: 0,
            snapshot_at: Micros::default(),
            last_seen: Micros::default(),
            asked_at: Micros::default(),
            wanted: BTreeMap::new(),
            lacks: BTreeMap::new(),
            least_way_us: None,
            stops_unsure: BTreeMap::new(),
            barred: None,
            took_us: None,
            left: BTreeSet::new(),
        }
    }

    /// Quotes, and with them the servers' clocks, may lag behind by minutes: only more than that is another time zone.
    fn note_clock(&mut self, slave: ServerTime, master: ServerTime) {
        let ahead_ms = slave.0.saturating_sub(master.0);
        if ahead_ms.saturating_sub(self.clock_ahead_ms).saturating_abs() > CLOCKS_LAG_MS {
            self.clock_ahead_ms =
                ahead_ms.saturating_add(HALF_HOUR_MS / 2).div_euclid(HALF_HOUR_MS) * HALF_HOUR_MS;
        }
    }

    /// How long a state waited on its way, on either side, because somebody was held up: what it took longer than the
    /// session's fastest. Both processes' clocks run alike. What the first ones took cannot be told.
    fn waited_us(&mut self, now: Micros, sent: Micros) -> u64 {
        let way_us = now.0.cast_signed().saturating_sub(sent.0.cast_signed());
        let least_us = self.least_way_us.map_or(way_us, |least| least.min(way_us));
        self.least_way_us = Some(least_us);
        way_us.abs_diff(least_us)
    }

    /// A moment of the hub's by the slave's clock, as near as its fastest state tells: each process reads the system's clock
    /// once, when it begins, and that may have been set between the two. Within `slack_ms` they are taken to be the same:
    /// what the first states of a session waited on their way looks alike.
    pub fn by_its_clock(&self, moment: Micros, slack_ms: u64) -> Micros {
        let ahead_us = self.least_way_us.unwrap_or(0);
        if ahead_us.unsigned_abs() <= slack_ms.saturating_mul(1000) {
            return moment;
        }
        Micros(moment.0.saturating_add_signed(ahead_us.saturating_neg()))
    }

    /// Did its terminal say, not long ago, that its broker does not offer this symbol?
    pub fn is_without(&self, symbol: &Symbol, now: Micros) -> bool {
        self.lacks.get(symbol).is_some_and(|at| now < at.plus_ms(LACKS_MS))
    }

    /// Was it asked for this symbol a moment ago, so that its first quote may still come?
    pub fn just_shows(&self, symbol: &Symbol, now: Micros) -> bool {
        self.wanted.get(symbol).is_some_and(|(first, _)| now < first.plus_ms(FIRST_QUOTE_MS))
    }

    /// Is it to be asked for this symbol now? At most every 500 ms.
    pub fn wants(&mut self, symbol: Symbol, now: Micros) -> bool {
        let known = self.wanted.contains_key(&symbol);
        if !self.is_ready() || !known && self.wanted.len() >= WANTED_MOST {
            return false;
        }
        let (_, last) = self.wanted.entry(symbol).or_insert((now, now));
        let asks = !known || now >= last.plus_ms(EVERY_MS);
        if asks {
            *last = now;
        }
        asks
    }

    /// Notes what its state says of the symbols that it was asked for.
    fn note_symbols(&mut self, lacks: Vec<Symbol>, now: Micros) {
        self.wanted
            .retain(|symbol, (first, _)| !lacks.contains(symbol) && now < first.plus_ms(FIRST_QUOTE_MS));
        self.lacks.retain(|_, at| now < at.plus_ms(LACKS_MS));
        let room = WANTED_MOST.saturating_sub(self.lacks.len());
        self.lacks.extend(lacks.into_iter().take(room).map(|symbol| (symbol, now)));
    }

    /// Can it be asked to trade?
    pub fn is_ready(&self) -> bool {
        self.connected && self.watch.since().is_some()
    }
}

impl Hub {
    /// A slave's session is open: its state comes next.
    ///
    /// # Errors
    /// Not a member of any pool.
    pub fn on_connected(&mut self, now: Micros, login: Login) -> Result<(), HubError> {
        // An earlier session of the same slave is over, whether its end was noticed or not.
        self.on_disconnected(now, login);
        let slave = self.slaves.get_mut(&login).ok_or(HubError::UnknownSlave(login))?;
        slave.connected = true;
        Ok(())
    }

    /// A slave's session is over. What it had been asked is in doubt until its account tells.
    pub fn on_disconnected(&mut self, now: Micros, login: Login) {
        if let Some(slave) = self.slaves.get_mut(&login) {
            slave.connected = false;
            slave.watch.lose_sight();
            slave.least_way_us = None;
            slave.wanted.clear();
            slave.last_seen = now;
        }
        self.forget_absences(login);
        let doubt_ms = self.setup.master.doubt_ms;
        let just_dealt = move |copy: &Copy| copy.dealt_at.is_some_and(|at| now < at.plus_ms(doubt_ms));
        self.for_copies_of(
            login,
            |_, _, _, copy| copy.flight.is_some() || copy.busy || just_dealt(copy),
            |hub, key, group, at| {
                let mut copy = group.copies[at].clone();
                copy.busy = false;
                if just_dealt(&copy) {
                    // Another agent, which knows nothing of it, may show the list of before.
                    (copy.unsure_since, copy.dealt_at) = (Some(now), None);
                }
                if let Some(flight) = copy.flight.take() {
                    let forgets = hub.planted.is(Defect::ForgetInDoubt);
                    copy.unsure_since = (!forgets).then_some(now);
                    if flight.errand == Errand::Modify && !hub.planted.is(Defect::ForgetStops) {
                        copy.stops_asked = None;
                        copy.terms_asked = None;
                        hub.doubt_stops(group, login, now);
                    }
                    if matches!(copy.state, State::Sent | State::Closing) {
                        let sent = forgets && copy.state == State::Sent;
                        hub.meet(key, &mut copy, if sent { Event::Retry } else { Event::Lost }, now);
                    }
                    group.quiet = false;
                }
                group.copies[at] = copy;
            },
        );
    }

    /// Takes a slave's whole state as evidence, and works out what follows.
    ///
    /// # Errors
    /// Not a member, or another account's state; one of a terminal without connection is kept out, too.
    pub fn on_slave(&mut self, now: Micros, login: Login, state: SlaveState) -> Result<(), HubError> {
        let SlaveState { snapshot, busy, age_us, sent, guard, adrift, older, lacks, .. } = state;
        if snapshot.account.login != login {
            return Err(HubError::WrongLogin { expected: login, found: snapshot.account.login });
        }
        let gap_ms = gap_ms(self.setup.master.doubt_ms);
        let slave = self.slaves.get_mut(&login).ok_or(HubError::UnknownSlave(login))?;
        slave.last_seen = now;
        // One that was sent again, or waited on its way, is evidence of the moment it was taken at, not of now.
        let old_us = age_us.saturating_add(slave.waited_us(now, sent));
        let taken = Micros(now.0.saturating_sub(old_us));
        if !snapshot.account.connected && !self.planted.is(Defect::TrustDisconnected) {
            slave.watch.lose_sight();
            self.forget_absences(login);
            return Err(HubError::NotConnected);
        }
        let gap = taken > slave.snapshot_at.plus_ms(gap_ms);
        let back = slave.watch.look(taken, true);
        if let Some(master) = &self.master {
            slave.note_clock(snapshot.account.time, master.account.time);
        }
        slave.snapshot = Some(Arc::new(snapshot));
        (slave.busy, slave.adrift, slave.older) = (busy, adrift, older);
        slave.note_symbols(lacks, now);
        slave.snapshot_at = taken;
        if let Some(snapshot) = slave.snapshot.clone() {
            self.record_account(&snapshot.account, now);
        }
        if gap {
            self.forget_absences(login);
        }
        self.guard(login, &guard, now);
        self.judge_all(login, back, now);
        self.advance_all_of(login, now);
        Ok(())
    }

    /// Holds every copy of a slave against its last state; `back`: of a terminal that was not there before it, or stood still.
    pub(super) fn judge_all(&mut self, login: Login, back: bool, now: Micros) {
        let Some(Slave { snapshot: Some(snapshot), busy, adrift, snapshot_at, .. }) = self.slaves.get(&login)
        else {
            return;
        };
        let (snapshot, busy, taken) = (Arc::clone(snapshot), busy.clone(), *snapshot_at);
        let adrift = adrift.clone();
        let shown = Shown::by(&snapshot, self.signature);
        let fresh = now <= taken.plus_ms(self.setup.master.max_snapshot_age_ms);
        let was_stale = move |copy: &Copy| fresh && copy.skip == Some(SkipReason::StaleFacts);
        let judges = |hub: &Self, key: CopyId, group: &Group, copy: &Copy| {
            let works = copy.busy || busy.contains(&key) || !adrift.is_empty();
            back || works
                || was_stale(copy)
                || shown.tells_of(key, copy)
                || group.quiet && !hub.at_rest(group, copy)
        };
        self.for_copies_of(login, judges, |hub, key, group, at| {
            let mut copy = group.copies[at].clone();
            let before = (copy.state, copy.actual, copy.seen);
            let symbol = hub.setup.account(login).symbols.to_slave(group.position.symbol);
            copy.busy = busy.contains(&key) || symbol.is_some_and(|symbol| adrift.contains(&symbol));
            let asked = copy.flight.is_some_and(|flight| flight.errand == Errand::Modify);
            hub.judge(key, group, &mut copy, shown.held.get(&key), &snapshot, taken);
            // Nobody waits any more for what was asked for of a copy that is gone, and its position may be others' too.
            if asked && copy.flight.is_none() && !hub.planted.is(Defect::ForgetStops) {
                hub.doubt_stops(group, login, now);
            }
            if back || was_stale(&copy) {
                hub.join_late(key, group, &mut copy, now);
            }
            group.quiet &= before == (copy.state, copy.actual, copy.seen) && hub.at_rest(group, &copy);
            group.copies[at] = copy;
        });
        self.take_in_strays(login, &snapshot, &shown, now);
    }

    /// Works out what follows for every copy of a slave about which there is something to do.
    fn advance_all_of(&mut self, login: Login, now: Micros) {
        let stirs = |hub: &Self, _, group: &Group, copy: &Copy| !group.quiet && !hub.at_rest(group, copy);
        for (key, _) in self.copies_of(login, stirs) {
            self.advance(key, Some(login), now);
        }
    }

    /// Where the copies of a slave are that are chosen. There may be thousands, and nearly always nearly all of them are
    /// passed over: this must stay cheap, or the hub never catches up with what came while it was held up.
    fn copies_of(
        &self,
        login: Login,
        chooses: impl Fn(&Self, CopyId, &Group, &Copy) -> bool,
    ) -> Vec<(CopyId, usize)> {
        let Some(Slave { places, .. }) = self.slaves.get(&login) else { return Vec::new() };
        let groups = self.groups.iter().filter_map(|(key, group)| Some((*key, group, places[group.pool]?)));
        let chosen = groups.filter(|(key, group, at)| chooses(self, *key, group, &group.copies[*at]));
        chosen.map(|(key, _, at)| (key, at)).collect()
    }

    /// Runs `act` on the copies of a slave that are chosen.
    fn for_copies_of(
        &mut self,
        login: Login,
        chooses: impl Fn(&Self, CopyId, &Group, &Copy) -> bool,
        mut act: impl FnMut(&mut Self, CopyId, &mut Group, usize),
    ) {
        for (key, at) in self.copies_of(login, chooses) {
            let Some(mut group) = self.groups.remove(&key) else { continue };
            act(self, key, &mut group, at);
            self.groups.insert(key, group);
        }
    }

    /// A slave that was not there when the position was taken up may have it late, by the pool's policy.
    fn join_late(&mut self, key: CopyId, group: &mut Group, copy: &mut Copy, now: Micros) {
        let missed = matches!(copy.skip, Some(SkipReason::NotConnected | SkipReason::StaleFacts));
        if copy.state != State::Skipped || !missed || group.remaining.is_zero() {
            return;
        }
        let setup = Arc::clone(&self.setup);
        let pool = &setup.pools[group.pool];
        let shared = matches!(pool.method, Method::Block { .. } | Method::Hybrid { .. });
        if !shared && pool.late_copies != LateCopies::Skip && self.awaits_symbol(group, copy.login, now) {
            // With the next state.
            copy.skip = Some(SkipReason::StaleFacts);
            return;
        }
        let instrument = group.instrument(self, copy);
        let reason = match instrument {
            _ if shared => Some(SkipReason::BlockShared),
            Some(instrument) if late_copy(pool.late_copies, group, group.side(self), instrument) => None,
            _ => Some(SkipReason::LateJoin),
        };
        copy.skip = reason;
        if let Some(reason) = reason {
            copy.decision = copy.decision.take().map(|d| Arc::new(Arc::unwrap_or_clone(d).skipped(reason)));
            self.record_decision(key, group.pool, copy, None, now);
            return;
        }
        copy.taken_at = now;
        copy.decision = None;
        self.meet(key, copy, Event::Join, now);
    }
}
