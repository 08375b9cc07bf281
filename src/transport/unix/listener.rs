//! The master's side: one listener per endpoint, whatever died before it.
//!
//! Who listens is decided by a lock on `<name>.lock`, which the system gives back when its holder dies. The holder
//! makes its socket under another name, sets its mode, and renames it into place: a client sees the old socket or
//! the new one, never one that is half made. Before that it tries whether the old socket answers, in case somebody
//! swept the lock file away under a listener that lives.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;

use super::super::TransportError;
use super::{Connection, Endpoint, sys};

/// How often a lock file that is swept away between opening and locking is opened anew.
const LOCK_TRIES: u32 = 8;
/// How many connections that broke off before they were accepted one `accept` passes over.
const ACCEPT_TRIES: u32 = 16;

/// Listens at an [`Endpoint`]. Dropping it removes the socket, if it is still this listener's, and frees the
/// endpoint.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
    socket: Arc<UnixListener>,
    /// Device and inode of the socket file.
    file: (u64, u64),
    /// The user whose processes may connect.
    pub(super) user: u32,
    /// Held for its lock; closed after the socket file is removed, because fields drop after [`Drop::drop`].
    _lock: File,
}

impl Listener {
    /// Begins to listen. The socket of a listener that died is replaced.
    ///
    /// # Errors
    /// [`AlreadyListening`](TransportError::AlreadyListening) when another listener lives, in this process or
    /// another; [`NotASocket`](TransportError::NotASocket) when something else stands in the socket's place; or what
    /// the system says.
    pub fn bind(endpoint: &Endpoint) -> Result<Self, TransportError> {
        let lock = lock(endpoint)?;
        clear_place(endpoint)?;
        let newcomer = endpoint.newcomer();
        let system = |action, error| TransportError::system(action, endpoint, error);
        match fs::remove_file(&newcomer) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(TransportError::system(
                    "remove the left-over socket",
                    &newcomer.display(),
                    error,
                ));
            }
            _ => {}
        }
        let socket = UnixListener::bind(&newcomer).map_err(|error| system("listen", error))?;
        socket.set_nonblocking(true).map_err(|error| system("listen", error))?;
        fs::set_permissions(&newcomer, Permissions::from_mode(0o600))
            .map_err(|error| system("set the mode of the socket", error))?;
        let file = identity(&newcomer).map_err(|error| system("look at the socket", error))?;
        fs::rename(&newcomer, endpoint.socket()).map_err(|error| system("put the socket in place", error))?;
        Ok(Self {
            endpoint: endpoint.clone(),
            socket: Arc::new(socket),
            file,
            user: sys::user_id(),
            _lock: lock,
        })
    }

    /// The next connection, or `None` when none is waiting. Never blocks.
    ///
    /// # Errors
    /// [`ForeignPeer`](TransportError::ForeignPeer) for a process of another user: it has been disconnected, the next
    /// call goes on with the next one. Otherwise what the system says; when it is out of file descriptors the
    /// connection keeps waiting, so that a [`Poller`](super::Poller) tells of it again at once: pause before
    /// retrying.
    pub fn accept(&self) -> Result<Option<Connection>, TransportError> {
        let system = |error| TransportError::system("accept a connection", &self.endpoint, error);
        for _ in 0..ACCEPT_TRIES {
            match self.socket.accept() {
                Ok((stream, _)) => return self.admit(stream).map(Some),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return Ok(None),
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ => return Err(system(error)),
                },
            }
        }
        Ok(None)
    }

    fn admit(&self, stream: UnixStream) -> Result<Connection, TransportError> {
        let system = |error| TransportError::system("accept a connection", &self.endpoint, error);
        // On some systems an accepted socket inherits the listener's non-blocking mode.
        stream.set_nonblocking(false).map_err(system)?;
        #[cfg(target_vendor = "apple")]
        sys::silence_sigpipe(stream.as_fd()).map_err(system)?;
        Connection::checked(stream, &self.endpoint, self.user)
    }

    /// The socket, for a poller.
    pub(super) fn socket(&self) -> &Arc<UnixListener> {
        &self.socket
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Between the look and the removal nobody else replaces the file: the lock is still held. A socket that
        // cannot be removed is stale from now on, and the next listener replaces it.
        if identity(self.endpoint.socket()).is_ok_and(|found| found == self.file) {
            let _ = fs::remove_file(self.endpoint.socket());
        }
        // A poller may hold the socket for a moment longer.
        sys::shutdown(self.socket.as_fd());
    }
}

/// Device and inode: what tells one file from another of the same name.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

/// The lock file, locked.
fn lock(endpoint: &Endpoint) -> Result<File, TransportError> {
    let path = endpoint.lock();
    let system = |error| TransportError::system("lock", &path.display(), error);
    for _ in 0..LOCK_TRIES {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)
            .map_err(system)?;
        if !sys::try_lock(&file).map_err(system)? {
            return Err(TransportError::AlreadyListening(endpoint.to_string()));
        }
        // A cleaner of temporary files may have removed it before it was locked; then the lock is worth nothing.
        let held = file.metadata().map(|found| (found.dev(), found.ino())).map_err(system)?;
        if identity(&path).is_ok_and(|found| found == held) {
            return Ok(file);
        }
    }
    Err(system(io::Error::other("the lock file keeps vanishing")))
}

/// Makes sure that the socket's place is empty or holds a dead socket.
fn clear_place(endpoint: &Endpoint) -> Result<(), TransportError> {
    match fs::symlink_metadata(endpoint.socket()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(TransportError::system("look at the socket", endpoint, error)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(TransportError::NotASocket(endpoint.socket().to_path_buf()));
        }
        Ok(_) => {}
    }
    match sys::connect(endpoint.socket()) {
        Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
            Ok(())
        }
        Ok(_) => Err(TransportError::AlreadyListening(endpoint.to_string())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Err(TransportError::AlreadyListening(endpoint.to_string()))
        }
        Err(error) => Err(TransportError::system("try the old socket", endpoint, error)),
    }
}
