//! `HAS_…_PRIVILEGE([user,] object, privilege)` and membership: what a user may do, as grants and owners say.

use std::collections::BTreeSet;
use std::sync::Arc;

use dwh_common::{SqlError, SqlState};
use dwh_storage::{Access, Grantee, PrincipalId, Privilege, Schema, Securable};

use super::procedures::oid_of_name;
use super::{Answer, Argument, CatalogView, number, truth};
use crate::access::Rights;
use crate::names::undefined;
use crate::system_tables::catalog::CatalogRelation;
use crate::system_tables::function_oid;

/// Users, roles and grants as the transaction sees them, and who asks.
pub(crate) struct Principals {
    pub(crate) access: Access,
    pub(crate) schemas: Vec<Arc<Schema>>,
    pub(crate) current_user: PrincipalId,
}

type Result<T> = std::result::Result<T, SqlError>;

/// One privilege that is asked for: `SELECT`, or `SELECT WITH GRANT OPTION`.
struct Asked {
    privilege: Privilege,
    grantable: bool,
}

impl Asked {
    fn holds(&self, rights: Rights<'_>, on: Securable) -> bool {
        if self.grantable { rights.may_grant(on, self.privilege) } else { rights.has(on, self.privilege) }
    }
}

/// The privileges of a list; TEMP is TEMPORARY.
fn asked(list: &str, known: &[Privilege]) -> Result<Vec<Asked>> {
    let one = |written: &str| {
        let upper = written.trim().to_ascii_uppercase();
        let (name, grantable) = match upper.strip_suffix("WITH GRANT OPTION") {
            Some(name) => (name.trim_end(), true),
            None => (upper.as_str(), false),
        };
        let name = if name == "TEMP" { "TEMPORARY" } else { name };
        match Privilege::from_name(name).filter(|privilege| known.contains(privilege)) {
            Some(privilege) => Ok(Asked { privilege, grantable }),
            None => Err(SqlError::new(
                SqlState::InvalidParameterValue,
                format!("unrecognized privilege type: \"{}\"", written.trim()),
            )),
        }
    };
    list.split(',').map(one).collect()
}

/// The user that is asked about, the rest of the arguments; `None` if one of them is NULL.
fn split<'a, const REST: usize>(
    view: &'a CatalogView,
    arguments: &[Argument<'a>],
) -> Result<Option<(Rights<'a>, [&'a str; REST])>> {
    let all: Option<Vec<&str>> = arguments.iter().copied().collect();
    let Some(all) = all else { return Ok(None) };
    let (user, rest) = match all.len().checked_sub(REST) {
        Some(0) => (view.principals.current_user, all.as_slice()),
        Some(1) => (view.user(all[0])?, &all[1..]),
        _ => return Err(SqlError::new(SqlState::UndefinedFunction, "function takes other arguments")),
    };
    let rest: [&str; REST] = rest.try_into().map_err(|_| SqlError::internal("arguments"))?;
    let principals = &view.principals;
    Ok(Some((Rights::detached(&principals.access, &principals.schemas, user), rest)))
}

pub(super) fn has_table_privilege(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let Some((rights, [table, list])) = split::<2>(view, arguments)? else { return truth(None) };
    let relation = view.known_relation(table)?;
    let asked = asked(list, Privilege::OF_RELATIONS)?;
    truth(Some(asked.iter().any(|asked| holds_on(relation, asked, rights))))
}

/// Everybody reads the system's tables, nobody an index.
fn holds_on(relation: &CatalogRelation, asked: &Asked, rights: Rights<'_>) -> bool {
    match stored_id(relation) {
        Some(id) => asked.holds(rights, Securable::Relation(id)),
        None if rights.is_superuser() => true,
        None => relation.index.is_none() && asked.privilege == Privilege::SELECT && !asked.grantable,
    }
}

fn stored_id(relation: &CatalogRelation) -> Option<i64> {
    relation.table.as_ref().map(|table| table.id).or(relation.view.as_ref().map(|view| view.id))
}

pub(super) fn has_column_privilege(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let Some((rights, [table, column, list])) = split::<3>(view, arguments)? else { return truth(None) };
    let relation = view.known_relation(table)?;
    let place = relation.columns.iter().position(|known| known.name.eq_ignore_ascii_case(column));
    let Some(place) = place else {
        return Err(SqlError::new(
            SqlState::UndefinedColumn,
            format!("column \"{column}\" of relation \"{}\" does not exist", relation.name),
        ));
    };
    let known = [Privilege::SELECT, Privilege::INSERT, Privilege::UPDATE, Privilege::REFERENCES];
    let on_column = |asked: &Asked| {
        let id = relation
            .table
            .as_ref()
            .and_then(|table| table.definition.columns.get(place))
            .map(|column| column.id);
        let column = id.or((relation.view.is_some()).then_some(place as i64 + 1));
        stored_id(relation)
            .zip(column)
            .is_some_and(|(relation, column)| asked.holds(rights, Securable::Column(relation, column)))
    };
    let asked = asked(list, &known)?;
    truth(Some(asked.iter().any(|asked| holds_on(relation, asked, rights) || on_column(asked))))
}

/// By number, or by name and types of the arguments. Everybody may call the system's.
pub(super) fn has_function_privilege(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let Some((rights, [function, list])) = split::<2>(view, arguments)? else { return truth(None) };
    let asked = asked(list, Privilege::OF_FUNCTIONS)?;
    let oid = match function.trim().parse::<i64>() {
        Ok(oid) => Some(oid),
        Err(_) => match oid_of_name(view, &[Some(function)])? {
            Answer::Number(oid) => oid,
            _ => None,
        },
    };
    let access = &view.principals.access;
    let functions = access.functions.keys().map(|id| (*id, Securable::Function(*id)));
    let mut made = functions.chain(access.procedures.keys().map(|id| (*id, Securable::Procedure(*id))));
    let on = made.find(|(id, _)| Some(function_oid(*id)) == oid).map(|(_, on)| on);
    truth(Some(match on {
        Some(on) => asked.iter().any(|asked| asked.holds(rights, on)),
        None => rights.is_superuser() || asked.iter().any(|asked| !asked.grantable),
    }))
}

pub(super) fn has_schema_privilege(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let Some((rights, [schema, list])) = split::<2>(view, arguments)? else { return truth(None) };
    let asked = asked(list, Privilege::OF_SCHEMAS)?;
    let name = schema.trim_matches('"');
    if let Some(known) = view.principals.schemas.iter().find(|known| known.name.eq_ignore_ascii_case(name)) {
        return truth(Some(asked.iter().any(|asked| asked.holds(rights, Securable::Schema(known.id)))));
    }
    // Everybody may look into the system's schemas.
    if view.catalog.schemas.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
        let usage = asked.iter().any(|asked| asked.privilege == Privilege::USAGE && !asked.grantable);
        return truth(Some(usage || rights.is_superuser()));
    }
    Err(SqlError::new(SqlState::InvalidSchemaName, format!("schema \"{schema}\" does not exist")))
}

pub(super) fn has_database_privilege(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let Some((rights, [database, list])) = split::<2>(view, arguments)? else { return truth(None) };
    if !database.eq_ignore_ascii_case(&view.database) {
        return Err(SqlError::new(
            SqlState::InvalidCatalogName,
            format!("database \"{database}\" does not exist"),
        ));
    }
    // Later PostgreSQL has it; whoever can log in connects.
    if list.split(',').any(|name| name.trim().eq_ignore_ascii_case("connect")) {
        return truth(Some(true));
    }
    let asked = asked(list, Privilege::OF_DATABASES)?;
    truth(Some(asked.iter().any(|asked| asked.holds(rights, Securable::Database))))
}

/// `USER_IS_MEMBER_OF(user, role or group)`: directly, or through other roles.
pub(super) fn user_is_member_of(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let [Some(user), Some(of)] = arguments else { return truth(None) };
    let access = &view.principals.access;
    let user = view.user(user)?;
    let rights = Rights::detached(access, &view.principals.schemas, user);
    if let Some(role) = access.roles.values().find(|role| role.name.eq_ignore_ascii_case(of)) {
        return truth(Some(rights.roles().contains(&role.id)));
    }
    match access.groups.values().find(|group| group.name.eq_ignore_ascii_case(of)) {
        Some(group) => truth(Some(group.members.contains(&user))),
        None => Err(undefined_role(of)),
    }
}

/// `ROLE_IS_MEMBER_OF(role, role that it may have been granted)`.
pub(super) fn role_is_member_of(view: &CatalogView, arguments: &[Argument<'_>]) -> Result<Answer> {
    let [Some(role), Some(of)] = arguments else { return truth(None) };
    let access = &view.principals.access;
    let named = |name: &str| {
        let found = access.roles.values().find(|role| role.name.eq_ignore_ascii_case(name));
        found.map(|role| role.id).ok_or_else(|| undefined_role(name))
    };
    let (role, of) = (named(role)?, named(of)?);
    let mut reached = BTreeSet::new();
    let mut open = vec![role];
    while let Some(member) = open.pop() {
        for (granted, to) in access.role_members.keys() {
            if *to == Grantee::Role(member) && reached.insert(*granted) {
                open.push(*granted);
            }
        }
    }
    truth(Some(reached.contains(&of)))
}

fn undefined_role(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("role \"{name}\" does not exist"))
}

impl CatalogView {
    /// A user by name or number.
    fn user(&self, user: &str) -> Result<PrincipalId> {
        let named = self.catalog.users.iter().find(|(_, name)| name.eq_ignore_ascii_case(user));
        let numbered = || number(Some(user)).filter(|id| self.principals.access.users.contains_key(id));
        named.map(|(id, _)| *id).or_else(numbered).ok_or_else(|| {
            SqlError::new(SqlState::UndefinedObject, format!("user \"{user}\" does not exist"))
        })
    }

    /// A relation by name or number.
    fn known_relation(&self, relation: &str) -> Result<&CatalogRelation> {
        self.catalog.named(relation).or_else(|| self.relation(Some(relation))).ok_or_else(|| {
            undefined(&dwh_sql::statement::TableName {
                database: None,
                schema: None,
                name: relation.to_owned(),
                position: None,
            })
        })
    }
}
