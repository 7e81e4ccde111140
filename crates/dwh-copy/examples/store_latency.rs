//! How well COPY hides the latency of a store: small objects behind a server on loopback whose every
//! answer takes 20 ms, against the ideal of objects × latency / requests in flight.
//!
//! `cargo run --release -p dwh-copy --example store_latency [objects]`

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use dwh_common::Secret;
use dwh_copy::{
    BatchSink, Compression, CopyOptions, CopyRequest, DataFormat, Encoding, JsonFormat, Progress,
    S3Credentials, SinkError, StoreSettings, Stores, TargetColumn,
};
use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY};

const LATENCY: Duration = Duration::from_millis(20);

struct Discard;

impl BatchSink for Discard {
    fn write(&mut self, _batch: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

fn request() -> Result<CopyRequest, Box<dyn Error>> {
    let column = TargetColumn { name: "a".to_owned(), data_type: "integer".parse()?, nullable: true };
    Ok(CopyRequest {
        source: "s3://songs/data/".to_owned(),
        manifest: false,
        format: DataFormat::Json(JsonFormat::Auto),
        compression: Compression::None,
        encoding: Encoding::default(),
        columns: vec![column],
        options: CopyOptions::default(),
        credentials: S3Credentials::Chain,
        region: None,
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let objects: u32 = std::env::args().nth(1).map_or(Ok(10_000), |argument| argument.parse())?;
    let s3 = LoopbackS3::start_on(0, LATENCY).await?;
    for object in 0..objects {
        s3.put("songs", &format!("data/{object:06}.json"), format!("{{\"a\":{object}}}\n"));
    }
    println!("{objects} objects, {} ms a request", LATENCY.as_millis());
    println!("{:>9} {:>9} {:>9} {:>7}", "in flight", "ideal s", "taken s", "ratio");
    for max_requests in [16, 32, 64, 128, 256] {
        let stores = Stores::new(StoreSettings {
            endpoint: Some(s3.endpoint()),
            access_key_id: Some(Secret::new(ACCESS_KEY_ID)),
            secret_access_key: Some(Secret::new(SECRET_ACCESS_KEY)),
            max_requests,
            ..StoreSettings::default()
        });
        let started = Instant::now();
        let progress = Arc::new(Progress::default());
        let outcome = dwh_copy::copy(&request()?, &stores, || Ok(Discard), progress).await?;
        let taken = started.elapsed().as_secs_f64();
        assert_eq!(outcome.rows_loaded, u64::from(objects), "every row once");
        let ideal = (LATENCY * objects).as_secs_f64() / max_requests as f64;
        println!("{max_requests:>9} {ideal:>9.2} {taken:>9.2} {:>7.2}", taken / ideal);
    }
    Ok(())
}
