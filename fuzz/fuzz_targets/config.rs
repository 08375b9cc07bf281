//! See `fuzz/targets/config.rs`.
#![no_main]

#[path = "../targets/facts.rs"]
mod facts;
#[path = "../targets/config.rs"]
mod config;

libfuzzer_sys::fuzz_target!(|data: &[u8]| config::run(data));
