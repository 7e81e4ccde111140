//! ALTER TABLE, one action a statement (RS 3.5), but for those that the guide lets stand together: encodings of several
//! columns, and the sort key beside the distribution.

use dwh_common::{RedshiftType, SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::attributes::{AttributesInProgress, contradiction};
use super::column::{column, encoding};
use super::create_table::{at_table_constraint, table_constraint};
use super::policy::row_level_security;
use super::types::data_type;
use super::user::principal;
use crate::cursor::Cursor;
use crate::statement::{AlterTableAction, AppendExtra, AttributeSpec, SortKeySpec, Statement, TableName};

/// `ALTER TABLE table action`.
pub(super) fn alter_table(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "table"])?;
    let table = cursor.table_name()?;
    if cursor.eat(&["alter", "autorefresh"]) {
        return auto_refresh(cursor, table);
    }
    let mut all = action(cursor)?;
    while *cursor.peek() == Token::Comma {
        let refused = cursor.syntax_error().with_hint(
            "ALTER TABLE takes one action, encodings of several columns, or SORTKEY beside DISTKEY or DISTSTYLE",
        );
        cursor.advance();
        all = together(all, action(cursor)?).ok_or(refused)?;
    }
    Ok(Statement::AlterTable { table, action: all })
}

/// `ALTER TABLE view ALTER AUTOREFRESH = {TRUE | FALSE}`: the older spelling of ALTER MATERIALIZED VIEW.
fn auto_refresh(cursor: &mut Cursor<'_>, name: TableName) -> Result<Statement, SqlError> {
    cursor.expect_token(&Token::Eq)?;
    match cursor.eat_one_of(&["true", "false"]) {
        Some(answer) => Ok(Statement::AlterMaterializedView { name, auto_refresh: answer == "true" }),
        None => cursor.expected("TRUE or FALSE"),
    }
}

/// Two actions as one; `None` for those that do not stand together.
fn together(first: AlterTableAction, second: AlterTableAction) -> Option<AlterTableAction> {
    match (first, second) {
        (AlterTableAction::AlterEncodings(mut first), AlterTableAction::AlterEncodings(second)) => {
            let is_twice = second.iter().any(|(column, _)| first.iter().any(|(other, _)| other == column));
            first.extend(second);
            (!is_twice).then_some(AlterTableAction::AlterEncodings(first))
        }
        (AlterTableAction::AlterAttributes(first), AlterTableAction::AlterAttributes(second)) => {
            let (sorts, distributes) = match (&first, &second) {
                (AttributeSpec { sort_key: Some(_), distribution: None, .. }, other)
                | (other, AttributeSpec { sort_key: Some(_), distribution: None, .. }) => {
                    (other.sort_key.is_none(), other.distribution.is_some())
                }
                _ => (false, false),
            };
            (sorts && distributes).then(|| {
                AlterTableAction::AlterAttributes(AttributeSpec {
                    distribution: first.distribution.or(second.distribution),
                    sort_key: first.sort_key.or(second.sort_key),
                    backup_no: false,
                })
            })
        }
        _ => None,
    }
}

fn action(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    let unsupported = [
        (["add", "partition"], "ALTER TABLE ADD PARTITION"),
        (["drop", "partition"], "ALTER TABLE DROP PARTITION"),
        (["alter", "partition"], "ALTER TABLE ALTER PARTITION"),
    ];
    if let Some((_, name)) = unsupported.iter().find(|(words, _)| cursor.at(words)) {
        return Err(SqlError::unsupported(name).at(cursor.position()));
    }
    if cursor.at(&["row", "level"]) {
        return row_level_security(cursor).map(AlterTableAction::RowLevelSecurity);
    }
    if cursor.eat(&["append", "from"]) {
        let source = cursor.table_name()?;
        let extra = match cursor.eat_one_of(&["ignoreextra", "filltarget"]) {
            Some("ignoreextra") => Some(AppendExtra::Ignore),
            Some(_) => Some(AppendExtra::Fill),
            None => None,
        };
        return Ok(AlterTableAction::Append { source, extra });
    }
    match cursor.eat_one_of(&["add", "drop", "rename", "owner", "alter"]) {
        Some("add") => add(cursor),
        Some("drop") => drop(cursor),
        Some("rename") => rename(cursor),
        Some("owner") => {
            cursor.expect(&["to"])?;
            Ok(AlterTableAction::OwnerTo(principal(cursor)?))
        }
        Some(_) => alter(cursor),
        None => cursor.expected("ADD, DROP, RENAME, ALTER or OWNER TO"),
    }
}

fn add(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    if at_table_constraint(cursor) {
        return table_constraint(cursor).map(AlterTableAction::AddConstraint);
    }
    cursor.eat(&["column"]);
    let position = cursor.position();
    let mut constraints = Vec::new();
    let mut attributes = AttributesInProgress::default();
    let spec = column(cursor, &mut constraints, &mut attributes)?;
    if !constraints.is_empty() || !attributes.is_empty() {
        return Err(contradiction("ADD COLUMN takes no keys")
            .at(position)
            .with_hint("add the column first, then ADD the constraint or ALTER DISTKEY or SORTKEY"));
    }
    if spec.identity.is_some() {
        return Err(SqlError::unsupported("adding an IDENTITY column").at(position));
    }
    if spec.not_null && spec.default.is_none() {
        return Err(contradiction(
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
        )
        .at(position));
    }
    Ok(AlterTableAction::AddColumn(spec))
}

fn drop(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    if cursor.eat(&["constraint"]) {
        let name = cursor.name()?;
        eat_cascade(cursor);
        return Ok(AlterTableAction::DropConstraint(name));
    }
    cursor.eat(&["column"]);
    let name = cursor.name()?;
    Ok(AlterTableAction::DropColumn { name, cascade: eat_cascade(cursor) })
}

fn eat_cascade(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_one_of(&["cascade", "restrict"]) == Some("cascade")
}

fn rename(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    if cursor.eat(&["to"]) {
        return Ok(AlterTableAction::RenameTable(cursor.name()?));
    }
    cursor.eat(&["column"]);
    let from = cursor.name()?;
    cursor.expect(&["to"])?;
    Ok(AlterTableAction::RenameColumn { from, to: cursor.name()? })
}

fn alter(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    if cursor.eat(&["encode", "auto"]) {
        return Ok(AlterTableAction::AlterAttributes(AttributeSpec::default()));
    }
    if cursor.eat(&["sortkey", "none"]) {
        let attributes = AttributeSpec { sort_key: Some(SortKeySpec::Auto), ..AttributeSpec::default() };
        return Ok(AlterTableAction::AlterAttributes(attributes));
    }
    if AttributesInProgress::at_attribute(cursor) {
        let mut attributes = AttributesInProgress::default();
        while AttributesInProgress::at_attribute(cursor) {
            let position = cursor.position();
            // ALTER DISTKEY column stands without parentheses.
            if cursor.at(&["distkey"]) && *cursor.peek_nth(1) != Token::LParen {
                cursor.advance();
                attributes.set_key(cursor.name()?, position)?;
            } else {
                attributes.read_one(cursor)?;
            }
        }
        return Ok(AlterTableAction::AlterAttributes(attributes.finish()?));
    }
    cursor.eat(&["column"]);
    let column = cursor.name()?;
    if cursor.eat(&["encode"]) {
        return Ok(AlterTableAction::AlterEncodings(vec![(column, encoding(cursor)?)]));
    }
    if matches!(cursor.peek_word(), Some("set" | "drop")) {
        return Err(SqlError::unsupported("ALTER COLUMN SET or DROP")
            .at(cursor.position())
            .with_hint("Redshift changes neither NOT NULL nor DEFAULT of a column; create the table anew"));
    }
    cursor.expect(&["type"])?;
    let position = cursor.position();
    let data_type = data_type(cursor)?;
    if !matches!(data_type, RedshiftType::Varchar(_) | RedshiftType::Varbyte(_)) {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            format!("ALTER COLUMN TYPE to {data_type} is not supported"),
        )
        .at(position)
        .with_hint("Redshift changes only the size of VARCHAR and VARBYTE columns"));
    }
    Ok(AlterTableAction::AlterType { column, data_type })
}
