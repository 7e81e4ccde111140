use std::ops::Range;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::chunk::ChunkWriter;
use super::{levels, numbers, text};

/// Rows in a data page: few enough that a reader skips what it need not decode.
const PAGE_ROWS: usize = 32_768;

/// Encodes one column of a row group.
pub(super) fn encode(
    array: &ArrayRef,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    match array.data_type() {
        DataType::Utf8 | DataType::Utf8View | DataType::Dictionary(..) | DataType::Binary => {
            text::encode(array, column)
        }
        _ => numbers::encode(array, column),
    }
}

/// Values of one type on their way into pages.
pub(super) trait Values {
    /// Their encoding.
    const ENCODING: Encoding;

    /// Appends the values of some rows; NULLs have none.
    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>);

    /// Where a page that begins at a row should end at the latest.
    fn page_end(&self, _start: usize, end: usize) -> usize {
        end
    }
}

/// Writes values as pages.
pub(super) fn write_pages<V: Values>(
    chunk: &mut ChunkWriter,
    array: &dyn Array,
    values: &mut V,
) -> Result<(), ParquetError> {
    let mut contents = Vec::new();
    let mut start = 0;
    while start < array.len() {
        let end = values.page_end(start, array.len().min(start + PAGE_ROWS)).max(start + 1);
        contents.clear();
        if chunk.has_levels() {
            levels::write(&mut contents, array.nulls(), &(start..end));
        }
        values.write(&mut contents, start..end);
        chunk.data_page(&contents, end - start, V::ENCODING)?;
        start = end;
    }
    Ok(())
}

/// Encodes a column whose values need no dictionary. `compress` says whether their pages are worth it.
pub(super) fn write_chunk<V: Values>(
    column: ColumnDescPtr,
    array: &dyn Array,
    values: &mut V,
    compress: bool,
    statistics: Option<Statistics>,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut chunk = ChunkWriter::new(column, compress);
    write_pages(&mut chunk, array, values)?;
    chunk.finish(statistics)
}
