//! The statements of Redshift that dwh knows, as types. Expressions and queries are sqlparser's AST.

mod unload;

use dwh_common::{RedshiftType, Secret};
use sqlparser::ast::{Expr, Query, TableFactor, TableWithJoins};

pub use unload::{Unload, UnloadCompression, UnloadFormat, UnloadManifest, UnloadPartitions};

/// A statement with the text it was read from.
#[derive(Debug, Clone)]
pub struct ParsedStatement {
    /// What it says.
    pub statement: Statement,
    /// Its text, secrets masked: for logs, errors and system tables.
    pub text: String,
    /// Offset in characters of the statement in the submitted text, to place errors.
    pub offset_chars: usize,
}

/// `[database.][schema.]name`, folded to lower case (RS 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    /// Database of a three-part name.
    pub database: Option<String>,
    /// Schema, if given.
    pub schema: Option<String>,
    /// Table or view.
    pub name: String,
    /// 1-based character position in the submitted text, for errors.
    pub position: Option<usize>,
}

/// One statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// SELECT, WITH, VALUES, set operations.
    Query(Box<Query>),
    /// `EXPLAIN [VERBOSE] statement`.
    Explain {
        /// VERBOSE was given.
        verbose: bool,
        /// What to explain.
        statement: Box<Self>,
    },
    /// INSERT INTO.
    Insert(Insert),
    /// UPDATE … SET … FROM … WHERE.
    Update(Update),
    /// DELETE FROM … USING … WHERE.
    Delete(Delete),
    /// MERGE INTO … USING … ON ….
    Merge(Box<Merge>),
    /// CREATE TABLE (columns).
    CreateTable(CreateTable),
    /// CREATE TABLE … AS query, and SELECT … INTO.
    CreateTableAs(CreateTableAs),
    /// `CREATE [OR REPLACE] VIEW`.
    CreateView(CreateView),
    /// DROP TABLE.
    DropTable(Drop),
    /// DROP VIEW.
    DropView(Drop),
    /// CREATE SCHEMA.
    CreateSchema {
        /// Schema name.
        name: String,
        /// IF NOT EXISTS was given.
        if_not_exists: bool,
    },
    /// DROP SCHEMA.
    DropSchema {
        /// Schema names.
        names: Vec<String>,
        /// IF EXISTS was given.
        if_exists: bool,
        /// CASCADE was given.
        cascade: bool,
    },
    /// ALTER TABLE, one action a statement.
    AlterTable {
        /// The table.
        table: TableName,
        /// What to change.
        action: AlterTableAction,
    },
    /// `TRUNCATE [TABLE]`.
    Truncate(TableName),
    /// COMMENT ON.
    Comment {
        /// On what.
        on: CommentTarget,
        /// The text; `None` removes it.
        text: Option<String>,
    },
    /// COPY … FROM.
    Copy(Box<Copy>),
    /// UNLOAD … TO.
    Unload(Box<Unload>),
    /// BEGIN, START TRANSACTION.
    Begin,
    /// COMMIT, END.
    Commit,
    /// ROLLBACK, ABORT.
    Rollback,
    /// `SET [SESSION|LOCAL] name TO value`.
    Set {
        /// Setting, lower case.
        name: String,
        /// Value as text; `None` is DEFAULT.
        value: Option<String>,
        /// SET LOCAL: until the end of the transaction.
        local: bool,
    },
    /// RESET name, RESET ALL (`None`).
    Reset(Option<String>),
    /// SHOW name, SHOW ALL (`None`).
    Show(Option<String>),
    /// `ANALYZE [table]` (statistics are exact already).
    Analyze(Option<TableName>),
    /// `VACUUM [table]`: merges small files and drops unreferenced ones.
    Vacuum(Option<TableName>),
    /// `LOCK [TABLE] a, b`.
    Lock(Vec<TableName>),
}

/// `INSERT INTO table [(columns)] source`.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Target.
    pub table: TableName,
    /// Column list, empty if none was given.
    pub columns: Vec<String>,
    /// Where the rows come from.
    pub source: InsertSource,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone)]
pub enum InsertSource {
    /// DEFAULT VALUES.
    DefaultValues,
    /// VALUES (…), (…): `None` is the keyword DEFAULT.
    Values(Vec<Vec<Option<Expr>>>),
    /// A query, WITH included.
    Query(Box<Query>),
}

/// UPDATE.
#[derive(Debug, Clone)]
pub struct Update {
    /// WITH in front of it.
    pub with: Option<sqlparser::ast::With>,
    /// Target.
    pub table: TableName,
    /// Alias of the target.
    pub alias: Option<String>,
    /// SET column = expression; `None` is the keyword DEFAULT.
    pub assignments: Vec<(String, Option<Expr>)>,
    /// FROM.
    pub from: Vec<TableWithJoins>,
    /// WHERE.
    pub selection: Option<Expr>,
}

/// DELETE.
#[derive(Debug, Clone)]
pub struct Delete {
    /// WITH in front of it.
    pub with: Option<sqlparser::ast::With>,
    /// Target.
    pub table: TableName,
    /// Alias of the target.
    pub alias: Option<String>,
    /// USING.
    pub using: Vec<TableWithJoins>,
    /// WHERE.
    pub selection: Option<Expr>,
}

/// MERGE (RS 3.6).
#[derive(Debug, Clone)]
pub struct Merge {
    /// Target, without alias.
    pub target: TableName,
    /// Source: table, view or sub-query, with its alias.
    pub source: TableFactor,
    /// ON.
    pub on: Expr,
    /// What to do.
    pub action: MergeAction,
}

/// What a MERGE does.
#[derive(Debug, Clone)]
pub enum MergeAction {
    /// REMOVE DUPLICATES.
    RemoveDuplicates,
    /// WHEN MATCHED … WHEN NOT MATCHED …, exactly one each.
    Upsert {
        /// WHEN MATCHED THEN.
        matched: MergeMatched,
        /// Columns of the INSERT, empty if none were given.
        insert_columns: Vec<String>,
        /// VALUES of the INSERT; `None` is DEFAULT.
        insert_values: Vec<Option<Expr>>,
    },
}

/// WHEN MATCHED THEN …
#[derive(Debug, Clone)]
pub enum MergeMatched {
    /// UPDATE SET column = expression; `None` is DEFAULT.
    Update(Vec<(String, Option<Expr>)>),
    /// DELETE.
    Delete,
}

/// CREATE TABLE with a column list.
#[derive(Debug, Clone)]
pub struct CreateTable {
    /// Name; a leading `#` has made it temporary and stays in the name.
    pub name: TableName,
    /// TEMP, TEMPORARY or a `#` name.
    pub temporary: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// Columns in order, column-level constraints and attributes included.
    pub columns: Vec<ColumnSpec>,
    /// `LIKE parent [INCLUDING DEFAULTS]`.
    pub like: Option<LikeParent>,
    /// Table constraints, column-level ones merged in.
    pub constraints: Constraints,
    /// Table attributes, column-level DISTKEY and SORTKEY merged in.
    pub attributes: AttributeSpec,
}

/// LIKE parent.
#[derive(Debug, Clone)]
pub struct LikeParent {
    /// The parent.
    pub table: TableName,
    /// INCLUDING DEFAULTS.
    pub including_defaults: bool,
}

/// One column of CREATE TABLE or ALTER TABLE ADD.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: RedshiftType,
    /// NOT NULL, or part of the primary key.
    pub not_null: bool,
    /// DEFAULT.
    pub default: Option<Expr>,
    /// IDENTITY(seed, step): seed, step, GENERATED BY DEFAULT.
    pub identity: Option<(i64, i64, bool)>,
    /// ENCODE, lower case.
    pub encoding: Option<String>,
    /// COLLATE CASE_INSENSITIVE.
    pub case_insensitive: bool,
}

/// Constraints: kept, never enforced (but NOT NULL).
#[derive(Debug, Clone, Default)]
pub struct Constraints {
    /// PRIMARY KEY.
    pub primary_key: Vec<String>,
    /// UNIQUE.
    pub unique: Vec<Vec<String>>,
    /// FOREIGN KEY (columns) REFERENCES table (columns).
    pub foreign_keys: Vec<(Vec<String>, TableName, Vec<String>)>,
}

/// DISTSTYLE, DISTKEY, SORTKEY, BACKUP as written and checked (RS 3.1).
#[derive(Debug, Clone, Default)]
pub struct AttributeSpec {
    /// Distribution; `None` if nothing was said.
    pub distribution: Option<DistributionSpec>,
    /// Sort key; `None` if nothing was said.
    pub sort_key: Option<SortKeySpec>,
    /// BACKUP NO.
    pub backup_no: bool,
}

/// Distribution style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DistributionSpec {
    /// AUTO.
    Auto,
    /// EVEN.
    Even,
    /// ALL.
    All,
    /// KEY: column name (or 1-based position in CTAS).
    Key(String),
}

/// Sort key: column names (or 1-based positions in CTAS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKeySpec {
    /// AUTO (or NONE in ALTER).
    Auto,
    /// COMPOUND, the default.
    Compound(Vec<String>),
    /// INTERLEAVED.
    Interleaved(Vec<String>),
}

/// CREATE TABLE AS, and SELECT INTO.
#[derive(Debug, Clone)]
pub struct CreateTableAs {
    /// Name.
    pub name: TableName,
    /// Whether it is temporary.
    pub temporary: bool,
    /// Column names, empty if none were given.
    pub columns: Vec<String>,
    /// Table attributes.
    pub attributes: AttributeSpec,
    /// The query.
    pub query: Box<Query>,
}

/// CREATE VIEW.
#[derive(Debug, Clone)]
pub struct CreateView {
    /// Name.
    pub name: TableName,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Column names, empty if none were given.
    pub columns: Vec<String>,
    /// The query.
    pub query: Box<Query>,
    /// The query's text as the user wrote it.
    pub query_text: String,
    /// WITH NO SCHEMA BINDING.
    pub late_binding: bool,
}

/// DROP TABLE or DROP VIEW.
#[derive(Debug, Clone)]
pub struct Drop {
    /// What to drop.
    pub names: Vec<TableName>,
    /// IF EXISTS.
    pub if_exists: bool,
    /// CASCADE.
    pub cascade: bool,
}

/// One action of ALTER TABLE (RS 3.5).
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one lives as long as its statement runs; a box saves nothing")]
pub enum AlterTableAction {
    /// `ADD [COLUMN]`.
    AddColumn(ColumnSpec),
    /// `DROP [COLUMN] name [CASCADE]`.
    DropColumn {
        /// Column.
        name: String,
        /// CASCADE.
        cascade: bool,
    },
    /// RENAME TO.
    RenameTable(String),
    /// RENAME COLUMN a TO b.
    RenameColumn {
        /// Old name.
        from: String,
        /// New name.
        to: String,
    },
    /// ALTER COLUMN c TYPE VARCHAR(n).
    AlterType {
        /// Column.
        column: String,
        /// New type.
        data_type: RedshiftType,
    },
    /// ALTER COLUMN c ENCODE e.
    AlterEncoding {
        /// Column.
        column: String,
        /// Encoding, lower case.
        encoding: String,
    },
    /// ALTER DISTSTYLE, ALTER DISTKEY, ALTER SORTKEY.
    AlterAttributes(AttributeSpec),
    /// ADD PRIMARY KEY, UNIQUE, FOREIGN KEY.
    AddConstraint(Constraints),
    /// DROP CONSTRAINT name.
    DropConstraint(String),
    /// OWNER TO user.
    OwnerTo(String),
}

/// What a COMMENT is on.
#[derive(Debug, Clone)]
pub enum CommentTarget {
    /// TABLE.
    Table(TableName),
    /// VIEW.
    View(TableName),
    /// COLUMN table.column.
    Column(TableName, String),
    /// SCHEMA.
    Schema(String),
}

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
