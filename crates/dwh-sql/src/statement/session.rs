//! Statements about the session itself: transactions, prepared statements, cursors.

use dwh_common::RedshiftType;
use sqlparser::ast::{Expr, Query};

use super::Statement;

/// What BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS say. Every isolation level means the
/// database's own (RS 3.7), so only whether rows may change is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransactionModes {
    /// READ ONLY, or READ WRITE; `None` if neither was said.
    pub read_only: Option<bool>,
}

/// `PREPARE name [(types)] AS statement`.
#[derive(Debug, Clone)]
pub struct Prepare {
    /// Name, of this session.
    pub name: String,
    /// Types of `$1`, `$2`, …
    pub types: Vec<RedshiftType>,
    /// The statement's text, its parameters not yet bound: see [`crate::bind_parameters`].
    pub text: String,
    /// The highest parameter in the text.
    pub parameter_count: usize,
    /// The same, read, so that what is wrong with it is said at once.
    pub statement: Box<Statement>,
}

/// `EXECUTE name [(values)]`.
#[derive(Debug, Clone)]
pub struct Execute {
    /// Name of the prepared statement.
    pub name: String,
    /// Values of `$1`, `$2`, …
    pub arguments: Vec<Expr>,
}

/// `DECLARE name CURSOR FOR query`.
#[derive(Debug, Clone)]
pub struct DeclareCursor {
    /// Name, of this transaction.
    pub name: String,
    /// What it reads.
    pub query: Box<Query>,
}

/// How many rows FETCH takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchCount {
    /// That many; NEXT and a bare FETCH are one.
    Rows(u64),
    /// All that are left.
    All,
}
