//! What one user may do, as a transaction sees users, owners and grants.

use std::collections::BTreeSet;
use std::sync::Arc;

use dwh_common::{SqlError, SqlState};
use dwh_storage::{
    Access, GrantKey, Grantee, PrincipalId, Privilege, SYSTEM_ROLES, Schema, Securable, Table, Transaction,
    User, View,
};

use crate::system_tables::catalog::SYSTEM_USER;

/// Number of the language SQL among [`Securable::Language`]s.
pub(crate) const LANGUAGE_SQL: i64 = 1;
/// Number of the language PL/pgSQL.
pub(crate) const LANGUAGE_PLPGSQL: i64 = 2;

/// The rights of a user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rights<'a> {
    access: &'a Access,
    schemas: Schemas<'a>,
    user: PrincipalId,
}

/// Where the schemas are known from.
#[derive(Debug, Clone, Copy)]
enum Schemas<'a> {
    Of(&'a Transaction),
    Listed(&'a [Arc<Schema>]),
}

impl Schemas<'_> {
    fn find(&self, wanted: impl Fn(&Schema) -> bool) -> Option<Arc<Schema>> {
        match self {
            Self::Of(transaction) => transaction.schemas().into_iter().find(|schema| wanted(schema)),
            Self::Listed(schemas) => schemas.iter().find(|schema| wanted(schema)).cloned(),
        }
    }
}

impl<'a> Rights<'a> {
    pub(crate) fn new(transaction: &'a Transaction, user: PrincipalId) -> Self {
        Self { access: transaction.access(), schemas: Schemas::Of(transaction), user }
    }

    /// The same by copies of what the transaction knows, which may outlive it.
    pub(crate) fn detached(access: &'a Access, schemas: &'a [Arc<Schema>], user: PrincipalId) -> Self {
        Self { access, schemas: Schemas::Listed(schemas), user }
    }

    /// The same question about another user: the owner of a view that is read.
    pub(crate) fn of(&self, user: PrincipalId) -> Self {
        Self { user, ..*self }
    }

    pub(crate) fn access(&self) -> &'a Access {
        self.access
    }

    /// The user's number.
    pub(crate) fn user_id(&self) -> PrincipalId {
        self.user
    }

    /// The user, unless it was dropped meanwhile.
    pub(crate) fn user(&self) -> Option<&'a User> {
        self.access().users.get(&self.user)
    }

    /// Whether the user may do everything: a superuser, or one with the role `sys:superuser`.
    pub(crate) fn is_superuser(&self) -> bool {
        self.user == SYSTEM_USER
            || self.user().is_some_and(|user| user.superuser)
            || (!self.access().role_members.is_empty()
                && self.roles().iter().any(|role| self.system_role(*role) == Some("sys:superuser")))
    }

    /// Whether policies are the user's to make: a superuser, or one with the role `sys:secadmin`.
    pub(crate) fn is_security_administrator(&self) -> bool {
        self.is_superuser() || self.roles().iter().any(|role| self.system_role(*role) == Some("sys:secadmin"))
    }

    /// The roles that the user has, directly or through other roles.
    pub(crate) fn roles(&self) -> BTreeSet<PrincipalId> {
        let mut roles = BTreeSet::new();
        let mut open = vec![Grantee::User(self.user)];
        while let Some(member) = open.pop() {
            for (role, of) in self.access().role_members.keys() {
                if *of == member && roles.insert(*role) {
                    open.push(Grantee::Role(*role));
                }
            }
        }
        roles
    }

    fn system_role(&self, role: PrincipalId) -> Option<&'a str> {
        let name = self.access().roles.get(&role)?.name.as_str();
        name.starts_with("sys:").then_some(name)
    }

    /// Everything through which the user has privileges.
    pub(crate) fn grantees(&self) -> Vec<Grantee> {
        let access = self.access();
        let groups = access.groups.values().filter(|group| group.members.contains(&self.user));
        let mut all = vec![Grantee::Public, Grantee::User(self.user)];
        all.extend(groups.map(|group| Grantee::Group(group.id)));
        all.extend(self.roles().into_iter().map(Grantee::Role));
        all
    }

    /// Whether the user owns an object, or may do with it as if.
    pub(crate) fn owns(&self, object: Securable) -> bool {
        self.is_superuser() || self.access().owner(object) == self.user
    }

    /// Whether the user has a privilege: owner, superuser, or by grant.
    pub(crate) fn has(&self, on: Securable, privilege: Privilege) -> bool {
        self.owns(on) || self.is_granted(on, privilege)
    }

    fn is_granted(&self, on: Securable, privilege: Privilege) -> bool {
        let access = self.access();
        self.grantees().into_iter().any(|to| match access.grants.get(&GrantKey { on, privilege, to }) {
            Some(grant) => grant.is_some(),
            None => to == Grantee::Public && self.public_has(on, privilege),
        })
    }

    /// Whether the user has a privilege on a column, or on its whole table.
    pub(crate) fn has_on_column(&self, relation: i64, column: i64, privilege: Privilege) -> bool {
        self.has(Securable::Relation(relation), privilege)
            || self.is_granted(Securable::Column(relation, column), privilege)
    }

    /// Whether the user may grant a privilege on to others.
    pub(crate) fn may_grant(&self, on: Securable, privilege: Privilege) -> bool {
        let granted = |to| self.access().grants.get(&GrantKey { on, privilege, to }).copied().flatten();
        let object = match on {
            Securable::Column(relation, _) => Securable::Relation(relation),
            other => other,
        };
        let owns = match object {
            // The guide's page "Row-level security end-to-end example".
            Securable::System if Privilege::OF_POLICIES.contains(&privilege) => {
                self.is_security_administrator()
            }
            Securable::System => self.is_superuser(),
            object => self.owns(object),
        };
        owns || self.grantees().into_iter().any(|to| granted(to).is_some_and(|grant| grant.with_option))
    }

    /// What everybody has without a grant: the schema public, temporary tables, functions, languages.
    pub(crate) fn public_has(&self, on: Securable, privilege: Privilege) -> bool {
        match on {
            Securable::Database => privilege == Privilege::TEMPORARY,
            Securable::Schema(id) => {
                let is_public =
                    self.schemas.find(|schema| schema.id == id).is_some_and(|s| s.name == "public");
                is_public && matches!(privilege, Privilege::USAGE | Privilege::CREATE)
            }
            Securable::Function(_) => privilege == Privilege::EXECUTE,
            Securable::Language(_) => privilege == Privilege::USAGE,
            // The guide: by default only the owner and superusers call a procedure.
            Securable::Procedure(_) | Securable::System | Securable::Relation(_) | Securable::Column(..) => {
                false
            }
        }
    }

    /// Whether the user has a system privilege through a role.
    pub(crate) fn has_system(&self, privilege: Privilege) -> bool {
        self.is_superuser()
            || self.roles().into_iter().any(|role| {
                let by_name = self.system_role(role).is_some_and(|name| {
                    SYSTEM_ROLES.iter().any(|(known, all)| *known == name && all.contains(&privilege))
                });
                let key = GrantKey { on: Securable::System, privilege, to: Grantee::Role(role) };
                by_name || self.access().grants.get(&key).copied().flatten().is_some()
            })
    }

    /// `permission denied for relation …` unless the user has the privilege on it.
    pub(crate) fn check_relation(&self, id: i64, name: &str, privilege: Privilege) -> Result<(), SqlError> {
        allow(self.has(Securable::Relation(id), privilege), || denied("relation", name))
    }

    /// The columns that the user may read of a relation: `None` for all of them.
    ///
    /// # Errors
    /// 42501 if there is none.
    pub(crate) fn readable_columns(
        &self,
        relation: i64,
        name: &str,
        columns: impl Iterator<Item = i64>,
    ) -> Result<Option<Vec<bool>>, SqlError> {
        if self.has(Securable::Relation(relation), Privilege::SELECT) {
            return Ok(None);
        }
        let readable: Vec<bool> =
            columns.map(|id| self.is_granted(Securable::Column(relation, id), Privilege::SELECT)).collect();
        allow(readable.contains(&true), || denied("relation", name))?;
        Ok(Some(readable))
    }

    /// Whether the user may reach the objects of a schema.
    pub(crate) fn has_schema(&self, name: &str, privilege: Privilege) -> bool {
        let schema = self.schemas.find(|schema| schema.name == name);
        schema.is_none_or(|schema| self.has(Securable::Schema(schema.id), privilege))
    }

    /// `permission denied for schema …` unless the user has the privilege on it.
    pub(crate) fn check_schema(&self, name: &str, privilege: Privilege) -> Result<(), SqlError> {
        allow(self.has_schema(name, privilege), || denied("schema", name))
    }

    /// `must be owner of relation …` unless the user is, or owns its schema.
    pub(crate) fn check_owner(&self, object: Securable, schema: &str, name: &str) -> Result<(), SqlError> {
        let owns_schema = self
            .schemas
            .find(|known| known.name == schema)
            .is_some_and(|schema| self.owns(Securable::Schema(schema.id)));
        allow(self.owns(object) || owns_schema, || must_be_owner("relation", name))
    }
}

/// What a table or view is for grants.
pub(crate) fn relation_of(table: &Table) -> Securable {
    Securable::Relation(table.id)
}

/// What a view is for grants.
pub(crate) fn relation_of_view(view: &View) -> Securable {
    Securable::Relation(view.id)
}

/// `error` unless `allowed`.
pub(crate) fn allow(allowed: bool, error: impl FnOnce() -> SqlError) -> Result<(), SqlError> {
    if allowed { Ok(()) } else { Err(error()) }
}

/// `permission denied for …`, in PostgreSQL 8's words, which Redshift keeps.
pub(crate) fn denied(kind: &str, name: &str) -> SqlError {
    SqlError::new(SqlState::InsufficientPrivilege, format!("permission denied for {kind} {name}"))
}

/// `must be owner of …`.
pub(crate) fn must_be_owner(kind: &str, name: &str) -> SqlError {
    SqlError::new(SqlState::InsufficientPrivilege, format!("must be owner of {kind} {name}"))
}

/// `must be superuser to …`.
pub(crate) fn must_be_superuser(what: &str) -> SqlError {
    SqlError::new(SqlState::InsufficientPrivilege, format!("must be superuser to {what}"))
}
