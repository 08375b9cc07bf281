//! A headless MetaTrader 5: accounts, orders, deals, fills, faults.
//!
//! A [`Terminal`] is one hedging account at one broker. It reads no clock and holds no thread: the trade server's
//! time is an argument, chance comes from the seed it is made with, and the same calls give the same account. It
//! depends on `domain` alone and knows nothing of copies, masters or sockets.
//!
//! | rule | here |
//! | --- | --- |
//! | profit | side × (close − open) / tick size × tick value × lots |
//! | margin of a position | lots × (open price / tick size × tick value) / leverage: the contract's value in the account's currency. It stands as at the opening while the specification does |
//! | hedged margin | in full for both sides |
//! | commission | per lot and side, on the deal |
//! | swap | per lot at every server midnight a position is held over: none at the end of Saturday and Sunday, three nights' at the end of Wednesday; it accrues on the position and goes to the closing deal, on a partial close in the proportion of the lots |
//! | equity | balance + open profit + accrued swap; a position whose symbol has no quote yet shows no profit |
//! | market order | filled at the quote, worse by a seeded slippage; [`Retcode::REQUOTE`](crate::domain::Retcode::REQUOTE) when that is further from the asked price than the deviation, in either direction |
//! | stop loss, take profit | closed at the quote that reached them, not at their own price: a gap costs what it costs |
//! | stop-out | at a quote, while equity is below the set percentage of margin: the largest loss is closed first |
//! | recorded position | lives by its history: quotes value it, but its stops, the stop-out and swap do not touch it |
//! | rounding | half to even, to the account's currency digits, once per amount; amounts dictated by the caller are taken as they are |
//!
//! Amounts are computed in 256-bit integers. What a caller reads saturates at [`Money`](crate::domain::Money)'s
//! range (9.2e12); what would be booked beyond it is refused.

mod account;
mod drawdown;
mod error;
mod history;
mod market;
mod orders;
mod positions;
mod quotes;
mod random;
mod recorded;
#[cfg(test)]
mod tests;
mod valuation;

pub use account::{Terminal, TerminalSettings};
pub use drawdown::Drawdown;
pub use error::TerminalError;
pub use history::{BalanceOperation, StatementLine};
pub use market::Charges;
pub use orders::Execution;
pub use positions::OpenPosition;
pub use recorded::{RecordedClose, RecordedOpen};
