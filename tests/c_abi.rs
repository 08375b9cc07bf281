//! The C ABI from C and C++: the header is the one that is committed, compiles without a warning, and programs that
//! use it go through whole trades and all kinds of bad input, linked with the library and loading it.
#![cfg(unix)]

#[path = "c_abi/header.rs"]
mod header;

use std::collections::BTreeSet;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

/// What build.rs made of the sources that this test was compiled with.
const GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/lotbridge.h"));
/// Refreshes the committed header.
const UPDATE: &str = "LOTBRIDGE_UPDATE_HEADER";
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];
/// A program that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[derive(Clone, Copy, PartialEq)]
enum Language {
    C,
    Cpp,
}

impl Language {
    fn compiler(self) -> Command {
        let (variable, usual) = match self {
            Self::C => ("CC", "cc"),
            Self::Cpp => ("CXX", "c++"),
        };
        let named = env::var(variable).unwrap_or_default();
        let mut words = named.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(usual));
        command.args(words);
        command
    }
}

/// Runs a compiler or another tool; what it printed when it succeeds.
fn run_tool(command: &mut Command) -> String {
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => panic!(
            "{} is not installed, and without it nothing shows that the C ABI works: \
             apt-get install gcc g++ (or name the compilers in CC and CXX)",
            command.get_program().display()
        ),
        Err(error) => panic!("{command:?}: {error}"),
    }
}

/// The library that cargo built together with this test: beside it, not the one that an earlier `cargo build` left a
/// folder above.
fn library() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().unwrap();
    let library = folder.join(format!("{DLL_PREFIX}lotbridge{DLL_SUFFIX}"));
    let built = fs::metadata(&library)
        .and_then(|found| found.modified())
        .unwrap_or_else(|error| panic!("{}: {error}; cargo test builds it", library.display()));
    // The compiler's own list of what the library was made from.
    let sources = fs::read_to_string(folder.join("lotbridge.d")).unwrap();
    let sources: Vec<&str> = sources
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(made, _)| *made == library.to_str().unwrap())
        .flat_map(|(_, from)| from.split_whitespace())
        .collect();
    assert!(sources.iter().any(|source| source.ends_with("export.rs")), "{sources:?}");
    for source in sources {
        let changed = fs::metadata(root().join(source)).and_then(|found| found.modified()).unwrap();
        assert!(changed <= built, "{} is older than {source}: run cargo test again", library.display());
    }
    library
}

/// Compiles a program of `tests/c_abi`, linked with the library or to load it.
fn compile(name: &str, language: Language, loaded: bool, library: &Path, program: &Path) {
    let mut compiler = language.compiler();
    compiler.args(match language {
        Language::C => ["-std=c99", "-x", "c"],
        Language::Cpp => ["-std=c++17", "-x", "c++"],
    });
    compiler.args(WARNINGS).arg("-g").arg("-pthread").arg("-I").arg(root().join("include"));
    if loaded {
        compiler.arg("-DLOADED");
    }
    compiler.arg(root().join("tests/c_abi").join(name).with_extension("c"));
    compiler.args(["-x", "none"]).arg("-o").arg(program);
    // By its path, so that no other library of this name can be found.
    if loaded {
        compiler.arg("-ldl")
    } else {
        compiler.arg(library)
    };
    run_tool(&mut compiler);
}

/// Runs a program in a folder of its own.
fn run(program: &Path, library: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(program)
        .arg(library)
        .arg(folder.path())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.path().join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let said = fs::read_to_string(folder.path().join("stderr")).unwrap();
    let ended = status.map_or_else(|| format!("hangs for {PATIENCE:?}"), |status| status.to_string());
    assert!(status.is_some_and(|status| status.success()), "{}: {ended}\n{said}", program.display());
}

/// A program in both languages, linked and loading.
fn every_way(name: &str, ways: &[(Language, bool)]) {
    let library = library();
    let programs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c_abi");
    fs::create_dir_all(&programs).unwrap();
    for (language, loaded) in ways.iter().copied() {
        let way =
            (if language == Language::C { "c" } else { "cpp" }, if loaded { "loaded" } else { "linked" });
        let program = programs.join(format!("{name}_{}_{}", way.0, way.1));
        compile(name, language, loaded, &library, &program);
        run(&program, &library);
    }
}

const ALL: [(Language, bool); 4] =
    [(Language::C, false), (Language::C, true), (Language::Cpp, false), (Language::Cpp, true)];

#[test]
fn a_whole_trade() {
    every_way("whole_trade", &ALL);
}

#[test]
fn bad_values() {
    every_way("bad_values", &ALL);
}

#[test]
fn bad_calls() {
    every_way("bad_calls", &ALL);
}

#[test]
fn bad_opens() {
    every_way("bad_opens", &ALL);
}

/// Loading only: the header has no test-only function.
#[test]
fn a_panic_is_caught() {
    every_way("panic", &[(Language::C, true), (Language::Cpp, true)]);
}

#[test]
fn the_committed_header_is_the_generated_one() {
    let path = root().join("include/lotbridge.h");
    if env::var_os(UPDATE).is_some_and(|set| set == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, GENERATED).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differs = committed.lines().zip(GENERATED.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(GENERATED.lines().count())) + 1;
    assert!(
        committed == GENERATED,
        "{} is not what src/ffi makes, from line {line} on: look at the change, then run \
         `{UPDATE}=1 cargo test --test c_abi` and commit it (a changed interface needs a new LB_ABI_VERSION)",
        path.display()
    );
}

#[test]
fn the_header_compiles_alone_in_every_standard() {
    let header = root().join("include/lotbridge.h");
    for (language, standards) in
        [(Language::C, &["c99", "c11", "c17"][..]), (Language::Cpp, &["c++98", "c++11", "c++17", "c++20"])]
    {
        for standard in standards {
            let mut compiler = language.compiler();
            compiler.arg(format!("-std={standard}")).args(WARNINGS).arg("-fsyntax-only");
            // C++98 has neither 64-bit integers nor // comments by the letter, only in every compiler.
            if *standard == "c++98" {
                compiler.arg("-Wno-long-long");
            }
            compiler.args(["-x", if language == Language::C { "c" } else { "c++" }]).arg(&header);
            run_tool(&mut compiler);
        }
    }
    assert!(GENERATED.is_ascii(), "some compilers read a header in the user's own code page");
}

/// A header's structs: their names, and their fields as (type, name).
fn structs(header: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let mut found: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    let mut inside = false;
    for line in header.lines() {
        if let Some(name) = line.strip_prefix("typedef struct ").and_then(|rest| rest.strip_suffix(" {")) {
            found.push((name, Vec::new()));
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        } else if let Some((_, fields)) = found.last_mut().filter(|_| inside)
            && let Some(field) = line.trim().strip_suffix(';')
            && let Some(field) = field.split_once(' ')
        {
            fields.push(field);
        }
    }
    found
}

/// What is new in the header is in the programs too.
#[test]
fn the_programs_leave_nothing_out() {
    let read = |name: &str| fs::read_to_string(root().join("tests/c_abi").join(name)).unwrap();
    let table = read("check.h");
    let called: Vec<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("    F(")?.split(',').next())
        .map(|name| format!("lb_{name}"))
        .collect();
    assert_eq!(called, header::functions(GENERATED), "LB_FUNCTIONS in check.h and the header's functions");
    let values = read("bad_values.c");
    for (name, fields) in structs(GENERATED) {
        assert!(GENERATED.contains(&format!("sizeof({name}) ==")), "cbindgen.toml checks no size of {name}");
        // What only comes out of the library.
        if ["LbOrder", "LbMasterStatus", "LbSlaveStatus"].contains(&name) {
            continue;
        }
        for (kind, field) in fields {
            let (field, is_text) = field.split_once('[').map_or((field, false), |(field, _)| (field, true));
            let tested = match kind {
                "double" => format!(", {name}, {field}, "),
                "uint8_t" if is_text => format!("TEXT({}, {name}, {field})", name[2..].to_uppercase()),
                _ => continue,
            };
            assert!(values.contains(&tested), "bad_values.c does not try {name}.{field}");
        }
    }
}

/// No more and no less than the header says leaves the library.
#[test]
fn the_library_exports_what_the_header_has() {
    let mut nm = Command::new("nm");
    nm.args(if cfg!(target_os = "macos") { &["-g", "-U"][..] } else { &["-D", "--defined-only"] });
    let symbols = run_tool(nm.arg(library()));
    let exported: BTreeSet<&str> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(|name| name.trim_start_matches('_'))
        .collect();
    let mut expected: BTreeSet<&str> = header::functions(GENERATED).into_iter().collect();
    // Only tests have it: see [dev-dependencies] in Cargo.toml.
    expected.insert("lb_test_panic");
    assert_eq!(exported, expected);
}
