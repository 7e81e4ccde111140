//! INSERT, UPDATE, DELETE and MERGE (RS 3.6).

use sqlparser::ast::{Expr, Query, TableFactor, TableWithJoins};

use super::TableName;

/// `INSERT INTO table [(columns)] source`.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Target.
    pub table: TableName,
    /// Column list, empty if none was given.
    pub columns: Vec<String>,
    /// Where the rows come from.
    pub source: InsertSource,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone)]
pub enum InsertSource {
    /// DEFAULT VALUES.
    DefaultValues,
    /// VALUES (…), (…): `None` is the keyword DEFAULT.
    Values(Vec<Vec<Option<Expr>>>),
    /// A query, WITH included.
    Query(Box<Query>),
}

/// UPDATE.
#[derive(Debug, Clone)]
pub struct Update {
    /// WITH in front of it.
    pub with: Option<sqlparser::ast::With>,
    /// Target.
    pub table: TableName,
    /// Alias of the target.
    pub alias: Option<String>,
    /// SET column = expression; `None` is the keyword DEFAULT.
    pub assignments: Vec<(String, Option<Expr>)>,
    /// FROM.
    pub from: Vec<TableWithJoins>,
    /// WHERE.
    pub selection: Option<Expr>,
}

/// DELETE.
#[derive(Debug, Clone)]
pub struct Delete {
    /// WITH in front of it.
    pub with: Option<sqlparser::ast::With>,
    /// Target.
    pub table: TableName,
    /// Alias of the target.
    pub alias: Option<String>,
    /// USING.
    pub using: Vec<TableWithJoins>,
    /// WHERE.
    pub selection: Option<Expr>,
}

/// MERGE (RS 3.6).
#[derive(Debug, Clone)]
pub struct Merge {
    /// Target, without alias.
    pub target: TableName,
    /// Source: table, view or sub-query, with its alias.
    pub source: TableFactor,
    /// ON.
    pub on: Expr,
    /// What to do.
    pub action: MergeAction,
}

/// What a MERGE does.
#[derive(Debug, Clone)]
pub enum MergeAction {
    /// REMOVE DUPLICATES.
    RemoveDuplicates,
    /// WHEN MATCHED … WHEN NOT MATCHED …, exactly one each.
    Upsert {
        /// WHEN MATCHED THEN.
        matched: MergeMatched,
        /// Columns of the INSERT, empty if none were given.
        insert_columns: Vec<String>,
        /// VALUES of the INSERT; `None` is DEFAULT.
        insert_values: Vec<Option<Expr>>,
    },
}

/// WHEN MATCHED THEN …
#[derive(Debug, Clone)]
pub enum MergeMatched {
    /// UPDATE SET column = expression; `None` is DEFAULT.
    Update(Vec<(String, Option<Expr>)>),
    /// DELETE.
    Delete,
}
