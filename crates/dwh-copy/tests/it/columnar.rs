//! Files too large to be read at once: their parts are read by ranges, from S3 and from disk.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use dwh_copy::{CopyError, DataFormat, JsonFormat};
use dwh_testkit::{Fault, LoopbackS3};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::support::{Outcome, local_stores, loopback_stores, request, run};

const ROWS: i64 = 60_000;
const ROW_GROUPS: usize = 4;
const BUCKET: &str = "large";

/// Numbers, and text that takes about 15 MB and does not repeat.
fn rows() -> RecordBatch {
    let text = (0..ROWS).map(|row| format!("{:0250}", row.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64)));
    let schema =
        Schema::new(vec![Field::new("n", DataType::Int64, false), Field::new("t", DataType::Utf8, false)]);
    let columns: Vec<arrow::array::ArrayRef> =
        vec![Arc::new(Int64Array::from_iter_values(0..ROWS)), Arc::new(StringArray::from_iter_values(text))];
    RecordBatch::try_new(Arc::new(schema), columns).expect("columns of one length")
}

fn parquet_file() -> Vec<u8> {
    let rows = rows();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROWS as usize / ROW_GROUPS))
        .set_dictionary_enabled(false)
        .set_compression(Compression::UNCOMPRESSED)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).expect("a writer");
    writer.write(&rows).expect("written");
    writer.into_inner().expect("a file")
}

fn orc_file() -> Vec<u8> {
    let rows = rows();
    let mut file = Vec::new();
    let mut writer = orc_rust::ArrowWriterBuilder::new(&mut file, rows.schema())
        .with_stripe_byte_size(4 << 20)
        .try_build()
        .expect("a writer");
    for start in (0..rows.num_rows()).step_by(1000) {
        writer.write(&rows.slice(start, 1000)).expect("written");
    }
    writer.close().expect("closed");
    file
}

fn avro_file() -> Vec<u8> {
    let rows = rows();
    let schema = Schema::clone(&rows.schema());
    let mut writer = arrow_avro::writer::AvroWriter::new(Vec::new(), schema).expect("a writer");
    for start in (0..rows.num_rows()).step_by(1000) {
        writer.write(&rows.slice(start, 1000)).expect("written");
    }
    writer.finish().expect("finished");
    writer.into_inner()
}

/// Every row was loaded once.
fn check(outcome: &Outcome) {
    let batches = || outcome.sinks.iter().flat_map(|sink| &sink.0);
    let mut numbers: Vec<i64> =
        batches().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..ROWS));
    assert_eq!(outcome.objects[0].rows, ROWS as u64);
    assert_eq!(outcome.objects[0].lines_scanned, ROWS as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_load_from_disk_and_from_s3() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    let stores = loopback_stores(&s3);
    for (name, format, bytes) in [
        ("parquet", DataFormat::Parquet, parquet_file()),
        ("orc", DataFormat::Orc, orc_file()),
        ("avro", DataFormat::Avro(JsonFormat::Auto), avro_file()),
    ] {
        assert!(bytes.len() > 12 << 20, "{name} is {} bytes", bytes.len());
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).expect("written");
        let columns = ["n bigint not null", "t varchar(300)"];
        let mut local = request(path.display().to_string(), &columns);
        local.format = format.clone();
        check(&run(&local, &local_stores()).await.unwrap_or_else(|error| panic!("{name}: {error}")));

        s3.put(BUCKET, name, bytes);
        let mut remote = request(format!("s3://{BUCKET}/{name}"), &columns);
        remote.format = format;
        check(&run(&remote, &stores).await.unwrap_or_else(|error| panic!("{name} of S3: {error}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_groups_are_asked_for_once_each() {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    s3.put(BUCKET, "f", parquet_file());
    let mut request = request(format!("s3://{BUCKET}/f"), &["n bigint", "t varchar(300)"]);
    request.format = DataFormat::Parquet;
    check(&run(&request, &loopback_stores(&s3)).await.expect("loads"));
    // A listing, the footer, and the row groups.
    assert_eq!(s3.requests().len(), 2 + ROW_GROUPS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_is_refused_fails_the_copy_as_the_store_said() {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    s3.put(BUCKET, "f", parquet_file());
    s3.inject("/f", Fault::Status(403, "AccessDenied"), 100);
    let mut request = request(format!("s3://{BUCKET}/f"), &["n bigint", "t varchar(300)"]);
    request.format = DataFormat::Parquet;
    let error = run(&request, &loopback_stores(&s3)).await.expect_err("refused");
    assert!(matches!(&error, CopyError::Store { source, .. } if source.status == Some(403)), "{error:?}");
}
