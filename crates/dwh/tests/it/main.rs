//! The command line, run as a user runs it: the built program in an empty folder, its stdout, stderr and
//! exit code.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]

mod account;
mod aws;
mod clients;
mod compact;
mod concurrency;
mod configuration;
mod console;
mod data_api;
mod demo;
mod diagram;
mod documents;
mod duckdb;
mod etl;
mod help;
mod prompt;
mod query;
mod s3;
mod sandbox;
