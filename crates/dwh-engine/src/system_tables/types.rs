//! Types as pg_type lists them (RS 5.5): those that columns have, and those of the catalog itself.

use dwh_common::RedshiftType;

/// A row of pg_type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogType {
    pub(crate) oid: i64,
    /// The internal name.
    pub(crate) name: &'static str,
    /// Bytes, -1 if they differ.
    pub(crate) length: i64,
    /// What format_type says without a modifier.
    pub(crate) shown: &'static str,
    /// The type of the elements of an array, else 0.
    pub(crate) element: i64,
    /// PostgreSQL's category: N numbers, S texts, D dates, …
    pub(crate) category: char,
}

const fn base(oid: i64, name: &'static str, length: i64, shown: &'static str, category: char) -> CatalogType {
    CatalogType { oid, name, length, shown, element: 0, category }
}

const fn array(oid: i64, name: &'static str, shown: &'static str, element: i64) -> CatalogType {
    CatalogType { oid, name, length: -1, shown, element, category: 'A' }
}

pub(crate) const TYPES: &[CatalogType] = &[
    base(16, "bool", 1, "boolean", 'B'),
    base(17, "bytea", -1, "bytea", 'U'),
    base(18, "char", 1, "\"char\"", 'S'),
    base(19, "name", 128, "name", 'S'),
    base(20, "int8", 8, "bigint", 'N'),
    base(21, "int2", 2, "smallint", 'N'),
    base(23, "int4", 4, "integer", 'N'),
    base(24, "regproc", 4, "regproc", 'N'),
    base(25, "text", -1, "text", 'S'),
    base(26, "oid", 4, "oid", 'N'),
    base(700, "float4", 4, "real", 'N'),
    base(701, "float8", 8, "double precision", 'N'),
    base(705, "unknown", -1, "unknown", 'X'),
    array(1005, "_int2", "smallint[]", 21),
    array(1007, "_int4", "integer[]", 23),
    array(1009, "_text", "text[]", 25),
    array(1016, "_int8", "bigint[]", 20),
    base(1033, "aclitem", 12, "aclitem", 'U'),
    array(1034, "_aclitem", "aclitem[]", 1033),
    base(1042, "bpchar", -1, "character", 'S'),
    base(1043, "varchar", -1, "character varying", 'S'),
    base(1082, "date", 4, "date", 'D'),
    base(1083, "time", 8, "time without time zone", 'D'),
    base(1114, "timestamp", 8, "timestamp without time zone", 'D'),
    base(1184, "timestamptz", 8, "timestamp with time zone", 'D'),
    base(1186, "interval", 12, "interval", 'T'),
    base(1188, "intervaly2m", 4, "interval year to month", 'T'),
    base(1190, "intervald2s", 8, "interval day to second", 'T'),
    base(1266, "timetz", 12, "time with time zone", 'D'),
    base(1700, "numeric", -1, "numeric", 'N'),
    base(2279, "trigger", 4, "trigger", 'P'),
    base(2935, "hllsketch", -1, "hllsketch", 'U'),
    base(3000, "geometry", -1, "geometry", 'U'),
    base(4000, "super", -1, "super", 'U'),
    base(6551, "varbyte", -1, "binary varying", 'U'),
];

/// The type's number and modifier, as on the wire.
pub(crate) fn oid_and_modifier(data_type: RedshiftType) -> (i64, i64) {
    match data_type {
        RedshiftType::Char(bytes) | RedshiftType::Varchar(bytes) | RedshiftType::Varbyte(bytes) => {
            (of_name(data_type.short_name()), i64::from(bytes) + 4)
        }
        RedshiftType::Decimal { precision, scale } => {
            (1700, (i64::from(precision) << 16 | i64::from(scale)) + 4)
        }
        other => (of_name(other.short_name()), -1),
    }
}

fn of_name(name: &str) -> i64 {
    let name = if name == "char" { "bpchar" } else { name };
    TYPES.iter().find(|known| known.name == name).map_or(705, |known| known.oid)
}

pub(crate) fn find(oid: i64) -> Option<&'static CatalogType> {
    TYPES.iter().find(|known| known.oid == oid)
}

/// format_type(oid, modifier).
pub(crate) fn format_type(oid: i64, modifier: Option<i64>) -> String {
    let Some(known) = find(oid) else { return "???".to_owned() };
    let modifier = modifier.filter(|modifier| *modifier >= 4).map(|modifier| modifier - 4);
    match (oid, modifier) {
        (1042 | 1043 | 6551, Some(bytes)) => format!("{}({bytes})", known.shown),
        (1700, Some(digits)) => format!("numeric({},{})", digits >> 16, digits & 0xffff),
        _ => known.shown.to_owned(),
    }
}

/// The type of a name as SQL writes it.
pub(crate) fn named(name: &str) -> Option<&'static CatalogType> {
    let name = name.trim().trim_start_matches("pg_catalog.").trim_matches('"').to_ascii_lowercase();
    let known = TYPES.iter().find(|known| known.name == name || known.shown == name);
    known.or_else(|| find(oid_and_modifier(name.parse().ok()?).0))
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use super::{format_type, oid_and_modifier};

    /// RS 5.5 and PostgreSQL's format_type.
    #[test]
    fn types_have_their_numbers_and_names() {
        for (data_type, shown) in [
            (RedshiftType::Varchar(256), "character varying(256)"),
            (RedshiftType::Char(3), "character(3)"),
            (RedshiftType::Decimal { precision: 10, scale: 2 }, "numeric(10,2)"),
            (RedshiftType::Integer, "integer"),
            (RedshiftType::TimestampTz, "timestamp with time zone"),
        ] {
            let (oid, modifier) = oid_and_modifier(data_type);
            assert_eq!(format_type(oid, Some(modifier)), shown);
        }
        assert_eq!(format_type(1043, None), "character varying");
        assert_eq!(format_type(7, None), "???");
    }
}
