//! Where a signal CSV keeps what: columns by the names in its header.

use super::error::HistoryError;
use super::fields::Field;
use super::model::Format;

/// Where a signal CSV keeps what. `Time`, `Price` and, in the positions form, `Volume` stand twice: opening first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub format: Format,
    names: Vec<String>,
    open_time: usize,
    kind: usize,
    open_lots: usize,
    symbol: usize,
    open_price: usize,
    close_lots: Option<usize>,
    stop_loss: Option<usize>,
    take_profit: Option<usize>,
    close_time: usize,
    close_price: usize,
    commission: Option<usize>,
    fee: Option<usize>,
    swap: Option<usize>,
    profit: usize,
    comment: Option<usize>,
    /// Columns that are not read.
    pub unknown: Vec<String>,
}

/// A column's name without blanks, in lower case.
pub(super) fn normal(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

impl Layout {
    /// The layout that this header names, if it is a signal's.
    pub fn of_header(header: &[String]) -> Option<Self> {
        let names: Vec<String> = header.iter().map(|name| normal(name)).collect();
        let at = |wanted: &str, which: usize| {
            names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(at, _)| at).nth(which)
        };
        let (stop_loss, take_profit) = (at("s/l", 0), at("t/p", 0));
        let close_lots = at("volume", 1);
        let format = match (stop_loss, close_lots) {
            (Some(_), _) => Format::SignalOrderBook,
            (None, Some(_)) => Format::SignalPositions,
            (None, None) => return None,
        };
        if ["time", "price", "volume"].iter().any(|name| at(name, 2).is_some()) {
            return None;
        }
        let known = [
            "time",
            "type",
            "volume",
            "symbol",
            "price",
            "s/l",
            "t/p",
            "commission",
            "fee",
            "swap",
            "profit",
            "comment",
            "",
        ];
        Some(Self {
            format,
            open_time: at("time", 0)?,
            kind: at("type", 0)?,
            open_lots: at("volume", 0)?,
            symbol: at("symbol", 0)?,
            open_price: at("price", 0)?,
            close_lots,
            stop_loss,
            take_profit,
            close_time: at("time", 1)?,
            close_price: at("price", 1)?,
            commission: at("commission", 0),
            fee: at("fee", 0),
            swap: at("swap", 0),
            profit: at("profit", 0)?,
            comment: at("comment", 0),
            unknown: names.iter().filter(|name| !known.contains(&name.as_str())).cloned().collect(),
            names,
        })
    }
}

/// One line's fields, by meaning.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub line: u32,
    layout: &'a Layout,
    fields: &'a [String],
}

impl<'a> Row<'a> {
    /// # Errors
    /// Another number of columns than the header, or the header itself once more.
    pub fn new(line: u32, layout: &'a Layout, fields: &'a [String]) -> Result<Self, HistoryError> {
        if fields.len() != layout.names.len() {
            return Err(HistoryError::ColumnCount {
                line,
                expected: layout.names.len(),
                found: fields.len(),
            });
        }
        if fields.iter().zip(&layout.names).all(|(field, name)| normal(field) == *name) {
            return Err(HistoryError::HeaderRepeated { line });
        }
        Ok(Self { line, layout, fields })
    }

    fn field(&self, column: &'static str, at: usize) -> Field<'a> {
        Field { line: self.line, column, text: self.fields.get(at).map_or("", String::as_str) }
    }
    fn optional(&self, column: &'static str, at: Option<usize>) -> Field<'a> {
        at.map_or(Field { line: self.line, column, text: "" }, |at| self.field(column, at))
    }

    pub fn open_time(&self) -> Field<'a> {
        self.field("Time (open)", self.layout.open_time)
    }
    pub fn kind(&self) -> Field<'a> {
        self.field("Type", self.layout.kind)
    }
    pub fn open_lots(&self) -> Field<'a> {
        self.field("Volume (open)", self.layout.open_lots)
    }
    pub fn symbol(&self) -> Field<'a> {
        self.field("Symbol", self.layout.symbol)
    }
    pub fn open_price(&self) -> Field<'a> {
        self.field("Price (open)", self.layout.open_price)
    }
    /// The order book has one volume: what was opened is what was closed.
    pub fn close_lots(&self) -> Field<'a> {
        self.field("Volume (close)", self.layout.close_lots.unwrap_or(self.layout.open_lots))
    }
    pub fn stop_loss(&self) -> Field<'a> {
        self.optional("S/L", self.layout.stop_loss)
    }
    pub fn take_profit(&self) -> Field<'a> {
        self.optional("T/P", self.layout.take_profit)
    }
    pub fn close_time(&self) -> Field<'a> {
        self.field("Time (close)", self.layout.close_time)
    }
    pub fn close_price(&self) -> Field<'a> {
        self.field("Price (close)", self.layout.close_price)
    }
    pub fn commission(&self) -> Field<'a> {
        self.optional("Commission", self.layout.commission)
    }
    pub fn fee(&self) -> Field<'a> {
        self.optional("Fee", self.layout.fee)
    }
    pub fn swap(&self) -> Field<'a> {
        self.optional("Swap", self.layout.swap)
    }
    pub fn profit(&self) -> Field<'a> {
        self.field("Profit", self.layout.profit)
    }
    pub fn comment(&self) -> Field<'a> {
        self.optional("Comment", self.layout.comment)
    }

    /// Does it say nothing beyond a time and a comment? Real exports have such lines.
    pub fn says_nothing(&self) -> bool {
        self.fields.iter().enumerate().all(|(at, field)| {
            field.trim().is_empty() || at == self.layout.open_time || Some(at) == self.layout.comment
        })
    }

    /// Real order books of MetaTrader 4 end in a line of sums: a side, the "symbol" `profit`, no price.
    pub fn is_summary(&self) -> bool {
        let symbol = self.symbol().word();
        (symbol == "profit" || symbol == "summary")
            && self.open_price().is_empty()
            && self.close_price().is_empty()
    }
}
