//! Behaviour of a warehouse as its users see it, through the public interface only.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may do what tests may")]

mod crash;
mod definitions;
mod duckdb;
mod fixtures;
mod identity;
mod isolation;
mod load_history;
mod maintenance;
mod policies;
mod processes;
mod rows;
mod temporary_tables;
