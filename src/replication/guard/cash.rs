//! Deposits and withdrawals, told from trades: what the balance changed by and no deal explains.
//!
//! `unexplained = change of the balance − Σ (profit + commission + swap) of the deals that are new`. Terminals show a
//! balance before the deal behind it, so it counts as a deposit (or a withdrawal) only once it has stood unchanged for
//! a while. Credit is not part of the balance, and is not seen.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Cash;
use crate::domain::{Account, Deal, Micros, Money, ServerTime, Snapshot};

/// So many deals are remembered; the oldest are forgotten, and count as known.
const SEEN_MOST: usize = 65_536;

/// What is known of an account's cash flows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashFlows {
    /// When the count began, by the node's clock.
    series: Micros,
    /// When it began, by the trade server's: the first balance has the deals up to then.
    since: ServerTime,
    /// Deposits less withdrawals since then.
    total: Money,
    /// The last balance.
    balance: Money,
    /// What no deal explains yet.
    unexplained: Money,
    /// Since when that stands, by the node's clock.
    unexplained_since: Micros,
    /// The highest ticket that was counted: after a restart, deals up to it are known, shown or not.
    mark: u64,
    /// Deals up to this one are known.
    #[serde(skip)]
    floor: u64,
    /// Known deals above it.
    #[serde(skip)]
    seen: BTreeSet<u64>,
    /// How many deals the last state had, and the ticket of its last: the same again brings nothing new.
    #[serde(skip)]
    window: (usize, u64),
}

impl CashFlows {
    /// Begins to count with an account's first state.
    pub fn begin(now: Micros, snapshot: &Snapshot) -> Self {
        let mut flows = Self {
            series: now,
            since: snapshot.account.time,
            total: Money::ZERO,
            balance: snapshot.account.balance,
            unexplained: Money::ZERO,
            unexplained_since: now,
            mark: 0,
            floor: 0,
            seen: BTreeSet::new(),
            window: (0, 0),
        };
        flows.take(&snapshot.deals);
        flows
    }

    /// Goes on after a restart: what the last state had was counted then.
    pub const fn resume(&mut self) {
        self.floor = self.mark;
    }

    /// What no deal explains is waited for from this moment on: before it, nobody would have seen the deal.
    pub fn wait_from(&mut self, watched_since: Micros) {
        self.unexplained_since = self.unexplained_since.max(watched_since);
    }

    /// Takes the next state of a terminal that is connected to its trade server; did cash flow? `settle_ms`: so long
    /// a deal may be late.
    pub fn observe(&mut self, now: Micros, snapshot: &Snapshot, settle_ms: u64) -> bool {
        let Account { balance, .. } = snapshot.account;
        let change = balance.saturating_sub(self.balance).saturating_sub(self.take(&snapshot.deals));
        self.balance = balance;
        if !change.is_zero() {
            self.unexplained = self.unexplained.saturating_add(change);
            self.unexplained_since = now;
        }
        if self.unexplained.is_zero() || now < self.unexplained_since.plus_ms(settle_ms) {
            return false;
        }
        self.total = self.total.saturating_add(self.unexplained);
        self.unexplained = Money::ZERO;
        true
    }

    /// What is known now.
    pub const fn cash(&self) -> Cash {
        Cash { series: self.series, total: self.total, unexplained: self.unexplained }
    }

    /// Takes in the deals that are new; what they brought in all.
    fn take(&mut self, deals: &[Deal]) -> Money {
        let window = (deals.len(), deals.last().map_or(0, |deal| deal.ticket));
        let mut brought = Money::ZERO;
        if window == self.window {
            return brought;
        }
        self.window = window;
        for deal in deals {
            if deal.ticket > self.floor && self.seen.insert(deal.ticket) && deal.time > self.since {
                for part in [deal.profit, deal.commission, deal.swap] {
                    brought = brought.saturating_add(part);
                }
            }
            self.mark = self.mark.max(deal.ticket);
        }
        while self.seen.len() > SEEN_MOST
            && let Some(oldest) = self.seen.pop_first()
        {
            self.floor = oldest;
        }
        brought
    }
}
