//! Behaviour of a warehouse as its users see it, through the public interface only.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, in their helpers too")]

mod crash;
mod definitions;
mod duckdb;
mod fixtures;
mod identity;
mod isolation;
mod load_history;
mod maintenance;
mod processes;
mod rows;
mod temporary_tables;
