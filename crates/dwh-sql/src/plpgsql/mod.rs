//! PL/pgSQL as Redshift has it (the guide's chapter "PL/pgSQL language reference"): the body of a procedure becomes a
//! [`Body`]. What its SQL says is read when it runs, as in PostgreSQL 8.

mod ast;
mod block;
mod commands;
mod conditionals;
mod cursors;
mod declarations;
mod fragment;
mod loops;
mod names;
mod raise;
mod reader;
mod scope;
#[cfg(test)]
mod tests;

use dwh_common::{SqlError, SqlState};

pub use self::ast::{
    Block, Body, CursorQuery, Declaration, FOUND, Handler, Loop, RaiseLevel, RowSource, Statement,
    StatementKind, Target, Variable, VariableId, VariableKind,
};
pub use self::fragment::{Fragment, Reference, value_literal};
use self::reader::Reader;
use self::scope::ScopeKind;

/// The guide's page "Limits and differences for stored procedure support": 2 MB.
const MAX_BYTES: usize = 2 << 20;

/// Reads a procedure's body. `arguments` are the names of its arguments in their order; some statements are for
/// `nonatomic` procedures only.
///
/// # Errors
/// The first syntax error, its position in the body from 1, and its line in the context.
pub fn parse_body(
    source: &str,
    procedure: &str,
    arguments: &[Option<String>],
    nonatomic: bool,
    case_sensitive_identifiers: bool,
) -> Result<Body, SqlError> {
    if source.len() > MAX_BYTES {
        return Err(SqlError::new(
            SqlState::ProgramLimitExceeded,
            format!("the body of procedure \"{procedure}\" is longer than {MAX_BYTES} bytes"),
        ));
    }
    let mut reader = Reader::new(source, procedure, nonatomic, case_sensitive_identifiers)?;
    reader.scopes.open(ScopeKind::Block, Some(procedure.to_owned()));
    reader.declare("found", VariableKind::Argument)?;
    for (number, name) in (1..).zip(arguments) {
        let place = format!("${number}");
        let variable = reader.declare(name.as_deref().unwrap_or(&place), VariableKind::Argument)?;
        reader.scopes.add(&place, variable);
    }
    let block = reader.body()?;
    Ok(Body { variables: reader.variables, block })
}
