//! Materialized views, schemas, the database, and the SHOW commands that list objects.

use sqlparser::ast::Query;

use super::{AttributeSpec, FunctionSignature, PolicyKind, ProcedureSignature, TableName};

/// CREATE MATERIALIZED VIEW.
#[derive(Debug, Clone)]
pub struct CreateMaterializedView {
    /// Name.
    pub name: TableName,
    /// Distribution, sort key and backup.
    pub attributes: AttributeSpec,
    /// AUTO REFRESH YES.
    pub auto_refresh: bool,
    /// The query.
    pub query: Box<Query>,
    /// Its text as the user wrote it.
    pub query_text: String,
}

/// What ALTER SCHEMA does.
#[derive(Debug, Clone)]
pub enum AlterSchemaAction {
    /// RENAME TO.
    Rename(String),
    /// OWNER TO.
    OwnerTo(String),
    /// QUOTA in megabytes; `None` is UNLIMITED.
    Quota(Option<i64>),
}

/// What ALTER DATABASE does.
#[derive(Debug, Clone)]
pub enum AlterDatabaseAction {
    /// RENAME TO, of which no database can be renamed: the only one is the current one.
    Rename,
    /// OWNER TO.
    OwnerTo(String),
    /// CONNECTION LIMIT; `None` is UNLIMITED.
    ConnectionLimit(Option<u32>),
    /// ISOLATION LEVEL SNAPSHOT, or else SERIALIZABLE.
    IsolationLevel {
        /// SNAPSHOT.
        snapshot: bool,
    },
}

/// What ALTER TABLE APPEND does with columns that only one of the tables has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendExtra {
    /// IGNOREEXTRA: those of the source are left out.
    Ignore,
    /// FILLTARGET: those of the target are filled.
    Fill,
}

/// SHOW of objects (RS 5.4).
#[derive(Debug, Clone)]
pub struct ShowObjects {
    /// Which.
    pub what: ShowWhat,
    /// LIKE.
    pub like: Option<String>,
    /// LIMIT.
    pub limit: Option<u64>,
}

/// What a SHOW lists.
#[derive(Debug, Clone)]
pub enum ShowWhat {
    /// DATABASES.
    Databases,
    /// SCHEMAS FROM DATABASE.
    Schemas {
        /// Database.
        database: String,
    },
    /// TABLES FROM SCHEMA.
    Tables {
        /// Database, if given.
        database: Option<String>,
        /// Schema.
        schema: String,
    },
    /// COLUMNS FROM TABLE.
    Columns(TableName),
    /// CONSTRAINTS PRIMARY KEYS FROM TABLE.
    PrimaryKeys(TableName),
    /// CONSTRAINTS FOREIGN KEYS FROM TABLE.
    ForeignKeys {
        /// Table.
        table: TableName,
        /// EXPORTED: the keys of other tables that point here.
        exported: bool,
    },
    /// FUNCTIONS FROM SCHEMA.
    Functions {
        /// Database, if given.
        database: Option<String>,
        /// Schema.
        schema: String,
    },
    /// PROCEDURES FROM SCHEMA.
    Procedures {
        /// Database, if given.
        database: Option<String>,
        /// Schema.
        schema: String,
    },
    /// PARAMETERS OF FUNCTION.
    Parameters(FunctionSignature),
    /// PARAMETERS OF PROCEDURE.
    ParametersOfProcedure(ProcedureSignature),
    /// PROCEDURE: its CREATE PROCEDURE.
    Procedure(ProcedureSignature),
    /// GRANTS ON …, or FOR somebody.
    Grants {
        /// Of what or whom.
        of: GrantsOf,
        /// FOR, behind an object.
        to: Option<super::GranteeName>,
    },
    /// RLS POLICIES, MASKING POLICIES.
    Policies {
        /// Kind.
        kind: PolicyKind,
        /// FROM DATABASE.
        database: Option<String>,
    },
    /// RLS POLICIES, MASKING POLICIES ON a relation: where they are attached.
    PoliciesOn {
        /// Kind.
        kind: PolicyKind,
        /// The relation.
        relation: TableName,
        /// FOR.
        to: Option<super::GranteeName>,
    },
    /// TABLE: its CREATE TABLE.
    Table(TableName),
    /// VIEW: its query.
    View(TableName),
}

/// Whose or which GRANTS.
#[derive(Debug, Clone)]
pub enum GrantsOf {
    /// ON TABLE.
    Table(TableName),
    /// COLUMN GRANTS ON TABLE.
    Columns(TableName),
    /// ON SCHEMA.
    Schema(String),
    /// ON DATABASE.
    Database(String),
    /// ON FUNCTION.
    Function(FunctionSignature),
    /// ON PROCEDURE.
    Procedure(ProcedureSignature),
    /// FOR user or role.
    Grantee {
        /// The user or role.
        name: super::GranteeName,
        /// FROM DATABASE.
        database: Option<String>,
    },
}
