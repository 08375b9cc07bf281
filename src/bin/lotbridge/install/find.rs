//! Where MetaTrader 5 keeps what belongs to its user: a data folder to each installation.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Where all data folders of a user are, from the roaming folder.
const TERMINALS: [&str; 2] = ["MetaQuotes", "Terminal"];
/// Where the programs look for the configuration, from the folder that all terminals share.
const CONFIGURATION: [&str; 4] = ["Common", "Files", "LotBridge", "lotbridge.json"];

/// A terminal's data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// The folder that holds `MQL5`.
    pub data: PathBuf,
    /// The program's folder, as `origin.txt` writes it; of a portable installation none.
    pub origin: Option<String>,
    /// The program's folder, where this program finds it.
    pub program: Option<PathBuf>,
    /// The Wine prefix that it is in.
    pub prefix: Option<PathBuf>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    pub terminals: Vec<Terminal>,
    /// What was looked at and left out, and why.
    pub notes: Vec<String>,
    /// Where was looked.
    pub places: Vec<PathBuf>,
}

/// The terminals in the named folders; without any, of this user.
///
/// # Errors
/// A named folder is none that could be meant.
pub fn terminals(named: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for folder in named {
        let before = found.terminals.len();
        look(&mut found, folder)?;
        if found.terminals.len() == before {
            bail!("--data-dir {}: {}", folder.display(), missing(folder));
        }
    }
    if named.is_empty() {
        for folder in usual_places() {
            if folder.is_dir() {
                look(&mut found, &folder)?;
            }
            found.places.push(folder);
        }
    }
    found.terminals.sort_by(|a, b| a.data.cmp(&b.data));
    found.terminals.dedup();
    Ok(found)
}

/// Where MetaTrader's own installers put them: on Windows, the roaming folder; elsewhere Wine prefixes.
fn usual_places() -> Vec<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return variable("APPDATA").map(|roaming| joined(&roaming, &TERMINALS)).into_iter().collect();
    }
    let home = variable("HOME");
    // MetaQuotes' installer for Linux makes `.mt5`.
    let own = ["wine", "mt5"].iter().filter_map(|name| Some(home.as_ref()?.join(format!(".{name}"))));
    variable("WINEPREFIX").into_iter().chain(own).collect()
}

fn look(found: &mut Found, folder: &Path) -> Result<()> {
    if folder.join("drive_c").is_dir() {
        for user in folders(&folder.join("drive_c/users"))? {
            let place = joined(&user, &["AppData", "Roaming", TERMINALS[0], TERMINALS[1]]);
            if place.is_dir() {
                several(found, &place)?;
            }
        }
        return Ok(());
    }
    if is_data_folder(folder) { one(found, folder) } else { several(found, folder) }
}

/// The data folders in a folder of them.
fn several(found: &mut Found, folder: &Path) -> Result<()> {
    for data in folders(folder)? {
        if data.join("origin.txt").is_file() {
            one(found, &data)?;
        }
    }
    Ok(())
}

fn one(found: &mut Found, data: &Path) -> Result<()> {
    if !data.join("MQL5").is_dir() {
        let what = if data.join("MQL4").is_dir() { "MetaTrader 4" } else { "without MQL5 folder" };
        found.notes.push(format!("{} left out: {what}", data.display()));
        return Ok(());
    }
    let data = absolute(data)?;
    let origin = match fs::read(data.join("origin.txt")) {
        Ok(bytes) => Some(text(&bytes).trim().to_owned()).filter(|origin| !origin.is_empty()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| data.join("origin.txt").display().to_string()),
    };
    let prefix = data.ancestors().find(|above| above.ends_with("drive_c")).and_then(Path::parent);
    let prefix = prefix.map(Path::to_owned);
    let program = match &origin {
        Some(origin) => reached(origin, prefix.as_deref()),
        None => file(&data, "terminal64.exe").map(|_| data.clone()),
    };
    found.terminals.push(Terminal { data, origin, program, prefix });
    Ok(())
}

/// Without what Windows puts before a path that was looked up, which no user knows and MetaEditor does not take.
fn absolute(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).with_context(|| folder.display().to_string())
}

fn is_data_folder(folder: &Path) -> bool {
    folder.join("MQL5").is_dir() || folder.join("origin.txt").is_file()
}

/// Why a folder that was named holds no terminal, and what to name.
fn missing(folder: &Path) -> String {
    let is_inner = folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("MQL5"));
    if !folder.is_dir() {
        "no such folder".into()
    } else if let Some(above) = folder.parent().filter(|_| is_inner) {
        format!("name the folder above it, {}", above.display())
    } else {
        "no MetaTrader 5 there. In the terminal, File > Open Data Folder shows the folder to name; \
         a folder of several, a portable installation or a Wine prefix will do, too"
            .into()
    }
}

impl Terminal {
    /// Where its programs look for the configuration, when they are given none.
    pub fn configuration(&self) -> Option<PathBuf> {
        let shared = match (&self.origin, &self.prefix) {
            (Some(_), _) => self.data.parent()?.to_owned(),
            (None, Some(prefix)) => {
                let users = folders(&prefix.join("drive_c/users")).ok()?;
                let of = |user: &PathBuf| joined(user, &["AppData", "Roaming", TERMINALS[0], TERMINALS[1]]);
                users.iter().map(of).find(|shared| shared.is_dir())?
            }
            (None, None) => return shared_configuration(),
        };
        Some(joined(&shared, &CONFIGURATION))
    }

    /// Its own MetaEditor.
    pub fn meta_editor(&self) -> Option<PathBuf> {
        file(self.program.as_ref()?, "metaeditor64.exe")
    }

    /// Is its data folder its program's?
    pub fn is_portable(&self) -> bool {
        self.origin.is_none()
    }

    /// A path of it as its own programs write it: `C:\…`, under Wine too.
    pub fn windows_path(&self, path: &Path) -> String {
        let Some(inside) =
            self.prefix.as_ref().and_then(|prefix| path.strip_prefix(prefix.join("drive_c")).ok())
        else {
            return path.display().to_string();
        };
        let parts: Vec<String> =
            inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        format!("C:\\{}", parts.join("\\"))
    }
}

/// Where the programs of all this Windows user's terminals look for the configuration.
pub fn shared_configuration() -> Option<PathBuf> {
    let roaming = env::var_os("APPDATA").filter(|value| !value.is_empty())?;
    Some(joined(&joined(Path::new(&roaming), &TERMINALS), &CONFIGURATION))
}

/// The folder that a path of Windows is, where this program runs.
fn reached(origin: &str, prefix: Option<&Path>) -> Option<PathBuf> {
    let path = match prefix {
        None => PathBuf::from(origin),
        Some(prefix) => {
            let (drive, rest) = origin.split_once(':')?;
            let drive = match drive.to_ascii_lowercase().as_str() {
                "c" => prefix.join("drive_c"),
                other => prefix.join("dosdevices").join(format!("{other}:")),
            };
            rest.split(['\\', '/']).filter(|part| !part.is_empty()).fold(drive, |path, part| path.join(part))
        }
    };
    path.is_dir().then_some(path)
}

/// A file of this name in whatever case.
fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .find(|path| path.file_name().is_some_and(|found| found.eq_ignore_ascii_case(name)) && path.is_file())
}

/// The folders in a folder, by name; none when it is not there.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn joined(folder: &Path, parts: &[&str]) -> PathBuf {
    parts.iter().fold(folder.to_owned(), |path, part| path.join(part))
}

/// Text of MetaTrader's own files: UTF-16 with a byte order mark, or UTF-8.
pub fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
