//! Functions of users.

use dwh_common::RedshiftType;

use super::{FunctionSignature, TableName};

/// `CREATE [OR REPLACE] FUNCTION … LANGUAGE sql`.
#[derive(Debug, Clone)]
pub struct CreateFunction {
    /// Name.
    pub name: TableName,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Types of the arguments.
    pub arguments: Vec<RedshiftType>,
    /// RETURNS.
    pub returns: RedshiftType,
    /// `VOLATILE`, `STABLE` or `IMMUTABLE`.
    pub volatility: &'static str,
    /// The SELECT, with `$1`, `$2`, … for the arguments.
    pub body: String,
    /// 1-based position of the body in the submitted text.
    pub body_position: usize,
}

/// DROP FUNCTION.
#[derive(Debug, Clone)]
pub struct DropFunction {
    /// Which.
    pub function: FunctionSignature,
    /// IF EXISTS.
    pub if_exists: bool,
}
