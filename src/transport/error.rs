//! One error type for both systems.

use std::io;
use std::path::PathBuf;

/// Why bytes could not travel.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The name cannot be part of a file's name.
    #[error(
        "endpoint name \"{0}\": allowed are 1 to 64 ASCII letters, digits, '-', '_' and '.', \
         starting with a letter or digit"
    )]
    Name(String),
    /// The system's socket addresses are short.
    #[error(
        "socket path {path} has {length} bytes, this system allows {limit}: choose a shorter directory",
        path = .path.display()
    )]
    PathTooLong {
        /// The socket's path.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
        /// The longest allowed, in bytes.
        limit: usize,
    },
    /// The directory for sockets cannot be trusted to be private.
    #[error("socket directory {path} {problem}", path = .path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What was found and what is allowed.
        problem: String,
    },
    /// Something that is not a socket stands where the socket belongs. It was left alone.
    #[error("{path} is not a socket: it was left alone, remove it or choose another directory", path = .0.display())]
    NotASocket(PathBuf),
    /// A live listener has this endpoint.
    #[error("another master already listens at {0}")]
    AlreadyListening(String),
    /// No process listens there: none was started yet, or it is gone. Worth trying again later.
    #[error("nobody listens at {0}")]
    NobodyListens(String),
    /// The listener has not accepted earlier connections yet. Worth trying again soon.
    #[error("the listener at {0} is busy")]
    Busy(String),
    /// The peer runs as another user. The connection is closed already.
    #[error("peer at {at} runs as user {found}, only user {ours} is allowed")]
    ForeignPeer {
        /// The endpoint.
        at: String,
        /// The peer's user id.
        found: String,
        /// This process's user id.
        ours: String,
    },
    /// The peer has closed; nothing was written.
    #[error("the connection at {0} is closed")]
    Closed(String),
    /// The poller holds as many connections as it may.
    #[error("the poller already holds {0} connections, the most it may")]
    TooManyConnections(usize),
    /// The token names another connection of this poller.
    #[error("token {0} is already registered")]
    TokenInUse(u64),
    /// The token names no connection of this poller.
    #[error("token {0} is not registered")]
    UnknownToken(u64),
    /// Windows only: a pipe belongs to the first poller it was registered with.
    #[error("the connection or listener at {0} belongs to another poller")]
    OtherPoller(String),
    /// The operating system refused.
    #[error("cannot {action} at {at}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// Endpoint or path.
        at: String,
        /// The system's own word.
        source: io::Error,
    },
}

impl TransportError {
    pub(super) fn system(action: &'static str, at: &(impl ToString + ?Sized), source: io::Error) -> Self {
        Self::System { action, at: at.to_string(), source }
    }
}
