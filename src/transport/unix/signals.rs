//! What the tests need of the system and the library does not.
#![expect(unsafe_code, reason = "system calls that the standard library does not wrap")]

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A listening socket with the shortest queue.
pub fn short_queue(path: &Path) -> UnixListener {
    let _ = fs::remove_file(path);
    let socket = UnixListener::bind(path).unwrap();
    // SAFETY: the descriptor is open; takes integers, touches no memory. Listening again sets the queue's length.
    assert_eq!(unsafe { libc::listen(socket.as_raw_fd(), 1) }, 0);
    socket
}

extern "C" fn ignore(_signal: libc::c_int) {}

/// Set in the count of signals when there shall be no more.
const STOP: u32 = 1 << 31;

/// Interrupts the system calls of the thread that made it, until it is dropped.
pub struct Interruptions {
    count: Arc<AtomicU32>,
    sender: Option<JoinHandle<()>>,
}

impl Interruptions {
    /// A signal to this thread every so many milliseconds.
    pub fn every_ms(every_ms: u64) -> Self {
        // SAFETY: an all-zero sigaction is valid: no flags (so calls are not restarted), an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = ignore as extern "C" fn(libc::c_int) as libc::sighandler_t;
        // SAFETY: `action` outlives the call, and its handler does nothing, so it is safe in a signal's context.
        assert_eq!(unsafe { libc::sigaction(libc::SIGUSR2, &raw const action, ptr::null_mut()) }, 0);
        // SAFETY: takes nothing, touches no memory.
        let target = unsafe { libc::pthread_self() };
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let sender = thread::spawn(move || {
            while counted.load(Ordering::Acquire) & STOP == 0 {
                thread::sleep(Duration::from_millis(every_ms));
                // SAFETY: the target thread lives: it holds the guard, whose drop waits for this thread.
                unsafe { libc::pthread_kill(target, libc::SIGUSR2) };
                counted.fetch_add(1, Ordering::AcqRel);
            }
        });
        Self { count, sender: Some(sender) }
    }

    /// How many signals were sent.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire) & !STOP
    }
}

impl Drop for Interruptions {
    fn drop(&mut self) {
        self.count.fetch_or(STOP, Ordering::AcqRel);
        if let Some(sender) = self.sender.take() {
            let _ = sender.join();
        }
    }
}
