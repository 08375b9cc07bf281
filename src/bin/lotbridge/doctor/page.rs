//! The page that is printed: what works, what is worth knowing, what is to be done.

use std::fmt::Display;

/// One page of findings.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    todo: usize,
}

impl Page {
    /// Begins a part.
    pub fn part(&mut self, title: &str) {
        self.add(&["\n", title, "\n"]);
    }

    /// It works.
    pub fn ok(&mut self, what: impl Display) {
        self.add(&["  ok     ", &what.to_string(), "\n"]);
    }

    /// It may be as it shall be.
    pub fn note(&mut self, what: impl Display) {
        self.add(&["  note   ", &what.to_string(), "\n"]);
    }

    /// It does not work; what mends it.
    pub fn todo(&mut self, what: impl Display, next: impl Display) {
        self.todo += 1;
        self.add(&["  TO DO  ", &what.to_string(), "\n         -> ", &next.to_string(), "\n"]);
    }

    fn add(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    /// How much is to be done.
    pub fn todos(&self) -> usize {
        self.todo
    }

    /// The page, after its first line.
    pub fn finish(self, first: &str) -> String {
        let end = if self.todo == 0 { "\nNothing is to be done.\n" } else { "" };
        format!("{first}\n{}{end}", self.text)
    }
}
