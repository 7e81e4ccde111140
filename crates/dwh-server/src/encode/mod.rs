//! Batches of columns to DataRow messages.

mod binary;
pub(crate) mod numeric;

use arrow::array::{Array, RecordBatch, StringViewArray};
use bytes::{BufMut, BytesMut};
use dwh_common::SqlError;
use dwh_engine::{TextStyle, text_of};

use crate::message::{Format, backend};
use binary::BinaryColumn;
pub(crate) use binary::{EPOCH_DAYS, EPOCH_US};

/// The rows of one batch, ready to be written one by one.
pub(crate) struct Encoder {
    columns: Vec<Column>,
    row_count: usize,
}

enum Column {
    Text(StringViewArray),
    Binary(BinaryColumn),
}

impl Encoder {
    /// # Errors
    /// A column is of a type that cannot be sent.
    pub(crate) fn new(batch: &RecordBatch, formats: &[Format], style: &TextStyle) -> Result<Self, SqlError> {
        let columns = batch.columns().iter().zip(batch.schema_ref().fields()).zip(formats);
        let columns = columns.map(|((array, field), format)| match format {
            Format::Text => text_of(array, style).map(Column::Text),
            Format::Binary => BinaryColumn::new(array, field, style).map(Column::Binary),
        });
        Ok(Self { columns: columns.collect::<Result<_, _>>()?, row_count: batch.num_rows() })
    }

    pub(crate) fn row_count(&self) -> usize {
        self.row_count
    }

    /// Appends the DataRow of a row.
    pub(crate) fn write(&self, row: usize, out: &mut BytesMut) {
        backend::message(out, b'D', |out| {
            out.put_u16(u16::try_from(self.columns.len()).unwrap_or(u16::MAX));
            for column in &self.columns {
                match column {
                    Column::Text(texts) if texts.is_null(row) => out.put_i32(-1),
                    Column::Text(texts) => {
                        let text = texts.value(row);
                        out.put_i32(i32::try_from(text.len()).unwrap_or(i32::MAX));
                        out.put_slice(text.as_bytes());
                    }
                    Column::Binary(column) => column.write(row, out),
                }
            }
        });
    }
}
