//! One file against the rules.

use std::fmt;
use std::path::Path;

use crate::rules::{
    BIN, CHANGING, EXCEPTIONS, FILE_LINES_MOST, FUNCTION_LINES_MOST, MODULES, Module, NAMES, OUTSIDE, PATHS,
    Power,
};
use crate::scan::{At, Scan};

/// Something that is not in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the project's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule's name, as exceptions name it.
    pub rule: &'static str,
    /// What was found, and what is allowed.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.file, self.line, self.rule, self.what)
    }
}

/// Where a file belongs.
struct Place {
    module: Option<&'static Module>,
    /// Its module path from the crate's root.
    path: Vec<String>,
    /// Test code as a whole: `tests.rs` and what lies in a folder `tests` of `src`.
    test: bool,
}

/// Holds a file against every rule, exceptions left out of account. One that is no Rust has a length only, and no
/// leftovers.
pub fn inspect(file: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line: usize, rule: &'static str, what: String| {
        findings.push(Finding { file: file.to_owned(), line, rule, what });
    };
    let lines = text.lines().count();
    if lines > FILE_LINES_MOST {
        add(FILE_LINES_MOST + 1, "file length", format!("{lines} lines, {FILE_LINES_MOST} are allowed"));
    }
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(word) = leftover(text) {
            add(line, "left over", format!("{word}: finish it, or leave it out"));
        }
    }
    if Path::new(file).extension().is_none_or(|end| end != "rs") {
        return findings;
    }
    let place = match place(file) {
        Ok(place) => place,
        Err(what) => {
            add(1, "unknown module", what);
            return findings;
        }
    };
    match Scan::of(text, place.path.clone(), place.test) {
        Ok(scan) => {
            check_lengths(&scan, &mut add);
            check_marks(&scan, place.module, &mut add);
            if let Some(module) = place.module {
                check_arrows(&scan, module, &mut add);
                check_powers(&scan, module, &mut add);
            }
        }
        Err((line, error)) => add(line, "no Rust", error),
    }
    findings.sort();
    findings.dedup();
    findings
}

type Add<'a> = dyn FnMut(usize, &'static str, String) + 'a;

/// A word that says that something is missing; the words are put together here so that this file does not hold them.
fn leftover(line: &str) -> Option<&'static str> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    line.split(|c: char| !c.is_alphanumeric()).find_map(|word| words.into_iter().find(|left| word == *left))
}

/// Where a file belongs; an error when it lies in a module that the table does not know.
fn place(file: &str) -> Result<Place, String> {
    let Some(inner) = file.strip_prefix("src/") else {
        return Ok(Place { module: Some(&OUTSIDE), path: Vec::new(), test: false });
    };
    let mut path: Vec<String> = inner.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    let test = path.iter().any(|part| part == "tests");
    let module = match path.first().map(String::as_str) {
        Some("lib") => return Ok(Place { module: None, path: Vec::new(), test }),
        Some("bin") => return Ok(Place { module: Some(&BIN), path: path.split_off(1), test }),
        Some(name) => MODULES.iter().find(|module| module.name == name),
        None => None,
    };
    match module {
        Some(module) => Ok(Place { module: Some(module), path, test }),
        None => Err(format!("{}: give it a row in tests/tidy/rules.rs and in src/lib.rs", path.join("::"))),
    }
}

fn check_lengths(scan: &Scan, add: &mut Add<'_>) {
    for At { line, what, .. } in &scan.functions {
        if what.lines > FUNCTION_LINES_MOST {
            let found = format!("fn {}: {} lines, {FUNCTION_LINES_MOST} are allowed", what.name, what.lines);
            add(*line, "function length", found);
        }
    }
}

/// What says that something is not finished, or not tested.
fn check_marks(scan: &Scan, module: Option<&Module>, add: &mut Add<'_>) {
    for At { line, what, .. } in &scan.names {
        if matches!(what.as_str(), "todo!" | "unimplemented!") {
            add(*line, "left over", format!("{what}: finish it, or leave it out"));
        }
    }
    for At { line, .. } in &scan.ignored {
        add(*line, "ignored", "an ignored test tests nothing: list it with its reason, or run it".into());
    }
    for At { line, test, what } in &scan.modules {
        let library = module.is_none_or(|module| module.name != OUTSIDE.name);
        if library && what == "tests" && !test {
            add(*line, "tests shipped", "mod tests without #[cfg(test)]".into());
        }
    }
}

/// The arrows go down only.
fn check_arrows(scan: &Scan, module: &Module, add: &mut Add<'_>) {
    if [BIN.name, OUTSIDE.name].contains(&module.name) {
        return;
    }
    for At { line, what, .. } in &scan.paths {
        if what.first().is_none_or(|first| first != "crate") {
            continue;
        }
        let target = what.get(1).map_or("*", String::as_str);
        if target == module.name || module.uses.contains(&target) {
            continue;
        }
        let allowed = if module.uses.is_empty() { "nothing".into() } else { module.uses.join(", ") };
        let named = if matches!(target, "*" | "self") { "the crate's root" } else { target };
        add(*line, "arrow", format!("{} uses {named}; it may use {allowed}", module.name));
    }
}

fn check_powers(scan: &Scan, module: &Module, add: &mut Add<'_>) {
    let mut used = |line: usize, test: bool, power: Power, by: &str| {
        // A test may wait and watch the clock; it may not do what the module's own code may not otherwise.
        let exempt = test
            && matches!(power, Power::Clock | Power::Thread | Power::Lock | Power::System | Power::Print);
        if !exempt && !module.may.contains(&power) {
            add(line, rule(power), format!("{by} in {}, which may not", module.name));
        }
    };
    for At { line, test, what } in &scan.names {
        if let Some((_, power)) = NAMES.iter().find(|(name, _)| name == what) {
            used(*line, *test, *power, what);
        }
        if what.starts_with("Atomic") {
            used(*line, *test, Power::Lock, what);
        }
    }
    for At { line, test, what } in &scan.paths {
        let begins = |path: &[&str]| what.len() >= path.len() && path.iter().zip(what).all(|(a, b)| a == b);
        if let Some((_, power)) = PATHS.iter().find(|(path, _)| begins(path)) {
            used(*line, *test, *power, &what.join("::"));
        }
        if what.last().is_some_and(|last| last == "now") {
            used(*line, *test, Power::Clock, &what.join("::"));
        }
    }
    for At { line, test, what } in &scan.floats {
        used(*line, *test, Power::Float, what);
    }
    for At { line, test, what } in &scan.statics {
        let changes =
            |word: &String| word == "mut" || CHANGING.contains(&word.as_str()) || word.starts_with("Atomic");
        if let Some(word) = what.iter().find(|word| changes(word)) {
            used(*line, *test, Power::Changing, &format!("a static with {word}"));
        }
    }
}

/// A rule's name, as exceptions name it.
const fn rule(power: Power) -> &'static str {
    match power {
        Power::Unsafe => "unsafe",
        Power::Float => "float",
        Power::Clock => "clock",
        Power::Thread => "thread",
        Power::Lock => "lock",
        Power::Changing => "changing static",
        Power::System => "system",
        Power::Print => "print",
    }
}

/// The findings without those that are excepted, and the exceptions that are not needed.
pub fn settle(findings: Vec<Finding>) -> Vec<String> {
    let mut left = Vec::new();
    let mut needed = vec![false; EXCEPTIONS.len()];
    for finding in findings {
        match EXCEPTIONS.iter().position(|e| e.file == finding.file && e.rule == finding.rule) {
            Some(at) => needed[at] = true,
            None => left.push(finding.to_string()),
        }
    }
    for (exception, needed) in EXCEPTIONS.iter().zip(needed) {
        if !needed {
            left.push(format!(
                "{}: the exception from [{}] is not needed any more: take it out of tests/tidy/rules.rs ({})",
                exception.file, exception.rule, exception.reason
            ));
        }
    }
    left
}
