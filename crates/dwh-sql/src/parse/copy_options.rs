//! Which options COPY has, and which formats each goes with (RS 1.2).

use dwh_common::{SqlError, SqlState};

use crate::statement::CopyFormat;

/// Formats that take the same options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Json,
    Csv,
    Delimited,
    FixedWidth,
    Avro,
    /// PARQUET, ORC.
    Columnar,
}

use Family::{Avro, Columnar, Csv, Delimited, FixedWidth, Json};

const EVERY: &[Family] = &[Json, Csv, Delimited, FixedWidth, Avro, Columnar];
const ROWS: &[Family] = &[Json, Csv, Delimited, FixedWidth, Avro];
/// Avro files have neither lines nor an encoding.
const LINES: &[Family] = &[Json, Csv, Delimited, FixedWidth];
const TEXT: &[Family] = &[Csv, Delimited, FixedWidth];

/// The options and what they go with; a format keyword goes with itself. Clauses that are read on their own
/// (authorization, FORMAT, JOB) are below.
const OPTIONS: &[(&str, &[Family])] = &[
    ("ACCEPTANYDATE", ROWS),
    ("ACCEPTINVCHARS", EVERY),
    ("BLANKSASNULL", ROWS),
    ("BZIP2", ROWS),
    ("COMPROWS", ROWS),
    ("COMPUPDATE", ROWS),
    ("DATEFORMAT", ROWS),
    ("DELIMITER", &[Csv, Delimited]),
    ("EMPTYASNULL", ROWS),
    ("ENCODING", LINES),
    ("ESCAPE", &[Delimited]),
    ("EXPLICIT_IDS", EVERY),
    ("FILLRECORD", &[Csv, Delimited, FixedWidth, Columnar]),
    ("GZIP", ROWS),
    ("IGNOREALLERRORS", ROWS),
    ("IGNOREBLANKLINES", TEXT),
    ("IGNOREHEADER", LINES),
    ("LZOP", ROWS),
    ("MANIFEST", EVERY),
    ("MAXERROR", ROWS),
    ("NOLOAD", ROWS),
    ("NULL", TEXT),
    ("QUOTE", &[Csv]),
    ("REGION", ROWS),
    ("REMOVEQUOTES", &[Delimited, FixedWidth]),
    ("ROUNDEC", ROWS),
    ("SERIALIZETOJSON", &[Columnar]),
    ("STATUPDATE", EVERY),
    ("TIMEFORMAT", ROWS),
    ("TRIMBLANKS", ROWS),
    ("TRUNCATECOLUMNS", ROWS),
    ("ZSTD", ROWS),
];

/// Options that are refused whatever the format: they belong to other sources, or to encryption that AWS has
/// retired.
pub(super) const REFUSED: &[&str] = &["ENCRYPTED", "MASTER_SYMMETRIC_KEY", "READRATIO", "SSH"];

/// Words that begin a clause of their own.
const CLAUSES: &[&str] = &[
    "ACCESS_KEY_ID",
    "AVRO",
    "CREDENTIALS",
    "CSV",
    "FIXEDWIDTH",
    "FORMAT",
    "IAM_ROLE",
    "JSON",
    "ORC",
    "PARQUET",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "SHAPEFILE",
    "TOKEN",
];

/// Every word that begins an option of COPY, in upper case.
pub fn copy_option_words() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|(name, _)| *name).chain(REFUSED.iter().copied())
}

/// Every word that begins another clause of COPY, in upper case: the format or who reads S3.
pub fn copy_clause_words() -> impl Iterator<Item = &'static str> {
    CLAUSES.iter().copied()
}

/// The family of a format, and the name that errors give it.
pub(super) fn family(format: &CopyFormat) -> (Family, &'static str) {
    match format {
        CopyFormat::JsonAuto
        | CopyFormat::JsonAutoIgnoreCase
        | CopyFormat::JsonNoShred
        | CopyFormat::JsonPaths(_) => (Json, "JSON"),
        CopyFormat::AvroAuto | CopyFormat::AvroAutoIgnoreCase | CopyFormat::AvroPaths(_) => (Avro, "AVRO"),
        CopyFormat::Parquet => (Columnar, "PARQUET"),
        CopyFormat::Orc => (Columnar, "ORC"),
        CopyFormat::Csv => (Csv, "CSV"),
        CopyFormat::Delimited => (Delimited, "DELIMITED"),
        CopyFormat::FixedWidth(_) => (FixedWidth, "FIXEDWIDTH"),
    }
}

/// Refuses an option, in lower case, that does not go with the format.
///
/// # Errors
/// 0A000, in Redshift's words.
pub(super) fn check(option: &str, format: &CopyFormat) -> Result<(), SqlError> {
    let name = option.to_ascii_uppercase();
    let (family, format_name) = family(format);
    match OPTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, families)) if !families.contains(&family) => {
            let name = if name == "NULL" { "NULL AS" } else { &name };
            let message = format!("{name} argument is not supported for {format_name} based COPY");
            Err(SqlError::new(SqlState::FeatureNotSupported, message))
        }
        _ => Ok(()),
    }
}
