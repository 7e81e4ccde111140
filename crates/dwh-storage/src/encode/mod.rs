//! Encodes rows as Parquet row groups. All columns of a table are flat, text comes as dictionaries where
//! values repeat, and a row group is encoded at once: that allows what a general writer cannot do, above
//! all to write a dictionary as it is instead of hashing each value again.
//!
//! | column | encoding | compression |
//! |---|---|---|
//! | text of repeating values | RLE_DICTIONARY | LZ4_RAW if the dictionary outweighs the codes |
//! | other text, VARBYTE | PLAIN | LZ4_RAW |
//! | whole numbers, dates, times, decimals to 18 digits | DELTA_BINARY_PACKED | none |
//! | REAL, DOUBLE PRECISION, longer decimals, BOOLEAN | PLAIN | none |
//!
//! The format is that of the Parquet specification (apache/parquet-format, `Encodings.md`), with data pages
//! of version 1. The parquet crate writes headers, metadata and footer.

mod bits;
mod chunk;
mod column;
mod delta;
mod levels;
mod numbers;
mod text;

use std::io::Write;

use arrow::array::RecordBatch;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

/// Writes rows as one row group; columns are those of the file's schema, text also as a dictionary.
///
/// # Errors
/// Those of the file, and a column of another type than the file's.
pub(crate) fn write_row_group<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    rows: &RecordBatch,
) -> Result<(), ParquetError> {
    let columns: Vec<_> = file.schema_descr().columns().to_vec();
    let mut group = file.next_row_group()?;
    for (column, array) in columns.into_iter().zip(rows.columns()) {
        let (bytes, close) = column::encode(array, column)?;
        group.append_column(&bytes, close)?;
    }
    group.close()?;
    Ok(())
}

#[cfg(test)]
mod tests;
