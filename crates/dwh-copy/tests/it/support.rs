//! Runs a COPY into memory and shows its rows as text.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::Secret;
use dwh_copy::{
    BatchSink, Compression, CopyError, CopyOptions, CopyOutcome, CopyRequest, DataFormat, Encoding,
    JsonFormat, Progress, S3Credentials, SinkError, StoreSettings, Stores, TargetColumn,
};
use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY};

/// Keeps the batches.
#[derive(Debug, Default)]
pub(crate) struct Collected(pub(crate) Vec<RecordBatch>);

impl BatchSink for Collected {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.0.push(batch);
        Ok(())
    }
}

pub(crate) type Outcome = CopyOutcome<Collected>;

/// A COPY with every option at its default.
pub(crate) fn request(source: impl Into<String>, columns: &[&str]) -> CopyRequest {
    CopyRequest {
        source: source.into(),
        manifest: false,
        format: DataFormat::Json(JsonFormat::Auto),
        compression: Compression::None,
        encoding: Encoding::Utf8,
        columns: columns.iter().map(|column| target_column(column)).collect(),
        options: CopyOptions::default(),
        credentials: S3Credentials::Chain,
        region: None,
    }
}

/// Reads `name type [not null]`.
pub(crate) fn target_column(text: &str) -> TargetColumn {
    let (name, rest) = text.split_once(' ').expect("name and type");
    let (data_type, nullable) = match rest.strip_suffix(" not null") {
        Some(data_type) => (data_type, false),
        None => (rest, true),
    };
    TargetColumn { name: name.to_owned(), data_type: data_type.parse().expect("a type"), nullable }
}

/// Stores for tests that read local files only.
pub(crate) fn local_stores() -> Stores {
    Stores::new(StoreSettings::default())
}

pub(crate) async fn run(request: &CopyRequest, stores: &Stores) -> Result<Outcome, CopyError> {
    dwh_copy::copy(request, stores, || Ok(Collected::default()), Arc::new(Progress::default())).await
}

/// The rows as text, sorted; NULL is `NULL`.
pub(crate) fn rows(outcome: &Outcome) -> Vec<Vec<String>> {
    let mut rows = batch_rows(outcome.sinks.iter().flat_map(|sink| &sink.0));
    rows.sort();
    rows
}

/// The rows of batches as text, in their order.
pub(crate) fn batch_rows<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Vec<Vec<String>> {
    let format = FormatOptions::new().with_null("NULL");
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch.columns().iter().map(without_zone).collect();
        let columns: Vec<_> = columns
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &format).expect("a type that prints"))
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| column.value(row).to_string()).collect());
        }
    }
    rows
}

/// TIMESTAMPTZ as its UTC clock; arrow prints named zones only with a zone database.
fn without_zone(column: &ArrayRef) -> ArrayRef {
    match column.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(timestamps) => Arc::new(timestamps.clone().with_timezone_opt(None::<Arc<str>>)),
        None => Arc::clone(column),
    }
}

/// Stores that reach the server with its access key.
pub(crate) fn loopback_stores(s3: &LoopbackS3) -> Stores {
    Stores::new(loopback_settings(s3))
}

pub(crate) fn loopback_settings(s3: &LoopbackS3) -> StoreSettings {
    StoreSettings {
        endpoint: Some(s3.endpoint()),
        access_key_id: Some(Secret::new(ACCESS_KEY_ID)),
        secret_access_key: Some(Secret::new(SECRET_ACCESS_KEY)),
        ..StoreSettings::default()
    }
}
