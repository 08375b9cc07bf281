//! See `fuzz/targets/config.rs`.
#![no_main]

#[path = "../targets/config.rs"]
mod config;
#[path = "../targets/facts.rs"]
mod facts;

libfuzzer_sys::fuzz_target!(|data: &[u8]| config::run(data));
