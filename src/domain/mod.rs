//! The field's own facts as types: ids, volumes, prices, money, accounts, instruments, positions, deals.
//!
//! Knows nothing of allocation, sockets, files or clocks: time comes in as a value. Every quantity is an
//! integer of a fixed unit, so that it is exact; `f64` is converted at the C boundary (`ffi`) and nowhere else.

mod account;
mod fixed;
mod ids;
mod instrument;
mod order;
mod pending;
mod position;
mod retcode;
mod snapshot;
mod time;

pub use account::{Account, MarginMode};
pub use fixed::{BasisPoints, FixedError, Lots, Money, Price, Ratio};
pub use ids::{
    Comment, CopyId, Currency, Login, Magic, PoolTag, PositionId, Signature, Symbol, TextError, text,
};
pub use instrument::{Execution, Filling, Instrument, Rate, TradeMode, TradeRules};
pub use order::{OrderAction, OrderRequest, OrderResult};
pub use pending::{Expiration, OrderEnd, PastOrder, PendingKind, PendingOrder, PendingTerms, WorkingOrder};
pub use position::{Deal, DealEntry, Position, Side};
pub use retcode::{Retcode, RetcodeClass};
pub use snapshot::Snapshot;
pub use time::{Micros, ServerTime};
