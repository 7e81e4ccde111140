//! `COLLATE(text, 'case_sensitive' | 'cs' | 'case_insensitive' | 'ci')`: the text itself. What it means for the comparison
//! around it is a rewrite of the AST.

use dwh_common::SqlState;

use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function =
    Function::new("collate", &[Parameter::Text, Parameter::Text], Returns::Text, |call| {
        let (texts, names) = (call.text(0)?, call.text(1)?);
        call.build_text(|row| match names.at(row).to_ascii_lowercase().as_str() {
            "case_sensitive" | "cs" | "case_insensitive" | "ci" => Ok(Some(texts.at(row))),
            other => {
                let message = format!("collation \"{other}\" does not exist");
                Err(sql_err(SqlState::InvalidParameterValue, message))
            }
        })
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn comparisons_ignore_case_where_told() {
        assert_values(&[
            ("collate('JOHN', 'case_insensitive')", "JOHN"),
            ("collate('JOHN', 'case_insensitive') = 'john'", "t"),
            ("'john' IN ('JANE', collate('JOHN', 'case_insensitive'))", "t"),
            ("collate('JOHN', 'CI') = 'john'", "t"),
            ("collate('JOHN', 'case_sensitive') = 'john'", "f"),
            ("collate('JOHN', 'cs') = 'john'", "f"),
            ("collate('a', 'german')", "error: collation \"german\" does not exist"),
        ]);
    }
}
