//! An array of objects, one a line. Numbers keep all their digits; NaN and infinities are texts, a SUPER value is the
//! JSON it holds. A label that occurs twice gets `_2`.

use std::collections::HashSet;

use dwh_common::{RedshiftType, SqlError};

use crate::runs::StatementRows;
use crate::warehouse::text;

pub(super) fn write(rows: &StatementRows) -> Result<Vec<u8>, SqlError> {
    let columns = rows.columns.as_deref().unwrap_or_default();
    let mut used = HashSet::new();
    let mut labels = Vec::with_capacity(columns.len());
    for column in columns {
        let mut label = column.name.clone();
        let mut count = 1;
        while !used.insert(label.clone()) {
            count += 1;
            label = format!("{}_{count}", column.name);
        }
        labels.push(quoted(&label)?);
    }
    let mut out = String::from("[");
    let mut first = true;
    for batch in &rows.batches {
        for row in 0..batch.first().map_or(0, arrow::array::Array::len) {
            out.push_str(if std::mem::take(&mut first) { "\n{" } else { ",\n{" });
            for (index, (array, column)) in batch.iter().zip(columns).enumerate() {
                let separator = if index > 0 { ", " } else { "" };
                let value = value(column.data_type, text(array, row))?;
                out.push_str(&format!("{separator}{}: {value}", labels[index]));
            }
            out.push('}');
        }
    }
    out.push_str(if first { "]\n" } else { "\n]\n" });
    Ok(out.into_bytes())
}

fn value(data_type: Option<RedshiftType>, text: Option<&str>) -> Result<String, SqlError> {
    let Some(text) = text else { return Ok("null".to_owned()) };
    match data_type {
        Some(RedshiftType::Boolean) => Ok(if text == "t" { "true" } else { "false" }.to_owned()),
        Some(RedshiftType::Super) => Ok(text.to_owned()),
        Some(
            RedshiftType::SmallInt
            | RedshiftType::Integer
            | RedshiftType::BigInt
            | RedshiftType::Decimal { .. }
            | RedshiftType::Real
            | RedshiftType::Double,
        ) if text.ends_with(|c: char| c.is_ascii_digit()) => Ok(text.to_owned()),
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> Result<String, SqlError> {
    serde_json::to_string(text).map_err(|error| SqlError::internal(format!("a text is no JSON: {error}")))
}
