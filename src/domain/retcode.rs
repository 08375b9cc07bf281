//! MetaTrader's return codes and what follows from each (mql5.com, "Return codes of the trade server").

use std::fmt;

use serde::{Deserialize, Serialize};

/// `MqlTradeResult.retcode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Retcode(pub u32);

/// What follows from a return code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetcodeClass {
    /// Executed, wholly or in part, or nothing was left to change.
    Done,
    /// Accepted, not executed yet.
    Placed,
    /// Worth sending again at once.
    Retry,
    /// Worth sending again when the market opens.
    Later,
    /// It may have been executed: look at the account before anything is sent again.
    InDoubt,
    /// Refused for good.
    Final,
}

macro_rules! retcodes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal, $class:ident;)*) => {
        impl Retcode {
            $($(#[$doc])* #[doc = concat!("`", stringify!($code), "`: ", $text, ".")] pub const $name: Self = Self($code);)*

            /// What follows from it. A code that MetaTrader does not document is in doubt: it may have executed.
            pub const fn class(self) -> RetcodeClass {
                match self.0 { $($code => RetcodeClass::$class,)* _ => RetcodeClass::InDoubt }
            }
            /// In words.
            pub const fn text(self) -> &'static str {
                match self.0 { $($code => $text,)* _ => "unknown return code" }
            }
        }
    };
}

retcodes! {
    REQUOTE = 10004, "requote", Retry;
    REJECT = 10006, "request rejected", Final;
    CANCEL = 10007, "request cancelled by the trader", Final;
    PLACED = 10008, "order placed", Placed;
    DONE = 10009, "done", Done;
    DONE_PARTIAL = 10010, "done in part", Done;
    ERROR = 10011, "request processing error", InDoubt;
    TIMEOUT = 10012, "request timed out", InDoubt;
    INVALID = 10013, "invalid request", Final;
    INVALID_VOLUME = 10014, "invalid volume", Final;
    INVALID_PRICE = 10015, "invalid price", Final;
    INVALID_STOPS = 10016, "invalid stops", Final;
    TRADE_DISABLED = 10017, "trading disabled", Final;
    MARKET_CLOSED = 10018, "market closed", Later;
    NO_MONEY = 10019, "not enough money", Final;
    PRICE_CHANGED = 10020, "price changed", Retry;
    PRICE_OFF = 10021, "no quotes", Retry;
    INVALID_EXPIRATION = 10022, "invalid expiration", Final;
    ORDER_CHANGED = 10023, "order state changed", Final;
    TOO_MANY_REQUESTS = 10024, "too many requests", Retry;
    NO_CHANGES = 10025, "no changes", Done;
    SERVER_DISABLES_AT = 10026, "automated trading disabled by the server", Final;
    CLIENT_DISABLES_AT = 10027, "automated trading disabled by the terminal", Final;
    LOCKED = 10028, "request locked for processing", Retry;
    FROZEN = 10029, "order or position frozen", Retry;
    INVALID_FILL = 10030, "invalid filling mode", Final;
    CONNECTION = 10031, "no connection with the trade server", InDoubt;
    ONLY_REAL = 10032, "only for live accounts", Final;
    LIMIT_ORDERS = 10033, "limit of pending orders reached", Final;
    LIMIT_VOLUME = 10034, "volume limit of the symbol reached", Final;
    INVALID_ORDER = 10035, "invalid or prohibited order type", Final;
    POSITION_CLOSED = 10036, "position already closed", Final;
    INVALID_CLOSE_VOLUME = 10038, "close volume exceeds the position", Final;
    CLOSE_ORDER_EXIST = 10039, "a close order exists already", Final;
    LIMIT_POSITIONS = 10040, "limit of open positions reached", Final;
    REJECT_CANCEL = 10041, "activation rejected, order cancelled", Final;
    LONG_ONLY = 10042, "only long positions allowed", Final;
    SHORT_ONLY = 10043, "only short positions allowed", Final;
    CLOSE_ONLY = 10044, "only closing allowed", Final;
    FIFO_CLOSE = 10045, "positions must be closed first in, first out", Final;
    HEDGE_PROHIBITED = 10046, "opposite positions prohibited", Final;
}

impl fmt::Display for Retcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that MetaTrader documents, by what is done about it.
    #[test]
    fn every_documented_code_has_its_class() {
        let classes = [
            (RetcodeClass::Done, &[10009, 10010, 10025][..]),
            (RetcodeClass::Placed, &[10008]),
            (RetcodeClass::Retry, &[10004, 10020, 10021, 10024, 10028, 10029]),
            (RetcodeClass::Later, &[10018]),
            (RetcodeClass::InDoubt, &[10011, 10012, 10031]),
        ];
        for code in (10004..=10046).filter(|code| ![10005, 10037].contains(code)) {
            let class = classes.iter().find(|(_, codes)| codes.contains(&code));
            let class = class.map_or(RetcodeClass::Final, |(class, _)| *class);
            assert_eq!(Retcode(code).class(), class, "{code}");
            assert_ne!(Retcode(code).text(), "unknown return code", "{code}");
        }
        // Nobody knows what another one means: it may have been executed.
        for code in [0, 10005, 10037, 10047] {
            assert_eq!(Retcode(code).class(), RetcodeClass::InDoubt, "{code}");
        }
    }
}
