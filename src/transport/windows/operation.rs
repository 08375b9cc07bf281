//! One overlapped operation, with the memory that the system works on meanwhile.
#![expect(unsafe_code, reason = "the system reads and writes this memory while an operation is under way")]

use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{ERROR_IO_INCOMPLETE, ERROR_IO_PENDING};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::IO::{
    CancelIoEx, GetOverlappedResult, OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0,
};
use windows_sys::Win32::System::Pipes::ConnectNamedPipe;
use windows_sys::core::BOOL;

use super::sys::{Signal, checked, code};

/// How long a cancelled operation may take to end, in milliseconds. It ends at once; should it not, its memory is
/// left to the system for good.
const CANCEL_MS: u64 = 1_000;

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Ended, having moved this many bytes.
    Done(usize),
    /// Under way.
    Pending,
}

struct Slot {
    overlapped: OVERLAPPED,
    buffer: Box<[u8]>,
}

/// An operation that is idle or under way.
///
/// While it is under way the slot belongs to the system: it stays where it is, and nothing here looks into it but
/// `GetOverlappedResult`. It is freed only when it is idle.
pub struct Operation {
    slot: NonNull<Slot>,
    signal: Arc<Signal>,
    pending: bool,
}

// SAFETY: the slot is owned by this value alone (and by the system while pending), and is tied to no thread.
unsafe impl Send for Operation {}

impl Operation {
    /// An idle operation with a buffer of so many bytes.
    pub fn new(buffer: usize) -> io::Result<Self> {
        let signal = Arc::new(Signal::new()?);
        let overlapped = Self::fresh(&signal);
        let slot = Box::new(Slot { overlapped, buffer: vec![0; buffer].into_boxed_slice() });
        Ok(Self { slot: NonNull::from(Box::leak(slot)), signal, pending: false })
    }

    fn fresh(signal: &Signal) -> OVERLAPPED {
        OVERLAPPED {
            Internal: 0,
            InternalHigh: 0,
            Anonymous: OVERLAPPED_0 { Anonymous: OVERLAPPED_0_0 { Offset: 0, OffsetHigh: 0 } },
            hEvent: signal.handle(),
        }
    }

    /// Set when the operation ends. It may be set a moment after the operation has ended, so that the next one begins
    /// with a signal that is not its own: who waits for it looks again.
    pub fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    /// Is it under way?
    pub fn is_pending(&self) -> bool {
        self.pending
    }

    /// The buffer, or nothing while the system has it.
    pub fn buffer(&self) -> &[u8] {
        if self.pending {
            return &[];
        }
        // SAFETY: the slot is alive as long as this value, and idle, so the system has no business with it; to begin
        // an operation takes this value by mutable reference, so none begins while the answer is in use.
        unsafe { &self.slot.as_ref().buffer }
    }

    /// Begins to read as much as the buffer holds.
    pub fn read(&mut self, pipe: BorrowedHandle<'_>) -> io::Result<Progress> {
        let pipe_handle = pipe.as_raw_handle();
        self.begin(pipe, |overlapped, buffer, length| {
            // SAFETY: `begin` passes a slot's own memory, which stays in place until the operation has ended.
            unsafe { ReadFile(pipe_handle, buffer, length, ptr::null_mut(), overlapped) }
        })
    }

    /// Begins to write as many of `bytes` as the buffer holds: how many those are, and how far the write is.
    pub fn write(&mut self, pipe: BorrowedHandle<'_>, bytes: &[u8]) -> io::Result<(usize, Progress)> {
        if self.pending {
            return Ok((0, Progress::Pending));
        }
        // SAFETY: the slot is alive and idle, and this value is borrowed mutably: nobody else has a reference to it.
        let buffer = unsafe { &mut self.slot.as_mut().buffer };
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        let length = u32::try_from(count).map_err(|_| io::ErrorKind::InvalidInput)?;
        let pipe_handle = pipe.as_raw_handle();
        let progress = self.begin(pipe, |overlapped, buffer, _| {
            // SAFETY: `begin` passes a slot's own memory, which stays in place until the operation has ended;
            // `length` is at most that of the buffer.
            unsafe { WriteFile(pipe_handle, buffer, length, ptr::null_mut(), overlapped) }
        })?;
        Ok((count, progress))
    }

    /// Begins to wait for a client. That one is there already is the error `ERROR_PIPE_CONNECTED`.
    pub fn connect(&mut self, pipe: BorrowedHandle<'_>) -> io::Result<Progress> {
        let pipe_handle = pipe.as_raw_handle();
        self.begin(pipe, |overlapped, _, _| {
            // SAFETY: `begin` passes a slot's own memory, which stays in place until the operation has ended.
            unsafe { ConnectNamedPipe(pipe_handle, overlapped) }
        })
    }

    fn begin(
        &mut self,
        pipe: BorrowedHandle<'_>,
        call: impl FnOnce(*mut OVERLAPPED, *mut u8, u32) -> BOOL,
    ) -> io::Result<Progress> {
        if self.pending {
            return Ok(Progress::Pending);
        }
        let slot = self.slot.as_ptr();
        // SAFETY: the slot is alive and idle, and this value is borrowed mutably: nobody else looks at it. No
        // reference is kept beyond these lines, only the addresses, which stay valid because the slot does not move.
        let (overlapped, buffer, length) = unsafe {
            (*slot).overlapped = Self::fresh(&self.signal);
            let buffer: &mut Box<[u8]> = &mut (*slot).buffer;
            (&raw mut (*slot).overlapped, buffer.as_mut_ptr(), buffer.len())
        };
        let length = u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
        match checked(call(overlapped, buffer, length)) {
            Ok(()) => self.result(pipe),
            Err(error) if code(&error) == ERROR_IO_PENDING => {
                self.pending = true;
                Ok(Progress::Pending)
            }
            Err(error) => Err(error),
        }
    }

    /// How far the operation is that is under way. When this says anything but `Pending` it is idle again.
    pub fn progress(&mut self, pipe: BorrowedHandle<'_>) -> io::Result<Progress> {
        let result = self.result(pipe);
        self.pending = matches!(result, Ok(Progress::Pending));
        result
    }

    fn result(&self, pipe: BorrowedHandle<'_>) -> io::Result<Progress> {
        let mut count = 0;
        // SAFETY: the slot is alive; the structure in it was filled by `begin`; `count` outlives the call; it does
        // not wait.
        let result = checked(unsafe {
            GetOverlappedResult(
                pipe.as_raw_handle(),
                &raw const (*self.slot.as_ptr()).overlapped,
                &raw mut count,
                0,
            )
        });
        match result {
            Ok(()) => Ok(Progress::Done(usize::try_from(count).unwrap_or(usize::MAX))),
            Err(error) if code(&error) == ERROR_IO_INCOMPLETE => Ok(Progress::Pending),
            Err(error) => Err(error),
        }
    }

    /// Cancels what is under way and says how it ended: it may have been done before. `Pending` if the system did not
    /// let go of it in time.
    pub fn cancel(&mut self, pipe: BorrowedHandle<'_>) -> io::Result<Progress> {
        let start = Instant::now();
        // SAFETY: the handle is open and the slot alive. That it has ended meanwhile is no error.
        let _ = unsafe { CancelIoEx(pipe.as_raw_handle(), &raw const (*self.slot.as_ptr()).overlapped) };
        loop {
            let progress = self.progress(pipe)?;
            if progress != Progress::Pending || start.elapsed() > Duration::from_millis(CANCEL_MS) {
                return Ok(progress);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.pending {
            // Freeing memory that the system may still write into is worse than losing it.
            mem::forget(Arc::clone(&self.signal));
            return;
        }
        // SAFETY: the slot came from a box, is freed once, here, and is idle.
        drop(unsafe { Box::from_raw(self.slot.as_ptr()) });
    }
}
