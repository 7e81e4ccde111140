//! What a client sees of a COPY that failed (RS 2.4).

use dwh_common::{ErrorKind, SqlError, SqlState};
use dwh_copy::{CopyError, SinkError, code};
use dwh_storage::Table;

/// Code of what S3, its credentials, a manifest or a JSONPaths file is the cause of (RS 2.3).
const S3_SERVICE: i32 = 8001;

pub(super) fn from_copy(error: CopyError, table: &Table, query_id: i64) -> SqlError {
    let error = match error {
        CopyError::TooManyErrors { .. } => return load_failed(table),
        CopyError::Scan(fault) if fault.code == code::SPECTRUM_SCAN => {
            let context = format!("{}, File name: {}", fault.reason, fault.url);
            return SqlError::new(SqlState::LoadFailed, "Spectrum Scan Error")
                .of_kind(ErrorKind::InvalidData)
                .with_detail(detail("Spectrum Scan Error", fault.code, &context, query_id));
        }
        CopyError::Scan(_) => return load_failed(table).of_kind(ErrorKind::InvalidData),
        CopyError::Sink(SinkError(inner)) => match inner.downcast::<SqlError>() {
            Ok(sql) => return *sql,
            Err(inner) => CopyError::Sink(SinkError(inner)),
        },
        other => other,
    };
    let context = context(&error);
    let sql = SqlError::from(error);
    match context {
        Some(context) => {
            let block = detail(&sql.message, S3_SERVICE, &context, query_id);
            sql.with_detail(block)
        }
        None => sql,
    }
}

/// What was being done, where the cause lies outside of the data; `None` for other errors.
fn context(error: &CopyError) -> Option<String> {
    match error {
        CopyError::NoSuchPrefix { prefix, source_url } => {
            let bucket = source_url.strip_prefix("s3://").and_then(|path| path.split('/').next());
            Some(format!("Listing bucket={} prefix={prefix}", bucket.unwrap_or_default()))
        }
        CopyError::Manifest { url, .. }
        | CopyError::JsonPaths { url, .. }
        | CopyError::Store { url, .. }
        | CopyError::ObjectVanished { url, .. } => Some(url.clone()),
        CopyError::NoCredentials { bucket } => Some(format!("Listing bucket={bucket}")),
        _ => None,
    }
}

/// Records were rejected.
fn load_failed(table: &Table) -> SqlError {
    let name = &table.definition.name;
    let message =
        format!("Load into table '{name}' failed.  Check 'stl_load_errors' system table for details.");
    SqlError::new(SqlState::LoadFailed, message)
}

/// The block that errors of the engine below the leader node come with.
fn detail(error: &str, code: i32, context: &str, query_id: i64) -> String {
    format!(
        "
  -----------------------------------------------
  error:  {error}
  code:      {code}
  context:   {context}
  query:     {query_id}
  location:  dwh_copy
  process:   dwh [pid={}]
  -----------------------------------------------
",
        std::process::id()
    )
}
