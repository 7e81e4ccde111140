//! Transactions side by side: snapshots, locks, conflicts, deadlocks (RS 3.7).

use std::time::Duration;

use crate::fixtures::*;
use dwh_common::SqlState;
use dwh_storage::{StorageError, WriteIntent};
use tokio::time::timeout;

const SOON: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_transaction_keeps_its_snapshot_while_others_commit() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let reader = begin(&warehouse);
    let mut writer = begin(&warehouse);
    append(&mut writer, id, [1]);
    writer.create_table(numbers("u")).unwrap();
    writer.commit().await.unwrap();
    assert_eq!(seen(&reader, id), [0; 0]);
    assert!(reader.table("public", "u").is_none());
    assert_eq!(seen(&begin(&warehouse), id), [1]);
}

#[tokio::test]
async fn appends_to_one_table_go_together() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut second = begin(&warehouse);
    second.mark_read();
    let mut first = begin(&warehouse);
    first.lock(id, WriteIntent::Append).await.unwrap();
    append(&mut first, id, [1]);
    first.commit().await.unwrap();

    second.lock(id, WriteIntent::Append).await.unwrap();
    append(&mut second, id, [2, 3]);
    delete(&mut second, id, &[3]);
    assert_eq!(seen(&second, id), [2], "its snapshot has not moved");
    second.commit().await.unwrap();
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [1, 2]);
    drop(warehouse);
    assert_eq!(committed(&open(dir.path()).snapshot().unwrap(), "t"), [1, 2]);
}

#[tokio::test]
async fn different_tables_never_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b"]).await;
    let (mut one, mut other) = (begin(&warehouse), begin(&warehouse));
    for transaction in [&mut one, &mut other] {
        transaction.mark_read();
    }
    one.lock(ids[0], WriteIntent::Rewrite).await.unwrap();
    one.truncate(ids[0]).unwrap();
    append(&mut one, ids[0], [1]);
    other.lock(ids[1], WriteIntent::Define).await.unwrap();
    other.rename_table(ids[1], "c").unwrap();
    one.commit().await.unwrap();
    other.commit().await.unwrap();
    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!(committed(&snapshot, "a"), [1]);
    assert!(snapshot.table("public", "c").is_some() && snapshot.table("public", "b").is_none());
}

#[tokio::test]
async fn the_second_writer_of_a_table_waits_and_then_works_on_the_newest_rows() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut first = begin(&warehouse);
    first.lock(id, WriteIntent::Rewrite).await.unwrap();
    append(&mut first, id, [1, 2]);

    let mut second = begin(&warehouse);
    assert!(timeout(SOON, second.lock(id, WriteIntent::Rewrite)).await.is_err(), "it waits");
    first.commit().await.unwrap();
    second.lock(id, WriteIntent::Rewrite).await.unwrap();
    assert_eq!(seen(&second, id), [1, 2]);
    delete(&mut second, id, &[1]);
    second.commit().await.unwrap();
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [2]);
}

#[tokio::test]
async fn a_waiting_writer_is_woken_by_a_rollback() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut first = begin(&warehouse);
    first.lock(id, WriteIntent::Append).await.unwrap();
    let mut second = begin(&warehouse);
    let waiting = tokio::spawn(async move { second.lock(id, WriteIntent::Append).await.map(|()| second) });
    tokio::time::sleep(SOON).await;
    first.rollback();
    let second = timeout(Duration::from_secs(5), waiting).await.expect("it is woken").unwrap().unwrap();
    second.commit().await.unwrap();
}

#[tokio::test]
async fn rewriting_a_table_that_changed_since_something_was_read_is_conflict_1023() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut late = begin(&warehouse);
    late.mark_read();
    let mut first = begin(&warehouse);
    append(&mut first, id, [1]);
    first.commit().await.unwrap();
    for intent in [WriteIntent::Rewrite, WriteIntent::Define] {
        let conflict = late.lock(id, intent).await.unwrap_err();
        assert_eq!(conflict.sql_state(), SqlState::SerializationFailure);
        let text = conflict.to_string();
        let expected =
            format!("1023: Serializable isolation violation on table - {id}, transactions forming");
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[tokio::test]
async fn a_commit_that_never_asked_for_the_lock_is_checked_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1, 2]);
    transaction.commit().await.unwrap();

    let (mut one, mut other) = (begin(&warehouse), begin(&warehouse));
    delete(&mut one, id, &[1]);
    delete(&mut other, id, &[1, 2]);
    one.commit().await.unwrap();
    assert!(matches!(other.commit().await, Err(StorageError::SerializationConflict { .. })));
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [2]);
    drop(warehouse);
    let files = parquet_files(dir.path());
    assert_eq!(files, 2, "the loser's delete file is gone");
}

#[tokio::test]
async fn appending_to_a_table_that_was_dropped_meanwhile_is_error_1018() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let (mut locked, mut unlocked) = (begin(&warehouse), begin(&warehouse));
    append(&mut unlocked, id, [1]);
    let mut dropping = begin(&warehouse);
    dropping.drop_table(id).unwrap();
    dropping.commit().await.unwrap();

    let refused = locked.lock(id, WriteIntent::Append).await.unwrap_err();
    assert!(
        refused.to_string().contains("1018") && refused.to_string().contains("does not exist"),
        "{refused}"
    );
    assert_eq!(refused.sql_state(), SqlState::UndefinedTable);
    assert!(matches!(unlocked.commit().await, Err(StorageError::RelationDropped { .. })));
}

#[tokio::test]
async fn one_name_created_twice_is_an_error_of_the_second_commit() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let (mut one, mut other) = (begin(&warehouse), begin(&warehouse));
    one.create_table(numbers("t")).unwrap();
    other.create_table(numbers("t")).unwrap();
    one.create_schema("s").unwrap();
    one.commit().await.unwrap();
    let refused = other.commit().await.unwrap_err();
    assert_eq!(refused.to_string(), "Relation \"t\" already exists");

    let mut again = begin(&warehouse);
    assert!(matches!(again.create_schema("s"), Err(StorageError::DuplicateSchema(_))));
}

#[tokio::test]
async fn two_transactions_that_wait_for_each_other_are_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b"]).await;
    let (a, b) = (ids[0], ids[1]);
    let (mut one, mut other) = (begin(&warehouse), begin(&warehouse));
    one.lock(a, WriteIntent::Append).await.unwrap();
    other.lock(b, WriteIntent::Append).await.unwrap();
    let waiting = tokio::spawn(async move { one.lock(b, WriteIntent::Append).await.map(|()| one) });
    tokio::time::sleep(SOON).await;

    let deadlock =
        timeout(Duration::from_secs(5), other.lock(a, WriteIntent::Append)).await.expect("at once");
    assert_eq!(deadlock.unwrap_err().sql_state(), SqlState::DeadlockDetected);
    other.rollback();
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_wait_that_was_given_up_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b"]).await;
    let (mut one, mut other) = (begin(&warehouse), begin(&warehouse));
    one.lock(ids[0], WriteIntent::Append).await.unwrap();
    other.lock(ids[1], WriteIntent::Append).await.unwrap();
    assert!(timeout(SOON, one.lock(ids[1], WriteIntent::Append)).await.is_err());
    // Were `one` still taken for waiting, this would be a deadlock.
    assert!(timeout(SOON, other.lock(ids[0], WriteIntent::Append)).await.is_err());
}

/// Sessions on several threads append, delete, truncate, vacuum and define at random, and roll back some.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_sessions_at_once_leave_what_their_commits_say() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b", "c"]).await;
    let sessions = (0..6_i32).map(|session| {
        let (warehouse, ids) = (warehouse.clone(), ids.clone());
        tokio::spawn(async move {
            let mut added = [0_i64; 3];
            for turn in 0..25_i32 {
                let mut transaction = begin(&warehouse);
                let random = (session * 7919 + turn * 104_729) as usize;
                let (table, action) = (random % 3, random / 3 % 5);
                let id = ids[table];
                let intent = if action < 2 { WriteIntent::Append } else { WriteIntent::Rewrite };
                transaction.lock(id, intent).await.unwrap();
                let before = seen(&transaction, id);
                let first = session * 1_000_000 + turn * 1000;
                match action {
                    0 => append(&mut transaction, id, first..first + 10),
                    1 => append_file(&mut transaction, id, first..first + 5),
                    2 => delete(&mut transaction, id, &before[..before.len() / 2]),
                    3 => transaction.vacuum(id).unwrap(),
                    _ => transaction.set_table_comment(id, Some(first.to_string())).unwrap(),
                }
                if random.is_multiple_of(7) {
                    transaction.rollback();
                    continue;
                }
                added[table] += match action {
                    0 => 10,
                    1 => 5,
                    2 => -((before.len() / 2) as i64),
                    _ => 0,
                };
                transaction.commit().await.unwrap();
            }
            added
        })
    });
    let mut expected = [0_i64; 3];
    for session in sessions.collect::<Vec<_>>() {
        for (sum, added) in expected.iter_mut().zip(session.await.unwrap()) {
            *sum += added;
        }
    }
    let snapshot = warehouse.snapshot().unwrap();
    for (name, expected) in ["a", "b", "c"].iter().zip(expected) {
        let mut rows = committed(&snapshot, name);
        assert_eq!(rows.len() as i64, expected, "{name}");
        rows.dedup();
        assert_eq!(rows.len() as i64, expected, "{name}: each row is there once");
    }
    let in_memory = describe(&snapshot);
    drop((snapshot, warehouse));
    assert_eq!(describe(&open(dir.path()).snapshot().unwrap()), in_memory);
}
