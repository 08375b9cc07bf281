//! Where a master listens, and the private directory it is in.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{TransportError, checked_name};
use super::sys;

/// Where one master listens. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    socket: Arc<Path>,
}

impl Endpoint {
    /// The endpoint `name` (such as `master-1001`) in `directory`: the socket is `<directory>/<name>.sock`.
    ///
    /// Without a directory it is `$XDG_RUNTIME_DIR/lotbridge`, or `/tmp/lotbridge-<user id>` where that variable is
    /// not set to an absolute path: master and slaves must agree on it. The directory is made (mode 0700, not its
    /// parents) if it is missing.
    ///
    /// # Errors
    /// A name with other characters than letters, digits, `-`, `_`, `.`; a path too long for a socket; a directory
    /// that cannot be made, is a symbolic link, belongs to another user, or lets group or others in.
    pub fn new(directory: Option<&Path>, name: &str) -> Result<Self, TransportError> {
        let name = checked_name(name)?;
        let user = sys::user_id();
        let directory = directory
            .map_or_else(|| default_directory(env::var_os("XDG_RUNTIME_DIR"), user), Path::to_path_buf);
        let socket = directory.join(format!("{name}.sock"));
        let (length, limit) = (socket.as_os_str().as_bytes().len(), sys::path_limit());
        if length > limit {
            return Err(TransportError::PathTooLong { path: socket, length, limit });
        }
        make_private(&directory)?;
        check_private(&directory, user)?;
        Ok(Self { socket: socket.into() })
    }

    /// The socket.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its lock file, which stays for good: removing it would let two listeners lock two files of one name.
    pub(super) fn lock(&self) -> PathBuf {
        self.socket.with_extension("lock")
    }

    /// Where a new socket is made before it takes the place of the old one in one step.
    pub(super) fn newcomer(&self) -> PathBuf {
        self.socket.with_extension("new")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.display().fmt(f)
    }
}

/// The XDG specification says to ignore a runtime directory that is not an absolute path.
pub(super) fn default_directory(runtime: Option<OsString>, user: u32) -> PathBuf {
    runtime
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .map_or_else(|| PathBuf::from(format!("/tmp/lotbridge-{user}")), |path| path.join("lotbridge"))
}

fn make_private(directory: &Path) -> Result<(), TransportError> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(TransportError::system("make the socket directory", &directory.display(), error))
        }
        _ => Ok(()),
    }
}

/// Refuses a directory that anyone but `user` could put a socket into, or reach one in.
pub(super) fn check_private(directory: &Path, user: u32) -> Result<(), TransportError> {
    let found = fs::symlink_metadata(directory).map_err(|error| {
        TransportError::system("look at the socket directory", &directory.display(), error)
    })?;
    let problem = if found.is_symlink() {
        "is a symbolic link: name the directory itself".to_string()
    } else if !found.is_dir() {
        "is not a directory".to_string()
    } else if found.uid() != user {
        format!("belongs to user {}, it must belong to user {user}", found.uid())
    } else if found.mode() & 0o077 != 0 {
        format!("has mode {:04o}, group and others must have no access (chmod 700)", found.mode() & 0o7777)
    } else {
        return Ok(());
    };
    Err(TransportError::Directory { path: directory.to_path_buf(), problem })
}
