//! Progress: a bar on a terminal, plain lines when piped.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// So many plain lines at most.
const LINES: usize = 10;

/// Progress of a replay, on stderr.
pub struct Progress {
    bar: Option<ProgressBar>,
    steps: usize,
    said: usize,
}

impl Progress {
    /// Nothing done of so many steps.
    pub fn new(steps: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(steps as u64);
            if let Ok(style) =
                ProgressStyle::with_template("{bar:40} {pos}/{len} steps, {elapsed} ({eta} to go)")
            {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, steps, said: 0 }
    }

    /// So many steps are done.
    pub fn step(&mut self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        } else if done * LINES / self.steps.max(1) > self.said {
            self.said = done * LINES / self.steps.max(1);
            eprintln!("{done} of {} steps", self.steps);
        }
    }

    /// All is done.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
