//! What was put into a data folder, with hashes: so that only that is replaced and taken out again.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::table;

/// Where it is, from the data folder.
const PLACE: &str = "MQL5/Libraries/lotbridge.installed.json";

/// What was put into a data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The release.
    pub version: String,
    /// SHA-256 of each file, in hexadecimal digits, by its path from the data folder.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    /// The data folder's; `None` when nothing was put there.
    ///
    /// # Errors
    /// It cannot be read, or names what no release of this program puts anywhere.
    pub fn read(data: &Path) -> Result<Option<Self>> {
        let path = place(data, PLACE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let manifest: Self = serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
        // It says what may be deleted: only what lies where programs of ours do.
        let ours = |place: &str| {
            place.starts_with("MQL5/")
                && !place.split(['/', '\\']).any(|part| matches!(part, ".." | "." | ""))
        };
        if let Some(stranger) = manifest.files.keys().find(|place| !ours(place)) {
            bail!("{}: {stranger} is nothing that was installed", path.display());
        }
        Ok(Some(manifest))
    }

    /// Writes it.
    pub fn write(&self, data: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        let path = place(data, PLACE);
        replace(&path, text.as_bytes()).with_context(|| path.display().to_string())
    }

    /// Takes it out.
    pub fn remove(data: &Path) -> Result<()> {
        let path = place(data, PLACE);
        fs::remove_file(&path).with_context(|| path.display().to_string())
    }
}

/// A file's place in a data folder.
pub fn place(data: &Path, path: &str) -> PathBuf {
    path.split('/').fold(data.to_owned(), |folder, part| folder.join(part))
}

/// A path as the user's system writes it.
pub fn shown(path: &str) -> String {
    path.replace('/', std::path::MAIN_SEPARATOR_STR)
}

/// SHA-256 in hexadecimal digits.
pub fn hash(content: &[u8]) -> String {
    table::hex(&Sha256::digest(content))
}

/// A file's hash; `None` when there is none.
pub fn hash_of(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(hash(&content))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Writes a file whole, or leaves the one that is there.
pub fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The old file is there; what is half written is of no use.
        let _ = fs::remove_file(&beside);
    }
    written
}
