//! What only a store can do: page, refuse, fail, hesitate.

use std::time::{Duration, Instant};

use bytes::Bytes;
use dwh_common::{ErrorKind, Secret};
use dwh_copy::{
    CopyError, Manifest, ManifestEntry, S3Access, S3Credentials, StoreSettings, Stores, list, read_object,
    write_object,
};
use dwh_testkit::{ACCESS_KEY_ID, Fault, LoopbackS3, SECRET_ACCESS_KEY};

use crate::support::{loopback_settings, loopback_stores, request, rows, run};

const BUCKET: &str = "songs";

/// A server with so many objects of one record each.
async fn server(objects: usize) -> LoopbackS3 {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket(BUCKET);
    for object in 0..objects {
        s3.put(BUCKET, &format!("data/{object:05}.json"), format!("{{\"a\":{object}}}\n"));
    }
    s3
}

fn store_failure(error: &CopyError) -> String {
    match error {
        CopyError::Store { source, .. } => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_of_more_than_a_thousand_keys_page() {
    let s3 = server(2500).await;
    let listed = list("s3://songs/data", &loopback_stores(&s3), &S3Access::default()).await.expect("lists");
    assert_eq!(listed.len(), 2500);
    assert!(listed.is_sorted_by(|a, b| a.url < b.url));
    assert_eq!(&*listed[7].url, "s3://songs/data/00007.json");
    assert_eq!((listed[7].size_bytes, listed[7].etag.is_some()), (8, true));
    let pages = s3.requests().iter().filter(|request| request.query.contains("list-type=2")).count();
    assert_eq!(pages, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_objects_load_once_each() {
    let s3 = server(2500).await;
    let outcome =
        run(&request("s3://songs/data/", &["a integer"]), &loopback_stores(&s3)).await.expect("loads");
    let mut loaded: Vec<usize> = rows(&outcome).iter().map(|row| row[0].parse().expect("a number")).collect();
    loaded.sort_unstable();
    assert_eq!(loaded, (0..2500).collect::<Vec<_>>());
    assert_eq!(outcome.objects.len(), 2500);
    let batches: usize = outcome.sinks.iter().map(|sink| sink.0.len()).sum();
    assert!(batches <= outcome.sinks.len(), "tiny objects share batches, not {batches}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_are_in_flight_when_the_store_hesitates() {
    let s3 = server(320).await;
    s3.inject("data/", Fault::Delay(Duration::from_millis(50)), 320);
    let started = Instant::now();
    let outcome =
        run(&request("s3://songs/data/", &["a integer"]), &loopback_stores(&s3)).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 320);
    assert!(s3.max_concurrent_requests() > 64, "{} at a time", s3.max_concurrent_requests());
    // One after another would take 16 seconds.
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_object_reads_as_redshift_words_it() {
    let s3 = server(3).await;
    s3.inject("00001.json", Fault::Status(403, "AccessDenied"), 1);
    let error =
        run(&request("s3://songs/data", &["a integer"]), &loopback_stores(&s3)).await.expect_err("403");
    assert_eq!(store_failure(&error), "S3ServiceException:Access Denied,Status 403,Error AccessDenied");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.hint().expect("a hint").contains("s3:GetObject"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_refused_by_the_servers_signature_check() {
    let s3 = server(1).await;
    let with_keys = |id: &str, secret: &str| {
        let mut copy = request("s3://songs/data", &["a integer"]);
        copy.credentials = S3Credentials::Keys {
            access_key_id: Secret::new(id),
            secret_access_key: Secret::new(secret),
            session_token: None,
        };
        copy
    };
    let stores = Stores::new(StoreSettings { endpoint: Some(s3.endpoint()), ..StoreSettings::default() });
    run(&with_keys(ACCESS_KEY_ID, SECRET_ACCESS_KEY), &stores).await.expect("the right keys");
    let error = run(&with_keys(ACCESS_KEY_ID, "guessed"), &stores).await.expect_err("wrong secret");
    assert!(store_failure(&error).ends_with(",Status 403,Error SignatureDoesNotMatch"), "{error}");
    assert!(error.hint().expect("a hint").contains("AWS_SECRET_ACCESS_KEY"));
    assert!(!format!("{error} {error:?}").contains("guessed"), "no secret in an error");
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_access_is_for_public_buckets() {
    let s3 = server(1).await;
    let stores = loopback_stores(&s3);
    let mut copy = request("s3://songs/data", &["a integer"]);
    copy.credentials = S3Credentials::Anonymous;
    let error = run(&copy, &stores).await.expect_err("not public");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    s3.make_public(BUCKET);
    assert_eq!(run(&copy, &stores).await.expect("public").rows_loaded, 1);
    assert!(s3.requests().iter().all(|request| !request.signed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_signs_when_no_variables_do() {
    let s3 = server(1).await;
    let text = format!(
        "[other]\naws_access_key_id = x\n[loader]\naws_access_key_id = {ACCESS_KEY_ID}\n\
         aws_secret_access_key = {SECRET_ACCESS_KEY}\n"
    );
    let files = dwh_testkit::folder_of([("credentials", text)]).expect("written");
    let settings = StoreSettings {
        endpoint: Some(s3.endpoint()),
        credentials_file: Some(files.path().join("credentials")),
        profile: "loader".to_owned(),
        ..StoreSettings::default()
    };
    let outcome =
        run(&request("s3://songs/data", &["a integer"]), &Stores::new(settings)).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changed_after_the_listing_fails_the_copy() {
    let s3 = server(1).await;
    let stores = loopback_stores(&s3);
    // The object is listed, and grows while its answer is delayed.
    s3.inject("00000.json", Fault::Delay(Duration::from_secs(1)), 1);
    let copy = request("s3://songs/data", &["a integer"]);
    let (result, ()) = tokio::join!(run(&copy, &stores), async {
        while !s3.requests().iter().any(|request| request.path.ends_with("00000.json")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        s3.put(BUCKET, "data/00000.json", "{\"a\":1}{\"a\":2}");
    });
    let error = result.expect_err("changed");
    assert!(matches!(error, CopyError::ObjectChanged { .. }), "{error:?}");
    assert!(error.to_string().ends_with("8 bytes were listed, 14 are there now"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credentials_at_all_is_said_at_once() {
    let stores = Stores::new(StoreSettings::default());
    let error = run(&request("s3://songs/data", &["a integer"]), &stores).await.expect_err("no credentials");
    assert!(matches!(error, CopyError::NoCredentials { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_stores_and_broken_connections_are_asked_again() {
    for (fault, times) in [
        (Fault::Status(503, "SlowDown"), 3),
        (Fault::Status(500, "InternalError"), 1),
        (Fault::Status(429, "TooManyRequests"), 1),
        (Fault::Reset, 2),
        (Fault::TruncatedBody, 1),
    ] {
        let s3 = server(3).await;
        s3.inject("00001.json", fault.clone(), times);
        let loaded = run(&request("s3://songs/data", &["a integer"]), &loopback_stores(&s3)).await;
        let outcome = loaded.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(outcome.rows_loaded, 3, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_survives_a_truncated_answer() {
    let s3 = server(0).await;
    let text: String = (0..700_000).map(|number| format!("{{\"a\":{number}}}\n")).collect();
    assert!(text.len() > 8 << 20, "larger than a part");
    s3.put(BUCKET, "large.json", text);
    s3.inject("large.json", Fault::TruncatedBody, 1);
    let outcome =
        run(&request("s3://songs/large", &["a integer"]), &loopback_stores(&s3)).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 700_000);
    assert_eq!(outcome.objects[0].lines_scanned, 700_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_busy_fails_in_the_end() {
    let s3 = server(1).await;
    s3.inject("00000.json", Fault::Status(503, "SlowDown"), 1000);
    let stores = Stores::new(StoreSettings { max_retries: 2, ..loopback_settings(&s3) });
    let error = run(&request("s3://songs/data", &["a integer"]), &stores).await.expect_err("busy");
    assert!(store_failure(&error).ends_with(",Status 503,Error SlowDown"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let asked = s3.requests().iter().filter(|request| request.path.ends_with("00000.json")).count();
    assert_eq!(asked, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_region_is_named() {
    let s3 = server(1).await;
    s3.inject("/songs", Fault::WrongRegion, 1);
    let error =
        run(&request("s3://songs/data", &["a integer"]), &loopback_stores(&s3)).await.expect_err("301");
    assert_eq!(
        store_failure(&error),
        "S3ServiceException:The bucket you are attempting to access must be addressed using the specified \
         endpoint.,Status 301,Error PermanentRedirect"
    );
    assert!(error.hint().expect("a hint").contains("REGION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_given_up_within_seconds() {
    let s3 = server(0).await;
    let settings = StoreSettings {
        endpoint: Some("http://no-such-host.invalid:9".to_owned()),
        ..loopback_settings(&s3)
    };
    let started = Instant::now();
    let error =
        run(&request("s3://songs/data", &["a integer"]), &Stores::new(settings)).await.expect_err("no host");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_keys_and_buckets_are_not_found() {
    let s3 = server(1).await;
    let stores = loopback_stores(&s3);
    let access = S3Access::default();
    let error = read_object("s3://songs/nothing", &stores, &access).await.expect_err("no key");
    assert_eq!(
        store_failure(&error),
        "S3ServiceException:The specified key does not exist,Status 404,Error NoSuchKey"
    );
    let error = list("s3://nowhere/data", &stores, &access).await.expect_err("no bucket");
    assert!(store_failure(&error).ends_with(",Status 404,Error NoSuchBucket"), "{error}");
    let error = list("s3://songs/other", &stores, &access).await.expect_err("no match");
    assert_eq!(error.to_string(), "The specified S3 prefix 'other' does not exist");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_removed_after_the_listing_fails_the_copy() {
    let s3 = server(3).await;
    s3.inject("00002.json", Fault::Status(404, "NoSuchKey"), 1);
    let error =
        run(&request("s3://songs/data", &["a integer"]), &loopback_stores(&s3)).await.expect_err("404");
    assert_eq!(error.kind(), ErrorKind::UndefinedObject);
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_are_written_and_read_across_stores() {
    let s3 = server(5).await;
    let stores = loopback_stores(&s3);
    let entry =
        |key: &str| ManifestEntry { url: format!("s3://songs/data/{key}"), mandatory: true, meta: None };
    let manifest = Manifest { entries: vec![entry("00001.json"), entry("00003.json")] };
    let bytes = Bytes::from(serde_json::to_vec(&manifest).expect("serialises"));
    write_object("s3://songs/manifests/1.json", bytes, &stores, &S3Access::default()).await.expect("written");
    let mut copy = request("s3://songs/manifests/1.json", &["a integer"]);
    copy.manifest = true;
    let outcome = run(&copy, &stores).await.expect("loads");
    assert_eq!(rows(&outcome), [["1"], ["3"]]);
    copy.source = "s3://songs/manifests/".to_owned();
    let error = run(&copy, &stores).await.expect_err("a prefix");
    assert_eq!(error.to_string(), "COPY with MANIFEST parameter requires full path of an S3 object");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_spaces_and_unicode_load() {
    let s3 = server(0).await;
    for key in ["data/a b+c.json", "data/é=1/x.json", "data/%41.json"] {
        s3.put(BUCKET, key, "{\"a\":1}");
    }
    let outcome =
        run(&request("s3://songs/data", &["a integer"]), &loopback_stores(&s3)).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 3);
}
