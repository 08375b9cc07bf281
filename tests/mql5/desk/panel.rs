//! A terminal's panel: what it shows, and its buttons.

use std::time::{Duration, Instant};

use super::{Desk, PATIENCE};

impl Desk {
    /// Clicks a button of a terminal's panel, by its text.
    pub fn click(&self, login: u64, button: &str) {
        let file = self.folder.path().join(format!("click-{login}"));
        let began = Instant::now();
        while file.exists() {
            assert!(began.elapsed() < PATIENCE, "nobody takes the last click");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::fs::write(file, button).unwrap();
    }

    /// Waits until a terminal's panel has a line like this; the panel.
    pub fn panel(&mut self, login: u64, line: &str) -> String {
        self.panel_that(login, line, true)
    }

    /// The same, or until it has none.
    pub fn panel_that(&mut self, login: u64, line: &str, has: bool) -> String {
        let began = Instant::now();
        loop {
            self.serve_for(Duration::from_millis(20));
            let file = self.folder.path().join(format!("panel-{login}"));
            let panel = std::fs::read_to_string(file).unwrap_or_default();
            if panel.contains(line) == has && !panel.is_empty() {
                return panel;
            }
            assert!(began.elapsed() < PATIENCE, "a line {line:?}: {} in\n{panel}", !has);
        }
    }

    /// Waits until a terminal has just drawn its panel.
    pub fn drawn(&mut self, login: u64) {
        let file = self.folder.path().join(format!("panel-{login}"));
        let _ = std::fs::remove_file(&file);
        let began = Instant::now();
        while !file.exists() {
            self.serve_for(Duration::from_millis(1));
            assert!(began.elapsed() < PATIENCE, "the panel of {login} is not drawn");
        }
    }
}
