//! The privileges of Redshift by name (the guide's page GRANT).

use std::fmt;

macro_rules! privileges {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        impl Privilege {
            $($(#[$doc])* pub const $name: Self = Self($text);)*
            const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

/// A privilege, by the name that GRANT gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Privilege(&'static str);

privileges! {
    /// Reading a table, view or column.
    SELECT = "SELECT",
    /// Adding rows, COPY included.
    INSERT = "INSERT",
    /// Changing rows or a column of them.
    UPDATE = "UPDATE",
    /// Deleting rows.
    DELETE = "DELETE",
    /// Pointing a foreign key at a table.
    REFERENCES = "REFERENCES",
    /// DROP of a table or schema.
    DROP = "DROP",
    /// ALTER of a table or schema.
    ALTER = "ALTER",
    /// TRUNCATE.
    TRUNCATE = "TRUNCATE",
    /// Creating schemas in a database, or objects in a schema.
    CREATE = "CREATE",
    /// Creating temporary tables.
    TEMPORARY = "TEMPORARY",
    /// Reaching the objects of a schema; a language.
    USAGE = "USAGE",
    /// Calling a function.
    EXECUTE = "EXECUTE",
    /// System privilege.
    CREATE_USER = "CREATE USER",
    /// System privilege.
    DROP_USER = "DROP USER",
    /// System privilege.
    ALTER_USER = "ALTER USER",
    /// System privilege.
    CREATE_SCHEMA = "CREATE SCHEMA",
    /// System privilege.
    DROP_SCHEMA = "DROP SCHEMA",
    /// System privilege.
    ALTER_DEFAULT_PRIVILEGES = "ALTER DEFAULT PRIVILEGES",
    /// System privilege.
    ACCESS_CATALOG = "ACCESS CATALOG",
    /// System privilege.
    ACCESS_SYSTEM_TABLE = "ACCESS SYSTEM TABLE",
    /// System privilege.
    CREATE_TABLE = "CREATE TABLE",
    /// System privilege.
    DROP_TABLE = "DROP TABLE",
    /// System privilege.
    ALTER_TABLE = "ALTER TABLE",
    /// System privilege.
    CREATE_OR_REPLACE_FUNCTION = "CREATE OR REPLACE FUNCTION",
    /// System privilege.
    CREATE_OR_REPLACE_EXTERNAL_FUNCTION = "CREATE OR REPLACE EXTERNAL FUNCTION",
    /// System privilege.
    DROP_FUNCTION = "DROP FUNCTION",
    /// System privilege.
    CREATE_OR_REPLACE_PROCEDURE = "CREATE OR REPLACE PROCEDURE",
    /// System privilege.
    DROP_PROCEDURE = "DROP PROCEDURE",
    /// System privilege.
    CREATE_OR_REPLACE_VIEW = "CREATE OR REPLACE VIEW",
    /// System privilege.
    DROP_VIEW = "DROP VIEW",
    /// System privilege.
    CREATE_MODEL = "CREATE MODEL",
    /// System privilege.
    DROP_MODEL = "DROP MODEL",
    /// System privilege.
    CREATE_DATASHARE = "CREATE DATASHARE",
    /// System privilege.
    ALTER_DATASHARE = "ALTER DATASHARE",
    /// System privilege.
    DROP_DATASHARE = "DROP DATASHARE",
    /// System privilege.
    CREATE_LIBRARY = "CREATE LIBRARY",
    /// System privilege.
    DROP_LIBRARY = "DROP LIBRARY",
    /// System privilege.
    CREATE_ROLE = "CREATE ROLE",
    /// System privilege.
    DROP_ROLE = "DROP ROLE",
    /// System privilege.
    TRUNCATE_TABLE = "TRUNCATE TABLE",
    /// System privilege.
    VACUUM = "VACUUM",
    /// System privilege.
    ANALYZE = "ANALYZE",
    /// System privilege.
    CANCEL = "CANCEL",
    /// System privilege.
    EXPLAIN_RLS = "EXPLAIN RLS",
    /// System privilege.
    IGNORE_RLS = "IGNORE RLS",
    /// System privilege.
    EXPLAIN_MASKING = "EXPLAIN MASKING",
}

impl Privilege {
    /// System privileges that `sys:secadmin` may grant.
    pub const OF_POLICIES: &[Self] = &[Self::EXPLAIN_RLS, Self::IGNORE_RLS, Self::EXPLAIN_MASKING];
    /// What tables and views have, in the order of ALL.
    pub const OF_RELATIONS: &[Self] = &[
        Self::SELECT,
        Self::INSERT,
        Self::UPDATE,
        Self::DELETE,
        Self::DROP,
        Self::REFERENCES,
        Self::ALTER,
        Self::TRUNCATE,
    ];
    /// What columns have.
    pub const OF_COLUMNS: &[Self] = &[Self::SELECT, Self::UPDATE];
    /// What schemas have.
    pub const OF_SCHEMAS: &[Self] = &[Self::CREATE, Self::USAGE, Self::ALTER, Self::DROP];
    /// What the database has.
    pub const OF_DATABASES: &[Self] = &[Self::CREATE, Self::TEMPORARY, Self::ALTER, Self::USAGE];
    /// What functions have.
    pub const OF_FUNCTIONS: &[Self] = &[Self::EXECUTE];
    /// What languages have.
    pub const OF_LANGUAGES: &[Self] = &[Self::USAGE];

    /// The name, upper case.
    pub fn name(self) -> &'static str {
        self.0
    }

    /// The privilege of that name, upper case; TEMP is TEMPORARY.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "TEMP" { "TEMPORARY" } else { name };
        Self::ALL.iter().copied().find(|privilege| privilege.0 == name)
    }

    /// The system privileges, which roles get without an object.
    pub fn of_system() -> impl Iterator<Item = Self> {
        let start = Self::ALL.iter().position(|privilege| *privilege == Self::CREATE_USER);
        Self::ALL.iter().copied().skip(start.unwrap_or_default())
    }
}

/// The roles that Redshift defines, and the system privileges that they have (the guide's page "Amazon
/// Redshift system-defined roles"); `sys:superuser` has all rights.
pub const SYSTEM_ROLES: &[(&str, &[Privilege])] = &[
    ("sys:operator", OPERATOR),
    ("sys:dba", DBA),
    ("sys:superuser", &[]),
    ("sys:secadmin", SECADMIN),
    ("sys:monitor", MONITOR),
];
const MONITOR: &[Privilege] = &[Privilege::ACCESS_CATALOG, Privilege::ACCESS_SYSTEM_TABLE];
const OPERATOR: &[Privilege] = &[
    Privilege::ACCESS_CATALOG,
    Privilege::ACCESS_SYSTEM_TABLE,
    Privilege::ANALYZE,
    Privilege::VACUUM,
    Privilege::CANCEL,
];
const DBA: &[Privilege] = &[
    Privilege::ACCESS_CATALOG,
    Privilege::ACCESS_SYSTEM_TABLE,
    Privilege::ANALYZE,
    Privilege::VACUUM,
    Privilege::CANCEL,
    Privilege::CREATE_SCHEMA,
    Privilege::CREATE_TABLE,
    Privilege::DROP_SCHEMA,
    Privilege::DROP_TABLE,
    Privilege::TRUNCATE_TABLE,
    Privilege::CREATE_OR_REPLACE_PROCEDURE,
    Privilege::DROP_PROCEDURE,
    Privilege::CREATE_OR_REPLACE_FUNCTION,
    Privilege::CREATE_OR_REPLACE_EXTERNAL_FUNCTION,
    Privilege::DROP_FUNCTION,
    Privilege::CREATE_OR_REPLACE_VIEW,
    Privilege::DROP_VIEW,
];
const SECADMIN: &[Privilege] = &[
    Privilege::CREATE_USER,
    Privilege::ALTER_USER,
    Privilege::DROP_USER,
    Privilege::CREATE_ROLE,
    Privilege::DROP_ROLE,
    Privilege::EXPLAIN_RLS,
    Privilege::IGNORE_RLS,
    Privilege::EXPLAIN_MASKING,
];

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
