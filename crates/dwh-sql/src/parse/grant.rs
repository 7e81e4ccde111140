//! GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::procedure::procedure_signature;
use super::types::data_type;
use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{
    AlterDefaultPrivileges, DefaultObjects, FunctionSignature, Grant, Granted, GranteeName, PrivilegeNames,
    Statement,
};

/// Words that can stand in the name of a privilege, system privileges included.
const PRIVILEGE_WORDS: &[&str] = &[
    "select",
    "insert",
    "update",
    "delete",
    "references",
    "drop",
    "alter",
    "truncate",
    "create",
    "temporary",
    "temp",
    "usage",
    "execute",
    "rule",
    "trigger",
    "share",
    "user",
    "schema",
    "default",
    "privileges",
    "table",
    "or",
    "replace",
    "external",
    "function",
    "procedure",
    "view",
    "model",
    "datashare",
    "library",
    "role",
    "vacuum",
    "analyze",
    "cancel",
    "access",
    "catalog",
    "system",
    "explain",
    "ignore",
    "rls",
    "masking",
];

/// What the guide lists and dwh does not have, by the first words behind ON.
const NOT_HERE: &[(&[&str], &str)] = &[
    (&["external", "table"], "privileges on external tables"),
    (&["external", "schema"], "privileges on external schemas"),
    (&["datashare"], "privileges on datashares"),
    (&["model"], "privileges on models"),
    (&["copy", "job"], "privileges on copy jobs"),
    (&["template"], "privileges on templates"),
];

/// `GRANT … TO …`.
pub(super) fn grant(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["grant"])?;
    let what = granted(cursor)?;
    cursor.expect(&["to"])?;
    let to = cursor.comma_separated(|cursor| grantee(cursor, true))?;
    Ok(Statement::Grant(Grant { revoke: false, only_option: false, what, to, cascade: false }))
}

/// `REVOKE [GRANT OPTION FOR | ADMIN OPTION FOR] … FROM … [CASCADE | RESTRICT]`.
pub(super) fn revoke(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["revoke"])?;
    let only_option = cursor.eat(&["grant", "option", "for"]) || cursor.eat(&["admin", "option", "for"]);
    let what = granted(cursor)?;
    cursor.expect(&["from"])?;
    let to = cursor.comma_separated(|cursor| grantee(cursor, false))?;
    let cascade = cursor.eat_one_of(&["cascade", "restrict"]) == Some("cascade");
    Ok(Statement::Grant(Grant { revoke: true, only_option, what, to, cascade }))
}

/// `ALTER DEFAULT PRIVILEGES [FOR USER a, b] [IN SCHEMA s, t] {GRANT | REVOKE} …`.
pub(super) fn alter_default_privileges(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "default", "privileges"])?;
    let mut creators = Vec::new();
    if cursor.eat(&["for", "user"]) || cursor.eat(&["for", "role"]) {
        creators = cursor.comma_separated(principal)?;
    }
    let mut schemas = Vec::new();
    if cursor.eat(&["in", "schema"]) {
        schemas = cursor.comma_separated(Cursor::name)?;
    }
    let revoke = match cursor.eat_one_of(&["grant", "revoke"]) {
        Some(word) => word == "revoke",
        None => return cursor.expected("GRANT or REVOKE"),
    };
    let only_option = revoke && cursor.eat(&["grant", "option", "for"]);
    let privileges = privilege_names(cursor)?;
    cursor.expect(&["on"])?;
    let objects = match cursor.eat_one_of(&["tables", "functions", "procedures"]) {
        Some("tables") => DefaultObjects::Tables,
        Some("functions") => DefaultObjects::Functions,
        Some(_) => DefaultObjects::Procedures,
        None => return cursor.expected("TABLES, FUNCTIONS or PROCEDURES"),
    };
    cursor.expect(&[if revoke { "from" } else { "to" }])?;
    let to = cursor.comma_separated(|cursor| grantee(cursor, !revoke))?;
    cursor.eat_one_of(&["cascade", "restrict"]);
    Ok(Statement::AlterDefaultPrivileges(AlterDefaultPrivileges {
        creators,
        schemas,
        objects,
        privileges,
        revoke,
        only_option,
        to,
    }))
}

/// What stands in front of TO or FROM.
fn granted(cursor: &mut Cursor<'_>) -> Result<Granted, SqlError> {
    let position = cursor.position();
    if cursor.at(&["assumerole"]) {
        return Err(SqlError::unsupported("GRANT ASSUMEROLE").at(position));
    }
    if cursor.at(&["role"]) || at_role_names(cursor) {
        let roles = cursor.comma_separated(|cursor| {
            cursor.eat(&["role"]);
            principal(cursor)
        })?;
        return Ok(Granted::Roles(roles));
    }
    if at_column_privileges(cursor) {
        return columns(cursor);
    }
    let privileges = privilege_names(cursor)?;
    if matches!(cursor.peek_word(), Some("to" | "from")) {
        return Ok(Granted::System(privileges));
    }
    if cursor.eat(&["for"]) {
        return Err(SqlError::unsupported("scoped privileges (GRANT … FOR … IN …)").at(position));
    }
    cursor.expect(&["on"])?;
    let position = cursor.position();
    if let Some((_, name)) = NOT_HERE.iter().find(|(words, _)| cursor.at(words)) {
        return Err(SqlError::unsupported(name).at(position));
    }
    if cursor.eat(&["all", "tables", "in", "schema"]) {
        return Ok(Granted::AllRelations(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["all", "functions", "in", "schema"]) {
        return Ok(Granted::AllFunctions(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["all", "procedures", "in", "schema"]) {
        return Ok(Granted::AllProcedures(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["database"]) {
        return Ok(Granted::Databases(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["schema"]) {
        return Ok(Granted::Schemas(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["language"]) {
        return Ok(Granted::Languages(privileges, cursor.comma_separated(Cursor::name)?));
    }
    if cursor.eat(&["function"]) {
        return Ok(Granted::Functions(privileges, cursor.comma_separated(signature)?));
    }
    if cursor.eat(&["procedure"]) {
        return Ok(Granted::Procedures(privileges, cursor.comma_separated(procedure_signature)?));
    }
    cursor.eat(&["table"]);
    Ok(Granted::Relations(privileges, cursor.table_names()?))
}

/// `name ([[argname] type, …])`.
pub(super) fn signature(cursor: &mut Cursor<'_>) -> Result<FunctionSignature, SqlError> {
    let name = cursor.table_name()?;
    let mut arguments = Vec::new();
    cursor.expect_token(&Token::LParen)?;
    if !cursor.eat_token(&Token::RParen) {
        arguments = cursor.comma_separated(|cursor| {
            // Two words in a row are the name of the argument and its type, but for types of two words.
            let has_name = matches!(cursor.peek_nth(1), Token::Word(_))
                && !matches!(cursor.peek_nth_word(1), Some("precision" | "varying" | "with" | "without"));
            if has_name {
                cursor.advance();
            }
            data_type(cursor)
        })?;
        cursor.expect_token(&Token::RParen)?;
    }
    Ok(FunctionSignature { name, arguments })
}

fn at_column_privileges(cursor: &Cursor<'_>) -> bool {
    let words = if cursor.at(&["all", "privileges"]) { 2 } else { 1 };
    let first_has = *cursor.peek_nth(words) == Token::LParen;
    first_has && matches!(cursor.peek_word(), Some("select" | "update" | "all"))
}

/// Names of roles without the word, as the guide's page DROP ROLE grants them: no privilege, and no ON behind.
fn at_role_names(cursor: &Cursor<'_>) -> bool {
    let is_role = cursor.peek_word().is_some_and(|word| word != "all" && !PRIVILEGE_WORDS.contains(&word));
    is_role && matches!(cursor.peek_nth_word(1), Some("to" | "from"))
}

/// `SELECT (a, b), UPDATE (c) ON [TABLE] t`.
fn columns(cursor: &mut Cursor<'_>) -> Result<Granted, SqlError> {
    let granted = cursor.comma_separated(|cursor| {
        let privilege = match cursor.eat_one_of(&["select", "update", "all"]) {
            Some("all") => {
                cursor.eat(&["privileges"]);
                None
            }
            Some(word) => Some(word.to_ascii_uppercase()),
            None => return cursor.expected("SELECT, UPDATE or ALL"),
        };
        Ok((privilege, cursor.column_list()?))
    })?;
    cursor.expect(&["on"])?;
    cursor.eat(&["table"]);
    Ok(Granted::Columns(granted, cursor.table_names()?))
}

/// `ALL [PRIVILEGES]` or names with commas between them.
fn privilege_names(cursor: &mut Cursor<'_>) -> Result<PrivilegeNames, SqlError> {
    if cursor.eat(&["all"]) {
        cursor.eat(&["privileges"]);
        return Ok(PrivilegeNames::All);
    }
    let names = cursor.comma_separated(|cursor| {
        let position = cursor.position();
        let mut words = Vec::new();
        while let Some(word) = cursor.eat_one_of(PRIVILEGE_WORDS) {
            words.push(word.to_ascii_uppercase());
        }
        if words.is_empty() {
            return cursor.expected("a privilege");
        }
        Ok((words.join(" "), position))
    })?;
    Ok(PrivilegeNames::Named(names))
}

/// `PUBLIC`, `GROUP g`, `ROLE r` or a user, with its option.
fn grantee(cursor: &mut Cursor<'_>, may_have_option: bool) -> Result<(GranteeName, bool), SqlError> {
    let position = cursor.position();
    for (words, name) in [
        (&["rls", "policy"][..], "GRANT … TO RLS POLICY"),
        (&["iam_role"], "GRANT … TO IAM_ROLE"),
        (&["namespace"], "GRANT … TO NAMESPACE"),
        (&["account"], "GRANT … TO ACCOUNT"),
    ] {
        if cursor.at(words) {
            return Err(SqlError::unsupported(name).at(position));
        }
    }
    let grantee = if cursor.eat(&["public"]) {
        GranteeName::Public
    } else if cursor.eat(&["group"]) {
        GranteeName::Group(principal(cursor)?)
    } else if cursor.eat(&["role"]) {
        GranteeName::Role(principal(cursor)?)
    } else {
        GranteeName::User(principal(cursor)?)
    };
    let with_option = may_have_option
        && (cursor.eat(&["with", "grant", "option"]) || cursor.eat(&["with", "admin", "option"]));
    if with_option && matches!(grantee, GranteeName::Public | GranteeName::Group(_)) {
        let message = "grant options can only be granted to individual users";
        return Err(SqlError::new(SqlState::InvalidGrantOperation, message).at(position));
    }
    Ok((grantee, with_option))
}
