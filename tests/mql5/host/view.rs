//! What a program reads of its terminal: the properties behind MQL5's names, from the account's last state.

use lotbridge::domain::{
    Deal, DealEntry, Execution, Expiration, Instrument, MarginMode, Money, OrderEnd, PendingKind,
    PendingOrder, Position, Price, Ratio, Side, Snapshot, TradeMode, WorkingOrder,
};

use crate::values as v;

/// What a property is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Account,
    Terminal,
    Program,
    Symbol,
    Position,
    Order,
    PastDeal,
    PastOrder,
}

impl From<i32> for Of {
    fn from(of: i32) -> Self {
        use Of::{Account, Order, PastDeal, PastOrder, Position, Program, Symbol, Terminal};
        [Account, Terminal, Program, Symbol, Position, Order, PastDeal, PastOrder]
            [usize::try_from(of).expect("a kind of property")]
    }
}

/// The double that MQL5 has of a fixed-point number.
fn of_units(units: i64, places: u32) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "rounded to the nearest double, as a terminal's numbers are"
    )]
    let units = units as f64;
    units / 10_f64.powi(places.cast_signed())
}

pub fn price(price: Price) -> f64 {
    of_units(price.units(), Price::PLACES)
}

pub fn money(money: Money) -> f64 {
    of_units(money.units(), Money::PLACES)
}

pub fn lots(lots: lotbridge::domain::Lots) -> f64 {
    of_units(lots.units(), lotbridge::domain::Lots::PLACES)
}

pub fn ratio(ratio: Ratio) -> f64 {
    of_units(ratio.units(), Ratio::PLACES)
}

/// A property that the host lacks ends the program: so a test sees it.
fn lacking(of: Of, property: i32) -> ! {
    panic!("the host lacks property {property} of {of:?}")
}

const fn kind_of_deal(side: Side) -> i32 {
    match side {
        Side::Buy => v::DEAL_TYPE_BUY,
        Side::Sell => v::DEAL_TYPE_SELL,
    }
}

pub fn account_integer(snapshot: &Snapshot, property: i32) -> i64 {
    let account = &snapshot.account;
    match property {
        v::ACCOUNT_LOGIN => account.login.0.cast_signed(),
        v::ACCOUNT_LEVERAGE => account.leverage.into(),
        v::ACCOUNT_CURRENCY_DIGITS => account.currency_digits.into(),
        v::ACCOUNT_MARGIN_MODE => i64::from(match account.margin_mode {
            MarginMode::Hedging => v::ACCOUNT_MARGIN_MODE_RETAIL_HEDGING,
            MarginMode::Netting => v::ACCOUNT_MARGIN_MODE_RETAIL_NETTING,
        }),
        other => lacking(Of::Account, other),
    }
}

pub fn account_real(snapshot: &Snapshot, property: i32) -> f64 {
    let account = &snapshot.account;
    money(match property {
        v::ACCOUNT_BALANCE => account.balance,
        v::ACCOUNT_EQUITY => account.equity,
        v::ACCOUNT_MARGIN => account.margin,
        v::ACCOUNT_MARGIN_FREE => account.free_margin,
        other => lacking(Of::Account, other),
    })
}

pub fn symbol_integer(symbol: &Instrument, property: i32) -> i64 {
    match property {
        v::SYMBOL_EXIST => 1,
        v::SYMBOL_DIGITS => symbol.digits.into(),
        v::SYMBOL_TRADE_STOPS_LEVEL => symbol.stops_level_points.into(),
        v::SYMBOL_TRADE_FREEZE_LEVEL => symbol.trading.freeze_level_points.into(),
        v::SYMBOL_FILLING_MODE => symbol.trading.filling_modes.into(),
        // No terminal leaves it empty.
        v::SYMBOL_EXPIRATION_MODE if symbol.trading.expiration_modes == 0 => 15,
        v::SYMBOL_EXPIRATION_MODE => symbol.trading.expiration_modes.into(),
        v::SYMBOL_TRADE_MODE => i64::from(match symbol.trading.mode {
            TradeMode::Full => v::SYMBOL_TRADE_MODE_FULL,
            TradeMode::Disabled => v::SYMBOL_TRADE_MODE_DISABLED,
            TradeMode::LongOnly => v::SYMBOL_TRADE_MODE_LONGONLY,
            TradeMode::ShortOnly => v::SYMBOL_TRADE_MODE_SHORTONLY,
            TradeMode::CloseOnly => v::SYMBOL_TRADE_MODE_CLOSEONLY,
        }),
        v::SYMBOL_TRADE_EXEMODE => i64::from(match symbol.trading.execution {
            Execution::Instantly => v::SYMBOL_TRADE_EXECUTION_INSTANT,
            Execution::Request => v::SYMBOL_TRADE_EXECUTION_REQUEST,
            Execution::Market => v::SYMBOL_TRADE_EXECUTION_MARKET,
            Execution::Exchange => v::SYMBOL_TRADE_EXECUTION_EXCHANGE,
        }),
        v::SYMBOL_TRADE_CALC_MODE => v::SYMBOL_CALC_MODE_CFD.into(),
        other => lacking(Of::Symbol, other),
    }
}

pub fn symbol_real(symbol: &Instrument, property: i32) -> f64 {
    match property {
        v::SYMBOL_TRADE_CONTRACT_SIZE => ratio(symbol.contract_size),
        v::SYMBOL_TRADE_TICK_SIZE => price(symbol.tick_size),
        v::SYMBOL_TRADE_TICK_VALUE => ratio(symbol.tick_value),
        v::SYMBOL_VOLUME_MIN => lots(symbol.lots_min),
        v::SYMBOL_VOLUME_MAX => lots(symbol.lots_max),
        v::SYMBOL_VOLUME_STEP => lots(symbol.lot_step),
        v::SYMBOL_VOLUME_LIMIT => lots(symbol.trading.volume_limit),
        other => lacking(Of::Symbol, other),
    }
}

pub fn position_integer(position: &Position, property: i32) -> i64 {
    match property {
        v::POSITION_TICKET => position.ticket.cast_signed(),
        v::POSITION_IDENTIFIER => position.id.0.cast_signed(),
        v::POSITION_MAGIC => position.magic.0.cast_signed(),
        v::POSITION_TIME_MSC => position.open_time.0,
        v::POSITION_TYPE => i64::from(match position.side {
            Side::Buy => v::POSITION_TYPE_BUY,
            Side::Sell => v::POSITION_TYPE_SELL,
        }),
        other => lacking(Of::Position, other),
    }
}

pub fn position_real(position: &Position, property: i32) -> f64 {
    match property {
        v::POSITION_VOLUME => lots(position.lots),
        v::POSITION_PRICE_OPEN => price(position.open_price),
        v::POSITION_SL => position.stop_loss.map_or(0.0, price),
        v::POSITION_TP => position.take_profit.map_or(0.0, price),
        other => lacking(Of::Position, other),
    }
}

pub fn position_text(position: &Position, property: i32) -> &str {
    match property {
        v::POSITION_SYMBOL => position.symbol.as_str(),
        v::POSITION_COMMENT => position.comment.as_str(),
        other => lacking(Of::Position, other),
    }
}

const fn kind_of_order(order: &PendingOrder) -> i32 {
    match (order.side, order.kind) {
        (Side::Buy, PendingKind::Limit) => v::ORDER_TYPE_BUY_LIMIT,
        (Side::Buy, PendingKind::Stop) => v::ORDER_TYPE_BUY_STOP,
        (Side::Buy, PendingKind::StopLimit) => v::ORDER_TYPE_BUY_STOP_LIMIT,
        (Side::Sell, PendingKind::Limit) => v::ORDER_TYPE_SELL_LIMIT,
        (Side::Sell, PendingKind::Stop) => v::ORDER_TYPE_SELL_STOP,
        (Side::Sell, PendingKind::StopLimit) => v::ORDER_TYPE_SELL_STOP_LIMIT,
    }
}

/// What stands in the terminal's list of orders.
#[derive(Clone, Copy)]
pub enum Listed<'a> {
    Pending(&'a PendingOrder),
    Working(&'a WorkingOrder),
}

/// The list: what waits, and what is worked on.
pub fn listed(snapshot: &Snapshot) -> impl Iterator<Item = Listed<'_>> {
    let working = snapshot.working.iter().map(Listed::Working);
    snapshot.orders.iter().map(Listed::Pending).chain(working)
}

impl Listed<'_> {
    pub const fn ticket(self) -> u64 {
        match self {
            Self::Pending(order) => order.ticket,
            Self::Working(order) => order.ticket,
        }
    }

    pub fn integer(self, property: i32) -> i64 {
        match (self, property) {
            (Self::Pending(order), _) => order_integer(order, property),
            (Self::Working(order), v::ORDER_TYPE) => match order.side {
                Side::Buy => v::ORDER_TYPE_BUY.into(),
                Side::Sell => v::ORDER_TYPE_SELL.into(),
            },
            (Self::Working(order), v::ORDER_MAGIC) => order.magic.0.cast_signed(),
            (Self::Working(_), v::ORDER_TYPE_TIME) => v::ORDER_TIME_GTC.into(),
            (Self::Working(_), v::ORDER_TIME_SETUP_MSC) => 0,
            (Self::Working(_), other) => lacking(Of::Order, other),
        }
    }

    /// An order at market has no price but the one that its sender named; none does here.
    pub fn real(self, property: i32) -> f64 {
        match (self, property) {
            (Self::Pending(order), _) => order_real(order, property),
            (Self::Working(order), v::ORDER_VOLUME_CURRENT) => lots(order.lots),
            (Self::Working(_), v::ORDER_PRICE_OPEN | v::ORDER_SL | v::ORDER_TP) => 0.0,
            (Self::Working(_), other) => lacking(Of::Order, other),
        }
    }
}

impl<'a> Listed<'a> {
    pub fn text(self, property: i32) -> &'a str {
        match (self, property) {
            (Self::Pending(order), _) => order_text(order, property),
            (Self::Working(order), v::ORDER_SYMBOL) => order.symbol.as_str(),
            (Self::Working(_), v::ORDER_COMMENT) => "",
            (Self::Working(_), other) => lacking(Of::Order, other),
        }
    }
}

fn order_integer(order: &PendingOrder, property: i32) -> i64 {
    match property {
        v::ORDER_TICKET => order.ticket.cast_signed(),
        v::ORDER_TYPE => kind_of_order(order).into(),
        v::ORDER_TYPE_TIME => i64::from(match order.terms.expiration {
            Expiration::Gtc => v::ORDER_TIME_GTC,
            Expiration::Day => v::ORDER_TIME_DAY,
            Expiration::Specified(_) => v::ORDER_TIME_SPECIFIED,
            Expiration::SpecifiedDay(_) => v::ORDER_TIME_SPECIFIED_DAY,
        }),
        v::ORDER_TIME_EXPIRATION => match order.terms.expiration {
            Expiration::Gtc | Expiration::Day => 0,
            Expiration::Specified(until) | Expiration::SpecifiedDay(until) => until.0 / 1000,
        },
        v::ORDER_MAGIC => order.magic.0.cast_signed(),
        v::ORDER_TIME_SETUP_MSC => order.placed.0,
        other => lacking(Of::Order, other),
    }
}

fn order_real(order: &PendingOrder, property: i32) -> f64 {
    match property {
        v::ORDER_VOLUME_CURRENT => lots(order.lots),
        v::ORDER_PRICE_OPEN => price(order.terms.price),
        v::ORDER_PRICE_STOPLIMIT => order.terms.limit_price.map_or(0.0, price),
        v::ORDER_SL => order.terms.stop_loss.map_or(0.0, price),
        v::ORDER_TP => order.terms.take_profit.map_or(0.0, price),
        other => lacking(Of::Order, other),
    }
}

fn order_text(order: &PendingOrder, property: i32) -> &str {
    match property {
        v::ORDER_SYMBOL => order.symbol.as_str(),
        v::ORDER_COMMENT => order.comment.as_str(),
        other => lacking(Of::Order, other),
    }
}

pub fn past_order_integer(order: &lotbridge::domain::PastOrder, property: i32) -> i64 {
    match property {
        // Which of the six it was is not kept; the programs ask only whether it was one of them.
        v::ORDER_TYPE => v::ORDER_TYPE_BUY_LIMIT.into(),
        v::ORDER_STATE => i64::from(match order.end {
            OrderEnd::Filled => v::ORDER_STATE_FILLED,
            OrderEnd::Cancelled => v::ORDER_STATE_CANCELED,
            OrderEnd::Expired => v::ORDER_STATE_EXPIRED,
            OrderEnd::Rejected => v::ORDER_STATE_REJECTED,
        }),
        v::ORDER_POSITION_ID => order.position.0.cast_signed(),
        v::ORDER_MAGIC => order.magic.0.cast_signed(),
        v::ORDER_TIME_DONE_MSC => order.time.0,
        other => lacking(Of::PastOrder, other),
    }
}

pub fn deal_integer(deal: &Deal, property: i32) -> i64 {
    match property {
        v::DEAL_TYPE => kind_of_deal(deal.side).into(),
        v::DEAL_POSITION_ID => deal.position.0.cast_signed(),
        v::DEAL_MAGIC => deal.magic.0.cast_signed(),
        v::DEAL_TIME_MSC => deal.time.0,
        v::DEAL_TIME => deal.time.0 / 1000,
        v::DEAL_ENTRY => i64::from(match deal.entry {
            DealEntry::In => v::DEAL_ENTRY_IN,
            DealEntry::Out => v::DEAL_ENTRY_OUT,
            DealEntry::InOut => v::DEAL_ENTRY_INOUT,
            DealEntry::OutBy => v::DEAL_ENTRY_OUT_BY,
        }),
        other => lacking(Of::PastDeal, other),
    }
}

pub fn deal_real(deal: &Deal, property: i32) -> f64 {
    match property {
        v::DEAL_VOLUME => lots(deal.lots),
        v::DEAL_PRICE => price(deal.price),
        v::DEAL_COMMISSION => money(deal.commission),
        v::DEAL_FEE => 0.0,
        v::DEAL_SWAP => money(deal.swap),
        v::DEAL_PROFIT => money(deal.profit),
        other => lacking(Of::PastDeal, other),
    }
}
