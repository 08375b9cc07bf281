//! Where a master listens.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::super::{TransportError, checked_name};
use super::security;

/// Where one master listens. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `lotbridge-<user>-<name>`, with a number for the directory between them if there is one.
    name: Arc<str>,
    user: Arc<str>,
}

impl Endpoint {
    /// The endpoint `name` (such as `master-1001`): the pipe is `\\.\pipe\lotbridge-<user>-<name>`, where the user is
    /// the security identifier of the one this process runs as.
    ///
    /// Windows keeps pipes in no directory. A `directory` sets endpoints of one name apart, by its text alone (case
    /// and the kind of slash do not count): it is neither made nor looked at.
    ///
    /// # Errors
    /// A name with other characters than letters, digits, `-`, `_`, `.`; or what the system says when asked for the
    /// user.
    pub fn new(directory: Option<&Path>, name: &str) -> Result<Self, TransportError> {
        let name = checked_name(name)?;
        let user = security::user()
            .map_err(|error| TransportError::system("ask for the user", "this process", error))?;
        let name = match directory {
            Some(directory) => format!("lotbridge-{user}-{:016x}-{name}", place(directory)),
            None => format!("lotbridge-{user}-{name}"),
        };
        Ok(Self { name: name.into(), user: user.into() })
    }

    /// The user's security identifier.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// The pipe's name, with its closing zero.
    pub(super) fn pipe(&self) -> Vec<u16> {
        format!(r"\\.\pipe\{}{}", self.name, '\0').encode_utf16().collect()
    }

    /// The name of what only a live listener holds, with its closing zero: one for all of a machine's sessions.
    pub(super) fn lock(&self) -> Vec<u16> {
        format!(r"Global\{}{}", self.name, '\0').encode_utf16().collect()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"\\.\pipe\{}", self.name)
    }
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits, of a directory's text. It sets apart, it does not protect.
fn place(directory: &Path) -> u64 {
    let text = directory.to_string_lossy().to_lowercase().replace('/', "\\");
    let text = text.trim_end_matches('\\');
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
