//! GRANT and REVOKE.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{Grant, Granted, GranteeName, PrivilegeNames, TableName};
use dwh_storage::{Access, GrantKey, Grantee, Privilege, Securable};

use super::{function, group, procedure, role, user};
use crate::access::{LANGUAGE_PLPGSQL, LANGUAGE_SQL, denied, language_name};
use crate::context::StatementContext;
use crate::names::{Relation, undefined_schema};
use crate::result::{Notice, Outcome, Severity};

/// An object with the privileges that a statement names on it.
struct Target {
    on: Securable,
    /// As errors name it: `relation` and `sales`.
    kind: &'static str,
    name: String,
    privileges: Vec<Privilege>,
}

pub(super) fn execute(context: &mut StatementContext<'_>, grant: &Grant) -> Result<Outcome, SqlError> {
    let done = Outcome::done(if grant.revoke { "REVOKE" } else { "GRANT" });
    if let Granted::Roles(names) = &grant.what {
        if grant.revoke {
            role::revoke_roles(context, names, &grant.to, grant.only_option)?;
        } else {
            role::grant_roles(context, names, &grant.to)?;
        }
        return Ok(done);
    }
    let targets = targets(context, &grant.what)?;
    let mut grantees = Vec::new();
    for (name, with_option) in &grant.to {
        let to = grantee(context.transaction.access(), name)?;
        if matches!(grant.what, Granted::System(_)) && !matches!(to, Grantee::Role(_)) {
            return Err(SqlError::new(
                SqlState::InvalidGrantOperation,
                "system privileges can only be granted to roles",
            ));
        }
        grantees.push((to, *with_option));
    }
    for target in targets {
        let privileges = grantable(context, &target)?;
        for (to, with_option) in &grantees {
            for privilege in &privileges {
                let key = GrantKey { on: target.on, privilege: *privilege, to: *to };
                if grant.revoke {
                    revoke(context, key, grant)?;
                } else {
                    give(context, key, *with_option)?;
                }
            }
        }
    }
    Ok(done)
}

fn give(context: &mut StatementContext<'_>, key: GrantKey, with_option: bool) -> Result<(), SqlError> {
    let grantor = context.user_id;
    context.transaction.change_access(|access| {
        let before = access.grants.get(&key).copied().flatten();
        let with_option = with_option || before.is_some_and(|grant| grant.with_option);
        access.grants.insert(key, Some(dwh_storage::Grant { grantor, with_option }));
    })?;
    Ok(())
}

fn revoke(context: &mut StatementContext<'_>, key: GrantKey, grant: &Grant) -> Result<(), SqlError> {
    let of_public = key.to == Grantee::Public && context.rights().public_has(key.on, key.privilege);
    // What somebody passed on goes with it, if CASCADE says so.
    let passed_on = match key.to {
        Grantee::User(id) => passed_on(context.transaction.access(), key, id),
        _ => Vec::new(),
    };
    if !passed_on.is_empty() && !grant.cascade {
        return Err(SqlError::new(SqlState::DependentObjectsStillExist, "dependent privileges exist")
            .with_hint("Use CASCADE to revoke them too."));
    }
    context.transaction.change_access(|access| {
        if grant.only_option {
            if let Some(Some(kept)) = access.grants.get_mut(&key) {
                kept.with_option = false;
            }
        } else if of_public {
            access.grants.insert(key, None);
        } else {
            access.grants.remove(&key);
            // Taking a privilege from a table takes it from its columns (PostgreSQL's rule).
            if let Securable::Relation(relation) = key.on {
                access.grants.retain(|other, _| {
                    !(matches!(other.on, Securable::Column(of, _) if of == relation)
                        && other.privilege == key.privilege
                        && other.to == key.to)
                });
            }
        }
        access.grants.retain(|key, _| !passed_on.contains(key));
    })?;
    Ok(())
}

/// The grants of the same privilege that a user made, and those that their grantees made, and so on.
fn passed_on(access: &Access, key: GrantKey, user: i64) -> Vec<GrantKey> {
    let mut found: Vec<GrantKey> = Vec::new();
    let mut grantors = vec![user];
    while let Some(grantor) = grantors.pop() {
        for (other, grant) in &access.grants {
            let same = other.on == key.on && other.privilege == key.privilege;
            if same
                && grant.is_some_and(|grant| grant.grantor == grantor)
                && !found.contains(other)
                && *other != key
            {
                found.push(*other);
                if let Grantee::User(id) = other.to {
                    grantors.push(id);
                }
            }
        }
    }
    let owner = access.owner(key.on);
    if user == owner || access.users.get(&user).is_some_and(|user| user.superuser) {
        Vec::new()
    } else {
        found
    }
}

/// The privileges that the user may grant: all of them, or a warning says which are left out
/// (PostgreSQL 8: an error if there is none).
fn grantable(context: &mut StatementContext<'_>, target: &Target) -> Result<Vec<Privilege>, SqlError> {
    let rights = context.rights();
    let (allowed, refused): (Vec<Privilege>, Vec<Privilege>) =
        target.privileges.iter().partition(|privilege| rights.may_grant(target.on, **privilege));
    if allowed.is_empty() && !refused.is_empty() {
        return Err(denied(target.kind, &target.name));
    }
    if !refused.is_empty() {
        let message = format!("not all privileges were granted for \"{}\"", target.name);
        context.notices.push(Notice { severity: Severity::Warning, message });
    }
    Ok(allowed)
}

fn targets(context: &StatementContext<'_>, what: &Granted) -> Result<Vec<Target>, SqlError> {
    let one = |on, kind, name: &str, privileges: &Vec<Privilege>| Target {
        on,
        kind,
        name: name.to_owned(),
        privileges: privileges.clone(),
    };
    Ok(match what {
        Granted::Relations(names, relations) => {
            let privileges = privileges(names, Privilege::OF_RELATIONS, "relation")?;
            let mut targets = Vec::new();
            for name in relations {
                let (on, name) = relation(context, name)?;
                targets.push(one(on, "relation", &name, &privileges));
            }
            targets
        }
        Granted::AllRelations(names, schemas) => {
            let privileges = privileges(names, Privilege::OF_RELATIONS, "relation")?;
            let mut targets = Vec::new();
            for schema in schemas {
                schema_id(context, schema)?;
                for (on, name) in relations_of(context, schema) {
                    targets.push(one(on, "relation", &name, &privileges));
                }
            }
            targets
        }
        Granted::Columns(granted, relations) => column_targets(context, granted, relations)?,
        Granted::Databases(names, databases) => {
            let privileges = privileges(names, Privilege::OF_DATABASES, "database")?;
            databases.iter().try_for_each(|name| check_database(context, name))?;
            vec![one(Securable::Database, "database", context.engine.database(), &privileges)]
        }
        Granted::Schemas(names, schemas) => {
            let privileges = privileges(names, Privilege::OF_SCHEMAS, "schema")?;
            let mut targets = Vec::new();
            for name in schemas {
                targets.push(one(Securable::Schema(schema_id(context, name)?), "schema", name, &privileges));
            }
            targets
        }
        Granted::Functions(names, signatures) => {
            let privileges = privileges(names, Privilege::OF_FUNCTIONS, "function")?;
            let mut targets = Vec::new();
            for signature in signatures {
                let id = function::resolve(context, signature)?;
                targets.push(one(Securable::Function(id), "function", &signature.name.name, &privileges));
            }
            targets
        }
        Granted::AllFunctions(names, schemas) => {
            let privileges = privileges(names, Privilege::OF_FUNCTIONS, "function")?;
            schemas.iter().try_for_each(|schema| schema_id(context, schema).map(drop))?;
            let functions = context.transaction.access().functions.iter();
            functions
                .filter(|(_, function)| schemas.contains(&function.schema))
                .map(|(id, function)| one(Securable::Function(*id), "function", &function.name, &privileges))
                .collect()
        }
        Granted::Procedures(names, signatures) => {
            let privileges = privileges(names, Privilege::OF_FUNCTIONS, "procedure")?;
            let mut targets = Vec::new();
            for signature in signatures {
                let id = procedure::resolve(context, signature)?;
                targets.push(one(Securable::Procedure(id), "procedure", &signature.name.name, &privileges));
            }
            targets
        }
        Granted::AllProcedures(names, schemas) => {
            let privileges = privileges(names, Privilege::OF_FUNCTIONS, "procedure")?;
            schemas.iter().try_for_each(|schema| schema_id(context, schema).map(drop))?;
            let procedures = context.transaction.access().procedures.iter();
            procedures
                .filter(|(_, procedure)| schemas.contains(&procedure.schema))
                .map(|(id, known)| one(Securable::Procedure(*id), "procedure", &known.name, &privileges))
                .collect()
        }
        Granted::Languages(names, languages) => {
            let privileges = privileges(names, Privilege::OF_LANGUAGES, "language")?;
            let target = |name: &String| match [LANGUAGE_SQL, LANGUAGE_PLPGSQL]
                .into_iter()
                .find(|language| language_name(*language) == name)
            {
                Some(language) => Ok(one(Securable::Language(language), "language", name, &privileges)),
                None => Err(SqlError::new(
                    SqlState::UndefinedObject,
                    format!("language \"{name}\" does not exist"),
                )),
            };
            languages.iter().map(target).collect::<Result<_, _>>()?
        }
        Granted::System(names) => {
            let all: Vec<Privilege> = Privilege::of_system().collect();
            let privileges = privileges(names, &all, "system")?;
            vec![one(Securable::System, "system", "privileges", &privileges)]
        }
        Granted::Roles(_) => Vec::new(),
    })
}

fn column_targets(
    context: &StatementContext<'_>,
    granted: &[(Option<String>, Vec<String>)],
    relations: &[TableName],
) -> Result<Vec<Target>, SqlError> {
    let mut targets = Vec::new();
    for name in relations {
        let relation = context.names().resolve(name)?;
        for (privilege, columns) in granted {
            let privileges = match privilege {
                None => Privilege::OF_COLUMNS.to_vec(),
                Some(name) => Privilege::from_name(name).into_iter().collect(),
            };
            for column in columns {
                let (on, name) = match &relation {
                    Relation::Table(table) => {
                        let column = super::insert::named_column(table, column)?;
                        (Securable::Column(table.id, column.id), &table.definition.name)
                    }
                    Relation::View(view) => {
                        let names = &view.definition.column_names;
                        let place = names.iter().position(|name| name == column).ok_or_else(|| {
                            let view = &view.definition.name;
                            SqlError::new(
                                SqlState::UndefinedColumn,
                                format!("column \"{column}\" of relation \"{view}\" does not exist"),
                            )
                        })?;
                        (Securable::Column(view.id, place as i64 + 1), &view.definition.name)
                    }
                    Relation::System(system) => return Err(denied("relation", system.name)),
                };
                let privileges = privileges.clone();
                targets.push(Target { on, kind: "relation", name: name.clone(), privileges });
            }
        }
    }
    Ok(targets)
}

/// The privileges of the names, of which the kind of object must have every one.
pub(super) fn privileges(
    names: &PrivilegeNames,
    of_kind: &[Privilege],
    kind: &str,
) -> Result<Vec<Privilege>, SqlError> {
    let PrivilegeNames::Named(names) = names else { return Ok(of_kind.to_vec()) };
    let known = |(name, position): &(String, usize)| {
        let unknown = || {
            SqlError::new(
                SqlState::SyntaxError,
                format!("unrecognized privilege type \"{}\"", name.to_lowercase()),
            )
            .at(*position)
        };
        let privilege = Privilege::from_name(name).ok_or_else(unknown)?;
        if of_kind.contains(&privilege) {
            return Ok(privilege);
        }
        Err(SqlError::new(
            SqlState::InvalidGrantOperation,
            format!("invalid privilege type {privilege} for {kind}"),
        )
        .at(*position))
    };
    names.iter().map(known).collect()
}

/// A table or view and its name.
fn relation(context: &StatementContext<'_>, name: &TableName) -> Result<(Securable, String), SqlError> {
    match context.names().resolve(name)? {
        Relation::Table(table) if table.definition.temporary => {
            Err(SqlError::unsupported("privileges on temporary tables"))
        }
        Relation::Table(table) => Ok((Securable::Relation(table.id), table.definition.name.clone())),
        Relation::View(view) => Ok((Securable::Relation(view.id), view.definition.name.clone())),
        Relation::System(_) => Err(SqlError::unsupported("privileges on system tables")),
    }
}

/// All tables and views of a schema.
fn relations_of(context: &StatementContext<'_>, schema: &str) -> Vec<(Securable, String)> {
    let tables = context
        .transaction
        .tables()
        .into_iter()
        .filter(|table| !table.definition.temporary && table.definition.schema == schema);
    let tables = tables.map(|table| (Securable::Relation(table.id), table.definition.name.clone()));
    let views = context.transaction.views().into_iter().filter(|view| view.definition.schema == schema);
    tables.chain(views.map(|view| (Securable::Relation(view.id), view.definition.name.clone()))).collect()
}

/// The number of a schema.
pub(super) fn schema_id(context: &StatementContext<'_>, name: &str) -> Result<i64, SqlError> {
    let schemas = context.transaction.schemas();
    let schema = schemas.iter().find(|schema| schema.name == name).ok_or_else(|| undefined_schema(name))?;
    Ok(schema.id)
}

/// There is one database.
pub(super) fn check_database(context: &StatementContext<'_>, name: &str) -> Result<(), SqlError> {
    if name == context.engine.database() {
        return Ok(());
    }
    Err(SqlError::new(SqlState::InvalidCatalogName, format!("database \"{name}\" does not exist")))
}

/// Who a name stands for.
pub(super) fn grantee(access: &Access, name: &GranteeName) -> Result<Grantee, SqlError> {
    Ok(match name {
        GranteeName::Public => Grantee::Public,
        GranteeName::User(name) => Grantee::User(access.user(name).ok_or_else(|| user::undefined(name))?.id),
        GranteeName::Group(name) => {
            Grantee::Group(access.group(name).ok_or_else(|| group::undefined(name))?.id)
        }
        GranteeName::Role(name) => Grantee::Role(access.role(name).ok_or_else(|| role::undefined(name))?.id),
    })
}
