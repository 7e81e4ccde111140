//! Stored procedures (the guide's page CREATE PROCEDURE).

use dwh_common::{ArgumentMode, ArgumentType};

/// Identifies a procedure for as long as it exists; functions have numbers of the same kind.
pub type ProcedureId = i64;

/// A procedure, as CREATE PROCEDURE makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureDefinition {
    /// Schema, lower case.
    pub schema: String,
    /// Name; several procedures may have it, with other input arguments.
    pub name: String,
    /// Arguments.
    pub arguments: Vec<Argument>,
    /// NONATOMIC: its statements commit by themselves.
    pub nonatomic: bool,
    /// SECURITY DEFINER: it has its owner's rights.
    pub security_definer: bool,
    /// Parameters that are set while it runs.
    pub settings: Vec<(String, String)>,
    /// Its text in PL/pgSQL.
    pub body: String,
}

/// An argument of a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Name, if it has one.
    pub name: Option<String>,
    /// IN, OUT or INOUT.
    pub mode: ArgumentMode,
    /// Type.
    pub data_type: ArgumentType,
}

impl ProcedureDefinition {
    /// What a call gives values for.
    pub fn inputs(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.mode.is_input())
    }

    /// What a call gives back.
    pub fn outputs(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.mode.is_output())
    }

    /// What tells it from others of its name: the types of its input arguments.
    pub fn signature(&self) -> String {
        self.inputs().map(|argument| argument.data_type.name()).collect::<Vec<_>>().join(", ")
    }
}
