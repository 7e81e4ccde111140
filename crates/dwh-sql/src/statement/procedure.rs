//! Stored procedures.

use dwh_common::{ArgumentMode, ArgumentType};
use sqlparser::ast::Expr;

use super::TableName;

/// An argument as CREATE PROCEDURE declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureArgument {
    /// Name, if it has one.
    pub name: Option<String>,
    /// IN, OUT or INOUT.
    pub mode: ArgumentMode,
    /// Type.
    pub data_type: ArgumentType,
}

/// A procedure's name and its arguments; without them the name must be the only one.
#[derive(Debug, Clone)]
pub struct ProcedureSignature {
    /// Name.
    pub name: TableName,
    /// Arguments; those that are OUT only may be left out.
    pub arguments: Option<Vec<ProcedureArgument>>,
}

/// `CREATE [OR REPLACE] PROCEDURE`.
#[derive(Debug, Clone)]
pub struct CreateProcedure {
    /// Name.
    pub name: TableName,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Arguments.
    pub arguments: Vec<ProcedureArgument>,
    /// NONATOMIC.
    pub nonatomic: bool,
    /// SECURITY DEFINER.
    pub security_definer: bool,
    /// SET parameter TO value.
    pub settings: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What ALTER FUNCTION and ALTER PROCEDURE change.
#[derive(Debug, Clone)]
pub enum RoutineChange {
    /// RENAME TO.
    Rename(String),
    /// OWNER TO a user, or (`None`) to the current one.
    OwnerTo(Option<String>),
}

/// CALL.
#[derive(Debug, Clone)]
pub struct Call {
    /// The procedure.
    pub name: TableName,
    /// Values of its IN and INOUT arguments.
    pub arguments: Vec<Expr>,
}
