//! Disorder planted on purpose: every rule finds it, at its line, and nothing besides.

use crate::check::{inspect, settle};
use crate::map;

/// Each row: a file, its text, and what is reported of it (`line rule`), in order.
const PLANTED: &[(&str, &str, &[&str])] = &[
    // Arrows.
    ("src/domain/a.rs", "use crate::allocation::Pool;", &["1 arrow"]),
    (
        "src/domain/a.rs",
        "use std::fmt;\nuse crate::{\n    domain::Lots,\n    config::{Setup},\n};",
        &["4 arrow"],
    ),
    ("src/allocation/block/mod.rs", "fn f() {\n    let x = crate::replication::Hub::new();\n}", &["2 arrow"]),
    ("src/allocation/block/mod.rs", "use super::super::node::Clock;", &["1 arrow"]),
    ("src/allocation/block/mod.rs", "use super::{Pool, Method};\nuse super::super::domain::Lots;", &[]),
    ("src/allocation/mod.rs", "mod inner {\n    use super::super::ffi::LB_OK;\n}", &["2 arrow"]),
    ("src/protocol/session.rs", "fn f() {\n    assert!(crate::transport::MAX == 1);\n}", &["2 arrow"]),
    (
        "src/protocol/session.rs",
        "#[cfg(test)]\nmod tests {\n    use crate::terminal::Terminal;\n}",
        &["3 arrow"],
    ),
    ("src/protocol/session.rs", "macro_rules! m {\n    () => { $crate::ledger::Ledger };\n}", &["2 arrow"]),
    ("src/transport/error.rs", "use crate as us;", &["1 arrow"]),
    ("src/transport/error.rs", "use crate::*;", &["1 arrow"]),
    ("src/transport/mod.rs", "use super::*;", &["1 arrow"]),
    ("src/terminal/a.rs", "use crate::history_of_all::H;", &["1 arrow"]),
    (
        "src/terminal/a.rs",
        "//! See [`crate::ffi`].\npub(crate) fn f() -> &'static str {\n    \"crate::ffi::X\"\n}",
        &[],
    ),
    ("src/bin/lotbridge/main.rs", "mod table;\nuse crate::table::new;\nuse lotbridge::ffi::LB_OK;", &[]),
    ("src/gateway/mod.rs", "pub fn f() {}", &["1 unknown module"]),
    // Powers.
    ("src/allocation/a.rs", "fn f(p: *const u8) -> u8 {\n    unsafe { *p }\n}", &["2 unsafe"]),
    ("src/allocation/a.rs", "#![allow(unsafe_code)]", &["1 unsafe"]),
    ("tests/abi.rs", "unsafe extern \"C\" {}", &["1 unsafe"]),
    ("src/ffi/a.rs", "#![allow(unsafe_code)]\nunsafe impl Send for X {}\nfn f(lots: f64) {}", &[]),
    ("src/transport/unix/sys.rs", "fn f() { unsafe { libc::close(0); } }", &[]),
    ("src/domain/a.rs", "/// Not an f64.\npub fn f(x: f64) {}", &["2 float"]),
    ("src/domain/a.rs", "const HALF: Half = Half::of(0.5);", &["1 float"]),
    (
        "src/domain/a.rs",
        "fn f() {\n    let x = (1e3, 2_f32, 0x1f, 1usize, 7.max(2), pair.0.1);\n}",
        &["2 float"; 2],
    ),
    ("src/config/a.rs", "#[cfg(test)]\nmod tests {\n    const X: f64 = 1;\n}", &["3 float"]),
    ("src/replication/hub/mod.rs", "use std::time::Duration;\nuse std::time::Instant;", &["2 clock"]),
    ("src/replication/hub/mod.rs", "fn f() {\n    std::time::SystemTime::now();\n}", &["2 clock"; 2]),
    ("src/replication/hub/mod.rs", "fn f() {\n    jiff::Timestamp::now();\n}", &["2 clock"]),
    (
        "src/replication/hub/mod.rs",
        "#[cfg(test)]\nmod tests {\n    use std::time::Instant;\n}\nuse std::time::Instant;",
        &["5 clock"],
    ),
    ("src/replication/hub/tests.rs", "use std::time::Instant;\nfn f() { std::thread::yield_now(); }", &[]),
    ("src/replication/hub/mod.rs", "#[cfg(not(test))]\nuse std::time::Instant;", &["2 clock"]),
    ("src/ledger/mod.rs", "use std::{\n    fs,\n    thread,\n};", &["3 thread"]),
    ("src/terminal/a.rs", "fn f() {\n    ::std::thread::spawn(|| ());\n}", &["2 thread"]),
    ("src/config/a.rs", "use std::sync::{Arc,\n    Mutex};", &["2 lock"]),
    ("src/history/a.rs", "use parking_lot::RwLock as Door;", &["1 lock"; 2]),
    ("src/history/a.rs", "fn f(n: &std::sync::atomic::AtomicU64) {}", &["1 lock"; 2]),
    ("src/node/a.rs", "use std::sync::Mutex;\nuse std::time::Instant;\nuse std::thread;", &[]),
    ("src/ffi/a.rs", "use parking_lot::Mutex;\nuse std::time::Instant;", &["2 clock"]),
    ("src/domain/a.rs", "fn f() { std::fs::remove_file(\"a\"); }", &["1 system"]),
    ("src/domain/a.rs", "fn f() { println!(); }", &["1 print"]),
    ("src/domain/a.rs", "fn print() {}\nfn f() { print() }", &[]),
    // Statics.
    ("src/domain/a.rs", "static mut LAST: u32 = 0;", &["1 changing static"]),
    (
        "src/domain/a.rs",
        "const X: &'static str = \"\";\nstatic NAMES: LazyLock<Vec<Cell<u8>>> = f();",
        &["2 changing static"],
    ),
    ("src/domain/a.rs", "static NAMES: OnceLock<Vec<u8>> = OnceLock::new();", &[]),
    (
        "src/domain/a.rs",
        "thread_local! {\n    static LAST: RefCell<u8> = f();\n}",
        &["1 changing static", "2 changing static"],
    ),
    ("src/ffi/a.rs", "thread_local! {\n    static LAST: RefCell<u8> = f();\n}", &[]),
    // What is not finished. The words are put together so that this file does not hold them.
    ("src/domain/a.rs", concat!("fn f() {}\n// TO", "DO: more"), &["2 left over"]),
    ("tests/a.rs", "fn f() {\n    todo!()\n}", &["2 left over"]),
    ("tests/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}", &["2 ignored"]),
    ("src/domain/mod.rs", "mod tests;", &["1 tests shipped"]),
    ("src/domain/mod.rs", "#[cfg(test)]\nmod tests;\nmod text;", &[]),
    ("src/domain/a.rs", "fn f() {\n    (\n}", &["3 no Rust"]),
];

#[test]
fn every_rule_finds_what_breaks_it() {
    for (file, text, expected) in PLANTED {
        let mut found: Vec<String> =
            inspect(file, text).iter().map(|finding| format!("{} {}", finding.line, finding.rule)).collect();
        found.sort();
        assert_eq!(found, *expected, "{file}:\n{text}\n{:#?}", inspect(file, text));
    }
}

#[test]
fn a_finding_names_file_line_and_what_is_allowed() {
    let findings = inspect("src/protocol/frame.rs", "\nuse crate::node::Clock;");
    let shown = "src/protocol/frame.rs:2: [arrow] protocol uses node; it may use domain, replication";
    assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), [shown]);
}

#[test]
fn long_files_are_found() {
    let lines = |n: usize| "//\n".repeat(n);
    assert_eq!(inspect("src/domain/a.rs", &lines(400)), []);
    let found = inspect("tests/a.rs", &lines(401));
    assert_eq!(found[0].to_string(), "tests/a.rs:401: [file length] 401 lines, 400 are allowed");
}

#[test]
fn long_functions_are_found_also_in_macros() {
    let function = |lines: usize| format!("fn long(\n) {{\n{}}}\n", "    f();\n".repeat(lines - 3));
    assert_eq!(inspect("src/domain/a.rs", &function(70)), []);
    let found = inspect("src/domain/a.rs", &format!("impl X {{\n{}}}", function(71)));
    assert_eq!(
        found[0].to_string(),
        "src/domain/a.rs:2: [function length] fn long: 71 lines, 70 are allowed"
    );
    let found = inspect("tests/a.rs", &format!("proptest! {{\n#[test]\n{}}}", function(71)));
    assert_eq!(found[0].to_string(), "tests/a.rs:3: [function length] fn long: 71 lines, 70 are allowed");
}

#[test]
fn an_exception_that_is_not_needed_is_reported() {
    let left = settle(vec![]);
    assert_eq!(left.len(), crate::rules::EXCEPTIONS.len());
    assert!(
        left[0].contains("src/transport/tests/process.rs: the exception from [ignored] is not needed"),
        "{left:?}"
    );
    let ignored = inspect("src/transport/tests/process.rs", "#[test]\n#[ignore]\nfn f() {}");
    assert_eq!(settle(ignored).len(), left.len() - 1);
}

#[test]
fn a_map_that_is_wrong_is_found() {
    let text = std::fs::read_to_string(crate::root().join("src/lib.rs")).unwrap();
    let check = |text: &str| {
        map::check(text, |file| std::fs::read_to_string(crate::root().join("src").join(file)).ok()).join("\n")
    };
    let wrong = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        check(&text.replace(from, to))
    };
    assert!(wrong("| nothing |", "| config |").contains("the map says that domain may use config"));
    assert!(wrong("pub mod ledger;", "").contains("ledger is in the rules and not in src/lib.rs"));
    assert!(wrong("//! | [`node`]", "//! [`node`]").contains("no row of the map for node"));
    assert!(wrong("Hub::on_master", "Hub::on_maestro").contains("Hub::on_maestro, which is not in"));
    assert!(
        wrong("Service::write_records", "Inner::write_records")
            .contains("Inner::write_records, which is not in")
    );
    assert!(wrong("node/master.rs", "node/mister.rs").contains("src/node/mister.rs, which is not there"));
}
