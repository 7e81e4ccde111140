use std::path::Path;
use std::process::Command;

use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY};

use crate::sandbox::{Run, Sandbox};

const BUCKET: &str = "song-plays";

/// A server with a data set in its bucket, and a sandbox that is configured for it.
async fn served(data: &Path) -> (LoopbackS3, Sandbox) {
    let server = LoopbackS3::start().await.unwrap();
    put_folder(&server, data, "");
    let sandbox = Sandbox::new();
    sandbox.configure(&format!("s3://{BUCKET}"));
    (server, sandbox)
}

fn put_folder(server: &LoopbackS3, folder: &Path, prefix: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let key = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            put_folder(server, &entry.path(), &format!("{key}/"));
        } else {
            server.put(BUCKET, &key, std::fs::read(entry.path()).unwrap());
        }
    }
}

fn generated() -> Sandbox {
    let data = Sandbox::new();
    data.generate(200);
    data
}

/// dwh with the variables of the standard credential chain.
fn with_keys(sandbox: &Sandbox, server: &LoopbackS3, secret: &str, args: &[&str]) -> Run {
    Run::of(
        command(sandbox, server, args)
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", secret),
    )
}

fn command(sandbox: &Sandbox, server: &LoopbackS3, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env("AWS_ENDPOINT_URL_S3", server.endpoint());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_sample_in_s3_gives_the_same_answers() {
    let Some(sample) = dwh_testkit::sample_data("sparkify") else { return };
    let (server, sandbox) = served(&sample).await;
    with_keys(&sandbox, &server, SECRET_ACCESS_KEY, &["etl"]).succeeds();
    let verified = with_keys(&sandbox, &server, SECRET_ACCESS_KEY, &["verify"]).succeeds();
    assert!(verified.stderr.contains("expected results of sample"), "{}", verified.stderr);
    assert_eq!(sandbox.csv("select song_id from songplays where song_id is not null"), "SOZCTXZ12AB0182364");
    let again = with_keys(&sandbox, &server, SECRET_ACCESS_KEY, &["etl"]).succeeds();
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_configuration_file_open_the_bucket() {
    let data = generated();
    let (server, sandbox) = served(&data.path().join("data")).await;
    let file = sandbox.path().join("dwh.cfg");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}[AWS]\nKEY={ACCESS_KEY_ID}\nSECRET={SECRET_ACCESS_KEY}\n")).unwrap();
    let run = Run::of(&mut command(&sandbox, &server, &["--verbose", "etl"])).succeeds();
    assert_eq!(sandbox.csv("select count(*) from staging_events"), "200");
    assert!(!run.stderr.contains(SECRET_ACCESS_KEY), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_permission_is_one_clear_message_without_the_key() {
    let data = generated();
    let (server, sandbox) = served(&data.path().join("data")).await;
    let wrong = "not-the-secret-of-this-key";
    let run = with_keys(&sandbox, &server, wrong, &["etl"]);
    let run = run.fails(2, &["AWS_SECRET_ACCESS_KEY"]);
    assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
    assert!(!run.stderr.contains(wrong), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_without_objects_is_said_with_its_name() {
    let data = generated();
    let (server, sandbox) = served(&data.path().join("data")).await;
    sandbox.configure(&format!("s3://{BUCKET}/nowhere"));
    with_keys(&sandbox, &server, SECRET_ACCESS_KEY, &["etl"]).fails(2, &["s3://song-plays/nowhere/log_data"]);
}
