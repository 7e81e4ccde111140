//! Casts: types by Redshift's names and defaults (RS 3.3, 4.1).
//!
//! To text a cast is a function that cuts to the length in bytes: `CAST(x AS VARCHAR)` →
//! `__cast_varchar(x, 256)`, `x::CHAR(3)` → `__cast_char(x, 3)`. Other types keep the cast, spelled so that
//! the planner takes what Redshift means: NUMERIC is (18,0), FLOAT is double, TIMESTAMP has microseconds.

use dwh_common::{RedshiftType, SqlError};
use sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, TimezoneInfo};

use super::build::{call, function_name, number};
use crate::parse::type_error;

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let (kind, inner, data_type) = match expr {
        Expr::Cast { kind, expr, data_type, array: false, format: None } => {
            (kind.clone(), expr.as_ref().clone(), data_type.clone())
        }
        Expr::Convert { is_try: false, expr, data_type: Some(data_type), charset: None, .. } => {
            (CastKind::Cast, expr.as_ref().clone(), data_type.clone())
        }
        _ => return Ok(()),
    };
    // A conversion to INTERVAL without a qualifier, of what is no literal, is the planner's.
    if matches!(data_type, DataType::Interval { fields: None, .. }) {
        return Ok(());
    }
    let kind = match kind {
        CastKind::DoubleColon => CastKind::Cast,
        other => other,
    };
    *expr = match redshift_type(&data_type)? {
        RedshiftType::Varchar(bytes) => call("__cast_varchar", vec![inner, number(bytes)]),
        RedshiftType::Char(bytes) => call("__cast_char", vec![inner, number(bytes)]),
        RedshiftType::Varbyte(bytes) => call("__cast_varbyte", vec![inner, number(bytes)]),
        other => Expr::Cast {
            kind,
            expr: Box::new(inner),
            data_type: planner_type(other)?,
            array: false,
            format: None,
        },
    };
    Ok(())
}

/// The type as Redshift reads its name; types of the catalog become the nearest one.
fn redshift_type(data_type: &DataType) -> Result<RedshiftType, SqlError> {
    let written = data_type.to_string().to_ascii_lowercase();
    match written.as_str() {
        "name" => Ok(RedshiftType::Varchar(128)),
        "oid" => Ok(RedshiftType::BigInt),
        _ => written.parse().map_err(|error| type_error(&error)),
    }
}

/// A type that only dwh's planner of types knows.
pub(super) fn planned_by_name(data_type: RedshiftType) -> DataType {
    DataType::Custom(function_name(&data_type.to_string()), Vec::new())
}

/// The same type in words that the planner takes.
fn planner_type(data_type: RedshiftType) -> Result<DataType, SqlError> {
    const MICROSECONDS: Option<u64> = Some(6);
    Ok(match data_type {
        RedshiftType::SmallInt => DataType::SmallInt(None),
        RedshiftType::Integer => DataType::Integer(None),
        RedshiftType::BigInt => DataType::BigInt(None),
        RedshiftType::Decimal { precision, scale } => {
            DataType::Decimal(ExactNumberInfo::PrecisionAndScale(u64::from(precision), i64::from(scale)))
        }
        RedshiftType::Real => DataType::Real,
        RedshiftType::Double => DataType::DoublePrecision,
        RedshiftType::Boolean => DataType::Boolean,
        RedshiftType::Date => DataType::Date,
        RedshiftType::Time => DataType::Time(None, TimezoneInfo::None),
        RedshiftType::Timestamp => DataType::Timestamp(MICROSECONDS, TimezoneInfo::None),
        RedshiftType::TimestampTz => DataType::Timestamp(MICROSECONDS, TimezoneInfo::WithTimeZone),
        RedshiftType::Super
        | RedshiftType::TimeTz
        | RedshiftType::Interval(_)
        | RedshiftType::HllSketch
        | RedshiftType::Geometry => planned_by_name(data_type),
        RedshiftType::Varbyte(_) | RedshiftType::Char(_) | RedshiftType::Varchar(_) => {
            return Err(SqlError::unsupported(format!("a cast to {data_type}")));
        }
    })
}
