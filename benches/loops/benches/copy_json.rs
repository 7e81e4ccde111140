//! Where the time of a COPY of JSON goes: `cargo bench -p dwh-benches --bench copy_json`. Throughput is of the input's bytes, on one core
//! except for `copy`, so that the steps can be held against each other and against the floor: what a pass over the
//! bytes takes that only counts lines, and one that only checks that they are JSON.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dwh_copy::internals::{MemoryCopy, count_spans};
use dwh_copy::{
    BatchSink, Compression, CopyOptions, CopyRequest, DataFormat, Encoding, JsonFormat, Progress,
    S3Credentials, SinkError, StoreSettings, Stores, TargetColumn, copy,
};
use dwh_datagen::{JSONPATHS, JSONPATHS_NAME, LOG_DATA_PREFIX, ObjectWriter, Scale, generate};

/// The columns of the pipeline's staging table, in the order of its JSONPaths file.
const EVENT_COLUMNS: [(&str, &str); 18] = [
    ("artist", "varchar(1024)"),
    ("auth", "varchar(64)"),
    ("first_name", "varchar(256)"),
    ("gender", "varchar(16)"),
    ("item_in_session", "integer"),
    ("last_name", "varchar(256)"),
    ("length", "double precision"),
    ("level", "varchar(16)"),
    ("location", "varchar(1024)"),
    ("method", "varchar(16)"),
    ("page", "varchar(64)"),
    ("registration", "bigint"),
    ("session_id", "bigint"),
    ("song", "varchar(1024)"),
    ("status", "integer"),
    ("ts", "bigint"),
    ("user_agent", "varchar(1024)"),
    ("user_id", "integer"),
];

/// One value of each family of conversions; `{}` is a number that changes from record to record.
const FAMILIES: [(&str, &str); 10] = [
    ("integer", "{}"),
    ("bigint", "\"15411058{}\""),
    ("decimal(12,2)", "\"{}.25\""),
    ("double precision", "{}.40689"),
    ("boolean", "true"),
    ("varchar(64)", "\"The {} of Song\""),
    ("varchar(128)", "\"The \\u00e9 of \\\"{}\\\"\""),
    ("date", "\"2018-11-03\""),
    ("timestamp", "\"2018-11-03 12:34:56.{}\""),
    ("super", "{\"a\":[{},2]}"),
];

const FAMILY_RECORDS: usize = 20_000;

fn request(format: JsonFormat, columns: &[(&str, &str)]) -> CopyRequest {
    let column = |&(name, data_type): &(&str, &str)| TargetColumn {
        name: name.to_owned(),
        data_type: data_type.parse().expect("a type"),
        nullable: true,
    };
    CopyRequest {
        source: String::new(),
        manifest: false,
        format: DataFormat::Json(format),
        compression: Compression::None,
        encoding: Encoding::Utf8,
        columns: columns.iter().map(column).collect(),
        options: CopyOptions::default(),
        credentials: S3Credentials::Chain,
        region: None,
    }
}

/// The objects of a generated data set.
#[derive(Default)]
struct Generated(BTreeMap<String, Vec<u8>>);

impl ObjectWriter for Generated {
    fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.0.insert(name.to_owned(), content.to_vec());
        Ok(())
    }
}

/// About 19 MB of events.
fn generated() -> Generated {
    let scale = Scale { users: 2_000, songs: 1, events: 40_000, days: 8, ..Scale::benchmark() };
    let mut data = Generated::default();
    generate(&scale, &mut data).expect("a valid scale");
    data
}

fn events(data: &Generated) -> Bytes {
    let logs = data.0.iter().filter(|(name, _)| name.starts_with(LOG_DATA_PREFIX));
    logs.flat_map(|(_, content)| content).copied().collect()
}

fn decode(criterion: &mut Criterion) {
    let events = events(&generated());
    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Bytes(events.len() as u64)).sample_size(20);
    group.bench_function("floor: count the lines", |bencher| {
        bencher.iter(|| memchr::memchr_iter(b'\n', black_box(&events)).count());
    });
    group.bench_function("floor: skip the values with jiter", |bencher| {
        bencher.iter(|| {
            let mut jiter = jiter::Jiter::new(black_box(&events));
            while jiter.next_skip().is_ok() {}
            jiter.current_index()
        });
    });
    group.bench_function("find the records", |bencher| bencher.iter(|| count_spans(black_box(&events))));
    let none = MemoryCopy::new(&request(JsonFormat::Auto, &[("none", "integer")])).expect("valid");
    group.bench_function("decode, no column wanted", |bencher| {
        bencher.iter(|| none.whole(events.clone()).expect("loads"));
    });
    let all = MemoryCopy::with_json_paths(&request(JsonFormat::Auto, &EVENT_COLUMNS), JSONPATHS.as_bytes());
    let all = all.expect("valid");
    group.bench_function("decode into batches", |bencher| {
        bencher.iter(|| all.whole(events.clone()).expect("loads"));
    });
    group.finish();
}

fn convert(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convert");
    group.throughput(Throughput::Elements(FAMILY_RECORDS as u64)).sample_size(20);
    for (data_type, value) in FAMILIES {
        let record = |n: usize| format!("{{\"v\":{}}}\n", value.replace("{}", &(100 + n % 900).to_string()));
        let object: Bytes = (0..FAMILY_RECORDS).map(record).collect::<String>().into();
        let copy = MemoryCopy::new(&request(JsonFormat::Auto, &[("v", data_type)])).expect("valid");
        group.bench_function(BenchmarkId::from_parameter(data_type), |bencher| {
            bencher.iter(|| copy.whole(object.clone()).expect("loads"));
        });
    }
    group.finish();
}

/// Throws batches away.
struct Nowhere;

impl BatchSink for Nowhere {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        black_box(batch);
        Ok(())
    }
}

fn copy_files(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let data = generated();
    write_files(folder.path(), &data);
    let paths = folder.path().join(JSONPATHS_NAME).display().to_string();
    let mut request = request(JsonFormat::JsonPaths(paths), &EVENT_COLUMNS);
    request.source = folder.path().join(LOG_DATA_PREFIX).display().to_string();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stores = Stores::new(StoreSettings::default());
    let mut group = criterion.benchmark_group("copy");
    group.throughput(Throughput::Bytes(events(&data).len() as u64)).sample_size(20);
    group.bench_function("files to batches, all cores", |bencher| {
        bencher.iter(|| {
            let copied = copy(&request, &stores, || Ok(Nowhere), Arc::new(Progress::default()));
            runtime.block_on(copied).expect("loads").rows_loaded
        });
    });
    group.finish();
}

fn write_files(folder: &Path, data: &Generated) {
    for (name, content) in &data.0 {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, content).expect("written");
    }
}

criterion_group!(benches, decode, convert, copy_files);
criterion_main!(benches);
