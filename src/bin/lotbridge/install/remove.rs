//! Taking out again what was put into a data folder, and nothing else.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use super::manifest::{Manifest, hash_of, place};
use super::put::check_free;
use super::shipped::LIBRARY_PLACE;

/// What becomes of the files.
#[derive(Debug, Default)]
pub struct Removal {
    /// As they were put there: taken out.
    pub removed: Vec<String>,
    /// Changed since: left alone.
    pub kept: Vec<String>,
}

/// Takes out what was put into a data folder; `None` when nothing was. `dry`: only says what would be.
///
/// # Errors
/// A terminal has the library loaded: nothing was changed. Or a file cannot be taken out.
pub fn remove(data: &Path, dry: bool) -> Result<Option<Removal>> {
    let Some(manifest) = Manifest::read(data)? else { return Ok(None) };
    let mut removal = Removal::default();
    for (path, was) in &manifest.files {
        match hash_of(&place(data, path))? {
            None => {}
            Some(found) if found == *was => removal.removed.push(path.clone()),
            Some(_) => removal.kept.push(path.clone()),
        }
    }
    if dry {
        return Ok(Some(removal));
    }
    if removal.removed.iter().any(|path| path == LIBRARY_PLACE) {
        check_free(data)?;
    }
    for path in &removal.removed {
        let path = place(data, path);
        fs::remove_file(&path).with_context(|| path.display().to_string())?;
    }
    Manifest::remove(data)?;
    for path in manifest.files.keys() {
        let path = place(data, path);
        // The folders that are all ours; `Libraries` is the terminal's.
        if let Some(folder) = path.parent().filter(|folder| folder.ends_with("LotBridge")) {
            remove_empty(folder)?;
        }
    }
    Ok(Some(removal))
}

fn remove_empty(folder: &Path) -> Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
            Err(error).with_context(|| folder.display().to_string())
        }
        _ => Ok(()),
    }
}
