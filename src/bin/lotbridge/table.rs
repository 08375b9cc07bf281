//! Tables that a trader can read.

use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};

/// An empty table with these headings.
pub fn new(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(headings.iter().copied());
    table
}
