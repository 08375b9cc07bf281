//! Tables that a trader can read, and paste where Markdown is understood.

use comfy_table::{Table, presets::ASCII_MARKDOWN};

/// An empty table with these headings.
pub fn new(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(headings.iter().copied());
    table
}
