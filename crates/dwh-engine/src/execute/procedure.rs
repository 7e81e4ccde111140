//! CREATE, ALTER and DROP PROCEDURE, and which procedure a name means.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{CreateProcedure, ProcedureArgument, ProcedureSignature, RoutineChange, TableName};
use dwh_storage::{Argument, Privilege, ProcedureDefinition, ProcedureId, Securable};

use super::default_privileges::{created, set_owner};
use crate::access::{LANGUAGE_PLPGSQL, allow, check_language, must_be_owner};
use crate::context::StatementContext;
use crate::result::{Notice, Outcome, Severity};

/// The guide's page "Limits and differences for stored procedure support".
const MAX_PROCEDURES: usize = 10_000;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    create: &CreateProcedure,
) -> Result<Outcome, SqlError> {
    let schema = context.names().schema_for_new(&create.name)?;
    let rights = context.rights();
    check_language(&rights, LANGUAGE_PLPGSQL)?;
    if !rights.has_system(Privilege::CREATE_OR_REPLACE_PROCEDURE) {
        rights.check_schema(&schema, Privilege::CREATE)?;
    }
    for (name, value) in &create.settings {
        context.settings.clone().set(name, Some(value.clone()), false)?;
    }
    let argument = |argument: &ProcedureArgument| Argument {
        name: argument.name.clone(),
        mode: argument.mode,
        data_type: argument.data_type,
    };
    let procedure = ProcedureDefinition {
        schema: schema.clone(),
        name: create.name.name.clone(),
        arguments: create.arguments.iter().map(argument).collect(),
        nonatomic: create.nonatomic,
        security_definer: create.security_definer,
        settings: create.settings.clone(),
        body: create.body.clone(),
    };
    let existing = same(context, &schema, &procedure.name, &procedure.signature());
    match existing {
        Some(_) if !create.or_replace => {
            return Err(SqlError::new(
                SqlState::DuplicateFunction,
                format!("procedure \"{}\" already exists with same argument types", procedure.name),
            ));
        }
        Some(id) => {
            let may = rights.owns(Securable::Procedure(id))
                || rights.has_system(Privilege::CREATE_OR_REPLACE_PROCEDURE);
            allow(may, || must_be_owner("procedure", &procedure.name))?;
            check_same_outputs(&context.transaction.access().procedures[&id], &procedure)?;
        }
        None if context.transaction.access().procedures.len() >= MAX_PROCEDURES => {
            let message = format!("a database has at most {MAX_PROCEDURES} procedures");
            return Err(SqlError::new(SqlState::ProgramLimitExceeded, message));
        }
        None => {}
    }
    let id = existing.unwrap_or_else(|| context.transaction.new_id());
    context.transaction.change_access(|access| access.procedures.insert(id, procedure))?;
    if existing.is_none() {
        created(context, Securable::Procedure(id), Some(&schema))?;
    }
    Ok(Outcome::done("CREATE PROCEDURE"))
}

/// The guide: to change what a procedure returns, drop it first.
fn check_same_outputs(old: &ProcedureDefinition, new: &ProcedureDefinition) -> Result<(), SqlError> {
    let types = |procedure: &ProcedureDefinition| -> Vec<String> {
        procedure.outputs().map(|argument| argument.data_type.name()).collect()
    };
    if types(old) == types(new) {
        return Ok(());
    }
    Err(SqlError::new(SqlState::InvalidFunctionDefinition, "cannot change return type of existing procedure")
        .with_hint("Use DROP PROCEDURE first."))
}

pub(super) fn alter(
    context: &mut StatementContext<'_>,
    signature: &ProcedureSignature,
    action: &RoutineChange,
) -> Result<Outcome, SqlError> {
    let id = resolve(context, signature)?;
    let rights = context.rights();
    match action {
        RoutineChange::Rename(to) => {
            allow(rights.owns(Securable::Procedure(id)), || {
                must_be_owner("procedure", &signature.name.name)
            })?;
            let known = &context.transaction.access().procedures[&id];
            if same(context, &known.schema, to, &known.signature()).is_some() {
                return Err(SqlError::new(
                    SqlState::DuplicateFunction,
                    format!("procedure \"{to}\" already exists with same argument types"),
                ));
            }
            context.transaction.change_access(|access| {
                if let Some(procedure) = access.procedures.get_mut(&id) {
                    to.clone_into(&mut procedure.name);
                }
            })?;
        }
        RoutineChange::OwnerTo(owner) => {
            allow(rights.is_superuser(), || {
                SqlError::new(
                    SqlState::InsufficientPrivilege,
                    "must be superuser to change the owner of a procedure",
                )
            })?;
            let owner = owner.clone().unwrap_or_else(|| context.user.to_owned());
            set_owner(context, Securable::Procedure(id), &owner)?;
        }
    }
    Ok(Outcome::done("ALTER PROCEDURE"))
}

pub(super) fn drop(
    context: &mut StatementContext<'_>,
    signatures: &[ProcedureSignature],
    if_exists: bool,
) -> Result<Outcome, SqlError> {
    for signature in signatures {
        let id = match resolve(context, signature) {
            Ok(id) => id,
            Err(error) if if_exists && error.state == SqlState::UndefinedFunction => {
                let message = format!("{}, skipping", error.message);
                context.notices.push(Notice { severity: Severity::Info, message });
                continue;
            }
            Err(error) => return Err(error),
        };
        let rights = context.rights();
        let may = rights.owns(Securable::Procedure(id)) || rights.has_system(Privilege::DROP_PROCEDURE);
        allow(may, || must_be_owner("procedure", &signature.name.name))?;
        context.transaction.change_access(|access| access.drop_procedure(id))?;
    }
    Ok(Outcome::done("DROP PROCEDURE"))
}

/// The procedure of that name and those input arguments, on the search path.
///
/// # Errors
/// 42883 if there is none, 42725 if several have the name and the arguments are not told.
pub(crate) fn resolve(
    context: &StatementContext<'_>,
    signature: &ProcedureSignature,
) -> Result<ProcedureId, SqlError> {
    let named = named(context, &signature.name);
    let Some(arguments) = &signature.arguments else {
        return match named[..] {
            [id] => Ok(id),
            [] => Err(undefined(&signature.name, None)),
            _ => Err(SqlError::new(
                SqlState::AmbiguousFunction,
                format!("procedure name \"{}\" is not unique", signature.name.name),
            )
            .with_hint("Specify the argument list to select the procedure unambiguously.")),
        };
    };
    let inputs = arguments.iter().filter(|argument| argument.mode.is_input());
    let types = inputs.map(|argument| argument.data_type.name()).collect::<Vec<_>>().join(", ");
    let procedures = &context.transaction.access().procedures;
    let found = named.into_iter().find(|id| procedures[id].signature() == types);
    found.ok_or_else(|| undefined(&signature.name, Some(&types)))
}

/// All procedures of a name: of its schema, or of the schemas on the search path, in its order.
pub(crate) fn named(context: &StatementContext<'_>, name: &TableName) -> Vec<ProcedureId> {
    let procedures = &context.transaction.access().procedures;
    let in_schema = |schema: &String| -> Vec<ProcedureId> {
        let same = procedures.iter().filter(|(_, p)| p.schema == *schema && p.name == name.name);
        same.map(|(id, _)| *id).collect()
    };
    match &name.schema {
        Some(schema) => in_schema(schema),
        None => context.search_path.iter().flat_map(in_schema).collect(),
    }
}

/// 42883.
pub(crate) fn undefined(name: &TableName, types: Option<&str>) -> SqlError {
    let message = match types {
        Some(types) => format!("procedure {}({types}) does not exist", name.name),
        None => format!("procedure \"{}\" does not exist", name.name),
    };
    let error = SqlError::new(SqlState::UndefinedFunction, message);
    SqlError { position: name.position, ..error }
}

fn same(context: &StatementContext<'_>, schema: &str, name: &str, signature: &str) -> Option<ProcedureId> {
    let procedures = context.transaction.access().procedures.iter();
    let mut found =
        procedures.filter(|(_, p)| p.schema == schema && p.name == name && p.signature() == signature);
    found.next().map(|(id, _)| *id)
}
