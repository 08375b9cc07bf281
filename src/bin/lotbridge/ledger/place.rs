//! Which ledger is meant.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lotbridge::config::Setup;
use lotbridge::ledger::Reader;
use lotbridge::node;

/// Which ledger is meant: a file, a configuration's, or the only one in a folder.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The ledger's file.
    #[arg(value_name = "FILE", conflicts_with_all = ["config", "state_dir"])]
    file: Option<PathBuf>,
    /// The ledger of this configuration's master.
    #[arg(long, value_name = "FILE", conflicts_with = "state_dir")]
    config: Option<PathBuf>,
    /// The only ledger in this folder; without any of the three, in this user's own.
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
}

impl Place {
    /// Opens it for reading.
    pub fn open(&self) -> Result<(Reader, PathBuf)> {
        let path = match (&self.file, &self.config) {
            (Some(file), _) => file.clone(),
            (None, Some(config)) => node::ledger_path(&Setup::read_file(config)?),
            (None, None) => only(&node::state_dir(self.state_dir.as_deref()))?,
        };
        Ok((Reader::open(&path)?, path))
    }
}

/// The only ledger in a folder.
fn only(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no ledgers in {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("master-") && path.extension().is_some_and(|end| end == "db") {
            found.push(path);
        }
    }
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("no ledger in {}: name the file, or a configuration with --config", folder.display()),
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            bail!("several ledgers, name one of them: {}", names.join(", "))
        }
    }
}
