use arrow::datatypes::SchemaRef;

use crate::compression::OutputCompression;
use crate::source::S3Access;

/// One UNLOAD, apart from its rows (RS 6.1).
#[derive(Debug, Clone)]
pub struct UnloadRequest {
    /// `s3://bucket/prefix`, `file://…` or a path: what the names of the objects begin with. Nothing is put
    /// between it and the names.
    pub destination: String,
    /// Who writes S3.
    pub access: S3Access,
    /// Labels of the columns, and their Redshift types in the metadata of the fields.
    pub schema: SchemaRef,
    /// What the objects hold.
    pub format: UnloadFormat,
    /// Compression of text and JSON; Parquet compresses by itself.
    pub compression: OutputCompression,
    /// PARTITION BY: columns of the schema, outermost folder first. Rows that belong together must come
    /// one after another, or each run of them becomes a file.
    pub partition_columns: Vec<String>,
    /// INCLUDE: the partition columns stay in the files.
    pub include_partition_columns: bool,
    /// MANIFEST.
    pub manifest: UnloadManifest,
    /// PARALLEL: names by slice and part, or one series of numbers.
    pub parallel: bool,
    /// MAXFILESIZE.
    pub max_file_bytes: u64,
    /// EXTENSION, in place of the format's and the compression's own.
    pub extension: Option<String>,
    /// ALLOWOVERWRITE.
    pub allow_overwrite: bool,
    /// CLEANPATH.
    pub clean_path: bool,
}

impl UnloadRequest {
    /// MAXFILESIZE if none is given: 6.2 GB.
    pub const DEFAULT_MAX_FILE_BYTES: u64 = 31 * (1 << 30) / 5;
    /// ROWGROUPSIZE if none is given: 32 MB.
    pub const DEFAULT_ROW_GROUP_BYTES: u64 = 32 << 20;
}

/// What the objects of an UNLOAD hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnloadFormat {
    /// Delimited text.
    Delimited {
        /// Delimiter and so on.
        text: TextOptions,
        /// ADDQUOTES: every field in double quotes.
        add_quotes: bool,
        /// ESCAPE: a backslash before what COPY would take for something else.
        escape: bool,
    },
    /// CSV: double quotes where needed, doubled inside.
    Csv(TextOptions),
    /// Fixed widths, padded with blanks.
    FixedWidth {
        /// One for each column.
        columns: Vec<FixedWidthColumn>,
        /// NULL AS; blanks if empty.
        null_as: String,
    },
    /// An object a line.
    Json,
    /// Parquet 1.0 with SNAPPY.
    Parquet {
        /// ROWGROUPSIZE, of the rows before encoding.
        row_group_bytes: u64,
    },
}

/// What delimited text and CSV have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// DELIMITER.
    pub delimiter: char,
    /// HEADER: a line of labels in every file.
    pub header: bool,
    /// NULL AS, empty if not given.
    pub null_as: String,
}

/// One column of FIXEDWIDTH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWidthColumn {
    /// Free text, for errors.
    pub label: String,
    /// In characters.
    pub width: usize,
}

/// MANIFEST of an UNLOAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnloadManifest {
    /// None.
    #[default]
    None,
    /// URLs.
    Plain,
    /// With sizes, counts and columns.
    Verbose,
}
