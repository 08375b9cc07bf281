//! From MQL5 to a shared library.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use crate::translate::{Program, translate};
use crate::values;

/// As strict as `MetaEditor` and stricter: where it warns of a loss of digits or a name that hides another, this refuses.
const FLAGS: [&str; 16] = [
    "-std=c++17",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wconversion",
    "-Wshadow",
    // Event handlers have parameters that they do not use.
    "-Wno-unused-parameter",
    // What is not set holds what happens to be there.
    "-ftrivial-auto-var-init=pattern",
    // Machine code, optimized, whose functions call each other directly: so does MetaEditor compile.
    "-O2",
    "-fno-semantic-interposition",
    "-Wl,-Bsymbolic",
    "-fno-plt",
    "-g",
    "-fPIC",
    "-shared",
    "-fvisibility=default",
];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The terminal's folder as the project ships it.
pub fn mql5() -> PathBuf {
    root().join("mql5")
}

/// Where what is made stays.
pub fn made() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mql5");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Translates a program.
///
/// # Errors
/// What the translator does not know.
pub fn translated(folder: &Path, program: &Path) -> Result<Program, String> {
    translate(folder, &folder.join(program)).map_err(|refused| refused.0)
}

/// Translates and compiles a program into `out`.
///
/// # Errors
/// What the translator or the compiler refuses.
pub fn build(folder: &Path, program: &Path, out: &Path) -> Result<Program, String> {
    let translated = translated(folder, program)?;
    let source = out.with_extension("cpp");
    fs::create_dir_all(out.parent().unwrap()).unwrap();
    fs::write(out.with_file_name("values.h"), values::header()).unwrap();
    fs::write(&source, &translated.cpp).unwrap();
    let named = env::var("CXX").unwrap_or_default();
    let mut words = named.split_whitespace();
    let mut compiler = Command::new(words.next().unwrap_or("c++"));
    compiler.args(words).args(FLAGS).arg("-I").arg(out.parent().unwrap());
    compiler.arg("-I").arg(root().join("tests/mql5/runtime")).arg("-I").arg(root().join("include"));
    let output = compiler.arg(&source).arg("-o").arg(out).output().map_err(|error| {
        format!("{compiler:?}: {error}: without a C++ compiler the MQL5 programs cannot be run: apt-get install g++")
    })?;
    if output.status.success() {
        Ok(translated)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The library that cargo built together with this test.
pub fn library() -> PathBuf {
    let test = env::current_exe().unwrap();
    let name = format!("{}lotbridge{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let library = test.parent().unwrap().join(name);
    assert!(library.exists(), "{}: cargo test builds it", library.display());
    library
}

/// Both programs, compiled once.
pub fn programs() -> &'static (PathBuf, PathBuf) {
    static PROGRAMS: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let one = |name: &str| {
            // Another test process may be loading the last one.
            let out = made().join(format!("{name}-{}", std::process::id())).join(format!("{name}.so"));
            let program = format!("Experts/LotBridge/{name}.mq5");
            build(&mql5(), program.as_ref(), &out).unwrap_or_else(|error| panic!("{error}"));
            out
        };
        (one("LotBridgeMaster"), one("LotBridgeSlave"))
    })
}
