//! Positions with our magic that belong to no master position that is known: this hub lost its record, or an order
//! was executed after it had been given up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::copy::Copy;
use super::super::lifecycle::State;
use super::super::planted::Defect;
use super::super::record::{MasterTrade, Record};
use super::evidence::Shown;
use super::group::Group;
use super::{Alert, Hub, pending};
use crate::domain::{CopyId, Login, Lots, Magic, Micros, PendingOrder, Position, PositionId, Snapshot};

impl Hub {
    /// Takes strays in as copies of a master position that is missing: closed when the master's deals prove its
    /// close or when it stays away. What was over already is closed at once. What is of a pool that the account is in no
    /// more is left alone, and the manager told.
    pub(super) fn take_in_strays(&mut self, login: Login, snapshot: &Snapshot, shown: &Shown, now: Micros) {
        if self.master.is_none() || self.planted.is(Defect::LeaveStrays) {
            return;
        }
        self.tell_left(login, snapshot);
        let unknown = |magic: Magic| magic.copy(self.signature).filter(|key| !self.groups.contains_key(key));
        let positions = snapshot.positions.iter();
        let positions = positions.filter_map(|p| Some((unknown(p.magic)?, p.clone(), None)));
        let orders = snapshot.orders.iter();
        let orders =
            orders.filter_map(|o| Some((unknown(o.magic)?, pending::position_of(o), Some(o.clone()))));
        let strays: Vec<(CopyId, Position, Option<PendingOrder>)> = positions.chain(orders).collect();
        for (key, position, order) in strays {
            // A position comes before the rest of its own order.
            if self.groups.contains_key(&key) {
                continue;
            }
            let Some(mut group) = self.stray(key, login, &position, now) else { continue };
            group.waiting.clone_from(&order);
            group.from_order = order.is_some();
            let pool = Arc::clone(&self.names[group.pool]);
            let taken = MasterTrade {
                copy: Some(key),
                position: group.position.clone(),
                order,
                guessed: true,
                pool,
                at: now,
            };
            self.records.push_back(Record::Taken(Box::new(taken)));
            if group.remaining.is_zero() {
                self.records.push_back(group.as_changed(key, true, now));
            }
            if let Some(at) = group.copies.iter().position(|copy| copy.login == login) {
                let mut copy = group.copies[at].clone();
                self.judge(key, &group, &mut copy, shown.held.get(&key), snapshot, now);
                group.copies[at] = copy;
            }
            self.groups.insert(key, Box::new(group));
        }
    }

    /// Tells once of every copy of a pool that the account has left: a group has its pool's present members alone.
    fn tell_left(&mut self, login: Login, snapshot: &Snapshot) {
        let Some(slave) = self.slaves.get_mut(&login) else { return };
        let positions = snapshot.positions.iter().map(|position| position.magic);
        let magics = positions.chain(snapshot.orders.iter().map(|order| order.magic));
        let pools = &self.setup.pools;
        let is_member = |copy: &CopyId| {
            let pool = pools.iter().position(|pool| pool.tag == copy.pool());
            pool.is_some_and(|pool| slave.places[pool].is_some())
        };
        let left: BTreeSet<CopyId> =
            magics.filter_map(|magic| magic.copy(self.signature)).filter(|copy| !is_member(copy)).collect();
        for copy in left.difference(&slave.left) {
            self.alerts.push_back(Alert::Left(login, *copy));
        }
        slave.left = left;
    }

    /// The master position that a stray must have been a copy of.
    fn stray(&self, key: CopyId, login: Login, position: &Position, now: Micros) -> Option<Group> {
        let pools = &self.setup.pools;
        let pool = pools.iter().position(|pool| pool.tag == key.pool())?;
        let members = &pools[pool].members;
        members.iter().find(|member| member.login == login)?;
        let mut group = Group {
            pool,
            position: Position { id: PositionId(key.position_low()), ..position.clone() },
            opened: position.lots,
            remaining: position.lots,
            taken_at: now,
            changed_at: now,
            late: true,
            missing_since: Some(now),
            given_up: false,
            unfilled_since: None,
            waiting: None,
            from_order: false,
            guessed: true,
            copies: Vec::new(),
            quiet: false,
        };
        let finished = self.finished.contains(&key);
        if finished || self.master.as_ref().is_some_and(|master| group.proved_closed(master)) {
            group.remaining = Lots::ZERO;
        }
        group.copies = members
            .iter()
            .map(|member| Copy {
                state: if finished { State::Skipped } else { State::Planned },
                unsure_since: Some(now),
                ..Copy::planned(member.login, now)
            })
            .collect();
        Some(group)
    }
}
