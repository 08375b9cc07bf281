//! The MetaTrader 5 HTML report: the strategy tester's (Orders, Deals) and an account's trade history (Positions, Orders,
//! Deals, and what is still open). English headers; columns are found by their names.
//!
//! Positions come from the Positions table where there is one, with the money of the deals that made them; else from the
//! Deals table alone. Money of deals that belong to no closed position (a commission for one that is still open, the close
//! of one that was opened before the report) is kept as a balance operation, so that the balance stays right.

mod account;
mod by_deals;
mod by_positions;
mod choice;
mod rows;
mod sections;
mod table;
mod worth;

#[cfg(test)]
mod tests;

use crate::domain::Money;

use super::error::{HistoryError, shorten};
use super::model::{BalanceOperation, ClosedPosition, Format, History, RunningBalance};
use rows::{Deal, Entry, MoneyRow, Order, Report};

/// What pairing makes of the deals.
#[derive(Debug, Default)]
struct Paired {
    positions: Vec<ClosedPosition>,
    /// Money of deals without a closed position.
    operations: Vec<BalanceOperation>,
    /// Positions that were opened and not closed.
    still_open: usize,
    /// Positions that were closed in part.
    still_open_in_part: usize,
    notes: Vec<String>,
}

/// Reads a report.
pub(super) fn read(text: &str) -> Result<History, HistoryError> {
    let rows = table::rows(text)?;
    let found = sections::sections(&rows)?;
    if found.deals.is_none() && found.positions.is_none() {
        return Err(HistoryError::UnknownFormat {
            found: shorten(text.trim_start().lines().next().unwrap_or_default()),
        });
    }
    let report = Report::of(&found)?;
    let facts = account::facts(&found.outside);
    let currency = facts.currency;
    let paired = match &report.positions {
        Some(closed) => by_positions::pair(closed, &report, currency)?,
        None => by_deals::pair(&report.deals, &report.orders, currency)?,
    };
    let still_open = paired.still_open.max(report.open_positions.saturating_sub(paired.still_open_in_part));
    let still_open_in_part = paired.still_open_in_part;
    let mut history = History {
        format: Format::HtmlReport,
        login: facts.login,
        currency,
        leverage: facts.leverage,
        opening_balance: None,
        positions: paired.positions,
        pending_orders: pending(&report.orders),
        orders: Vec::new(),
        balance_operations: paired.operations,
        notes: paired.notes,
        running_balances: Vec::new(),
    };
    history.positions.sort_by_key(|position| (position.open_time, position.line));
    money(&report, &mut history)?;
    still_there(still_open, still_open_in_part, report.working_orders, &mut history.notes);
    let unread: Vec<&str> = found.unread_columns().collect();
    if !unread.is_empty() {
        history.notes.push(format!("Columns that are not read: {}.", unread.join(", ")));
    }
    Ok(history)
}

fn pending(orders: &[Order]) -> u32 {
    u32::try_from(orders.iter().filter(|order| order.pending && !order.filled).count()).unwrap_or(u32::MAX)
}

fn still_there(open: usize, in_part: usize, orders: usize, notes: &mut Vec<String>) {
    for (count, what) in [
        (open, "positions are still open at the end of the report; left out."),
        (in_part, "positions were closed in part only; the part that stayed open is left out."),
        (orders, "pending orders are still placed at the end of the report; left out."),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
}

/// Balance operations and the Balance column. Credit is told from balance by that column; without it, by its name.
fn money(report: &Report, history: &mut History) -> Result<(), HistoryError> {
    let (mut before, mut credits, mut mismatches) = (None::<Money>, 0_u32, 0_u32);
    for row in report.ledger() {
        let after = row.balance();
        let amount = row.amount()?;
        let booked = match (before, after) {
            (Some(before), Some(after)) => {
                let difference = after.checked_sub(before);
                let unchanged = difference == Some(Money::ZERO) && !amount.is_zero();
                mismatches += u32::from(difference != Some(amount) && !(unchanged && row.is_credit()));
                !(unchanged && row.is_credit())
            }
            _ => !row.is_credit(),
        };
        if let Entry::Money(operation) = row {
            if booked {
                history.balance_operations.push(operation.operation(amount));
            } else {
                credits += 1;
            }
        }
        if let Some(balance) = after {
            if history.running_balances.is_empty() {
                let moved = if booked { amount } else { Money::ZERO };
                history.opening_balance = balance.checked_sub(moved).filter(|opening| !opening.is_negative());
            }
            history.running_balances.push(RunningBalance {
                line: row.line(),
                time: row.time(),
                deal: row.deal(),
                balance,
            });
            before = Some(balance);
        }
    }
    if credits > 0 {
        history.notes.push(format!("{credits} credit operations left out: credit is not balance."));
    }
    if mismatches > 0 {
        history.notes.push(format!(
            "In {mismatches} rows the Balance column is not the one before plus commission, fee, swap and profit."
        ));
    }
    Ok(())
}

impl MoneyRow {
    fn operation(&self, amount: Money) -> BalanceOperation {
        let comment = if self.comment.is_empty() { &self.kind } else { &self.comment };
        BalanceOperation {
            line: self.line,
            time: self.time,
            amount,
            comment: comment.clone(),
            opening: false,
        }
    }
}

impl Deal {
    /// The deal's money where no closed position takes it.
    fn operation(&self, comment: &str) -> Result<BalanceOperation, HistoryError> {
        let amount = self.money()?;
        Ok(BalanceOperation {
            line: self.line,
            time: self.time,
            amount,
            comment: comment.to_owned(),
            opening: false,
        })
    }
}
