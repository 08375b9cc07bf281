//! Handles, signals, ports and pipes: the system's calls, each behind a safe function.
#![expect(unsafe_code, reason = "system calls that the standard library does not wrap")]

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use windows_sys::Win32::Foundation::{
    ERROR_ALREADY_EXISTS, GENERIC_READ, GENERIC_WRITE, GetLastError, HANDLE, INVALID_HANDLE_VALUE,
    SetLastError, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, OPEN_EXISTING, PIPE_ACCESS_DUPLEX,
    SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT, SetFileCompletionNotificationModes,
};
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatusEx, OVERLAPPED_ENTRY, PostQueuedCompletionStatus,
};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, DisconnectNamedPipe, PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE,
    PIPE_UNLIMITED_INSTANCES, PIPE_WAIT,
};
use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, WaitForSingleObject};
use windows_sys::core::BOOL;

use super::security::Descriptor;

/// What the system keeps of bytes that were written and not yet read, per direction, in bytes.
const PIPE_BUFFER: u32 = 64 * 1024;

/// `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS` and `FILE_SKIP_SET_EVENT_ON_HANDLE`: what ended at once is not told again.
const SKIP_WHAT_ENDED_AT_ONCE: u8 = 1 | 2;
/// How many hints of a port are taken at a time.
const HINTS: usize = 64;
/// The longest wait; the number above means "for ever".
const LONGEST_WAIT_MS: u32 = u32::MAX - 1;

/// Keeps the module that this code is in, the DLL, in memory until the process ends: a thread of its own must never find
/// its code gone, whoever unloads the DLL and whenever.
pub fn keep_loaded() -> io::Result<()> {
    let mut module = ptr::null_mut();
    let here: fn() -> io::Result<()> = keep_loaded;
    // SAFETY: with this flag the "name" is any address within the module, and is not read; `module` outlives the call.
    checked(unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            (here as *const ()).cast(),
            &raw mut module,
        )
    })
}

/// The error code that the system uses for `error`, or 0.
pub fn code(error: &io::Error) -> u32 {
    error.raw_os_error().map_or(0, i32::cast_unsigned)
}

pub fn checked(result: BOOL) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Takes over a handle that a call just made; the system says "none" in two ways.
pub fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made by the caller's call, is open, and nobody else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// An event that stays set until it is reset.
#[derive(Debug)]
pub struct Signal(OwnedHandle);

impl Signal {
    pub fn new() -> io::Result<Self> {
        // SAFETY: null pointers mean "default security" and "no name".
        owned(unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) }).map(Self)
    }

    pub fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// Waits at most `wait_ms`: is it set?
    pub fn wait(&self, wait_ms: u32) -> io::Result<bool> {
        // SAFETY: the handle is open for the call.
        match unsafe { WaitForSingleObject(self.handle(), wait_ms.min(LONGEST_WAIT_MS)) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_TIMEOUT => Ok(false),
            _ => Err(io::Error::last_os_error()),
        }
    }

    pub fn reset(&self) -> io::Result<()> {
        // SAFETY: the handle is open for the call.
        checked(unsafe { ResetEvent(self.handle()) })
    }
}

/// A named object that exists as long as its one holder lives. `None`: somebody has it already.
pub fn hold_name(name: &[u16], security: &Descriptor) -> io::Result<Option<OwnedHandle>> {
    debug_assert_eq!(name.last(), Some(&0));
    let attributes = security.attributes();
    // SAFETY: takes an integer. Afterwards the code tells whether the object was there before: success does not
    // clear it.
    unsafe { SetLastError(0) };
    // SAFETY: the attributes point to a descriptor that `security` owns; the name ends in a zero; both outlive the
    // call.
    let handle = unsafe { CreateEventW(&raw const attributes, 1, 0, name.as_ptr()) };
    // SAFETY: takes nothing, touches no memory of ours.
    let existed = unsafe { GetLastError() } == ERROR_ALREADY_EXISTS;
    let held = owned(handle)?;
    Ok((!existed).then_some(held))
}

/// A new instance of a pipe. `first`: fails when there is one already.
pub fn create_pipe(name: &[u16], first: bool, security: &Descriptor) -> io::Result<OwnedHandle> {
    debug_assert_eq!(name.last(), Some(&0));
    let attributes: SECURITY_ATTRIBUTES = security.attributes();
    let flag = if first { FILE_FLAG_FIRST_PIPE_INSTANCE } else { 0 };
    // SAFETY: the name ends in a zero, the attributes point to a descriptor that `security` owns; both outlive the
    // call.
    owned(unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flag,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
            PIPE_UNLIMITED_INSTANCES,
            PIPE_BUFFER,
            PIPE_BUFFER,
            0,
            &raw const attributes,
        )
    })
}

/// Opens the client's end of a pipe. The server may learn who we are, but not act as us.
pub fn open_pipe(name: &[u16]) -> io::Result<OwnedHandle> {
    debug_assert_eq!(name.last(), Some(&0));
    // SAFETY: the name ends in a zero and outlives the call; null attributes mean "default", a null template "none".
    owned(unsafe {
        CreateFileW(
            name.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            0,
            ptr::null(),
            OPEN_EXISTING,
            FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
            ptr::null_mut(),
        )
    })
}

/// Makes an instance whose client has left ready for another one.
pub fn disconnect(pipe: BorrowedHandle<'_>) {
    // SAFETY: the handle is open for the call. That there is no client any more is no error.
    let _ = unsafe { DisconnectNamedPipe(pipe.as_raw_handle()) };
}

/// An I/O completion port.
#[derive(Debug)]
pub struct Port {
    handle: OwnedHandle,
    /// Tells one port from another, for as long as the process lives.
    id: u64,
}

impl Port {
    pub fn new() -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // SAFETY: an invalid file handle and a null port mean "a new port"; one thread at a time waits on it.
        let handle = owned(unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, 1) })?;
        Ok(Self { handle, id: NEXT.fetch_add(1, Ordering::Relaxed) })
    }

    pub fn id(&self) -> u64 {
        self.id
    }

    /// From now on the end of every operation on `pipe` is told here, except of those that end at once.
    pub fn attach(&self, pipe: BorrowedHandle<'_>) -> io::Result<()> {
        let (pipe, port) = (pipe.as_raw_handle(), self.handle.as_raw_handle());
        // SAFETY: both handles are open for the call. The answer is this port again, not a new handle.
        if unsafe { CreateIoCompletionPort(pipe, port, 0, 0) }.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is open for the call. If it is refused there are more hints than needed, nothing else.
        let _ = unsafe { SetFileCompletionNotificationModes(pipe, SKIP_WHAT_ENDED_AT_ONCE) };
        Ok(())
    }

    /// Ends the current wait, or the next one.
    pub fn hint(&self) -> io::Result<()> {
        // SAFETY: the handle is open for the call; a null operation is never looked at.
        checked(unsafe { PostQueuedCompletionStatus(self.handle.as_raw_handle(), 0, 0, ptr::null()) })
    }

    /// Waits at most `wait_ms` for hints, and takes those that are there.
    pub fn wait(&self, wait_ms: u32) -> io::Result<()> {
        let none = OVERLAPPED_ENTRY {
            lpCompletionKey: 0,
            lpOverlapped: ptr::null_mut(),
            Internal: 0,
            dwNumberOfBytesTransferred: 0,
        };
        // Nothing is read from them: the operations that they name may be gone.
        let mut hints = [none; HINTS];
        let mut count = 0;
        // SAFETY: the pointer and length describe `hints`, the other pointer `count`; both outlive the call.
        let result = checked(unsafe {
            GetQueuedCompletionStatusEx(
                self.handle.as_raw_handle(),
                hints.as_mut_ptr(),
                u32::try_from(HINTS).unwrap_or(1),
                &raw mut count,
                wait_ms.min(LONGEST_WAIT_MS),
                0,
            )
        });
        match result {
            Err(error) if code(&error) == WAIT_TIMEOUT => Ok(()),
            other => other,
        }
    }
}
