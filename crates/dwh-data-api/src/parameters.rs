//! Named parameters, `:name` (RS 7.4): each becomes a numbered one, whose value is text that takes the type of
//! its place.

use std::collections::BTreeSet;

use dwh_sql::ParameterValue;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// A parameter of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SqlParameter {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Statements with numbered parameters, and the values, which are the same for all of them.
pub(crate) struct Bound {
    pub(crate) sqls: Vec<String>,
    pub(crate) values: Vec<ParameterValue>,
}

/// Numbers the parameters of all statements of a request.
///
/// # Errors
/// A name is given twice, is none, or is in no statement.
pub(crate) fn bind(sqls: &[String], parameters: &[SqlParameter]) -> Result<Bound, ApiError> {
    let mut names = BTreeSet::new();
    for SqlParameter { name, value } in parameters {
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return Err(ApiError::validation(format!("{name:?} is no name of a parameter")));
        }
        if value.is_empty() {
            return Err(ApiError::validation(format!("the parameter {name} has no value")));
        }
        if !names.insert(name.as_str()) {
            return Err(ApiError::validation(format!("the parameter {name} is given twice")));
        }
    }
    let sqls = sqls.iter().map(|sql| number(sql, parameters, &mut names)).collect();
    if !names.is_empty() {
        let unused = names.into_iter().collect::<Vec<_>>().join(", ");
        return Err(ApiError::validation(format!(
            "Parameters list contains unused parameters. Unused parameters: [{unused}]"
        )));
    }
    let value =
        |parameter: &SqlParameter| ParameterValue { data_type: None, text: Some(parameter.value.clone()) };
    Ok(Bound { sqls, values: parameters.iter().map(value).collect() })
}

/// Puts `$n` in the place of each `:name`, outside of texts, names in quotes, and comments; takes its name from
/// those that are `unused`.
fn number(sql: &str, parameters: &[SqlParameter], unused: &mut BTreeSet<&str>) -> String {
    let mut numbered = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '$' if rest.starts_with("$$") => rest[2..].find("$$").map_or(rest.len(), |end| end + 4),
            ':' if rest.starts_with("::") => 2,
            ':' => {
                let length = rest[1..].bytes().take_while(|byte| is_name_byte(*byte)).count();
                let (name, after) = rest[1..].split_at(length);
                if let Some(at) = parameters.iter().position(|parameter| parameter.name == name) {
                    unused.remove(name);
                    numbered.push_str(&format!("${}", at + 1));
                    rest = after;
                    continue;
                }
                1
            }
            other => other.len_utf8(),
        };
        numbered.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    numbered
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of a text in quotes; backslashes escape in texts, as Redshift reads them.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, ch) in text.char_indices().skip(1) {
        match ch {
            _ if escaped => escaped = false,
            '\\' if quote == '\'' => escaped = true,
            // A doubled quote begins the next part.
            ch if ch == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{SqlParameter, bind};

    fn parameters(names: &[&str]) -> Vec<SqlParameter> {
        let parameter = |name: &&str| SqlParameter { name: (*name).to_owned(), value: "v".to_owned() };
        names.iter().map(parameter).collect()
    }

    #[test]
    fn names_become_numbers_where_they_are_parameters() {
        let head = r#"SELECT ':a', ":a", x::int, 'it''s :a', 'o\'clock :a' -- :a
/* :a */"#;
        let sql = format!("{head} FROM t WHERE b = :b AND a=:a");
        let bound = bind(&[sql], &parameters(&["a", "b"])).expect("both are used");
        assert_eq!(bound.sqls[0], format!("{head} FROM t WHERE b = $2 AND a=$1"));
    }

    #[test]
    fn a_comment_does_not_end_with_the_star_that_began_it() {
        let bound = bind(&["SELECT /*/ :a */ :a".to_owned()], &parameters(&["a"])).expect("it is used");
        assert_eq!(bound.sqls[0], "SELECT /*/ :a */ $1");
    }

    #[test]
    fn names_that_are_not_used_or_twice_are_refused() {
        let sqls = ["SELECT :a".to_owned()];
        assert!(bind(&sqls, &parameters(&["a"])).is_ok());
        assert!(bind(&sqls, &parameters(&["a", "b"])).is_err());
        assert!(bind(&sqls, &parameters(&["a", "a"])).is_err());
        assert!(bind(&sqls, &parameters(&["a b"])).is_err());
    }

    #[test]
    fn a_batch_uses_each_parameter_somewhere() {
        let sqls = ["SELECT :a".to_owned(), "SELECT :b, :a".to_owned()];
        let bound = bind(&sqls, &parameters(&["a", "b"])).expect("both are used");
        assert_eq!(bound.sqls, ["SELECT $1", "SELECT $2, $1"]);
    }
}
