//! System information that is the same for every session: there is no AWS account behind a warehouse, one slice,
//! and one collation.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use crate::functions::function::{Function, Returns};

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let nothing =
        |name| Function::new(name, &[], Returns::Text, |call| call.build_text(|_| Ok(None::<&str>)));
    vec![
        nothing("current_aws_account"),
        nothing("current_namespace"),
        nothing("current_session_arn"),
        Function::new("default_iam_role", &[], Returns::Text, |call| call.build_text(|_| Ok(Some("none")))),
        Function::new("db_collation", &[], Returns::Text, |call| {
            call.build_text(|_| Ok(Some("case_sensitive")))
        }),
        Function::new("slice_num", &[], Returns::Type(RedshiftType::Integer), |call| {
            call.build::<Int32Type>(|_| Ok(Some(0)))
        }),
        // Without a FROM the leader node answers; the AST rewrite tells.
        Function::new("__leader_slice_num", &[], Returns::Type(RedshiftType::Integer), |call| {
            call.build::<Int32Type>(|_| Ok(Some(10_000)))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn what_no_account_has_is_null() {
        assert_values(&[
            ("current_aws_account()", "NULL"),
            ("default_iam_role()", "none"),
            ("slice_num()", "10000"),
        ]);
    }
}
