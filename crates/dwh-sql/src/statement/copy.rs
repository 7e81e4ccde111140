use dwh_common::Secret;

use super::TableName;

/// `COPY table [(columns)] FROM source …` (RS 1.1). `Display` prints it again, secrets masked.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Target.
    pub table: TableName,
    /// Column list, empty if none was given.
    pub columns: Vec<String>,
    /// `s3://…`, `file://…` or a path.
    pub source: String,
    /// Authorization.
    pub authorization: Authorization,
    /// MANIFEST.
    pub manifest: bool,
    /// REGION.
    pub region: Option<String>,
    /// Format.
    pub format: CopyFormat,
    /// Compression.
    pub compression: CopyCompression,
    /// ENCODING.
    pub encoding: CopyEncoding,
    /// DELIMITER, escapes resolved.
    pub delimiter: Option<String>,
    /// QUOTE of CSV.
    pub quote: Option<char>,
    /// ESCAPE.
    pub escape: bool,
    /// REMOVEQUOTES.
    pub remove_quotes: bool,
    /// FILLRECORD.
    pub fill_record: bool,
    /// IGNOREBLANKLINES.
    pub ignore_blank_lines: bool,
    /// NULL AS; NUL is `\0`.
    pub null_as: Option<String>,
    /// MAXERROR, 0 if not given.
    pub max_errors: u64,
    /// IGNOREALLERRORS.
    pub ignore_all_errors: bool,
    /// NOLOAD.
    pub no_load: bool,
    /// TIMEFORMAT, as written.
    pub time_format: Option<String>,
    /// DATEFORMAT, as written.
    pub date_format: Option<String>,
    /// TRUNCATECOLUMNS.
    pub truncate_columns: bool,
    /// BLANKSASNULL.
    pub blanks_as_null: bool,
    /// EMPTYASNULL.
    pub empty_as_null: bool,
    /// TRIMBLANKS.
    pub trim_blanks: bool,
    /// ACCEPTINVCHARS with its replacement character.
    pub accept_invalid_chars: Option<char>,
    /// ACCEPTANYDATE.
    pub accept_any_date: bool,
    /// ROUNDEC.
    pub round_decimals: bool,
    /// EXPLICIT_IDS.
    pub explicit_ids: bool,
    /// SERIALIZETOJSON.
    pub serialize_to_json: bool,
    /// IGNOREHEADER, in lines.
    pub ignore_header_lines: u64,
    /// Options that only steer storage, as written: COMPUPDATE ON, STATUPDATE OFF, COMPROWS 1000, ….
    pub storage_options: Vec<String>,
}

impl Copy {
    /// A COPY with nothing said but its table and source: the default of every option (RS 1.2).
    pub fn new(table: TableName, source: String) -> Self {
        Self {
            table,
            columns: Vec::new(),
            source,
            authorization: Authorization::None,
            manifest: false,
            region: None,
            format: CopyFormat::Delimited,
            compression: CopyCompression::None,
            encoding: CopyEncoding::Utf8,
            delimiter: None,
            quote: None,
            escape: false,
            remove_quotes: false,
            fill_record: false,
            ignore_blank_lines: false,
            null_as: None,
            max_errors: 0,
            ignore_all_errors: false,
            no_load: false,
            time_format: None,
            date_format: None,
            truncate_columns: false,
            blanks_as_null: false,
            empty_as_null: false,
            trim_blanks: false,
            accept_invalid_chars: None,
            accept_any_date: false,
            round_decimals: false,
            explicit_ids: false,
            serialize_to_json: false,
            ignore_header_lines: 0,
            storage_options: Vec::new(),
        }
    }
}

/// The authorization clause of COPY and UNLOAD (RS 1.4).
#[derive(Debug, Clone)]
pub enum Authorization {
    /// None was given: only for local files.
    None,
    /// IAM_ROLE 'arn' or CREDENTIALS 'aws_iam_role=arn': the standard credential chain stands for the role.
    IamRole(String),
    /// IAM_ROLE DEFAULT.
    IamRoleDefault,
    /// Keys, in any of the three spellings.
    Keys {
        /// Access key id.
        access_key_id: Secret,
        /// Secret access key.
        secret_access_key: Secret,
        /// Token of temporary credentials.
        session_token: Option<Secret>,
    },
}

/// The format clause of COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFormat {
    /// No format keyword, or DELIMITER: delimited text.
    Delimited,
    /// CSV.
    Csv,
    /// FIXEDWIDTH.
    FixedWidth(Vec<FixedWidthField>),
    /// JSON 'auto'.
    JsonAuto,
    /// JSON 'auto ignorecase'.
    JsonAutoIgnoreCase,
    /// JSON 'noshred'.
    JsonNoShred,
    /// JSON 's3://…/jsonpaths.json', `file://…` or a path.
    JsonPaths(String),
    /// AVRO 'auto'.
    AvroAuto,
    /// AVRO 'auto ignorecase'.
    AvroAutoIgnoreCase,
    /// AVRO with a JSONPaths file.
    AvroPaths(String),
    /// PARQUET.
    Parquet,
    /// ORC.
    Orc,
}

/// The compression keyword of COPY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyCompression {
    /// Plain.
    None,
    /// GZIP.
    Gzip,
    /// BZIP2.
    Bzip2,
    /// LZOP.
    Lzop,
    /// ZSTD.
    Zstd,
}

/// One `label:width` of FIXEDWIDTH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWidthField {
    /// Free text; fields go to columns by position.
    pub label: String,
    /// Width in characters.
    pub width_chars: usize,
}

/// The ENCODING of the data objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyEncoding {
    /// UTF8.
    Utf8,
    /// UTF16; a byte order mark says which.
    Utf16,
    /// UTF16LE.
    Utf16Le,
    /// UTF16BE.
    Utf16Be,
    /// ISO88591.
    Iso88591,
}
