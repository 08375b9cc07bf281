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
/// changed. So it is when the body itself finds that a thread of the handle met a defect.
pub(super) fn guard(handle: Option<u64>, body: impl FnOnce() -> Result<i32, Failure>) -> i32 {
    match caught(body) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) if failure.code != LB_PANIC => {
            remember(failure.text);
            failure.code
        }
        Ok(Err(Failure { text, .. })) | Err(text) => {
            let Some(handle) = handle else {
                remember(format!("a defect in LotBridge was caught: {text}"));
                return LB_PANIC;
            };
            // What is stopped here may be half changed, and meet the next defect: the answer is the same.
            let _ = caught(|| handle::quarantine(handle));
            remember(format!(
                "a defect in LotBridge was caught: {text}; close this handle and open a new one"
            ));
            LB_PANIC
        }
    }
}

/// What `body` gives, or the text it panicked with.
fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text").to_owned();
        // The payload's own destructor may panic: leak it rather than run it.
        std::mem::forget(panic);
        text
    })
}

/// As [`guard`], for bodies that have nothing more to say than that it worked.
pub(super) fn guard_ok(handle: Option<u64>, body: impl FnOnce() -> Result<(), Failure>) -> i32 {
    guard(handle, || body().map(|()| LB_OK))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::code::{LB_ARGUMENT, LB_QUARANTINED};
    use super::*;
    use crate::config::Setup;
    use crate::domain::Login;
    use crate::node::SlaveNode;

    fn slave(folder: &std::path::Path) -> u64 {
        let json = serde_json::json!({
            "master": {"login": 1001, "currency": "USD", "endpoint_dir": folder.join("run")},
            "secret": "s",
            "pools": [{"name": "a", "allocation": {"method": "multiplier"}, "members": [{"login": 2001}]}],
        });
        let setup = Arc::new(Setup::parse(&json.to_string()).unwrap());
        let node = SlaveNode::open(&setup, Login(2001)).unwrap();
        handle::insert(handle::Node::Slave(Box::new(node)), handle::Served::slave(&setup, Login(2001)))
            .unwrap()
    }

    #[test]
    fn a_failure_leaves_its_text_and_the_handle() {
        let folder = tempfile::tempdir().unwrap();
        let slave = slave(folder.path());
        assert_eq!(guard_ok(Some(slave), || Err(Failure::new(LB_ARGUMENT, "why"))), LB_ARGUMENT);
        assert_eq!(last_error(), "why");
        assert_eq!(guard_ok(Some(slave), || Ok(())), LB_OK);
        assert_eq!(last_error(), "why", "what works leaves the text of what failed");
        assert!(handle::get(slave).is_ok());
        handle::remove(slave).unwrap();
    }

    /// The master's service thread died: its own panic was caught elsewhere, and comes as a failure.
    #[test]
    fn a_defect_in_another_thread_quarantines_the_handle_too() {
        let folder = tempfile::tempdir().unwrap();
        let slave = slave(folder.path());
        assert_eq!(guard_ok(Some(slave), || Err(Failure::new(LB_PANIC, "the thread died"))), LB_PANIC);
        assert!(last_error().contains("the thread died; close this handle"), "{}", last_error());
        assert_eq!(handle::get(slave).err().map(|failure| failure.code), Some(LB_QUARANTINED));
        handle::remove(slave).unwrap();
    }

    #[test]
    fn every_kind_of_panic_is_caught() {
        struct Spiteful;
        impl Drop for Spiteful {
            fn drop(&mut self) {
                panic!("in the payload's own destructor");
            }
        }
        for (body, text) in [
            ((|| panic!("a text")) as fn() -> Result<(), Failure>, "a text"),
            (|| panic!("a {}", "made up one"), "a made up one"),
            (|| std::panic::panic_any(5), "no text"),
            (|| std::panic::panic_any(Spiteful), "no text"),
        ] {
            assert_eq!(guard_ok(None, body), LB_PANIC);
            assert_eq!(last_error(), format!("a defect in LotBridge was caught: {text}"));
        }
    }
}
