//! ANALYZE COMPRESSION: the encoding that each column would get, and what it would save.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, RecordBatch, StringViewArray};
use arrow::datatypes::Schema;
use dwh_common::{RedshiftType, SqlError};
use dwh_sql::statement::TableName;
use dwh_storage::{ColumnDefinition, Table};

use super::insert::named_column;
use crate::context::StatementContext;
use crate::result::{Outcome, Rows};

const EST_REDUCTION: RedshiftType = RedshiftType::Decimal { precision: 5, scale: 2 };

/// Columns of the guide's page ANALYZE COMPRESSION: `Table`, `Column`, `Encoding`, `Est_reduction_pct`.
/// The reduction is measured: the encoded bytes of the data files against those of plain values.
pub(super) fn execute(
    context: &StatementContext<'_>,
    name: Option<&TableName>,
    columns: &[String],
) -> Result<Outcome, SqlError> {
    let tables = match name {
        Some(name) => vec![context.names().table(name)?],
        None => {
            context.transaction.tables().into_iter().filter(|table| !table.definition.temporary).collect()
        }
    };
    let mut lines = Vec::new();
    for table in &tables {
        columns.iter().try_for_each(|column| named_column(table, column).map(drop))?;
        let encoded = encoded_bytes(table);
        for column in &table.definition.columns {
            // The guide's second example shows the columns that are not asked for, too.
            let (encoding, percent) = match columns.is_empty() || columns.contains(&column.name) {
                true => (proposed(column), reduction_percent(table, column, &encoded)),
                false => ("N/A", 0.0),
            };
            lines.push((table.definition.name.as_str(), column.name.as_str(), encoding, percent));
        }
    }
    let text = |values: Vec<&str>| Arc::new(StringViewArray::from_iter_values(values)) as ArrayRef;
    let reductions = lines.iter().map(|(.., percent)| (percent * 100.0).round() as i128);
    let reductions = Decimal128Array::from_iter_values(reductions)
        .with_precision_and_scale(5, 2)
        .map_err(|error| SqlError::internal(error.to_string()))?;
    let fields = [
        RedshiftType::Char(128).field("table", false),
        RedshiftType::Char(128).field("column", false),
        RedshiftType::Char(32).field("encoding", false),
        EST_REDUCTION.field("est_reduction_pct", false),
    ];
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(fields.to_vec())),
        vec![
            text(lines.iter().map(|(table, ..)| *table).collect()),
            text(lines.iter().map(|(_, column, ..)| *column).collect()),
            text(lines.iter().map(|(_, _, encoding, _)| *encoding).collect()),
            Arc::new(reductions),
        ],
    );
    let batch = batch.map_err(|error| SqlError::internal(error.to_string()))?;
    Ok(Outcome::rows("ANALYZE COMPRESSION", Rows::in_memory(batch, context.submitted)?))
}

/// What Redshift's automatic choice would be for a column that is no sort key (the guide's page
/// "Compression encodings").
pub(crate) fn proposed(column: &ColumnDefinition) -> &'static str {
    match column.data_type {
        RedshiftType::Boolean => "raw",
        RedshiftType::Real | RedshiftType::Double | RedshiftType::Super => "zstd",
        RedshiftType::Char(_) | RedshiftType::Varchar(_) | RedshiftType::Varbyte(_) => "zstd",
        _ => "az64",
    }
}

/// Bytes of each column in the data files.
fn encoded_bytes(table: &Table) -> BTreeMap<i64, u64> {
    let mut bytes = BTreeMap::new();
    for file in &table.files {
        for (column, statistics) in file.statistics.iter() {
            *bytes.entry(*column).or_default() += statistics.size_bytes;
        }
    }
    bytes
}

fn reduction_percent(table: &Table, column: &ColumnDefinition, encoded: &BTreeMap<i64, u64>) -> f64 {
    let rows: u64 = table.files.iter().map(|file| file.rows).sum();
    let width = match column.data_type {
        RedshiftType::Boolean => 1,
        RedshiftType::SmallInt => 2,
        RedshiftType::Integer | RedshiftType::Real | RedshiftType::Date => 4,
        RedshiftType::Decimal { precision, .. } if precision > 19 => 16,
        RedshiftType::Char(length) => u64::from(length),
        // The plain size of text of any length is not kept.
        RedshiftType::Varchar(_) | RedshiftType::Varbyte(_) | RedshiftType::Super => return 0.0,
        _ => 8,
    };
    let plain = rows * width;
    let encoded = encoded.get(&column.id).copied().unwrap_or(plain);
    if plain == 0 || encoded >= plain { 0.0 } else { 100.0 * (1.0 - encoded as f64 / plain as f64) }
}
