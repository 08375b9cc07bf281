//! Makes the C header from `src/ffi`, into cargo's own folder; `tests/c_abi.rs` compares it with the committed one.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the header is made from, and nothing else: the codes, the constants, the structs, the exports.
const SOURCES: [&str; 5] = [
    "src/ffi/code.rs",
    "src/ffi/constants.rs",
    "src/ffi/structs.rs",
    "src/ffi/export.rs",
    "src/ffi/panel.rs",
];

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "cbindgen.toml"].iter().chain(&SOURCES) {
        println!("cargo::rerun-if-changed={path}");
    }
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("cargo sets no {name}"));
    let (root, out) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    if let Some(header) = header(&root)? {
        fs::write(out.join("lotbridge.h"), header)?;
    }
    Ok(())
}

/// The header; `None` where the sources are no Rust.
fn header(root: &Path) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let builder = cbindgen::Builder::new().with_config(config);
    let builder = SOURCES.iter().fold(builder, |builder, path| builder.with_src(root.join(path)));
    match builder.generate() {
        Ok(bindings) => {
            let mut header = Vec::new();
            bindings.write(&mut header);
            Ok(Some(header))
        }
        // The compiler comes next and says where, better than cbindgen can.
        Err(cbindgen::Error::ParseSyntaxError { src_path, .. }) => {
            println!("cargo::warning=no C header was made: {src_path} is not valid Rust");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
