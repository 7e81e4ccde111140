//! The built-in pipeline on the embedded warehouse: real statements on real rows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dwh_common::{ErrorKind, Secret};
use dwh_copy::StoreSettings;
use dwh_datagen::{FolderWriter, ObjectWriter, Scale, generate};
use dwh_engine::{Engine, EngineOptions, SessionOptions};
use dwh_pipeline::{
    EmbeddedWarehouse, Job, Pipeline, PipelineError, ResultSet, RunOptions, RunReport, Silent, Variables,
    Warehouse, check, history, init, run, tables, verify,
};
use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY, sample_data};
use tempfile::TempDir;

struct Fixture {
    folder: TempDir,
    pipeline: Pipeline,
    variables: Variables,
    warehouse: EmbeddedWarehouse,
}

impl Fixture {
    /// An empty warehouse, and sources below `data/` of the same folder.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = format!("{}/", folder.path().join("data").display());
        Self::with(folder, &data, StoreSettings::default())
    }

    /// Sources below a prefix, which ends in a slash.
    fn with(folder: TempDir, data: &str, stores: StoreSettings) -> Self {
        let pipeline = Pipeline::built_in("sparkify").expect("built in");
        let variables = Variables::resolve(&pipeline.variables, |variable| match variable.name.as_str() {
            "LOG_DATA" => Some(format!("{data}log_data/")),
            "SONG_DATA" => Some(format!("{data}song_data/")),
            "LOG_JSONPATH" => Some(format!("{data}log_json_path.json")),
            _ => None,
        });
        let options = EngineOptions { stores, ..EngineOptions::new(folder.path().join("warehouse")) };
        let engine = Engine::open(options).expect("opens");
        let session = Arc::new(engine.session(SessionOptions::default()));
        Self { folder, pipeline, variables, warehouse: EmbeddedWarehouse::new(session) }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn generate(&self, scale: &Scale) {
        generate(scale, &mut FolderWriter::new(self.data())).expect("written");
    }

    async fn run(&self, full_refresh: bool) -> Result<RunReport, PipelineError> {
        let job = Job {
            pipeline: &self.pipeline,
            variables: &self.variables,
            warehouse: &self.warehouse,
            observer: &Silent,
        };
        run(job, RunOptions { full_refresh }).await
    }

    async fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let ResultSet { rows, .. } =
            self.warehouse.query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows
    }

    async fn number(&self, sql: &str) -> u64 {
        let rows = self.rows(sql).await;
        rows[0][0]
            .as_deref()
            .and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("{sql}: {rows:?}"))
    }

    /// Every check passes and every query has its expected result.
    async fn assert_right(&self, expected_set: &str) {
        for result in check(&self.pipeline, &self.variables, &self.warehouse).await.expect("checks run") {
            assert!(result.passed(), "{}: {:?}", result.check, result.offending);
        }
        let report =
            verify(&self.pipeline, &self.variables, &self.warehouse, None).await.expect("queries run");
        assert_eq!(report.expected_set, expected_set);
        assert_eq!(report.queries.len(), self.pipeline.queries.len());
        for query in &report.queries {
            let differences: Vec<String> = query.differences.iter().map(ToString::to_string).collect();
            assert!(query.is_equal(), "{}: {differences:#?}", query.query);
        }
    }
}

fn move_files(from: &Path, to: &Path, wanted: impl Fn(usize) -> bool) {
    let mut folders = vec![from.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    for (_, file) in files.iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let target = to.join(file.strip_prefix(from).expect("below the folder"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("made");
        fs::rename(file, target).expect("moved");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_data_gives_the_results_of_an_independent_engine() {
    let fixture = Fixture::new();
    fixture.generate(&Scale::demo());
    let report = fixture.run(false).await.expect("runs");
    assert_eq!(report.loads[0].rows_loaded, 20_000);
    assert_eq!(report.loads[1].rows_loaded, 1_000);
    fixture.assert_right("demo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_in_which_objects_arrive_does_not_matter() {
    let fixture = Fixture::new();
    fixture.generate(&Scale::demo());
    let (data, later) = (fixture.data(), fixture.folder.path().join("later"));
    // At first every third log and every other song: plays without their song, songs without their plays,
    // users whose latest play is still to come, and artists whose best entry is.
    move_files(&data.join("song_data"), &later.join("song_data"), |index| index % 2 == 0);
    move_files(&data.join("log_data"), &later.join("log_data"), |index| index % 3 != 0);
    fixture.run(false).await.expect("runs");
    let early =
        "SELECT COUNT(*), SUM(songplay_id), MIN(start_time) FROM songplays WHERE start_time < '2018-11-02'";
    let before = fixture.rows(early).await;
    let matched =
        fixture.number("SELECT COUNT(song_id) FROM songplays WHERE start_time < '2018-11-02'").await;

    move_files(&later, &data, |_| true);
    let report = fixture.run(false).await.expect("runs");
    assert_eq!((report.loads[0].objects_new, report.loads[1].objects_new), (20, 500));
    assert_eq!(fixture.rows(early).await, before, "the numbers of plays stay");
    assert!(
        fixture.number("SELECT COUNT(song_id) FROM songplays WHERE start_time < '2018-11-02'").await
            > matched
    );
    fixture.assert_right("demo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_loads_only_what_is_new_and_a_third_changes_nothing() {
    let fixture = Fixture::new();
    let small = Scale { songs: 40, events: 600, days: 4, ..Scale::demo() };
    fixture.generate(&small);
    let log = fixture.data().join("log_data/2018/11/2018-11-04-events.json");
    let lines = fs::read_to_string(&log).expect("generated");
    fs::remove_file(&log).expect("removed");
    fixture.run(false).await.expect("runs");
    let before = fixture.number("SELECT COUNT(*) FROM staging_events").await;

    fs::write(&log, &lines).expect("written");
    let report = fixture.run(false).await.expect("runs");
    assert_eq!((report.loads[0].objects_new, report.loads[1].objects_new), (1, 0));
    assert_eq!(report.loads[0].rows_loaded, lines.lines().count() as u64);
    assert_eq!(
        fixture.number("SELECT COUNT(*) FROM staging_events").await,
        before + report.loads[0].rows_loaded
    );

    let snapshot = || fixture.warehouse.session().engine().warehouse().snapshot().expect("readable").id();
    let committed = snapshot();
    assert!(!fixture.run(false).await.expect("runs").has_changes());
    assert_eq!(snapshot(), committed, "not even an empty commit");
    assert_eq!(history(&fixture.warehouse).await.expect("a ledger").rows.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_object_is_reported_and_a_full_refresh_loads_it() {
    let fixture = Fixture::new();
    fixture.generate(&Scale { songs: 40, events: 600, days: 4, ..Scale::demo() });
    fixture.run(false).await.expect("runs");
    let log = fixture.data().join("log_data/2018/11/2018-11-04-events.json");
    let mut lines = fs::read_to_string(&log).expect("generated");
    let last = lines.lines().last().expect("a line").to_owned();
    lines.push('\n');
    lines.push_str(&last);
    fs::write(&log, &lines).expect("written");

    let report = fixture.run(false).await.expect("runs");
    assert!(report.loads[0].changed[0].ends_with("2018-11-04-events.json"));
    assert_eq!(fixture.number("SELECT COUNT(*) FROM staging_events").await, 600);
    fixture.run(true).await.expect("runs");
    assert_eq!(fixture.number("SELECT COUNT(*) FROM staging_events").await, 601);
    assert_eq!(fixture.number("SELECT COUNT(*) FROM dwh_loads").await, 44);
    for result in check(&fixture.pipeline, &fixture.variables, &fixture.warehouse).await.expect("checks run")
    {
        assert!(result.passed(), "{}: {:?}", result.check, result.offending);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_fails_the_run_and_nothing_changes() {
    let fixture = Fixture::new();
    fixture.generate(&Scale { songs: 40, events: 600, days: 4, ..Scale::demo() });
    let log = fixture.data().join("log_data/2018/11/2018-11-03-events.json");
    let good = fs::read_to_string(&log).expect("generated");
    let mut lines: Vec<&str> = good.lines().collect();
    lines[1] = r#"{"artist":null,"page":"Home","ts":"not a number","userId":"1"}"#;
    fs::write(&log, lines.join("\n")).expect("written");

    let error = fixture.run(false).await.expect_err("a broken line");
    assert_eq!(error.kind(), ErrorKind::LoadFailed);
    assert!(
        error.to_string().starts_with("load/staging_events.sql:3: statement 1: Load into table"),
        "{error}"
    );
    let left =
        fixture.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'").await;
    assert!(left.is_empty(), "{left:?}");
    let errors = fixture
        .rows("SELECT TRIM(filename), line_number, TRIM(colname), TRIM(raw_field_value) FROM stl_load_errors")
        .await;
    assert_eq!(errors.len(), 1);
    assert!(errors[0][0].as_deref().is_some_and(|file| file.ends_with("2018-11-03-events.json")));
    let place: Vec<&str> = errors[0][1..].iter().flatten().map(String::as_str).collect();
    assert_eq!(place, ["2", "ts", "not a number"]);

    fs::write(&log, good).expect("written");
    fixture.run(false).await.expect("the next run completes");
    assert_eq!(fixture.number("SELECT COUNT(*) FROM staging_events").await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_makes_verify_differ_and_a_check_fail() {
    let fixture = Fixture::new();
    fixture.generate(&Scale::demo());
    fixture.run(false).await.expect("runs");
    fixture.warehouse.execute("DELETE FROM users WHERE user_id = 2").await.expect("deleted");
    let report =
        verify(&fixture.pipeline, &fixture.variables, &fixture.warehouse, None).await.expect("queries run");
    assert!(!report.is_equal());
    let rows = report.queries.iter().find(|query| query.query == "table_rows").expect("compared");
    let differences: Vec<String> = rows.differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, [r#"row 7, row_count: expected "120", got "119""#]);
    let results = check(&fixture.pipeline, &fixture.variables, &fixture.warehouse).await.expect("checks run");
    let failed: Vec<&str> =
        results.iter().filter(|result| !result.passed()).map(|result| result.check.as_str()).collect();
    assert_eq!(failed, ["dimensions_hold_all_of_staging", "songplays_have_their_user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_so_when_nothing_is_known_of_the_input() {
    let fixture = Fixture::new();
    fixture.generate(&Scale { songs: 40, events: 600, days: 4, ..Scale::demo() });
    fixture.run(false).await.expect("runs");
    let error =
        verify(&fixture.pipeline, &fixture.variables, &fixture.warehouse, None).await.expect_err("unknown");
    assert!(
        matches!(&error, PipelineError::NoExpectedResults { known, .. } if known == "demo, full, sample"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_created_listed_described_and_dropped() {
    let fixture = Fixture::new();
    let (pipeline, variables, warehouse) = (&fixture.pipeline, &fixture.variables, &fixture.warehouse);
    let created = tables::create(pipeline, variables, warehouse).await.expect("created");
    assert_eq!(
        created,
        ["staging_events", "staging_songs", "artists", "songs", "users", "time", "songplays"]
    );
    assert!(tables::create(pipeline, variables, warehouse).await.expect("nothing to do").is_empty());
    let listed = tables::list(pipeline, variables, warehouse).await.expect("listed");
    assert!(listed.iter().all(|table| table.rows == Some(0) && table.description.is_some()), "{listed:?}");
    let described = tables::describe("songplays", warehouse).await.expect("described");
    assert_eq!((described.rows.len(), described.value(0, "column")), (9, Some("songplay_id")));
    let dropped = tables::drop_all(pipeline, variables, warehouse).await.expect("dropped");
    assert_eq!(dropped.first().map(String::as_str), Some("songplays"));
    assert!(
        tables::list(pipeline, variables, warehouse)
            .await
            .expect("listed")
            .iter()
            .all(|table| table.rows.is_none())
    );
    assert!(tables::describe("songplays", warehouse).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_sample_gives_the_known_facts() {
    let Some(sample) = sample_data("sparkify") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = Fixture::with(folder, &format!("{}/", sample.display()), StoreSettings::default());
    fixture.run(false).await.expect("runs");
    // From the README of the sample.
    for (table, rows) in [
        ("staging_events", 8056),
        ("staging_songs", 71),
        ("songplays", 6820),
        ("users", 96),
        ("songs", 71),
        ("artists", 69),
        ("time", 6813),
    ] {
        assert_eq!(fixture.number(&format!("SELECT COUNT(*) FROM {table}")).await, rows, "{table}");
    }
    let matched = fixture.rows("SELECT song_id, artist_id FROM songplays WHERE song_id IS NOT NULL").await;
    assert_eq!(matched, [[Some("SOZCTXZ12AB0182364".to_owned()), Some("AR5KOSW1187FB35FF4".to_owned())]]);
    fixture.assert_right("sample").await;
}

/// Generated objects go into a bucket.
struct Bucket<'a>(&'a LoopbackS3);

impl ObjectWriter for Bucket<'_> {
    fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.0.put("songs", &format!("demo/{name}"), content.to_vec());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_an_s3_store_give_the_same_answers() {
    let s3 = LoopbackS3::start().await.expect("listens");
    s3.create_bucket("songs");
    generate(&Scale::demo(), &mut Bucket(&s3)).expect("written");
    let stores = StoreSettings {
        endpoint: Some(s3.endpoint()),
        access_key_id: Some(Secret::new(ACCESS_KEY_ID)),
        secret_access_key: Some(Secret::new(SECRET_ACCESS_KEY)),
        ..StoreSettings::default()
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = Fixture::with(folder, "s3://songs/demo/", stores);
    fixture.run(false).await.expect("runs");
    fixture.assert_right("demo").await;
    assert!(!fixture.run(false).await.expect("runs").has_changes());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_pipeline_may_allow_rejected_records() {
    let mut fixture = Fixture::new();
    fixture.generate(&Scale { songs: 40, events: 600, days: 4, ..Scale::demo() });
    let log = fixture.data().join("log_data/2018/11/2018-11-03-events.json");
    let good = fs::read_to_string(&log).expect("generated");
    fs::write(&log, good.replacen("\"ts\":1", "\"ts\":x1", 1)).expect("written");

    let folder = fixture.folder.path().join("pipeline");
    init("sparkify", &folder, false).expect("written out");
    let load = folder.join("load/staging_events.sql");
    let copy = fs::read_to_string(&load).expect("written out");
    fs::write(&load, copy.replace("REGION '", "MAXERROR 10\nREGION '")).expect("edited");
    fixture.pipeline = Pipeline::open(&folder).expect("reads");

    let report = fixture.run(false).await.expect("runs");
    assert_eq!((report.loads[0].rows_loaded, report.loads[0].rows_rejected), (599, 1));
    let sql = "SELECT object_url FROM dwh_loads WHERE rows_rejected = 1";
    let rejected = fixture.rows(sql).await;
    assert!(
        matches!(&rejected[..], [row] if row[0].as_deref().is_some_and(|url| url.ends_with("03-events.json")))
    );
    assert_eq!(fixture.number("SELECT COUNT(*) FROM stl_load_errors").await, 1);
}
