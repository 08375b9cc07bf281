//! A signal's exported CSV: the positions form and the order-book form.
//!
//! Both are `;`-separated with the newest close first. The commission of a row is charged at its exit: the file does not
//! say which part of it was charged at the opening.

use csv::ReaderBuilder;

use crate::domain::{Money, OrderEnd, PendingKind, Side};

use super::error::HistoryError;
use super::fields::Field;
use super::layout::{Layout, Row};
use super::model::{BalanceOperation, Exit, ExitReason, History};
use super::orders::{self, PlacedOrder};
use super::partials::{Leg, positions};

const TYPES: &str = "Buy, Sell, Buy/Sell Limit, Stop and Stop Limit, Balance, Credit, Correction, Charge, Bonus, \
                     Commission, Interest, Dividend, Tax";

/// Is this the header of a signal CSV?
pub(super) fn is_header(line: &str) -> bool {
    fields(line).is_some_and(|header| Layout::of_header(&header).is_some())
}

/// The fields of one line; a quoted field may hold the separator. Lines are split before, so that a stray quotation
/// mark cannot swallow the lines after it.
fn fields(line: &str) -> Option<Vec<String>> {
    if !line.contains('"') {
        return Some(line.split(';').map(str::to_owned).collect());
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(line.len().max(64))
        .from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

/// What one line says.
enum Entry {
    Leg(Box<Leg>),
    PendingOrder(Box<PlacedOrder>),
    StopLimit(u32),
    Balance(BalanceOperation),
    Credit(Money),
    Nothing,
    Summary,
}

/// Reads the lines of a signal CSV; the first is its header.
pub(super) fn read(lines: &[(u32, &str)]) -> Result<History, HistoryError> {
    let unknown = |line: &str| HistoryError::UnknownFormat { found: super::error::shorten(line) };
    let ((_, header), rows) = lines.split_first().ok_or(HistoryError::Empty)?;
    let header_fields = fields(header).ok_or_else(|| unknown(header))?;
    let layout = Layout::of_header(&header_fields).ok_or_else(|| unknown(header))?;
    let mut history = History {
        format: layout.format,
        login: None,
        currency: None,
        leverage: None,
        opening_balance: None,
        positions: Vec::new(),
        pending_orders: 0,
        orders: Vec::new(),
        balance_operations: Vec::new(),
        notes: Vec::new(),
        running_balances: Vec::new(),
    };
    if !layout.unknown.is_empty() {
        history.notes.push(format!("Columns that are not read: {}.", layout.unknown.join(", ")));
    }
    let (mut legs, mut left_out) = (Vec::new(), LeftOut::default());
    for (line, text) in rows {
        let columns = fields(text).ok_or(HistoryError::ColumnCount {
            line: *line,
            expected: header_fields.len(),
            found: 0,
        })?;
        if columns.iter().all(|column| column.trim().is_empty()) {
            continue;
        }
        match entry(&Row::new(*line, &layout, &columns)?)? {
            Entry::Leg(leg) => legs.push(*leg),
            Entry::PendingOrder(order) => {
                history.pending_orders += u32::from(order.end != OrderEnd::Filled);
                history.orders.push(*order);
            }
            Entry::StopLimit(line) => {
                history.pending_orders += 1;
                left_out.stop_limits.push(line);
            }
            Entry::Balance(operation) => history.balance_operations.push(operation),
            Entry::Credit(amount) => left_out.credits.push(amount),
            Entry::Nothing => left_out.empty.push(*line),
            Entry::Summary => left_out.summaries.push(*line),
        }
    }
    left_out.tell(&mut history.notes);
    history.positions = positions(legs, &mut history.notes)?;
    Ok(history)
}

fn entry(row: &Row<'_>) -> Result<Entry, HistoryError> {
    let kind = row.kind();
    if row.says_nothing() {
        return Ok(Entry::Nothing);
    }
    match kind.word().as_str() {
        "buy" | "sell" if row.is_summary() => Ok(Entry::Summary),
        "buy" | "sell" => leg(row).map(|leg| Entry::Leg(Box::new(leg))),
        "buy limit" => pending(row, Side::Buy, PendingKind::Limit),
        "sell limit" => pending(row, Side::Sell, PendingKind::Limit),
        "buy stop" => pending(row, Side::Buy, PendingKind::Stop),
        "sell stop" => pending(row, Side::Sell, PendingKind::Stop),
        "buy stop limit" => pending(row, Side::Buy, PendingKind::StopLimit),
        "sell stop limit" => pending(row, Side::Sell, PendingKind::StopLimit),
        "credit" => required(row.profit())?.money().map(Entry::Credit),
        "balance" | "correction" | "charge" | "bonus" | "commission" | "interest" | "dividend" | "tax" => {
            Ok(Entry::Balance(BalanceOperation {
                line: row.line,
                time: row.open_time().time()?,
                amount: required(row.profit())?.money()?,
                comment: if row.comment().is_empty() { kind.trimmed() } else { row.comment().trimmed() }
                    .to_owned(),
                opening: false,
            }))
        }
        _ => Err(kind.unknown(TYPES)),
    }
}

/// A field that may not be empty: an empty one is no number.
fn required(field: Field<'_>) -> Result<Field<'_>, HistoryError> {
    if field.is_empty() {
        field.number()?;
    }
    Ok(field)
}

/// Times and prices of a pending order are those of its placing and its end. A stop-limit order's line must be
/// understood all the same, though it does not say the limit.
fn pending(row: &Row<'_>, side: Side, kind: PendingKind) -> Result<Entry, HistoryError> {
    let end = orders::end_of(row.comment().text);
    let ends = end == OrderEnd::Filled || !row.close_time().is_empty();
    let order = PlacedOrder {
        line: row.line,
        symbol: row.symbol().symbol()?,
        side,
        kind,
        lots: row.open_lots().lots()?,
        price: row.open_price().price()?,
        stop_loss: row.stop_loss().stop()?,
        take_profit: row.take_profit().stop()?,
        placed: row.open_time().time()?,
        ended: if ends { Some(row.close_time().time()?) } else { None },
        end_price: row.close_price().stop()?,
        end,
        position: None,
    };
    if order.ended.is_some_and(|ended| ended < order.placed) {
        return Err(close_before_open(row));
    }
    if kind == PendingKind::StopLimit {
        return Ok(Entry::StopLimit(row.line));
    }
    Ok(Entry::PendingOrder(Box::new(order)))
}

fn close_before_open(row: &Row<'_>) -> HistoryError {
    HistoryError::CloseBeforeOpen {
        line: row.line,
        open: row.open_time().trimmed().to_owned(),
        close: row.close_time().trimmed().to_owned(),
    }
}

fn leg(row: &Row<'_>) -> Result<Leg, HistoryError> {
    let kind = row.kind();
    let leg = Leg {
        line: row.line,
        symbol: row.symbol().symbol()?,
        side: kind.side().ok_or_else(|| kind.unknown(TYPES))?,
        open_lots: row.open_lots().lots()?,
        open_time: row.open_time().time()?,
        open_price: row.open_price().price()?,
        stop_loss: row.stop_loss().stop()?,
        take_profit: row.take_profit().stop()?,
        exit: Exit {
            line: row.line,
            time: row.close_time().time()?,
            price: row.close_price().price()?,
            lots: row.close_lots().lots()?,
            commission: row
                .commission()
                .money()?
                .checked_add(row.fee().money()?)
                .ok_or(HistoryError::OutOfRange { line: row.line, what: "commission and fee" })?,
            swap: row.swap().money()?,
            profit: row.profit().money()?,
            reason: ExitReason::of_comment(row.comment().text),
        },
    };
    if leg.exit.time < leg.open_time {
        return Err(close_before_open(row));
    }
    if leg.exit.lots > leg.open_lots {
        return Err(HistoryError::ClosesMore { line: row.line, open: leg.open_lots, closed: leg.exit.lots });
    }
    Ok(leg)
}

/// What stands in the file and is no trade.
#[derive(Default)]
struct LeftOut {
    credits: Vec<Money>,
    empty: Vec<u32>,
    summaries: Vec<u32>,
    stop_limits: Vec<u32>,
}

impl LeftOut {
    fn tell(&self, notes: &mut Vec<String>) {
        if let Some(first) = self.credits.first() {
            notes.push(format!(
                "{} credit operations, the first of {first}, left out: credit is not balance.",
                self.credits.len()
            ));
        }
        for (lines, what) in [
            (&self.empty, "with nothing but a time or a comment"),
            (&self.summaries, "of sums"),
            (&self.stop_limits, "of stop-limit orders, whose limit the file does not say,"),
        ] {
            if let Some(first) = lines.first() {
                notes.push(format!("{} lines {what} left out, the first is line {first}.", lines.len()));
            }
        }
    }
}
