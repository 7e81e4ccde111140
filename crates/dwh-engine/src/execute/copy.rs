//! COPY: the statement's clauses become a request for `dwh-copy`, its batches go into staged files, its
//! errors into the load history, which keeps them also when the COPY fails (RS 1.14).

use std::sync::Arc;

use arrow::array::RecordBatch;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_copy::{
    BatchSink, CopyError, CopyOptions, CopyOutcome, CopyRequest, S3Access, S3Credentials, SessionClock,
    SinkError, TargetColumn,
};
use dwh_sql::statement::{Authorization, Copy};
use dwh_storage::{ColumnDefinition, LoadRecord, LoadStatus, Table, WriteIntent};

use super::copy_failure::from_copy;
use super::copy_format::{compression, data_format, encoding};
use super::copy_history::{Scanned, begin, finish_log};
use super::insert::{column_sources, named_columns};
use super::rows::{ColumnSource, FinishedLane, IdentityCounter, Lane, RowAssembler, append};
use crate::context::{LastTransfer, StatementContext};
use crate::functions::datetime::zone::Zone;
use crate::result::{Notice, Outcome};

pub(super) async fn execute(context: &mut StatementContext<'_>, copy: &Copy) -> Result<Outcome, SqlError> {
    let table = context.lock_table(&copy.table, WriteIntent::Append).await?;
    let columns = effective_columns(&table, copy)?;
    if let Some(column) = columns.iter().find(|column| column.data_type == RedshiftType::Geometry) {
        return Err(SqlError::unsupported(format!("COPY into the GEOMETRY column \"{}\"", column.name))
            .with_hint("Load the text into a VARCHAR column, then INSERT … SELECT ST_GeomFromText(…)."));
    }
    let request = request(context, copy, &columns)?;
    let given: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut sources = column_sources(context, &table, &given).await?;
    for (source, column) in sources.iter_mut().zip(&table.definition.columns) {
        if let (ColumnSource::Input(index), Some(identity)) =
            (&source, column.identity.filter(|identity| identity.by_default))
        {
            let counter = IdentityCounter::new(context, &table, &column.name, identity)?;
            *source = ColumnSource::InputOrIdentity(*index, Arc::new(counter));
        }
    }
    let assembler = Arc::new(RowAssembler::new(&table, sources));

    let mut load = begin(context, &table, copy, &request.format)?;
    let progress = Arc::clone(&context.copy_progress);
    // Those of a COPY before that did not come to its history.
    progress.take_faults();
    if let Some(log) = context.log {
        log.copies(&progress);
    }
    let stores = context.engine.stores();
    let make_sink = || match copy.no_load {
        true => Ok(Sink(None)),
        false => Lane::new(context, &table, &assembler).map(|lane| Sink(Some(lane))).map_err(SinkError::new),
    };
    let result = dwh_copy::copy(&request, stores, make_sink, progress).await;
    *context.last_copy = LastTransfer { query_id: load.query_id, rows: 0 };

    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => {
            let (objects, errors, error_count) = match &error {
                CopyError::TooManyErrors { objects, errors, error_count } => {
                    (&objects[..], &errors[..], *error_count)
                }
                CopyError::Scan(error) => (&[][..], std::slice::from_ref(&**error), 1),
                _ => (&[][..], &[][..], 0),
            };
            load.status = LoadStatus::Aborted;
            load.error_count = error_count;
            let load_query_id = load.query_id;
            finish_log(context, load, &table, Scanned { objects, errors, replacements: &[] });
            return Err(from_copy(error, &table, load_query_id));
        }
    };
    let rows = match store_rows(context, copy, &table, &assembler, outcome, &mut load) {
        Ok(rows) => rows,
        Err(error) => {
            load.status = LoadStatus::Aborted;
            finish_log(context, load, &table, Scanned::default());
            return Err(error);
        }
    };
    *context.last_copy = LastTransfer { query_id: load.query_id, rows: rows as i64 };
    Ok(Outcome { rows_affected: Some(rows), ..Outcome::done("COPY") })
}

/// Adds the rows to the table unless NOLOAD was said, and writes the load history.
fn store_rows(
    context: &mut StatementContext<'_>,
    copy: &Copy,
    table: &Table,
    assembler: &RowAssembler,
    outcome: CopyOutcome<Sink>,
    load: &mut LoadRecord,
) -> Result<u64, SqlError> {
    let CopyOutcome { sinks, rows_loaded, objects, errors, error_count, rows_replaced, replacements } =
        outcome;
    let lanes = finish(sinks.into_iter().filter_map(|Sink(lane)| lane))?;
    let rows = if copy.no_load { rows_loaded } else { append(context, table, assembler, lanes)? };
    load.status = LoadStatus::Completed;
    load.loaded_rows = if copy.no_load { 0 } else { rows };
    load.error_count = error_count;
    load.loaded_bytes = if copy.no_load { 0 } else { objects.iter().map(|object| object.size_bytes).sum() };
    let scanned = Scanned { objects: &objects, errors: &errors, replacements: &replacements };
    finish_log(context, load.clone(), table, scanned);

    let name = &table.definition.name;
    context.notices.push(Notice::info(format!(
        "Load into table '{name}' completed, {rows} record(s) loaded successfully."
    )));
    if error_count > 0 {
        context.notices.push(Notice::info(format!(
            "Load into table '{name}' completed, {error_count} record(s) could not be loaded.  \
             Check 'stl_load_errors' system table for details."
        )));
    }
    if rows_replaced > 0 {
        context.notices.push(Notice::info(format!(
            "Load into table '{name}' completed, {rows_replaced} record(s) were loaded with replacements made \
             for ACCEPTINVCHARS.  Check 'stl_replacements' system table for details."
        )));
    }
    Ok(if copy.no_load { 0 } else { rows })
}

/// Ends the lanes side by side: each has a row group to encode and a file to sync.
fn finish(lanes: impl Iterator<Item = Lane>) -> Result<Vec<FinishedLane>, SqlError> {
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let ending: Vec<_> = lanes.map(|lane| scope.spawn(move || lane.finish_in_file())).collect();
            let panicked = |_| Err(SqlError::internal("a lane of the COPY panicked"));
            ending.into_iter().map(|lane| lane.join().unwrap_or_else(panicked)).collect()
        })
    })
}

/// A lane of the table as a sink of COPY; with NOLOAD there is none, and rows are checked only.
struct Sink(Option<Lane>);

impl BatchSink for Sink {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        match &mut self.0 {
            Some(lane) => lane.write(&batch).map_err(SinkError::new),
            None => Ok(()),
        }
    }
}

/// The columns that the data fills (RS 1.13).
fn effective_columns(table: &Table, copy: &Copy) -> Result<Vec<ColumnDefinition>, SqlError> {
    let plain_identity =
        |column: &ColumnDefinition| column.identity.is_some_and(|identity| !identity.by_default);
    if copy.columns.is_empty() {
        let fills = |column: &&ColumnDefinition| copy.explicit_ids || !plain_identity(column);
        return Ok(table.definition.columns.iter().filter(fills).cloned().collect());
    }
    let columns = named_columns(table, &copy.columns)?;
    if let Some(column) = columns.iter().find(|column| plain_identity(column) && !copy.explicit_ids) {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("cannot set an identity column to a value: \"{}\"", column.name),
        )
        .with_hint("Leave the column out of the list, or add EXPLICIT_IDS."));
    }
    if copy.explicit_ids && !columns.iter().any(|column| column.identity.is_some()) {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "EXPLICIT_IDS needs the IDENTITY column in the column list",
        ));
    }
    Ok(columns)
}

fn is_default_identity(column: &ColumnDefinition) -> bool {
    column.identity.is_some_and(|identity| identity.by_default)
}

fn request(
    context: &StatementContext<'_>,
    copy: &Copy,
    columns: &[ColumnDefinition],
) -> Result<CopyRequest, SqlError> {
    let S3Access { credentials, region, .. } = s3_access(copy);
    // A default IDENTITY value is generated where none is supplied (RS 1.13).
    let target = |column: &ColumnDefinition| TargetColumn {
        name: column.name.clone(),
        data_type: column.data_type,
        nullable: column.nullable || is_default_identity(column),
    };
    Ok(CopyRequest {
        source: copy.source.clone(),
        manifest: copy.manifest,
        format: data_format(copy, columns)?,
        compression: compression(copy),
        encoding: encoding(copy),
        columns: columns.iter().map(target).collect(),
        options: CopyOptions {
            max_errors: copy.max_errors,
            ignore_all_errors: copy.ignore_all_errors,
            clock: session_clock(context),
            time_format: copy.time_format.clone(),
            date_format: copy.date_format.clone(),
            truncate_columns: copy.truncate_columns,
            blanks_as_null: copy.blanks_as_null,
            empty_as_null: copy.empty_as_null,
            trim_blanks: copy.trim_blanks,
            accept_invalid_chars: copy.accept_invalid_chars,
            accept_any_date: copy.accept_any_date,
            round_decimals: copy.round_decimals,
            ignore_header_lines: copy.ignore_header_lines,
            fill_record: copy.fill_record,
            serialize_to_json: copy.serialize_to_json,
            ..CopyOptions::default()
        },
        credentials,
        region,
    })
}

/// Local time of the session in UTC.
fn session_clock(context: &StatementContext<'_>) -> SessionClock {
    let zone = context.settings.options().text_style().zone;
    if zone == Zone::UTC {
        return SessionClock::default();
    }
    SessionClock::new(move |local| zone.utc_of_local(local))
}

/// Who reads the source of a COPY, and where it lies. The standard credential chain stands for a role
/// (RS 1.4).
pub fn s3_access(copy: &Copy) -> S3Access {
    access(&copy.authorization, copy.region.as_deref())
}

/// The same for the clauses of COPY or UNLOAD.
pub(super) fn access(authorization: &Authorization, region: Option<&str>) -> S3Access {
    let credentials = match authorization {
        Authorization::None | Authorization::IamRole(_) | Authorization::IamRoleDefault => {
            S3Credentials::Chain
        }
        Authorization::Keys { access_key_id, secret_access_key, session_token } => S3Credentials::Keys {
            access_key_id: access_key_id.clone(),
            secret_access_key: secret_access_key.clone(),
            session_token: session_token.clone(),
        },
    };
    S3Access { credentials, region: region.map(str::to_owned), ..S3Access::default() }
}
