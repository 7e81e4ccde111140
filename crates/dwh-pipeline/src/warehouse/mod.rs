//! Where a pipeline runs.

mod embedded;
mod redshift;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use dwh_common::SqlError;
use dwh_sql::statement::Copy;

pub use embedded::EmbeddedWarehouse;
pub use redshift::{
    ClusterFiles, Collected, Connection, Connector, Login, OutputColumn, PasswordLogin, RedshiftWarehouse,
    StatementOutput, StatementSink, TextRow, Types, WireConnector, WireOptions,
};

/// One session of a warehouse that speaks Redshift SQL.
#[async_trait]
pub trait Warehouse: Send + Sync {
    /// Runs statements, outside or inside the session's transaction block.
    async fn execute(&self, sql: &str) -> Result<Vec<StatementSummary>, SqlError>;

    /// Runs one query and reads all rows as text.
    async fn query(&self, sql: &str) -> Result<ResultSet, SqlError>;

    /// Lists what a COPY would read, by the prefix rule of RS 1.3, sorted by URL; nothing found is empty.
    async fn list_objects(&self, copy: &Copy) -> Result<Vec<SourceObject>, SqlError>;

    /// Keeps a file where COPY of this warehouse can read it, and returns its URL. An earlier file of that
    /// name is replaced.
    async fn write_file(&self, name: &str, content: Vec<u8>) -> Result<String, SqlError>;

    /// Whether [`Warehouse::write_file`] can be used. Without it a load reads its whole source.
    fn keeps_files(&self) -> bool {
        true
    }

    /// Finds out, outside a transaction, what a run will need to know of the warehouse.
    async fn prepare_to_load(&self) -> Result<(), SqlError> {
        Ok(())
    }

    /// What the session's last COPY read, object by object.
    async fn copied_objects(&self) -> Result<Vec<CopiedObject>, SqlError>;

    /// The first records that the session's last failed COPY rejected: file, line, column, reason, value.
    /// Asked outside a transaction.
    async fn load_errors(&self) -> Result<ResultSet, SqlError> {
        Ok(ResultSet::default())
    }

    /// After the connection broke: waits as long as is sensible before try `attempt` + 1 and says whether there
    /// shall be one. What the broken session had not committed is gone.
    async fn recover(&self, _attempt: u32) -> bool {
        false
    }

    /// Whether rows of deleted versions stay until a VACUUM.
    fn wants_vacuum(&self) -> bool {
        false
    }
}

/// What a statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementSummary {
    /// Command tag, as on the wire: `INSERT 0 5`.
    pub tag: String,
    /// Rows inserted, updated, deleted or loaded, where the statement has such a number.
    pub rows_affected: Option<u64>,
    /// Notices, in order.
    pub notices: Vec<String>,
}

/// Rows as text, NULL as `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultSet {
    /// Labels.
    pub columns: Vec<String>,
    /// Values, as psql shows them: `t` and `f`, `2018-11-01 21:01:46.796`.
    pub rows: Vec<Vec<Option<String>>>,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceObject {
    /// `s3://bucket/key`, or an absolute path.
    pub url: String,
    /// Size.
    pub size_bytes: u64,
    /// Entity tag, as the store gives it.
    pub etag: Option<String>,
    /// Time of the last change.
    pub last_modified: Option<DateTime<Utc>>,
}

/// What a COPY read from one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedObject {
    /// As in the manifest.
    pub url: String,
    /// Records loaded.
    pub rows_loaded: u64,
    /// Records rejected.
    pub rows_rejected: u64,
}

impl From<dwh_copy::ObjectMeta> for SourceObject {
    fn from(object: dwh_copy::ObjectMeta) -> Self {
        Self {
            url: object.url.to_string(),
            size_bytes: object.size_bytes,
            etag: object.etag.map(|etag| etag.to_string()),
            last_modified: object.last_modified,
        }
    }
}

impl ResultSet {
    /// The value at a row and a named column.
    pub fn value(&self, row: usize, column: &str) -> Option<&str> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.rows.get(row)?.get(index)?.as_deref()
    }
}
