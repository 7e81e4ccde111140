//! dwh
fn main() {}
