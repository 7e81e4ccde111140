//! Values in PostgreSQL's binary format, big-endian.

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, ListArray, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, Field, Float32Type, Float64Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use bytes::{BufMut, BytesMut};
use dwh_common::{RedshiftType, SqlError};
use dwh_engine::{TextStyle, text_of};

use super::numeric;
use crate::types::WireType;

/// Days from 1970 to 2000, where PostgreSQL counts from.
pub(crate) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(crate) const EPOCH_US: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

/// One column, in the Arrow type that its Redshift type is sent from.
pub(super) enum BinaryColumn {
    Typed(RedshiftType, ArrayRef),
    /// Types whose binary format is their text.
    Text(StringViewArray),
    Bytes(BinaryArray),
    /// An array, its elements one after another, and the type of an element.
    List(ListArray, Box<Self>, u32),
}

impl BinaryColumn {
    pub(super) fn new(array: &ArrayRef, field: &Field, style: &TextStyle) -> Result<Self, SqlError> {
        if let DataType::List(element) = field.data_type() {
            let list = array.as_list::<i32>();
            let elements = Self::new(list.values(), element, style)?;
            return Ok(Self::List(list.clone(), Box::new(elements), WireType::of_field(element).oid));
        }
        let Some(data_type) = RedshiftType::of_field(field) else {
            return text_of(array, style).map(Self::Text);
        };
        let as_type = |wanted: &DataType| {
            cast(array, wanted)
                .map_err(|error| SqlError::internal(format!("a column of {data_type}: {error}")))
        };
        match data_type {
            RedshiftType::Char(_)
            | RedshiftType::Varchar(_)
            | RedshiftType::Super
            | RedshiftType::HllSketch
            | RedshiftType::Geometry => text_of(array, style).map(Self::Text),
            RedshiftType::Varbyte(_) => {
                as_type(&DataType::Binary).map(|array| Self::Bytes(array.as_binary::<i32>().clone()))
            }
            other => as_type(&other.planned_type()).map(|array| Self::Typed(other, array)),
        }
    }

    pub(super) fn write(&self, row: usize, out: &mut BytesMut) {
        match self {
            Self::Typed(_, array) if array.is_null(row) => out.put_i32(-1),
            Self::Typed(data_type, array) => write_typed(*data_type, array, row, out),
            Self::Text(texts) if texts.is_null(row) => out.put_i32(-1),
            Self::Text(texts) => put_bytes(texts.value(row).as_bytes(), out),
            Self::Bytes(bytes) if bytes.is_null(row) => out.put_i32(-1),
            Self::Bytes(bytes) => put_bytes(bytes.value(row), out),
            Self::List(list, _, _) if list.is_null(row) => out.put_i32(-1),
            Self::List(list, elements, oid) => write_list(list, elements, *oid, row, out),
        }
    }
}

/// Dimensions, whether there is a NULL, the elements' type; then length and first subscript, and the elements.
fn write_list(list: &ListArray, elements: &BinaryColumn, oid: u32, row: usize, out: &mut BytesMut) {
    let places = list.value_offsets()[row]..list.value_offsets()[row + 1];
    let mut body = BytesMut::new();
    body.put_i32(i32::from(!places.is_empty()));
    body.put_i32(i32::from(list.value(row).null_count() > 0));
    body.put_u32(oid);
    if !places.is_empty() {
        body.put_i32(places.end - places.start);
        body.put_i32(1);
    }
    for place in places {
        elements.write(usize::try_from(place).unwrap_or_default(), &mut body);
    }
    put_bytes(&body, out);
}

fn put_bytes(bytes: &[u8], out: &mut BytesMut) {
    out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    out.put_slice(bytes);
}

fn write_typed(data_type: RedshiftType, array: &ArrayRef, row: usize, out: &mut BytesMut) {
    match data_type {
        RedshiftType::Boolean => put_bytes(&[u8::from(array.as_boolean().value(row))], out),
        RedshiftType::SmallInt => {
            put_bytes(&array.as_primitive::<Int16Type>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Integer => {
            put_bytes(&array.as_primitive::<Int32Type>().value(row).to_be_bytes(), out);
        }
        RedshiftType::BigInt => {
            put_bytes(&array.as_primitive::<Int64Type>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Real => {
            put_bytes(&array.as_primitive::<Float32Type>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Double => {
            put_bytes(&array.as_primitive::<Float64Type>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Date => {
            let days = array.as_primitive::<Date32Type>().value(row).saturating_sub(EPOCH_DAYS);
            put_bytes(&days.to_be_bytes(), out);
        }
        RedshiftType::Time => {
            put_bytes(&array.as_primitive::<Time64MicrosecondType>().value(row).to_be_bytes(), out);
        }
        RedshiftType::TimeTz => {
            let micros = array.as_primitive::<Time64NanosecondType>().value(row) / 1_000;
            // The zone, in seconds west of Greenwich: TIMETZ is kept in UTC.
            put_bytes(&[&micros.to_be_bytes()[..], &0_i32.to_be_bytes()[..]].concat(), out);
        }
        RedshiftType::Interval(unit) if unit.is_year_to_month() => {
            put_bytes(&array.as_primitive::<IntervalYearMonthType>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Interval(_) => {
            put_bytes(&array.as_primitive::<DurationMicrosecondType>().value(row).to_be_bytes(), out);
        }
        RedshiftType::Timestamp | RedshiftType::TimestampTz => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row).saturating_sub(EPOCH_US);
            put_bytes(&micros.to_be_bytes(), out);
        }
        RedshiftType::Decimal { scale, .. } => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            put_bytes(&numeric::encode(value, scale), out);
        }
        RedshiftType::Char(_)
        | RedshiftType::Varchar(_)
        | RedshiftType::Super
        | RedshiftType::HllSketch
        | RedshiftType::Geometry
        | RedshiftType::Varbyte(_) => {
            out.put_i32(-1);
        }
    }
}
