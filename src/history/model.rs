//! What a history says, whichever form it came in.

use super::orders::PlacedOrder;
use crate::domain::{Currency, Login, Lots, Money, Price, ServerTime, Side, Symbol};

/// The form a history came in, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A signal's closed positions, `;`-separated.
    SignalPositions,
    /// A signal's order book, `;`-separated: with stops, comments and cancelled pending orders.
    SignalOrderBook,
    /// A MetaTrader 5 HTML report: the strategy tester's or an account's trade history.
    HtmlReport,
}

impl Format {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignalPositions => "signal_positions_csv",
            Self::SignalOrderBook => "signal_orderbook_csv",
            Self::HtmlReport => "mt5_html_report",
        }
    }
}

/// A manager's trading history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The form it came in.
    pub format: Format,
    /// The account, where the file names it.
    pub login: Option<Login>,
    /// The account's currency, where the file names it.
    pub currency: Option<Currency>,
    /// 100 means 1:100.
    pub leverage: Option<u32>,
    /// The balance before the first trade: what the balance operations marked `opening` brought, and in a report
    /// with a Balance column also what was there before its first row. `None` where the file does not say.
    pub opening_balance: Option<Money>,
    /// In the order of opening. Ties keep the file's order (CSV) or the Deals table's (HTML).
    pub positions: Vec<ClosedPosition>,
    /// Pending orders that never became a position, those among them that [`Self::orders`] leaves out.
    pub pending_orders: u32,
    /// The pending orders that can be replayed, filled ones among them, in the order of placing. An HTML report's are not
    /// read.
    pub orders: Vec<PlacedOrder>,
    /// In time order. Those marked `opening` are already in `opening_balance`.
    pub balance_operations: Vec<BalanceOperation>,
    /// Sentences on what was left out or assumed.
    pub notes: Vec<String>,
    /// The Balance column of a report's Deals table, in its order; empty for CSV.
    pub running_balances: Vec<RunningBalance>,
}

/// A position with all its exits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPosition {
    /// Where it was opened: the CSV line, or the row of the HTML report.
    pub line: u32,
    /// The file's own number for it; CSV has none.
    pub id: Option<u64>,
    /// The broker's name of its instrument.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// What was opened, as far as it was closed again; the exits sum to it. More than zero.
    pub lots: Lots,
    /// When it was opened.
    pub open_time: ServerTime,
    /// The (mean) price it was opened at.
    pub open_price: Price,
    /// The last stop loss that the file names; see [`super::timeline`] for whether it stood at the opening.
    pub stop_loss: Option<Price>,
    /// The last take profit that the file names.
    pub take_profit: Option<Price>,
    /// Charged at the opening (negative). Zero for CSV: its rows name one commission, booked at the exit.
    pub open_commission: Money,
    /// In time order; at least one.
    pub exits: Vec<Exit>,
}

/// A position's close, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Where it stands: the CSV line, or the row of the HTML report.
    pub line: u32,
    /// When.
    pub time: ServerTime,
    /// At which price.
    pub price: Price,
    /// How much. More than zero.
    pub lots: Lots,
    /// Charged by the broker (negative); a report's Fee is in it.
    pub commission: Money,
    /// Overnight interest.
    pub swap: Money,
    /// Profit or loss without the two.
    pub profit: Money,
    /// What closed it, as far as the comment says.
    pub reason: ExitReason,
}

/// What closed a position, as far as the comment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// Its stop loss.
    StopLoss,
    /// Its take profit.
    TakeProfit,
    /// Anything else: the manager, a program, a stop-out.
    Other,
}

/// Money that came to or left the account without a trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceOperation {
    /// Where it stands: the CSV line, or the row of the HTML report.
    pub line: u32,
    /// When.
    pub time: ServerTime,
    /// Positive for a deposit.
    pub amount: Money,
    /// The file's comment, or what kind of operation it is.
    pub comment: String,
    /// Is it part of [`History::opening_balance`]? Then the timeline does not book it again.
    pub opening: bool,
}

/// The balance after a deal, as the report itself has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningBalance {
    /// The row of the HTML report.
    pub line: u32,
    /// When.
    pub time: ServerTime,
    /// The deal.
    pub deal: u64,
    /// The balance after it.
    pub balance: Money,
}

impl ClosedPosition {
    /// When the last of it was closed.
    pub fn closed_at(&self) -> ServerTime {
        self.exits.last().map_or(self.open_time, |exit| exit.time)
    }
}

impl ExitReason {
    /// What a comment says: `[sl]`, `[sl 1.2345]`, `sl 1.2345` and the same with `tp`.
    pub(super) fn of_comment(comment: &str) -> Self {
        let comment = comment.trim().to_ascii_lowercase();
        let says = |word: &str| {
            comment.contains(&format!("[{word}]"))
                || comment.contains(&format!("[{word} "))
                || comment == word
                || comment.strip_prefix(word).is_some_and(|rest| {
                    rest.starts_with(' ') && rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
                })
        };
        match (says("sl"), says("tp")) {
            (true, _) => Self::StopLoss,
            (_, true) => Self::TakeProfit,
            _ => Self::Other,
        }
    }
}
