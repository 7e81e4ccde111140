//! stl_s3client_error: requests to S3 that failed while a COPY read its objects (RS 2.2), whether they were made again
//! or not; columns as in the Database Developer Guide.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_s3client_error",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("sliceid", Integer),
        ("recordtime", Timestamp),
        ("pid", Integer),
        ("http_method", Char(64)),
        ("bucket", Char(64)),
        ("key", Char(256)),
        ("error", Char(1024)),
        ("is_partial", Integer),
        ("start_offset", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let loads = view.loads_by_id()?;
    let faults = view.load_log.transfer_faults()?;
    let row = |fault: dwh_storage::TransferFaultRecord| {
        let load = loads.get(&fault.query_id);
        let (bucket, key) = bucket_and_key(&fault.object_url).unwrap_or(("", fault.object_url.as_str()));
        vec![
            load.map(|load| load.user_id).into(),
            fault.query_id.into(),
            // Objects are read before a slice has them.
            0.into(),
            fault.at.into(),
            load.map(|load| load.session_id).into(),
            fault.http_method.as_str().into(),
            bucket.into(),
            key.into(),
            fault.error.as_str().into(),
            0.into(),
            0.into(),
        ]
    };
    Ok(faults.into_iter().filter(|fault| loads.contains_key(&fault.query_id)).map(row).collect())
}

/// The parts of an `s3://` URL.
pub(super) fn bucket_and_key(url: &str) -> Option<(&str, &str)> {
    let object = url.strip_prefix("s3://")?;
    Some(object.split_once('/').unwrap_or((object, "")))
}
