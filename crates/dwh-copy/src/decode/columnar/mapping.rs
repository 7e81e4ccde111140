//! Which column of a file goes into which column of the table, and whether it can.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use dwh_common::RedshiftType;

use super::convert::convert;
use super::fault::Fault;
use super::json;
use crate::convert::Rules;
use crate::load_error::code;
use crate::request::TargetColumn;

/// The columns of one file as those of the table, by position (RS 1.9).
pub(super) struct Mapping {
    columns: Arc<[TargetColumn]>,
    schema: SchemaRef,
    /// Which of them are JSON in the file.
    json_columns: Vec<bool>,
    /// Columns that the file has; the ones behind them are NULL (FILLRECORD).
    given: usize,
}

impl Mapping {
    /// # Errors
    /// Too many or too few columns, and types that do not go together.
    pub(super) fn new(
        columns: &Arc<[TargetColumn]>,
        file: &Schema,
        json_columns: Vec<bool>,
        fill_record: bool,
    ) -> Result<Self, Fault> {
        let given = file.fields().len();
        if given > columns.len() || (given < columns.len() && !fill_record) {
            return Err(Fault::unmatched_columns(columns.len(), given));
        }
        for (index, (column, field)) in columns.iter().zip(file.fields()).enumerate() {
            if !is_compatible(field.data_type(), column.data_type) {
                return Err(Fault::incompatible(index, field, column.data_type));
            }
        }
        let fields: Vec<_> =
            columns.iter().map(|column| column.data_type.field(&column.name, column.nullable)).collect();
        Ok(Self { columns: Arc::clone(columns), schema: Arc::new(Schema::new(fields)), json_columns, given })
    }

    /// The batch in the table's types, and the rows in which ACCEPTINVCHARS replaced something, each with
    /// its first such column.
    ///
    /// # Errors
    /// The first value that does not fit.
    pub(super) fn convert(
        &self,
        batch: &RecordBatch,
        rules: &Rules,
    ) -> Result<(RecordBatch, Vec<(usize, usize)>), Fault> {
        let rows = batch.num_rows();
        let mut arrays = Vec::with_capacity(self.columns.len());
        let mut replaced = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            let array = if index < self.given {
                let mut replaced_rows = Vec::new();
                let array = match column.data_type {
                    RedshiftType::Super if self.json_columns.get(index) == Some(&true) => {
                        json::parsed(batch.column(index)).map_err(|fault| fault.of_column(index))?
                    }
                    _ => convert(index, column, batch.column(index), rules, &mut replaced_rows)?,
                };
                replaced.extend(replaced_rows.into_iter().map(|row| (row, index)));
                array
            } else {
                new_null_array(&column.data_type.arrow_type(), rows)
            };
            if !column.nullable && array.null_count() > 0 {
                let row = (0..rows).find(|row| array.is_null(*row));
                let fault = Fault::of_file("Missing data for not-null field".to_owned());
                return Err(Fault { code: code::NOT_NULL, column: Some(index), row, ..fault });
            }
            arrays.push(array);
        }
        replaced.sort_unstable();
        replaced.dedup_by_key(|(row, _)| *row);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options);
        Ok((batch.map_err(|error| Fault::of_file(error.to_string()))?, replaced))
    }
}

/// Whether the scan layer reads values of a file's type into a column: the same kind of value, and no
/// narrower. Files know no SMALLINT apart from annotated 32-bit numbers, so those are taken for it.
fn is_compatible(file: &DataType, column: RedshiftType) -> bool {
    use DataType as File;
    use RedshiftType as Column;
    match (column, file) {
        // A column without any value.
        (_, File::Null) | (Column::Super, _) => true,
        (Column::SmallInt, File::Int8 | File::UInt8 | File::Int16 | File::UInt16 | File::Int32) => true,
        (Column::Integer, File::Int8 | File::UInt8 | File::Int16 | File::UInt16 | File::Int32) => true,
        (Column::BigInt, _) => file.is_integer(),
        (Column::Decimal { scale, .. }, File::Decimal128(_, given) | File::Decimal256(_, given)) => {
            i16::from(*given) <= i16::from(scale)
        }
        (Column::Real, File::Float32) | (Column::Double, File::Float32 | File::Float64) => true,
        (Column::Boolean, File::Boolean) => true,
        (Column::Char(_) | Column::Varchar(_), _) => is_text(file),
        (Column::Date, File::Date32 | File::Date64) => true,
        (Column::Time | Column::TimeTz, File::Time32(_) | File::Time64(_)) => true,
        // Months, microseconds.
        (Column::Interval(unit), File::Int32) => unit.is_year_to_month(),
        (Column::Interval(unit), File::Int64) => !unit.is_year_to_month(),
        (Column::Timestamp | Column::TimestampTz, File::Timestamp(..)) => true,
        (
            Column::Varbyte(_),
            File::Binary | File::LargeBinary | File::BinaryView | File::FixedSizeBinary(_),
        ) => true,
        _ => false,
    }
}

fn is_text(file: &DataType) -> bool {
    match file {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, TimeUnit};
    use dwh_common::RedshiftType;

    use super::is_compatible;

    #[test]
    fn numbers_widen_and_never_narrow() {
        let decimal = RedshiftType::Decimal { precision: 10, scale: 2 };
        assert!(is_compatible(&DataType::Int32, RedshiftType::BigInt));
        assert!(!is_compatible(&DataType::Int64, RedshiftType::Integer));
        assert!(is_compatible(&DataType::Float32, RedshiftType::Double));
        assert!(!is_compatible(&DataType::Float64, RedshiftType::Real));
        assert!(is_compatible(&DataType::Decimal128(18, 1), decimal));
        assert!(!is_compatible(&DataType::Decimal128(5, 3), decimal));
        assert!(!is_compatible(&DataType::Int32, decimal));
    }

    #[test]
    fn kinds_of_values_do_not_mix() {
        assert!(!is_compatible(&DataType::Utf8, RedshiftType::Date));
        assert!(!is_compatible(&DataType::Int64, RedshiftType::Varchar(20)));
        assert!(!is_compatible(&DataType::Int64, RedshiftType::Timestamp));
        assert!(is_compatible(&DataType::Binary, RedshiftType::Varchar(20)));
        assert!(is_compatible(&DataType::Timestamp(TimeUnit::Millisecond, None), RedshiftType::TimestampTz));
    }
}
