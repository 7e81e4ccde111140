use std::ops::Range;

use arrow::array::{Array, ArrayAccessor, ArrayRef, AsArray, DictionaryArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, UInt32Type};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::bits;
use super::chunk::ChunkWriter;
use super::column::{Values, write_chunk, write_pages};
use super::levels::valid_rows;

/// Longer texts are no bounds: they would fill the catalog and prune nothing.
const MAX_BOUND_BYTES: usize = 64;
/// A page of long texts ends when it has grown past this.
const PAGE_BYTES: usize = 1 << 20;
/// So many rows tell whether values repeat.
const SAMPLE_ROWS: usize = 4096;

/// Encodes text and bytes.
pub(super) fn encode(
    array: &ArrayRef,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    match array.data_type() {
        DataType::Dictionary(..) => {
            let codes = array.as_dictionary_opt::<UInt32Type>().ok_or_else(|| other_type(array))?;
            dictionary(codes, column)
        }
        DataType::Binary => plain(array.as_binary::<i32>(), column),
        DataType::Utf8 => plain(array.as_string::<i32>(), column),
        _ if repeats(array)? => {
            let codes = cast(array, &dictionary_type())?;
            dictionary(codes.as_dictionary::<UInt32Type>(), column)
        }
        _ => plain(array.as_string_view(), column),
    }
}

fn dictionary_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8))
}

fn other_type(array: &ArrayRef) -> ParquetError {
    ParquetError::General(format!("no text column is of type {}", array.data_type()))
}

/// Whether a dictionary of the values would be much shorter than they are.
fn repeats(array: &ArrayRef) -> Result<bool, ParquetError> {
    let sample = array.slice(0, array.len().min(SAMPLE_ROWS));
    let codes = cast(&sample, &dictionary_type())?;
    let distinct = codes.as_dictionary::<UInt32Type>().values().len();
    Ok(2 * distinct <= sample.len() - sample.null_count())
}

fn dictionary(
    array: &DictionaryArray<UInt32Type>,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let values = array.values().as_string_opt::<i32>();
    let values =
        values.ok_or_else(|| ParquetError::General("a dictionary of another type than Utf8".to_owned()))?;
    let mut contents = Vec::with_capacity(values.value_data().len() + 4 * values.len());
    for value in values.iter() {
        write_plain(&mut contents, value.unwrap_or_default().as_bytes());
    }
    // A reader may not know what to do with no bits at all.
    let width = bits::width(values.len().saturating_sub(1) as u64).max(1);
    // Codes are as short as they get; a dictionary may be worth compressing.
    let codes_bytes = array.len() * width as usize / 8;
    let mut chunk = ChunkWriter::new(column, contents.len() > codes_bytes);
    chunk.dictionary_page(&contents, values.len())?;
    let mut codes = Codes { array, width, is_used: vec![false; values.len()], scratch: Vec::new() };
    write_pages(&mut chunk, array, &mut codes)?;
    let used =
        codes.is_used.iter().enumerate().filter(|(_, used)| **used).map(|(code, _)| values.value(code));
    chunk.finish(Some(statistics(used, array.null_count())))
}

struct Codes<'a> {
    array: &'a DictionaryArray<UInt32Type>,
    width: u32,
    /// Which values occur: rows that were taken out may have left others behind.
    is_used: Vec<bool>,
    scratch: Vec<u32>,
}

impl Values for Codes<'_> {
    const ENCODING: Encoding = Encoding::RLE_DICTIONARY;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        let keys = self.array.keys();
        self.scratch.clear();
        if keys.null_count() == 0 {
            self.scratch.extend_from_slice(&keys.values()[rows]);
        } else {
            self.scratch.extend(valid_rows(keys.nulls(), rows).map(|row| keys.values()[row]));
        }
        for code in &self.scratch {
            self.is_used[*code as usize] = true;
        }
        bits::write_codes(out, &self.scratch, self.width);
    }
}

fn plain<A>(array: A, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult), ParquetError>
where
    A: ArrayAccessor + Copy,
    A::Item: AsRef<[u8]> + Ord + Copy,
{
    let valid = valid_rows(array.nulls(), 0..array.len()).map(|row| array.value(row));
    let statistics = statistics(valid, array.null_count());
    write_chunk(column, &array, &mut Plain(array), true, Some(statistics))
}

struct Plain<A>(A);

impl<A: ArrayAccessor> Values for Plain<A>
where
    A::Item: AsRef<[u8]>,
{
    const ENCODING: Encoding = Encoding::PLAIN;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        for row in valid_rows(self.0.nulls(), rows) {
            write_plain(out, self.0.value(row).as_ref());
        }
    }

    fn page_end(&self, start: usize, end: usize) -> usize {
        let mut bytes = 0;
        (start..end)
            .find(|row| {
                bytes += if self.0.is_null(*row) { 0 } else { self.0.value(*row).as_ref().len() };
                bytes > PAGE_BYTES
            })
            .map_or(end, |row| row + 1)
    }
}

fn write_plain(out: &mut Vec<u8>, value: &[u8]) {
    // No value comes near 4 GiB: a batch's texts are addressed by 31 bits.
    out.extend_from_slice(&(value.len() as u32).to_le_bytes());
    out.extend_from_slice(value);
}

/// Text sorts as its bytes do.
fn statistics<T: AsRef<[u8]> + Ord + Copy>(values: impl Iterator<Item = T>, nulls: usize) -> Statistics {
    let mut bounds: Option<(T, T)> = None;
    for value in values {
        bounds = Some(match bounds {
            None => (value, value),
            Some((min, max)) => (min.min(value), max.max(value)),
        });
    }
    let bound = |value: T| {
        let bytes = value.as_ref();
        (bytes.len() <= MAX_BOUND_BYTES).then(|| ByteArray::from(bytes.to_vec()))
    };
    let min = bounds.and_then(|(min, _)| bound(min));
    let max = bounds.and_then(|(_, max)| bound(max));
    Statistics::new(min, max, None, Some(nulls as u64), false)
}
