#![no_main]

#[allow(dead_code, reason = "shared by all targets")]
#[path = "../../crates/dwh-copy/tests/it/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::records(bytes));
