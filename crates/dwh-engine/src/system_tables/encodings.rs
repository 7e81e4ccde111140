//! Column encodings as pg_attribute numbers them and format_encoding() names them.

/// Numbers below 128 that a cluster shows; names in lower case (RS 3.1).
const ENCODINGS: &[(i64, &str)] = &[
    (0, "none"),
    (1, "bytedict"),
    (2, "delta"),
    (3, "lzo"),
    (4, "runlength"),
    (5, "mostly8"),
    (6, "mostly16"),
    (7, "mostly32"),
    (8, "delta32k"),
    (9, "text255"),
    (10, "text32k"),
    (11, "zstd"),
    (12, "az64"),
];

pub(crate) fn number(name: &str) -> i64 {
    ENCODINGS.iter().find(|(_, known)| *known == name).map_or(0, |(number, _)| *number)
}

/// format_encoding(number).
pub(crate) fn name(number: i64) -> Option<&'static str> {
    ENCODINGS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}
