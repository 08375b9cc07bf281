//! Why the terminal refuses what its owner (not a trader's order) asks of it.

use crate::domain::{Lots, Money, PositionId, Price, ServerTime, Symbol};

/// Why the terminal refuses what its owner asks of it. Trade requests are answered with return codes instead.
/// Unless a variant says otherwise, nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerminalError {
    /// A setting of the account is out of range.
    #[error("{setting} is {found}; allowed: {allowed}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// What was given.
        found: i64,
        /// What may be given.
        allowed: &'static str,
    },
    /// A symbol's specification that nothing can be traded by.
    #[error("{symbol}: {field} is {found}; allowed: {allowed}")]
    Specification {
        /// The symbol.
        symbol: Symbol,
        /// Which field.
        field: &'static str,
        /// What was given.
        found: String,
        /// What may be given.
        allowed: &'static str,
    },
    /// More than the terminal keeps.
    #[error("the terminal holds {most} {what} already, which is the most")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most there may be.
        most: usize,
    },
    /// A symbol that was never added.
    #[error("the terminal has no symbol \"{symbol}\"; add its specification first")]
    UnknownSymbol {
        /// Its first 32 characters.
        symbol: String,
    },
    /// A quote that no broker gives.
    #[error("{symbol}: a quote of bid {bid}, ask {ask}; the bid is above zero and the ask not below the bid")]
    BadQuote {
        /// The symbol.
        symbol: Symbol,
        /// The price to sell at.
        bid: Price,
        /// The price to buy at.
        ask: Price,
    },
    /// A conversion rate that is not above zero.
    #[error("the rate from {from} to {to} is not above zero")]
    BadRate {
        /// From which currency.
        from: String,
        /// To which currency.
        to: String,
    },
    /// An event that is earlier than the account's clock.
    #[error("an event at {} ms comes after one at {} ms; events come in the order of server time", time.0, now.0)]
    TimeWentBack {
        /// The latest time the account has seen.
        now: ServerTime,
        /// The time that was given.
        time: ServerTime,
    },
    /// A recorded opening under an identifier that this account has used, or under zero.
    #[error("position identifier {0} cannot be given: it is zero or was used in this account")]
    IdentifierTaken(PositionId),
    /// A recorded deal on a netting account, where positions are not told apart.
    #[error("a history can be recorded on a hedging account only")]
    NotHedging,
    /// A recorded closing of a position that is not open.
    #[error("position {0} is not open")]
    NotOpen(PositionId),
    /// A recorded end of an order that does not wait, or is not a recorded one.
    #[error("no recorded order {0} waits")]
    NoSuchOrder(u64),
    /// A recorded deal of no, or of too much, volume.
    #[error("position {position}: a deal of {lots} lots; allowed: above zero, at most {most}")]
    DealVolume {
        /// Which position.
        position: PositionId,
        /// The deal's volume.
        lots: Lots,
        /// The most it may have.
        most: Lots,
    },
    /// A recorded deal at a price that is not above zero.
    #[error("position {position}: a deal at {price}; a price is above zero")]
    DealPrice {
        /// Which position.
        position: PositionId,
        /// The deal's price.
        price: Price,
    },
    /// A charge on a deal that is not in the account's history.
    #[error("the account's history has no deal {0}")]
    NoSuchDeal(u64),
    /// An amount that money cannot hold. When a quote ends in this, the price stands and deals that the quote
    /// made before are in the history.
    #[error("{what} goes beyond {}", Money::MAX)]
    OutOfRange {
        /// Which amount.
        what: &'static str,
    },
}
