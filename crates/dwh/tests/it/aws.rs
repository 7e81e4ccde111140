//! The commands around a cluster, against a stand-in for AWS whose clusters' database is `dwh serve`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::account::{Account, BUCKET, CIDR};
use crate::sandbox::{Run, not_ignored};

/// The command lines of a page's blocks of sh, and its block of ini.
fn steps(page: &str) -> (Vec<Vec<String>>, String) {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page)).unwrap();
    let blocks = |language: &str| -> Vec<String> {
        let start = format!("```{language}\n");
        text.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
    };
    let words = |line: &str| -> Vec<String> {
        let quoted = line.split('"').enumerate();
        quoted
            .flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect()
    };
    let lines = blocks("sh").iter().flat_map(|block| block.lines().map(words).collect::<Vec<_>>()).collect();
    (lines, blocks("ini").concat())
}

#[test]
fn the_steps_of_the_page_lead_to_answers_and_leave_nothing_behind() {
    let Some(mut account) = Account::new() else { return };
    account.serve("dwhuser");
    let (lines, ini) = steps("docs/aws.md");
    assert!(lines.len() >= 15, "{lines:?}");
    // `dwh init` writes its own.
    std::fs::remove_file(account.sandbox.path().join("dwh.cfg")).unwrap();
    for line in &lines {
        assert_eq!(line[0], "dwh");
        let mut args: Vec<&str> = line[1..].iter().map(String::as_str).collect();
        if args == ["cluster", "open-port"] {
            // The page has this machine's address, which tests do not ask the internet for.
            args.extend(["--cidr", CIDR]);
        }
        if args == ["verify"] {
            // Nothing is expected of this small data set; the page's user has the public one.
            account.dwh(&args).fails(2, &["no expected results are known"]);
            continue;
        }
        account.dwh(&args).succeeds();
        if args[0] == "init" {
            let port = account.server.as_ref().unwrap().port;
            let mut text = account.config();
            for setting in ini.lines().filter(|line| line.contains('=')) {
                let key = format!("\n{}=", setting.split('=').next().unwrap());
                let (before, after) = text.split_once(&key).unwrap_or_else(|| panic!("{setting}: {text}"));
                text = format!("{before}\n{setting}\n{}", after.split_once('\n').unwrap().1);
            }
            let authority = account.sandbox.path().join("authority.pem").display().to_string();
            let text = text.replace("\nDWH_PORT=5439\n", &format!("\nDWH_PORT={port}\n"));
            account.write_config(&text.replace("\nCA_FILE=\n", &format!("\nCA_FILE={authority}\n")));
        }
        if args == ["loads"] {
            assert_eq!(account.csv("select count(*) from staging_events"), "200");
        }
    }
    account.assert_nothing_left();
}

#[test]
fn create_writes_host_and_arn_into_the_file_and_the_same_pipeline_runs_there() {
    let Some(mut account) = Account::new() else { return };
    account.serve("dwhuser");
    account.configure("");
    let port = account.server.as_ref().unwrap().port;
    let created = account.dwh(&["cluster", "create", "--wait"]).succeeds();
    assert_eq!(created.stdout, format!("localhost:{port}\n"));
    assert!(created.stderr.contains("cost about 2.17 USD an hour"), "{}", created.stderr);
    let config = account.config();
    assert!(config.starts_with("# mine\n[CLUSTER]\nHOST='localhost'\nDB_NAME=dwh\n"), "{config}");
    assert!(config.contains("\nARN='arn:aws:iam::123456789012:role/dwh/dwhRole'\n"), "{config}");
    let status = account.dwh(&["cluster", "status", "--format", "csv"]).succeeds().stdout;
    for part in ["identifier,dwhcluster", "state,available", "4 nodes of ra3.large", "USD an hour,2.17"] {
        assert!(status.contains(part), "{part}: {status}");
    }

    let first = account.dwh(&["etl"]).succeeds();
    assert!(first.stderr.contains("200 rows loaded"), "{}", first.stderr);
    let again = account.dwh(&["etl", "--target", "redshift"]).succeeds();
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    account.assert_loaded_as_embedded();
    let json = account.dwh(&["query", "--format", "json", "select 1.50 as n, 'x' as t, true as b"]);
    let json = json.succeeds().stdout;
    assert!(json.contains(r#"{"n": 1.50, "t": "x", "b": true}"#), "{json}");
    account.dwh(&["query", "select frobnicate(1)"]).fails(1, &["frobnicate"]);
    let script = "select level, count(*) from songplays group by level;\n\\dt\n";
    let mut prompt = account.command(&["sql"]);
    prompt.stdin(std::fs::File::open(account.sandbox.write("script.sql", script)).unwrap());
    assert!(Run::of(&mut prompt).succeeds().stdout.contains("songplays"));

    account.dwh(&["cluster", "delete"]).fails(2, &["nothing was deleted", "--yes"]);
    account.dwh(&["cluster", "delete", "--yes"]).succeeds();
    account.dwh(&["cluster", "delete", "--yes"]).succeeds();
    account.assert_nothing_left();
    account.dwh(&["cluster", "status"]).fails(2, &["there is no cluster dwhcluster", "dwh cluster create"]);
}

#[test]
fn temporary_credentials_open_the_database() {
    let Some(mut account) = Account::new() else { return };
    account.serve("IAM:dwhuser");
    account.configure("[PRICES]\nRA3_LARGE=1\n");
    account.dwh(&["cluster", "create", "--wait"]).succeeds();
    let text = account.config().replace("[REDSHIFT]\n", "[REDSHIFT]\nCONNECTION=iam\n");
    account.write_config(&text);
    assert_eq!(account.csv("select 1"), "1");
    assert!(
        account.aws.calls().contains(&"redshift:GetClusterCredentials".to_owned()),
        "{:?}",
        account.aws.calls()
    );
}

#[test]
fn an_ephemeral_cluster_is_deleted_after_success_and_after_failure() {
    let Some(mut account) = Account::new() else { return };
    account.serve("dwhuser");
    account.configure("");
    let unload = format!("s3://{BUCKET}/stars");
    let run = account
        .dwh(&["etl", "--ephemeral", "--cidr", CIDR, "--unload", &unload, "--budget", "10"])
        .succeeds();
    assert!(
        run.stderr.contains("200 rows loaded") && run.stderr.contains("deleted: cluster"),
        "{}",
        run.stderr
    );
    account.assert_nothing_left();
    let keys = account.aws.keys(BUCKET);
    assert!(keys.iter().any(|key| key.starts_with("stars/songplays/")), "{keys:?}");
    assert!(!keys.iter().any(|key| key.starts_with("stars/staging")), "{keys:?}");
    assert!(account.config().contains("HOST=''"), "the file is not for a cluster that is gone");

    // A new object that does not fit: the run fails, the cluster goes all the same.
    let broken = account.sandbox.write("broken/log_data/x.json", "not JSON");
    account.aws.put_folder("broken", broken.parent().unwrap().parent().unwrap());
    let text = account
        .config()
        .replace(&format!("LOG_DATA='s3://{BUCKET}/log_data'"), "LOG_DATA='s3://broken/log_data'");
    account.write_config(&text);
    let run = account.dwh(&["etl", "--ephemeral", "--cidr", CIDR]);
    let run = run.fails(1, &["Load into table", "s3://broken/log_data/x.json", "the cluster is deleted"]);
    assert_eq!(run.stderr.matches("Load into table").count(), 1, "{}", run.stderr);
    account.assert_nothing_left();

    // What is wrong with the range is found before there is a cluster.
    account.aws.fail(1, "denied", 0);
    let run = account.dwh(&["etl", "--ephemeral", "--cidr", "0.0.0.0/0"]);
    run.fails(2, &["lets the whole internet in"]);
    assert_eq!(account.aws.calls(), [] as [String; 0]);
}

#[test]
fn an_ephemeral_cluster_that_may_not_be_deleted_is_told_with_what_to_do() {
    let Some(mut account) = Account::new() else { return };
    account.serve("dwhuser");
    account.configure("");
    let args = ["etl", "--ephemeral", "--cidr", CIDR];
    account.aws.fail(1, "denied", 0);
    account.dwh(&args).succeeds();
    let calls = account.aws.calls();
    let delete = calls.iter().position(|call| call == "redshift:DeleteCluster").unwrap() + 1;
    account.aws.fail(delete, "denied", 1);
    let run = account.dwh(&args);
    let run = run.fails(2, &["could not be deleted and may go on costing", "dwh cluster status --all"]);
    assert_eq!(run.stderr.matches("permission redshift:DeleteCluster").count(), 1, "{}", run.stderr);
    account.aws.fail(1, "denied", 0);
    account.delete_left_over();
    account.assert_nothing_left();
}

#[test]
fn only_what_gives_the_role_its_sources_reads_them() {
    let Some(account) = Account::new() else { return };
    account.sandbox.configure("data");
    account.dwh(&["cluster", "status"]).fails(2, &["there is no cluster dwhcluster"]);
    account.dwh(&["cluster", "delete", "--yes"]).succeeds();
    account
        .dwh(&["cluster", "create"])
        .fails(2, &["/data/log_data, and a cluster reads S3 only", "s3://bucket/prefix"]);
    account.assert_nothing_left();
    account.sandbox.write("dwh.cfg", "");
    account.dwh(&["cluster", "create"]).succeeds().fails(0, &["the role may read nothing"]);
    account.dwh(&["cluster", "delete", "--yes"]).succeeds();
    account.assert_nothing_left();
}

#[test]
fn an_ephemeral_cluster_is_deleted_when_the_process_is_told_to_end() {
    let Some(account) = Account::new() else { return };
    account.configure("");
    // It would be creating for longer than anybody waits.
    account.aws.set(&json!({"looks": 1000}));
    for signal in not_ignored(vec!["-TERM", "-INT", "-HUP"]) {
        let mut child =
            account.command(&["etl", "--ephemeral", "--cidr", CIDR]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        lines.find(|line| line.contains("creating")).unwrap();
        account.aws.set(&json!({"looks": 0}));
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{rest:#?}");
        assert!(rest.iter().any(|line| line.contains("nothing is left on AWS")), "{rest:#?}");
        account.assert_nothing_left();
        account.aws.set(&json!({"looks": 1000}));
    }
}

#[test]
fn a_budget_ends_the_run_before_it_is_spent() {
    let Some(account) = Account::new() else { return };
    account.configure("DWH_CLUSTER_TYPE=serverless\n[PRICES]\nRPU_HOUR=1000000\nRA3_LARGE=1\n");
    account.aws.set(&json!({"looks": 1000}));
    let run = account.dwh(&["etl", "--ephemeral", "--cidr", CIDR, "--budget", "0.01"]);
    run.fails(1, &["the budget of 0.01 USD is used up", "nothing is left on AWS"]);
    account.assert_nothing_left();

    account.configure("[PRICES]\nRA3_LARGE=1\n");
    let run = account.dwh(&["etl", "--ephemeral", "--cidr", CIDR, "--budget", "0.5"]);
    run.fails(2, &["0.50 USD buy 7 minutes of 4 nodes of ra3.large", "take fewer or smaller nodes"]);
    account.configure("");
    let text = account.config().replace("ra3.large", "rx9.large");
    account.write_config(&text);
    let run = account.dwh(&["etl", "--ephemeral", "--cidr", CIDR, "--budget", "5"]);
    run.fails(2, &["there is no price for 4 nodes of rx9.large", "[PRICES]"]);
    account.assert_nothing_left();
}

#[test]
fn what_is_left_over_is_listed_with_the_way_to_delete_it() {
    let Some(account) = Account::new() else { return };
    account.configure("");
    account.kill_ephemeral_run();
    account.aws.set(&json!({"looks": 0}));
    account.delete_left_over();
    account.assert_nothing_left();

    // One of Serverless, whatever kind is configured when it is found.
    account.configure("DWH_CLUSTER_TYPE=serverless\n[PRICES]\nRPU_HOUR=1\nRA3_LARGE=1\n");
    account.kill_ephemeral_run();
    account.configure("");
    account.delete_left_over();
    account.assert_nothing_left();
}

#[test]
fn the_classic_file_as_it_is_is_refused_with_what_to_change() {
    let Some(account) = Account::new() else { return };
    account.configure("");
    let text = account.config().replace("ra3.large", "dc2.large");
    account.write_config(&format!("{text}\n[AWS]\nKEY=AKIAIOSFODNN7EXAMPLE\nSECRET=wJalrXUtnFEMI\n"));
    let run = account.dwh(&["cluster", "create"]);
    run.fails(2, &["warning: access keys in dwh.cfg", "AWS creates no more dc2.large nodes; use ra3.large"]);
    account.assert_nothing_left();
}

#[test]
fn policies_are_printed_for_people_and_for_the_role() {
    let Some(account) = Account::new() else { return };
    account.configure("");
    let person = account.dwh(&["cluster", "policy"]).succeeds().stdout;
    let person: serde_json::Value = serde_json::from_str(&person).unwrap();
    assert!(person.to_string().contains("arn:aws:iam::123456789012:role/dwh/dwhRole"), "{person}");
    let role = account.dwh(&["cluster", "policy", "--role"]).succeeds().stdout;
    assert!(role.contains("arn:aws:s3:::song-plays/log_data*") && !role.contains("\"*\""), "{role}");
}

#[test]
fn a_cluster_that_is_not_there_is_said_and_a_port_of_it_is_not_opened() {
    let Some(account) = Account::new() else { return };
    account.configure("");
    account.dwh(&["cluster", "wait"]).fails(2, &["there is no cluster dwhcluster in us-west-2"]);
    account.dwh(&["cluster", "open-port", "--cidr", CIDR]).fails(2, &["security group dwh-dwhcluster"]);
    account.dwh(&["cluster", "open-port", "--cidr", "here"]).fails(2, &["no IP address"]);
    account.dwh(&["cluster", "create"]).succeeds();
    let run = account.dwh(&["cluster", "open-port", "--cidr", "0.0.0.0/0"]);
    run.fails(2, &["lets the whole internet in", "--allow-whole-internet"]);
}
