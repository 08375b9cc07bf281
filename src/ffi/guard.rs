//! One guarded call: a panic is caught, recorded, and the handle that met it quarantined.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::code::{Failure, LB_OK, LB_PANIC};
use super::handle;

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The text of this thread's last failed call.
pub(super) fn last_error() -> String {
    LAST_ERROR.with_borrow(Clone::clone)
}

fn remember(text: String) {
    // A thread that is being torn down has no place for it any more: the code still tells.
    let _ = LAST_ERROR.try_with(|last| last.replace(text));
}

/// Runs the body of an export. A panic becomes `LB_PANIC`, and `handle` is quarantined: its state may be half
/// changed.
pub(super) fn guard(handle: Option<u64>, body: impl FnOnce() -> Result<i32, Failure>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            remember(failure.text);
            failure.code
        }
        Err(panic) => {
            let what = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no text")
                .to_owned();
            // The payload's own destructor may panic: leak it rather than run it.
            std::mem::forget(panic);
            if let Some(handle) = handle {
                handle::quarantine(handle);
            }
            remember(format!(
                "a defect in LotBridge was caught: {what}; close this handle and open a new one"
            ));
            LB_PANIC
        }
    }
}

/// As [`guard`], for bodies that have nothing more to say than that it worked.
pub(super) fn guard_ok(handle: Option<u64>, body: impl FnOnce() -> Result<(), Failure>) -> i32 {
    guard(handle, || body().map(|()| LB_OK))
}
