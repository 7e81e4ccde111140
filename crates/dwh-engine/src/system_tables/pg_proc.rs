//! pg_proc: the functions and procedures that users made, and those of the system that PostgreSQL has too. Behind what Redshift has are
//! columns of later PostgreSQL that clients ask for; `*` leaves them out.

use dwh_common::RedshiftType::{self, BigInt, Boolean, Char, Integer, SmallInt};
use dwh_common::{ArgumentMode, ArgumentType, SqlError};
use dwh_storage::{FunctionDefinition, ProcedureDefinition, Securable, Volatility};

use super::built_in::{BuiltInFunction, FUNCTIONS};
use super::catalog::{Catalog, PG_CATALOG_OID, SYSTEM_USER};
use super::rows::Value;
use super::types::oid_and_modifier;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::access::acl::column_text;

const TEXT: RedshiftType = RedshiftType::Varchar(65535);
const NAME: RedshiftType = RedshiftType::Varchar(128);

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_proc",
    columns: &[
        ("oid", BigInt),
        ("proname", NAME),
        ("pronamespace", BigInt),
        ("proowner", Integer),
        ("prolang", BigInt),
        ("proisagg", Boolean),
        ("prosecdef", Boolean),
        ("proisstrict", Boolean),
        ("proretset", Boolean),
        ("provolatile", Char(1)),
        ("pronargs", SmallInt),
        ("prorettype", BigInt),
        ("proargtypes", TEXT),
        ("proargnames", TEXT),
        ("prosrc", TEXT),
        ("probin", TEXT),
        ("proacl", TEXT),
        ("prokind", Char(1)),
        ("proallargtypes", TEXT),
        ("proargmodes", TEXT),
        ("proargdefaults", TEXT),
        ("proiswindow", Boolean),
        ("tableoid", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let functions = view.transaction.access().functions.iter();
    let made = functions.map(|(id, function)| row(view, &catalog, *id, function));
    let procedures = view.transaction.access().procedures.iter();
    let procedures = procedures.map(|(id, procedure)| procedure_row(view, &catalog, *id, procedure));
    Ok(FUNCTIONS.iter().map(built_in_row).chain(made).chain(procedures).collect())
}

/// Languages (pg_language).
const INTERNAL: i64 = 12;
const SQL: i64 = 14;
const PLPGSQL: i64 = 100_124;
/// Types of what a procedure gives back that no column has (pg_type).
const REFCURSOR: i64 = 1790;
const RECORD: i64 = 2249;
const VOID: i64 = 2278;

fn built_in_row(function: &BuiltInFunction) -> Vec<Value> {
    vec![
        function.oid.into(),
        function.name.into(),
        PG_CATALOG_OID.into(),
        SYSTEM_USER.into(),
        INTERNAL.into(),
        (function.kind == "a").into(),
        false.into(),
        function.is_strict.into(),
        function.returns_set.into(),
        function.volatility.into(),
        (function.arguments.split_whitespace().count() as i64).into(),
        function.returns.into(),
        function.arguments.into(),
        Value::Null,
        function.name.into(),
        Value::Null,
        Value::Null,
        function.kind.into(),
        Value::Null,
        Value::Null,
        Value::Null,
        (function.kind == "w").into(),
        1255.into(),
    ]
}

fn row(view: &SystemView<'_>, catalog: &Catalog, id: i64, function: &FunctionDefinition) -> Vec<Value> {
    let schema = catalog.schemas.iter().find(|schema| schema.name == function.schema);
    let volatility = match function.volatility {
        Volatility::Immutable => "i",
        Volatility::Stable => "s",
        Volatility::Volatile => "v",
    };
    let types: Vec<String> =
        function.arguments.iter().map(|argument| oid_and_modifier(*argument).0.to_string()).collect();
    vec![
        function_oid(id).into(),
        function.name.clone().into(),
        schema.map(|schema| schema.oid).into(),
        view.transaction.access().owner(Securable::Function(id)).into(),
        SQL.into(),
        false.into(),
        false.into(),
        false.into(),
        false.into(),
        volatility.into(),
        (function.arguments.len() as i64).into(),
        oid_and_modifier(function.returns).0.into(),
        types.join(" ").into(),
        Value::Null,
        function.body.clone().into(),
        Value::Null,
        column_text(view.transaction.access(), Securable::Function(id)).into(),
        "f".into(),
        Value::Null,
        Value::Null,
        Value::Null,
        false.into(),
        1255.into(),
    ]
}

fn procedure_row(
    view: &SystemView<'_>,
    catalog: &Catalog,
    id: i64,
    procedure: &ProcedureDefinition,
) -> Vec<Value> {
    let schema = catalog.schemas.iter().find(|schema| schema.name == procedure.schema);
    let array = |items: Vec<String>| format!("{{{}}}", items.join(","));
    let arguments = &procedure.arguments;
    let inputs: Vec<String> = procedure.inputs().map(|a| argument_oid(a.data_type).to_string()).collect();
    let names = arguments.iter().map(|argument| match &argument.name {
        Some(name) => name.clone(),
        None => "\"\"".to_owned(),
    });
    let has_names = arguments.iter().any(|argument| argument.name.is_some());
    let has_outputs = procedure.outputs().next().is_some();
    let modes = arguments.iter().map(|argument| match argument.mode {
        ArgumentMode::In => "i",
        ArgumentMode::Out => "o",
        ArgumentMode::InOut => "b",
    });
    let all_types = arguments.iter().map(|argument| argument_oid(argument.data_type).to_string());
    let on = Securable::Procedure(id);
    vec![
        function_oid(id).into(),
        procedure.name.clone().into(),
        schema.map(|schema| schema.oid).into(),
        view.transaction.access().owner(on).into(),
        PLPGSQL.into(),
        false.into(),
        procedure.security_definer.into(),
        false.into(),
        false.into(),
        "v".into(),
        (inputs.len() as i64).into(),
        procedure_result(procedure).into(),
        inputs.join(" ").into(),
        has_names.then(|| array(names.collect())).into(),
        procedure.body.clone().into(),
        Value::Null,
        column_text(view.transaction.access(), on).into(),
        "p".into(),
        has_outputs.then(|| array(all_types.collect())).into(),
        has_outputs.then(|| array(modes.map(str::to_owned).collect())).into(),
        Value::Null,
        false.into(),
        1255.into(),
    ]
}

/// The number of an argument's type.
pub(crate) fn argument_oid(data_type: ArgumentType) -> i64 {
    match data_type {
        ArgumentType::Value(data_type) => oid_and_modifier(data_type).0,
        ArgumentType::RefCursor => REFCURSOR,
    }
}

/// The number of the type that a procedure gives back.
pub(crate) fn procedure_result(procedure: &ProcedureDefinition) -> i64 {
    let mut outputs = procedure.outputs();
    match (outputs.next(), outputs.next()) {
        (None, _) => VOID,
        (Some(one), None) => argument_oid(one.data_type),
        _ => RECORD,
    }
}

/// Functions are numbered apart from tables.
pub(crate) fn function_oid(id: i64) -> i64 {
    500_000_000 + id
}
