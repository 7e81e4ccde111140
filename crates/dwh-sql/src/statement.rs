//! The statements of Redshift that dwh knows, as types. Expressions and queries are sqlparser's AST.

mod access;
mod change;
mod copy;
mod function;
mod objects;
mod policy;
mod procedure;
mod session;
mod table;
mod unload;

use sqlparser::ast::Query;

pub use access::{
    AlterDefaultPrivileges, AlterGroupAction, AlterRoleAction, AlterUserAction, DefaultObjects,
    FunctionSignature, Grant, Granted, GranteeName, Password, PrivilegeNames, UserOptions,
};
pub use change::{Delete, Insert, InsertSource, Merge, MergeAction, MergeMatched, Update};
pub use copy::{Authorization, Copy, CopyCompression, CopyEncoding, CopyFormat, FixedWidthField};
pub use function::{CreateFunction, DropFunction};
pub use objects::{
    AlterDatabaseAction, AlterSchemaAction, AppendExtra, CreateMaterializedView, GrantsOf, ShowObjects,
    ShowWhat,
};
pub use policy::{AttachMask, ColumnPathName, Conjunction, CreatePolicy, PolicyKind, PolicyStatement};
pub use procedure::{Call, CreateProcedure, ProcedureArgument, ProcedureSignature, RoutineChange};
pub use session::{DeclareCursor, Execute, FetchCount, Prepare, TransactionModes};
pub use table::{
    AlterTableAction, AttributeSpec, ColumnSpec, ConstraintSpec, ConstraintSpecKind, CreateTable,
    DistributionSpec, LikeParent, SortKeySpec,
};
pub use unload::{
    Unload, UnloadCompression, UnloadEncryption, UnloadFormat, UnloadManifest, UnloadPartitions,
};

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
    CreateSchema(CreateSchema),
    /// CREATE USER.
    CreateUser {
        /// Name.
        name: String,
        /// Password and options.
        options: Box<UserOptions>,
    },
    /// ALTER USER.
    AlterUser {
        /// Name.
        name: String,
        /// What to change.
        action: AlterUserAction,
    },
    /// DROP USER.
    DropUsers {
        /// Names.
        names: Vec<String>,
        /// IF EXISTS was given.
        if_exists: bool,
    },
    /// CREATE GROUP.
    CreateGroup {
        /// Name.
        name: String,
        /// Its first users.
        users: Vec<String>,
    },
    /// ALTER GROUP.
    AlterGroup {
        /// Name.
        name: String,
        /// What to change.
        action: AlterGroupAction,
    },
    /// DROP GROUP.
    DropGroup(String),
    /// CREATE ROLE.
    CreateRole {
        /// Name.
        name: String,
        /// EXTERNALID.
        external_id: Option<String>,
    },
    /// ALTER ROLE.
    AlterRole {
        /// Name.
        name: String,
        /// What to change.
        action: AlterRoleAction,
    },
    /// DROP ROLE.
    DropRole {
        /// Name.
        name: String,
        /// FORCE: takes it from everybody first.
        force: bool,
    },
    /// CREATE, ALTER, DROP, ATTACH and DETACH of RLS POLICY and MASKING POLICY.
    Policy(PolicyStatement),
    /// CREATE MATERIALIZED VIEW.
    CreateMaterializedView(CreateMaterializedView),
    /// REFRESH MATERIALIZED VIEW.
    RefreshMaterializedView {
        /// The view.
        name: TableName,
        /// CASCADE: the materialized views that it reads too.
        cascade: bool,
    },
    /// ALTER MATERIALIZED VIEW.
    AlterMaterializedView {
        /// The view.
        name: TableName,
        /// AUTO REFRESH.
        auto_refresh: bool,
    },
    /// DROP MATERIALIZED VIEW.
    DropMaterializedView(Drop),
    /// ALTER SCHEMA.
    AlterSchema {
        /// Name.
        name: String,
        /// What to change.
        action: AlterSchemaAction,
    },
    /// ALTER DATABASE.
    AlterDatabase {
        /// Name.
        name: String,
        /// What to change.
        action: AlterDatabaseAction,
    },
    /// USE database.
    Use {
        /// The database.
        database: String,
        /// 1-based position of the name.
        position: usize,
    },
    /// SHOW of objects.
    ShowObjects(ShowObjects),
    /// CREATE FUNCTION.
    CreateFunction(CreateFunction),
    /// ALTER FUNCTION.
    AlterFunction {
        /// Which.
        function: FunctionSignature,
        /// What to change.
        action: RoutineChange,
    },
    /// DROP FUNCTION.
    DropFunction(DropFunction),
    /// CREATE PROCEDURE.
    CreateProcedure(Box<CreateProcedure>),
    /// ALTER PROCEDURE.
    AlterProcedure {
        /// Which.
        procedure: ProcedureSignature,
        /// What to change.
        action: RoutineChange,
    },
    /// DROP PROCEDURE.
    DropProcedures {
        /// Which.
        procedures: Vec<ProcedureSignature>,
        /// IF EXISTS was given.
        if_exists: bool,
    },
    /// CALL.
    Call(Call),
    /// GRANT and REVOKE.
    Grant(Grant),
    /// ALTER DEFAULT PRIVILEGES.
    AlterDefaultPrivileges(AlterDefaultPrivileges),
    /// SET SESSION AUTHORIZATION; `None` is DEFAULT, and RESET.
    SetSessionAuthorization {
        /// The user whose rights the session has from now on.
        user: Option<String>,
        /// LOCAL: until the end of the transaction.
        local: bool,
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
    Begin(TransactionModes),
    /// COMMIT, END.
    Commit,
    /// ROLLBACK, ABORT.
    Rollback,
    /// SET TRANSACTION: of the transaction block that is open.
    SetTransaction(TransactionModes),
    /// SET SESSION CHARACTERISTICS AS TRANSACTION: of the transactions to come.
    SetSessionCharacteristics(TransactionModes),
    /// PREPARE.
    Prepare(Prepare),
    /// EXECUTE.
    Execute(Execute),
    /// DEALLOCATE name, or all (`None`).
    Deallocate(Option<String>),
    /// DECLARE … CURSOR FOR.
    DeclareCursor(DeclareCursor),
    /// FETCH … FROM cursor.
    Fetch {
        /// How many rows.
        count: FetchCount,
        /// The cursor.
        cursor: String,
    },
    /// CLOSE cursor.
    CloseCursor(String),
    /// `CANCEL session`: ends the statement that another session runs.
    Cancel(i32),
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
    /// `ANALYZE [table [(columns)]]` (statistics are exact already).
    Analyze {
        /// The table; `None` is every table.
        table: Option<TableName>,
        /// Columns, which must exist.
        columns: Vec<String>,
    },
    /// `ANALYZE COMPRESSION [table [(columns)]]`: proposes encodings.
    AnalyzeCompression {
        /// The table; `None` is every table.
        table: Option<TableName>,
        /// Columns; all if none is given.
        columns: Vec<String>,
    },
    /// `VACUUM [table]`: merges small files and drops unreferenced ones.
    Vacuum(Option<TableName>),
    /// `LOCK [TABLE] a, b`.
    Lock(Vec<TableName>),
}

/// CREATE SCHEMA.
#[derive(Debug, Clone)]
pub struct CreateSchema {
    /// Name.
    pub name: String,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// AUTHORIZATION: the owner.
    pub owner: Option<String>,
    /// QUOTA in megabytes; `None` is UNLIMITED.
    pub quota_mb: Option<i64>,
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
    /// DATABASE.
    Database(String),
    /// CONSTRAINT name ON table.
    Constraint(String, TableName),
    /// FUNCTION.
    Function(FunctionSignature),
    /// PROCEDURE.
    Procedure(ProcedureSignature),
}
