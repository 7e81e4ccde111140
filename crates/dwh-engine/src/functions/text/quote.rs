//! `QUOTE_IDENT` and `QUOTE_LITERAL`, as PostgreSQL.

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const QUOTE_IDENT: Function =
    Function::new("quote_ident", &[Parameter::Text], Returns::Text, |call| {
        let texts = call.text(0)?;
        call.build_text(|row| {
            let name = texts.at(row);
            let plain = !dwh_sql::keywords::is_reserved(name)
                && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            Ok(Some(if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }))
        })
    });

pub(super) const QUOTE_LITERAL: Function =
    Function::new("quote_literal", &[Parameter::Text], Returns::Text, |call| {
        let texts = call.text(0)?;
        call.build_text(|row| {
            Ok(Some(format!("'{}'", texts.at(row).replace('\\', "\\\\").replace('\'', "''"))))
        })
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn quotes_are_doubled() {
        assert_values(&[
            ("quote_ident('users')", "users"),
            ("quote_ident('User \"Name\"')", "\"User \"\"Name\"\"\""),
            ("quote_literal('it''s')", "'it''s'"),
        ]);
    }
}
