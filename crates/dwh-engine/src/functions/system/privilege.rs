//! `HAS_ASSUMEROLE_PRIVILEGE([user,] role, command)`: no role stands between a user and the store, so everybody
//! may; a command that does not exist is an error all the same.

use dwh_common::{RedshiftType, SqlState};

use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const COMMANDS: &[&str] = &["copy", "unload", "external function", "create model"];

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let parameters = &[Parameter::Any, Parameter::Any, Parameter::Text];
    let boolean = Returns::Type(RedshiftType::Boolean);
    let function = Function::new("has_assumerole_privilege", parameters, boolean, |call| {
        let commands = call.text(call.len() - 1)?;
        call.build_boolean(|row| {
            let command = commands.at(row);
            if COMMANDS.contains(&command.to_ascii_lowercase().as_str()) {
                return Ok(Some(true));
            }
            let message = format!("unrecognized privilege type: \"{command}\"");
            Err(sql_err(SqlState::InvalidParameterValue, message))
        })
    });
    vec![Function { optional: 1, ..function }]
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn everybody_may_assume_roles_for_the_commands_that_exist() {
        assert_values(&[
            ("has_assumerole_privilege('arn:aws:iam::1:role/r', 'copy')", "t"),
            ("has_assumerole_privilege('awsuser', 'arn:aws:iam::1:role/r', 'UNLOAD')", "t"),
            ("has_assumerole_privilege('r', 'fly')", "error: unrecognized privilege type: \"fly\""),
        ]);
    }
}
