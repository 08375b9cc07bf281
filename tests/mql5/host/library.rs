//! Shared libraries: the one under test, loaded once, and its functions.

#![allow(
    unsafe_code,
    reason = "a shared library is loaded and its functions are looked up: there is no other way"
)]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_void};
use std::path::Path;

use lotbridge::ffi::{LbMasterStatus, LbOrder, LbSlaveStatus};

thread_local! {
    static LIBRARY: Cell<Option<Library>> = const { Cell::new(None) };
}

/// A library that stays loaded.
#[derive(Clone, Copy)]
pub struct Shared(*mut c_void);

impl Shared {
    pub fn load(path: &Path) -> Result<Self, String> {
        let name = CString::new(path.to_str().ok_or("a path that is no text")?).map_err(|e| e.to_string())?;
        // SAFETY: a name that ends with a zero; the library's initialisers are those of C++ globals or of Rust's runtime.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if !handle.is_null() {
            return Ok(Self(handle));
        }
        // SAFETY: after a failed dlopen there is a text, valid up to the next such call.
        Err(unsafe { CStr::from_ptr(libc::dlerror()) }.to_string_lossy().into_owned())
    }

    /// Where a name is; null: there is none.
    pub fn symbol(self, name: &CStr) -> *mut c_void {
        // SAFETY: the library is never unloaded, and the name ends with a zero.
        unsafe { libc::dlsym(self.0, name.as_ptr()) }
    }
}

/// A library's function as its C declaration has it; each `F` below is written beside the name that it belongs to.
pub fn function<F: Copy>(library: Shared, name: &CStr) -> Option<F> {
    let symbol = library.symbol(name);
    assert_eq!(size_of::<F>(), size_of::<*mut c_void>());
    // SAFETY: a function pointer and a data pointer are alike on all systems that have dlsym; the type is the caller's duty.
    (!symbol.is_null()).then(|| unsafe { std::mem::transmute_copy(&symbol) })
}

/// The library's own functions that are watched on their way, or asked by the host; looked up once, as a terminal does.
#[derive(Clone, Copy)]
pub struct Library {
    pub shared: Shared,
    pub master_open: extern "C" fn(*const u8, u32, *mut u64) -> i32,
    pub slave_open: extern "C" fn(*const u8, u32, u64, *mut u64) -> i32,
    pub master_commit: extern "C" fn(u64) -> i32,
    pub slave_commit: extern "C" fn(u64, *mut u64) -> i32,
    pub slave_deals_from: extern "C" fn(u64, *mut i64) -> i32,
    pub slave_wait: extern "C" fn(u64, u32, *mut LbOrder) -> i32,
    slave_status: extern "C" fn(u64, *mut LbSlaveStatus) -> i32,
    master_wait: extern "C" fn(u64, u32, *mut LbMasterStatus) -> i32,
}

impl Library {
    fn load(path: &Path) -> Result<Self, String> {
        let shared = Shared::load(path)?;
        Ok(Self {
            shared,
            master_open: exported(shared, c"lb_master_open")?,
            slave_open: exported(shared, c"lb_slave_open")?,
            master_commit: exported(shared, c"lb_master_commit")?,
            slave_commit: exported(shared, c"lb_slave_commit")?,
            slave_deals_from: exported(shared, c"lb_slave_deals_from")?,
            slave_wait: exported(shared, c"lb_slave_wait")?,
            slave_status: exported(shared, c"lb_slave_status")?,
            master_wait: exported(shared, c"lb_master_wait")?,
        })
    }
}

fn exported<F: Copy>(shared: Shared, name: &CStr) -> Result<F, String> {
    function(shared, name).ok_or_else(|| format!("the library has no {}", name.to_string_lossy()))
}

/// The library of this process.
pub fn library() -> Library {
    LIBRARY.get().expect("loaded before the program is")
}

/// Loads the library of this process.
pub fn load(path: &Path) -> Result<(), String> {
    LIBRARY.set(Some(Library::load(path)?));
    Ok(())
}

/// How the handle that the program opened stands: the number of the last state that the master has confirmed.
pub fn state_seen(handle: u64) -> Option<u64> {
    let mut status = LbSlaveStatus::default();
    ((library().slave_status)(handle, &raw mut status) == 0).then_some(status.state_seen)
}

/// How the master stands.
pub fn master_status(handle: u64, wait_ms: u32) -> Option<LbMasterStatus> {
    let mut status = LbMasterStatus::default();
    ((library().master_wait)(handle, wait_ms, &raw mut status) == 0).then_some(status)
}
