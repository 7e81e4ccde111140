//! Compaction: few objects and a manifest that load the same rows as the many (RS 7.1).

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dwh_common::ErrorKind;
use dwh_copy::{
    CompactError, CompactOutcome, CompactPlan, CompactRequest, Compression, CopyError, CopyRequest, Manifest,
    OutputCompression, Progress, S3Access, Stores, compact, plan_compaction,
};
use dwh_testkit::{Fault, LoopbackS3};

use crate::support::{local_stores, loopback_stores, request, rows, run};

const BUCKET: &str = "songs";
const COLUMNS: [&str; 2] = ["a integer", "b varchar(100)"];

fn compaction(source: impl Into<String>, target: impl Into<String>) -> CompactRequest {
    CompactRequest {
        source: source.into(),
        target: target.into(),
        size_bytes: 64 << 20,
        slices: 8,
        compression: OutputCompression::Gzip,
        access: S3Access::default(),
    }
}

/// Objects of every shape that COPY reads: a value a line, back to back, pretty-printed, with a mark.
fn object(number: usize) -> String {
    match number % 4 {
        0 => format!("{{\"a\":{number},\"b\":\"x\"}}"),
        1 => format!("{{\"a\":{number},\"b\":\"}}{{\"}}{{\"b\":\"\u{e9}\",\"a\":-{number}}}\n"),
        2 => format!("{{\n  \"a\": {number},\n  \"b\": \"y\"\n}}\r\n{{\"a\":-{number}}}"),
        _ => format!("\u{FEFF} {{\"a\":{number},\"b\":\"z\"}}\n\n"),
    }
}

async fn server(objects: usize) -> LoopbackS3 {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    for number in 0..objects {
        s3.put(BUCKET, &format!("data/{number:05}.json"), object(number));
    }
    s3
}

async fn compacted(
    request: CompactRequest,
    stores: &Stores,
) -> Result<(CompactPlan, CompactOutcome), CompactError> {
    let plan = plan_compaction(request, stores).await?;
    let outcome = compact(&plan, stores, Arc::new(Progress::default())).await?;
    Ok((plan, outcome))
}

async fn loaded(copy: CopyRequest, stores: &Stores) -> Vec<Vec<String>> {
    rows(&run(&copy, stores).await.expect("loads"))
}

fn of_manifest(url: &str) -> CopyRequest {
    CopyRequest { manifest: true, compression: Compression::Gzip, ..request(url, &COLUMNS) }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_objects_in_s3_become_eight_that_load_the_same_rows() {
    let s3 = server(2000).await;
    let stores = loopback_stores(&s3);
    let (plan, outcome) =
        compacted(compaction("s3://songs/data/", "s3://songs/compacted"), &stores).await.expect("compacts");
    assert_eq!((plan.objects.len(), outcome.objects_written, outcome.values), (8, 8, 3000));
    let sizes: Vec<u64> = plan.objects.iter().map(|object| object.source_bytes).collect();
    let mean = plan.source_bytes / 8;
    assert!(sizes.iter().all(|size| size.abs_diff(mean) < 100), "about equal: {sizes:?}");
    assert_eq!(plan.manifest_url, "s3://songs/compacted/manifest");
    let manifest = s3.get(BUCKET, "compacted/manifest").expect("written");
    let manifest: Manifest = serde_json::from_slice(&manifest).expect("a manifest");
    for entry in &manifest.entries {
        let stored = s3.get(BUCKET, entry.url.strip_prefix("s3://songs/").expect("a URL")).expect("written");
        let length = entry.meta.as_ref().and_then(|meta| meta.content_length);
        assert_eq!((entry.mandatory, length), (true, Some(stored.len() as u64)));
    }
    let rows = loaded(of_manifest(&plan.manifest_url), &stores).await;
    assert_eq!(rows.len(), 3000);
    assert_eq!(rows, loaded(request("s3://songs/data/", &COLUMNS), &stores).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn local_objects_keep_their_bytes_in_every_compression() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("data");
    std::fs::create_dir(&source).expect("made");
    let mut expected = String::new();
    for number in 0..100 {
        let text = format!("{{ \"a\":{number}.0e0 ,\"b\":\"\\u00e9\" }}\n");
        std::fs::write(source.join(format!("{number:03}.json")), &text).expect("written");
        expected += &text;
    }
    for compression in
        [OutputCompression::None, OutputCompression::Gzip, OutputCompression::Bzip2, OutputCompression::Zstd]
    {
        let target = folder.path().join(format!("{compression:?}"));
        let request = CompactRequest {
            compression,
            slices: 3,
            size_bytes: 2 << 10,
            ..compaction(source.display().to_string(), target.display().to_string())
        };
        let (plan, _) = compacted(request, &local_stores()).await.expect("compacts");
        assert_eq!(plan.objects.len() % 3, 0);
        let texts: Vec<String> =
            plan.objects.iter().map(|object| unpacked(Path::new(&object.url), compression)).collect();
        assert!(texts.iter().all(|text| text.len() < 3 << 10), "of about the size asked for");
        assert_eq!(texts.concat(), expected, "{compression:?}");
    }
}

fn unpacked(path: &Path, compression: OutputCompression) -> String {
    let stored = std::fs::File::open(path).expect("written");
    let mut reader: Box<dyn Read> = match compression {
        OutputCompression::None => Box::new(stored),
        OutputCompression::Gzip => Box::new(flate2::read::GzDecoder::new(stored)),
        OutputCompression::Bzip2 => Box::new(bzip2::read::BzDecoder::new(stored)),
        OutputCompression::Zstd => Box::new(zstd::Decoder::new(stored).expect("a frame")),
    };
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("unpacks");
    text
}

fn puts(s3: &LoopbackS3) -> Vec<String> {
    let requests = s3.requests().into_iter().filter(|request| request.method == "PUT");
    requests.map(|request| request.path).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_goes_on_where_it_stopped() {
    let s3 = server(400).await;
    let stores = loopback_stores(&s3);
    let request = || compaction("s3://songs/data/", "s3://songs/compacted/");
    s3.inject("compacted/part-", Fault::Delay(Duration::from_millis(150)), 8);
    let running = {
        let (plan, stores) = (plan_compaction(request(), &stores).await.expect("planned"), stores.clone());
        tokio::spawn(async move { compact(&plan, &stores, Arc::new(Progress::default())).await })
    };
    while puts(&s3).len() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.abort();
    assert!(running.await.expect_err("killed").is_cancelled());
    assert!(s3.get(BUCKET, "compacted/manifest").is_none());

    let plan = plan_compaction(request(), &stores).await.expect("planned again");
    let there = plan.objects.iter().filter(|object| object.written_bytes.is_some()).count();
    assert!((1..8).contains(&there), "{there} of 8");
    let before = puts(&s3).len();
    let outcome = compact(&plan, &stores, Arc::new(Progress::default())).await.expect("goes on");
    assert_eq!(outcome.objects_written, 8 - there);
    assert_eq!(puts(&s3).len() - before, 8 - there + 1, "the rest and the manifest");
    assert_eq!(
        loaded(of_manifest(&plan.manifest_url), &stores).await,
        loaded(crate::support::request("s3://songs/data/", &COLUMNS), &stores).await
    );

    let finished = plan_compaction(request(), &stores).await.expect("planned once more");
    assert!(finished.is_finished);
    let before = puts(&s3).len();
    compact(&finished, &stores, Arc::new(Progress::default())).await.expect("nothing to do");
    assert_eq!(puts(&s3).len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changed_since_the_first_run_is_refused() {
    let s3 = server(40).await;
    let stores = loopback_stores(&s3);
    let request = || compaction("s3://songs/data/", "s3://songs/compacted/");
    compacted(request(), &stores).await.expect("compacts");
    s3.put(BUCKET, "data/00001.json", "{\"a\":99}");
    let error = plan_compaction(request(), &stores).await.expect_err("another source");
    assert!(matches!(error, CompactError::TargetTaken { .. }), "{error:?}");
    assert!(error.hint().expect("a hint").contains("changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_object_that_changes_while_it_is_compacted_is_named() {
    let s3 = server(40).await;
    let stores = loopback_stores(&s3);
    s3.inject("data/00007.json", Fault::Overwrite("{\"a\":1}".into()), 1);
    let error = compacted(compaction("s3://songs/data/", "s3://songs/compacted/"), &stores).await;
    let error = error.expect_err("changed");
    assert!(
        matches!(&error, CompactError::Copy(CopyError::ObjectChanged { url, .. }) if url.ends_with("00007.json")),
        "{error:?}"
    );
    assert!(s3.get(BUCKET, "compacted/manifest").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_the_source_covers_is_refused() {
    let s3 = server(1).await;
    let stores = loopback_stores(&s3);
    for (source, target) in [
        ("s3://songs/data", "s3://songs/data/compacted"),
        ("s3://songs/data", "s3://songs/data_compacted"),
        ("s3://songs", "s3://songs/compacted"),
    ] {
        let error = plan_compaction(compaction(source, target), &stores).await.expect_err("within");
        assert!(matches!(error, CompactError::TargetInSource { .. }), "{source} {target}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_joined_is_refused_by_name() {
    let cases: [(&[u8], &str); 3] = [
        (b"\x1F\x8B\x08\x00", "s3://songs/data/x is compressed with GZIP"),
        (b"{}\n{\"a\":", "the JSON value of s3://songs/data/x that begins on line 2 does not end"),
        (b"", "the objects of s3://songs/data/ are all empty"),
    ];
    for (bytes, message) in cases {
        let s3 = server(0).await;
        s3.put(BUCKET, "data/x", bytes);
        let request = compaction("s3://songs/data/", "s3://songs/compacted/");
        let error = compacted(request, &loopback_stores(&s3)).await.expect_err(message);
        assert_eq!(error.to_string(), message);
        assert!(error.hint().is_some());
    }
}
