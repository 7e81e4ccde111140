//! dwh-sql

pub mod statement;
