use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow_schema::{DataType, Field, IntervalUnit as ArrowInterval, TimeUnit};

use crate::interval_unit::IntervalUnit;

/// Key of the Arrow field metadata that carries the Redshift type, for example
/// `character varying(256)`: Arrow itself has no byte lengths.
pub const TYPE_METADATA_KEY: &str = "redshift.type";

const MAX_CHAR_BYTES: u32 = 4096;
const MAX_VARCHAR_BYTES: u32 = 65535;
const MAX_VARBYTE_BYTES: u32 = 16_777_216;

/// A column type of Redshift (RS 3.3), lengths in bytes.
///
/// `Display` gives the catalog's long form (`character varying(256)`), `FromStr` reads it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedshiftType {
    /// `smallint`, 2 bytes.
    SmallInt,
    /// `integer`, 4 bytes.
    Integer,
    /// `bigint`, 8 bytes.
    BigInt,
    /// `numeric(precision,scale)`; bare NUMERIC is (18,0).
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits behind the point, 0 to 37.
        scale: u8,
    },
    /// `real`, 4 bytes.
    Real,
    /// `double precision`, 8 bytes.
    Double,
    /// `boolean`.
    Boolean,
    /// `character(n)`: ASCII, blank-padded, length in bytes.
    Char(u32),
    /// `character varying(n)`: UTF-8, length in bytes.
    Varchar(u32),
    /// `date`.
    Date,
    /// `time without time zone`, microseconds.
    Time,
    /// `time with time zone`, microseconds, kept in UTC.
    TimeTz,
    /// `timestamp without time zone`, microseconds.
    Timestamp,
    /// `timestamp with time zone`, microseconds, stored in UTC.
    TimestampTz,
    /// `interval year to month`, in months, or `interval day to second`, in microseconds.
    Interval(IntervalUnit),
    /// `super`: semi-structured, kept as JSON text.
    Super,
    /// `binary varying(n)`.
    Varbyte(u32),
    /// `hllsketch`: what HyperLogLog keeps of a set, as JSON text.
    HllSketch,
    /// `geometry`: extended well-known binary, as hexadecimal text.
    Geometry,
}

/// Why a type's name or arguments were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// Redshift has no such type.
    #[error("type \"{0}\" does not exist")]
    Unknown(String),
    /// Redshift, or dwh, does not support the type.
    #[error("Column type \"{0}\" is not supported")]
    Unsupported(String),
    /// A length outside its bounds.
    #[error("length for type {name} must be between 1 and {max}, got {length}")]
    Length {
        /// Type name.
        name: &'static str,
        /// What was asked for.
        length: String,
        /// The most it may be.
        max: u32,
    },
    /// A qualifier of INTERVAL that there is not.
    #[error("\"{0}\" is no interval type")]
    Interval(String),
    /// Precision or scale outside its bounds.
    #[error(
        "NUMERIC({precision},{scale}): precision must be 1 to 38 and scale 0 to 37 and at most the precision"
    )]
    Decimal {
        /// Digits in all.
        precision: String,
        /// Digits behind the point.
        scale: String,
    },
}

impl RedshiftType {
    /// VARCHAR without a length is 256 bytes in DDL and in CAST (RS 3.3).
    pub const DEFAULT_VARCHAR: Self = Self::Varchar(256);
    /// The longest VARCHAR.
    pub const MAX_VARCHAR: Self = Self::Varchar(MAX_VARCHAR_BYTES);

    /// Whether a column of this type can take the other: VARCHAR and VARBYTE change their length (RS 3.5).
    #[must_use]
    pub fn is_resized_by(self, to: Self) -> bool {
        matches!((self, to), (Self::Varchar(_), Self::Varchar(_)) | (Self::Varbyte(_), Self::Varbyte(_)))
    }

    /// The type of a SQL name and its arguments, for example `("VARCHAR", &["max"])`.
    ///
    /// Names are those of RS 3.3, any case; `double precision`, `character varying`,
    /// `timestamp with time zone` and the like with single spaces.
    ///
    /// # Errors
    /// [`TypeError`] for unknown names and lengths out of bounds.
    pub fn from_sql_name(name: &str, arguments: &[&str]) -> Result<Self, TypeError> {
        let lower = name.to_ascii_lowercase();
        let length = |name: &'static str, default: u32, max: u32| match arguments.first() {
            None => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("max") => Ok(max),
            Some(text) => text
                .parse::<u32>()
                .ok()
                .filter(|n| (1..=max).contains(n))
                .ok_or_else(|| TypeError::Length { name, length: (*text).to_owned(), max }),
        };
        Ok(match lower.as_str() {
            "smallint" | "int2" => Self::SmallInt,
            "integer" | "int" | "int4" => Self::Integer,
            "bigint" | "int8" => Self::BigInt,
            "numeric" | "decimal" | "dec" => decimal(arguments)?,
            "real" | "float4" => Self::Real,
            "float" => match arguments.first().and_then(|n| n.parse::<u32>().ok()) {
                Some(1..=24) => Self::Real,
                _ => Self::Double,
            },
            "double precision" | "float8" | "double" => Self::Double,
            "boolean" | "bool" => Self::Boolean,
            "char" | "character" | "nchar" => Self::Char(length("CHAR", 1, MAX_CHAR_BYTES)?),
            "bpchar" => Self::Char(length("CHAR", 256, MAX_CHAR_BYTES)?),
            "varchar" | "character varying" | "nvarchar" | "char varying" => {
                Self::Varchar(length("VARCHAR", 256, MAX_VARCHAR_BYTES)?)
            }
            "text" => Self::Varchar(256),
            "date" => Self::Date,
            "time" | "time without time zone" => Self::Time,
            "timestamp" | "timestamp without time zone" | "datetime" => Self::Timestamp,
            "timestamptz" | "timestamp with time zone" => Self::TimestampTz,
            "super" => Self::Super,
            "varbyte" | "varbinary" | "binary varying" => {
                Self::Varbyte(length("VARBYTE", 64000, MAX_VARBYTE_BYTES)?)
            }
            "timetz" | "time with time zone" => Self::TimeTz,
            "intervaly2m" => Self::Interval(IntervalUnit::Month),
            "intervald2s" => Self::Interval(IntervalUnit::MICROSECOND),
            qualified if qualified.starts_with("interval ") => {
                let digits = arguments.first().map(|digits| digits.parse::<u8>().ok().filter(|n| *n <= 6));
                let unit = match digits {
                    Some(None) => None,
                    digits => IntervalUnit::of_qualifier(&qualified["interval ".len()..], digits.flatten()),
                };
                Self::Interval(unit.ok_or_else(|| TypeError::Interval(qualified.to_owned()))?)
            }
            "hllsketch" => Self::HllSketch,
            "geometry" => Self::Geometry,
            "interval" | "geography" | "uuid" | "json" | "jsonb" | "bytea" | "serial" | "bigserial"
            | "money" | "xml" | "bit" | "inet" => {
                return Err(TypeError::Unsupported(lower));
            }
            _ => return Err(TypeError::Unknown(lower)),
        })
    }

    /// How values of this type are held in Arrow.
    ///
    /// Text is `Utf8View`, TIMESTAMP `Timestamp(Microsecond)`, TIMESTAMPTZ the same in UTC, NUMERIC
    /// `Decimal128`, SUPER its JSON text as `Utf8View`, VARBYTE `Binary`, TIMETZ the time of day in UTC, and an INTERVAL
    /// the number of its months or microseconds, which every reader of Parquet knows.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::SmallInt => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale as i8),
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Char(_) | Self::Varchar(_) | Self::Super | Self::HllSketch | Self::Geometry => {
                DataType::Utf8View
            }
            Self::Date => DataType::Date32,
            Self::Time | Self::TimeTz => DataType::Time64(TimeUnit::Microsecond),
            Self::Interval(unit) if unit.is_year_to_month() => DataType::Int32,
            Self::Interval(_) => DataType::Int64,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            Self::Varbyte(_) => DataType::Binary,
        }
    }

    /// How a plan holds values of this type while it runs.
    ///
    /// As [`Self::arrow_type`], but types whose operators differ never share one: SUPER is `LargeUtf8`, which
    /// nothing else is, HLLSKETCH `LargeBinary`, GEOMETRY `BinaryView`, TIMETZ a time in nanoseconds, INTERVAL months or a duration.
    pub fn planned_type(self) -> DataType {
        match self {
            Self::Super => DataType::LargeUtf8,
            Self::TimeTz => DataType::Time64(TimeUnit::Nanosecond),
            Self::HllSketch => DataType::LargeBinary,
            Self::Geometry => DataType::BinaryView,
            Self::Interval(unit) if unit.is_year_to_month() => DataType::Interval(ArrowInterval::YearMonth),
            Self::Interval(_) => DataType::Duration(TimeUnit::Microsecond),
            other => other.arrow_type(),
        }
    }

    /// An Arrow field of this type as a plan holds it, the Redshift type in its metadata.
    pub fn planned_field(self, name: impl Into<String>, nullable: bool) -> Field {
        self.field(name, nullable).with_data_type(self.planned_type())
    }

    /// An Arrow field of this type, the Redshift type in its metadata under [`TYPE_METADATA_KEY`].
    pub fn field(self, name: impl Into<String>, nullable: bool) -> Field {
        Field::new(name, self.arrow_type(), nullable)
            .with_metadata(HashMap::from([(TYPE_METADATA_KEY.to_owned(), self.to_string())]))
    }

    /// The Redshift type of an Arrow field: what its metadata says, else the nearest one.
    ///
    /// `None` for Arrow types that no Redshift type is like (lists, structs, …).
    pub fn of_field(field: &Field) -> Option<Self> {
        if let Some(known) =
            field.metadata().get(TYPE_METADATA_KEY).and_then(|text| text.parse::<Self>().ok())
            && (known.arrow_type() == *field.data_type() || known.planned_type() == *field.data_type())
        {
            return Some(known);
        }
        Self::of_arrow(field.data_type())
    }

    /// The nearest Redshift type of an Arrow type.
    pub fn of_arrow(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Self::SmallInt,
            DataType::Int32 | DataType::UInt16 => Self::Integer,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::BigInt,
            DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
                Self::Decimal { precision: (*precision).clamp(1, 38), scale: (*scale).clamp(0, 37) as u8 }
            }
            DataType::Float16 | DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Double,
            DataType::Boolean => Self::Boolean,
            DataType::Utf8 | DataType::Utf8View | DataType::Null => Self::MAX_VARCHAR,
            DataType::LargeUtf8 => Self::Super,
            DataType::Dictionary(_, value) => return Self::of_arrow(value),
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Time64(TimeUnit::Nanosecond) => Self::TimeTz,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Interval(ArrowInterval::YearMonth) => Self::Interval(IntervalUnit::Month),
            DataType::Duration(_) => Self::Interval(IntervalUnit::MICROSECOND),
            DataType::Timestamp(_, None) => Self::Timestamp,
            DataType::Timestamp(_, Some(_)) => Self::TimestampTz,
            DataType::LargeBinary => Self::HllSketch,
            DataType::BinaryView => Self::Geometry,
            DataType::Binary | DataType::FixedSizeBinary(_) => Self::Varbyte(64000),
            _ => return None,
        })
    }

    /// Whether values are character strings.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Char(_) | Self::Varchar(_))
    }

    /// Whether values are whole numbers.
    pub fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// The short name in `stl_load_errors.type` (RS 2.1).
    pub fn short_name(self) -> &'static str {
        match self {
            Self::SmallInt => "int2",
            Self::Integer => "int4",
            Self::BigInt => "int8",
            Self::Decimal { .. } => "numeric",
            Self::Real => "float4",
            Self::Double => "float8",
            Self::Boolean => "bool",
            Self::Char(_) => "char",
            Self::Varchar(_) => "varchar",
            Self::Date => "date",
            Self::Time => "time",
            Self::TimeTz => "timetz",
            Self::Interval(unit) if unit.is_year_to_month() => "intervaly2m",
            Self::Interval(_) => "intervald2s",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamptz",
            Self::Super => "super",
            Self::Varbyte(_) => "varbyte",
            Self::HllSketch => "hllsketch",
            Self::Geometry => "geometry",
        }
    }

    /// The declared length in bytes, for types that have one.
    pub fn length_bytes(self) -> Option<u32> {
        match self {
            Self::Char(n) | Self::Varchar(n) | Self::Varbyte(n) => Some(n),
            _ => None,
        }
    }
}

fn decimal(arguments: &[&str]) -> Result<RedshiftType, TypeError> {
    let precision = arguments.first().copied().unwrap_or("18");
    let scale = arguments.get(1).copied().unwrap_or("0");
    match (precision.parse::<u8>(), scale.parse::<u8>()) {
        (Ok(p @ 1..=38), Ok(s @ 0..=37)) if s <= p => Ok(RedshiftType::Decimal { precision: p, scale: s }),
        _ => Err(TypeError::Decimal { precision: precision.to_owned(), scale: scale.to_owned() }),
    }
}

impl fmt::Display for RedshiftType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Decimal { precision, scale } => write!(f, "numeric({precision},{scale})"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double precision"),
            Self::Boolean => f.write_str("boolean"),
            Self::Char(n) => write!(f, "character({n})"),
            Self::Varchar(n) => write!(f, "character varying({n})"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time without time zone"),
            Self::TimeTz => f.write_str("time with time zone"),
            Self::Interval(unit) => write!(f, "interval {unit}"),
            Self::Timestamp => f.write_str("timestamp without time zone"),
            Self::TimestampTz => f.write_str("timestamp with time zone"),
            Self::Super => f.write_str("super"),
            Self::Varbyte(n) => write!(f, "binary varying({n})"),
            Self::HllSketch => f.write_str("hllsketch"),
            Self::Geometry => f.write_str("geometry"),
        }
    }
}

impl FromStr for RedshiftType {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, TypeError> {
        let Some((name, rest)) = text.split_once('(') else {
            return Self::from_sql_name(text.trim(), &[]);
        };
        let arguments: Vec<&str> = rest.trim_end_matches(')').split(',').map(str::trim).collect();
        Self::from_sql_name(name.trim(), &arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::{RedshiftType, TypeError};

    #[test]
    fn names_aliases_and_defaults_follow_rs_3_3() {
        let cases = [
            ("INT", "integer"),
            ("int8", "bigint"),
            ("DECIMAL", "numeric(18,0)"),
            ("numeric(10,5)", "numeric(10,5)"),
            ("varchar", "character varying(256)"),
            ("TEXT", "character varying(256)"),
            ("VARCHAR(MAX)", "character varying(65535)"),
            ("char", "character(1)"),
            ("bpchar", "character(256)"),
            ("float", "double precision"),
            ("FLOAT4", "real"),
            ("timestamp", "timestamp without time zone"),
            ("TIMESTAMPTZ", "timestamp with time zone"),
            ("timetz", "time with time zone"),
            ("INTERVAL YEAR TO MONTH", "interval year to month"),
            ("interval hour to minute", "interval day to minute"),
            ("interval second(3)", "interval day to second(3)"),
        ];
        for (written, canonical) in cases {
            let parsed: RedshiftType = written.parse().expect(written);
            assert_eq!(parsed.to_string(), canonical);
            assert_eq!(canonical.parse::<RedshiftType>().expect(canonical), parsed);
        }
    }

    #[test]
    fn bad_types_are_refused_by_name() {
        assert!(matches!("uuid".parse::<RedshiftType>(), Err(TypeError::Unsupported(_))));
        assert!(matches!("strnig".parse::<RedshiftType>(), Err(TypeError::Unknown(_))));
        assert!(matches!("varchar(65536)".parse::<RedshiftType>(), Err(TypeError::Length { .. })));
        assert!(matches!("numeric(39,2)".parse::<RedshiftType>(), Err(TypeError::Decimal { .. })));
    }

    #[test]
    fn a_field_keeps_its_redshift_type() {
        let field = RedshiftType::Varchar(7).field("c", true);
        assert_eq!(RedshiftType::of_field(&field), Some(RedshiftType::Varchar(7)));
    }
}
