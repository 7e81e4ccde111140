//! UNLOAD to S3: uploads in parts, credentials, and stores that fail (RS 6).

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{RecordBatch, StringViewArray};
use dwh_common::ErrorKind;
use dwh_copy::S3Credentials;
use dwh_copy::unload::{UnloadError, UnloadFormat, UnloadManifest, unload};
use dwh_testkit::{Fault, LoopbackS3};
use futures::StreamExt;
use futures::stream;

use crate::support::{loopback_stores, request as copy_request, run};
use crate::unload::{batch, integers, parquet, request, slice, unloaded};

async fn server() -> LoopbackS3 {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket("out");
    s3
}

/// Some 20 MiB of text, more than two parts.
fn large() -> RecordBatch {
    let line = |row: u64| -> String {
        let mut state = row;
        (0..60)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b'a' + (state >> 60) as u8)
            })
            .collect()
    };
    let lines = StringViewArray::from_iter_values((0..350_000).map(line));
    batch(&[("line varchar(60)", Arc::new(lines))])
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_are_uploaded_in_parts_and_read_back() {
    let s3 = server().await;
    let stores = loopback_stores(&s3);
    let large = large();
    let mut request = request("s3://out/data/", &large);
    request.format = UnloadFormat::Json;
    request.manifest = UnloadManifest::Plain;
    let outcome = unloaded(&request, &stores, &large).await.expect("unloads");
    assert_eq!(s3.keys("out"), ["data/0000_part_00", "data/manifest"]);
    assert_eq!(outcome.files[0].url, "s3://out/data/0000_part_00");
    assert_eq!(outcome.files[0].bytes, 350_000 * ("{\"line\":\"\"}\n".len() as u64 + 60));
    let parts = s3.requests().iter().filter(|request| request.query.contains("partNumber=")).count();
    // 24.03 MiB in parts of 8.
    assert_eq!(parts, 4);
    assert_eq!(s3.open_uploads(), 0);
    let copy = copy_request("s3://out/data/0", &["line varchar(60)"]);
    assert_eq!(run(&copy, &stores).await.expect("loads").rows_loaded, 350_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_files_are_one_request_each() {
    let s3 = server().await;
    let batch = batch(&[("a integer", integers(0..3))]);
    let request = request("s3://out/x", &batch);
    let slices = vec![slice(&batch), slice(&batch)];
    unload(&request, &loopback_stores(&s3), slices).await.expect("unloads");
    assert_eq!(s3.keys("out"), ["x0000_part_00", "x0001_part_00"]);
    assert_eq!(s3.get("out", "x0001_part_00").expect("there"), "0\n1\n2\n");
    let puts = s3.requests().iter().filter(|request| request.method == "PUT").count();
    assert_eq!(puts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_fail_for_a_while_are_sent_again() {
    let s3 = server().await;
    let large = large();
    for fault in [Fault::Status(503, "SlowDown"), Fault::Reset, Fault::Delay(Duration::from_millis(50))] {
        s3.inject("retried", fault, 2);
    }
    let request = request("s3://out/retried/", &large);
    unloaded(&request, &loopback_stores(&s3), &large).await.expect("unloads");
    let text = s3.get("out", "retried/0000_part_00").expect("there");
    assert_eq!(text.len(), 350_000 * 61);
    assert_eq!(s3.open_uploads(), 0);
}

/// A slice has finished files, another is in the middle of an upload: the store refuses a part.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_part_aborts_the_upload_and_removes_what_was_written() {
    let s3 = server().await;
    let large = large();
    let small = large.slice(0, 10);
    // The second slice's object fails at one of its requests: the beginning, a part, the completion.
    for refused in 0..5 {
        // A prefix each: the server may see the last parts of an aborted upload only after the next has begun.
        let prefix = format!("data{refused}/");
        let mut request = request(format!("s3://out/{prefix}"), &large);
        request.max_file_bytes = 20 << 20;
        let object = format!("{prefix}0001_part_00");
        for _ in 0..refused {
            s3.inject(&object, Fault::Delay(Duration::ZERO), 1);
        }
        s3.inject(&object, Fault::Status(403, "AccessDenied"), 1);
        let slices = vec![stream::iter([Ok(small.clone()), Ok(large.clone())]).boxed(), slice(&large)];
        let error = unload(&request, &loopback_stores(&s3), slices).await.expect_err("refused");
        assert_eq!(error.to_string(), "S3ServiceException:Access Denied,Status 403,Error AccessDenied");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.hint().expect("a hint").contains("s3:PutObject"), "{:?}", error.hint());
        assert_eq!((s3.keys("out"), s3.open_uploads()), (Vec::new(), 0), "refused at request {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_open_when_the_query_fails() {
    let s3 = server().await;
    let large = large();
    let request = request("s3://out/data/", &large);
    let failing = stream::iter([Ok(large.clone()), Err("out of luck".into())]).boxed();
    unload(&request, &loopback_stores(&s3), vec![failing]).await.expect_err("fails");
    assert_eq!((s3.keys("out"), s3.open_uploads()), (Vec::new(), 0));
    let aborted =
        s3.requests().iter().any(|request| request.method == "DELETE" && request.query.contains("uploadId"));
    assert!(aborted, "{:?}", s3.requests());
}

/// RS 6.3: by the letters of the key.
#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_with_objects_anywhere_below_is_refused() {
    let s3 = server().await;
    s3.put("out", "parent/deep/er", "x");
    let batch = batch(&[("a integer", integers(0..3))]);
    let stores = loopback_stores(&s3);
    for prefix in ["s3://out/par", "s3://out/parent", "s3://out/parent/", "s3://out"] {
        let error = unloaded(&request(prefix, &batch), &stores, &batch).await.expect_err("not empty");
        assert_eq!(
            error.to_string(),
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, \
             manually removing the target files in S3, or using the ALLOWOVERWRITE option."
        );
    }
    unloaded(&request("s3://out/parent/fresh", &batch), &stores, &batch).await.expect("a fresh sub-prefix");
    let mut clean = request("s3://out/parent", &batch);
    (clean.clean_path, clean.format) = (true, parquet());
    unloaded(&clean, &stores, &batch).await.expect("clears");
    assert_eq!(s3.keys("out"), ["parent0000_part_00.parquet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_is_told_so() {
    let s3 = server().await;
    s3.make_public("out");
    let batch = batch(&[("a integer", integers(0..3))]);
    let mut anonymous = request("s3://out/x", &batch);
    anonymous.access.credentials = S3Credentials::Anonymous;
    anonymous.destination = "s3://no-such-bucket/x".to_owned();
    let error = unloaded(&anonymous, &loopback_stores(&s3), &batch).await.expect_err("refused");
    assert!(matches!(error, UnloadError::Store(_)), "{error:?}");
}
