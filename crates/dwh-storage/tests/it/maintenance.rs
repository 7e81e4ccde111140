//! VACUUM, merging in the background, the sweep and the grace period.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::fixtures::*;
use dwh_common::RedshiftType;
use dwh_storage::{Clock, Mode, OpenOptions, Warehouse, WriteIntent};

/// A warehouse whose clock the test moves, in seconds.
fn open_with_clock(dir: &std::path::Path, seconds: &Arc<AtomicI64>) -> Warehouse {
    let clock = Clock::Shifted(Arc::clone(seconds));
    let options =
        OpenOptions { grace_period: Duration::from_secs(600), clock, ..OpenOptions::new(Mode::ReadWrite) };
    Warehouse::open(dir, options).unwrap()
}

#[tokio::test]
async fn vacuum_merges_files_and_leaves_deleted_rows_out() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    for n in 0..5 {
        let mut transaction = begin(&warehouse);
        append(&mut transaction, id, [n * 10, n * 10 + 1]);
        transaction.commit().await.unwrap();
    }
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, id, &[0, 11]);
    transaction.add_column(id, column("late", RedshiftType::Varchar(5)), Some("x".to_owned())).unwrap();
    transaction.rename_column(id, "s", "text").unwrap();
    transaction.commit().await.unwrap();

    let before = warehouse.snapshot().unwrap();
    let mut transaction = begin(&warehouse);
    transaction.lock(id, WriteIntent::Rewrite).await.unwrap();
    transaction.vacuum(id).unwrap();
    transaction.commit().await.unwrap();
    let after = warehouse.snapshot().unwrap();
    let table = after.table("public", "t").unwrap();
    assert_eq!((table.files.len(), table.files[0].rows, table.files[0].deleted.count()), (1, 8, 0));
    let sorted = |table| {
        let mut all = rows(table);
        all.sort();
        all
    };
    assert_eq!(sorted(table), sorted(before.table("public", "t").unwrap()));
    assert_eq!(sorted(table)[0], ["1", "row 1", "x"]);

    let again = after.id();
    let mut transaction = begin(&warehouse);
    transaction.vacuum(id).unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(warehouse.snapshot().unwrap().id(), again, "nothing is left to do");
}

#[tokio::test]
async fn many_small_commits_do_not_leave_many_files() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    for n in 0..70 {
        let mut transaction = begin(&warehouse);
        append(&mut transaction, id, [n]);
        transaction.commit().await.unwrap();
    }
    let snapshot = warehouse.snapshot().unwrap();
    let files = snapshot.table("public", "t").unwrap().files.len();
    assert!(files < 10, "{files} files");
    assert_eq!(committed(&snapshot, "t"), (0..70).collect::<Vec<_>>());
    let before = describe(&snapshot);
    drop((snapshot, warehouse));
    assert_eq!(describe(&open(dir.path()).snapshot().unwrap()), before);
}

#[tokio::test]
async fn files_that_are_no_longer_used_stay_for_the_grace_period() {
    let dir = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicI64::new(0));
    let warehouse = open_with_clock(dir.path(), &seconds);
    let ids = create(&warehouse, &["t", "u"]).await;
    let mut transaction = begin(&warehouse);
    append(&mut transaction, ids[0], [1, 2]);
    append(&mut transaction, ids[1], [3]);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, ids[0], &[1]);
    transaction.drop_table(ids[1]).unwrap();
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    transaction.truncate(ids[0]).unwrap();
    transaction.commit().await.unwrap();
    drop(warehouse);

    // Two data files and a delete file that no table has any more.
    drop(open_with_clock(dir.path(), &seconds));
    assert_eq!(parquet_files(dir.path()), 3);
    seconds.store(601, Ordering::Relaxed);
    drop(open_with_clock(dir.path(), &seconds));
    assert_eq!(parquet_files(dir.path()), 0);
}

#[tokio::test]
async fn a_running_warehouse_removes_unused_files_but_none_that_a_reader_holds() {
    let dir = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicI64::new(0));
    let warehouse = open_with_clock(dir.path(), &seconds);
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1]);
    transaction.commit().await.unwrap();
    let held = warehouse.snapshot().unwrap();

    for n in [2, 3] {
        let mut transaction = begin(&warehouse);
        transaction.truncate(id).unwrap();
        append(&mut transaction, id, [n]);
        transaction.commit().await.unwrap();
        seconds.fetch_add(700, Ordering::Relaxed);
    }
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [4]);
    transaction.commit().await.unwrap();
    assert_eq!(committed(&held, "t"), [1], "a reader keeps its files, however long it takes");
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [3, 4]);
    assert_eq!(parquet_files(dir.path()), 3, "1 is held, 2 is gone, 3 and 4 are the table's");

    drop(held);
    seconds.fetch_add(700, Ordering::Relaxed);
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [5]);
    transaction.commit().await.unwrap();
    assert_eq!(parquet_files(dir.path()), 3, "3, 4 and 5");
}

#[tokio::test]
async fn a_delete_file_stays_while_a_reader_that_has_not_opened_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicI64::new(0));
    drop(open_with_clock(dir.path(), &seconds));
    {
        let warehouse = open_with_clock(dir.path(), &seconds);
        let id = create(&warehouse, &["t"]).await[0];
        let mut transaction = begin(&warehouse);
        append(&mut transaction, id, [1, 2, 3, 4]);
        transaction.commit().await.unwrap();
        let mut transaction = begin(&warehouse);
        delete(&mut transaction, id, &[1]);
        transaction.commit().await.unwrap();
    }
    // Opened anew, nothing is in memory yet.
    let warehouse = open_with_clock(dir.path(), &seconds);
    let held = warehouse.snapshot().unwrap();
    let id = held.table("public", "t").unwrap().id;
    for n in [2, 3] {
        let mut transaction = begin(&warehouse);
        delete(&mut transaction, id, &[n]);
        transaction.commit().await.unwrap();
        seconds.fetch_add(700, Ordering::Relaxed);
    }
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [5]);
    transaction.commit().await.unwrap();
    assert_eq!(committed(&held, "t"), [2, 3, 4]);
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [4, 5]);
}

#[tokio::test]
async fn a_moved_folder_is_the_same_warehouse() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (dir.path().join("here"), dir.path().join("there/and away"));
    let warehouse = open(&here);
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1, 2]);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, id, &[1]);
    transaction.commit().await.unwrap();
    drop(warehouse);
    std::fs::create_dir_all(there.parent().unwrap()).unwrap();
    std::fs::rename(&here, &there).unwrap();
    assert_eq!(committed(&open_read_only(&there).snapshot().unwrap(), "t"), [2]);
    assert_eq!(committed(&open(&there).snapshot().unwrap(), "t"), [2]);
}

#[tokio::test]
async fn the_sweep_leaves_files_alone_that_are_not_ours() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let notes = dir.path().join("data/notes.txt");
    let stray = dir.path().join("data/public/t/stray.parquet");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&notes, "mine").unwrap();
    std::fs::write(&stray, "half written").unwrap();
    drop(open(dir.path()));
    assert!(notes.exists() && !stray.exists());
}
