//! A headless MetaTrader 5: accounts, orders, deals, fills, faults.
//!
//! A [`Terminal`] is one account at one broker, hedging or netting. It reads no clock and holds no thread: the trade server's
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
//! | market order | filled at the quote, worse by a seeded slippage; [`Retcode::REQUOTE`](crate::domain::Retcode::REQUOTE) when that is further from the asked price than the deviation, in either direction (instant execution and on request) |
//! | stop loss, take profit | closed at the quote that reached them, not at their own price: a gap costs what it costs |
//! | pending order | placed with `DONE` and a ticket. A buy waits for the ask, a sell for the bid; filled at the quote that reaches its price: a stop slips, a limit gets what is not worse. A stop-limit order whose stop is reached is a limit order from then on. Margin is needed when it is filled: without it, or against the symbol's trade mode, it is deleted as rejected |
//! | expiry | by server time, at its own moment; `Day` and `SpecifiedDay` at the server's midnight |
//! | tickets | one sequence for market and pending orders; a position's identifier is the ticket of the order that opened it; closes and changes take none, but for a close that is accepted and worked on |
//! | hedging | every order opens a position of its own |
//! | netting | one position per symbol. An order of its side adds to it (mean price by volume, half to even to the last place of a price), one of the other side reduces it (deal `Out`), closes it, or reverses it: one deal `InOut` of the whole volume, the identifier stays, the ticket becomes the order's. A close names the ticket and is an opposite deal of at most what is open |
//! | netting, stops | a position has those of the order that added to it last or reversed it, pending ones too: none there, none here (MetaTrader 5 Help, "Take Profit and Stop Loss" of a position); those of an order that reduces count for nothing |
//! | netting, magic | assumed: the position keeps that of the order that opened it, through a reversal too; deals have their own order's |
//! | netting, margin | of the net position: what reduces needs none, what reverses only for what is left |
//! | close by | two opposite positions of a hedging account, the smaller volume, two deals `OutBy` at the second one's opening price |
//! | trade mode, filling, freeze level, volume limit | as the [`TradeRules`](crate::domain::TradeRules) of the symbol say. No filling modes named: fill-or-kill and return are taken. Assumed: the mask binds under every execution, `Return` only by the execution. The volume limit adds up positions and pending orders of a side |
//! | market execution | at the broker's price: neither the asked price nor the deviation counts; stops in the opening request are refused when the settings say so |
//! | sessions | outside them requests are answered with `MARKET_CLOSED`, and quotes value positions but trigger nothing; orders expire and swap accrues all the same |
//! | faults | by chance per request ([`Faults`]) or by script ([`Terminal::next_answers`]); from a stream of their own, so that they change no one's slippage |
//! | disconnected | requests are answered with `CONNECTION` and not executed; the broker's side goes on |
//! | order at a quote | accepted market orders at the price before it, expiry, stops, pending orders by ticket, stop-out; a position that this quote opened has its stops looked at from the next one on |
//! | history | the newest 10,000 orders that are over; every deal |
//! | stop-out | at a quote, while equity is below the set percentage of margin: the largest loss is closed first |
//! | recorded order | on hedging accounts; lives by its history: no quote fills it; a recorded position under its ticket is its fill |
//! | recorded position | on hedging accounts; lives by its history: quotes value it, but its stops, the stop-out and swap do not touch it |
//! | rounding | half to even, to the account's currency digits, once per amount; amounts dictated by the caller are taken as they are |
//!
//! Amounts are computed in 256-bit integers. What a caller reads saturates at [`Money`](crate::domain::Money)'s
//! range (9.2e12); what would be booked beyond it is refused.

mod accepted;
mod account;
mod close_by;
mod drawdown;
mod error;
mod faults;
mod fills;
mod history;
mod market;
mod orders;
mod placing;
mod positions;
mod quotes;
mod random;
mod recorded;
mod rules;
mod sessions;
mod settings;
mod stops;
#[cfg(test)]
mod tests;
mod triggers;
mod valuation;
mod waiting;

pub use account::Terminal;
pub use drawdown::Drawdown;
pub use error::TerminalError;
pub use faults::{Answer, Faults};
pub use history::{BalanceOperation, StatementLine};
pub use market::Charges;
pub use orders::Execution;
pub use positions::OpenPosition;
pub use recorded::{RecordedClose, RecordedOpen};
pub use sessions::Session;
pub use settings::TerminalSettings;
