//! Warehouses, tables and rows for tests, and a reader of rows that is not the crate's own.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringViewArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::RedshiftType;
use dwh_storage::{
    ColumnDefinition, Mode, OpenOptions, Snapshot, Table, TableAttributes, TableDefinition, TableId,
    TemporaryTables, Transaction, Warehouse,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub(crate) fn open(dir: &Path) -> Warehouse {
    Warehouse::open(dir, OpenOptions::new(Mode::ReadWrite)).expect("the warehouse opens to write")
}

pub(crate) fn open_read_only(dir: &Path) -> Warehouse {
    Warehouse::open(dir, OpenOptions::new(Mode::ReadOnly)).expect("the warehouse opens to read")
}

pub(crate) fn begin(warehouse: &Warehouse) -> Transaction {
    warehouse.begin(TemporaryTables::default()).expect("a transaction begins")
}

pub(crate) fn column(name: &str, data_type: RedshiftType) -> ColumnDefinition {
    ColumnDefinition::new(name, data_type)
}

pub(crate) fn definition(schema: &str, name: &str, columns: Vec<ColumnDefinition>) -> TableDefinition {
    TableDefinition {
        schema: schema.to_owned(),
        name: name.to_owned(),
        columns,
        attributes: TableAttributes::default(),
        comment: None,
        temporary: false,
        materialized: None,
    }
}

/// `public.<name>(n integer, s varchar(20))`.
pub(crate) fn numbers(name: &str) -> TableDefinition {
    let columns = vec![column("n", RedshiftType::Integer), column("s", RedshiftType::Varchar(20))];
    definition("public", name, columns)
}

/// Rows of a table like [`numbers`]: the number and its text.
pub(crate) fn batch(table: &Table, numbers: impl IntoIterator<Item = i32>) -> RecordBatch {
    let numbers: Vec<i32> = numbers.into_iter().collect();
    let texts = StringViewArray::from_iter_values(numbers.iter().map(|n| format!("row {n}")));
    let columns: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(numbers)), Arc::new(texts)];
    RecordBatch::try_new(table.schema(), columns).expect("the rows fit")
}

/// Creates tables like [`numbers`] and commits.
pub(crate) async fn create(warehouse: &Warehouse, names: &[&str]) -> Vec<TableId> {
    let mut transaction = begin(warehouse);
    let ids = names
        .iter()
        .map(|name| transaction.create_table(numbers(name)).expect("the name is free").id)
        .collect();
    transaction.commit().await.expect("it commits");
    ids
}

/// Appends in memory.
pub(crate) fn append(transaction: &mut Transaction, id: TableId, numbers: impl IntoIterator<Item = i32>) {
    let table = transaction.table_by_id(id).expect("the table is there");
    transaction.append(id, vec![batch(&table, numbers)]).expect("the rows are taken");
}

/// Appends through a writer, that is in a staged file.
pub(crate) fn append_file(
    transaction: &mut Transaction,
    id: TableId,
    numbers: impl IntoIterator<Item = i32>,
) {
    let table = transaction.table_by_id(id).expect("the table is there");
    let mut writer = transaction.writer(id).expect("there is a writer");
    writer.write(&batch(&table, numbers)).expect("the rows are written");
    let files = writer.finish().expect("the file is finished");
    transaction.append_files(id, files).expect("the files are taken");
}

/// Deletes the rows whose number is among `numbers`, wherever they are.
pub(crate) fn delete(transaction: &mut Transaction, id: TableId, numbers: &[i32]) {
    let table = transaction.table_by_id(id).expect("the table is there");
    let mut found: Vec<(usize, Vec<u64>)> = Vec::new();
    let wanted: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    for (source, position, row) in addressed_rows(&table) {
        if wanted.contains(&row[0]) {
            found.push((source, vec![position]));
        }
    }
    transaction.delete_rows(id, found).expect("the rows are deleted");
}

/// The numbers of a table like [`numbers`], in order.
pub(crate) fn numbers_in(table: &Table) -> Vec<i32> {
    let mut all: Vec<i32> = rows(table).iter().map(|row| row[0].parse().expect("a number")).collect();
    all.sort_unstable();
    all
}

pub(crate) fn committed(snapshot: &Snapshot, name: &str) -> Vec<i32> {
    numbers_in(snapshot.table("public", name).expect("the table is there"))
}

pub(crate) fn seen(transaction: &Transaction, id: TableId) -> Vec<i32> {
    numbers_in(&transaction.table_by_id(id).expect("the table is there"))
}

/// Rows as text, NULL as `∅`.
pub(crate) fn rows(table: &Table) -> Vec<Vec<String>> {
    addressed_rows(table).into_iter().map(|(_, _, row)| row).collect()
}

fn addressed_rows(table: &Table) -> Vec<(usize, u64, Vec<String>)> {
    let mut all = Vec::new();
    for (source, file) in table.files.iter().enumerate() {
        let handle = File::open(&file.path).expect("the data file is there");
        let reader = ParquetRecordBatchReaderBuilder::try_new(handle).expect("it is Parquet");
        let present = file.columns().expect("it has field ids");
        let deleted = file.deleted.positions().expect("the delete file is there");
        let mut position = 0;
        for batch in reader.build().expect("it can be read") {
            let batch = batch.expect("it can be read");
            let columns: Vec<Option<ArrayRef>> = table
                .definition
                .columns
                .iter()
                .map(|column| present.get(&column.id).map(|place| Arc::clone(batch.column(*place))))
                .collect();
            for row in 0..batch.num_rows() {
                if deleted.binary_search(&position).is_err() {
                    let values = columns.iter().zip(&table.definition.columns);
                    let texts = values.map(|(values, column)| match values {
                        Some(values) => text(values, row),
                        None => text(&table.initial_value(column).expect("it is a value"), 0),
                    });
                    all.push((source, position, texts.collect()));
                }
                position += 1;
            }
        }
        assert_eq!(position, file.rows, "rows in {}", file.path.display());
    }
    for (index, batch) in table.batches.iter().enumerate() {
        for row in 0..batch.num_rows() {
            let texts = batch.columns().iter().map(|values| text(values, row)).collect();
            all.push((table.files.len() + index, row as u64, texts));
        }
    }
    assert_eq!(all.len() as u64, table.row_count(), "row count of {}", table.definition.name);
    all
}

fn text(values: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default().with_null("∅");
    ArrayFormatter::try_new(values, &options).expect("the type can be printed").value(row).to_string()
}

/// Parquet files below a folder.
pub(crate) fn parquet_files(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .map(|path| match path.is_dir() {
            true => parquet_files(&path),
            false => usize::from(path.extension().is_some_and(|extension| extension == "parquet")),
        })
        .sum()
}

/// A snapshot in words, for comparing what one process has in memory with what another reads.
pub(crate) fn describe(snapshot: &Snapshot) -> String {
    let mut text = format!("snapshot {}\n", snapshot.id());
    for schema in snapshot.schemas() {
        text += &format!("schema {} {:?}\n", schema.name, schema.comment);
    }
    for table in snapshot.tables() {
        text +=
            &format!("table {} {:?} {:?}\n", table.id, table.created_at.timestamp_micros(), table.definition);
        for file in &table.files {
            text += &format!(
                "  file {:?} {} rows {} bytes {} deleted {:?} {:?}\n",
                file.id,
                file.path.display(),
                file.rows,
                file.bytes,
                file.deleted.positions().expect("the delete file is there"),
                file.statistics,
            );
        }
        for row in rows(table) {
            text += &format!("  {row:?}\n");
        }
    }
    for view in snapshot.views() {
        text += &format!("view {} {:?}\n", view.id, view.definition);
    }
    text
}
