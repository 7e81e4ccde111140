//! Serves a folder as a bucket, every answer a little late, until standard input ends:
//! `cargo run -p dwh-testkit --example loopback_s3 -- FOLDER BUCKET PORT LATENCY_MS`.
//!
//! Prints a line when it is ready, and at the end one of JSON: the number of requests, and the most that were
//! answered at the same time. For benchmarks: `benches/peers/run.py`.

use std::io::{Error, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use dwh_testkit::LoopbackS3;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, bucket, port, latency] = arguments.as_slice() else {
        return Err(usage("FOLDER BUCKET PORT LATENCY_MS are expected"));
    };
    let port = port.parse().map_err(|_| usage("PORT is no port"))?;
    let latency = latency.parse().map_err(|_| usage("LATENCY_MS is no number"))?;
    let s3 = LoopbackS3::start_on(port, Duration::from_millis(latency)).await?;
    s3.create_bucket(bucket);
    put_folder(&s3, bucket, Path::new(folder), "")?;
    say("ready");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    let (requests, concurrent) = (s3.requests().len(), s3.max_concurrent_requests());
    say(&format!("{{\"requests\": {requests}, \"most_in_flight\": {concurrent}}}"));
    Ok(())
}

fn usage(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, problem)
}

#[expect(clippy::print_stdout, reason = "what it serves is told to the script that started it")]
fn say(line: &str) {
    println!("{line}");
}

fn put_folder(s3: &LoopbackS3, bucket: &str, folder: &Path, prefix: &str) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            put_folder(s3, bucket, &entry.path(), &format!("{key}/"))?;
        } else {
            s3.put(bucket, &key, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}
