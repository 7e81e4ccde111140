//! The loader without the SQL engine, for profiles and figures: one COPY into a staging table that is there, durable.
//! It compiles in a tenth of the time of the whole program, and a sampling profiler sees nothing else.
//!
//! `dwh init --data DATA && dwh tables create`, then
//! `cargo run --release -p dwh-benches --example load events warehouse DATA` (or `songs`).

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use arrow::array::{Array, Int64Array, RecordBatch};
use arrow::datatypes::Schema;
use chrono::Utc;
use dwh_copy::{
    BatchSink, Compression, CopyOptions, CopyOutcome, CopyRequest, DataFormat, Encoding, JsonFormat,
    Progress, S3Credentials, SinkError, StoreSettings, Stores, TargetColumn, copy,
};
use dwh_storage::{
    ColumnDefinition, LoadFileRecord, LoadFindings, LoadLog, LoadRecord, LoadStatus, OpenOptions, StagedFile,
    Table, TableWriter, TemporaryTables, Warehouse,
};

/// Writes the rows, with numbers for the IDENTITY column if the table has one.
struct Sink {
    writer: TableWriter,
    table: Arc<Table>,
    next_id: Arc<AtomicI64>,
}

impl BatchSink for Sink {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        let rows = batch.num_rows() as i64;
        let mut columns = batch.columns().to_vec();
        if let Some(index) = self.table.definition.columns.iter().position(is_identity) {
            let first = self.next_id.fetch_add(rows, Ordering::Relaxed);
            columns.insert(index, Arc::new(Int64Array::from_iter_values(first..first + rows)));
        }
        let fields = self.table.definition.columns.iter().zip(&columns).map(|(column, array)| {
            column.data_type.field(&column.name, column.nullable).with_data_type(array.data_type().clone())
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(schema, columns).map_err(SinkError::new)?;
        self.writer.write(&batch).map_err(SinkError::new)
    }
}

fn is_identity(column: &ColumnDefinition) -> bool {
    column.identity.is_some()
}

fn request(what: &str, data: &str, table: &Table) -> CopyRequest {
    let (folder, format) = match what {
        "events" => ("log_data", JsonFormat::JsonPaths(format!("{data}/log_json_path.json"))),
        _ => ("song_data", JsonFormat::Auto),
    };
    let columns = table.definition.columns.iter().filter(|column| !is_identity(column)).map(|column| {
        TargetColumn { name: column.name.clone(), data_type: column.data_type, nullable: column.nullable }
    });
    CopyRequest {
        source: format!("{data}/{folder}"),
        manifest: false,
        format: DataFormat::Json(format),
        compression: Compression::None,
        encoding: Encoding::Utf8,
        columns: columns.collect(),
        options: CopyOptions::default(),
        credentials: S3Credentials::Chain,
        region: None,
    }
}

/// Writes the history as the engine does.
fn log(
    log: &LoadLog,
    query_id: i64,
    table: &Table,
    outcome: &CopyOutcome<Sink>,
) -> Result<(), Box<dyn Error>> {
    let now = Utc::now();
    let load = LoadRecord {
        query_id,
        transaction_id: 1,
        session_id: 1,
        user_id: 100,
        database: "dev".to_owned(),
        table_schema: table.definition.schema.clone(),
        table_name: table.definition.name.clone(),
        table_id: table.id,
        status: LoadStatus::Completed,
        started_at: now,
        ended_at: Some(now),
        query_text: "COPY".to_owned(),
        data_source: String::new(),
        file_format: "JSON".to_owned(),
        loaded_rows: outcome.rows_loaded,
        loaded_bytes: 0,
        source_file_count: outcome.objects.len() as u64,
        source_file_bytes: 0,
        error_count: 0,
    };
    log.begin_load(&load)?;
    let files = outcome.objects.iter().map(|object| LoadFileRecord {
        query_id,
        file_name: Arc::clone(&object.url),
        bytes: object.size_bytes,
        etag: object.etag.clone(),
        rows: object.rows,
        lines_scanned: object.lines_scanned,
        errors: object.errors,
        slice: object.slice,
        started_at: object.started_at,
        transferred_at: object.transferred_at,
        finished_at: object.finished_at.unwrap_or(now),
    });
    let found =
        LoadFindings { files, errors: Vec::new(), replacements: Vec::new(), transfer_faults: Vec::new() };
    Ok(log.finish_load(&load, found)?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, warehouse, data] = arguments.as_slice() else {
        return Err("give events or songs, the warehouse and the data".into());
    };
    let started = Instant::now();
    let warehouse = Warehouse::open(Path::new(warehouse), OpenOptions::default())?;
    let mut transaction = warehouse.begin(TemporaryTables::default())?;
    let table = transaction.table("public", &format!("staging_{what}")).ok_or("no such staging table")?;
    let stores = Stores::new(StoreSettings::default());
    let next_id = Arc::new(AtomicI64::new(0));
    let make_sink = || {
        let writer = transaction.writer(table.id).map_err(SinkError::new)?;
        Ok(Sink { writer, table: Arc::clone(&table), next_id: Arc::clone(&next_id) })
    };
    let mut outcome =
        copy(&request(what, data, &table), &stores, make_sink, Arc::new(Progress::default())).await?;
    let copied = started.elapsed();
    log(&warehouse.load_log(), warehouse.query_log().next_query_id(), &table, &outcome)?;
    let sinks = std::mem::take(&mut outcome.sinks);
    let files: Vec<Vec<StagedFile>> = std::thread::scope(|scope| {
        let ending: Vec<_> =
            sinks.into_iter().map(|sink| scope.spawn(move || sink.writer.finish())).collect();
        ending
            .into_iter()
            .map(|lane| lane.join().map_err(|_| "a writer panicked")?.map_err(Box::<dyn Error>::from))
            .collect::<Result<_, Box<dyn Error>>>()
    })?;
    for files in files {
        transaction.append_files(table.id, files)?;
    }
    transaction.commit().await?;
    println!(
        "{} rows of {} objects: {:.3} s, of which {:.3} s until all was decoded",
        outcome.rows_loaded,
        outcome.objects.len(),
        started.elapsed().as_secs_f64(),
        copied.as_secs_f64(),
    );
    Ok(())
}
