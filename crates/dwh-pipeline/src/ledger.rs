//! The ledger: which objects were loaded, when, and what they gave. It is an ordinary table and changes in
//! the same transaction as the data.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use dwh_common::SqlError;
use dwh_sql::keywords::quote_literal;
use dwh_sql::statement::{Copy, CopyFormat, TableName};
use serde::Serialize;

use crate::error::PipelineError;
use crate::warehouse::{ResultSet, SourceObject, Warehouse};

/// Name of the ledger, in schema `public`.
pub const LEDGER_TABLE: &str = "dwh_loads";

pub(crate) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS public.dwh_loads (
    pipeline      VARCHAR(128) NOT NULL,
    load_name     VARCHAR(128) NOT NULL,
    object_url    VARCHAR(4096) NOT NULL,
    size_bytes    BIGINT NOT NULL,
    etag          VARCHAR(256),
    last_modified TIMESTAMP,
    rows_loaded   BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    run_id        VARCHAR(64) NOT NULL,
    loaded_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (pipeline, load_name, object_url)
)
SORTKEY (pipeline, load_name, object_url);

COMMENT ON TABLE public.dwh_loads IS 'Ledger: one row per object that a pipeline has loaded.';
COMMENT ON COLUMN public.dwh_loads.pipeline IS 'Name of the pipeline';
COMMENT ON COLUMN public.dwh_loads.load_name IS 'Name of the load within the pipeline';
COMMENT ON COLUMN public.dwh_loads.object_url IS 'The object';
COMMENT ON COLUMN public.dwh_loads.size_bytes IS 'Its size in the store when it was loaded';
COMMENT ON COLUMN public.dwh_loads.etag IS 'Its entity tag when it was loaded';
COMMENT ON COLUMN public.dwh_loads.last_modified IS 'Its last change before it was loaded, in UTC';
COMMENT ON COLUMN public.dwh_loads.rows_loaded IS 'Rows that it gave';
COMMENT ON COLUMN public.dwh_loads.rows_rejected IS 'Records that were rejected';
COMMENT ON COLUMN public.dwh_loads.run_id IS 'The run that loaded it';
COMMENT ON COLUMN public.dwh_loads.loaded_at IS 'When that was, in UTC';
";

/// What the ledger knows of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    size_bytes: String,
    etag: Option<String>,
}

/// One row of the ledger; the keys are the columns.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) pipeline: String,
    pub(crate) load_name: String,
    pub(crate) object_url: String,
    pub(crate) size_bytes: u64,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) rows_loaded: u64,
    pub(crate) rows_rejected: u64,
    pub(crate) run_id: String,
    pub(crate) loaded_at: String,
}

impl Known {
    /// Whether the object is still the one that was loaded: the entity tag decides where both have one.
    pub(crate) fn is_unchanged(&self, object: &SourceObject) -> bool {
        self.size_bytes == object.size_bytes.to_string()
            && match (&self.etag, &object.etag) {
                (Some(known), Some(found)) => known == found,
                _ => true,
            }
    }
}

/// A moment as COPY reads it by default (RS 1.11).
pub(crate) fn timestamp(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// What was loaded before, by URL.
pub(crate) async fn known(
    warehouse: &dyn Warehouse,
    pipeline: &str,
    load: &str,
) -> Result<HashMap<String, Known>, SqlError> {
    let sql = format!(
        "SELECT object_url, size_bytes, etag FROM public.{LEDGER_TABLE} WHERE pipeline = {} AND load_name = {}",
        quote_literal(pipeline),
        quote_literal(load)
    );
    let mut known = HashMap::new();
    for row in warehouse.query(&sql).await?.rows {
        if let [Some(url), Some(size_bytes), etag] = row.as_slice() {
            known.insert(url.clone(), Known { size_bytes: size_bytes.clone(), etag: etag.clone() });
        }
    }
    Ok(known)
}

/// Forgets what a pipeline has loaded.
pub(crate) async fn forget(warehouse: &dyn Warehouse, pipeline: &str) -> Result<(), SqlError> {
    let sql = format!("DELETE FROM public.{LEDGER_TABLE} WHERE pipeline = {}", quote_literal(pipeline));
    warehouse.execute(&sql).await.map(drop)
}

/// Adds rows through a COPY: a statement with a value list for each of many thousand objects would take
/// longer than loading them. Where and with which authorization to read is as in `like`.
pub(crate) async fn add(warehouse: &dyn Warehouse, entries: &[Entry], like: &Copy) -> Result<(), SqlError> {
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, entry)
            .map_err(|error| SqlError::internal(format!("a ledger row is no JSON: {error}")))?;
        lines.push(b'\n');
    }
    let source = warehouse.write_file("ledger.json", lines).await?;
    warehouse.execute(&copy_of_lines(source, like).to_sql_with_secrets()).await.map(drop)
}

/// Adds rows by statements, for a warehouse that nothing can be written for: it reads whole sources, whose
/// objects are few enough.
pub(crate) async fn insert(warehouse: &dyn Warehouse, entries: &[Entry]) -> Result<(), SqlError> {
    /// The Data API takes statements of 100 KB (RS 7.4).
    const MAX_STATEMENT_BYTES: usize = 60_000;
    let mut rows = entries.iter().map(Entry::values).peekable();
    while rows.peek().is_some() {
        let mut sql = format!("INSERT INTO public.{LEDGER_TABLE} VALUES ");
        let mut separator = "";
        while let Some(row) =
            rows.next_if(|row| separator.is_empty() || sql.len() + row.len() < MAX_STATEMENT_BYTES)
        {
            sql.push_str(separator);
            sql.push_str(&row);
            separator = ", ";
        }
        warehouse.execute(&sql).await?;
    }
    Ok(())
}

/// Whether a run has committed.
pub(crate) async fn has_run(warehouse: &dyn Warehouse, run_id: &str) -> Result<bool, SqlError> {
    let sql = format!(
        "SELECT COUNT(*) AS objects FROM public.{LEDGER_TABLE} WHERE run_id = {}",
        quote_literal(run_id)
    );
    Ok(warehouse.query(&sql).await?.value(0, "objects").is_some_and(|count| count != "0"))
}

impl Entry {
    /// The row as a list of values, in the order of the columns.
    fn values(&self) -> String {
        let optional = |text: &Option<String>| text.as_deref().map_or("NULL".to_owned(), quote_literal);
        format!(
            "({}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            quote_literal(&self.pipeline),
            quote_literal(&self.load_name),
            quote_literal(&self.object_url),
            self.size_bytes,
            optional(&self.etag),
            optional(&self.last_modified),
            self.rows_loaded,
            self.rows_rejected,
            quote_literal(&self.run_id),
            quote_literal(&self.loaded_at)
        )
    }
}

fn copy_of_lines(source: String, like: &Copy) -> Copy {
    let table = TableName {
        database: None,
        schema: Some("public".to_owned()),
        name: LEDGER_TABLE.to_owned(),
        position: None,
    };
    Copy {
        authorization: like.authorization.clone(),
        region: like.region.clone(),
        format: CopyFormat::JsonAuto,
        ..Copy::new(table, source)
    }
}

/// The load history: one row for each run and load, the newest first, with objects, bytes, rows loaded and
/// records rejected.
///
/// # Errors
/// [`PipelineError::Warehouse`], also where nothing was ever loaded and there is no ledger.
pub async fn history(warehouse: &dyn Warehouse) -> Result<ResultSet, PipelineError> {
    let sql = format!(
        "SELECT MAX(loaded_at) AS loaded_at, pipeline, load_name, COUNT(*) AS objects, \
         SUM(size_bytes) AS bytes, SUM(rows_loaded) AS rows_loaded, SUM(rows_rejected) AS rows_rejected, run_id \
         FROM public.{LEDGER_TABLE} GROUP BY run_id, pipeline, load_name \
         ORDER BY loaded_at DESC, pipeline, load_name"
    );
    warehouse.query(&sql).await.map_err(PipelineError::warehouse("reading the ledger"))
}

#[cfg(test)]
mod tests {
    use super::Known;
    use crate::warehouse::SourceObject;

    fn object(size_bytes: u64, etag: Option<&str>) -> SourceObject {
        SourceObject {
            url: "s3://b/k".to_owned(),
            size_bytes,
            etag: etag.map(str::to_owned),
            last_modified: None,
        }
    }

    #[test]
    fn an_object_is_changed_when_its_size_or_etag_differs() {
        let known = Known { size_bytes: "10".to_owned(), etag: Some("\"a\"".to_owned()) };
        assert!(known.is_unchanged(&object(10, Some("\"a\""))));
        assert!(known.is_unchanged(&object(10, None)), "a store without tags");
        assert!(!known.is_unchanged(&object(10, Some("\"b\""))));
        assert!(!known.is_unchanged(&object(11, Some("\"a\""))));
    }
}
