//! The account's history: deals, deposits and withdrawals, and the balance that follows from them.

use super::account::Terminal;
use super::market::Listing;
use super::positions::OpenPosition;
use super::{TerminalError, valuation};
use crate::domain::{Deal, DealEntry, Lots, Magic, Money, Position, PositionId, Price, ServerTime};

/// The most deals and balance operations that an account keeps. At that number nothing more can be opened or
/// closed by request; stops and the stop-out still close what is open.
pub(super) const HISTORY_MAX: usize = 1_000_000;

/// Deal tickets start here, apart from position tickets: one that is taken for the other finds nothing.
const FIRST_DEAL: u64 = 500_000_001;

/// A deposit or a withdrawal; MetaTrader keeps these as deals of type `DEAL_TYPE_BALANCE`, in one sequence of
/// tickets with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceOperation {
    /// `DEAL_TICKET`.
    pub ticket: u64,
    /// When it was done.
    pub time: ServerTime,
    /// Paid in, or out when negative, in the account's currency.
    pub amount: Money,
}

/// One line of the account's statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementLine {
    /// The deal's or the balance operation's ticket.
    pub ticket: u64,
    /// When it was done.
    pub time: ServerTime,
    /// By how much it changed the balance: commission, swap and profit of a deal, charges that were posted later
    /// included; or the amount of a balance operation.
    pub amount: Money,
    /// The balance after it.
    pub balance: Money,
}

/// What the account did, in the order of its tickets (and so of time).
#[derive(Debug, Clone)]
pub(super) struct History {
    opening_balance: Money,
    balance: Money,
    deals: Vec<Deal>,
    operations: Vec<BalanceOperation>,
}

impl History {
    pub(super) const fn new(opening_balance: Money) -> Self {
        Self { opening_balance, balance: opening_balance, deals: Vec::new(), operations: Vec::new() }
    }

    pub(super) const fn balance(&self) -> Money {
        self.balance
    }

    fn len(&self) -> usize {
        self.deals.len() + self.operations.len()
    }

    pub(super) fn check_room(&self) -> Result<(), TerminalError> {
        if self.len() < HISTORY_MAX {
            Ok(())
        } else {
            Err(TerminalError::TooMany { what: "deals and balance operations", most: HISTORY_MAX })
        }
    }

    /// How many deals there are.
    pub(super) fn deals_len(&self) -> usize {
        self.deals.len()
    }

    fn next_ticket(&self) -> u64 {
        FIRST_DEAL.saturating_add(u64::try_from(self.len()).unwrap_or(u64::MAX))
    }

    fn balance_after(&self, amounts: &[Money]) -> Result<Money, TerminalError> {
        amounts
            .iter()
            .try_fold(self.balance, |balance, amount| balance.checked_add(*amount))
            .ok_or(TerminalError::OutOfRange { what: "the balance" })
    }

    /// Books a deal; its ticket is given here.
    pub(super) fn book(&mut self, mut deal: Deal) -> Result<Deal, TerminalError> {
        self.balance = self.balance_after(&[deal.commission, deal.swap, deal.profit])?;
        deal.ticket = self.next_ticket();
        self.deals.push(deal.clone());
        Ok(deal)
    }

    pub(super) fn operate(&mut self, time: ServerTime, amount: Money) -> Result<u64, TerminalError> {
        self.check_room()?;
        self.balance = self.balance_after(&[amount])?;
        let ticket = self.next_ticket();
        self.operations.push(BalanceOperation { ticket, time, amount });
        Ok(ticket)
    }

    fn charge(&mut self, ticket: u64, commission: Money, swap: Money) -> Result<Deal, TerminalError> {
        let balance = self.balance_after(&[commission, swap]);
        let beyond = || TerminalError::OutOfRange { what: "a charge" };
        let at = self.deals.binary_search_by_key(&ticket, |deal| deal.ticket);
        let deal = at.ok().and_then(|at| self.deals.get_mut(at)).ok_or(TerminalError::NoSuchDeal(ticket))?;
        let commission = deal.commission.checked_add(commission).ok_or_else(beyond)?;
        let swap = deal.swap.checked_add(swap).ok_or_else(beyond)?;
        (deal.commission, deal.swap, self.balance) = (commission, swap, balance?);
        Ok(deal.clone())
    }

    /// The deals from this time on, at most the newest `most`.
    pub(super) fn recent(&self, since: ServerTime, most: usize) -> &[Deal] {
        let from = self.deals.partition_point(|deal| deal.time < since);
        let from = from.max(self.deals.len().saturating_sub(most));
        self.deals.get(from..).unwrap_or_default()
    }

    fn statement(&self) -> Vec<StatementLine> {
        let mut lines: Vec<StatementLine> = Vec::with_capacity(self.len());
        lines.extend(self.deals.iter().map(|deal| StatementLine {
            ticket: deal.ticket,
            time: deal.time,
            amount: deal.commission.saturating_add(deal.swap).saturating_add(deal.profit),
            balance: Money::ZERO,
        }));
        lines.extend(self.operations.iter().map(|operation| StatementLine {
            ticket: operation.ticket,
            time: operation.time,
            amount: operation.amount,
            balance: Money::ZERO,
        }));
        lines.sort_unstable_by_key(|line| line.ticket);
        let mut balance = self.opening_balance;
        for line in &mut lines {
            balance = balance.saturating_add(line.amount);
            line.balance = balance;
        }
        lines
    }
}

/// A position to be opened, with what its deal costs (negative).
pub(super) struct Opening {
    pub(super) position: Position,
    pub(super) commission: Money,
    pub(super) recorded: bool,
}

/// `lots` of a position to be closed, with the charges of that deal.
pub(super) struct Closing {
    pub(super) ticket: u64,
    pub(super) lots: Lots,
    pub(super) price: Price,
    pub(super) magic: Magic,
    pub(super) commission: Money,
    pub(super) swap: Money,
    pub(super) entry: DealEntry,
}

impl Terminal {
    /// Every deal of the account, oldest first, with the charges posted so far.
    pub fn deals(&self) -> &[Deal] {
        &self.history.deals
    }

    /// Every deposit and withdrawal after the opening balance, oldest first.
    pub fn operations(&self) -> &[BalanceOperation] {
        &self.history.operations
    }

    /// The account's statement: every deal and balance operation with the balance after it, oldest first. A
    /// charge that was posted later is counted at its deal, as in MetaTrader's reports.
    pub fn statement(&self) -> Vec<StatementLine> {
        self.history.statement()
    }

    /// The broker posts charges on a deal that exists: both change the deal and the balance, and are added to
    /// what the deal shows already. Negative amounts are costs. Answers the deal as it is now.
    ///
    /// # Errors
    /// No such deal; a sum beyond what money holds.
    pub fn charge(&mut self, deal: u64, commission: Money, swap: Money) -> Result<Deal, TerminalError> {
        let charged = self.history.charge(deal, commission, swap)?;
        self.observe_equity();
        Ok(charged)
    }

    /// Opens a position and books its deal at the account's present time.
    pub(super) fn book_opening(&mut self, opening: Opening) -> Result<Deal, TerminalError> {
        let Opening { position, commission, recorded } = opening;
        let listing = self.market.listing(&position.symbol)?;
        let deal = self.history.book(Deal {
            ticket: 0,
            position: position.id,
            symbol: position.symbol,
            side: position.side,
            entry: DealEntry::In,
            lots: position.lots,
            price: position.open_price,
            time: position.open_time,
            magic: position.magic,
            commission,
            swap: Money::ZERO,
            profit: Money::ZERO,
        })?;
        let mut open =
            OpenPosition { position, profit: Money::ZERO, swap: Money::ZERO, margin: Money::ZERO, recorded };
        open.revalue(listing, &self.settings);
        open.remargin(listing, &self.settings);
        self.positions.insert(open);
        self.observe_equity();
        Ok(deal)
    }

    /// Closes a position, wholly or in part, and books its deal at the account's present time. The profit is the
    /// terminal's own; `lots` are above zero and at most what is open.
    pub(super) fn book_closing(&mut self, closing: &Closing) -> Result<Deal, TerminalError> {
        let Closing { ticket, lots, price, magic, commission, swap, entry } = *closing;
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let accrued = self.accrued_share(open, lots)?;
        let position = &open.position;
        let listing = self.market.listing(&position.symbol)?;
        let digits = self.settings.currency_digits;
        let profit =
            valuation::profit(&listing.instrument, position.side, lots, position.open_price, price, digits)
                .exact()
                .ok_or(TerminalError::OutOfRange { what: "a profit" })?;
        let deal = self.history.book(Deal {
            ticket: 0,
            position: position.id,
            symbol: position.symbol,
            side: position.side.opposite(),
            entry,
            lots,
            price,
            time: self.clock.unwrap_or_default(),
            magic,
            commission,
            swap,
            profit,
        })?;
        if let Some(rest) = self.positions.reduce(ticket, lots, accrued) {
            rest.revalue(listing, &self.settings);
            rest.remargin(listing, &self.settings);
        }
        self.observe_equity();
        Ok(deal)
    }

    /// The part of a position's accrued swap that goes with `lots` of it.
    fn accrued_share(&self, open: &OpenPosition, lots: Lots) -> Result<Money, TerminalError> {
        valuation::share(open.swap, lots, open.position.lots, self.settings.currency_digits)
            .exact()
            .ok_or(TerminalError::OutOfRange { what: "a swap" })
    }

    /// Closes `lots` of a position at this price, with the broker's charges and its share of the accrued swap.
    pub(super) fn close_with_charges(
        &mut self,
        ticket: u64,
        lots: Lots,
        price: Price,
        magic: Magic,
    ) -> Result<Deal, TerminalError> {
        let open = self.positions.get(ticket).ok_or(TerminalError::NotOpen(PositionId(ticket)))?;
        let closing = self.closing_with_charges(open, lots, price, magic)?;
        self.book_closing(&closing)
    }

    /// The closing of `lots` of a position at this price, with the broker's charges and its share of the swap.
    pub(super) fn closing_with_charges(
        &self,
        open: &OpenPosition,
        lots: Lots,
        price: Price,
        magic: Magic,
    ) -> Result<Closing, TerminalError> {
        let commission = self.commission(self.market.listing(&open.position.symbol)?, lots)?;
        let swap = self.accrued_share(open, lots)?;
        let ticket = open.position.ticket;
        Ok(Closing { ticket, lots, price, magic, commission, swap, entry: DealEntry::Out })
    }

    /// What a deal of so many lots costs: zero or negative.
    pub(super) fn commission(&self, listing: &Listing, lots: Lots) -> Result<Money, TerminalError> {
        let cost =
            valuation::per_lot(listing.charges.commission_per_lot, lots, self.settings.currency_digits)
                .exact()
                .ok_or(TerminalError::OutOfRange { what: "a commission" })?;
        Ok(Money::ZERO.saturating_sub(cost))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{of, opening_of_gold, play, terminal};
    use super::*;

    #[test]
    fn a_full_history_refuses_requests_and_still_closes_at_stops() {
        let mut t = terminal();
        play(
            &mut t,
            "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                       | buy XAUUSD 0.10 sl=1990      | done 1 0.10 @ 2000",
        );
        let nothing = BalanceOperation { ticket: 0, time: ServerTime(0), amount: Money::ZERO };
        t.history.operations = vec![nothing; HISTORY_MAX - 2];
        t.balance_operation(t.account().time, of("1")).unwrap();
        play(
            &mut t,
            "mon 10:01 | buy XAUUSD 0.10              | request rejected
                       | close XAUUSD 1 0.10          | request rejected
                       | modify XAUUSD 1 sl=1991      | done 1
             mon 10:02 | quote XAUUSD 1991.00 1991.00 | out 1 sell 0.10 @ 1991 profit -90.00",
        );
        let full = TerminalError::TooMany { what: "deals and balance operations", most: 1_000_000 };
        let time = t.account().time;
        assert_eq!(t.balance_operation(time, of("1")), Err(full.clone()));
        assert_eq!(t.open_recorded(&opening_of_gold(9, time)), Err(full));
    }
}
