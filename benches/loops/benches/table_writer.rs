//! Writing batches into Parquet files of a table: `cargo bench -p dwh-benches --bench table_writer`. Throughput is in values.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dwh_common::RedshiftType;
use dwh_storage::{
    ColumnDefinition, OpenOptions, TableAttributes, TableDefinition, TemporaryTables, Warehouse,
};

const ROWS: i32 = 65_536;
const BATCHES: usize = 4;

/// A column by its type and how its values repeat.
type Column = (&'static str, RedshiftType, fn() -> ArrayRef);

fn texts(text: impl Fn(i32) -> String) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values((0..ROWS).map(text)))
}

const COLUMNS: [Column; 5] = [
    ("bigint that grows", RedshiftType::BigInt, || {
        Arc::new(Int64Array::from_iter_values((0..ROWS).map(|n| 1_541_105_830_796 + i64::from(n) * 37)))
    }),
    ("integer of few values", RedshiftType::Integer, || {
        Arc::new(Int32Array::from_iter_values((0..ROWS).map(|n| n % 3)))
    }),
    ("double", RedshiftType::Double, || {
        Arc::new(Float64Array::from_iter_values((0..ROWS).map(|n| f64::from(n % 20_011) * 1.000_01)))
    }),
    ("text of few values", RedshiftType::Varchar(256), || {
        texts(|n| format!("Mozilla/5.0 (Macintosh) {}", n % 40))
    }),
    ("text of many values", RedshiftType::Varchar(256), || {
        texts(|n| format!("The {} of Song", n.wrapping_mul(7_919)))
    }),
];

fn column(name: &str, data_type: RedshiftType) -> ColumnDefinition {
    ColumnDefinition::new(name, data_type)
}

fn definition(columns: &[Column]) -> TableDefinition {
    TableDefinition {
        schema: "public".to_owned(),
        name: "t".to_owned(),
        columns: columns.iter().map(|(name, data_type, _)| column(name, *data_type)).collect(),
        attributes: TableAttributes::default(),
        comment: None,
        temporary: false,
        materialized: None,
    }
}

fn write(criterion: &mut Criterion) {
    let all = ("all five columns", &COLUMNS[..]);
    let each = COLUMNS.iter().map(|column| (column.0, std::slice::from_ref(column)));
    let mut group = criterion.benchmark_group("write and sync");
    for (name, columns) in each.chain([all]) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let warehouse = Warehouse::open(folder.path(), OpenOptions::default()).expect("a warehouse");
        let mut transaction = warehouse.begin(TemporaryTables::default()).expect("a transaction");
        let table = transaction.create_table(definition(columns)).expect("a new table");
        let arrays = columns.iter().map(|(_, _, values)| values()).collect();
        let batch = RecordBatch::try_new(table.schema(), arrays).expect("columns of the table");
        let values = BATCHES * batch.num_rows() * batch.num_columns();
        group.throughput(Throughput::Elements(values as u64)).sample_size(20);
        group.bench_function(name, |bencher| {
            // Files in no table are deleted when they are dropped.
            bencher.iter_with_large_drop(|| {
                let mut writer = transaction.writer(table.id).expect("the table is there");
                for _ in 0..BATCHES {
                    writer.write(&batch).expect("writes");
                }
                writer.finish().expect("finishes")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, write);
criterion_main!(benches);
