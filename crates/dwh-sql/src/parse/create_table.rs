//! CREATE TABLE with columns, LIKE, and CREATE TABLE AS (RS 3.1, 3.5).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::attributes::{AttributesInProgress, contradiction};
use super::column::{add_constraint, check_refused, column, references};
use crate::cursor::Cursor;
use crate::rewrite::order_by_unselected::drop_without_effect;
use crate::statement::{
    AttributeSpec, ColumnSpec, ConstraintSpec, ConstraintSpecKind, CreateTable, CreateTableAs,
    DistributionSpec, LikeParent, SortKeySpec, Statement, TableName,
};

const MAX_COLUMNS: usize = 1600;

/// `CREATE [LOCAL] [TEMP] TABLE …`.
pub(super) fn create_table(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let position = cursor.position();
    // What is wrong with the definition as a whole is shown at its start.
    read(cursor).map_err(|error| if error.position.is_none() { error.at(position) } else { error })
}

fn read(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create"])?;
    cursor.eat(&["local"]);
    let temporary = cursor.eat_one_of(&["temp", "temporary"]).is_some();
    cursor.expect(&["table"])?;
    let if_not_exists = cursor.eat(&["if", "not", "exists"]);
    let name = cursor.table_name()?;
    let temporary = temporary || name.name.starts_with('#');
    if at_columns(cursor) {
        return create_with_columns(cursor, name, temporary, if_not_exists);
    }
    if if_not_exists {
        // Redshift's grammar has none for CREATE TABLE AS.
        return cursor.expected("a column list: CREATE TABLE AS takes no IF NOT EXISTS");
    }
    create_as(cursor, name, temporary)
}

/// A list of columns with types follows, not the bare names of CREATE TABLE AS.
fn at_columns(cursor: &Cursor<'_>) -> bool {
    *cursor.peek() == Token::LParen
        && !(matches!(cursor.peek_nth(1), Token::Word(_))
            && matches!(cursor.peek_nth(2), Token::Comma | Token::RParen))
}

fn create_as(cursor: &mut Cursor<'_>, name: TableName, temporary: bool) -> Result<Statement, SqlError> {
    let columns = cursor.optional_column_list()?;
    let mut attributes = AttributesInProgress::default();
    attributes.read_all(cursor)?;
    cursor.expect(&["as"])?;
    let mut query = cursor.query()?;
    drop_without_effect(&mut query);
    let attributes = attributes.finish()?;
    if !columns.is_empty() {
        check_keys_exist(&attributes, &columns, true)?;
    }
    Ok(Statement::CreateTableAs(CreateTableAs { name, temporary, columns, attributes, query }))
}

fn create_with_columns(
    cursor: &mut Cursor<'_>,
    name: TableName,
    temporary: bool,
    if_not_exists: bool,
) -> Result<Statement, SqlError> {
    let mut columns: Vec<ColumnSpec> = Vec::new();
    let mut like = None;
    let mut constraints = Vec::new();
    let mut attributes = AttributesInProgress::default();
    cursor.expect_token(&Token::LParen)?;
    loop {
        let position = cursor.position();
        if cursor.eat(&["like"]) {
            let parent = like_parent(cursor)?;
            if like.replace(parent).is_some() {
                return Err(contradiction("a table can be LIKE one parent only").at(position));
            }
        } else if AttributesInProgress::at_list_element(cursor) {
            attributes.read_one(cursor)?;
            if AttributesInProgress::at_list_element(cursor) {
                continue;
            }
        } else if at_table_constraint(cursor) {
            let constraint = table_constraint(cursor)?;
            add_constraint(&mut constraints, constraint, position)?;
        } else {
            let spec = column(cursor, &mut constraints, &mut attributes)?;
            if columns.iter().any(|other| other.name == spec.name) {
                let message = format!("column \"{}\" specified more than once", spec.name);
                return Err(SqlError::new(SqlState::DuplicateColumn, message).at(position));
            }
            columns.push(spec);
        }
        if !cursor.eat_token(&Token::Comma) {
            break;
        }
    }
    cursor.expect_token(&Token::RParen)?;
    attributes.read_all(cursor)?;
    if cursor.at(&["as"]) {
        return cursor.expected("the end of the statement: CREATE TABLE AS takes column names without types");
    }
    if like.is_some() && !attributes.is_empty() {
        return Err(contradiction(
            "CREATE TABLE LIKE takes distribution, sort key and backup from its parent",
        )
        .with_hint("leave the table attributes out"));
    }
    if columns.len() > MAX_COLUMNS {
        return Err(contradiction(format!("tables can have at most {MAX_COLUMNS} columns")));
    }
    let attributes = attributes.finish()?;
    if like.is_none() {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        check_keys_exist(&attributes, &names, false)?;
        check_constraints_exist(&constraints, &names)?;
    }
    let mut create =
        CreateTable { name, temporary, if_not_exists, columns: Vec::new(), like, constraints, attributes };
    for column in &mut columns {
        column.not_null |= create.primary_key().contains(&column.name);
    }
    create.columns = columns;
    Ok(Statement::CreateTable(create))
}

fn like_parent(cursor: &mut Cursor<'_>) -> Result<LikeParent, SqlError> {
    let table = cursor.table_name()?;
    let including_defaults = cursor.eat(&["including", "defaults"]);
    if !including_defaults {
        cursor.eat(&["excluding", "defaults"]);
    }
    Ok(LikeParent { table, including_defaults })
}

/// Whether a table constraint comes next, not a column of such a name.
pub(super) fn at_table_constraint(cursor: &Cursor<'_>) -> bool {
    cursor.at(&["constraint"])
        || cursor.at(&["primary", "key"])
        || cursor.at(&["foreign", "key"])
        || (matches!(cursor.peek_word(), Some("unique" | "check")) && *cursor.peek_nth(1) == Token::LParen)
}

/// `[CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) | FOREIGN KEY (…) REFERENCES t [(…)]`.
pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Result<ConstraintSpec, SqlError> {
    let name = if cursor.eat(&["constraint"]) { Some(cursor.name()?) } else { None };
    let position = cursor.position();
    if cursor.eat(&["primary", "key"]) {
        let columns = cursor.column_list()?;
        return Ok(ConstraintSpec { name, columns, kind: ConstraintSpecKind::PrimaryKey });
    }
    if cursor.eat(&["unique"]) {
        let columns = cursor.column_list()?;
        return Ok(ConstraintSpec { name, columns, kind: ConstraintSpecKind::Unique });
    }
    if cursor.eat(&["foreign", "key"]) {
        let columns = cursor.column_list()?;
        let (table, referenced) = references(cursor)?;
        if !referenced.is_empty() && referenced.len() != columns.len() {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                "number of referencing and referenced columns for foreign key disagree",
            )
            .at(position));
        }
        let kind = ConstraintSpecKind::References(table, referenced);
        return Ok(ConstraintSpec { name, columns, kind });
    }
    if cursor.at(&["check"]) {
        return Err(check_refused(position));
    }
    cursor.expected("PRIMARY KEY, UNIQUE or FOREIGN KEY")
}

/// DISTKEY and SORTKEY name columns; in CREATE TABLE AS also by number.
fn check_keys_exist(attributes: &AttributeSpec, columns: &[String], numbers: bool) -> Result<(), SqlError> {
    let check = |what: &str, key: &String| {
        let numbered = numbers && key.parse::<usize>().is_ok_and(|n| (1..=columns.len()).contains(&n));
        if numbered || columns.contains(key) {
            Ok(())
        } else {
            Err(SqlError::new(
                SqlState::UndefinedColumn,
                format!("column \"{key}\" named in {what} does not exist"),
            ))
        }
    };
    if let Some(DistributionSpec::Key(column)) = &attributes.distribution {
        check("DISTKEY", column)?;
    }
    if let Some(SortKeySpec::Compound(keys) | SortKeySpec::Interleaved(keys)) = &attributes.sort_key {
        keys.iter().try_for_each(|key| check("SORTKEY", key))?;
    }
    Ok(())
}

fn check_constraints_exist(constraints: &[ConstraintSpec], columns: &[String]) -> Result<(), SqlError> {
    let mut keys = constraints.iter().flat_map(|constraint| &constraint.columns);
    match keys.find(|key| !columns.contains(key)) {
        None => Ok(()),
        Some(key) => Err(SqlError::new(
            SqlState::UndefinedColumn,
            format!("column \"{key}\" named in key does not exist"),
        )),
    }
}
