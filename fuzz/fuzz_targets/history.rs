//! See `fuzz/targets/history.rs`.
#![no_main]

#[path = "../targets/history.rs"]
mod history;

libfuzzer_sys::fuzz_target!(|data: &[u8]| history::run(data));
