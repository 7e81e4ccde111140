//! Redshift as a target over the Data API, which is that of `dwh serve`: no connection to the database's port.

use dwh_testkit::sample_data;

use crate::account::{Account, BUCKET};
use crate::sandbox::Run;

/// With a server, and a configuration whose only way to it is the Data API.
fn account() -> Option<Account> {
    let mut account = Account::new()?;
    account.serve("dwhuser");
    account.configure("");
    // Nobody listens there.
    let port = account.server.as_ref().unwrap().port;
    let text = account.config().replace(&format!("DB_PORT={port}\n"), "DB_PORT=1\n");
    let text = text.replace("HOST=''", "HOST='127.0.0.1'");
    account.write_config(&text.replace("[REDSHIFT]\n", "[REDSHIFT]\nCONNECTION=data-api\n"));
    Some(account)
}

#[test]
fn the_pipeline_runs_over_the_data_api_as_on_the_embedded_warehouse() {
    let Some(account) = account() else { return };
    let first = account.dwh(&["etl"]).succeeds();
    assert!(first.stderr.contains("200 rows loaded"), "{}", first.stderr);
    let again = account.dwh(&["etl"]).succeeds();
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    account.assert_loaded_as_embedded();
    account.dwh(&["etl", "--full-refresh"]).succeeds();
    assert_eq!(account.csv("select count(*) from staging_events"), "200");

    let sql = "select 1.50 as n, 9007199254740993 as big, 'x' as t, true as b, null as nothing, date '2026-01-31' as d";
    let json = account.dwh(&["query", "--format", "json", sql]).succeeds().stdout;
    let expected =
        r#"{"n": 1.50, "big": 9007199254740993, "t": "x", "b": true, "nothing": null, "d": "2026-01-31"}"#;
    assert!(json.contains(expected), "{json}");
    account.dwh(&["query", "select frobnicate(1)"]).fails(1, &["frobnicate"]);
    account.dwh(&["query", "create table t (a int); insert into t values (1), (2)"]).succeeds();
    account.dwh(&["query", "insert into t values (3); select frobnicate(1)"]).fails(1, &["frobnicate"]);
    assert_eq!(account.csv("select count(*) from t"), "2", "several statements are one transaction");
    let script = "begin;\ninsert into t values (3);\nselect count(*) as three from t;\nrollback;\n\\dt\n";
    let mut prompt = account.command(&["sql"]);
    prompt.stdin(std::fs::File::open(account.sandbox.write("script.sql", script)).unwrap());
    let prompt = Run::of(&mut prompt).succeeds();
    assert!(prompt.stdout.contains("three") && prompt.stdout.contains("songplays"), "{}", prompt.stdout);
    assert_eq!(account.csv("select count(*) from t"), "2");
    account.dwh(&["tables", "drop", "--yes"]).succeeds();
    account.dwh(&["tables", "create"]).succeeds();
}

#[test]
fn a_rejected_record_fails_the_run_over_the_data_api_and_leaves_nothing() {
    let Some(account) = account() else { return };
    account.dwh(&["etl"]).succeeds();
    let broken = account.sandbox.write("broken/log_data/x.json", "not JSON");
    account.aws.put_folder("broken", broken.parent().unwrap().parent().unwrap());
    let before = format!("LOG_DATA='s3://{BUCKET}/log_data'");
    account.write_config(&account.config().replace(&before, "LOG_DATA='s3://broken/log_data'"));
    let run = account.dwh(&["etl"]);
    run.fails(1, &["Load into table 'staging_events'", "s3://broken/log_data/x.json"]);
    assert_eq!(account.csv("select count(*) from staging_events"), "200");
    assert!(account.dwh(&["loads", "errors"]).succeeds().stdout.contains("s3://broken/log_data/x.json"));
    account.write_config(&account.config().replace("LOG_DATA='s3://broken/log_data'", &before));
    account.dwh(&["etl"]).succeeds();
}

#[test]
fn the_public_sample_gives_the_expected_answers_over_the_data_api() {
    let Some(sample) = sample_data("sparkify") else { return };
    let Some(account) = account() else { return };
    account.aws.put_folder("sample", &sample);
    account.write_config(&account.config().replace(&format!("s3://{BUCKET}/"), "s3://sample/"));
    account.dwh(&["etl"]).succeeds();
    account.dwh(&["verify"]).succeeds();
    assert_eq!(account.csv("select count(*) from songplays"), "6820");
}

#[test]
fn a_data_api_that_cannot_be_asked_is_told_with_what_to_do() {
    let Some(account) = account() else { return };
    let run = Run::of(
        account.command(&["query", "select 1"]).env("AWS_ACCESS_KEY_ID", "").env("AWS_SECRET_ACCESS_KEY", ""),
    );
    run.fails(2, &["no AWS credentials were found", "AWS_ACCESS_KEY_ID"]);
}
