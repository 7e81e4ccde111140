//! A store that fails while it is read: a load is complete, every row once, or it fails and says why.

use std::sync::Arc;
use std::time::Duration;

use dwh_common::ErrorKind;
use dwh_copy::{
    CopyError, CopyRequest, DataFormat, JsonFormat, Manifest, ManifestEntry, Progress, StoreSettings, Stores,
};
use dwh_testkit::{Fault, LoopbackS3};

use crate::support::{Collected, Outcome, loopback_settings, loopback_stores, request, rows, run};

const BUCKET: &str = "songs";

async fn server() -> LoopbackS3 {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    s3
}

/// Objects of one record each.
fn put_small(s3: &LoopbackS3, objects: usize) {
    for object in 0..objects {
        s3.put(BUCKET, &format!("data/{object:05}.json"), format!("{{\"a\":{object}}}\n"));
    }
}

/// One object of several ranges; its records count up from `first`, which has seven digits.
fn large_object(first: usize) -> String {
    let records = 600_000;
    let text: String =
        (0..records).map(|record| format!("{{\"a\":{},\"b\":\"x\"}}\n", first + record)).collect();
    assert!(text.len() > 12 << 20, "more than one range");
    text
}

fn load(source: &str) -> CopyRequest {
    request(source, &["a integer"])
}

/// The values of the only column, in order.
fn values(outcome: &Outcome) -> Vec<usize> {
    let mut values: Vec<usize> = rows(outcome).iter().map(|row| row[0].parse().expect("a number")).collect();
    values.sort_unstable();
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_empty_segments_are_keys_of_their_own() {
    let s3 = server().await;
    for (value, key) in ["data/a/b", "data/a//b", "data//a/b", "data/a/", "/data/a"].into_iter().enumerate() {
        s3.put(BUCKET, key, format!("{{\"a\":{value}}}"));
    }
    let stores = loopback_stores(&s3);
    let outcome = run(&load("s3://songs/data"), &stores).await.expect("loads");
    assert_eq!(values(&outcome), [0, 1, 2, 3]);
    let urls: Vec<_> = outcome.objects.iter().map(|object| &*object.url).collect();
    assert!(urls.contains(&"s3://songs/data/a//b") && urls.contains(&"s3://songs/data/a/"), "{urls:?}");
    let outcome = run(&load("s3://songs//data"), &stores).await.expect("loads");
    assert_eq!(values(&outcome), [4]);
    let entries = vec![ManifestEntry { url: "s3://songs/data/a//b".to_owned(), mandatory: true, meta: None }];
    s3.put(BUCKET, "manifest", serde_json::to_vec(&Manifest { entries }).expect("serialises"));
    let manifest = CopyRequest { manifest: true, ..load("s3://songs/manifest") };
    assert_eq!(values(&run(&manifest, &stores).await.expect("loads")), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_a_dot_segment_is_listed_and_refused_by_name() {
    let s3 = server().await;
    s3.put(BUCKET, "data/./a", "{\"a\":1}");
    let error = run(&load("s3://songs/data"), &loopback_stores(&s3)).await.expect_err("no URL names it");
    assert!(error.to_string().contains("s3://songs/data/./a"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_followed_to_its_region_unless_region_is_given() {
    let s3 = server().await;
    put_small(&s3, 3);
    s3.put(BUCKET, "data//x", "{\"a\":3}");
    s3.move_to_region("eu-west-1");
    let stores = loopback_stores(&s3);
    assert_eq!(values(&run(&load("s3://songs/data"), &stores).await.expect("found")), [0, 1, 2, 3]);
    let elsewhere = CopyRequest { region: Some("us-west-2".to_owned()), ..load("s3://songs/data") };
    let error = run(&elsewhere, &stores).await.expect_err("the statement's Region");
    assert!(error.to_string().ends_with(",Status 301,Error PermanentRedirect"), "{error}");
    let there = CopyRequest { region: Some("eu-west-1".to_owned()), ..load("s3://songs/data") };
    assert_eq!(run(&there, &stores).await.expect("the right Region").rows_loaded, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_breaks_off_is_asked_for_again() {
    let s3 = server().await;
    put_small(&s3, 1500);
    for fault in [Fault::TruncatedBody, Fault::Reset, Fault::Status(503, "SlowDown")] {
        s3.inject("/songs", fault, 1);
    }
    let outcome = run(&load("s3://songs/data"), &loopback_stores(&s3)).await.expect("loads");
    assert_eq!(values(&outcome), (0..1500).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_overwritten_with_one_of_the_same_size_fails_the_load() {
    let s3 = server().await;
    put_small(&s3, 3);
    s3.inject("00001.json", Fault::Overwrite("{\"a\":7}\n".into()), 1);
    let error = run(&load("s3://songs/data"), &loopback_stores(&s3)).await.expect_err("another object");
    assert!(
        matches!(&error, CopyError::ObjectChanged { url, .. } if url.ends_with("00001.json")),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_overwritten_between_its_ranges_fails_the_load() {
    let s3 = server().await;
    s3.put(BUCKET, "large", large_object(1_000_000));
    // The first range comes; the second belongs to another object.
    s3.inject("large", Fault::TruncatedBody, 1);
    s3.inject("large", Fault::Overwrite(large_object(2_000_000).into()), 1);
    let error = run(&load("s3://songs/large"), &loopback_stores(&s3)).await.expect_err("two objects");
    assert!(matches!(error, CopyError::ObjectChanged { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_vanished_is_named() {
    let s3 = server().await;
    put_small(&s3, 3);
    s3.inject("00001.json", Fault::Vanish, 1);
    let error = run(&load("s3://songs/data"), &loopback_stores(&s3)).await.expect_err("gone");
    assert_eq!(
        error.to_string(),
        "S3ServiceException:The specified key does not exist,Status 404,Error NoSuchKey"
    );
    assert_eq!(
        error.hint().expect("a hint"),
        "s3://songs/data/00001.json was listed and then removed; run the COPY again."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_is_read_by_ranges_side_by_side() {
    let s3 = LoopbackS3::start_on(0, Duration::from_millis(500)).await.expect("starts");
    let text = large_object(1_000_000);
    let ranges = text.len().div_ceil(8 << 20);
    s3.put(BUCKET, "large", text);
    let outcome = run(&load("s3://songs/large"), &loopback_stores(&s3)).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 600_000);
    let asked = s3.requests().iter().filter(|request| request.path.ends_with("/large")).count();
    assert_eq!(asked, ranges);
    assert!(s3.max_concurrent_requests() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_from_a_failing_store_are_complete_or_fail() {
    let tally = failing_loads(0..48).await;
    assert!(tally.complete > 5 && tally.failed > 5, "both should happen: {tally:?}");
}

/// The long run: `scripts/failing_store.sh`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn a_thousand_loads_from_a_failing_store_are_complete_or_fail() {
    let tally = failing_loads(1000..2000).await;
    assert!(tally.complete > 100 && tally.failed > 100, "both should happen: {tally:?}");
}

#[derive(Debug, Default)]
struct Tally {
    complete: usize,
    failed: usize,
}

async fn failing_loads(seeds: std::ops::Range<u64>) -> Tally {
    use futures::StreamExt;
    let loads = futures::stream::iter(seeds).map(|seed| tokio::spawn(failing_load(seed)));
    let mut loads = loads.buffer_unordered(8);
    let mut tally = Tally::default();
    while let Some(complete) = loads.next().await {
        if complete.expect("no panic") { tally.complete += 1 } else { tally.failed += 1 }
    }
    tally
}

/// One load under the faults of a seed; whether it was complete. Panics if it is neither complete nor
/// failed for a reason that holds.
async fn failing_load(seed: u64) -> bool {
    let s3 = server().await;
    let small = 30 + (seed % 5) as usize * 60;
    put_small(&s3, small);
    let mut expected: Vec<usize> = (0..small).collect();
    if seed.is_multiple_of(4) {
        s3.put(BUCKET, "data/large.json", large_object(1_000_000));
        expected.extend(1_000_000..1_600_000);
    }
    // For good, unlike the faults at random: one object is not the one that was listed.
    let victim = format!("{:05}.json", seed as usize % small);
    let accident = match seed % 10 {
        1 => Some(Fault::Vanish),
        2 => Some(Fault::Overwrite("{\"a\":9}{\"a\":9}".into())),
        3 => Some(Fault::Overwrite(
            format!("{{\"a\":{}}}\n", "9".repeat((seed as usize % small).to_string().len())).into(),
        )),
        _ => None,
    };
    let must_fail = accident.is_some();
    if let Some(accident) = accident {
        s3.inject(&victim, accident, 1);
    }
    s3.inject_at_random(seed, [0, 20, 100, 300, 700][(seed / 10 % 5) as usize]);
    let stores = Stores::new(StoreSettings { max_retries: 4, ..loopback_settings(&s3) });
    match run(&load("s3://songs/data/"), &stores).await {
        Ok(outcome) => {
            assert!(!must_fail, "seed {seed}: loaded what was not listed");
            let values = values(&outcome);
            assert!(
                values == expected,
                "seed {seed}: {} rows, not the {} stored",
                values.len(),
                expected.len()
            );
            true
        }
        Err(error) => {
            let kinds: &[ErrorKind] = if must_fail {
                &[ErrorKind::Unavailable, ErrorKind::Conflict, ErrorKind::UndefinedObject]
            } else {
                &[ErrorKind::Unavailable]
            };
            assert!(kinds.contains(&error.kind()), "seed {seed}: {error:?}");
            assert!(error.hint().is_some(), "seed {seed}: {error:?}");
            false
        }
    }
}

/// RS 2.2, STL_S3CLIENT_ERROR: requests that failed are told, also those that were made again with success.
#[tokio::test(flavor = "multi_thread")]
async fn failed_requests_are_told_with_their_object_and_reason() {
    let s3 = server().await;
    put_small(&s3, 4);
    s3.inject("00001.json", Fault::Status(503, "SlowDown"), 1);
    s3.inject("00002.json", Fault::TruncatedBody, 1);
    let (copy, stores, progress) =
        (load("s3://songs/data"), loopback_stores(&s3), Arc::new(Progress::default()));
    let copied = || dwh_copy::copy(&copy, &stores, || Ok(Collected::default()), Arc::clone(&progress));
    let outcome = copied().await.expect("loads");
    assert_eq!(outcome.rows_loaded, 4);
    let mut faults: Vec<_> = progress
        .take_faults()
        .into_iter()
        .map(|fault| (fault.method, fault.url.to_string(), fault.error))
        .collect();
    faults.sort();
    let fault = |url: &str, error: &str| ("GET".to_owned(), url.to_owned(), error.to_owned());
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(
        faults[0],
        fault("s3://songs/data/00001.json", "S3ServiceException:Service Unavailable,Status 503")
    );
    assert!(faults[1].1.ends_with("00002.json") && faults[1].2.contains("closed"), "{faults:?}");
    assert!(progress.take_faults().is_empty());
    // Each object has a slice and its times.
    for object in &outcome.objects {
        assert!((0..1024).contains(&object.slice));
        assert!(object.started_at <= object.transferred_at && object.transferred_at <= object.finished_at);
        assert!(object.started_at.is_some());
    }

    s3.inject("00003.json", Fault::Status(403, "AccessDenied"), 1);
    copied().await.expect_err("refused");
    let faults = progress.take_faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].error.contains("Status 403"), "{faults:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_of_several_pages_is_no_failed_request() {
    let s3 = server().await;
    put_small(&s3, 1100);
    s3.put(BUCKET, "paths.json", r#"{"jsonpaths": ["$.a"]}"#);
    let mut copy = load("s3://songs/data");
    copy.format = DataFormat::Json(JsonFormat::JsonPaths("s3://songs/paths.json".to_owned()));
    let progress = Arc::new(Progress::default());
    let make_sink = || Ok(Collected::default());
    let copied = dwh_copy::copy(&copy, &loopback_stores(&s3), make_sink, Arc::clone(&progress)).await;
    assert_eq!(copied.expect("loads").rows_loaded, 1100);
    assert_eq!(progress.take_faults(), []);
}
