//! The map that `src/lib.rs` opens with, held against the rules and the code.

use std::path::Path;

use crate::rules::MODULES;

/// What is wrong with the map in `text`; `read` gives a source file by its path in `src`.
pub fn check(text: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let doc: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let mut wrong = check_modules(text, &doc);
    let steps = steps(&doc);
    if steps.len() < 10 {
        wrong.push(format!("the way of a trade has {} steps: is the picture still there?", steps.len()));
    }
    for (function, file) in steps {
        let (of, name) = function.rsplit_once("::").unwrap_or(("", function));
        match read(file) {
            None => wrong.push(format!("the way of a trade names src/{file}, which is not there")),
            Some(code) if !defines(&code, of, name) => {
                wrong.push(format!("the way of a trade names {function}, which is not in src/{file}"));
            }
            Some(_) => {}
        }
    }
    wrong
}

/// The table's rows: one for every module, with its arrows; and every module is one of the library's.
fn check_modules(text: &str, doc: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let rows: Vec<Vec<&str>> = doc
        .iter()
        .filter(|line| line.starts_with("| [`"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for module in MODULES {
        let uses = if module.uses.is_empty() { "nothing".into() } else { module.uses.join(", ") };
        let first = format!("[`{}`]", module.name);
        match rows.iter().find(|row| row.first().is_some_and(|cell| *cell == first)) {
            None => wrong.push(format!("no row of the map for {}", module.name)),
            Some(row) => {
                let shown = row.last().copied().unwrap_or_default();
                if shown != uses {
                    wrong.push(format!(
                        "the map says that {} may use {shown}; it may use {uses}",
                        module.name
                    ));
                }
            }
        }
        if !text.contains(&format!("\npub mod {};", module.name)) {
            wrong.push(format!("{} is in the rules and not in src/lib.rs", module.name));
        }
    }
    if rows.len() != MODULES.len() {
        wrong.push(format!("{} rows in the map for {} modules", rows.len(), MODULES.len()));
    }
    wrong
}

/// The picture's steps: a function, and the file in `src` that it is in.
fn steps<'a>(doc: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let words = doc.iter().map(|line| line.split_whitespace().collect::<Vec<&str>>());
    words
        .filter_map(|words| {
            let at = words.iter().position(|word| Path::new(word).extension().is_some_and(|e| e == "rs"))?;
            let function = words.get(at.checked_sub(1)?)?;
            function.contains(['_', ':']).then_some((*function, words[at]))
        })
        .collect()
}

/// Is there a function of this name, in an `impl` of `of` unless that is empty?
fn defines(code: &str, of: &str, function: &str) -> bool {
    let mut block = "";
    for line in code.lines() {
        if line.starts_with("impl") {
            block = line;
        } else if line.starts_with('}') {
            block = "";
        }
        let named =
            line.split_once(&format!("fn {function}")).is_some_and(|(_, rest)| rest.starts_with(['(', '<']));
        let whose = block.split(|c: char| !c.is_alphanumeric());
        if named && (of.is_empty() || whose.into_iter().any(|word| word == of)) {
            return true;
        }
    }
    false
}
