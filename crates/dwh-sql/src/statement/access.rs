//! Statements about users, groups, roles and privileges.

use dwh_common::{RedshiftType, Secret};

use super::{ProcedureSignature, TableName};

/// CREATE USER and ALTER USER: what is said, and only that.
#[derive(Debug, Clone, Default)]
pub struct UserOptions {
    /// PASSWORD.
    pub password: Option<Password>,
    /// CREATEDB, NOCREATEDB.
    pub create_db: Option<bool>,
    /// CREATEUSER, NOCREATEUSER.
    pub superuser: Option<bool>,
    /// SYSLOG ACCESS UNRESTRICTED, RESTRICTED.
    pub syslog_unrestricted: Option<bool>,
    /// IN GROUP.
    pub groups: Vec<String>,
    /// VALID UNTIL, as written.
    pub valid_until: Option<String>,
    /// CONNECTION LIMIT; `Some(None)` is UNLIMITED.
    pub connection_limit: Option<Option<u32>>,
    /// SESSION TIMEOUT in seconds; `Some(None)` is RESET SESSION TIMEOUT.
    pub session_timeout_seconds: Option<Option<u32>>,
    /// EXTERNALID.
    pub external_id: Option<String>,
}

/// A PASSWORD clause.
#[derive(Debug, Clone)]
pub enum Password {
    /// Clear text, or a hash that starts with `md5` or `sha256|`.
    Given(Secret),
    /// PASSWORD DISABLE.
    Disable,
}

/// What ALTER USER does.
#[derive(Debug, Clone)]
pub enum AlterUserAction {
    /// Options.
    Options(Box<UserOptions>),
    /// RENAME TO.
    Rename(String),
    /// SET parameter TO value; `None` is DEFAULT, and RESET.
    Set {
        /// Parameter.
        name: String,
        /// Value.
        value: Option<String>,
    },
}

/// What ALTER GROUP does.
#[derive(Debug, Clone)]
pub enum AlterGroupAction {
    /// ADD USER.
    Add(Vec<String>),
    /// DROP USER.
    Drop(Vec<String>),
    /// RENAME TO.
    Rename(String),
}

/// What ALTER ROLE does.
#[derive(Debug, Clone)]
pub enum AlterRoleAction {
    /// RENAME TO.
    Rename(String),
    /// OWNER TO.
    OwnerTo(String),
    /// EXTERNALID TO.
    ExternalId(String),
}

/// Who gets privileges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GranteeName {
    /// PUBLIC.
    Public,
    /// A user.
    User(String),
    /// GROUP.
    Group(String),
    /// ROLE.
    Role(String),
}

/// GRANT … TO, REVOKE … FROM.
#[derive(Debug, Clone)]
pub struct Grant {
    /// REVOKE.
    pub revoke: bool,
    /// REVOKE GRANT OPTION FOR, REVOKE ADMIN OPTION FOR: only the option goes.
    pub only_option: bool,
    /// What, and on what.
    pub what: Granted,
    /// Each with WITH GRANT OPTION or WITH ADMIN OPTION.
    pub to: Vec<(GranteeName, bool)>,
    /// REVOKE … CASCADE.
    pub cascade: bool,
}

/// Privileges as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivilegeNames {
    /// `ALL [PRIVILEGES]`.
    All,
    /// Names, upper case, each with its 1-based position.
    Named(Vec<(String, usize)>),
}

/// What a GRANT grants.
#[derive(Debug, Clone)]
pub enum Granted {
    /// Privileges on tables and views.
    Relations(PrivilegeNames, Vec<TableName>),
    /// Privileges on columns: each with its columns.
    Columns(Vec<(Option<String>, Vec<String>)>, Vec<TableName>),
    /// On ALL TABLES IN SCHEMA.
    AllRelations(PrivilegeNames, Vec<String>),
    /// On the database.
    Databases(PrivilegeNames, Vec<String>),
    /// On schemas.
    Schemas(PrivilegeNames, Vec<String>),
    /// On functions with the types of their arguments.
    Functions(PrivilegeNames, Vec<FunctionSignature>),
    /// On ALL FUNCTIONS IN SCHEMA.
    AllFunctions(PrivilegeNames, Vec<String>),
    /// On procedures with the types of their arguments.
    Procedures(PrivilegeNames, Vec<ProcedureSignature>),
    /// On ALL PROCEDURES IN SCHEMA.
    AllProcedures(PrivilegeNames, Vec<String>),
    /// On languages.
    Languages(PrivilegeNames, Vec<String>),
    /// Roles.
    Roles(Vec<String>),
    /// System privileges, to roles.
    System(PrivilegeNames),
}

/// A function's name and the types of its arguments.
#[derive(Debug, Clone)]
pub struct FunctionSignature {
    /// Name.
    pub name: TableName,
    /// Types.
    pub arguments: Vec<RedshiftType>,
}

/// What default privileges are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultObjects {
    /// Tables and views.
    Tables,
    /// Functions.
    Functions,
    /// Procedures.
    Procedures,
}

/// ALTER DEFAULT PRIVILEGES.
#[derive(Debug, Clone)]
pub struct AlterDefaultPrivileges {
    /// FOR USER; the current user if none is given.
    pub creators: Vec<String>,
    /// IN SCHEMA; every schema if none is given.
    pub schemas: Vec<String>,
    /// ON TABLES, FUNCTIONS or PROCEDURES.
    pub objects: DefaultObjects,
    /// Which.
    pub privileges: PrivilegeNames,
    /// REVOKE.
    pub revoke: bool,
    /// REVOKE GRANT OPTION FOR.
    pub only_option: bool,
    /// Each with WITH GRANT OPTION.
    pub to: Vec<(GranteeName, bool)>,
}
