//! The rows of a page: every `<tr>` in document order, with the cells that are shown.

use scraper::{ElementRef, Html};

use super::super::error::HistoryError;
use super::super::text::MAX_LINE_BYTES;

/// A row of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Counted from 1 over the whole page.
    pub number: u32,
    /// The cells that are shown.
    pub cells: Vec<Cell>,
}

/// A cell that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its text, trimmed.
    pub text: String,
    /// How many columns it spans.
    pub span: usize,
}

impl Row {
    /// The only text in the row, if there is just one.
    pub fn only_text(&self) -> Option<&str> {
        let mut texts = self.cells.iter().filter(|cell| !cell.text.is_empty());
        texts.next().filter(|_| texts.next().is_none()).map(|cell| cell.text.as_str())
    }
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }
    pub fn first(&self) -> &str {
        self.cells.first().map_or("", |cell| cell.text.as_str())
    }
}

/// The rows of a page.
///
/// # Errors
/// A page that breaks off inside a table, and a cell that is too long.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, HistoryError> {
    let (opened, closed) = (count(text, "<table"), count(text, "</table"));
    if opened > closed {
        return Err(HistoryError::Truncated { opened, closed });
    }
    let page = Html::parse_document(text);
    let elements = page.tree.nodes().filter_map(ElementRef::wrap);
    let mut found = Vec::new();
    for (number, element) in (1_u32..).zip(elements.filter(|element| element.value().name() == "tr")) {
        let cells = element
            .children()
            .filter_map(ElementRef::wrap)
            .filter(|cell| matches!(cell.value().name(), "td" | "th") && !is_hidden(cell));
        let cells = cells.map(|cell| read_cell(cell, number)).collect::<Result<_, _>>()?;
        found.push(Row { number, cells });
    }
    Ok(found)
}

/// How often `tag` occurs, in any case.
fn count(text: &str, tag: &str) -> usize {
    text.as_bytes().windows(tag.len()).filter(|window| window.eq_ignore_ascii_case(tag.as_bytes())).count()
}

/// MetaTrader puts cells into its rows that only its own program shows.
fn is_hidden(cell: &ElementRef<'_>) -> bool {
    let by_class = cell.value().classes().any(|class| class.eq_ignore_ascii_case("hidden"));
    let by_style = cell.value().attr("style").is_some_and(|style| {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        style.to_ascii_lowercase().contains("display:none")
    });
    by_class || by_style || cell.value().attr("hidden").is_some()
}

fn read_cell(cell: ElementRef<'_>, line: u32) -> Result<Cell, HistoryError> {
    // A table within a cell is page layout: its rows come by themselves.
    let layout = cell.descendants().filter_map(ElementRef::wrap).any(|inner| inner.value().name() == "table");
    let mut text = String::new();
    if !layout {
        for part in cell.text() {
            text.push_str(part);
            if text.len() > MAX_LINE_BYTES {
                return Err(HistoryError::LineTooLong { line, bytes: text.len(), most: MAX_LINE_BYTES });
            }
        }
    }
    // The HTML standard's own limit for a span.
    let span = cell.value().attr("colspan").and_then(|span| span.trim().parse().ok()).unwrap_or(1_usize);
    Ok(Cell { text: text.trim().to_owned(), span: span.clamp(1, 1000) })
}
