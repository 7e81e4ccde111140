//! DuckLake's types and Redshift's.

use dwh_common::RedshiftType;

/// The DuckLake type of a column (specification, "Data types").
pub(crate) fn ducklake_type(data_type: RedshiftType) -> String {
    match data_type {
        RedshiftType::SmallInt => "int16".to_owned(),
        RedshiftType::Integer => "int32".to_owned(),
        RedshiftType::BigInt => "int64".to_owned(),
        RedshiftType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        RedshiftType::Real => "float32".to_owned(),
        RedshiftType::Double => "float64".to_owned(),
        RedshiftType::Boolean => "boolean".to_owned(),
        RedshiftType::Char(_)
        | RedshiftType::Varchar(_)
        | RedshiftType::HllSketch
        | RedshiftType::Geometry => "varchar".to_owned(),
        RedshiftType::Date => "date".to_owned(),
        // TIMETZ is the time in UTC.
        RedshiftType::Time | RedshiftType::TimeTz => "time".to_owned(),
        RedshiftType::Interval(unit) if unit.is_year_to_month() => "int32".to_owned(),
        RedshiftType::Interval(_) => "int64".to_owned(),
        RedshiftType::Timestamp => "timestamp".to_owned(),
        RedshiftType::TimestampTz => "timestamptz".to_owned(),
        RedshiftType::Super => "json".to_owned(),
        RedshiftType::Varbyte(_) => "blob".to_owned(),
    }
}

/// The Redshift type for a column of which only DuckLake's type is known, because another program
/// created it. `None` for types that Redshift has nothing like.
pub(crate) fn redshift_type(ducklake: &str) -> Option<RedshiftType> {
    Some(match ducklake {
        "int8" | "int16" | "uint8" => RedshiftType::SmallInt,
        "int32" | "uint16" => RedshiftType::Integer,
        "int64" | "uint32" => RedshiftType::BigInt,
        "float32" => RedshiftType::Real,
        "float64" => RedshiftType::Double,
        "boolean" => RedshiftType::Boolean,
        "varchar" => RedshiftType::MAX_VARCHAR,
        "date" => RedshiftType::Date,
        "time" => RedshiftType::Time,
        "timestamp" | "timestamp_us" | "timestamp_ms" | "timestamp_s" => RedshiftType::Timestamp,
        "timestamptz" => RedshiftType::TimestampTz,
        "json" => RedshiftType::Super,
        "blob" => RedshiftType::Varbyte(64_000),
        decimal if decimal.starts_with("decimal(") => decimal.parse().ok()?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{ducklake_type, redshift_type};
    use dwh_common::RedshiftType;

    #[test]
    fn ducklake_types_are_those_that_duckdb_writes() {
        let cases = [
            (RedshiftType::SmallInt, "int16"),
            (RedshiftType::Decimal { precision: 18, scale: 4 }, "decimal(18,4)"),
            (RedshiftType::Varchar(7), "varchar"),
            (RedshiftType::TimestampTz, "timestamptz"),
            (RedshiftType::Super, "json"),
        ];
        for (redshift, ducklake) in cases {
            assert_eq!(ducklake_type(redshift), ducklake);
        }
        assert_eq!(redshift_type("decimal(18,4)"), Some(RedshiftType::Decimal { precision: 18, scale: 4 }));
        assert_eq!(redshift_type("varchar"), Some(RedshiftType::MAX_VARCHAR));
        assert_eq!(redshift_type("struct"), None);
    }
}
