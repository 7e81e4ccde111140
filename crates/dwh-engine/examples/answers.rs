//! Answers SQL line by line, for scripts that compare dwh with other engines.
//!
//! ```text
//! answers WAREHOUSE < requests > answers
//! ```
//!
//! A request is a JSON string, one a line: the SQL of one statement or of several. Its answer is one line of
//! JSON: `{"seconds": 0.01, "columns": [["name", "type"], …], "rows": [["text" or null, …], …]}`, with no
//! columns for a statement without rows, or `{"error": "message", "state": "42703"}`. The session is the same
//! for all requests and goes on behind an error.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::RedshiftType;
use dwh_engine::{Engine, EngineOptions, ResultSet, SessionOptions};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let warehouse = std::env::args().nth(1).ok_or("usage: answers WAREHOUSE < requests")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let session = Engine::open(EngineOptions::new(warehouse))?.session(SessionOptions::default());
        let mut out = io::stdout().lock();
        for line in io::stdin().lock().lines() {
            let sql: String = serde_json::from_str(&line?)?;
            let start = Instant::now();
            let answered = session.execute(&sql).await;
            let seconds = start.elapsed().as_secs_f64();
            let answer = match answered {
                Ok(results) => {
                    let result = results.into_iter().next_back().and_then(|last| last.result);
                    let (columns, rows) = result.as_ref().map_or(Ok(Default::default()), table)?;
                    json!({"seconds": seconds, "columns": columns, "rows": rows})
                }
                Err(error) => json!({"error": error.message, "state": error.state.code()}),
            };
            writeln!(out, "{answer}")?;
            out.flush()?;
        }
        Ok(())
    })
}

type Table = (Vec<Value>, Vec<Value>);

/// Names and types of a result's columns, and its rows as texts.
fn table(result: &ResultSet) -> Result<Table, Box<dyn std::error::Error>> {
    let columns = result.schema.fields().iter().map(|field| {
        let data_type = RedshiftType::of_field(field).map(|known| known.to_string());
        json!([field.name(), data_type.unwrap_or_else(|| field.data_type().to_string())])
    });
    let mut rows = Vec::new();
    for batch in &result.batches {
        rows.extend(texts(batch)?);
    }
    Ok((columns.collect(), rows))
}

fn texts(batch: &RecordBatch) -> Result<Vec<Value>, arrow::error::ArrowError> {
    let options = FormatOptions::default()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"));
    let columns = batch.columns().iter().map(|column| {
        ArrayFormatter::try_new(column.as_ref(), &options).map(|formatter| (column, formatter))
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let value = |row: usize| {
        let values = columns.iter().map(|(column, formatter)| match column.data_type() {
            _ if column.is_null(row) => Ok(Value::Null),
            DataType::Boolean => {
                Ok(json!(if formatter.value(row).try_to_string()? == "true" { "t" } else { "f" }))
            }
            _ => formatter.value(row).try_to_string().map(Value::String),
        });
        values.collect::<Result<Vec<_>, _>>().map(Value::Array)
    };
    (0..batch.num_rows()).map(value).collect()
}
