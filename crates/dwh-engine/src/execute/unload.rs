//! UNLOAD: the query's plan runs on all its partitions, `dwh-copy` writes each as a slice, and the history
//! keeps what was written (RS 6).

use std::num::NonZero;
use std::sync::Arc;

use arrow::datatypes::DataType;
use chrono::Utc;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Sort};
use datafusion::physical_expr::Partitioning;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, execute_stream_partitioned};
use dwh_common::{RedshiftType, SqlError};
use dwh_copy::unload::{
    BatchStream, FixedWidthColumn, TextOptions, UnloadFormat, UnloadManifest, UnloadOutcome, UnloadRequest,
    unload,
};
use dwh_copy::{OutputCompression, S3Access};
use dwh_sql::statement::{self, Unload};
use dwh_storage::{LoadStatus, StorageError, UnloadFileRecord, UnloadRecord};
use futures::StreamExt;

use super::copy::access;
use crate::context::{LastTransfer, StatementContext};
use crate::error::from_datafusion;
use crate::functions::cast::cast_to;
use crate::plan::{labels, nth_column, result_schema};
use crate::result::{Notice, Outcome, relabel};

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &Unload,
) -> Result<Outcome, SqlError> {
    let plan = context.with_planner(|planner| planner.query((*statement.query).clone()))?;
    let mut plan = sorted_by_partition(context, plan, statement)?;
    if !matches!(statement.format, statement::UnloadFormat::Parquet { .. }) {
        plan = with_texts(context, plan)?;
    }
    let physical = context.physical(&plan).await?;
    let schema = result_schema(plan.schema(), &physical.schema())?;
    let request = request(statement, schema);
    let slices = slices(context, physical, &request)?;

    let record = begin(context, statement)?;
    let query_id = record.as_ref().map_or(-1, |record| record.query_id);
    *context.last_unload = LastTransfer { query_id, rows: 0 };
    let result = unload(&request, context.engine.stores(), slices).await.map_err(SqlError::from);
    if let Some(record) = record {
        finish_log(context, record, result.as_ref());
    }
    let outcome = result?;
    *context.last_unload = LastTransfer { query_id, rows: outcome.rows as i64 };
    let rows = outcome.rows;
    context.notices.push(Notice::info(format!("UNLOAD completed, {rows} record(s) unloaded successfully.")));
    Ok(Outcome { rows_affected: Some(rows), ..Outcome::done("UNLOAD") })
}

/// TIMETZ and INTERVAL in text formats: as the session writes them.
fn with_texts(context: &StatementContext<'_>, plan: LogicalPlan) -> Result<LogicalPlan, SqlError> {
    let is_text = |data_type: &DataType| {
        matches!(RedshiftType::of_arrow(data_type), Some(RedshiftType::TimeTz | RedshiftType::Interval(_)))
    };
    let fields = plan.schema().fields().clone();
    if !fields.iter().any(|field| is_text(field.data_type())) {
        return Ok(plan);
    }
    let columns = plan.schema().columns();
    let projected = columns.into_iter().zip(&fields).map(|(column, field)| {
        let (relation, name) = (column.relation.clone(), column.name.clone());
        match is_text(field.data_type()) {
            true => cast_to(Expr::Column(column), RedshiftType::Varchar(64)).alias_qualified(relation, name),
            false => Expr::Column(column),
        }
    });
    let built = LogicalPlanBuilder::from(plan).project(projected.collect::<Vec<_>>());
    built.and_then(LogicalPlanBuilder::build).map_err(|error| context.submitted_error(&error))
}

/// Rows of one partition come together, so that a slice has one file open; inside a partition they keep the
/// order of the query.
fn sorted_by_partition(
    context: &StatementContext<'_>,
    plan: LogicalPlan,
    statement: &Unload,
) -> Result<LogicalPlan, SqlError> {
    let Some(partitions) = &statement.partitions else { return Ok(plan) };
    let labels = labels(plan.schema());
    // A name that is not there is refused where the request is checked.
    let keys = partitions.columns.iter().filter_map(|name| labels.iter().position(|label| label == name));
    let mut order: Vec<_> = keys.map(|index| nth_column(&plan, index).sort(true, false)).collect();
    let input = match plan {
        LogicalPlan::Sort(Sort { expr, input, fetch: None }) => {
            order.extend(expr);
            Arc::unwrap_or_clone(input)
        }
        other => other,
    };
    if order.is_empty() {
        return Ok(input);
    }
    let sorted = LogicalPlanBuilder::from(input).sort(order).and_then(LogicalPlanBuilder::build);
    sorted.map_err(|error| context.submitted_error(&error))
}

/// The streams of the slices: with PARALLEL one for each partition of the plan, each in the order of the
/// query, without it one for all.
fn slices(
    context: &StatementContext<'_>,
    plan: Arc<dyn ExecutionPlan>,
    request: &UnloadRequest,
) -> Result<Vec<BatchStream>, SqlError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let plan = if request.parallel { spread(plan, cores) } else { gather(plan) };
    let streams = plan.and_then(|plan| execute_stream_partitioned(plan, context.state().task_ctx()));
    let streams = streams.map_err(|error| context.submitted_error(&error))?;
    let slice = |stream: datafusion::physical_plan::SendableRecordBatchStream| {
        let (schema, text) = (request.schema.clone(), context.submitted.to_owned());
        let style = context.settings.options().text_style();
        let batches = stream.map(move |batch| {
            let batch = batch.map_err(|error| from_datafusion(&error, &text));
            batch.and_then(|batch| relabel(&schema, batch, &style)).map_err(Into::into)
        });
        batches.boxed()
    };
    Ok(streams.into_iter().map(slice).collect())
}

/// Leaves out the step that only brings the partitions together; a single unsorted partition is dealt out.
fn spread(plan: Arc<dyn ExecutionPlan>, cores: usize) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
    if let Some(merge) = plan.downcast_ref::<SortPreservingMergeExec>()
        && merge.fetch().is_none()
    {
        return Ok(Arc::clone(merge.input()));
    }
    if let Some(merge) = plan.downcast_ref::<CoalescePartitionsExec>()
        && merge.fetch().is_none()
    {
        return Ok(Arc::clone(merge.input()));
    }
    if plan.output_partitioning().partition_count() > 1 || plan.output_ordering().is_some() {
        return Ok(plan);
    }
    Ok(Arc::new(RepartitionExec::try_new(plan, Partitioning::RoundRobinBatch(cores))?))
}

fn gather(plan: Arc<dyn ExecutionPlan>) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
    if plan.output_partitioning().partition_count() > 1 {
        return Ok(Arc::new(CoalescePartitionsExec::new(plan)));
    }
    Ok(plan)
}

fn request(statement: &Unload, schema: arrow::datatypes::SchemaRef) -> UnloadRequest {
    let text = |delimiter: char, header: bool, null_as: &Option<String>| TextOptions {
        delimiter,
        header,
        null_as: null_as.clone().unwrap_or_default(),
    };
    let format = match &statement.format {
        statement::UnloadFormat::Delimited { delimiter, header, add_quotes, escape, null_as } => {
            UnloadFormat::Delimited {
                text: text(*delimiter, *header, null_as),
                add_quotes: *add_quotes,
                escape: *escape,
            }
        }
        statement::UnloadFormat::FixedWidth { columns, null_as } => UnloadFormat::FixedWidth {
            columns: columns
                .iter()
                .map(|column| FixedWidthColumn { label: column.label.clone(), width: column.width_chars })
                .collect(),
            null_as: null_as.clone().unwrap_or_default(),
        },
        statement::UnloadFormat::Csv { delimiter, header, null_as } => {
            UnloadFormat::Csv(text(*delimiter, *header, null_as))
        }
        statement::UnloadFormat::Json => UnloadFormat::Json,
        statement::UnloadFormat::Parquet { row_group_bytes } => UnloadFormat::Parquet {
            row_group_bytes: row_group_bytes.unwrap_or(UnloadRequest::DEFAULT_ROW_GROUP_BYTES),
        },
    };
    let partitions = statement.partitions.as_ref();
    UnloadRequest {
        destination: statement.destination.clone(),
        access: S3Access {
            kms_key_id: match &statement.encryption {
                statement::UnloadEncryption::KmsKey(key) => Some(key.clone()),
                _ => None,
            },
            ..access(&statement.authorization, statement.region.as_deref())
        },
        schema,
        format,
        compression: match statement.compression {
            statement::UnloadCompression::None => OutputCompression::None,
            statement::UnloadCompression::Gzip => OutputCompression::Gzip,
            statement::UnloadCompression::Bzip2 => OutputCompression::Bzip2,
            statement::UnloadCompression::Zstd => OutputCompression::Zstd,
        },
        partition_columns: partitions.map(|by| by.columns.clone()).unwrap_or_default(),
        include_partition_columns: partitions.is_some_and(|by| by.include),
        manifest: match statement.manifest {
            statement::UnloadManifest::None => UnloadManifest::None,
            statement::UnloadManifest::Plain => UnloadManifest::Plain,
            statement::UnloadManifest::Verbose => UnloadManifest::Verbose,
        },
        parallel: statement.parallel,
        max_file_bytes: statement.max_file_bytes.unwrap_or(UnloadRequest::DEFAULT_MAX_FILE_BYTES),
        extension: statement.extension.clone(),
        allow_overwrite: statement.allow_overwrite,
        clean_path: statement.clean_path,
    }
}

/// The beginning of the history's record; a warehouse that is only read keeps none.
fn begin(context: &StatementContext<'_>, statement: &Unload) -> Result<Option<UnloadRecord>, SqlError> {
    let log = context.engine.warehouse().load_log();
    let file_format = match statement.format {
        statement::UnloadFormat::Delimited { .. } | statement::UnloadFormat::FixedWidth { .. } => "Text",
        statement::UnloadFormat::Csv { .. } => "CSV",
        statement::UnloadFormat::Json => "JSON",
        statement::UnloadFormat::Parquet { .. } => "Parquet",
    };
    let compression = match statement.compression {
        _ if file_format == "Parquet" => "snappy",
        statement::UnloadCompression::None => "none",
        statement::UnloadCompression::Gzip => "gzip",
        statement::UnloadCompression::Bzip2 => "bzip2",
        statement::UnloadCompression::Zstd => "zstd",
    };
    let record = UnloadRecord {
        query_id: context.query_id(),
        transaction_id: context.transaction.id() as i64,
        session_id: context.session_id,
        user_id: i32::try_from(context.user_id).unwrap_or_default(),
        database: context.engine.database().to_owned(),
        status: LoadStatus::Running,
        started_at: context.statement_start,
        ended_at: None,
        query_text: context.text.to_owned(),
        file_format: file_format.to_owned(),
        compression: compression.to_owned(),
        destination: statement.destination.clone(),
        unloaded_rows: 0,
        unloaded_files: 0,
        unloaded_bytes: 0,
        error_message: String::new(),
    };
    match log.begin_unload(&record) {
        Err(StorageError::ReadOnly) => Ok(None),
        begun => begun.map(|()| Some(record)).map_err(SqlError::from),
    }
}

/// Writes the end of an UNLOAD to the history; if that fails the files are there all the same, and the log
/// says so.
fn finish_log(
    context: &StatementContext<'_>,
    mut record: UnloadRecord,
    result: Result<&UnloadOutcome, &SqlError>,
) {
    record.ended_at = Some(Utc::now());
    let mut files = Vec::new();
    match result {
        Ok(outcome) => {
            record.status = LoadStatus::Completed;
            record.unloaded_rows = outcome.rows;
            record.unloaded_files = outcome.files.len() as u64;
            record.unloaded_bytes = outcome.files.iter().map(|file| file.bytes).sum();
            files.extend(outcome.files.iter().map(|file| UnloadFileRecord {
                query_id: record.query_id,
                slice: i32::try_from(file.slice).unwrap_or(i32::MAX),
                file_name: file.url.clone(),
                rows: file.rows,
                bytes: file.bytes,
            }));
        }
        Err(error) => {
            record.status = LoadStatus::Aborted;
            record.error_message = error.message.clone();
        }
    }
    if let Err(error) = context.engine.warehouse().load_log().finish_unload(&record, &files) {
        tracing::warn!(query_id = record.query_id, %error, "the history of UNLOAD was not written");
    }
}
