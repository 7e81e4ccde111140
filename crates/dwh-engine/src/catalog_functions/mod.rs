//! Functions over the catalog: what PostgreSQL answers about an object by its id or name (RS 5.3). Each takes
//! the catalog as the statement's transaction sees it.

mod acl_items;
mod format;
mod function;
mod lists;
mod privileges;
mod procedures;
mod view;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use dwh_common::{SqlError, SqlState};

use self::function::CatalogFunction;
use self::lists::{
    element, element_numbers, elements, has_element, joined, row_text, subscripted, subscripts,
};
pub(crate) use self::view::CatalogView;
use crate::system_tables::{encodings, types};

/// One value of an argument; `None` is NULL.
type Argument<'a> = Option<&'a str>;

enum Answer {
    Text(Option<String>),
    Number(Option<i64>),
    Numbers(Option<Vec<Option<i64>>>),
    Truth(Option<bool>),
}

type Body = fn(&CatalogView, &[Argument<'_>]) -> Result<Answer, SqlError>;

/// Name, result, whether NULL in the first argument is NULL in the result, body.
struct Definition {
    name: &'static str,
    returns: Returns,
    body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Returns {
    Text,
    Number,
    Numbers,
    Truth,
}

macro_rules! definitions {
    ($($name:literal $returns:ident $body:expr;)*) => {
        &[$(Definition { name: $name, returns: Returns::$returns, body: $body },)*]
    };
}

const DEFINITIONS: &[Definition] = definitions! {
    "__column_default" Text |view, arguments| text(view.column_default(arguments[0], arguments[1]));
    "__elements" Numbers |_, arguments| Ok(Answer::Numbers(arguments[0].map(element_numbers)));
    "__subscripts" Numbers |_, arguments| Ok(Answer::Numbers(arguments[0].map(subscripts)));
    "__regclass" Text |view, arguments| text(view.relation_name(arguments[0]));
    "__regclass_oid" Number |view, arguments| view.relation_oid(arguments[0]);
    "__regproc_oid" Number procedures::oid_of_name;
    "__regprocedure" Text procedures::regprocedure;
    "__regtype" Text |_, arguments| text(number(arguments[0]).map(|oid| types::format_type(oid, None)));
    "__regtype_oid" Number |_, arguments| type_oid(arguments[0]);
    "__has_element" Truth |_, arguments| truth(has_element(arguments[0], arguments[1]));
    "__element" Text |_, arguments| text(element(arguments[0], arguments[1]));
    "__subscript" Text |_, arguments| text(subscripted(arguments[0], arguments[1]));
    "__row_text" Text |_, arguments| text(Some(row_text(arguments)));
    "aclcontains" Truth acl_items::aclcontains;
    "array_to_string" Text |_, arguments| text(joined(arguments[0], arguments[1]));
    "array_upper" Number |_, arguments| Ok(Answer::Number(arguments[0].map(|list| elements(list).len() as i64)));
    "col_description" Text |view, arguments| text(view.column_comment(arguments[0], arguments[1]));
    "format" Text format::format;
    "format_encoding" Text |_, arguments| {
        text(number(arguments[0]).and_then(encodings::name).map(str::to_owned))
    };
    "format_type" Text |_, arguments| {
        text(number(arguments[0]).map(|oid| types::format_type(oid, arguments.get(1).copied().and_then(number))))
    };
    "getdatabaseencoding" Text |_, _| text(Some("UTF8".to_owned()));
    "has_column_privilege" Truth privileges::has_column_privilege;
    "has_database_privilege" Truth privileges::has_database_privilege;
    "has_function_privilege" Truth privileges::has_function_privilege;
    "has_schema_privilege" Truth privileges::has_schema_privilege;
    "has_table_privilege" Truth privileges::has_table_privilege;
    "makeaclitem" Text acl_items::makeaclitem;
    "obj_description" Text |view, arguments| text(view.comment(arguments[0]));
    "pg_char_to_encoding" Number |_, arguments| {
        let is_utf8 = arguments[0].map(|name| matches!(name.to_ascii_uppercase().as_str(), "UTF8" | "UNICODE"));
        Ok(Answer::Number(is_utf8.map(|is_utf8| if is_utf8 { 6 } else { -1 })))
    };
    "pg_collation_is_visible" Truth |_, _| truth(Some(true));
    "pg_conversion_is_visible" Truth |_, _| truth(Some(true));
    "pg_database_size" Number |view, arguments| view.database_bytes(arguments[0]);
    "pg_encoding_to_char" Text |_, arguments| text((arguments[0] == Some("6")).then(|| "UTF8".to_owned()));
    "pg_function_is_visible" Truth |_, _| truth(Some(true));
    "pg_get_constraintdef" Text |view, arguments| text(view.constraint(arguments[0]));
    "pg_get_expr" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "pg_get_function_arguments" Text procedures::arguments;
    "pg_get_function_identity_arguments" Text procedures::arguments;
    "pg_get_function_result" Text procedures::result;
    "pg_get_functiondef" Text procedures::definition;
    "pg_get_indexdef" Text |view, arguments| {
        text(view.index_definition(arguments[0], arguments.get(1).copied().flatten()))
    };
    "pg_get_ruledef" Text |_, _| text(None);
    "pg_get_triggerdef" Text |_, _| text(None);
    "pg_get_userbyid" Text |view, arguments| text(view.user_name(arguments[0]));
    "pg_get_viewdef" Text |view, arguments| text(view.view_definition(arguments[0]));
    "pg_is_in_recovery" Truth |_, _| truth(Some(false));
    "pg_opclass_is_visible" Truth |_, _| truth(Some(true));
    "pg_operator_is_visible" Truth |_, _| truth(Some(true));
    "pg_opfamily_is_visible" Truth |_, _| truth(Some(true));
    "pg_relation_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_table_is_visible" Truth |view, arguments| {
        truth(view.relation(arguments[0]).map(|relation| view.catalog.is_visible(relation)))
    };
    "pg_size_pretty" Text |_, arguments| text(number(arguments[0]).map(pretty_size));
    "pg_table_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_tablespace_size" Number |view, arguments| match arguments[0] {
        Some("pg_default" | "1663") => view.database_bytes(Some(&view.database)),
        place => Ok(Answer::Number(place.map(|_| 0))),
    };
    "pg_tablespace_location" Text |_, _| text(Some(String::new()));
    "pg_total_relation_size" Number |view, arguments| view.size_bytes(arguments[0]);
    "pg_ts_config_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_dict_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_parser_is_visible" Truth |_, _| truth(Some(true));
    "pg_ts_template_is_visible" Truth |_, _| truth(Some(true));
    "pg_type_is_visible" Truth |_, _| truth(Some(true));
    // What is printed of a regclass, … is text already, and read from it.
    "regclassout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regprocedureout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regprocout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "regtypeout" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "role_is_member_of" Truth privileges::role_is_member_of;
    "shobj_description" Text |_, _| text(None);
    "textin" Text |_, arguments| text(arguments[0].map(str::to_owned));
    "user_is_member_of" Truth privileges::user_is_member_of;
};

/// The function of that name, if the catalog has it.
pub(crate) fn get(name: &str, view: impl FnOnce() -> CatalogView) -> Option<Arc<ScalarUDF>> {
    let definition = DEFINITIONS.iter().find(|definition| definition.name == name)?;
    Some(Arc::new(ScalarUDF::new_from_impl(CatalogFunction::new(definition, view()))))
}

fn text(value: Option<String>) -> Result<Answer, SqlError> {
    Ok(Answer::Text(value))
}

fn truth(value: Option<bool>) -> Result<Answer, SqlError> {
    Ok(Answer::Truth(value))
}

fn number(argument: Argument<'_>) -> Option<i64> {
    argument?.trim().parse().ok()
}

/// PostgreSQL's pg_size_pretty: the unit changes at ten of the next one.
fn pretty_size(bytes: i64) -> String {
    let mut size = bytes;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size.abs() < 10 * 1024 {
            return format!("{size} {unit}");
        }
        size = (size + 512) / 1024;
    }
    format!("{size} TB")
}

fn type_oid(name: Argument<'_>) -> Result<Answer, SqlError> {
    let Some(name) = name else { return Ok(Answer::Number(None)) };
    let found = types::named(name).map(|known| known.oid).or(number(Some(name)));
    match found {
        Some(oid) => Ok(Answer::Number(Some(oid))),
        None => Err(SqlError::new(SqlState::UndefinedObject, format!("type \"{name}\" does not exist"))),
    }
}
