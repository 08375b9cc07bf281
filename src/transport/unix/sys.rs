//! The calls that the standard library does not offer. All unsafe code of the Unix side is here.
#![expect(unsafe_code, reason = "system calls that the standard library does not wrap")]

use std::fs::File;
use std::io;
use std::mem;
#[cfg(target_vendor = "apple")]
use std::os::fd::AsFd;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::ptr;

/// A `sockaddr_un` with nothing in it.
fn empty_address() -> libc::sockaddr_un {
    // SAFETY: sockaddr_un is plain integers; all zeroes is a valid value of it.
    unsafe { mem::zeroed() }
}

/// The longest socket path, in bytes: one less than the field, for the closing zero.
pub fn path_limit() -> usize {
    empty_address().sun_path.len() - 1
}

/// The effective user id of this process.
pub fn user_id() -> u32 {
    // SAFETY: takes nothing, touches no memory, cannot fail.
    unsafe { libc::geteuid() }
}

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A length as the system's `socklen_t`. Every caller passes the size of a fixed, small structure.
fn socket_length(length: usize) -> io::Result<libc::socklen_t> {
    libc::socklen_t::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))
}

/// A stream socket that is closed on exec and, where the system needs to be told, raises no `SIGPIPE`.
fn stream_socket() -> io::Result<OwnedFd> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let kind = libc::SOCK_STREAM;
    // SAFETY: takes three integers, touches no memory.
    let fd = checked(unsafe { libc::socket(libc::AF_UNIX, kind, 0) })?;
    // SAFETY: the descriptor was just made by this call, is open, and nobody else owns it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    // SAFETY: the descriptor is open; F_SETFD takes an integer and touches no memory.
    checked(unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
    Ok(socket)
}

/// On Apple's systems a socket must be told not to raise `SIGPIPE`; elsewhere every `send` says so itself.
#[cfg(target_vendor = "apple")]
pub fn silence_sigpipe(socket: BorrowedFd<'_>) -> io::Result<()> {
    let on: libc::c_int = 1;
    let length = socket_length(mem::size_of_val(&on))?;
    let (fd, value) = (socket.as_raw_fd(), ptr::from_ref(&on).cast());
    // SAFETY: the pointer and length describe `on`, which outlives the call.
    checked(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_NOSIGPIPE, value, length) })?;
    Ok(())
}

/// Connects without waiting: a listener whose queue is full is `WouldBlock`.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let mut address = empty_address();
    #[expect(clippy::cast_possible_truncation, reason = "AF_UNIX is 1; the field is 8 or 16 bits wide")]
    {
        address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    }
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() > path_limit() || bytes.contains(&0) {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    for (to, from) in address.sun_path.iter_mut().zip(bytes) {
        *to = libc::c_char::from_ne_bytes([*from]);
    }
    let stream = UnixStream::from(stream_socket()?);
    #[cfg(target_vendor = "apple")]
    silence_sigpipe(stream.as_fd())?;
    stream.set_nonblocking(true)?;
    let length = socket_length(mem::size_of_val(&address))?;
    // SAFETY: the pointer and length describe `address`, which outlives the call and ends in zeroes.
    checked(unsafe { libc::connect(stream.as_raw_fd(), ptr::from_ref(&address).cast(), length) })?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// The effective user id of the peer, as it was when the connection was made.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn peer_user_id(stream: &UnixStream) -> io::Result<u32> {
    let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut length = socket_length(mem::size_of_val(&peer))?;
    let expected = length;
    // SAFETY: the pointers describe `peer` and `length`, which outlive the call; the length is the buffer's.
    checked(unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            ptr::from_mut(&mut peer).cast(),
            &raw mut length,
        )
    })?;
    if length == expected { Ok(peer.uid) } else { Err(io::Error::from(io::ErrorKind::InvalidData)) }
}

/// The effective user id of the peer, as it was when the connection was made.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn peer_user_id(stream: &UnixStream) -> io::Result<u32> {
    let (mut user, mut group) = (0, 0);
    // SAFETY: the pointers are to two local integers of the right types, which outlive the call.
    checked(unsafe { libc::getpeereid(stream.as_raw_fd(), &raw mut user, &raw mut group) })?;
    Ok(user)
}

/// One `recv`. `wait` is false: whatever is there now. True: blocks for the socket's receive timeout.
pub fn receive(stream: &UnixStream, buffer: &mut [u8], wait: bool) -> io::Result<usize> {
    let flags = if wait { 0 } else { libc::MSG_DONTWAIT };
    // SAFETY: the pointer and length describe `buffer`, borrowed mutably for the whole call.
    let count = unsafe { libc::recv(stream.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// One `send` that neither blocks nor raises `SIGPIPE`.
pub fn send(stream: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(target_vendor = "apple")]
    let flags = libc::MSG_DONTWAIT;
    #[cfg(not(target_vendor = "apple"))]
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: the pointer and length describe `bytes`, borrowed for the whole call.
    let count = unsafe { libc::send(stream.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Ends both directions of a socket, a listening one too. That it was ended before is no error.
pub fn shutdown(socket: BorrowedFd<'_>) {
    // SAFETY: the descriptor is open for the call; takes integers, touches no memory.
    let _ = unsafe { libc::shutdown(socket.as_raw_fd(), libc::SHUT_RDWR) };
}

/// Takes the exclusive lock on an open file, if nobody has it. The system gives it back when the file is closed, and
/// when the process dies, however it dies.
pub fn try_lock(file: &File) -> io::Result<bool> {
    // SAFETY: the descriptor is open for the call; takes integers, touches no memory.
    match checked(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) }) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits at most `wait_ms` for any of `entries`; how many are ready. The descriptors in `entries` must be kept open
/// by the caller for the call: one that is not is answered with `POLLNVAL`, not with harm to memory.
pub fn poll(entries: &mut [libc::pollfd], wait_ms: u32) -> io::Result<usize> {
    let wait = libc::c_int::try_from(wait_ms).unwrap_or(libc::c_int::MAX);
    let count = libc::nfds_t::try_from(entries.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the pointer and count describe `entries`, borrowed mutably for the whole call.
    let ready = checked(unsafe { libc::poll(entries.as_mut_ptr(), count, wait) })?;
    usize::try_from(ready).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
}
