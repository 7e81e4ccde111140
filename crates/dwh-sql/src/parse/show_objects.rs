//! SHOW DATABASES, SCHEMAS, TABLES, COLUMNS and the like (RS 5.4).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::grant::signature;
use super::procedure::procedure_signature;
use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{GranteeName, GrantsOf, PolicyKind, ShowObjects, ShowWhat, Statement};

/// SHOW commands of what dwh does not have.
const NOT_HERE: &[(&[&str], &str)] = &[
    (&["datashares"], "SHOW DATASHARES"),
    (&["model"], "SHOW MODEL"),
    (&["external", "table"], "SHOW EXTERNAL TABLE"),
    (&["template"], "SHOW TEMPLATE"),
    (&["templates"], "SHOW TEMPLATES"),
    (&["integrations"], "SHOW INTEGRATIONS"),
    (&["user", "lockout"], "SHOW USER LOCKOUT"),
];

/// The listing that comes behind SHOW, if one does.
pub(super) fn show_objects(cursor: &mut Cursor<'_>) -> Result<Option<Statement>, SqlError> {
    let position = cursor.position();
    if let Some((_, name)) = NOT_HERE.iter().find(|(words, _)| cursor.at(words)) {
        return Err(SqlError::unsupported(name).at(position));
    }
    let what = if cursor.eat(&["databases"]) {
        if cursor.at(&["from"]) {
            return Err(SqlError::unsupported("SHOW DATABASES FROM DATA CATALOG").at(position));
        }
        ShowWhat::Databases
    } else if cursor.eat(&["schemas"]) {
        cursor.expect(&["from", "database"])?;
        ShowWhat::Schemas { database: cursor.name()? }
    } else if cursor.eat(&["tables"]) {
        let (database, schema) = from_schema(cursor)?;
        ShowWhat::Tables { database, schema }
    } else if cursor.eat(&["columns"]) {
        cursor.expect(&["from", "table"])?;
        ShowWhat::Columns(cursor.table_name()?)
    } else if cursor.eat(&["constraints"]) {
        constraints(cursor)?
    } else if cursor.eat(&["functions"]) {
        let (database, schema) = from_schema(cursor)?;
        ShowWhat::Functions { database, schema }
    } else if cursor.eat(&["procedures"]) {
        let (database, schema) = from_schema(cursor)?;
        ShowWhat::Procedures { database, schema }
    } else if cursor.eat(&["parameters", "of", "procedure"]) {
        ShowWhat::ParametersOfProcedure(procedure_signature(cursor)?)
    } else if cursor.eat(&["parameters", "of"]) {
        cursor.expect(&["function"])?;
        ShowWhat::Parameters(signature(cursor)?)
    } else if cursor.eat(&["procedure"]) {
        ShowWhat::Procedure(procedure_signature(cursor)?)
    } else if cursor.eat(&["grants"]) {
        let of = grants(cursor)?;
        ShowWhat::Grants { of, to: for_grantee(cursor)? }
    } else if cursor.eat(&["column", "grants"]) {
        cursor.expect(&["on", "table"])?;
        let of = GrantsOf::Columns(cursor.table_name()?);
        ShowWhat::Grants { of, to: for_grantee(cursor)? }
    } else if cursor.eat(&["rls", "policies"]) {
        policies(cursor, PolicyKind::Rows)?
    } else if cursor.eat(&["masking", "policies"]) {
        policies(cursor, PolicyKind::Masking)?
    } else if cursor.eat(&["table"]) {
        ShowWhat::Table(cursor.table_name()?)
    } else if cursor.eat(&["view"]) {
        ShowWhat::View(cursor.table_name()?)
    } else {
        return Ok(None);
    };
    let like = if cursor.eat(&["like"]) { Some(cursor.string()?) } else { None };
    let limit = if cursor.eat(&["limit"]) { Some(limit(cursor)?) } else { None };
    Ok(Some(Statement::ShowObjects(ShowObjects { what, like, limit })))
}

/// `[ON relation [FOR {user | ROLE role | PUBLIC}] | FROM DATABASE database]`.
fn policies(cursor: &mut Cursor<'_>, kind: PolicyKind) -> Result<ShowWhat, SqlError> {
    if cursor.eat(&["on"]) {
        let relation = cursor.table_name()?;
        return Ok(ShowWhat::PoliciesOn { kind, relation, to: for_grantee(cursor)? });
    }
    let database = if cursor.eat(&["from", "database"]) { Some(cursor.name()?) } else { None };
    Ok(ShowWhat::Policies { kind, database })
}

/// `FROM SCHEMA [database.]schema`.
fn from_schema(cursor: &mut Cursor<'_>) -> Result<(Option<String>, String), SqlError> {
    cursor.expect(&["from", "schema"])?;
    let first = cursor.name()?;
    if cursor.eat_token(&Token::Period) {
        return Ok((Some(first), cursor.any_word()?));
    }
    Ok((None, first))
}

/// `PRIMARY KEYS FROM TABLE t`, `FOREIGN KEYS [EXPORTED] FROM TABLE t`.
fn constraints(cursor: &mut Cursor<'_>) -> Result<ShowWhat, SqlError> {
    if cursor.eat(&["primary", "keys"]) {
        cursor.expect(&["from", "table"])?;
        return Ok(ShowWhat::PrimaryKeys(cursor.table_name()?));
    }
    cursor.expect(&["foreign", "keys"])?;
    let exported = cursor.eat(&["exported"]);
    cursor.expect(&["from", "table"])?;
    Ok(ShowWhat::ForeignKeys { table: cursor.table_name()?, exported })
}

/// `FOR {user | ROLE role | PUBLIC}`.
fn for_grantee(cursor: &mut Cursor<'_>) -> Result<Option<GranteeName>, SqlError> {
    if !cursor.eat(&["for"]) {
        return Ok(None);
    }
    Ok(Some(if cursor.eat(&["role"]) {
        GranteeName::Role(principal(cursor)?)
    } else if cursor.eat(&["public"]) {
        GranteeName::Public
    } else {
        GranteeName::User(principal(cursor)?)
    }))
}

/// `ON [TABLE] t`, `ON SCHEMA s`, `ON DATABASE d`, `ON FUNCTION f(types)`, `ON PROCEDURE p(types)`,
/// `FOR {user | ROLE role} [FROM DATABASE d]`.
fn grants(cursor: &mut Cursor<'_>) -> Result<GrantsOf, SqlError> {
    if let Some(name) = for_grantee(cursor)? {
        let database = if cursor.eat(&["from", "database"]) { Some(cursor.name()?) } else { None };
        return Ok(GrantsOf::Grantee { name, database });
    }
    cursor.expect(&["on"])?;
    match cursor.eat_one_of(&["table", "schema", "database", "function", "procedure"]) {
        Some("schema") => Ok(GrantsOf::Schema(cursor.table_name()?.name)),
        Some("database") => Ok(GrantsOf::Database(cursor.name()?)),
        Some("function") => Ok(GrantsOf::Function(signature(cursor)?)),
        Some("procedure") => Ok(GrantsOf::Procedure(procedure_signature(cursor)?)),
        Some(_) | None => Ok(GrantsOf::Table(cursor.table_name()?)),
    }
}

fn limit(cursor: &mut Cursor<'_>) -> Result<u64, SqlError> {
    let position = cursor.position();
    match u64::try_from(cursor.integer()?) {
        Ok(limit) if limit <= 10_000 => Ok(limit),
        _ => {
            let message = "LIMIT of SHOW must be between 0 and 10000";
            Err(SqlError::new(SqlState::InvalidParameterValue, message).at(position))
        }
    }
}
