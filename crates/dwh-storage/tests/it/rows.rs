//! Rows of one transaction: seen by itself, by others after its commit, by nobody after its rollback.

use crate::fixtures::*;
use dwh_storage::{StorageError, TemporaryTables};

#[tokio::test]
async fn own_uncommitted_rows_are_seen_in_memory_and_in_staged_files_and_by_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];

    let mut writer = begin(&warehouse);
    append(&mut writer, id, [1, 2]);
    assert_eq!(seen(&writer, id), [1, 2]);
    append_file(&mut writer, id, [3, 4]);
    append(&mut writer, id, [5]);
    assert_eq!(seen(&writer, id), [1, 2, 3, 4, 5]);
    assert_eq!(seen(&begin(&warehouse), id), [0; 0]);

    writer.commit().await.unwrap();
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_commit_changes_several_tables_and_a_rollback_none() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b"]).await;
    let mut both = begin(&warehouse);
    append(&mut both, ids[0], [1]);
    append_file(&mut both, ids[1], [2]);
    both.commit().await.unwrap();

    let mut undone = begin(&warehouse);
    append_file(&mut undone, ids[0], [3]);
    delete(&mut undone, ids[1], &[2]);
    undone.create_table(numbers("c")).unwrap();
    undone.rollback();

    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!((committed(&snapshot, "a"), committed(&snapshot, "b")), (vec![1], vec![2]));
    assert!(snapshot.table("public", "c").is_none());
    assert_eq!(parquet_files(dir.path()), 2, "the staged file is gone");
}

#[tokio::test]
async fn what_is_committed_is_there_when_the_warehouse_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let before = {
        let warehouse = open(dir.path());
        let ids = create(&warehouse, &["a", "b"]).await;
        let mut transaction = begin(&warehouse);
        append(&mut transaction, ids[0], 0..1000);
        append_file(&mut transaction, ids[1], 0..10);
        transaction.commit().await.unwrap();
        let mut transaction = begin(&warehouse);
        delete(&mut transaction, ids[0], &[7, 8, 999]);
        append(&mut transaction, ids[0], [5000]);
        transaction.commit().await.unwrap();
        describe(&warehouse.snapshot().unwrap())
    };
    assert_eq!(describe(&open(dir.path()).snapshot().unwrap()), before);
}

#[tokio::test]
async fn committed_rows_own_staged_rows_and_own_rows_in_memory_can_be_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut first = begin(&warehouse);
    append(&mut first, id, 0..10);
    first.commit().await.unwrap();

    let mut second = begin(&warehouse);
    append_file(&mut second, id, 10..20);
    append(&mut second, id, 20..30);
    delete(&mut second, id, &[1, 11, 21]);
    assert_eq!(seen(&second, id).len(), 27);
    delete(&mut second, id, &[2, 12, 22]);
    let expected: Vec<i32> = (0..30).filter(|n| ![1, 2].contains(&(n % 10))).collect();
    assert_eq!(seen(&second, id), expected);
    second.commit().await.unwrap();
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), expected);

    // A second delete file replaces the first.
    let mut third = begin(&warehouse);
    delete(&mut third, id, &[3]);
    third.commit().await.unwrap();
    drop(warehouse);
    let expected: Vec<i32> = expected.into_iter().filter(|n| *n != 3).collect();
    assert_eq!(committed(&open(dir.path()).snapshot().unwrap(), "t"), expected);
}

#[tokio::test]
async fn a_file_of_which_all_rows_are_deleted_leaves_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append_file(&mut transaction, id, [1, 2]);
    append_file(&mut transaction, id, [3]);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, id, &[1, 2]);
    transaction.commit().await.unwrap();
    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!(snapshot.table("public", "t").unwrap().files.len(), 1);
    assert_eq!(committed(&snapshot, "t"), [3]);
}

#[tokio::test]
async fn truncate_removes_all_rows_and_rows_can_follow() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, 0..5);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, 5..7);
    transaction.truncate(id).unwrap();
    append(&mut transaction, id, [9]);
    transaction.commit().await.unwrap();
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [9]);
}

#[tokio::test]
async fn many_rows_in_memory_go_to_a_staged_file_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, 0..60_000);
    append(&mut transaction, id, 60_000..120_000);
    let table = transaction.table_by_id(id).unwrap();
    assert_eq!((table.files.len(), table.batches.len(), table.row_count()), (1, 0, 120_000));
    drop((table, transaction));
    assert_eq!(parquet_files(dir.path()), 0);
}

#[tokio::test]
async fn many_small_appends_are_few_batches() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    for n in 0..200 {
        append(&mut transaction, id, [n]);
    }
    assert!(transaction.table_by_id(id).unwrap().batches.len() <= 64);
    delete(&mut transaction, id, &[0, 63, 64, 199]);
    let expected: Vec<i32> = (0..200).filter(|n| ![0, 63, 64, 199].contains(n)).collect();
    assert_eq!(seen(&transaction, id), expected);
}

#[tokio::test]
async fn statistics_of_a_file_bound_its_values() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [5, -3, 11]);
    transaction.commit().await.unwrap();
    let snapshot = warehouse.snapshot().unwrap();
    let file = &snapshot.table("public", "t").unwrap().files[0];
    let number = &file.statistics[&1];
    assert_eq!((number.min.as_deref(), number.max.as_deref()), (Some("-3"), Some("11")));
    assert_eq!((number.value_count, number.null_count), (3, 0));
    assert_eq!(file.statistics[&2].max.as_deref(), Some("row 5"));
}

#[tokio::test]
async fn rows_that_do_not_fit_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let mut strict = numbers("strict");
    strict.columns[0].nullable = false;
    let strict = transaction.create_table(strict).unwrap();
    let nulls = arrow::array::RecordBatch::try_new(
        numbers("loose").arrow_schema(),
        vec![
            std::sync::Arc::new(arrow::array::Int32Array::from(vec![None])),
            std::sync::Arc::new(arrow::array::StringViewArray::from(vec![Some("x")])),
        ],
    )
    .unwrap();
    let refused = transaction.append(strict.id, vec![nulls]).unwrap_err();
    assert!(matches!(&refused, StorageError::RowsMismatch { table, .. } if table == "strict"), "{refused}");
    assert!(matches!(
        transaction.append(4711, vec![batch(&strict, [1])]),
        Err(StorageError::RelationNotFound(_))
    ));
}

#[tokio::test]
async fn a_transaction_without_changes_makes_no_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    create(&warehouse, &["t"]).await;
    let before = warehouse.snapshot().unwrap().id();
    let transaction = warehouse.begin(TemporaryTables::default()).unwrap();
    assert!(!transaction.has_changes());
    transaction.commit().await.unwrap();
    assert_eq!(warehouse.snapshot().unwrap().id(), before);
}

#[test]
fn handles_can_be_sent_and_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<dwh_storage::Warehouse>();
    shared::<dwh_storage::Transaction>();
    shared::<dwh_storage::Snapshot>();
    fn sent<T: Send>() {}
    sent::<dwh_storage::TableWriter>();
}
