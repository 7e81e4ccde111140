//! What a run does in which order, and what it leaves behind, on a warehouse that only keeps the ledger.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

use dwh_pipeline::{
    Job, Pipeline, PipelineError, RunEvent, RunObserver, RunOptions, RunReport, Variables, run, watch,
};

use crate::fake::FakeWarehouse;

const FILES: [(&str, &str); 4] = [
    (
        "pipeline.toml",
        "name = 'p'\ntables = ['staging', 'facts']\nloads = ['staging']\ntransforms = ['facts']\n\
         [variables.DATA]\nconfig = 'S3.DATA'\n",
    ),
    ("tables/staging.sql", "CREATE TABLE staging (a INT);"),
    ("load/staging.sql", "COPY staging FROM '${DATA}' IAM_ROLE 'default' FORMAT AS JSON 'auto';"),
    ("transform/facts.sql", "DELETE FROM facts;\nINSERT INTO facts SELECT a FROM staging;"),
];

struct Fixture {
    pipeline: Pipeline,
    variables: Variables,
    warehouse: FakeWarehouse,
    events: Events,
}

#[derive(Default)]
struct Events(Mutex<Vec<String>>);

impl RunObserver for Events {
    fn event(&self, event: RunEvent<'_>) {
        let text = format!("{event:?}");
        let name = text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        self.0.lock().expect("no panic").push(name);
    }
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let facts = ("tables/facts.sql", "CREATE TABLE facts (a INT);");
        for (name, text) in FILES.into_iter().chain([facts]) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let pipeline = Pipeline::open(folder.path()).expect("reads");
        let variables = Variables::resolve(&pipeline.variables, |_| Some("s3://b/log".to_owned()));
        let fixture =
            Self { pipeline, variables, warehouse: FakeWarehouse::default(), events: Events::default() };
        fixture.warehouse.put("s3://b/log/1.json", 10, "a");
        fixture.warehouse.put("s3://b/log/2.json", 20, "b");
        fixture
    }

    fn job(&self) -> Job<'_> {
        Job {
            pipeline: &self.pipeline,
            variables: &self.variables,
            warehouse: &self.warehouse,
            observer: &self.events,
        }
    }

    async fn run(&self, full_refresh: bool) -> Result<RunReport, PipelineError> {
        run(self.job(), RunOptions { full_refresh }).await
    }
}

#[tokio::test]
async fn a_first_run_creates_loads_and_transforms_in_one_transaction() {
    let fixture = Fixture::new();
    let report = fixture.run(false).await.expect("runs");
    assert_eq!(
        fixture
            .warehouse
            .take_statements()
            .iter()
            .filter(|text| !text.starts_with("COMMENT"))
            .collect::<Vec<_>>(),
        [
            "BEGIN",
            "CREATE TABLE staging",
            "CREATE TABLE facts",
            "CREATE TABLE IF",
            "LOCK public.dwh_loads",
            "COPY staging FROM",
            "DELETE FROM facts",
            "INSERT INTO facts",
            "COPY public.dwh_loads FROM",
            "COMMIT",
            "ANALYZE staging",
            "ANALYZE facts",
        ]
    );
    let load = &report.loads[0];
    assert_eq!((load.objects_listed, load.objects_new, load.bytes_new), (2, 2, 30));
    assert_eq!((load.rows_loaded, load.rows_rejected), (6, 2));
    assert_eq!(report.created_tables, ["staging", "facts"]);
    assert_eq!(fixture.warehouse.committed_urls(), ["s3://b/log/1.json", "s3://b/log/2.json"]);
    assert_eq!(
        fixture.events.0.into_inner().expect("no panic"),
        [
            "Listing",
            "TableCreated",
            "TableCreated",
            "Compared",
            "CopyStarted",
            "CopyFinished",
            "TransformStarted",
            "TransformFinished",
            "Committed"
        ]
    );
}

#[tokio::test]
async fn the_manifest_lists_the_new_objects_as_mandatory() {
    let fixture = Fixture::new();
    fixture.run(false).await.expect("runs");
    fixture.warehouse.put("s3://b/log/3.json", 30, "c");
    fixture.run(false).await.expect("runs");
    assert_eq!(
        fixture.warehouse.file("p-staging.manifest"),
        r#"{"entries":[{"url":"s3://b/log/3.json","mandatory":true,"meta":{"content_length":30}}]}"#
    );
}

#[tokio::test]
async fn a_second_run_with_nothing_new_changes_nothing() {
    let fixture = Fixture::new();
    fixture.run(false).await.expect("runs");
    fixture.warehouse.take_statements();
    let report = fixture.run(false).await.expect("runs");
    assert!(!report.has_changes());
    assert!(report.transforms.is_empty());
    assert_eq!(fixture.warehouse.take_statements(), ["BEGIN", "LOCK public.dwh_loads", "COMMIT"]);
}

#[tokio::test]
async fn changed_and_vanished_objects_are_reported_and_not_loaded() {
    let fixture = Fixture::new();
    fixture.run(false).await.expect("runs");
    fixture.warehouse.put("s3://b/log/1.json", 10, "another");
    fixture.warehouse.remove("s3://b/log/2.json");
    let report = fixture.run(false).await.expect("runs");
    assert_eq!(report.loads[0].changed, ["s3://b/log/1.json"]);
    assert_eq!(report.loads[0].vanished, ["s3://b/log/2.json"]);
    assert!(!report.has_changes());
}

#[tokio::test]
async fn a_full_refresh_empties_the_tables_and_loads_all() {
    let fixture = Fixture::new();
    fixture.run(false).await.expect("runs");
    fixture.warehouse.put("s3://b/log/1.json", 11, "another");
    fixture.warehouse.take_statements();
    let report = fixture.run(true).await.expect("runs");
    assert!(report.refreshed);
    assert_eq!(report.loads[0].objects_new, 2);
    assert!(report.loads[0].changed.is_empty());
    assert_eq!(
        fixture.warehouse.take_statements()[..5],
        [
            "BEGIN",
            "LOCK public.dwh_loads",
            "DELETE FROM facts",
            "DELETE FROM staging",
            "DELETE FROM public.dwh_loads"
        ],
    );
}

#[tokio::test]
async fn a_staging_table_that_was_dropped_is_loaded_again_and_a_derived_one_is_derived_again() {
    let fixture = Fixture::new();
    fixture.run(false).await.expect("runs");
    fixture.warehouse.drop_table("facts");
    let report = fixture.run(false).await.expect("runs");
    assert_eq!((report.refreshed, report.loads[0].objects_new, report.transforms.len()), (false, 0, 1));
    fixture.warehouse.drop_table("staging");
    let report = fixture.run(false).await.expect("runs");
    assert_eq!((report.refreshed, report.loads[0].objects_new, report.transforms.len()), (true, 2, 1));
}

#[tokio::test]
async fn a_statement_that_fails_rolls_back_and_is_named_by_file_line_and_number() {
    let fixture = Fixture::new();
    fixture.warehouse.fail_on(Some("INSERT INTO facts"));
    let error = fixture.run(false).await.expect_err("fails");
    assert_eq!(error.to_string(), "transform/facts.sql:2: statement 2: told to fail");
    assert_eq!(fixture.warehouse.take_statements().last().map(String::as_str), Some("ROLLBACK"));
    assert!(fixture.warehouse.committed_urls().is_empty());

    fixture.warehouse.fail_on(None);
    let report = fixture.run(false).await.expect("the next run completes");
    assert_eq!(report.loads[0].objects_new, 2);
}

#[tokio::test]
async fn a_source_without_objects_is_an_error_until_something_was_loaded_from_it() {
    let fixture = Fixture::new();
    fixture.warehouse.remove("s3://b/log/1.json");
    fixture.warehouse.remove("s3://b/log/2.json");
    let error = fixture.run(false).await.expect_err("nothing there");
    assert_eq!(error.to_string(), "load/staging.sql: nothing to load: no object begins with s3://b/log");

    fixture.warehouse.put("s3://b/log/1.json", 1, "a");
    fixture.run(false).await.expect("runs");
    fixture.warehouse.remove("s3://b/log/1.json");
    assert_eq!(fixture.run(false).await.expect("runs").loads[0].vanished.len(), 1);
}

#[tokio::test]
async fn watching_runs_until_it_is_stopped() {
    let fixture = Fixture::new();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut stop = Some(stop);
    let mut loaded = Vec::new();
    let last = watch(
        fixture.job(),
        RunOptions::default(),
        Duration::from_millis(1),
        async { drop(stopped.await) },
        |outcome| {
            loaded.push(outcome.as_ref().map_or(0, |report| report.loads[0].objects_new));
            match loaded.len() {
                1 => fixture.warehouse.put("s3://b/log/3.json", 30, "c"),
                2 => drop(stop.take().map(|stop| stop.send(()))),
                _ => {}
            }
            ControlFlow::Continue(())
        },
    );
    last.await.expect("runs");
    assert_eq!(loaded[..2], [2, 1]);
}
