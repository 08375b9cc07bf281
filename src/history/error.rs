//! Why a history cannot be read: where, what was found, what is allowed.

use crate::domain::Lots;

/// Why a history cannot be read. `line` is the line of a CSV file, the row (`<tr>`, from 1) of an HTML report.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Another error of this type, in this file.
    #[error("{path}: {source}")]
    InFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: Box<HistoryError>,
    },
    /// More bytes than a history may have.
    #[error("is larger than {most} bytes")]
    TooLarge {
        /// How many bytes are the most.
        most: u64,
    },
    /// A line that no history has.
    #[error("line {line}: has {bytes} bytes, {most} are the most")]
    LineTooLong {
        /// Which line.
        line: u32,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// No text in it.
    #[error("is empty")]
    Empty,
    /// Half a character at the end, or half a surrogate pair.
    #[error("is UTF-16 that breaks off or is damaged at character {at}")]
    BadUtf16 {
        /// The 16-bit unit, from 0.
        at: usize,
    },
    /// None of the forms that are read.
    #[error(
        "is in no known form; it begins \"{found}\". Allowed: a signal's positions CSV (\"Time;Type;Volume;Symbol;\
         Price;Volume;Time;Price;Commission;Swap;Profit\"), a signal's order-book CSV (\"Time;Type;Volume;Symbol;\
         Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment\"), a MetaTrader 5 HTML report in English with a \
         Deals or Positions table"
    )]
    UnknownFormat {
        /// The beginning of the first line.
        found: String,
    },
    /// A table without a column that is needed.
    #[error("row {line}: the {table} table has no column \"{column}\"; it has: {found}")]
    MissingColumn {
        /// Which row.
        line: u32,
        /// Which table.
        table: &'static str,
        /// The column that is needed.
        column: &'static str,
        /// The columns that it has.
        found: String,
    },
    /// A row with fewer or more columns than its header.
    #[error("line {line}: {found} columns, the header has {expected}")]
    ColumnCount {
        /// Which line.
        line: u32,
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        found: usize,
    },
    /// A field that does not say what its column means.
    #[error("line {line}, {column}: \"{text}\" is not {allowed}")]
    Field {
        /// Which line.
        line: u32,
        /// Which column.
        column: &'static str,
        /// What was found, shortened.
        text: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A type of row that is not known.
    #[error("line {line}, {column}: \"{text}\" is not known; allowed: {allowed}")]
    UnknownType {
        /// Which line.
        line: u32,
        /// Which column.
        column: &'static str,
        /// What was found, shortened.
        text: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A position that was closed before it was opened.
    #[error("line {line}: closed at {close}, before it was opened at {open}")]
    CloseBeforeOpen {
        /// Which line.
        line: u32,
        /// When it was opened, as in the file.
        open: String,
        /// When it was closed, as in the file.
        close: String,
    },
    /// More volume closed than was open.
    #[error("line {line}: closes {closed} lots where {open} are open")]
    ClosesMore {
        /// Which line.
        line: u32,
        /// What was open.
        open: Lots,
        /// What was closed.
        closed: Lots,
    },
    /// A pending order that is said to be filled, and no position that it became.
    #[error(
        "line {line}: the order was filled, but no position of its symbol, side and volume opens at that time; allowed: a \
         row of its own for the position, or another comment than \"filled\""
    )]
    NoFill {
        /// Which line.
        line: u32,
    },
    /// The same header twice: files that were glued together.
    #[error("line {line}: the header appears again in the middle; is this two files in one?")]
    HeaderRepeated {
        /// Which line.
        line: u32,
    },
    /// A row of trades that belongs to no table.
    #[error("row {line}: looks like a trade but stands outside every table")]
    StrayRow {
        /// Which row.
        line: u32,
    },
    /// A report whose end is missing.
    #[error("breaks off: {opened} tables are opened, {closed} are closed")]
    Truncated {
        /// How many tables begin.
        opened: usize,
        /// How many tables end.
        closed: usize,
    },
    /// More positions of one symbol and side at once than can be told apart in bounded time.
    #[error("line {line}: more than {most} positions of one symbol and side are open at once")]
    TooManyOpen {
        /// Which line.
        line: u32,
        /// How many are the most.
        most: usize,
    },
    /// Sums beyond what the quantities hold.
    #[error("line {line}: the sum of {what} is out of range")]
    OutOfRange {
        /// Which line.
        line: u32,
        /// Of what.
        what: &'static str,
    },
    /// A symbol that is not in the table of known ones, and whose rows do not say what one lot is worth.
    #[error(
        "{symbol}: unknown symbol, and no row of it with a price difference and a profit to infer its value from"
    )]
    UnknownInstrument {
        /// The symbol.
        symbol: String,
    },
}

/// The beginning of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    let text = text.trim();
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
