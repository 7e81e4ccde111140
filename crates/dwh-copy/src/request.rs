use dwh_common::{RedshiftType, Secret};

use crate::coding::Coding;
use crate::compression::Compression;
use crate::datetime::SessionClock;
use crate::encoding::Encoding;
use crate::source::S3Access;

/// One COPY, apart from its table.
#[derive(Debug, Clone)]
pub struct CopyRequest {
    /// `s3://bucket/prefix`, `file://…` or a path: every object whose name begins so (RS 1.3), or
    /// the one manifest object if [`manifest`](Self::manifest) is set.
    pub source: String,
    /// MANIFEST: `source` names a manifest.
    pub manifest: bool,
    /// What the data objects hold.
    pub format: DataFormat,
    /// Compression of the data objects; manifest and JSONPaths files are never compressed.
    pub compression: Compression,
    /// ENCODING of the data objects.
    pub encoding: Encoding,
    /// The effective column list (RS 1.13). Columns that take their DEFAULT or IDENTITY are not in it.
    pub columns: Vec<TargetColumn>,
    /// Conversion options and limits.
    pub options: CopyOptions,
    /// Who reads S3.
    pub credentials: S3Credentials,
    /// REGION of data, manifest and JSONPaths file.
    pub region: Option<String>,
}

impl CopyRequest {
    pub(crate) fn coding(&self) -> Coding {
        Coding { compression: self.compression, encoding: self.encoding }
    }

    /// Credentials and Region, as the source functions take them.
    pub fn access(&self) -> S3Access {
        S3Access { credentials: self.credentials.clone(), region: self.region.clone(), ..S3Access::default() }
    }
}

/// What the data objects hold (RS 1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataFormat {
    /// JSON values, one a row.
    Json(JsonFormat),
    /// Text, one record a line.
    Text(TextFormat),
    /// Records of Avro files, their fields mapped as those of JSON values.
    Avro(JsonFormat),
    /// Parquet files: their columns by position.
    Parquet,
    /// ORC files, likewise.
    Orc,
}

impl DataFormat {
    /// Whether files hold columns, not records.
    pub fn is_columnar(&self) -> bool {
        matches!(self, Self::Parquet | Self::Orc)
    }

    /// The name in `stl_load_commits` and `sys_load_history` (RS 2.2).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "JSON",
            Self::Text(_) => "Text",
            Self::Avro(_) => "Avro",
            Self::Parquet => "Parquet",
            Self::Orc => "ORC",
        }
    }
}

/// Text files (RS 1.8): field i goes to column i.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFormat {
    /// What tells fields apart.
    pub layout: TextLayout,
    /// NULL AS: a field that is exactly this is NULL.
    pub null_as: String,
    /// FILLRECORD: fields that are missing at the end are NULL, or empty in VARCHAR columns.
    pub fill_record: bool,
    /// IGNOREBLANKLINES.
    pub ignore_blank_lines: bool,
}

/// How a record of a text file becomes fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextLayout {
    /// DELIMITER.
    Delimited {
        /// One or more characters.
        delimiter: String,
        /// ESCAPE: a character behind a backslash is data, a newline too.
        escape: bool,
        /// REMOVEQUOTES: quotes around a field are not data.
        remove_quotes: bool,
    },
    /// CSV.
    Csv {
        /// One or more characters.
        delimiter: String,
        /// QUOTE, an ASCII character.
        quote: char,
    },
    /// FIXEDWIDTH.
    FixedWidth {
        /// Characters of each field.
        widths_chars: Vec<usize>,
        /// REMOVEQUOTES.
        remove_quotes: bool,
    },
}

/// How JSON values map to columns (RS 1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonFormat {
    /// `'auto'`: the top-level key equal to the column name, case-sensitive.
    Auto,
    /// `'auto ignorecase'`.
    AutoIgnoreCase,
    /// `'noshred'`: the whole value into the one SUPER column.
    NoShred,
    /// URL or path of a JSONPaths file.
    JsonPaths(String),
}

/// A column that COPY fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetColumn {
    /// Name as in the catalog, lower case.
    pub name: String,
    /// Type.
    pub data_type: RedshiftType,
    /// `false` for NOT NULL: a missing value is load error 1213.
    pub nullable: bool,
}

/// Conversion options (RS 1.2) and limits of one COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyOptions {
    /// MAXERROR: the COPY fails when so many records were rejected; 0 and 1 both mean the first.
    pub max_errors: u64,
    /// IGNOREALLERRORS: no number of rejected records fails the COPY.
    pub ignore_all_errors: bool,
    /// What texts of TIMESTAMPTZ and TIMETZ without a zone mean.
    pub clock: SessionClock,
    /// TIMEFORMAT as written: `auto`, `epochsecs`, `epochmillisecs` or a format string.
    pub time_format: Option<String>,
    /// DATEFORMAT as written: `auto` or a format string.
    pub date_format: Option<String>,
    /// TRUNCATECOLUMNS: text is cut to the column's bytes, at a whole character.
    pub truncate_columns: bool,
    /// BLANKSASNULL: text of white space only is NULL.
    pub blanks_as_null: bool,
    /// EMPTYASNULL: empty text is NULL.
    pub empty_as_null: bool,
    /// TRIMBLANKS: white space at the end of VARCHAR values is cut.
    pub trim_blanks: bool,
    /// ACCEPTINVCHARS: what replaces each byte of invalid UTF-8 in VARCHAR values.
    pub accept_invalid_chars: Option<char>,
    /// ACCEPTANYDATE: dates and timestamps that cannot be read are NULL.
    pub accept_any_date: bool,
    /// ROUNDEC: excess decimals are rounded, not cut.
    pub round_decimals: bool,
    /// IGNOREHEADER: physical lines skipped at the start of every object.
    pub ignore_header_lines: u64,
    /// FILLRECORD of PARQUET and ORC: columns that a file ends without are NULL.
    pub fill_record: bool,
    /// SERIALIZETOJSON: SUPER columns take values of PARQUET and ORC files as JSON.
    pub serialize_to_json: bool,
    /// Threads that decode, and thus sinks; 0 means one a core.
    pub decode_threads: usize,
    /// Budget for fetched bytes in flight; the decoded batches being filled stay within the same order.
    pub memory_bytes: u64,
}

impl CopyOptions {
    /// The COPY fails when so many records were rejected.
    pub(crate) fn error_limit(&self) -> u64 {
        // 0 and 1 both mean that the first error fails the COPY (RS 1.2).
        if self.ignore_all_errors { u64::MAX } else { self.max_errors.max(1) }
    }
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            max_errors: 0,
            ignore_all_errors: false,
            clock: SessionClock::default(),
            time_format: None,
            date_format: None,
            truncate_columns: false,
            blanks_as_null: false,
            empty_as_null: false,
            trim_blanks: false,
            accept_invalid_chars: None,
            accept_any_date: false,
            round_decimals: false,
            ignore_header_lines: 0,
            fill_record: false,
            serialize_to_json: false,
            decode_threads: 0,
            memory_bytes: 256 << 20,
        }
    }
}

/// Who reads S3 (RS 1.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum S3Credentials {
    /// The standard credential chain of the [`Stores`](crate::Stores); it stands for IAM_ROLE.
    #[default]
    Chain,
    /// Keys given in the statement.
    Keys {
        /// Access key id.
        access_key_id: Secret,
        /// Secret access key.
        secret_access_key: Secret,
        /// Token of temporary credentials.
        session_token: Option<Secret>,
    },
    /// Requests are not signed (public buckets).
    Anonymous,
}
