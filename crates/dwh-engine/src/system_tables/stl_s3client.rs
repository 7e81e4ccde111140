//! stl_s3client: how long each object of S3 took to come (RS 2.2), columns as in the Database Developer Guide.

use chrono::{DateTime, Utc};
use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;

use super::rows::Value;
use super::stl_s3client_error::bucket_and_key;
use super::{PG_CATALOG, SystemTable, SystemView};

/// Seconds from the epoch to 2000-01-01, from which this table counts.
const SECONDS_TO_2000: i64 = 946_684_800;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_s3client",
    columns: &[
        ("userid", Integer),
        ("query", Integer),
        ("slice", Integer),
        ("recordtime", Timestamp),
        ("pid", Integer),
        ("http_method", Char(64)),
        ("bucket", Char(64)),
        ("key", Char(256)),
        ("transfer_size", BigInt),
        ("data_size", BigInt),
        ("start_time", BigInt),
        ("end_time", BigInt),
        ("transfer_time", BigInt),
        ("compression_time", BigInt),
        ("connect_time", BigInt),
        ("app_connect_time", BigInt),
        ("retries", BigInt),
        ("request_id", Char(32)),
        ("extended_request_id", Char(128)),
        ("ip_address", Char(64)),
        ("is_partial", Integer),
        ("start_offset", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let loads = view.loads_by_id()?;
    let faults = view.load_log.transfer_faults()?;
    let mut retries = std::collections::HashMap::<(i64, &str), i64>::new();
    for fault in &faults {
        *retries.entry((fault.query_id, fault.object_url.as_str())).or_default() += 1;
    }
    let mut rows = Vec::new();
    for file in view.load_log.files()? {
        let Some((bucket, key)) = bucket_and_key(&file.file_name) else { continue };
        let Some(load) = loads.get(&file.query_id) else { continue };
        let taken = file
            .started_at
            .zip(file.transferred_at)
            .map(|(start, end)| micros_since_2000(end) - micros_since_2000(start));
        rows.push(vec![
            load.user_id.into(),
            file.query_id.into(),
            file.slice.into(),
            file.transferred_at.unwrap_or(file.finished_at).into(),
            load.session_id.into(),
            "GET".into(),
            bucket.into(),
            key.into(),
            file.bytes.into(),
            // Objects are unpacked while they come; what comes out is not counted, connections are shared.
            Value::Null,
            file.started_at.map(micros_since_2000).into(),
            file.transferred_at.map(micros_since_2000).into(),
            taken.into(),
            Value::Null,
            Value::Null,
            Value::Null,
            retries.get(&(file.query_id, &*file.file_name)).copied().unwrap_or(0).into(),
            "".into(),
            "".into(),
            "".into(),
            0.into(),
            0.into(),
        ]);
    }
    Ok(rows)
}

fn micros_since_2000(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros() - SECONDS_TO_2000 * 1_000_000
}
