//! README.md held against the program: its example is a configuration, its commands run, its table is a run's.
//!
//! `LOTBRIDGE_UPDATE_README=1 cargo test --test readme` refreshes the table.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use lotbridge::config::{Setup, schema};

/// Refreshes the table.
const UPDATE: &str = "LOTBRIDGE_UPDATE_README";
const BEGIN: &str = "<!-- sample run -->\n";
const END: &str = "<!-- /sample run -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// The command lines of the program, without its name.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let lines = blocks(text, "sh").into_iter().flat_map(str::lines);
    lines
        .filter_map(|line| line.strip_prefix("lotbridge ").or(line.strip_prefix("cargo run --release -- ")))
        .map(|line| line.split_whitespace().collect())
        .collect()
}

/// Runs the program in a folder; what it printed when it succeeds. A doctor may find something to be done.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lotbridge"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let done = output.status.success() || arguments[0] == "doctor" && output.status.code() == Some(1);
    assert!(done, "lotbridge {}: {}\n{said}", arguments.join(" "), output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The header of a DLL for x86-64.
fn dll() -> Vec<u8> {
    let mut bytes = vec![0; 0x98];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
    bytes[0x96..].copy_from_slice(&0x2022_u16.to_le_bytes());
    bytes
}

/// The names in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_table_is_a_runs_own() {
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let printed = run(root(), &["replay"]);
    // Latency is another one in every run.
    let (result, latency) = printed.split_once("\n\nLatency").expect("a replay ends with its latency");
    assert!(!latency.contains("PROBLEM"), "{printed}");
    let (summary, table) = result.split_once("\n\n").expect("a summary, then the table");
    let master = summary.lines().find(|line| line.starts_with("Master")).expect("the master's line");
    let expected = format!("\n{table}\n\n{master}.\n\n");
    if env::var_os(UPDATE).is_some() {
        fs::write(root().join("README.md"), format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(shown, expected, "README.md shows another run; {UPDATE}=1 refreshes it");
}

#[test]
fn the_example_is_a_configuration() {
    let text = readme();
    let examples = blocks(&text, "json");
    assert_eq!(examples.len(), 1);
    let setup = Setup::parse(examples[0]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(setup.pools.len(), 3);
}

#[test]
fn every_command_runs_as_shown() {
    let text = readme();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pools.json"), blocks(&text, "json")[0]).unwrap();
    fs::copy(root().join("src/bin/lotbridge/sample/history.csv"), folder.path().join("positions.csv"))
        .unwrap();
    fs::create_dir_all(folder.path().join("terminal/MQL5")).unwrap();
    fs::write(folder.path().join("lotbridge.dll"), dll()).unwrap();
    let shown = commands(&text);
    for arguments in &shown {
        assert!(!run(folder.path(), arguments).is_empty(), "{arguments:?} prints nothing");
    }
    assert!(folder.path().join("report.json").exists(), "no command writes a report");

    let help = run(root(), &["--help"]);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let known: BTreeSet<&str> = names.filter(|name| *name != "help").collect();
    let used: BTreeSet<&str> = shown.iter().map(|arguments| arguments[0]).collect();
    assert_eq!(used, known, "every command is shown, and no other");
    for name in known {
        assert!(text.contains(&format!("\n| `{name}` |")), "no row for {name} in the table of commands");
    }
}

#[test]
fn every_method_has_its_row() {
    let schema = schema();
    let known: BTreeSet<&str> = schema
        .pointer("/$defs/MethodName/oneOf")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|method| method["const"].as_str().unwrap())
        .collect();
    let text = readme();
    let table = text.split_once("| method |").unwrap().1.split_once("\n\n").unwrap().0;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<BTreeSet<&str>>(), known);
}

#[test]
fn what_it_names_is_there() {
    let text = readme();
    let header = fs::read_to_string(root().join("include/lotbridge.h")).unwrap();
    let (mut paths, mut functions) = (0, 0);
    for name in quoted(&text.replace("```", "")) {
        let folders = ["src", "tests", "include", "benches", "mql5", ".ci", "LICENSE-MIT", "LICENSE-APACHE"];
        if folders.iter().any(|folder| name == *folder || name.starts_with(&format!("{folder}/"))) {
            assert!(root().join(name).exists(), "README.md names {name}, which is not there");
            paths += 1;
        }
        if name.starts_with("lb_") {
            assert!(
                header.contains(&format!("int32_t {name}(")),
                "README.md names {name}, which is no function"
            );
            functions += 1;
        }
        if let Some(bench) = name.strip_prefix("cargo bench --bench ") {
            assert!(root().join(format!("benches/{bench}.rs")).exists(), "no benchmark {bench}");
        }
    }
    assert!(paths > 10 && functions > 10, "{paths} paths and {functions} functions were found");
}
