//! IDENTITY columns (RS 3.2).

use crate::fixtures::*;
use dwh_storage::{Identity, StorageError, TableDefinition};

fn with_identity(name: &str, seed: i64, step: i64) -> TableDefinition {
    let mut table = numbers(name);
    table.columns[0].identity = Some(Identity { seed, step, by_default: false });
    table
}

#[tokio::test]
async fn numbers_begin_at_the_seed_and_go_on_at_the_step_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(with_identity("t", 10, 5)).unwrap().id;
    assert_eq!(transaction.reserve_identity(id, "n", 3).unwrap(), 10);
    assert_eq!(transaction.reserve_identity(id, "n", 1).unwrap(), 25);
    transaction.commit().await.unwrap();
    drop(warehouse);
    let warehouse = open(dir.path());
    assert_eq!(begin(&warehouse).reserve_identity(id, "n", 1).unwrap(), 30);
}

#[tokio::test]
async fn numbers_of_a_rollback_are_not_given_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(with_identity("t", 1, 1)).unwrap().id;
    transaction.commit().await.unwrap();
    let mut undone = begin(&warehouse);
    assert_eq!(undone.reserve_identity(id, "n", 100).unwrap(), 1);
    undone.rollback();
    assert_eq!(begin(&warehouse).reserve_identity(id, "n", 1).unwrap(), 101);
}

#[tokio::test]
async fn numbers_end_at_the_range_of_bigint() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(with_identity("t", i64::MAX - 5, 1)).unwrap().id;
    assert!(matches!(transaction.reserve_identity(id, "n", 10), Err(StorageError::Identity { .. })));
    assert_eq!(transaction.reserve_identity(id, "n", 5).unwrap(), i64::MAX - 5);
    assert!(matches!(transaction.reserve_identity(id, "s", 1), Err(StorageError::Identity { .. })));
}
