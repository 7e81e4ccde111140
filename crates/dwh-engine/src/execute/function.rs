//! CREATE, ALTER and DROP FUNCTION … LANGUAGE sql.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{CreateFunction, DropFunction, FunctionSignature, RoutineChange};
use dwh_storage::{FunctionDefinition, FunctionId, Privilege, Securable, Volatility};

use super::default_privileges::{created, set_owner};
use super::policy;
use crate::access::{LANGUAGE_SQL, allow, check_language, must_be_owner};
use crate::context::StatementContext;
use crate::result::{Notice, Outcome, Severity};
use crate::user_functions;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    create: &CreateFunction,
) -> Result<Outcome, SqlError> {
    let schema = context.names().schema_for_new(&create.name)?;
    let rights = context.rights();
    check_language(&rights, LANGUAGE_SQL)?;
    if !rights.has_system(Privilege::CREATE_OR_REPLACE_FUNCTION) {
        rights.check_schema(&schema, Privilege::CREATE)?;
    }
    let function = FunctionDefinition {
        schema: schema.clone(),
        name: create.name.name.clone(),
        arguments: create.arguments.clone(),
        returns: create.returns,
        volatility: Volatility::from_name(create.volatility).unwrap_or(Volatility::Volatile),
        body: create.body.clone(),
    };
    // What is wrong with the body is said now, not when it is called.
    context
        .with_planner(|planner| user_functions::plan_body(planner, &function))
        .map_err(|error| SqlError { position: Some(create.body_position), ..error })?;
    let existing = find(context, &schema, &create.name.name, &create.arguments);
    if let Some(id) = existing {
        if !create.or_replace {
            return Err(already_exists(&create.name.name));
        }
        check_owner(context, id, &create.name.name)?;
        let old = &context.transaction.access().functions[&id];
        if old.returns != create.returns {
            return Err(SqlError::new(
                SqlState::InvalidFunctionDefinition,
                "cannot change return type of existing function",
            )
            .with_hint("Use DROP FUNCTION first."));
        }
    }
    let id = existing.unwrap_or_else(|| context.transaction.new_id());
    context.transaction.change_access(|access| access.functions.insert(id, function))?;
    if existing.is_none() {
        created(context, Securable::Function(id), Some(&schema))?;
    }
    Ok(Outcome::done("CREATE FUNCTION"))
}

/// ALTER FUNCTION (the guide's page of that name).
pub(super) fn alter(
    context: &mut StatementContext<'_>,
    signature: &FunctionSignature,
    action: &RoutineChange,
) -> Result<Outcome, SqlError> {
    let id = resolve(context, signature)?;
    let rights = context.rights();
    let old = &signature.name.name;
    match action {
        RoutineChange::Rename(to) => {
            allow(rights.owns(Securable::Function(id)), || must_be_owner("function", old))?;
            policy::check_function(context, "rename", old)?;
            let known = &context.transaction.access().functions[&id];
            if find(context, &known.schema, to, &known.arguments).is_some() {
                return Err(already_exists(to));
            }
            context.transaction.change_access(|access| {
                if let Some(function) = access.functions.get_mut(&id) {
                    to.clone_into(&mut function.name);
                }
            })?;
        }
        RoutineChange::OwnerTo(owner) => {
            allow(rights.is_superuser(), || {
                SqlError::new(
                    SqlState::InsufficientPrivilege,
                    "must be superuser to change the owner of a function",
                )
            })?;
            let owner = owner.clone().unwrap_or_else(|| context.user.to_owned());
            set_owner(context, Securable::Function(id), &owner)?;
        }
    }
    Ok(Outcome::done("ALTER FUNCTION"))
}

fn already_exists(name: &str) -> SqlError {
    SqlError::new(
        SqlState::DuplicateFunction,
        format!("function \"{name}\" already exists with same argument types"),
    )
}

pub(super) fn drop(context: &mut StatementContext<'_>, drop: &DropFunction) -> Result<Outcome, SqlError> {
    let id = match resolve(context, &drop.function) {
        Ok(id) => id,
        Err(error) if drop.if_exists => {
            let message = format!("{}, skipping", error.message);
            context.notices.push(Notice { severity: Severity::Notice, message });
            return Ok(Outcome::done("DROP FUNCTION"));
        }
        Err(error) => return Err(error),
    };
    check_owner(context, id, &drop.function.name.name)?;
    policy::check_function(context, "drop", &drop.function.name.name)?;
    context.transaction.change_access(|access| {
        access.functions.remove(&id);
        access.owners.remove(&Securable::Function(id));
        access.grants.retain(|key, _| key.on != Securable::Function(id));
    })?;
    Ok(Outcome::done("DROP FUNCTION"))
}

/// The function of that name and those argument types, on the search path.
pub(crate) fn resolve(
    context: &StatementContext<'_>,
    signature: &FunctionSignature,
) -> Result<FunctionId, SqlError> {
    let name = &signature.name;
    let schemas = match &name.schema {
        Some(schema) => vec![schema.clone()],
        None => context.search_path.clone(),
    };
    let found = schemas.iter().find_map(|schema| find(context, schema, &name.name, &signature.arguments));
    found.ok_or_else(|| {
        let arguments: Vec<String> = signature.arguments.iter().map(|t| type_name(&t.to_string())).collect();
        let mut error = SqlError::new(
            SqlState::UndefinedFunction,
            format!("function {}({}) does not exist", name.name, arguments.join(", ")),
        );
        error.position = name.position;
        error
    })
}

/// Lengths do not tell functions apart.
fn find(
    context: &StatementContext<'_>,
    schema: &str,
    name: &str,
    arguments: &[dwh_common::RedshiftType],
) -> Option<FunctionId> {
    let kinds = |types: &[dwh_common::RedshiftType]| -> Vec<String> {
        types.iter().map(|data_type| type_name(&data_type.to_string())).collect()
    };
    let wanted = kinds(arguments);
    let functions = context.transaction.access().functions.iter();
    let mut same =
        functions.filter(|(_, f)| f.schema == schema && f.name == name && kinds(&f.arguments) == wanted);
    same.next().map(|(id, _)| *id)
}

/// A type's name without its length.
fn type_name(full: &str) -> String {
    full.split('(').next().unwrap_or_default().to_owned()
}

fn check_owner(context: &StatementContext<'_>, id: FunctionId, name: &str) -> Result<(), SqlError> {
    let rights = context.rights();
    let may = rights.owns(Securable::Function(id)) || rights.has_system(Privilege::DROP_FUNCTION);
    allow(may, || must_be_owner("function", name))
}
