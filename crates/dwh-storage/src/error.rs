use std::io;
use std::path::{Path, PathBuf};

use dwh_common::{ErrorKind, SqlError, SqlState};

use crate::definition::TableId;

/// Why storage could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another process writes to the warehouse.
    #[error(
        "warehouse {} is being written by {owner}; wait until that process has ended, or open the warehouse read-only",
        dir.display()
    )]
    Locked {
        /// Folder of the warehouse.
        dir: PathBuf,
        /// The process that holds the lock, as its lock file says.
        owner: String,
    },
    /// There is no warehouse in the folder and it may not be created.
    #[error("there is no warehouse in {}; run `dwh etl` or `dwh demo` first, or name its folder with --warehouse", dir.display())]
    NoWarehouse {
        /// Folder that was opened.
        dir: PathBuf,
    },
    /// The folder holds a catalog that dwh cannot work with.
    #[error("catalog {}: {reason}", path.display())]
    UnsupportedCatalog {
        /// The catalog file.
        path: PathBuf,
        /// What is in the way and what to do.
        reason: String,
    },
    /// The warehouse was opened read-only.
    #[error("cannot change the warehouse: it was opened read-only")]
    ReadOnly,
    /// No such schema.
    #[error("schema \"{0}\" does not exist")]
    SchemaNotFound(String),
    /// A schema of that name is there already.
    #[error("schema \"{0}\" already exists")]
    DuplicateSchema(String),
    /// The schema still holds tables or views.
    #[error(
        "cannot drop schema {name} because other objects depend on it: {contents}; use CASCADE to drop them too"
    )]
    SchemaNotEmpty {
        /// Schema.
        name: String,
        /// What is in it, the first few.
        contents: String,
    },
    /// No such table or view in this transaction.
    #[error("Relation {0} does not exist")]
    RelationNotFound(String),
    /// Another transaction dropped the table meanwhile (RS 3.7, error 1018).
    #[error("1018: Relation {name} does not exist: it was dropped by a transaction that committed meanwhile")]
    RelationDropped {
        /// Table or view.
        name: String,
    },
    /// A table or view of that name is there already.
    #[error("Relation \"{0}\" already exists")]
    DuplicateRelation(String),
    /// No such column.
    #[error("column \"{column}\" of relation \"{table}\" does not exist")]
    ColumnNotFound {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// A column of that name is there already.
    #[error("column \"{column}\" of relation \"{table}\" already exists")]
    DuplicateColumn {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// The column's type cannot be changed so (RS 3.5: VARCHAR only).
    #[error(
        "cannot alter column \"{column}\" from {from} to {to}: only the length of a VARCHAR column can change"
    )]
    ColumnTypeChange {
        /// Column.
        column: String,
        /// Its type.
        from: String,
        /// The type asked for.
        to: String,
    },
    /// The only column of a table cannot be dropped.
    #[error("cannot drop column \"{0}\": a table has at least one column")]
    LastColumn(String),
    /// The column has no IDENTITY, or it has run out of numbers.
    #[error("identity of column \"{column}\": {reason}")]
    Identity {
        /// Column.
        column: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Another transaction changed the table since this one began (RS 3.7).
    #[error(
        "1023: Serializable isolation violation on table - {table}, transactions forming the cycle are: \
         {transaction}, {other}"
    )]
    SerializationConflict {
        /// Table.
        table: TableId,
        /// This transaction.
        transaction: u64,
        /// The one that was first.
        other: u64,
    },
    /// Another transaction changed the same user, grant or owner meanwhile.
    #[error("tuple concurrently updated")]
    ConcurrentUpdate,
    /// Two transactions wait for each other's tables.
    #[error(
        "deadlock detected: transaction {transaction} waits for table {table}, held by transaction {other}, which waits for this one"
    )]
    Deadlock {
        /// Table.
        table: TableId,
        /// This transaction.
        transaction: u64,
        /// The one that holds the table.
        other: u64,
    },
    /// Rows that do not have the table's columns.
    #[error("rows do not fit table {table}: {reason}")]
    RowsMismatch {
        /// Table.
        table: String,
        /// Which column, and why.
        reason: String,
    },
    /// A text that is no value of its type, in the catalog or as the value of an added column.
    #[error("\"{text}\" is no value of type {data_type}")]
    InvalidValue {
        /// The text.
        text: String,
        /// The type.
        data_type: String,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A Parquet file could not be read or written.
    #[error("data file {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the library says.
        source: parquet::errors::ParquetError,
    },
    /// SQLite refused.
    #[error("catalog {}: {source}", path.display())]
    Catalog {
        /// The catalog file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Arrow refused to compute; a fault of dwh.
    #[error("rows in memory: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The thread that committed died; a fault of dwh.
    #[error("commit was interrupted: {0}")]
    Interrupted(String),
}

impl StorageError {
    pub(crate) fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn parquet(path: impl AsRef<Path>) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Parquet { path, source }
    }

    pub(crate) fn catalog(path: impl AsRef<Path>) -> impl FnOnce(rusqlite::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Catalog { path, source }
    }

    /// SQLSTATE for a client.
    pub fn sql_state(&self) -> SqlState {
        match self {
            Self::Locked { .. } => SqlState::CannotConnectNow,
            Self::NoWarehouse { .. } => SqlState::InvalidCatalogName,
            Self::UnsupportedCatalog { .. } => SqlState::FeatureNotSupported,
            Self::ReadOnly => SqlState::ReadOnlySqlTransaction,
            Self::SchemaNotFound(_) => SqlState::InvalidSchemaName,
            Self::DuplicateSchema(_) => SqlState::DuplicateSchema,
            Self::SchemaNotEmpty { .. } => SqlState::DependentObjectsStillExist,
            Self::RelationNotFound(_) | Self::RelationDropped { .. } => SqlState::UndefinedTable,
            Self::DuplicateRelation(_) => SqlState::DuplicateTable,
            Self::ColumnNotFound { .. } => SqlState::UndefinedColumn,
            Self::DuplicateColumn { .. } => SqlState::DuplicateColumn,
            Self::ColumnTypeChange { .. } => SqlState::FeatureNotSupported,
            Self::LastColumn(_) => SqlState::InvalidTableDefinition,
            Self::Identity { .. } => SqlState::NumericValueOutOfRange,
            Self::SerializationConflict { .. } | Self::ConcurrentUpdate => SqlState::SerializationFailure,
            Self::Deadlock { .. } => SqlState::DeadlockDetected,
            Self::RowsMismatch { .. } => SqlState::DatatypeMismatch,
            Self::InvalidValue { .. } => SqlState::InvalidTextRepresentation,
            Self::Io { .. } | Self::Parquet { .. } | Self::Catalog { .. } => SqlState::IoError,
            Self::Arrow(_) | Self::Interrupted(_) => SqlState::InternalError,
        }
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            // No SQL client is there yet when a warehouse cannot be opened.
            Self::NoWarehouse { .. } | Self::UnsupportedCatalog { .. } => ErrorKind::InvalidConfiguration,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                ErrorKind::PermissionDenied
            }
            other => other.sql_state().kind(),
        }
    }
}

impl From<StorageError> for SqlError {
    fn from(error: StorageError) -> Self {
        Self::new(error.sql_state(), error.to_string()).of_kind(error.kind())
    }
}
