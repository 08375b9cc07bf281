//! What a slave's guards must not forget, in a small file of its own: written whole beside it and then put in its
//! place, so that a crash leaves the old one or the new one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::{Login, Micros};
use crate::replication::{Agent, SavedGuard, Unsaved};

/// Peaks are written this often at most; a trip, a re-arming, a new day at once.
const PEAKS_EVERY_MS: u64 = 1_000;
/// What could not be written is tried again after this.
const AGAIN_MS: u64 = 1_000;

/// The file's content.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    master: Login,
    login: Login,
    guard: SavedGuard,
}

/// The file of one slave of one master.
#[derive(Debug)]
pub(super) struct GuardFile {
    path: PathBuf,
    master: Login,
    login: Login,
    /// Not written before.
    not_before: Micros,
    /// The last try failed.
    failed: bool,
}

/// Where the file of one slave of one master is.
pub(super) fn path(folder: &Path, master: Login, login: Login) -> PathBuf {
    folder.join(format!("slave-{login}-of-{master}.guard.json"))
}

impl GuardFile {
    /// The file `<folder>/slave-<login>-of-<master>.guard.json`, which need not be there.
    pub fn new(folder: &Path, master: Login, login: Login) -> Self {
        Self {
            path: path(folder, master, login),
            master,
            login,
            not_before: Micros::default(),
            failed: false,
        }
    }

    /// Hands the agent what is in the file. A file that cannot be read is no reason to trade without guards: the agent
    /// opens nothing until it is re-armed.
    ///
    /// # Errors
    /// A text for the account's owner: why the file cannot be read.
    pub fn restore(&self, agent: &mut Agent, now: Micros) -> Result<(), String> {
        match self.read() {
            Ok(Some(saved)) => agent.restore_guard(saved),
            Ok(None) => {}
            Err(error) => {
                agent.distrust_guard(now);
                return Err(format!(
                    "{}: {error}; where guards are set, nothing is opened until they are re-armed",
                    self.path.display()
                ));
            }
        }
        Ok(())
    }

    fn read(&self) -> io::Result<Option<SavedGuard>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let content: Content = serde_json::from_slice(&text)?;
        if (content.master, content.login) != (self.master, self.login) {
            let text = format!("it is of account {} and master {}", content.login, content.master);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(Some(content.guard))
    }

    /// Writes what the agent has to have put down, if it is time.
    ///
    /// # Errors
    /// A text for the account's owner, the first time in a row: why the file cannot be written. The guards go on.
    pub fn save(&mut self, agent: &mut Agent, now: Micros) -> Result<(), String> {
        let urgency = agent.unsaved_guard();
        let at_once = urgency == Unsaved::Matters && !self.failed;
        if urgency == Unsaved::Nothing || !at_once && now < self.not_before {
            return Ok(());
        }
        let content = Content { master: self.master, login: self.login, guard: agent.saved_guard() };
        match self.write(&content, urgency == Unsaved::Matters) {
            Ok(()) => {
                agent.guard_is_saved();
                (self.failed, self.not_before) = (false, now.plus_ms(PEAKS_EVERY_MS));
                Ok(())
            }
            Err(error) => {
                let told = std::mem::replace(&mut self.failed, true);
                self.not_before = now.plus_ms(AGAIN_MS);
                let text = format!(
                    "{}: {error}; the guards hold, but a restart would not know of it",
                    self.path.display()
                );
                if told { Ok(()) } else { Err(text) }
            }
        }
    }

    fn write(&self, content: &Content, durable: bool) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(&serde_json::to_vec(content)?)?;
        if durable {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(&beside, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{AccountRules, GuardRules, Guarded, Reaction};
    use crate::domain::{Money, Signature};
    use crate::replication::AgentSettings;

    fn agent(guarded: bool) -> Agent {
        let stop = Guarded { bound: Money::from_units(1), reaction: Reaction::CloseAll };
        let guards = GuardRules { equity_stop: guarded.then_some(stop), ..GuardRules::default() };
        Agent::new(AgentSettings {
            login: Login(2001),
            signature: Signature::of_master(Login(1001)),
            rules: AccountRules { guards, ..AccountRules::default() },
            doubt_ms: 2000,
        })
    }

    #[test]
    fn what_was_put_down_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = GuardFile::new(&folder.path().join("new"), Login(1001), Login(2001));
        let mut first = agent(true);
        assert_eq!(file.restore(&mut first, Micros(0)), Ok(()), "there is none yet");
        assert_eq!(file.save(&mut first, Micros(0)), Ok(()));
        assert!(!file.path.exists(), "nothing to put down, nothing written");
        first.rearm(Micros(7));
        assert_eq!(file.save(&mut first, Micros(0)), Ok(()));
        let mut second = agent(true);
        assert_eq!(file.restore(&mut second, Micros(0)), Ok(()));
        assert_eq!((second.guard_report().rearmed, second.guard_report().tripped), (Micros(7), None));
    }

    #[test]
    fn a_file_that_cannot_be_read_opens_nothing_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = GuardFile::new(folder.path(), Login(1001), Login(2001));
        let other = Content { master: Login(1001), login: Login(2002), guard: SavedGuard::default() };
        for text in [b"{".to_vec(), serde_json::to_vec(&other).unwrap(), Vec::new()] {
            fs::write(&file.path, text).unwrap();
            let (mut guarded, mut free) = (agent(true), agent(false));
            let said = file.restore(&mut guarded, Micros(0)).unwrap_err();
            assert!(said.contains("slave-2001-of-1001.guard.json: "), "{said}");
            assert!(guarded.guard_report().tripped.is_some(), "{said}");
            assert!(file.restore(&mut free, Micros(0)).is_err() && free.guard_report().tripped.is_none());
        }
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("blocked");
        fs::write(&blocked, "a file where the folder should be").unwrap();
        let mut file = GuardFile::new(&blocked, Login(1001), Login(2001));
        let mut agent = agent(true);
        agent.rearm(Micros(1));
        assert!(file.save(&mut agent, Micros(0)).is_err());
        assert_eq!(file.save(&mut agent, Micros(0).plus_ms(AGAIN_MS)), Ok(()), "known already");
        fs::remove_file(&blocked).unwrap();
        assert_eq!(file.save(&mut agent, Micros(0).plus_ms(AGAIN_MS + 1)), Ok(()));
        assert!(!file.path.exists(), "not in a burst");
        assert_eq!(file.save(&mut agent, Micros(0).plus_ms(2 * AGAIN_MS)), Ok(()));
        assert!(file.path.exists() && agent.unsaved_guard() == Unsaved::Nothing);
    }
}
