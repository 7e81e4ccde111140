use std::ops::Range;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, ToByteSlice,
};
use bytes::Bytes;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::column::{Values, write_chunk};
use super::delta::{self, Size};
use super::levels::valid_rows;

/// Encodes numbers, dates, times and booleans.
pub(super) fn encode(
    array: &ArrayRef,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    match array.data_type() {
        DataType::Int16 => whole(array.as_primitive::<Int16Type>(), column, i64::from),
        DataType::Int32 => whole(array.as_primitive::<Int32Type>(), column, i64::from),
        DataType::Int64 => whole(array.as_primitive::<Int64Type>(), column, |value| value),
        DataType::Date32 => whole(array.as_primitive::<Date32Type>(), column, i64::from),
        DataType::Time64(_) => whole(array.as_primitive::<Time64MicrosecondType>(), column, |value| value),
        DataType::Timestamp(..) => {
            whole(array.as_primitive::<TimestampMicrosecondType>(), column, |value| value)
        }
        DataType::Decimal128(..) => {
            let decimals = array.as_primitive::<Decimal128Type>();
            match column.physical_type() {
                // The precision says that they fit.
                PhysicalType::INT32 | PhysicalType::INT64 => whole(decimals, column, |value| value as i64),
                _ => long_decimals(decimals, column),
            }
        }
        DataType::Float32 => floats(array.as_primitive::<Float32Type>(), column),
        DataType::Float64 => floats(array.as_primitive::<Float64Type>(), column),
        DataType::Boolean => booleans(array.as_boolean(), column),
        other => Err(ParquetError::General(format!("no table has a column of type {other}"))),
    }
}

fn whole<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    column: ColumnDescPtr,
    number: impl Fn(T::Native) -> i64 + Copy,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let size = match column.physical_type() {
        PhysicalType::INT32 => Size::Bits32,
        _ => Size::Bits64,
    };
    let bounds = bounds(array).map(|(min, max)| (number(min), number(max)));
    let (min, max) = bounds.unzip();
    let nulls = Some(array.null_count() as u64);
    let statistics = match size {
        Size::Bits32 => {
            let narrow = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
            Statistics::new(narrow(min), narrow(max), None, nulls, false)
        }
        Size::Bits64 => Statistics::new(min, max, None, nulls, false),
    };
    let mut values = Whole { array, number, size, scratch: Vec::new() };
    write_chunk(column, array, &mut values, false, Some(statistics))
}

struct Whole<'a, T: ArrowPrimitiveType, F> {
    array: &'a PrimitiveArray<T>,
    number: F,
    size: Size,
    scratch: Vec<i64>,
}

impl<T: ArrowPrimitiveType, F: Fn(T::Native) -> i64 + Copy> Values for Whole<'_, T, F> {
    const ENCODING: Encoding = Encoding::DELTA_BINARY_PACKED;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        let values = self.array.values();
        self.scratch.clear();
        if self.array.null_count() == 0 {
            self.scratch.extend(values[rows].iter().map(|value| (self.number)(*value)));
        } else {
            let numbers = valid_rows(self.array.nulls(), rows).map(|row| (self.number)(values[row]));
            self.scratch.extend(numbers);
        }
        delta::write(out, &self.scratch, self.size);
    }
}

/// Floating-point columns have no statistics in the file: see [`crate::statistics::FloatStatistics`].
fn floats<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    write_chunk(column, array, &mut Fixed(array), false, None)
}

/// Numbers as they are in memory, little-endian.
struct Fixed<'a, T: ArrowPrimitiveType>(&'a PrimitiveArray<T>);

impl<T: ArrowPrimitiveType> Values for Fixed<'_, T> {
    const ENCODING: Encoding = Encoding::PLAIN;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        let values = self.0.values();
        if self.0.null_count() == 0 {
            out.extend_from_slice(values[rows].to_byte_slice());
        } else {
            for row in valid_rows(self.0.nulls(), rows) {
                out.extend_from_slice(values[row..=row].to_byte_slice());
            }
        }
    }
}

fn long_decimals(
    array: &PrimitiveArray<Decimal128Type>,
    column: ColumnDescPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let length = usize::try_from(column.type_length()).unwrap_or(16);
    let bytes =
        |value: i128| FixedLenByteArray::from(ByteArray::from(value.to_be_bytes()[16 - length..].to_vec()));
    let (min, max) = bounds(array).map(|(min, max)| (bytes(min), bytes(max))).unzip();
    let statistics = Statistics::new(min, max, None, Some(array.null_count() as u64), false);
    write_chunk(column, array, &mut LongDecimals { array, length }, false, Some(statistics))
}

/// Big-endian numbers of so many bytes.
struct LongDecimals<'a> {
    array: &'a PrimitiveArray<Decimal128Type>,
    length: usize,
}

impl Values for LongDecimals<'_> {
    const ENCODING: Encoding = Encoding::PLAIN;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        for row in valid_rows(self.array.nulls(), rows) {
            out.extend_from_slice(&self.array.value(row).to_be_bytes()[16 - self.length..]);
        }
    }
}

fn booleans(array: &BooleanArray, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let valid = || valid_rows(array.nulls(), 0..array.len()).map(|row| array.value(row));
    let (min, max) = (valid().min(), valid().max());
    let statistics = Statistics::new(min, max, None, Some(array.null_count() as u64), false);
    write_chunk(column, array, &mut Booleans(array), false, Some(statistics))
}

/// One bit a value, the lowest first.
struct Booleans<'a>(&'a BooleanArray);

impl Values for Booleans<'_> {
    const ENCODING: Encoding = Encoding::PLAIN;

    fn write(&mut self, out: &mut Vec<u8>, rows: Range<usize>) {
        let (mut byte, mut bits) = (0, 0);
        for row in valid_rows(self.0.nulls(), rows) {
            byte |= u8::from(self.0.value(row)) << bits;
            bits += 1;
            if bits == 8 {
                out.push(byte);
                (byte, bits) = (0, 0);
            }
        }
        if bits > 0 {
            out.push(byte);
        }
    }
}

/// Smallest and largest value.
fn bounds<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Option<(T::Native, T::Native)>
where
    T::Native: PartialOrd,
{
    arrow::compute::min(array).zip(arrow::compute::max(array))
}
