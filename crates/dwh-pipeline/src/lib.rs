//! Pipelines: SQL files that load objects into staging tables and turn them into a star schema, and the
//! engine-independent machinery around them.
//!
//! A pipeline is data, not code: a folder of `tables/`, `load/`, `transform/`, `checks/`, `queries/` and
//! `expected/` with a `pipeline.toml` that gives the order and the variables. One is built in.
//!
//! 1. [`Pipeline`] reads the folder, [`Variables`] fill `${NAME}` in its files;
//! 2. [`run`](run()) compares the objects of each load with the ledger, loads the new ones through a manifest
//!    and runs the transforms, all in one transaction;
//! 3. [`check`](check()) runs the data tests, [`verify`](verify()) compares the queries with expected results.
//!
//! Everything goes through the [`Warehouse`] trait, which has two implementations: [`EmbeddedWarehouse`] and
//! [`RedshiftWarehouse`]; this crate does not know how either executes SQL.

mod built_in;
mod check;
mod dashboard;
mod document;
mod error;
mod expected;
mod files;
mod init;
mod ledger;
mod load;
mod observer;
mod pipeline;
mod run;
mod sql_file;
pub mod tables;
mod variables;
mod verify;
mod warehouse;
mod watch;

pub use check::{CheckResult, check};
pub use dashboard::{Chart, Dashboard, Filter, FilterKind, FilterValue, Panel};
pub use document::data_markdown;
pub use error::PipelineError;
pub use expected::{ExpectedSet, InputSize};
pub use init::init;
pub use ledger::{LEDGER_TABLE, history};
pub use observer::{RunEvent, RunObserver, Silent};
pub use pipeline::Pipeline;
pub use run::{Job, LoadReport, RunOptions, RunReport, TransformReport, check_files, run};
pub use sql_file::{FileStatement, SqlFile};
pub use variables::{Variable, Variables};
pub use verify::{Difference, QueryComparison, VerifyReport, verify};
pub use warehouse::{
    ClusterFiles, Collected, Connection, Connector, CopiedObject, EmbeddedWarehouse, Login, OutputColumn,
    PasswordLogin, RedshiftWarehouse, ResultSet, SourceObject, StatementOutput, StatementSink,
    StatementSummary, TextRow, Types, Warehouse, WireConnector, WireOptions,
};
pub use watch::watch;
