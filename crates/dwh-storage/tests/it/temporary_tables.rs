//! Temporary tables live in their session, outside the catalog.

use crate::fixtures::*;
use dwh_storage::{TEMPORARY_SCHEMA, TableDefinition, TemporaryTables};

fn temporary(name: &str) -> TableDefinition {
    TableDefinition { temporary: true, ..numbers(name) }
}

#[tokio::test]
async fn they_go_with_the_session_from_transaction_to_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    create(&warehouse, &["t"]).await;
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(temporary("t")).unwrap().id;
    assert!(id < 0);
    append(&mut transaction, id, [1]);
    append_file(&mut transaction, id, [2]);
    let session = transaction.commit().await.unwrap();

    let mut transaction = warehouse.begin(session).unwrap();
    assert_eq!(transaction.table(TEMPORARY_SCHEMA, "t").unwrap().id, id);
    assert_eq!(numbers_in(&transaction.temporary_table("t").unwrap()), [1, 2]);
    assert_ne!(transaction.table("public", "t").unwrap().id, id);
    delete(&mut transaction, id, &[1]);
    transaction.rename_table(id, "u").unwrap();
    let session = transaction.commit().await.unwrap();
    assert!(session.table("t").is_none());
    assert_eq!(numbers_in(session.table("u").unwrap()), [2]);
    assert_eq!(begin(&warehouse).temporary_table("u").map(|table| table.id), None, "another session");
    drop(session);
    assert_eq!(parquet_files(dir.path()), 0, "files go with the session");
}

#[tokio::test]
async fn a_rollback_brings_them_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(temporary("t")).unwrap().id;
    append_file(&mut transaction, id, [1, 2]);
    let session = transaction.commit().await.unwrap();
    let mut transaction = warehouse.begin(session).unwrap();
    delete(&mut transaction, id, &[1]);
    append_file(&mut transaction, id, [3]);
    transaction.drop_table(id).unwrap();
    let session = transaction.rollback();
    assert_eq!(numbers_in(session.table("t").unwrap()), [1, 2]);
    assert_eq!(parquet_files(dir.path()), 1);
}

#[tokio::test]
async fn they_are_not_in_the_catalog_and_are_swept_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let before = warehouse.snapshot().unwrap().id();
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(temporary("t")).unwrap().id;
    append_file(&mut transaction, id, [1]);
    let session = transaction.commit().await.unwrap();
    assert_eq!(warehouse.snapshot().unwrap().id(), before);
    // A crash runs no destructor.
    std::mem::forget(session);
    drop(warehouse);
    assert_eq!(parquet_files(dir.path()), 1);
    drop(open(dir.path()));
    assert_eq!(parquet_files(dir.path()), 0);
}

#[tokio::test]
async fn a_reader_can_have_them_too() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let warehouse = open_read_only(dir.path());
    let mut transaction = warehouse.begin(TemporaryTables::default()).unwrap();
    let id = transaction.create_table(temporary("t")).unwrap().id;
    append_file(&mut transaction, id, [1]);
    let session = transaction.commit().await.unwrap();
    assert_eq!(numbers_in(session.table("t").unwrap()), [1]);
    assert_eq!(parquet_files(dir.path()), 0);
    assert!(begin(&warehouse).create_table(numbers("t")).is_err());
}
