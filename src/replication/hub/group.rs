//! One master position in one pool, with every member's copy of it.

use super::super::copy::{Company, Copy, Errand, Stops};
use super::super::lifecycle::{Event, State};
use super::super::planted::Defect;
use super::super::record::Record;
use super::Hub;
use super::report::ATTEMPTS_MOST;
use crate::allocation::{StopsAt, rounding};
use crate::domain::{
    CopyId, Deal, DealEntry, Instrument, Lots, Micros, PendingOrder, PoolTag, Position, PositionId, Price,
    Side, Snapshot,
};

/// One master position in one pool.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Group {
    /// Which pool, by its place in the configuration.
    pub pool: usize,
    /// The master's position as last seen; of a pending order that waits, the position that it will be.
    pub position: Position,
    /// The master's pending order, while it waits.
    pub waiting: Option<PendingOrder>,
    /// It began as a pending order.
    pub from_order: bool,
    /// What the master opened in all, by its deals or by the most it was seen to hold.
    pub opened: Lots,
    /// What the master still holds; nothing once it has closed.
    pub remaining: Lots,
    /// When it was taken up.
    pub taken_at: Micros,
    /// When the master's last change to it was handed over.
    pub changed_at: Micros,
    /// It was open before this hub could see it: the pool's late-copy policy applies.
    pub late: bool,
    /// It was read off what a slave holds: what the master has of it is still to be seen.
    pub guessed: bool,
    /// Since when the master's state lacks it without a deal that proves its close.
    pub missing_since: Option<Micros>,
    /// It counts as over because it stayed away for so long: should the master show it again, it is not.
    pub given_up: bool,
    /// Since when a part of its order neither waits nor is held, without a proof that it was cancelled.
    pub unfilled_since: Option<Micros>,
    /// One copy a member, in the pool's order.
    pub copies: Vec<Copy>,
    /// Nothing to do until something happens.
    pub quiet: bool,
}

impl Group {
    /// Is everything about it over?
    pub fn is_over(&self) -> bool {
        self.remaining.is_zero() && self.copies.iter().all(|copy| copy.state.is_final())
    }

    /// The master shows that it opened so much; what was guessed counts no more.
    pub fn note_opened(&mut self, lots: Lots) {
        self.opened = if std::mem::take(&mut self.guessed) { lots } else { self.opened.max(lots) };
    }

    /// The record of the master's position as it is now. `proved`: it is over, and the master's history tells so.
    pub fn as_changed(&self, key: CopyId, proved: bool, at: Micros) -> Record {
        Record::MasterChanged {
            copy: key,
            lots: self.remaining,
            stop_loss: self.position.stop_loss,
            take_profit: self.position.take_profit,
            proved,
            at,
        }
    }

    /// The master shows it: what was given up is there after all. Copies that were closed meanwhile stay closed.
    pub fn take_back(&mut self) -> bool {
        if self.given_up {
            self.missing_since = None;
        }
        std::mem::take(&mut self.given_up)
    }

    /// Is it this position? Of one that was read back from a magic only the identifier's low bits are known.
    pub fn is_of(&self, position: PositionId) -> bool {
        low_bits(self.position.id) == low_bits(position)
    }

    /// Was it handed over by the master's terminal in its last state? What the master may not have any more is
    /// not opened.
    pub fn is_shown(&self, hub: &Hub) -> bool {
        hub.master.is_some() && self.missing_since.is_none()
    }

    /// What this copy's account shall hold: what it opened, in proportion to what the master has left of the
    /// volume that the copy was sized from.
    pub fn wanted(&self, hub: &Hub, copy: &Copy) -> Lots {
        if copy.over || self.remaining.is_zero() || hub.closes_all(copy.login) {
            return Lots::ZERO;
        }
        match self.instrument(hub, copy) {
            Some(instrument) => {
                let rules = &hub.setup.account(copy.login).rules;
                let sized_from = copy.decision.as_ref().map_or(self.opened, |d| d.facts.master_lots);
                let opened = if hub.planted.is(Defect::RoundTheRest) { copy.actual } else { copy.opened };
                // What its order did not get is not missing from what it may keep.
                let opened = if self.from_order { opened.max(copy.sized()) } else { opened };
                rounding::scaled(opened, self.remaining, sized_from, rules, instrument)
            }
            // Without its specification there is no step to round to: leave the copy as it is.
            None => copy.actual,
        }
    }

    /// The stops this copy's position shall have, on the slave's own ticks and as its guards let it. Of a netting
    /// account's position they are all its copies', so one that several share has none, unless the account requires one;
    /// what others share is not touched.
    pub fn wanted_stops(&self, hub: &Hub, copy: &Copy) -> Stops {
        match copy.company {
            Company::Nobody => self.own_stops(hub, copy),
            Company::Copies if !hub.requires_stop_loss(copy.login) => Stops::default(),
            Company::Copies => copy.stops_asked.or(copy.stops_seen).unwrap_or_default(),
            Company::Others => copy.stops_seen.unwrap_or_default(),
        }
    }

    /// The stops of a position that is the copy's alone.
    pub fn own_stops(&self, hub: &Hub, copy: &Copy) -> Stops {
        let pool = &hub.setup.pools[self.pool];
        let instrument = self.instrument(hub, copy);
        let round = |price| instrument.map_or(price, |i| i.round_to_tick(price));
        let own = match pool.stops {
            StopsAt::Price => None,
            StopsAt::Distance => Some(copy.open_price.unwrap_or(self.position.open_price)),
            StopsAt::None => return Stops::default(),
        };
        let place = |stop: Price| round(own.map_or(stop, |own| self.at_distance(stop, own)));
        let (loss, profit) = (self.position.stop_loss.map(place), self.position.take_profit.map(place));
        let swaps = pool.reverse && !hub.planted.is(Defect::KeepStopsUnswapped);
        let (stop_loss, take_profit) = if swaps { (profit, loss) } else { (loss, profit) };
        Stops { stop_loss: hub.guarded_stop(copy, self.side(hub), stop_loss), take_profit }
    }

    /// As far from `own` as the master's stop is from its open price.
    fn at_distance(&self, stop: Price, own: Price) -> Price {
        let distance = stop.units().saturating_sub(self.position.open_price.units());
        Price::from_units(own.units().saturating_add(distance).max(0))
    }

    /// What a copy buys or sells.
    pub fn side(&self, hub: &Hub) -> Side {
        let side = self.position.side;
        let reverse = hub.setup.pools[self.pool].reverse && !hub.planted.is(Defect::IgnoreReverse);
        if reverse { side.opposite() } else { side }
    }

    /// The slave's specification of the symbol.
    pub fn instrument<'a>(&self, hub: &'a Hub, copy: &Copy) -> Option<&'a Instrument> {
        let symbol = hub.setup.account(copy.login).symbols.to_slave(self.position.symbol)?;
        hub.slaves.get(&copy.login)?.snapshot.as_ref()?.instrument(&symbol)
    }
}

/// What a copy id holds of a position's identifier.
pub(super) const fn low_bits(position: PositionId) -> u64 {
    CopyId::new(PoolTag(0), position).position_low()
}

/// What a position was opened with, by the deals that its terminal still has; nothing without any.
pub(super) fn opened_by_deals(snapshot: &Snapshot, position: PositionId) -> Lots {
    let opening = snapshot.deals.iter().filter(|d| d.position == position && d.entry == DealEntry::In);
    opening.fold(Lots::ZERO, |sum, deal| sum.saturating_add(deal.lots))
}

/// The deals among these that closed something of a position, in order.
pub(super) fn closing(deals: &[Deal], position: PositionId) -> impl DoubleEndedIterator<Item = &Deal> {
    deals.iter().filter(move |deal| deal.position == position && deal.entry.closes())
}

impl Hub {
    /// Is this copy where it shall be, as far as the account itself has shown?
    pub(super) fn settled(&self, group: &Group, copy: &Copy) -> bool {
        match copy.state {
            State::Closed | State::Skipped | State::Rejected => true,
            State::Pending => self.pending_settled(group, copy),
            // Refused for now, and the master's order still waits: asked for again, with pauses.
            State::Planned => {
                group.waiting.is_some() && copy.refusals(Errand::Place) > 0 && copy.flight.is_none()
            }
            State::Open => {
                copy.flight.is_none()
                    && copy.seen
                    && copy.actual <= group.wanted(self, copy)
                    && !self.rest_is_too_much(group, copy)
                    && !self.stays_bare(group, copy)
                    && (copy.refusals(Errand::Modify) >= ATTEMPTS_MOST || self.has_stops(group, copy))
            }
            State::Sent | State::Closing | State::InDoubt => false,
        }
    }

    /// Were the stops that it shall have asked for, and not refused, or are they there?
    fn has_stops(&self, group: &Group, copy: &Copy) -> bool {
        copy.stops_asked.or(copy.stops_seen) == Some(group.wanted_stops(self, copy))
    }

    /// Is there nothing to do about it until something happens? Refused stops are known and reported, so the
    /// copy counts as settled; they are still tried again.
    pub(super) fn at_rest(&self, group: &Group, copy: &Copy) -> bool {
        let stops_known = copy.stops_asked.is_some() && self.has_stops(group, copy);
        match copy.state {
            State::Pending => self.pending_at_rest(group, copy),
            // Until its time is up, a position whose order filled alone is watched.
            State::Open if group.waiting.is_some() => false,
            state => self.settled(group, copy) && (state.is_final() || stops_known),
        }
    }

    /// Lets a copy meet an event and puts the change on record. An impossible event is counted, and leaves the
    /// copy as it was.
    pub(super) fn meet(&mut self, key: CopyId, copy: &mut Copy, event: Event, now: Micros) {
        let before = copy.state;
        if event == Event::Skip && self.planted.is(Defect::SkipSilently) {
            copy.skip = None;
        }
        if copy.meet(event).is_err() {
            self.impossible = self.impossible.saturating_add(1);

            return;
        }
        let hides = copy.state == State::Closed && self.planted.is(Defect::HideCloses);
        if copy.state != before && !hides {
            self.record_copy(key, copy, now);
        }
    }

    /// Puts a copy on record.
    pub(super) fn record_copy(&mut self, key: CopyId, copy: &Copy, now: Micros) {
        self.records.push_back(Record::Copy {
            copy: key,
            login: copy.login,
            state: copy.state,
            opened: copy.opened,
            to_market: copy.to_market,
            retcode: copy.retcode,
            skip: copy.skip,
            at: now,
        });
    }
}
