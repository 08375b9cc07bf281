//! Orders at market that the trade server has accepted and still works on: while they are shown, nothing that they may do is
//! taken for not done, however long it takes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::planted::Defect;
use super::{Agent, Expected, held, of_copy};
use crate::domain::{CopyId, Lots, Micros, Snapshot, WorkingOrder};

/// The account's owner is told of an order that is worked on for so long.
const LONG_MS: u64 = 60_000;

/// Copies of which an order is worked on.
#[derive(Debug, Default)]
pub(super) struct Working {
    /// Since when it has been shown; `None` once its owner has been told.
    since: BTreeMap<u64, Option<Micros>>,
    /// Those that it opens: nothing is proved of them until it is over.
    pub opens: BTreeSet<CopyId>,
    /// Those that it closes, in whole or in part: no second one is sent beside it.
    pub closes: BTreeSet<CopyId>,
    /// Those that add to what their copies hold.
    pub rests: Vec<WorkingOrder>,
    /// What the account's owner should know.
    pub notices: VecDeque<String>,
}

impl Agent {
    /// Takes the present state's working orders as if they had just been sent. The rest of an order that adds to what its copy
    /// holds already keeps nothing from being done: it is dealt with when it comes.
    pub(super) fn note_working(&mut self, now: Micros, shown: &Snapshot) {
        let signature = self.settings.signature;
        self.working.opens.clear();
        self.working.closes.clear();
        self.working.rests.clear();
        if self.planted.is(Defect::ForgetWorking) {
            return;
        }
        self.working.since.retain(|ticket, _| shown.working.iter().any(|order| order.ticket == *ticket));
        for order in &shown.working {
            let Some(copy) = order.magic.copy(signature) else { continue };
            self.tell_if_long(now, order, copy);
            let (place, copies, lots, side) = match of_copy(shown, signature, copy).next() {
                Some(position) if position.side == order.side => {
                    self.working.rests.push(*order);
                    continue;
                }
                Some(_) => {
                    let left = held(shown, signature, copy).saturating_sub(order.lots).max(Lots::ZERO);
                    (&mut self.closing, &mut self.working.closes, left, None)
                }
                None => (&mut self.placed, &mut self.working.opens, order.lots, Some(order.side)),
            };
            let symbol = order.symbol;
            place.entry(copy).or_insert(Expected { symbol, side, lots, since: now }).since = now;
            copies.insert(copy);
        }
    }

    fn tell_if_long(&mut self, now: Micros, order: &WorkingOrder, copy: CopyId) {
        let since = self.working.since.entry(order.ticket).or_insert(Some(now));
        if since.is_some_and(|since| now >= since.plus_ms(LONG_MS)) {
            *since = None;
            let WorkingOrder { ticket, symbol, lots, .. } = order;
            self.working.notices.push_back(format!(
                "{symbol}: the trade server has worked on order {ticket} ({lots} lots of copy {copy}) for a minute. No other one \
                 is sent beside it: look at it in the terminal, and ask the broker"
            ));
        }
    }
}
