//! dwh-storage

pub mod definition;
