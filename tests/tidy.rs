//! The house kept in order: which module may name which, who may use `unsafe`, floating point, clocks, threads and locks,
//! and how long a file and a function may be. The rules stand in `tests/tidy/rules.rs`.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "tidy/check.rs"]
mod check;
#[path = "tidy/map.rs"]
mod map;
#[path = "tidy/planted.rs"]
mod planted;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/scan.rs"]
mod scan;

/// Fewer files than that, and the house was not found.
const FILES_LEAST: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is written by hand and kept short.
const WRITTEN: [&str; 5] = ["rs", "c", "cpp", "h", "sh"];

/// Every source file of the project, from its folder, in order.
fn files() -> Vec<String> {
    let mut found = vec![];
    let folders = ["src", "tests", "benches", "examples", "fuzz/targets", "fuzz/fuzz_targets"];
    let mut folders: Vec<PathBuf> = folders.map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| WRITTEN.iter().any(|written| end == *written)) {
                found.push(path);
            }
        }
    }
    found.extend(Some(root().join("build.rs")).filter(|path| path.exists()));
    let mut names: Vec<String> = found
        .iter()
        .map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"))
        .collect();
    names.sort();
    names
}

#[test]
fn the_house_is_in_order() {
    let files = files();
    assert!(files.len() >= FILES_LEAST, "only {} files were found", files.len());
    let mut findings = vec![];
    for file in &files {
        findings.extend(check::inspect(file, &fs::read_to_string(root().join(file)).unwrap()));
    }
    let findings = check::settle(findings);
    assert!(findings.is_empty(), "{} findings:\n{}\n", findings.len(), findings.join("\n"));
}

#[test]
fn the_map_shows_the_house() {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let wrong = map::check(&text, |file| fs::read_to_string(root().join("src").join(file)).ok());
    assert!(wrong.is_empty(), "src/lib.rs:\n{}\n", wrong.join("\n"));
}

#[test]
fn the_rules_know_every_module_and_no_arrow_goes_up() {
    for (at, module) in rules::MODULES.iter().enumerate() {
        assert!(root().join("src").join(module.name).is_dir(), "no folder src/{}", module.name);
        for used in module.uses {
            let below = rules::MODULES[..at].iter().any(|lower| lower.name == *used);
            assert!(below, "{} may use {used}, which does not stand below it in the table", module.name);
        }
    }
}
