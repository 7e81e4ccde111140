//! The history of COPY.

use chrono::{TimeDelta, Utc};

use crate::fixtures::*;
use dwh_storage::{
    LoadErrorRecord, LoadFieldRecord, LoadFileRecord, LoadFindings, LoadRecord, LoadReplacementRecord,
    LoadStatus, StorageError, TransferFaultRecord, Warehouse,
};

fn load(warehouse: &Warehouse) -> LoadRecord {
    LoadRecord {
        query_id: warehouse.query_log().next_query_id(),
        transaction_id: 7,
        session_id: 1,
        user_id: 100,
        database: "dev".to_owned(),
        table_schema: "public".to_owned(),
        table_name: "t".to_owned(),
        table_id: 1,
        status: LoadStatus::Running,
        started_at: chrono::DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
        ended_at: None,
        query_text: "COPY t FROM 's3://b/k'".to_owned(),
        data_source: "s3://b/k".to_owned(),
        file_format: "JSON".to_owned(),
        loaded_rows: 0,
        loaded_bytes: 0,
        source_file_count: 0,
        source_file_bytes: 0,
        error_count: 0,
    }
}

fn file(query_id: i64, name: &str) -> LoadFileRecord {
    LoadFileRecord {
        query_id,
        file_name: name.into(),
        bytes: 10,
        etag: Some("\"e\"".into()),
        rows: 2,
        lines_scanned: 3,
        errors: 1,
        slice: 1,
        started_at: chrono::DateTime::from_timestamp_micros(1_700_000_000_500_000),
        transferred_at: None,
        finished_at: chrono::DateTime::from_timestamp_micros(1_700_000_001_000_000).unwrap(),
    }
}

fn error(query_id: i64, line_number: i64, fields: usize) -> LoadErrorRecord {
    let field = |index| LoadFieldRecord {
        field: index,
        column_name: format!("c{index}"),
        value: "x".to_owned(),
        is_null: index == 0,
        column_type: "int4".to_owned(),
        column_length: String::new(),
    };
    LoadErrorRecord {
        query_id,
        slice: 0,
        table_id: 1,
        started_at: chrono::DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
        session_id: 1,
        file_name: "s3://b/k".to_owned(),
        line_number,
        column_name: "n".to_owned(),
        column_type: "int4".to_owned(),
        column_length: String::new(),
        position: 0,
        raw_line: "{\"n\": \"a\"}".to_owned(),
        raw_field_value: "a".to_owned(),
        err_code: 1207,
        err_reason: "Invalid digit, Value 'a', Pos 0, Type: Integer".to_owned(),
        fields: (0..fields as i32).map(field).collect(),
    }
}

fn replacement(query_id: i64) -> LoadReplacementRecord {
    LoadReplacementRecord {
        query_id,
        file_name: "s3://b/k".to_owned(),
        line_number: 4,
        column_name: "n".to_owned(),
        raw_line: "{\"n\": \"?\"}".to_owned(),
        slice: 1,
    }
}

fn transfer_fault(query_id: i64) -> TransferFaultRecord {
    TransferFaultRecord {
        query_id,
        at: chrono::DateTime::from_timestamp_micros(1_700_000_000_600_000).unwrap(),
        http_method: "GET".to_owned(),
        object_url: "s3://b/k".to_owned(),
        error: "S3ServiceException:Status 503".to_owned(),
    }
}

fn findings(query_id: i64) -> LoadFindings<std::array::IntoIter<LoadFileRecord, 1>> {
    LoadFindings {
        files: [file(query_id, "s3://b/k")].into_iter(),
        errors: vec![error(query_id, 1, 1)],
        replacements: Vec::new(),
        transfer_faults: Vec::new(),
    }
}

#[tokio::test]
async fn the_history_of_a_failed_copy_survives_its_rollback_and_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1]);
    let mut record = load(&warehouse);
    let log = warehouse.load_log();
    log.begin_load(&record).unwrap();
    assert_eq!(log.loads().unwrap(), std::slice::from_ref(&record));

    record.status = LoadStatus::Aborted;
    record.ended_at = Some(record.started_at + TimeDelta::seconds(1));
    record.error_count = 2;
    let files = [file(record.query_id, "s3://b/k1"), file(record.query_id, "s3://b/k2")];
    let errors =
        vec![error(record.query_id, 1, 0), error(record.query_id, 9, 2), error(record.query_id, 10, 1)];
    let replacements = vec![replacement(record.query_id), replacement(record.query_id)];
    let transfer_faults = vec![transfer_fault(record.query_id)];
    let found = LoadFindings {
        files: files.clone().into_iter(),
        errors: errors.clone(),
        replacements: replacements.clone(),
        transfer_faults: transfer_faults.clone(),
    };
    log.finish_load(&record, found).unwrap();
    transaction.rollback();
    drop((log, warehouse));

    let log = open_read_only(dir.path()).load_log();
    assert_eq!(log.loads().unwrap(), [record]);
    assert_eq!(log.files().unwrap(), files);
    assert_eq!(log.errors().unwrap(), errors);
    assert_eq!(log.replacements().unwrap(), replacements);
    assert_eq!(log.transfer_faults().unwrap(), transfer_faults);
}

#[test]
fn query_ids_are_never_given_out_twice() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let first = load(&warehouse);
    warehouse.load_log().begin_load(&first).unwrap();
    drop(warehouse);
    let again = open(dir.path()).query_log().next_query_id();
    assert!(again > first.query_id);
    // The log may be lost; the ids of loads are not given out again.
    std::fs::remove_file(dir.path().join("log.sqlite")).unwrap();
    assert!(open(dir.path()).query_log().next_query_id() > first.query_id);
}

#[test]
fn a_load_that_its_process_did_not_finish_shows_as_aborted() {
    let dir = tempfile::tempdir().unwrap();
    {
        let warehouse = open(dir.path());
        warehouse.load_log().begin_load(&load(&warehouse)).unwrap();
    }
    assert_eq!(open(dir.path()).load_log().loads().unwrap()[0].status, LoadStatus::Aborted);
}

#[test]
fn only_the_newest_ten_thousand_loads_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let log = warehouse.load_log();
    let mut record = load(&warehouse);
    let old = LoadFindings {
        replacements: vec![replacement(1)],
        transfer_faults: vec![transfer_fault(1)],
        ..findings(1)
    };
    log.finish_load(&record, old).unwrap();
    // The ids between need not exist for the count to be one of rows.
    let connection = rusqlite::Connection::open(dir.path().join("catalog.sqlite")).unwrap();
    connection
        .execute_batch(
            "WITH RECURSIVE ids(id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM ids WHERE id < 10000)
             INSERT INTO dwh_load SELECT ids.id, transaction_id, session_id, user_id, database, table_schema,
                 table_name, table_id, status, started_at, ended_at, query_text, data_source, file_format,
                 loaded_rows, loaded_bytes, source_file_count, source_file_bytes, error_count
             FROM dwh_load, ids",
        )
        .unwrap();
    record.query_id = 10_001;
    record.ended_at = Some(Utc::now());
    log.finish_load(&record, findings(10_001)).unwrap();
    assert_eq!(log.loads().unwrap().len(), 10_000);
    assert_eq!(log.loads().unwrap()[0].query_id, 2);
    assert_eq!(log.files().unwrap().len(), 1);
    assert_eq!(log.files_of(10_001).unwrap(), log.files().unwrap());
    assert!(log.files_of(10_000).unwrap().is_empty());
    let errors = log.errors().unwrap();
    assert_eq!((errors.len(), errors[0].fields.len()), (1, 1));
    assert!(log.replacements().unwrap().is_empty());
    assert!(log.transfer_faults().unwrap().is_empty());
}

#[test]
fn a_warehouse_of_an_earlier_version_gets_the_tables_and_columns_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let connection = rusqlite::Connection::open(dir.path().join("catalog.sqlite")).unwrap();
    connection
        .execute_batch(
            "DROP TABLE dwh_load_files;
             INSERT INTO dwh_load_replacement(query_id, file_name, line_number, column_name, raw_line)
                 VALUES (1, 's3://b/k', 4, 'n', '{\"n\": \"?\"}');
             ALTER TABLE dwh_load_replacement DROP COLUMN slice;
             PRAGMA user_version = 0;",
        )
        .unwrap();
    drop(connection);
    let log = open(dir.path()).load_log();
    assert_eq!(log.replacements().unwrap(), [LoadReplacementRecord { slice: 0, ..replacement(1) }]);
    assert!(log.files().unwrap().is_empty());
}

#[test]
fn files_that_an_earlier_version_kept_in_a_row_each_are_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let path = dir.path().join("catalog.sqlite");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(
            "DROP TABLE dwh_load_files;
             CREATE TABLE dwh_counter(name TEXT PRIMARY KEY, next_value INTEGER NOT NULL) WITHOUT ROWID;
             INSERT INTO dwh_counter VALUES ('query', 9);
             CREATE TABLE dwh_load_file(
                 load_file_id INTEGER PRIMARY KEY, query_id INTEGER NOT NULL, file_name TEXT NOT NULL,
                 bytes INTEGER NOT NULL, etag TEXT, rows INTEGER NOT NULL, lines_scanned INTEGER NOT NULL,
                 errors INTEGER NOT NULL, finished_at TEXT NOT NULL);
             INSERT INTO dwh_load_file(query_id, file_name, bytes, etag, rows, lines_scanned, errors, finished_at)
             VALUES (2, 's3://b/1', 10, '\"e\"', 2, 3, 1, '2023-11-14T22:13:21.000000Z'),
                    (1, 's3://b/2', 10, NULL, 2, 3, 1, '2023-11-14T22:13:21.000000Z'),
                    (2, 's3://b/0', 10, '\"e\"', 2, 3, 1, '2023-11-14T22:13:21.000000Z');
             PRAGMA user_version = 0;",
        )
        .unwrap();
    let expected = |query_id, name| LoadFileRecord { slice: 0, started_at: None, ..file(query_id, name) };
    for _ in 0..2 {
        let log = open(dir.path()).load_log();
        assert_eq!(log.files_of(1).unwrap(), [LoadFileRecord { etag: None, ..expected(1, "s3://b/2") }]);
        assert_eq!(log.files_of(2).unwrap(), [expected(2, "s3://b/1"), expected(2, "s3://b/0")]);
    }
    let sql = "SELECT count(*) FROM sqlite_master WHERE name IN ('dwh_load_file', 'dwh_counter')";
    let connection = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn a_reader_cannot_write_history() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let log = open_read_only(dir.path()).load_log();
    let record = load(&open_read_only(dir.path()));
    assert!(matches!(log.begin_load(&record), Err(StorageError::ReadOnly)));
    assert!(log.loads().unwrap().is_empty());
}
