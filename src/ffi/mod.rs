//! The C ABI: guard, handles, codes, plain structs. Thin: it converts and calls `node`.
//!
//! Every export is a plain `extern "C"` function whose body is one guarded call: it answers an `int32` code, and
//! nothing unwinds into the terminal. On x86-64 Windows there is one calling convention, so this is what MQL5's
//! `#import` calls. Numbers that MQL5 has as `double` become exact here, by the instrument's own digits.
#![allow(unsafe_code, reason = "pointers from the terminal; each block says why it holds")]

#[cfg(panic = "abort")]
compile_error!("LotBridge must not take the terminal down with it: build with panic = \"unwind\"");

mod code;
mod constants;
mod convert;
mod draft;
pub mod ea;
mod export;
mod guard;
mod handle;
mod layout;
mod order;
mod panel;
mod structs;
mod values;

pub use code::*;
pub use constants::*;
pub use export::*;
pub use panel::*;
pub use structs::*;
