//! One process writes, others read: the tests start this test binary again as the other process.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use dwh_common::ErrorKind;
use dwh_storage::{Mode, OpenOptions, StorageError, Warehouse, WriteIntent};

use crate::fixtures::*;

/// Names the role that this process plays for a test of another process; unset in the tests themselves.
pub(crate) const ROLE: &str = "DWH_STORAGE_TEST_ROLE";
const FOLDER: &str = "DWH_STORAGE_TEST_FOLDER";

/// Starts this binary again to run one of its tests with a role.
pub(crate) fn start(test: &str, role: &str, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The folder that a started process is to work on, if it is one with this role.
pub(crate) fn folder_for(role: &str) -> Option<std::path::PathBuf> {
    (std::env::var(ROLE).ok()? == role).then(|| std::env::var_os(FOLDER).unwrap().into())
}

fn run(test: &str, role: &str, dir: &Path) -> String {
    let output = start(test, role, dir).wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_second_writer_is_refused_at_once_and_told_by_whom() {
    let name = "processes::a_second_writer_is_refused_at_once_and_told_by_whom";
    if let Some(dir) = folder_for("second writer") {
        let refused = Warehouse::open(&dir, OpenOptions::new(Mode::ReadWrite)).unwrap_err();
        assert!(matches!(refused, StorageError::Locked { .. }) && refused.kind() == ErrorKind::Unavailable);
        println!("refused: {refused}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let _warehouse = open(dir.path());
    let started = std::time::Instant::now();
    let text = run(name, "second writer", dir.path());
    assert!(started.elapsed().as_secs() < 5, "it does not wait");
    assert!(text.contains(&format!("is being written by process {} ", std::process::id())), "{text}");
    assert!(text.contains("read-only"), "{text}");
}

#[tokio::test]
async fn a_second_writer_in_the_same_process_is_refused_too_and_may_follow() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let refused = Warehouse::open(dir.path(), OpenOptions::default()).unwrap_err();
    assert!(matches!(refused, StorageError::Locked { .. }));
    drop(first);
    open(dir.path());
}

#[tokio::test]
async fn a_reader_in_another_process_sees_each_commit_and_nothing_uncommitted() {
    let name = "processes::a_reader_in_another_process_sees_each_commit_and_nothing_uncommitted";
    if let Some(dir) = folder_for("reader") {
        let warehouse = open_read_only(&dir);
        println!("sees {:?}", committed(&warehouse.snapshot().unwrap(), "t"));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append_file(&mut transaction, id, [1]);
    append(&mut transaction, id, [2]);
    assert!(run(name, "reader", dir.path()).contains("sees []"));
    transaction.commit().await.unwrap();
    assert!(run(name, "reader", dir.path()).contains("sees [1, 2]"));
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, id, &[1]);
    assert!(run(name, "reader", dir.path()).contains("sees [1, 2]"));
    transaction.commit().await.unwrap();
    assert!(run(name, "reader", dir.path()).contains("sees [2]"));
}

#[tokio::test]
async fn an_open_reader_follows_the_writer_and_keeps_the_snapshots_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let reader = open_read_only(dir.path());
    let empty = reader.snapshot().unwrap();
    let mut in_transaction = begin(&reader);

    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1]);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [2]);
    delete(&mut transaction, id, &[1]);
    transaction.create_table(numbers("u")).unwrap();
    transaction.commit().await.unwrap();

    assert_eq!(committed(&reader.snapshot().unwrap(), "t"), [2]);
    assert!(reader.snapshot().unwrap().table("public", "u").is_some());
    assert_eq!(describe(&reader.snapshot().unwrap()), describe(&warehouse.snapshot().unwrap()));
    assert_eq!(committed(&empty, "t"), [0; 0]);
    assert_eq!(seen(&in_transaction, id), [0; 0]);
    assert!(matches!(in_transaction.lock(id, WriteIntent::Append).await, Err(StorageError::ReadOnly)));
    assert!(matches!(in_transaction.writer(id), Err(StorageError::ReadOnly)));
    assert!(matches!(in_transaction.truncate(id), Err(StorageError::ReadOnly)));
}

#[test]
fn reading_a_warehouse_that_is_not_there_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere");
    let refused = Warehouse::open(&missing, OpenOptions::new(Mode::ReadOnly)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidConfiguration);
    assert!(refused.to_string().contains("there is no warehouse in"), "{refused}");
    assert!(!missing.exists());
    std::fs::write(dir.path().join("catalog.sqlite"), "").unwrap();
    let empty = Warehouse::open(dir.path(), OpenOptions::new(Mode::ReadOnly)).unwrap_err();
    assert!(matches!(empty, StorageError::NoWarehouse { .. }), "{empty}");
    std::fs::write(dir.path().join("catalog.sqlite"), "this is no database, whatever its name says").unwrap();
    let broken = Warehouse::open(dir.path(), OpenOptions::new(Mode::ReadOnly)).unwrap_err();
    assert!(broken.to_string().contains("catalog.sqlite"), "{broken}");
}
