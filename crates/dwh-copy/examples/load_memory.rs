//! The most memory that a COPY takes, by the number of its objects or by their bytes.
//!
//! `cargo run --release -p dwh-copy --example load_memory objects 1000000`: so many files of one record.
//! `cargo run --release -p dwh-copy --example load_memory megabytes 1000`: so much in one file.
//! `scripts/load_memory.sh` runs both over three orders of magnitude. Linux only: the figure is the kernel's.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use dwh_copy::{
    BatchSink, Compression, CopyOptions, CopyRequest, DataFormat, Encoding, JsonFormat, Progress,
    S3Credentials, SinkError, StoreSettings, Stores, TargetColumn,
};

/// Objects per folder, so that no folder is what is measured.
const FOLDER_OBJECTS: u64 = 1000;

struct Discard;

impl BatchSink for Discard {
    fn write(&mut self, _batch: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

fn record(number: u64) -> String {
    format!("{{\"a\":{},\"b\":\"a text as long as the name of a song\"}}\n", number % 1_000_000)
}

fn write_objects(folder: &Path, objects: u64) -> std::io::Result<()> {
    for number in 0..objects {
        let folder = folder.join(format!("{:05}", number / FOLDER_OBJECTS));
        if number % FOLDER_OBJECTS == 0 {
            std::fs::create_dir(&folder)?;
        }
        std::fs::write(folder.join(format!("{number:09}.json")), record(number))?;
    }
    Ok(())
}

fn write_bytes(folder: &Path, megabytes: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(folder.join("large.json"))?);
    let mut left = megabytes << 20;
    for number in 0.. {
        let record = record(number);
        let Some(rest) = left.checked_sub(record.len() as u64) else { break };
        left = rest;
        file.write_all(record.as_bytes())?;
    }
    file.flush()
}

fn column(name: &str, data_type: &str) -> Result<TargetColumn, Box<dyn Error>> {
    Ok(TargetColumn { name: name.to_owned(), data_type: data_type.parse()?, nullable: true })
}

/// The most resident memory of this process so far, as the kernel says it.
fn peak_memory() -> std::io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, number] = arguments.as_slice() else {
        return Err("give objects or megabytes, and a number".into());
    };
    let number: u64 = number.parse()?;
    let folder = tempfile::tempdir()?;
    match what.as_str() {
        "objects" => write_objects(folder.path(), number)?,
        "megabytes" => write_bytes(folder.path(), number)?,
        _ => return Err("give objects or megabytes".into()),
    }
    let request = CopyRequest {
        source: format!("{}/", folder.path().display()),
        manifest: false,
        format: DataFormat::Json(JsonFormat::Auto),
        compression: Compression::None,
        encoding: Encoding::default(),
        columns: vec![column("a", "integer")?, column("b", "varchar(100)")?],
        options: CopyOptions::default(),
        credentials: S3Credentials::Chain,
        region: None,
    };
    let before = peak_memory()?;
    let started = Instant::now();
    let stores = Stores::new(StoreSettings::default());
    let outcome = dwh_copy::copy(&request, &stores, || Ok(Discard), Arc::new(Progress::default())).await?;
    println!(
        "{number} {what}: {} rows of {} objects in {:.1} s, at most {} (before the COPY {before})",
        outcome.rows_loaded,
        outcome.objects.len(),
        started.elapsed().as_secs_f64(),
        peak_memory()?,
    );
    Ok(())
}
