//! Storage of the embedded warehouse: immutable Parquet files and one atomic catalog.
//!
//! A warehouse is a folder with `catalog.sqlite`, a [DuckLake](https://ducklake.select) 1.0 catalog that
//! DuckDB opens, and `data/<schema>/<table>/<uuid>.parquet`. The flow:
//!
//! 1. [`Warehouse::open`] takes the writer's lock and sweeps what no commit refers to.
//! 2. [`Warehouse::snapshot`] is the latest commit, immutable: readers hold one and never block.
//! 3. [`Warehouse::begin`] starts a [`Transaction`]: a base snapshot and private changes, which its own
//!    statements see. [`TableWriter`]s write staged files in parallel.
//! 4. [`Transaction::commit`] syncs the files, then writes one SQLite transaction, then swaps the latest
//!    snapshot: all tables change together or not at all.
//!
//! Any number of processes may open a warehouse to read while one writes: [`Mode::ReadOnly`]. Files that
//! a commit stops using stay for [`OpenOptions::grace_period`], so that no reader loses one.
//!
//! DuckDB, with its extensions `ducklake` and `sqlite`, opens a warehouse with
//! `ATTACH 'ducklake:sqlite:warehouse/catalog.sqlite' AS lake`. The catalog keeps the absolute path of the
//! data, as DuckDB takes a relative one from its own working folder; it is set anew when dwh opens a moved
//! warehouse to write, until then DuckDB needs `(DATA_PATH '…/data', OVERRIDE_DATA_PATH true)`. Time travel
//! reaches back as far as the grace period.
//!
//! Knows no SQL text, no query engine and no network.

mod access;
mod catalog;
mod clock;
mod compact;
mod data_file;
mod definition;
mod delete_file;
mod encode;
mod error;
mod load_log;
mod lock_file;
mod query_log;
mod recover;
mod row_shape;
mod scan;
mod snapshot;
mod statistics;
mod table_writer;
mod temporary;
mod transaction;
mod value;
mod warehouse;

pub use access::{
    Access, Argument, ColumnPath, DefaultGrant, DefaultKey, DefaultObjects, FunctionDefinition, FunctionId,
    Grant, GrantKey, Grantee, Group, Mask, MaskKey, OWNER_ID, OWNER_NAME, PasswordVerifiers, Policy,
    PrincipalId, Privilege, ProcedureDefinition, ProcedureId, Role, RoleGrant, RowConjunction, RowPolicyKey,
    SYSTEM_ROLES, Securable, User, Volatility,
};
pub use clock::Clock;
pub use data_file::{ColumnStatistics, DataFile};
pub use definition::{
    ColumnDefinition, ColumnId, Constraint, ConstraintKind, Distribution, ForeignKey, Identity,
    MaterializedQuery, SortKey, TableAttributes, TableDefinition, TableId, ViewDefinition, constraint_name,
};
pub use delete_file::DeletedRows;
pub use error::StorageError;
pub use load_log::{
    LoadErrorRecord, LoadFieldRecord, LoadFileRecord, LoadFindings, LoadLog, LoadRecord,
    LoadReplacementRecord, LoadStatus, TransferFaultRecord, UnloadFileRecord, UnloadRecord,
};
pub use query_log::{
    Client, LogEntry, MaintenanceRecord, PlanNodeRecord, ProcedureMessageRecord, QueryLog, SessionRecord,
    StatementClass, StatementRecord, StatementStatus, StepRecord, TableSize, TransactionRecord,
    UserChangeRecord,
};
pub use row_shape::column_takes;
pub use snapshot::{Schema, Snapshot, Table, View, ViewId};
pub use table_writer::{StagedFile, TableWriter};
pub use temporary::TemporaryTables;
pub use transaction::{TEMPORARY_SCHEMA, TableLock, Transaction, WriteIntent};
pub use value::value_of_text;
pub use warehouse::{DEFAULT_GRACE_PERIOD, DEFAULT_SCHEMA, Mode, OpenOptions, Warehouse};
