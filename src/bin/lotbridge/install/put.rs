//! One data folder: what is to be done there, and doing it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::manifest::{Manifest, hash, hash_of, place, replace};
use super::shipped::{LIBRARY_PLACE, Shipped};

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It is not there: put there.
    New,
    /// An earlier release's: replaced.
    Update,
    /// Changed by the user, and replaced because he says so; his is kept beside it.
    Overwrite,
    /// As it shall be.
    Same,
    /// Changed by the user: left alone.
    Keep,
    /// An earlier release's that this one has no more: taken out.
    Remove,
}

/// What is to be done in one data folder.
pub struct Plan {
    data: PathBuf,
    before: Option<Manifest>,
    /// In the order in which it is done.
    pub acts: Vec<(Act, String)>,
}

impl Plan {
    /// Compares the folder with what it shall hold.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn new(data: &Path, shipped: &[Shipped], overwrite: bool) -> Result<Self> {
        let before = Manifest::read(data)?;
        let known = before.as_ref().map(|manifest| &manifest.files);
        let put = |path: &str| known.and_then(|files| files.get(path));
        let mut acts = Vec::new();
        for file in shipped {
            let act = match hash_of(&place(data, &file.place))? {
                None => Act::New,
                Some(found) if found == hash(&file.content) => Act::Same,
                // Nobody edits a library: another one is an earlier one.
                Some(found) if put(&file.place) == Some(&found) || file.place == LIBRARY_PLACE => Act::Update,
                Some(_) if overwrite => Act::Overwrite,
                Some(_) => Act::Keep,
            };
            acts.push((act, file.place.clone()));
        }
        for (path, was) in known.into_iter().flatten() {
            let ours = shipped.iter().any(|file| file.place == *path);
            // A compiled program goes with its source.
            let source = path.strip_suffix(".ex5").map(|stem| format!("{stem}.mq5"));
            let compiled = source.is_some_and(|source| shipped.iter().any(|file| file.place == source));
            if !ours && !compiled && hash_of(&place(data, path))?.as_ref() == Some(was) {
                acts.push((Act::Remove, path.clone()));
            }
        }
        Ok(Self { data: data.to_owned(), before, acts })
    }

    /// The files of which this is done.
    pub fn of(&self, act: Act) -> impl Iterator<Item = &str> {
        self.acts.iter().filter(move |(done, _)| *done == act).map(|(_, path)| path.as_str())
    }

    /// Does it. What was done is put down even when something fails.
    ///
    /// # Errors
    /// A terminal has the library loaded: nothing was changed. Or a file cannot be written.
    pub fn carry_out(&self, shipped: &[Shipped]) -> Result<Manifest> {
        let mut files = self.before.as_ref().map(|manifest| manifest.files.clone()).unwrap_or_default();
        if !matches!(self.acts.first(), Some((Act::Same, path)) if path == LIBRARY_PLACE) {
            check_free(&self.data)?;
        }
        let done = self.acts.iter().try_for_each(|(act, path)| self.act(*act, path, shipped, &mut files));
        let manifest = Manifest { version: env!("CARGO_PKG_VERSION").into(), files };
        if self.before.as_ref() != Some(&manifest) {
            manifest.write(&self.data)?;
        }
        done.map(|()| manifest)
    }

    fn act(
        &self,
        act: Act,
        path: &str,
        shipped: &[Shipped],
        files: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        let target = place(&self.data, path);
        let context = || target.display().to_string();
        match act {
            Act::Keep => return Ok(()),
            Act::Remove => {
                fs::remove_file(&target).with_context(context)?;
                files.remove(path);
                return Ok(());
            }
            Act::Overwrite => {
                fs::rename(&target, kept(&target)).with_context(context)?;
            }
            Act::New | Act::Update | Act::Same => {}
        }
        let file = shipped.iter().find(|file| file.place == path).with_context(context)?;
        if act != Act::Same {
            replace(&target, &file.content).map_err(|error| refused(&self.data, &target, error))?;
        }
        files.insert(path.to_owned(), hash(&file.content));
        Ok(())
    }
}

/// Where the user's own version of a file is kept: `Panel.mqh.yours`.
pub fn kept(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".yours");
    path.with_file_name(name)
}

/// Can the library be replaced? Windows keeps a DLL that some process has loaded; under Wine, Linux would let it go, and the
/// programs that are put beside it would not fit the one that runs.
///
/// # Errors
/// It cannot, and what to do.
pub fn check_free(data: &Path) -> Result<()> {
    let library = place(data, LIBRARY_PLACE);
    if let Some(process) = mapped_by(&library) {
        return Err(in_use_by(data, &library, &process));
    }
    match OpenOptions::new().write(true).open(&library) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused(data, &library, error)),
        _ => Ok(()),
    }
}

/// The process that has this file mapped, where Linux tells of it; others' processes are not seen.
fn mapped_by(file: &Path) -> Option<String> {
    let file = file.canonicalize().ok()?;
    let processes = fs::read_dir("/proc").ok()?.flatten().map(|process| process.path());
    let process = processes.into_iter().find(|process| {
        // proc(5): address, permissions, offset, device, inode, and the file with all its blanks.
        let maps = fs::read(process.join("maps")).unwrap_or_default();
        let maps = String::from_utf8_lossy(&maps);
        let mut files = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
        files.any(|mapped| Path::new(mapped) == file)
    })?;
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    Some(format!(" (process {}, {})", process.file_name()?.display(), name.trim_end()))
}

/// Why a file cannot be written, in words that help.
fn refused(data: &Path, path: &Path, error: io::Error) -> anyhow::Error {
    if in_use(&error) {
        in_use_by(data, path, "")
    } else {
        anyhow!(error).context(format!("cannot write {}", path.display()))
    }
}

fn in_use_by(data: &Path, path: &Path, process: &str) -> anyhow::Error {
    anyhow!(
        "{} is in use: the terminal of {} runs and has it loaded{process}. Nothing was changed there. Close that terminal (File > \
         Exit; a moment without LotBridge loses no position), run this command again, and start it",
        path.display(),
        data.display()
    )
}

/// Does the system say that another process has the file? (Microsoft, "System Error Codes")
fn in_use(error: &io::Error) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const ERROR_LOCK_VIOLATION: i32 = 33;
    const ERROR_USER_MAPPED_FILE: i32 = 1224;
    let codes = [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE];
    cfg!(windows) && error.raw_os_error().is_some_and(|code| codes.contains(&code))
}
