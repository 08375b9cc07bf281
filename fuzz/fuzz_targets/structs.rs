//! See `fuzz/targets/structs.rs`.
#![no_main]

#[path = "../targets/structs.rs"]
mod structs;

libfuzzer_sys::fuzz_target!(|data: &[u8]| structs::run(data));
