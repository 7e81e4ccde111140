//! Functions of users: SQL with `$1`, `$2`, … (the guide's page CREATE FUNCTION).

use dwh_common::RedshiftType;

/// Identifies a function for as long as it exists.
pub type FunctionId = i64;

/// A function, as CREATE FUNCTION makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionDefinition {
    /// Schema, lower case.
    pub schema: String,
    /// Name; several functions may have it, with other arguments.
    pub name: String,
    /// Types of the arguments.
    pub arguments: Vec<RedshiftType>,
    /// Type of the value.
    pub returns: RedshiftType,
    /// VOLATILE, STABLE or IMMUTABLE.
    pub volatility: Volatility,
    /// The SELECT.
    pub body: String,
}

/// When a function gives the same value for the same arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    /// Never certain.
    Volatile,
    /// Within one statement.
    Stable,
    /// Always.
    Immutable,
}

impl Volatility {
    /// As SQL writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Volatile => "VOLATILE",
            Self::Stable => "STABLE",
            Self::Immutable => "IMMUTABLE",
        }
    }

    /// The volatility of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Volatile, Self::Stable, Self::Immutable].into_iter().find(|known| known.name() == name)
    }
}
