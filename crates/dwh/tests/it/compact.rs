use std::path::Path;

use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY};

use crate::sandbox::{Run, Sandbox};

/// A sandbox with so many objects of one record each under `data/`.
fn sandbox(objects: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..objects {
        sandbox.write(&format!("data/{number:04}.json"), &format!("{{\"a\":{number}}}"));
    }
    sandbox
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let sandbox = sandbox(100);
    let args = ["compact", "data/", "compacted", "--node-type", "ra3.xlplus", "--nodes", "2", "--dry-run"];
    let run = sandbox.dwh(&[&args[..], &["--format", "csv"]].concat()).succeeds();
    assert_eq!(run.stdout.lines().filter(|line| line.ends_with(",to write")).count(), 4, "{}", run.stdout);
    assert!(!sandbox.path().join("compacted").exists());
}

#[test]
fn what_is_compacted_loads_by_its_manifest() {
    let sandbox = sandbox(100);
    let run = sandbox.dwh(&["compact", "data/", "compacted", "--slices", "3"]).succeeds();
    let manifest = run.stdout.trim_end();
    assert!(manifest.ends_with("/compacted/manifest"), "{manifest}");
    let written = names(&sandbox.path().join("compacted"));
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(
        written[1].starts_with("part-00001-of-00003-") && written[1].ends_with(".json.gz"),
        "{written:?}"
    );
    sandbox.dwh(&["query", "create table t (a int)"]).succeeds();
    sandbox
        .dwh(&["query", &format!("copy t from '{manifest}' iam_role default json 'auto' gzip manifest")])
        .succeeds();
    // The sum of 0 to 99.
    assert_eq!(sandbox.csv("select count(*), count(distinct a), sum(a) from t"), "100,100,4950");

    let again = sandbox.dwh(&["compact", "data/", "compacted", "--slices", "3"]).succeeds();
    assert!(again.stderr.contains("nothing was written"), "{}", again.stderr);
    assert_eq!(names(&sandbox.path().join("compacted")), written);
}

#[test]
fn the_slices_are_those_of_the_configured_cluster() {
    let sandbox = sandbox(100);
    sandbox.write("dwh.cfg", "[DWH]\nDWH_NODE_TYPE=ra3.4xlarge\nDWH_NUM_NODES=3\n");
    let run = sandbox.dwh(&["compact", "data/", "compacted", "--dry-run"]).succeeds();
    assert!(run.stderr.contains("become 12 for 12 slices"), "{}", run.stderr);
    sandbox.write("dwh.cfg", "[DWH]\nDWH_NODE_TYPE=rg.xlarge\n");
    sandbox
        .dwh(&["compact", "data/", "compacted", "--dry-run"])
        .fails(2, &["slices of node type \"rg.xlarge\" are not known", "--slices", "ra3.xlplus"]);
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let sandbox = sandbox(2);
    sandbox
        .dwh(&["compact", "data", "data/compacted"])
        .fails(2, &["lies within the source", "outside of it"]);
    sandbox.dwh(&["compact", "nothing/", "compacted"]).fails(1, &["No file begins with"]);
    sandbox.dwh(&["compact", "data/", "compacted", "--size", "64"]).fails(2, &["such as 64MB"]);
    sandbox.write("data/9.json", "{\"a\":");
    sandbox.dwh(&["compact", "data/", "compacted"]).fails(1, &["9.json", "does not end", "repair it"]);
    assert!(!names(&sandbox.path().join("compacted")).contains(&"manifest".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_s3_to_s3_and_the_source_stays() {
    let server = LoopbackS3::start().await.unwrap();
    for number in 0..50 {
        server.put("songs", &format!("data/{number:04}.json"), format!("{{\"a\":{number}}}"));
    }
    let sandbox = Sandbox::new();
    let run = Run::of(
        sandbox
            .command(&["compact", "s3://songs/data/", "s3://songs/compacted/", "--compression", "zstd"])
            .env("AWS_ENDPOINT_URL_S3", server.endpoint())
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    )
    .succeeds();
    assert_eq!(run.stdout, "s3://songs/compacted/manifest\n");
    assert!(run.stderr.contains("MANIFEST ZSTD"), "{}", run.stderr);
    assert!(server.get("songs", "compacted/manifest").is_some());
    assert_eq!(server.get("songs", "data/0007.json").unwrap(), "{\"a\":7}");
}
