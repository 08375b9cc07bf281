//! The page's tables, told by their headers: title rows separate them, column names say what they are.

use super::super::error::HistoryError;
use super::super::fields::{Field, server_time};
use super::super::layout::normal;
use super::table::Row;

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Positions,
    Orders,
    Deals,
    OpenPositions,
    WorkingOrders,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Positions => "Positions",
            Self::Orders => "Orders",
            Self::Deals => "Deals",
            Self::OpenPositions => "Open Positions",
            Self::WorkingOrders => "Working Orders",
        }
    }
    /// Columns that a table cannot be read without; a name may stand twice.
    const fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Positions => {
                &["time", "position", "symbol", "type", "volume", "price", "time", "price", "profit"]
            }
            Self::Orders => &["order", "symbol", "type", "state"],
            Self::Deals => &["time", "deal", "symbol", "type", "direction", "volume", "price", "profit"],
            Self::OpenPositions => &["position", "symbol"],
            Self::WorkingOrders => &["order", "symbol"],
        }
    }
}

/// A table: its header and its rows.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub kind: Kind,
    header: &'a Row,
    names: Vec<String>,
    pub rows: Vec<&'a Row>,
}

/// The page's tables, and the rows that stand outside of them.
#[derive(Debug, Default)]
pub(super) struct Sections<'a> {
    pub positions: Option<Section<'a>>,
    pub orders: Option<Section<'a>>,
    pub deals: Option<Section<'a>>,
    pub open_positions: Option<Section<'a>>,
    pub working_orders: Option<Section<'a>>,
    pub outside: Vec<&'a Row>,
}

/// A title: it ends the table before it.
enum Title {
    /// Of a table that is read.
    Table(Kind),
    /// Of figures that are not.
    Other,
}

fn title(row: &Row) -> Option<Title> {
    match normal(row.only_text()?).trim_end_matches(':') {
        "positions" => Some(Title::Table(Kind::Positions)),
        "orders" => Some(Title::Table(Kind::Orders)),
        "deals" => Some(Title::Table(Kind::Deals)),
        "openpositions" => Some(Title::Table(Kind::OpenPositions)),
        "workingorders" => Some(Title::Table(Kind::WorkingOrders)),
        "results" | "summary" | "settings" | "accountsummary" => Some(Title::Other),
        _ => None,
    }
}

/// What a row is the header of, by the names that only that table has.
fn header_kind(row: &Row) -> Option<Kind> {
    let names: Vec<String> = row.cells.iter().map(|cell| normal(&cell.text)).collect();
    let has = |name: &str| names.iter().any(|own| own == name);
    let times = names.iter().filter(|name| *name == "time").count();
    if has("deal") && has("type") && has("direction") {
        Some(Kind::Deals)
    } else if has("position") && has("symbol") && has("type") {
        Some(if has("marketprice") || times < 2 { Kind::OpenPositions } else { Kind::Positions })
    } else if has("order") && has("symbol") && has("type") {
        Some(if has("marketprice") { Kind::WorkingOrders } else { Kind::Orders })
    } else {
        None
    }
}

/// Finds the tables.
///
/// # Errors
/// A titled table whose header lacks what is needed, a table that comes twice, a trade outside of every table.
pub(super) fn sections(rows: &[Row]) -> Result<Sections<'_>, HistoryError> {
    let mut found = Sections::default();
    let (mut titled, mut current) = (None::<Kind>, None::<Section<'_>>);
    for row in rows.iter().filter(|row| !row.is_empty()) {
        if let Some(title) = title(row) {
            found.keep(current.take())?;
            titled = match title {
                Title::Table(kind) => Some(kind),
                Title::Other => None,
            };
        } else if let Some(kind) = titled.take() {
            let kind = under_title(kind, row);
            current = Some(Section::new(kind, row)?);
        } else if let Some(kind) = header_kind(row) {
            found.keep(current.take())?;
            current = Some(Section::new(kind, row)?);
        } else if let Some(section) = current.as_mut() {
            if section.ends_at(row) {
                found.keep(current.take())?;
                found.outside.push(row);
            } else {
                section.rows.push(row);
            }
        } else if row.cells.len() >= 8 && server_time(row.first()).is_some() {
            return Err(HistoryError::StrayRow { line: row.number });
        } else {
            found.outside.push(row);
        }
    }
    found.keep(current)?;
    Ok(found)
}

/// What a table is whose title and header are these: its title says it, but some reports show what is still open or
/// placed, with its market price, under the plain title.
fn under_title(titled: Kind, header: &Row) -> Kind {
    let market_price = header.cells.iter().any(|cell| normal(&cell.text) == "marketprice");
    match titled {
        Kind::Positions if market_price => Kind::OpenPositions,
        Kind::Orders if market_price => Kind::WorkingOrders,
        _ => titled,
    }
}

fn missing(kind: Kind, row: &Row, column: &'static str) -> HistoryError {
    let found: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
    let found = super::super::error::shorten(&found.join(", "));
    HistoryError::MissingColumn { line: row.number, table: kind.name(), column, found }
}

impl<'a> Section<'a> {
    fn new(kind: Kind, header: &'a Row) -> Result<Self, HistoryError> {
        let mut names: Vec<String> = header.cells.iter().map(|cell| normal(&cell.text)).collect();
        // The tester's Orders table calls its first time "Open Time".
        for name in &mut names {
            if name == "opentime" {
                "time".clone_into(name);
            }
        }
        let mut left = names.clone();
        for &column in kind.needed() {
            match left.iter().position(|name| name == column) {
                Some(at) => drop(left.swap_remove(at)),
                None => return Err(missing(kind, header, column)),
            }
        }
        Ok(Self { kind, header, names, rows: Vec::new() })
    }

    /// Sums (nothing in the first columns) and what follows a table ("Balance:") end it.
    fn ends_at(&self, row: &Row) -> bool {
        let first = row.cells.first();
        let sums = first.is_some_and(|cell| cell.text.is_empty() && cell.span > 1);
        let label = first.is_some_and(|cell| cell.text.ends_with(':'));
        let image = row.cells.len() == 1;
        row.cells.len() < self.header.cells.len() && (sums || label || image)
    }

    /// The row's texts, one for each column of the header: cell by cell where the numbers agree, else by where
    /// the cells stand when their spans are laid out.
    pub fn values(&self, row: &'a Row) -> Result<Values<'a, '_>, HistoryError> {
        let wrong = HistoryError::ColumnCount {
            line: row.number,
            expected: self.header.cells.len(),
            found: row.cells.len(),
        };
        if row.cells.len() == self.header.cells.len() {
            let texts = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            return Ok(Values { line: row.number, names: &self.names, texts });
        }
        let mut texts = vec![""; self.header.cells.len()];
        let mut at = 0;
        for cell in &row.cells {
            let Some(slot) =
                self.starts().position(|start| start == at).and_then(|column| texts.get_mut(column))
            else {
                return Err(wrong);
            };
            *slot = cell.text.as_str();
            at += cell.span;
        }
        if at == self.header.cells.iter().map(|cell| cell.span).sum::<usize>() {
            Ok(Values { line: row.number, names: &self.names, texts })
        } else {
            Err(wrong)
        }
    }

    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        self.header.cells.iter().scan(0, |next, cell| {
            let start = *next;
            *next += cell.span;
            Some(start)
        })
    }
}

impl<'a> Sections<'a> {
    fn keep(&mut self, section: Option<Section<'a>>) -> Result<(), HistoryError> {
        let Some(section) = section else { return Ok(()) };
        let line = section.header.number;
        let slot = match section.kind {
            Kind::Positions => &mut self.positions,
            Kind::Orders => &mut self.orders,
            Kind::Deals => &mut self.deals,
            Kind::OpenPositions => &mut self.open_positions,
            Kind::WorkingOrders => &mut self.working_orders,
        };
        if slot.is_some() {
            return Err(HistoryError::HeaderRepeated { line });
        }
        *slot = Some(section);
        Ok(())
    }

    /// Columns of the tables that are read whose meaning is not known.
    pub fn unread_columns(&self) -> impl Iterator<Item = &str> {
        const KNOWN: [&str; 22] = [
            "time",
            "position",
            "symbol",
            "type",
            "volume",
            "price",
            "s/l",
            "t/p",
            "commission",
            "fee",
            "swap",
            "profit",
            "deal",
            "direction",
            "order",
            "balance",
            "comment",
            "state",
            "cost",
            "taxes",
            "reason",
            "",
        ];
        [&self.positions, &self.deals, &self.orders]
            .into_iter()
            .flatten()
            .flat_map(|section| &section.names)
            .map(String::as_str)
            .filter(|name| !KNOWN.contains(name))
    }
}

/// A row's texts by column name.
#[derive(Debug)]
pub(super) struct Values<'a, 's> {
    pub line: u32,
    names: &'s [String],
    texts: Vec<&'a str>,
}

impl<'a> Values<'a, '_> {
    /// The `which`-th column of that name, from 0; empty where the table has none. `shown` names it in errors.
    pub fn field(&self, name: &str, which: usize, shown: &'static str) -> Field<'a> {
        let at = self.names.iter().enumerate().filter(|(_, own)| *own == name).map(|(at, _)| at).nth(which);
        let text = at.and_then(|at| self.texts.get(at)).copied().unwrap_or_default();
        Field { line: self.line, column: shown, text }
    }
}
