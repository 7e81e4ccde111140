//! Expressions evaluated as the engine would, for tests: lists of (SQL expression, expected text).

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use dwh_common::RedshiftType;

use super::{aggregate_functions, cast, scalar_functions, window_functions};
use crate::typing;

/// A DataFusion session with our functions, planners and rules.
pub(crate) fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1);
    let options = config.options_mut();
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
    let defaults = SessionStateBuilder::new().with_default_features().build();
    let planners = typing::expr_planners().into_iter().chain(defaults.expr_planners().to_vec()).collect();
    let rules = typing::analyzer_rules()
        .into_iter()
        .chain(defaults.analyzer().rules.iter().map(Arc::clone))
        .collect();
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .with_expr_planners(planners)
        .with_analyzer_rules(rules)
        .with_type_planner(typing::type_planner())
        .build();
    let session = SessionContext::new_with_state(state);
    for function in scalar_functions() {
        session.register_udf(Arc::unwrap_or_clone(function));
    }
    for function in aggregate_functions() {
        session.register_udaf(Arc::unwrap_or_clone(function));
    }
    for function in window_functions() {
        session.register_udwf(Arc::unwrap_or_clone(function));
    }
    session
}

/// Runs one query; every row as its values in text, joined by `|`, NULL as `NULL`.
pub(crate) fn rows_in(session: &SessionContext, sql: &str) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let batches = session.sql(sql).await?.collect().await?;
        let mut rows = Vec::new();
        for batch in batches {
            let columns = batch.columns().iter().map(texts).collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let values: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
                rows.push(values.join("|"));
            }
        }
        Ok(rows)
    })
}

fn texts(column: &arrow::array::ArrayRef) -> Result<Vec<String>> {
    let column = match column.data_type() {
        arrow::datatypes::DataType::Boolean => {
            let words = column.as_any().downcast_ref::<arrow::array::BooleanArray>().expect("booleans");
            return Ok(words
                .iter()
                .map(|v| v.map_or("NULL", |v| if v { "t" } else { "f" }).to_owned())
                .collect());
        }
        _ => cast::to_text(column)?,
    };
    Ok((0..column.len())
        .map(|row| if column.is_null(row) { "NULL".to_owned() } else { column.value(row).to_owned() })
        .collect())
}

/// The SQL error's message, or DataFusion's.
pub(crate) fn message(error: &datafusion::error::DataFusionError) -> String {
    super::sql_error_of(error).map_or_else(|| error.to_string(), |known| known.message)
}

/// Checks a list of (expression, expected text).
#[track_caller]
pub(crate) fn assert_values(cases: &[(&str, &str)]) {
    let session = session();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(expression, expected)| {
            let found = match rows_in(&session, &format!("SELECT {expression}")) {
                Ok(rows) => rows.join("\n"),
                Err(error) => format!("error: {}", message(&error)),
            };
            (found != *expected).then(|| format!("{expression}\n  expected {expected}\n  found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A session with a table of these columns; every text is converted to its column's type.
pub(crate) fn session_with(table: &str, columns: &[(&str, RedshiftType, &[Option<&str>])]) -> SessionContext {
    let session = session();
    add_table(&session, table, columns);
    session
}

/// Adds a table to a session.
pub(crate) fn add_table(
    session: &SessionContext,
    table: &str,
    columns: &[(&str, RedshiftType, &[Option<&str>])],
) {
    let fields: Vec<_> = columns.iter().map(|(name, kind, _)| kind.field(*name, true)).collect();
    let arrays = columns
        .iter()
        .map(|(_, kind, values)| {
            let texts: arrow::array::ArrayRef =
                Arc::new(values.iter().copied().collect::<arrow::array::StringViewArray>());
            cast::convert(&texts, *kind, cast::Rule::Assign).expect("test values fit their columns")
        })
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length");
    session.register_batch(table, batch).expect("a free table name");
}
