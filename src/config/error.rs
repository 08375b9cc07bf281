//! What is wrong with a configuration: where, what was found, what is allowed.

use std::fmt;
use std::path::PathBuf;

use serde_json::error::Category;

/// Most errors that are shown at once.
pub const MAX_ERRORS: usize = 20;
/// Most characters of the user's text that a message repeats.
const MAX_SHOWN: usize = 120;

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// Where: `pools[1].members[0].profile`; empty for the configuration as a whole.
    pub path: String,
    /// What was found there.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// Line and column, both from 1, where the text itself is not what it should be.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the configuration" } else { &self.path };
        write!(f, "{path}: found {}, expected {}", self.found, self.allowed)?;
        match self.place {
            Some((line, column)) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration, at most [`MAX_ERRORS`] of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct ConfigErrors {
    /// The file that was read, when it was one.
    pub file: Option<PathBuf>,
    /// In the order of the configuration's keys.
    pub errors: Vec<ConfigError>,
    /// How many more there were.
    pub more: usize,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if let Some(file) = &self.file {
                write!(f, "{}: ", file.display())?;
            }
            error.fmt(f)?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self { file: None, errors: vec![error], more: 0 }
    }
}

impl ConfigErrors {
    /// Records one more.
    pub(super) fn add(
        &mut self,
        path: impl Into<String>,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(ConfigError::new(path, found, allowed));
        } else {
            self.more += 1;
        }
    }
}

impl ConfigError {
    pub(super) fn new(path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { path: path.into(), found: found.into(), allowed: allowed.into(), place: None }
    }

    /// From a text that is not the JSON of a configuration. `serde_json` has its errors as sentences only; they are
    /// taken apart here.
    pub(super) fn of_json(path: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head);
        // serde_path_to_error writes `.` for the whole and `?` for a place that it lost.
        let path = if path == "." || path == "?" { "" } else { path.strip_suffix(".?").unwrap_or(path) };
        let error_at = |path: String, found: String, allowed: String| Self {
            path,
            found: shorten(&found),
            allowed,
            place: Some((error.line(), error.column())),
        };
        if error.classify() != Category::Data {
            return error_at(
                path.to_owned(),
                format!("text that is no JSON ({text})"),
                "valid JSON".to_owned(),
            );
        }
        if path == "secret" {
            return error_at(path.to_owned(), "something that is not text".into(), "text in quotes".into());
        }
        if let Some((key, rest)) = quoted_after(text, "unknown field ") {
            let known = all_quoted(rest);
            return error_at(inside(path, key), "a key that is unknown here".to_owned(), keys(key, &known));
        }
        if let Some((key, _)) = quoted_after(text, "missing field ") {
            return error_at(
                inside(path, key),
                "nothing".to_owned(),
                "this key, it has no default".to_owned(),
            );
        }
        if let Some((key, _)) = quoted_after(text, "duplicate field ") {
            return error_at(inside(path, key), "this key twice".to_owned(), "it once".to_owned());
        }
        if let Some((word, rest)) = quoted_after(text, "unknown variant ") {
            return error_at(path.to_owned(), format!("\"{word}\""), words(word, &all_quoted(rest)));
        }
        let (found, allowed) = text.split_once(", expected ").unwrap_or((text, "another kind of value"));
        let found = found.strip_prefix("invalid type: ").unwrap_or(found);
        let found = found.strip_prefix("invalid value: ").unwrap_or(found);
        error_at(path.to_owned(), found.to_owned(), allowed.to_owned())
    }
}

/// The path of a key inside of `path`, which may name the key already.
fn inside(path: &str, key: &str) -> String {
    if path.is_empty() || path == key {
        key.to_owned()
    } else if path.strip_suffix(key).is_some_and(|head| head.ends_with('.')) {
        path.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The first text in back quotes when `text` begins with `start`, and what follows it.
fn quoted_after<'a>(text: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(start)?.strip_prefix('`')?.split_once('`')
}

/// Every text in back quotes.
fn all_quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn keys(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("`{near}`? The keys here are {}", known.join(", ")),
        None => format!("one of the keys {}", known.join(", ")),
    }
}

fn words(found: &str, known: &[&str]) -> String {
    let list = known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    match nearest(found, known) {
        Some(near) => format!("one of {list}; did you mean \"{near}\"?"),
        None => format!("one of {list}"),
    }
}

/// The word that is at most a third of its letters away.
fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let (edits, near) = known.iter().map(|word| (distance(found, word), *word)).min()?;
    (edits * 3 <= near.len().max(3)).then_some(near)
}

/// How many letters must be put in, taken out or replaced to turn one word into the other (Levenshtein).
fn distance(found: &str, word: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.chars().count()).collect();
    for (line, a) in found.chars().take(MAX_SHOWN).enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(word.chars()) {
            let edits = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = edits;
            left = edits;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The text, cut where it is longer than a message should repeat.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= MAX_SHOWN {
        return text.to_owned();
    }
    text.chars().take(MAX_SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        for (a, b, edits) in [("", "abc", 3), ("lots", "lots", 0), ("lot", "lots", 1), ("slot", "lots", 2)] {
            assert_eq!((distance(a, b), distance(b, a)), (edits, edits), "{a} {b}");
        }
        assert_eq!(nearest("membrs", &["name", "members"]), Some("members"));
        assert_eq!(nearest("risk", &["name", "members"]), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn more_than_twenty_are_counted() {
        let mut errors = ConfigErrors::default();
        for index in 0..25 {
            errors.add(format!("pools[{index}]"), "a", "b");
        }
        assert_eq!(errors.errors.len(), 20);
        let text = errors.to_string();
        assert!(text.starts_with("pools[0]: found a, expected b\npools[1]"), "{text}");
        assert!(text.ends_with("\nand 5 more"), "{text}");
    }
}
