//! Who this process's user is, who may open a pipe, and whose pipe it is.
#![expect(unsafe_code, reason = "system calls that the standard library does not wrap")]

use std::ffi::c_void;
use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;
use std::slice;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES,
    TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::sys::{checked, owned};

/// The longest text of a security identifier, in characters: `S-1-`, a 48-bit and fifteen 32-bit numbers.
const LONGEST_SID: usize = 192;

/// Memory that the system asks to be given back.
#[derive(Debug)]
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a call that says to free it so, and is freed once, here. Null is allowed.
        unsafe { LocalFree(self.0) };
    }
}

/// The security identifier of the user this process runs as, as text: `S-1-5-…`.
pub fn user() -> io::Result<String> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the process's own pseudo handle is always open; `token` outlives the call.
    checked(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) })?;
    let token = owned(token)?;
    // A structure, and behind it the identifier it points to, of 68 bytes at most. Of words, so that it is aligned.
    let mut buffer = [0_u64; 32];
    let length = u32::try_from(mem::size_of_val(&buffer)).unwrap_or(0);
    let mut needed = 0;
    // SAFETY: the pointer and length describe `buffer`, the other pointer `needed`; both outlive the call.
    checked(unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            length,
            &raw mut needed,
        )
    })?;
    // SAFETY: the call succeeded, so the buffer begins with a TOKEN_USER, for which it is aligned and long enough.
    let user = unsafe { buffer.as_ptr().cast::<TOKEN_USER>().read() };
    // SAFETY: the identifier that it points to lies in `buffer`, which is still there.
    unsafe { text(user.User.Sid) }
}

/// The owner of an open pipe, in the same form.
pub fn owner(pipe: BorrowedHandle<'_>) -> io::Result<String> {
    let mut sid: PSID = ptr::null_mut();
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: the handle is open; the two pointers outlive the call; null means that the other parts are not wanted.
    let answer = unsafe {
        GetSecurityInfo(
            pipe.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut sid,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    let descriptor = Local(descriptor);
    if answer != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(answer.cast_signed()));
    }
    // SAFETY: the identifier, if there is one, lies in the descriptor, which is freed afterwards only.
    let owner = unsafe { text(sid) };
    drop(descriptor);
    owner
}

/// # Safety
/// `sid` is null or points to a valid security identifier.
unsafe fn text(sid: PSID) -> io::Result<String> {
    if sid.is_null() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has no owner"));
    }
    let mut wide: *mut u16 = ptr::null_mut();
    // SAFETY: the identifier is valid by this function's contract; `wide` outlives the call.
    checked(unsafe { ConvertSidToStringSidW(sid, &raw mut wide) })?;
    let memory = Local(wide.cast());
    let mut length = 0;
    // SAFETY: the system wrote a text that ends in a zero; no unit after that zero is read.
    while length < LONGEST_SID && unsafe { wide.add(length).read() } != 0 {
        length += 1;
    }
    // SAFETY: so many units were just read one by one; the memory is freed afterwards only.
    let text = String::from_utf16_lossy(unsafe { slice::from_raw_parts(wide, length) });
    drop(memory);
    Ok(text)
}

/// A security descriptor: owned by one user, and open to nobody else.
#[derive(Debug)]
pub struct Descriptor(Local);

// SAFETY: the memory is written once, before anybody shares it, and only read until it is freed.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    /// For the user with this identifier.
    pub fn only_for(user: &str) -> io::Result<Self> {
        let wide: Vec<u16> = format!("O:{user}D:P(A;;GA;;;{user})\0").encode_utf16().collect();
        let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
        // SAFETY: the text ends in a zero; it and `descriptor` outlive the call; a null length is not wanted.
        checked(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        })?;
        Ok(Self(Local(descriptor)))
    }

    /// As a call wants it, not inherited by child processes. Valid as long as this descriptor is.
    pub fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: u32::try_from(mem::size_of::<SECURITY_ATTRIBUTES>()).unwrap_or(0),
            lpSecurityDescriptor: self.0.0,
            bInheritHandle: 0,
        }
    }
}
