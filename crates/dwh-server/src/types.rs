//! Redshift's types as RowDescription and ParameterDescription name them (RS 5.5).

use arrow::datatypes::{DataType, Field};
use dwh_common::{IntervalUnit, RedshiftType};

/// A type on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireType {
    pub(crate) oid: u32,
    /// Bytes of a value, -1 if they differ.
    pub(crate) length: i16,
    /// The type's arguments, -1 without.
    pub(crate) modifier: i32,
}

const BYTEA: u32 = 17;
const CHAR: u32 = 18;
const NAME: u32 = 19;
const OID: u32 = 26;
const TEXT: u32 = 25;
/// PostgreSQL's INTERVAL, which counts months, days and microseconds.
const PG_INTERVAL: u32 = 1186;
pub(crate) const UUID: u32 = 2950;

impl WireType {
    /// The type of a result's column.
    pub(crate) fn of_field(field: &Field) -> Self {
        match field.data_type() {
            DataType::List(element) => Self { oid: array_of(element), length: -1, modifier: -1 },
            _ => RedshiftType::of_field(field).map_or(Self::of(RedshiftType::MAX_VARCHAR), Self::of),
        }
    }

    pub(crate) fn of(data_type: RedshiftType) -> Self {
        let (oid, length, modifier) = match data_type {
            RedshiftType::Boolean => (16, 1, -1),
            RedshiftType::BigInt => (20, 8, -1),
            RedshiftType::SmallInt => (21, 2, -1),
            RedshiftType::Integer => (23, 4, -1),
            RedshiftType::Real => (700, 4, -1),
            RedshiftType::Double => (701, 8, -1),
            RedshiftType::Char(bytes) => (1042, -1, with_header(bytes)),
            RedshiftType::Varchar(bytes) => (1043, -1, with_header(bytes)),
            RedshiftType::Date => (1082, 4, -1),
            RedshiftType::Time => (1083, 8, -1),
            RedshiftType::TimeTz => (1266, 12, -1),
            RedshiftType::Interval(unit) if unit.is_year_to_month() => (1188, 4, -1),
            RedshiftType::Interval(_) => (1190, 8, -1),
            RedshiftType::Timestamp => (1114, 8, -1),
            RedshiftType::TimestampTz => (1184, 8, -1),
            RedshiftType::Decimal { precision, scale } => {
                (1700, -1, (i32::from(precision) << 16 | i32::from(scale)) + 4)
            }
            RedshiftType::HllSketch => (2935, -1, -1),
            RedshiftType::Geometry => (3000, -1, -1),
            RedshiftType::Super => (4000, -1, -1),
            RedshiftType::Varbyte(bytes) => (6551, -1, with_header(bytes)),
        };
        Self { oid, length, modifier }
    }
}

/// A length as typmod has it.
fn with_header(bytes: u32) -> i32 {
    i32::try_from(bytes).map_or(-1, |bytes| bytes + 4)
}

/// The type that a client declares for a parameter; `None` for what the statement tells, which is what text
/// of an unknown type is, too.
///
/// What Redshift does not have, UUIDs and arrays, is text here, which `ANY` and a cast take.
pub(crate) fn declared(oid: u32) -> Option<RedshiftType> {
    Some(match oid {
        16 => RedshiftType::Boolean,
        20 | OID => RedshiftType::BigInt,
        21 => RedshiftType::SmallInt,
        23 => RedshiftType::Integer,
        700 => RedshiftType::Real,
        701 => RedshiftType::Double,
        1082 => RedshiftType::Date,
        1083 => RedshiftType::Time,
        1114 => RedshiftType::Timestamp,
        1188 => RedshiftType::Interval(IntervalUnit::Month),
        1190 | PG_INTERVAL => RedshiftType::Interval(IntervalUnit::MICROSECOND),
        1266 => RedshiftType::TimeTz,
        1184 => RedshiftType::TimestampTz,
        1700 => RedshiftType::Decimal { precision: 38, scale: 10 },
        BYTEA | 6551 => RedshiftType::Varbyte(16_777_216),
        CHAR | NAME | TEXT | 1042 | 1043 | UUID => RedshiftType::MAX_VARCHAR,
        array if element_of(array).is_some() => RedshiftType::MAX_VARCHAR,
        _ => return None,
    })
}

/// Arrays and what their elements are.
const ARRAYS: [(u32, u32); 12] = [
    (1000, 16),
    (1005, 21),
    (1007, 23),
    (1016, 20),
    (1021, 700),
    (1022, 701),
    (1231, 1700),
    (1009, TEXT),
    (1014, 1042),
    (1015, 1043),
    (1115, 1114),
    (1182, 1082),
];

/// The array of such elements; of text where there is none.
fn array_of(element: &Field) -> u32 {
    let element = WireType::of_field(element).oid;
    ARRAYS.iter().find(|(_, known)| *known == element).map_or(1009, |(array, _)| *array)
}

/// The type of an array's elements.
pub(crate) fn element_of(array: u32) -> Option<u32> {
    ARRAYS.iter().find(|(known, _)| *known == array).map(|(_, element)| *element)
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use super::{WireType, declared, element_of};

    /// RS 5.5: typmod is n + 4 for VARCHAR, (p << 16 | s) + 4 for NUMERIC.
    #[test]
    fn modifiers_carry_lengths_and_digits() {
        let modifier = |data_type| WireType::of(data_type).modifier;
        assert_eq!(modifier(RedshiftType::Varchar(256)), 260);
        assert_eq!(modifier(RedshiftType::Decimal { precision: 18, scale: 2 }), 1_179_654);
        assert_eq!(modifier(RedshiftType::Integer), -1);
    }

    #[test]
    fn what_a_client_declares_is_a_type_of_redshift_or_left_to_the_statement() {
        assert_eq!(declared(23), Some(RedshiftType::Integer));
        assert_eq!((declared(0), declared(705), declared(600)), (None, None, None));
        assert_eq!((declared(1007), element_of(1007)), (Some(RedshiftType::MAX_VARCHAR), Some(23)));
    }
}
