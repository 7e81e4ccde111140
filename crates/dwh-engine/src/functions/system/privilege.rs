//! `HAS_…_PRIVILEGE([user,] object, privilege)`. There is one user, who is a superuser and may do everything; a
//! privilege that does not exist is an error all the same.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const BOOLEAN: Returns = Returns::Type(RedshiftType::Boolean);
const PARAMETERS: &[Parameter] = &[Parameter::Any, Parameter::Any, Parameter::Text];

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let object = |name, body| Function { optional: 1, ..Function::new(name, PARAMETERS, BOOLEAN, body) };
    vec![
        object("has_database_privilege", |call| check(call, &["create", "usage", "temporary", "temp"])),
        object("has_schema_privilege", |call| check(call, &["create", "usage", "alter", "drop"])),
        object("has_table_privilege", |call| {
            let of_tables =
                ["select", "insert", "update", "delete", "references", "truncate", "drop", "alter"];
            check(call, &of_tables)
        }),
        object("has_assumerole_privilege", |call| {
            check(call, &["copy", "unload", "external function", "create model"])
        }),
        Function {
            optional: 1,
            ..Function::new(
                "has_column_privilege",
                &[Parameter::Any, Parameter::Any, Parameter::Any, Parameter::Text],
                BOOLEAN,
                |call| check(call, &["select", "insert", "update", "references"]),
            )
        },
    ]
}

fn check(call: &Call<'_>, known: &[&str]) -> Result<ArrayRef> {
    let privileges = call.text(call.len() - 1)?;
    call.build_boolean(|row| {
        let written = privileges.at(row);
        for privilege in written.split(',').map(str::trim) {
            let base = privilege.to_ascii_lowercase();
            if !known.contains(&base.trim_end_matches(" with grant option")) {
                let message = format!("unrecognized privilege type: \"{privilege}\"");
                return Err(sql_err(SqlState::InvalidParameterValue, message));
            }
        }
        Ok(Some(true))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn a_superuser_may_do_everything_that_exists() {
        assert_values(&[
            ("has_table_privilege('listing', 'select')", "t"),
            ("has_table_privilege('awsuser', 'listing', 'SELECT')", "t"),
            ("has_schema_privilege('public', 'usage')", "t"),
            ("has_database_privilege('dev', 'temp')", "t"),
            ("has_table_privilege('listing', 'fly')", "error: unrecognized privilege type: \"fly\""),
        ]);
    }
}
