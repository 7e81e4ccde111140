//! Who there is and what each may do: users, groups, roles, owners and grants (the guide's chapter
//! "Managing database security"), and texts about objects that DuckLake has no place for.
//!
//! A plain value, part of every snapshot: a transaction changes a private copy, and at commit the copies
//! of two transactions are merged entry by entry. Whether somebody may do something is the engine's to say.

mod functions;
mod merge;
mod policies;
mod privilege;
mod procedures;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub use self::functions::{FunctionDefinition, FunctionId, Volatility};
pub use self::policies::{ColumnPath, Mask, MaskKey, Policy, RowConjunction, RowPolicyKey};
pub use self::privilege::{Privilege, SYSTEM_ROLES};
pub use self::procedures::{Argument, ProcedureDefinition, ProcedureId};

/// Identifies a user, group or role for as long as it exists.
pub type PrincipalId = i64;

/// The user that every warehouse has: whoever opens its folder. Users' numbers start with it (RS 5.3).
pub const OWNER_ID: PrincipalId = 100;
/// The name of [`OWNER_ID`] in a new warehouse.
pub const OWNER_NAME: &str = "awsuser";

/// Users, groups, roles, owners and grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// CREATE USER.
    pub users: BTreeMap<PrincipalId, User>,
    /// CREATE GROUP.
    pub groups: BTreeMap<PrincipalId, Group>,
    /// CREATE ROLE.
    pub roles: BTreeMap<PrincipalId, Role>,
    /// GRANT ROLE: the role and who has it.
    pub role_members: BTreeMap<(PrincipalId, Grantee), RoleGrant>,
    /// Who owns what; what is not in here is [`OWNER_ID`]'s.
    pub owners: BTreeMap<Securable, PrincipalId>,
    /// GRANT … ON. `None` takes away what PUBLIC has without a grant.
    pub grants: BTreeMap<GrantKey, Option<Grant>>,
    /// ALTER DEFAULT PRIVILEGES. `None` takes away what PUBLIC would get without it.
    pub default_privileges: BTreeMap<DefaultKey, Option<DefaultGrant>>,
    /// CREATE FUNCTION.
    pub functions: BTreeMap<FunctionId, FunctionDefinition>,
    /// CREATE PROCEDURE.
    pub procedures: BTreeMap<ProcedureId, ProcedureDefinition>,
    /// COMMENT ON DATABASE (key `database`), CONSTRAINT (`constraint <table id> <name>`), FUNCTION
    /// (`function <id>`) and PROCEDURE (`procedure <id>`).
    pub comments: BTreeMap<String, String>,
    /// What ALTER DATABASE set: `connection_limit`, `isolation_level`.
    pub database: BTreeMap<String, String>,
    /// QUOTA of schemas in megabytes, by schema id.
    pub quotas: BTreeMap<i64, i64>,
    /// CREATE RLS POLICY, by name.
    pub row_policies: BTreeMap<String, Policy>,
    /// ATTACH RLS POLICY: where and for whom, and who did.
    pub row_policies_on: BTreeMap<RowPolicyKey, PrincipalId>,
    /// ROW LEVEL SECURITY ON: the relations' ids.
    pub row_security: BTreeMap<i64, RowConjunction>,
    /// CREATE MASKING POLICY, by name.
    pub masking_policies: BTreeMap<String, Policy>,
    /// ATTACH MASKING POLICY.
    pub masks: BTreeMap<MaskKey, Mask>,
}

impl Default for Access {
    fn default() -> Self {
        let owner = User {
            create_db: true,
            superuser: true,
            syslog_unrestricted: true,
            ..User::new(OWNER_ID, OWNER_NAME)
        };
        Self {
            users: BTreeMap::from([(OWNER_ID, owner)]),
            groups: BTreeMap::new(),
            roles: system_roles(),
            role_members: BTreeMap::new(),
            owners: BTreeMap::new(),
            grants: BTreeMap::new(),
            default_privileges: BTreeMap::new(),
            functions: BTreeMap::new(),
            procedures: BTreeMap::new(),
            comments: BTreeMap::new(),
            database: BTreeMap::new(),
            quotas: BTreeMap::new(),
            row_policies: BTreeMap::new(),
            row_policies_on: BTreeMap::new(),
            row_security: BTreeMap::new(),
            masking_policies: BTreeMap::new(),
            masks: BTreeMap::new(),
        }
    }
}

/// The roles that every warehouse has, with numbers below zero.
fn system_roles() -> BTreeMap<PrincipalId, Role> {
    let role = |(at, (name, _)): (usize, &(&str, _))| {
        let id = -1 - at as PrincipalId;
        (id, Role { id, name: (*name).to_owned(), owner: OWNER_ID, external_id: None })
    };
    SYSTEM_ROLES.iter().enumerate().map(role).collect()
}

/// A user, as CREATE USER and ALTER USER make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Number, `usesysid`.
    pub id: PrincipalId,
    /// Name.
    pub name: String,
    /// What a password is checked against; `None` after PASSWORD DISABLE.
    pub password: Option<PasswordVerifiers>,
    /// CREATEDB.
    pub create_db: bool,
    /// CREATEUSER: a superuser.
    pub superuser: bool,
    /// VALID UNTIL; `None` is for ever.
    pub valid_until: Option<DateTime<Utc>>,
    /// CONNECTION LIMIT; `None` is UNLIMITED.
    pub connection_limit: Option<u32>,
    /// SYSLOG ACCESS UNRESTRICTED.
    pub syslog_unrestricted: bool,
    /// SESSION TIMEOUT in seconds.
    pub session_timeout_seconds: Option<u32>,
    /// ALTER USER … SET: parameters and their values in new sessions.
    pub settings: BTreeMap<String, String>,
    /// EXTERNALID.
    pub external_id: Option<String>,
}

impl User {
    /// A user of which only number and name are said.
    pub fn new(id: PrincipalId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            password: None,
            create_db: false,
            superuser: false,
            valid_until: None,
            connection_limit: None,
            syslog_unrestricted: false,
            session_timeout_seconds: None,
            settings: BTreeMap::new(),
            external_id: None,
        }
    }
}

/// What a password is checked against. None of it is the password; each is enough for one way to
/// authenticate.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PasswordVerifiers {
    /// SCRAM-SHA-256, as PostgreSQL keeps it: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`,
    /// the last three in base64 (RFC 5803).
    pub scram: Option<String>,
    /// `md5` and the MD5 of password and user name in hexadecimal digits, for PostgreSQL's `md5`.
    pub md5: Option<String>,
    /// `<digest>|<salt>` in hexadecimal digits: SHA-256 of password and salt, as Redshift's `sha256|…`.
    pub sha256: Option<String>,
}

impl std::fmt::Debug for PasswordVerifiers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordVerifiers(****)")
    }
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Number, `grosysid`.
    pub id: PrincipalId,
    /// Name.
    pub name: String,
    /// Its users.
    pub members: BTreeSet<PrincipalId>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Number.
    pub id: PrincipalId,
    /// Name.
    pub name: String,
    /// The user that created it.
    pub owner: PrincipalId,
    /// EXTERNALID.
    pub external_id: Option<String>,
}

/// How somebody has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleGrant {
    /// WITH ADMIN OPTION.
    pub admin: bool,
    /// Who granted it.
    pub grantor: PrincipalId,
}

/// Who can have privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Everybody.
    Public,
    /// One user.
    User(PrincipalId),
    /// The users of a group.
    Group(PrincipalId),
    /// Whoever has a role.
    Role(PrincipalId),
}

/// What privileges are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Securable {
    /// Everything: the system privileges of roles, such as CREATE USER.
    System,
    /// The database.
    Database,
    /// A schema, by its id.
    Schema(i64),
    /// A table or view, by its id.
    Relation(i64),
    /// A column of a table (its id) or of a view (its 1-based place).
    Column(i64, i64),
    /// A function, by its id.
    Function(FunctionId),
    /// A procedure, by its id.
    Procedure(ProcedureId),
    /// A language: 1 is SQL, 2 is PL/pgSQL.
    Language(i64),
}

/// One privilege of one grantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantKey {
    /// On what.
    pub on: Securable,
    /// Which.
    pub privilege: Privilege,
    /// Whose.
    pub to: Grantee,
}

/// How somebody has a privilege.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Who granted it.
    pub grantor: PrincipalId,
    /// WITH GRANT OPTION.
    pub with_option: bool,
}

/// What privileges on objects to come are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefaultObjects {
    /// Tables and views.
    Relations,
    /// Functions.
    Functions,
    /// Procedures.
    Procedures,
}

/// A privilege on objects to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefaultKey {
    /// The user that will create them.
    pub creator: PrincipalId,
    /// The schema that they will be in; `None` is any.
    pub schema: Option<i64>,
    /// What they are.
    pub objects: DefaultObjects,
    /// Which.
    pub privilege: Privilege,
    /// Whose.
    pub to: Grantee,
}

/// How a privilege on objects to come is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultGrant {
    /// WITH GRANT OPTION.
    pub with_option: bool,
}

impl Access {
    /// The user of that name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.values().find(|user| user.name == name)
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.values().find(|group| group.name == name)
    }

    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.values().find(|role| role.name == name)
    }

    /// The owner of an object.
    pub fn owner(&self, object: Securable) -> PrincipalId {
        self.owners.get(&object).copied().unwrap_or(OWNER_ID)
    }

    /// A number for a new user.
    pub fn next_user_id(&self) -> PrincipalId {
        self.users.keys().next_back().map_or(OWNER_ID, |last| last + 1)
    }

    /// The name of a grantee, for errors and catalogs.
    pub fn grantee_name(&self, grantee: Grantee) -> String {
        let name = match grantee {
            Grantee::Public => Some("public"),
            Grantee::User(id) => self.users.get(&id).map(|user| user.name.as_str()),
            Grantee::Group(id) => self.groups.get(&id).map(|group| group.name.as_str()),
            Grantee::Role(id) => self.roles.get(&id).map(|role| role.name.as_str()),
        };
        name.map_or_else(|| "unknown".to_owned(), ToOwned::to_owned)
    }

    /// A schema has another name, and so another number.
    pub(crate) fn schema_renamed(&mut self, old: i64, new: i64, name: &str, to: &str) {
        let (gone, now) = (Securable::Schema(old), Securable::Schema(new));
        if let Some(owner) = self.owners.remove(&gone) {
            self.owners.insert(now, owner);
        }
        let grants: Vec<_> = self.grants.extract_if(.., |key, _| key.on == gone).collect();
        self.grants.extend(grants.into_iter().map(|(key, grant)| (GrantKey { on: now, ..key }, grant)));
        let defaults: Vec<_> =
            self.default_privileges.extract_if(.., |key, _| key.schema == Some(old)).collect();
        let renamed = |(key, grant)| (DefaultKey { schema: Some(new), ..key }, grant);
        self.default_privileges.extend(defaults.into_iter().map(renamed));
        if let Some(quota) = self.quotas.remove(&old) {
            self.quotas.insert(new, quota);
        }
        for function in self.functions.values_mut().filter(|function| function.schema == name) {
            to.clone_into(&mut function.schema);
        }
        for procedure in self.procedures.values_mut().filter(|procedure| procedure.schema == name) {
            to.clone_into(&mut procedure.schema);
        }
    }

    /// Takes the functions and procedures out of a schema that goes.
    pub fn drop_routines(&mut self, schema: &str) {
        let functions: Vec<_> = self.functions.extract_if(.., |_, f| f.schema == schema).collect();
        let procedures: Vec<_> = self.procedures.extract_if(.., |_, p| p.schema == schema).collect();
        for (id, _) in functions {
            self.comments.remove(&format!("function {id}"));
            self.forget(Securable::Function(id));
        }
        for (id, _) in procedures {
            self.drop_procedure(id);
        }
    }

    /// Forgets a procedure and all privileges on it.
    pub fn drop_procedure(&mut self, id: ProcedureId) {
        self.procedures.remove(&id);
        self.comments.remove(&format!("procedure {id}"));
        self.forget(Securable::Procedure(id));
    }

    /// Forgets an object that is no more: its owner and all privileges on it and its columns.
    pub(crate) fn forget(&mut self, gone: Securable) {
        let is_gone = |on: &Securable| match (on, gone) {
            (Securable::Column(relation, _), Securable::Relation(id)) => *relation == id,
            (on, gone) => *on == gone,
        };
        self.owners.retain(|on, _| !is_gone(on));
        self.grants.retain(|key, _| !is_gone(&key.on));
        if let Securable::Schema(id) = gone {
            self.default_privileges.retain(|key, _| key.schema != Some(id));
            self.quotas.remove(&id);
        }
        if let Securable::Relation(id) = gone {
            let start = format!("constraint {id} ");
            self.comments.retain(|key, _| !key.starts_with(&start));
        }
        self.forget_policies_on(gone);
    }
}
