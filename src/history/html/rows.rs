//! The tables' rows as facts: deals, orders, closed positions.

use std::collections::HashMap;

use crate::domain::{Lots, Money, Price, ServerTime, Side, Symbol};

use super::super::error::HistoryError;
use super::super::fields::Field;
use super::sections::{Section, Sections, Values};

const DEAL_TYPES: &str = "buy, sell, balance, credit, charge, correction, bonus, commission (also daily, monthly, \
                          agent), interest, dividend, tax";
const ORDER_TYPES: &str = "buy, sell, buy/sell limit, stop and stop limit, close by";

/// What a deal did: its Direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
    /// A netting reversal: closes what is open and opens the rest on the other side.
    InOut,
}

/// A row of the Deals table that is a trade.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub line: u32,
    pub time: ServerTime,
    pub number: u64,
    pub symbol: Symbol,
    pub side: Side,
    pub direction: Direction,
    pub lots: Lots,
    pub price: Price,
    pub order: Option<u64>,
    /// Commission and fee.
    pub commission: Money,
    pub swap: Money,
    pub profit: Money,
    pub balance: Option<Money>,
    pub comment: String,
}

/// A row of the Deals table that is money.
#[derive(Debug, Clone)]
pub(super) struct MoneyRow {
    pub line: u32,
    pub time: ServerTime,
    pub deal: u64,
    pub kind: String,
    pub amount: Money,
    pub balance: Option<Money>,
    pub comment: String,
}

/// A row of the Orders table.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub number: u64,
    pub stop_loss: Option<Price>,
    pub take_profit: Option<Price>,
    pub comment: String,
    /// Was it placed to wait for a price?
    pub pending: bool,
    /// Did it become a deal, wholly or in part?
    pub filled: bool,
}

/// A row of the Positions table.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    pub line: u32,
    pub id: u64,
    pub symbol: Symbol,
    pub side: Side,
    pub lots: Lots,
    pub open_time: ServerTime,
    pub open_price: Price,
    pub stop_loss: Option<Price>,
    pub take_profit: Option<Price>,
    pub close_time: ServerTime,
    pub close_price: Price,
    pub commission: Money,
    pub swap: Money,
    pub profit: Money,
}

/// Everything a report says of trades.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The rows of the Positions table, if there is one.
    pub positions: Option<Vec<Closed>>,
    pub orders: Vec<Order>,
    /// In the table's order.
    pub deals: Vec<Deal>,
    pub money: Vec<MoneyRow>,
    pub open_positions: usize,
    pub working_orders: usize,
}

/// A row of the Deals table.
pub(super) enum Entry<'a> {
    Trade(&'a Deal),
    Money(&'a MoneyRow),
}

impl Report {
    pub fn of(sections: &Sections<'_>) -> Result<Self, HistoryError> {
        let mut report = Self {
            open_positions: sections.open_positions.as_ref().map_or(0, |section| section.rows.len()),
            working_orders: sections.working_orders.as_ref().map_or(0, |section| section.rows.len()),
            ..Self::default()
        };
        if let Some(section) = &sections.positions {
            report.positions = Some(all(section, closed)?);
        }
        if let Some(section) = &sections.orders {
            report.orders = all(section, order)?;
        }
        if let Some(section) = &sections.deals {
            for row in &section.rows {
                let values = section.values(row)?;
                let kind = values.field("type", 0, "Type");
                match kind.side() {
                    Some(side) => report.deals.push(deal(&values, side)?),
                    None => report.money.push(money_row(&values, &kind)?),
                }
            }
        }
        Ok(report)
    }

    /// The rows of the Deals table, in its order.
    pub fn ledger(&self) -> Vec<Entry<'_>> {
        let trades = self.deals.iter().map(Entry::Trade);
        let mut ledger: Vec<Entry<'_>> = trades.chain(self.money.iter().map(Entry::Money)).collect();
        ledger.sort_by_key(Entry::line);
        ledger
    }

    /// The orders by number.
    pub fn orders_by_number(orders: &[Order]) -> HashMap<u64, &Order> {
        orders.iter().map(|order| (order.number, order)).collect()
    }
}

impl Entry<'_> {
    pub fn line(&self) -> u32 {
        match self {
            Self::Trade(deal) => deal.line,
            Self::Money(row) => row.line,
        }
    }
    pub fn time(&self) -> ServerTime {
        match self {
            Self::Trade(deal) => deal.time,
            Self::Money(row) => row.time,
        }
    }
    pub fn deal(&self) -> u64 {
        match self {
            Self::Trade(deal) => deal.number,
            Self::Money(row) => row.deal,
        }
    }
    pub fn balance(&self) -> Option<Money> {
        match self {
            Self::Trade(deal) => deal.balance,
            Self::Money(row) => row.balance,
        }
    }
    pub fn amount(&self) -> Result<Money, HistoryError> {
        match self {
            Self::Trade(deal) => deal.money(),
            Self::Money(row) => Ok(row.amount),
        }
    }
    pub fn is_credit(&self) -> bool {
        matches!(self, Self::Money(row) if row.kind.contains("credit"))
    }
}

impl Deal {
    /// Commission, fee, swap and profit together.
    pub fn money(&self) -> Result<Money, HistoryError> {
        self.commission
            .checked_add(self.swap)
            .and_then(|sum| sum.checked_add(self.profit))
            .ok_or(HistoryError::OutOfRange { line: self.line, what: "commission, swap and profit" })
    }
}

fn all<T>(
    section: &Section<'_>,
    read: impl Fn(&Values<'_, '_>) -> Result<T, HistoryError>,
) -> Result<Vec<T>, HistoryError> {
    section.rows.iter().map(|row| read(&section.values(row)?)).collect()
}

/// Commission and fee: the model has one place for both.
fn costs(values: &Values<'_, '_>) -> Result<Money, HistoryError> {
    let mut sum = Money::ZERO;
    for (name, shown) in [("commission", "Commission"), ("fee", "Fee"), ("taxes", "Taxes")] {
        sum = sum
            .checked_add(values.field(name, 0, shown).money()?)
            .ok_or(HistoryError::OutOfRange { line: values.line, what: "commission and fee" })?;
    }
    Ok(sum)
}

fn balance(values: &Values<'_, '_>) -> Result<Option<Money>, HistoryError> {
    let field = values.field("balance", 0, "Balance");
    if field.is_empty() { Ok(None) } else { field.money().map(Some) }
}

fn deal(values: &Values<'_, '_>, side: Side) -> Result<Deal, HistoryError> {
    let direction = values.field("direction", 0, "Direction");
    let order = values.field("order", 0, "Order");
    Ok(Deal {
        line: values.line,
        time: values.field("time", 0, "Time").time()?,
        number: values.field("deal", 0, "Deal").id()?,
        symbol: values.field("symbol", 0, "Symbol").symbol()?,
        side,
        direction: match direction.word().as_str() {
            "in" => Direction::In,
            "out" | "out by" => Direction::Out,
            "in/out" | "inout" => Direction::InOut,
            _ => return Err(direction.unknown("in, out, in/out, out by")),
        },
        lots: values.field("volume", 0, "Volume").lots()?,
        price: values.field("price", 0, "Price").price()?,
        order: if order.is_empty() { None } else { Some(order.id()?) },
        commission: costs(values)?,
        swap: values.field("swap", 0, "Swap").money()?,
        profit: values.field("profit", 0, "Profit").money()?,
        balance: balance(values)?,
        comment: values.field("comment", 0, "Comment").trimmed().to_owned(),
    })
}

fn money_row(values: &Values<'_, '_>, kind: &Field<'_>) -> Result<MoneyRow, HistoryError> {
    let word = kind.word();
    let known =
        ["balance", "credit", "charge", "correction", "bonus", "commission", "interest", "dividend", "tax"];
    if !word.split(' ').any(|part| known.contains(&part)) {
        return Err(kind.unknown(DEAL_TYPES));
    }
    let profit = values.field("profit", 0, "Profit");
    if profit.is_empty() {
        profit.number()?;
    }
    let amount = costs(values)?
        .checked_add(values.field("swap", 0, "Swap").money()?)
        .and_then(|sum| sum.checked_add(profit.money().ok()?));
    profit.money()?;
    Ok(MoneyRow {
        line: values.line,
        time: values.field("time", 0, "Time").time()?,
        deal: values.field("deal", 0, "Deal").id()?,
        amount: amount.ok_or(HistoryError::OutOfRange { line: values.line, what: "the amounts" })?,
        balance: balance(values)?,
        comment: values.field("comment", 0, "Comment").trimmed().to_owned(),
        kind: word,
    })
}

fn order(values: &Values<'_, '_>) -> Result<Order, HistoryError> {
    let (kind, state) = (values.field("type", 0, "Type"), values.field("state", 0, "State"));
    let pending = match kind.word().as_str() {
        "buy" | "sell" | "close by" => false,
        "buy limit" | "sell limit" | "buy stop" | "sell stop" | "buy stop limit" | "sell stop limit" => true,
        _ => return Err(kind.unknown(ORDER_TYPES)),
    };
    Ok(Order {
        number: values.field("order", 0, "Order").id()?,
        stop_loss: values.field("s/l", 0, "S / L").stop()?,
        take_profit: values.field("t/p", 0, "T / P").stop()?,
        comment: values.field("comment", 0, "Comment").trimmed().to_owned(),
        pending,
        filled: matches!(state.word().as_str(), "filled" | "partial" | "partially filled"),
    })
}

fn closed(values: &Values<'_, '_>) -> Result<Closed, HistoryError> {
    let kind = values.field("type", 0, "Type");
    let volume = values.field("volume", 0, "Volume");
    // "0.05 / 0.10": closed of opened.
    let volume = Field { text: volume.text.split('/').next().unwrap_or_default(), ..volume };
    let (open, close) = (values.field("time", 0, "Time (open)"), values.field("time", 1, "Time (close)"));
    let row = Closed {
        line: values.line,
        id: values.field("position", 0, "Position").id()?,
        symbol: values.field("symbol", 0, "Symbol").symbol()?,
        side: kind.side().ok_or_else(|| kind.unknown("buy, sell"))?,
        lots: volume.lots()?,
        open_time: open.time()?,
        open_price: values.field("price", 0, "Price (open)").price()?,
        stop_loss: values.field("s/l", 0, "S / L").stop()?,
        take_profit: values.field("t/p", 0, "T / P").stop()?,
        close_time: close.time()?,
        close_price: values.field("price", 1, "Price (close)").price()?,
        commission: costs(values)?,
        swap: values.field("swap", 0, "Swap").money()?,
        profit: values.field("profit", 0, "Profit").money()?,
    };
    if row.close_time < row.open_time {
        return Err(HistoryError::CloseBeforeOpen {
            line: row.line,
            open: open.trimmed().to_owned(),
            close: close.trimmed().to_owned(),
        });
    }
    Ok(row)
}
