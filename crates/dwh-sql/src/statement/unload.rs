//! UNLOAD (RS 6.1).

use sqlparser::ast::Query;

use super::{Authorization, FixedWidthField};

/// `UNLOAD ('query') TO destination …`. `Display` prints it again, secrets masked.
#[derive(Debug, Clone)]
pub struct Unload {
    /// The query; the positions in it are those of the submitted text.
    pub query: Box<Query>,
    /// The query's text, as the literal means it.
    pub query_text: String,
    /// `s3://…`, `file://…` or a path: what the names of the objects begin with.
    pub destination: String,
    /// Authorization.
    pub authorization: Authorization,
    /// REGION.
    pub region: Option<String>,
    /// Format, with the options that only it takes.
    pub format: UnloadFormat,
    /// Compression.
    pub compression: UnloadCompression,
    /// PARTITION BY.
    pub partitions: Option<UnloadPartitions>,
    /// MANIFEST.
    pub manifest: UnloadManifest,
    /// ALLOWOVERWRITE.
    pub allow_overwrite: bool,
    /// CLEANPATH.
    pub clean_path: bool,
    /// PARALLEL, on unless said otherwise.
    pub parallel: bool,
    /// MAXFILESIZE in bytes.
    pub max_file_bytes: Option<u64>,
    /// EXTENSION.
    pub extension: Option<String>,
    /// ENCRYPTED and KMS_KEY_ID.
    pub encryption: UnloadEncryption,
}

/// How S3 encrypts the objects of an UNLOAD.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UnloadEncryption {
    /// Nothing is said.
    #[default]
    None,
    /// `ENCRYPTED`, with `AUTO` or without: as the bucket encrypts by itself.
    Bucket,
    /// With this key of AWS KMS.
    KmsKey(String),
}

/// The format of an UNLOAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnloadFormat {
    /// No format keyword: delimited text.
    Delimited {
        /// DELIMITER, `|` unless given.
        delimiter: char,
        /// HEADER.
        header: bool,
        /// ADDQUOTES.
        add_quotes: bool,
        /// ESCAPE.
        escape: bool,
        /// NULL AS.
        null_as: Option<String>,
    },
    /// FIXEDWIDTH.
    FixedWidth {
        /// One for each column of the query.
        columns: Vec<FixedWidthField>,
        /// NULL AS.
        null_as: Option<String>,
    },
    /// CSV.
    Csv {
        /// DELIMITER, `,` unless given.
        delimiter: char,
        /// HEADER.
        header: bool,
        /// NULL AS.
        null_as: Option<String>,
    },
    /// JSON: an object a line.
    Json,
    /// PARQUET.
    Parquet {
        /// ROWGROUPSIZE in bytes.
        row_group_bytes: Option<u64>,
    },
}

/// The compression keyword of UNLOAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnloadCompression {
    /// Plain.
    None,
    /// GZIP.
    Gzip,
    /// BZIP2.
    Bzip2,
    /// ZSTD.
    Zstd,
}

/// `PARTITION BY (columns) [INCLUDE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnloadPartitions {
    /// Columns of the query, outermost folder first.
    pub columns: Vec<String>,
    /// INCLUDE: the columns stay in the files.
    pub include: bool,
}

/// `MANIFEST [VERBOSE]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnloadManifest {
    /// No manifest.
    None,
    /// The objects' URLs.
    Plain,
    /// With sizes, counts of rows, and columns.
    Verbose,
}
