use dwh_testkit::sample_data;

use crate::sandbox::{Sandbox, copy_folder};

/// The facts of the sample's README, computed with DuckDB over the raw files.
const SAMPLE_COUNTS: &[(&str, u64)] = &[
    ("staging_events", 8056),
    ("staging_songs", 71),
    ("songplays", 6820),
    ("users", 96),
    ("songs", 71),
    ("artists", 69),
    ("time", 6813),
];

#[track_caller]
fn assert_counts(sandbox: &Sandbox, expected: &[(&str, u64)]) {
    for (table, rows) in expected {
        assert_eq!(sandbox.csv(&format!("select count(*) from {table}")), rows.to_string(), "{table}");
    }
}

/// All rows of the staging tables and the star schema, in no order.
fn contents(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let rows_of = |table: &str| {
        let mut rows: Vec<String> =
            sandbox.csv(&format!("select * from {table}")).lines().map(ToOwned::to_owned).collect();
        rows.sort_unstable();
        rows
    };
    SAMPLE_COUNTS.iter().map(|(table, _)| rows_of(table)).collect()
}

#[test]
fn the_public_sample_becomes_the_known_star_schema() {
    let Some(sample) = sample_data("sparkify") else { return };
    let sandbox = Sandbox::new();
    sandbox.configure(&sample.display().to_string());
    sandbox.dwh(&["etl"]).succeeds();
    assert_counts(&sandbox, SAMPLE_COUNTS);
    let matched = "select song_id, artist_id, user_id, level from songplays where song_id is not null";
    assert!(
        sandbox.csv(matched).starts_with("SOZCTXZ12AB0182364,AR5KOSW1187FB35FF4,"),
        "{}",
        sandbox.csv(matched)
    );
    assert_eq!(sandbox.csv(matched).lines().count(), 1);
    sandbox.dwh(&["check"]).succeeds();
    let verified = sandbox.dwh(&["verify"]).succeeds();
    assert!(verified.stderr.contains("expected results of sample"), "{}", verified.stderr);

    let before = contents(&sandbox);
    let again = sandbox.dwh(&["etl"]).succeeds();
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    assert!(contents(&sandbox) == before, "a run without new objects changed rows");
    let loads = sandbox.dwh(&["loads", "--limit", "1000", "--format", "csv"]).succeeds();
    assert_eq!(loads.stdout.lines().count(), 1 + 30 + 71);

    sandbox.dwh(&["etl", "--full-refresh"]).succeeds();
    assert_counts(&sandbox, SAMPLE_COUNTS);
    sandbox.dwh(&["verify"]).succeeds();
}

#[test]
fn only_a_new_log_file_is_loaded() {
    let Some(sample) = sample_data("sparkify") else { return };
    let sandbox = Sandbox::new();
    copy_folder(&sample, &sandbox.path().join("data"));
    let last = sandbox.path().join("data/log_data/2018/11/2018-11-30-events.json");
    let text = std::fs::read_to_string(&last).unwrap();
    std::fs::remove_file(&last).unwrap();
    sandbox.configure("data");
    sandbox.dwh(&["etl"]).succeeds();
    let events: u64 = sandbox.csv("select count(*) from staging_events").parse().unwrap();
    assert_eq!(events, 8056 - text.lines().count() as u64);

    std::fs::write(&last, text).unwrap();
    let run = sandbox.dwh(&["etl"]).succeeds();
    assert!(run.stderr.contains("1 new of 30 objects"), "{}", run.stderr);
    assert_counts(&sandbox, SAMPLE_COUNTS);
    sandbox.dwh(&["verify"]).succeeds();
}

#[test]
fn the_full_public_data_becomes_the_known_star_schema() {
    let Some(archive) = sample_data("sparkify-full.tar.gz") else { return };
    let sandbox = Sandbox::new();
    let unpacked =
        std::process::Command::new("tar").arg("xzf").arg(&archive).current_dir(sandbox.path()).status();
    assert!(unpacked.unwrap().success());
    let folder = if sandbox.path().join("log_data").exists() { "." } else { "sparkify-full" };
    let paths = sandbox.path().join(folder).join("log_json_path.json");
    if !paths.exists() {
        sandbox.write(&format!("{folder}/log_json_path.json"), dwh_datagen::JSONPATHS);
    }
    sandbox.configure(folder);
    sandbox.dwh(&["etl"]).succeeds();
    assert_counts(
        &sandbox,
        &[("songplays", 6820), ("users", 96), ("songs", 14896), ("artists", 9553), ("time", 6813)],
    );
    assert_eq!(sandbox.csv("select count(*) from songplays where song_id is not null"), "320");
}

fn break_a_log(sandbox: &Sandbox) -> String {
    let folder = sandbox.path().join("data/log_data/2018/11");
    let log = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let broken = lines[2].replace("\"ts\":", "\"ts\":\"soon\",\"was\":");
    lines[2] = &broken;
    std::fs::write(&log, lines.join("\n") + "\n").unwrap();
    log.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_broken_line_fails_the_run_changes_nothing_and_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.generate(500);
    sandbox.dwh(&["tables", "create"]).succeeds();
    let name = break_a_log(&sandbox);
    sandbox.dwh(&["etl"]).fails(1, &["stl_load_errors", "dwh loads errors"]);
    assert_counts(
        &sandbox,
        &[("staging_events", 0), ("staging_songs", 0), ("songplays", 0), ("dwh_loads", 0)],
    );
    let errors = sandbox.dwh(&["loads", "errors", "--format", "csv"]).succeeds().stdout;
    for part in [name.as_str(), ",3,ts,", "soon", "\"\"was\"\":"] {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
}

#[test]
fn with_maxerror_the_rest_is_loaded_and_one_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.generate(500);
    break_a_log(&sandbox);
    sandbox.dwh(&["init", "--pipeline", "mine"]).succeeds();
    let load = sandbox.path().join("mine/load/staging_events.sql");
    let text = std::fs::read_to_string(&load).unwrap();
    std::fs::write(&load, text.trim_end().trim_end_matches(';').to_owned() + "\nMAXERROR 10;\n").unwrap();
    let run = sandbox.dwh(&["etl", "--pipeline", "mine"]).succeeds();
    assert!(run.stderr.contains("499 rows loaded, 1 rejected"), "{}", run.stderr);
    assert_counts(&sandbox, &[("staging_events", 499)]);
    assert_eq!(sandbox.csv("select count(*) from stl_load_errors"), "1");
}

#[test]
fn a_changed_row_makes_verify_fail_with_a_readable_difference() {
    let Some(sample) = sample_data("sparkify") else { return };
    let sandbox = Sandbox::new();
    sandbox.configure(&sample.display().to_string());
    sandbox.dwh(&["etl"]).succeeds();
    sandbox.dwh(&["query", "update songplays set level = 'gold' where song_id is not null"]).succeeds();
    let run = sandbox
        .dwh(&["verify"])
        .fails(1, &["differ from the expected results of sample", "expected", "got", "gold"]);
    assert!(run.stdout.contains("difference"), "{}", run.stdout);
}

#[test]
fn a_check_that_rows_contradict_fails_and_shows_them() {
    let sandbox = Sandbox::new();
    sandbox.generate(300);
    sandbox.dwh(&["etl"]).succeeds();
    sandbox.dwh(&["check"]).succeeds();
    sandbox.dwh(&["query", "insert into users select * from users order by user_id limit 1"]).succeeds();
    let run = sandbox.dwh(&["check", "--format", "csv"]).fails(1, &["checks failed"]);
    assert!(run.stdout.contains("failed: "), "{}", run.stdout);
}

#[test]
fn a_changed_object_is_reported_and_left_until_a_full_refresh() {
    let sandbox = Sandbox::new();
    sandbox.generate(300);
    sandbox.dwh(&["etl"]).succeeds();
    let folder = sandbox.path().join("data/log_data/2018/11");
    let log = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let shorter: Vec<&str> = text.lines().skip(1).collect();
    std::fs::write(&log, shorter.join("\n") + "\n").unwrap();
    let run = sandbox.dwh(&["etl"]).succeeds();
    assert!(run.stderr.contains("changed since") && run.stderr.contains("--full-refresh"), "{}", run.stderr);
    assert_counts(&sandbox, &[("staging_events", 300)]);
    sandbox.dwh(&["etl", "--full-refresh"]).succeeds();
    assert_counts(&sandbox, &[("staging_events", 299)]);
}

#[test]
fn tables_are_dropped_only_when_asked_twice() {
    let sandbox = Sandbox::new();
    sandbox.generate(100);
    sandbox.dwh(&["etl"]).succeeds();
    sandbox.dwh(&["tables", "drop"]).fails(2, &["no table was dropped", "--yes"]);
    assert_counts(&sandbox, &[("staging_events", 100)]);
    sandbox.dwh(&["tables", "drop", "--yes"]).succeeds();
    sandbox.dwh(&["query", "select 1 from songplays"]).fails(1, &["[42P01]"]);
    sandbox.dwh(&["etl"]).succeeds();
    assert_counts(&sandbox, &[("staging_events", 100)]);
}

#[test]
fn nothing_is_said_with_quiet_and_no_bar_is_drawn_into_a_file() {
    let sandbox = Sandbox::new();
    sandbox.generate(100);
    let run = sandbox.dwh(&["--quiet", "etl"]).succeeds();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = sandbox.dwh(&["etl", "--full-refresh"]).succeeds();
    assert!(run.stderr.contains("100 rows loaded, 0 rejected"), "{}", run.stderr);
    assert!(!run.stderr.contains(['\r', '\u{1b}']), "{:?}", run.stderr);
}
