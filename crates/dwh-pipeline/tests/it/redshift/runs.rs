use dwh_pipeline::{
    Job, PipelineError, RunOptions, Silent, Types, Variables, Warehouse, check, run, tables, verify,
};
use dwh_testkit::sample_data;

use super::cluster::{BUCKET, Cluster, PASSWORD, number, run_on, small_pipeline, sparkify};
use super::recorded::Recorder;

#[tokio::test(flavor = "multi_thread")]
async fn the_public_sample_gives_the_same_answers_as_on_the_embedded_warehouse() {
    let Some(sample) = sample_data("sparkify") else { return };
    let cluster = Cluster::start().await;
    cluster.put_folder(&sample, "");
    let recorder = Recorder::default();
    let connector = recorder.on(Box::new(cluster.connector(PASSWORD)));
    let warehouse = cluster.warehouse_on(connector, 1, Some("manifests"));
    let job = sparkify();
    let report = run_on(&job, &warehouse).await.expect("runs");
    let rows: Vec<u64> = report.loads.iter().map(|load| load.rows_loaded).collect();
    assert_eq!(rows, [8056, 71]);

    // The figures of the sample's own page, which are what the embedded run gives.
    let expected = [
        ("songplays", 6820),
        ("users", 96),
        ("songs", 71),
        ("artists", 69),
        ("time", 6813),
        ("staging_events", 8056),
    ];
    for (table, rows) in expected {
        assert_eq!(number(&warehouse, &format!("SELECT COUNT(*) FROM {table}")).await, rows, "{table}");
    }
    let (pipeline, variables) = &job;
    for result in check(pipeline, variables, &warehouse).await.expect("checks run") {
        assert!(result.passed(), "{}: {:?}", result.check, result.offending);
    }
    let compared = verify(pipeline, variables, &warehouse, None).await.expect("queries run");
    assert_eq!(compared.expected_set, "sample");
    for query in &compared.queries {
        assert!(query.is_equal(), "{}: {:?}", query.query, query.differences);
    }

    let again = run_on(&job, &warehouse).await.expect("runs");
    assert!(!again.has_changes(), "{again:?}");
    assert_eq!(
        tables::list(pipeline, variables, &warehouse).await.expect("lists").len(),
        pipeline.tables.len()
    );
    tables::describe("songplays", &warehouse).await.expect("describes");
    dwh_pipeline::history(&warehouse).await.expect("reads the ledger");
    tables::drop_all(pipeline, variables, &warehouse).await.expect("drops");
    recorder.assert_sqlglot_reads_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn new_objects_are_loaded_by_a_manifest_in_the_bucket() {
    let cluster = Cluster::start().await;
    let (job, warehouse) = (small_pipeline(), cluster.warehouse(1));
    cluster.s3.put(BUCKET, "events/1.json", "{\"id\": 1}\n{\"id\": 2}\n");
    run_on(&job, &warehouse).await.expect("runs");
    cluster.s3.put(BUCKET, "events/2.json", "{\"id\": 3}\n");
    let report = run_on(&job, &warehouse).await.expect("runs");
    assert_eq!((report.loads[0].objects_new, report.loads[0].rows_loaded), (1, 1));
    assert_eq!(number(&warehouse, "SELECT COUNT(*) FROM facts").await, 3);
    let manifest = cluster.s3.get(BUCKET, "manifests/small-staging.manifest").expect("a manifest");
    let manifest = dwh_copy::parse_manifest(&manifest).expect("reads");
    let urls: Vec<&str> = manifest.entries.iter().map(|entry| entry.url.as_str()).collect();
    assert_eq!(urls, ["s3://song-plays/events/2.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_prefix_for_manifests_everything_is_loaded_when_something_is_new() {
    let cluster = Cluster::start().await;
    let job = small_pipeline();
    let warehouse = cluster.warehouse_on(Box::new(cluster.connector(PASSWORD)), 1, None);
    cluster.s3.put(BUCKET, "events/it's 1.json", "{\"id\": 1}\n{\"id\": 2}\n");
    run_on(&job, &warehouse).await.expect("runs");
    let again = run_on(&job, &warehouse).await.expect("runs");
    assert!(!again.has_changes(), "{again:?}");
    cluster.s3.put(BUCKET, "events/2.json", "{\"id\": 3}\n");
    let report = run_on(&job, &warehouse).await.expect("runs");
    assert!(report.refreshed);
    assert_eq!((report.loads[0].objects_new, report.loads[0].rows_loaded), (2, 3));
    assert_eq!(number(&warehouse, "SELECT COUNT(*) FROM facts").await, 3);
    assert_eq!(number(&warehouse, "SELECT SUM(rows_loaded) FROM dwh_loads").await, 3);
    assert!(cluster.s3.keys(BUCKET).iter().all(|key| key.starts_with("events/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_prefix_for_manifests_rows_whose_objects_are_gone_are_not_lost_in_silence() {
    let cluster = Cluster::start().await;
    let job = small_pipeline();
    let warehouse = cluster.warehouse_on(Box::new(cluster.connector(PASSWORD)), 1, None);
    cluster.s3.put(BUCKET, "events/1.json", "{\"id\": 1}\n");
    cluster.s3.put(BUCKET, "events/2.json", "{\"id\": 2}\n");
    run_on(&job, &warehouse).await.expect("runs");
    // The source is another one, where the first two objects are not.
    let (pipeline, _) = job;
    let moved = |_: &_| Some(format!("s3://{BUCKET}/moved/"));
    let job = (pipeline.clone(), Variables::resolve(&pipeline.variables, moved));
    let unchanged = run_on(&job, &warehouse).await.expect("nothing is new");
    assert!(!unchanged.has_changes(), "{unchanged:?}");
    cluster.s3.put(BUCKET, "moved/3.json", "{\"id\": 3}\n");
    let error = run_on(&job, &warehouse).await.expect_err("the row of the first object would go").to_string();
    for part in ["s3://song-plays/events/1.json", "MANIFEST_PREFIX", "--full-refresh"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(number(&warehouse, "SELECT COUNT(*) FROM facts").await, 2);

    // With a prefix for manifests only the new object is loaded.
    let keeping = cluster.warehouse(1);
    let report = run_on(&job, &keeping).await.expect("runs");
    assert_eq!((report.refreshed, report.loads[0].rows_loaded), (false, 1));
    assert_eq!(number(&keeping, "SELECT COUNT(*) FROM facts").await, 3);

    // Asked for, they go.
    let (pipeline, variables) = &job;
    let job = Job { pipeline, variables, warehouse: &warehouse, observer: &Silent };
    run(job, RunOptions { full_refresh: true }).await.expect("runs");
    assert_eq!(number(&warehouse, "SELECT COUNT(*) FROM facts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_record_is_shown_with_file_line_column_and_reason_and_nothing_is_loaded() {
    let cluster = Cluster::start().await;
    let (job, warehouse) = (small_pipeline(), cluster.warehouse(1));
    cluster.s3.put(BUCKET, "events/1.json", "{\"id\": 1}\n{\"id\": 2, \"name\": \"far too long\"}\n");
    let error = run_on(&job, &warehouse).await.expect_err("a record does not fit");
    let PipelineError::Statement { path, source, .. } = &error else { panic!("{error}") };
    assert_eq!(path, "load/staging.sql");
    let detail = source.detail.as_deref().unwrap_or_default();
    for part in
        ["s3://song-plays/events/1.json:2", "name", "String length exceeds DDL length", "far too long"]
    {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    let tables =
        warehouse.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").await.expect("lists");
    assert_eq!(tables.rows, [] as [Vec<Option<String>>; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_source_is_refused_by_name() {
    let cluster = Cluster::start().await;
    let (pipeline, _) = small_pipeline();
    let variables = Variables::resolve(&pipeline.variables, |_| Some("/data/events".to_owned()));
    let error = run_on(&(pipeline, variables), &cluster.warehouse(1)).await.expect_err("no cluster reads it");
    assert!(error.to_string().contains("a cluster reads S3 only"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_with_their_types_and_notices() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse(1);
    let outputs = warehouse
        .run("SELECT 1 AS n, 'x' AS t, NULL AS nothing, 1.50 AS d, true AS b", Types::Wanted)
        .await
        .expect("runs");
    let columns = outputs[0].columns.as_ref().expect("rows");
    let types: Vec<String> = columns
        .iter()
        .map(|column| column.data_type.map(|found| found.to_string()).unwrap_or_default())
        .collect();
    assert_eq!((types[0].as_str(), types[4].as_str()), ("integer", "boolean"), "{types:?}");
    assert!(types[3].starts_with("numeric"), "{types:?}");
    let texts: Vec<Option<&str>> = outputs[0].rows[0].iter().map(Option::as_deref).collect();
    assert_eq!(texts, [Some("1"), Some("x"), None, Some("1.50"), Some("t")]);
    let outputs = warehouse
        .run("CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2); SELECT COUNT(*) FROM t", Types::Unwanted)
        .await
        .expect("runs");
    let tags: Vec<&str> = outputs.iter().map(|output| output.summary.tag.as_str()).collect();
    assert_eq!(tags, ["CREATE TABLE", "INSERT 0 2", "SELECT"]);
    assert_eq!(outputs[1].summary.rows_affected, Some(2));
    cluster.s3.put(BUCKET, "t.json", "{\"a\": 3}");
    let copy = format!("COPY t FROM 's3://{BUCKET}/t.json' IAM_ROLE DEFAULT FORMAT AS JSON 'auto'");
    let outputs = warehouse.run(&copy, Types::Unwanted).await.expect("runs");
    assert!(
        outputs[0].summary.notices[0].contains("completed, 1 record(s) loaded successfully"),
        "{outputs:?}"
    );
}
