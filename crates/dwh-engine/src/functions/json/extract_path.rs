//! `JSON_EXTRACT_PATH_TEXT(text, 'a' [, 'b' …] [, null_if_invalid])`: keys are case-sensitive; a path
//! that leads nowhere is NULL (RS 4.5; RS 9, question 4).

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use dwh_common::SqlState;
use jiter::Peek;

use super::scan::{invalid, kind, member, shown, unless_null};
use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const MAX_LEVELS: usize = 5;

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    variadic: true,
    ..Function::new(
        "json_extract_path_text",
        &[Parameter::Text, Parameter::Text, Parameter::Any],
        Returns::Text,
        extract,
    )
};

fn extract(call: &Call<'_>) -> Result<ArrayRef> {
    let last = call.len() - 1;
    let flag_given = call.data_type(last) == DataType::Boolean;
    let path_end = if flag_given { last } else { call.len() };
    if path_end - 1 > MAX_LEVELS {
        return Err(sql_err(
            SqlState::InvalidParameterValue,
            format!("JSON path of {} levels: at most {MAX_LEVELS} are supported", path_end - 1),
        ));
    }
    let texts = call.text(0)?;
    let path = (1..path_end).map(|index| call.text(index)).collect::<Result<Vec<_>>>()?;
    let null_if_invalid = call.boolean_or_false(if flag_given { last } else { call.len() })?;
    call.build_text(|row| {
        let text = texts.at(row);
        if kind(text) != Some(Peek::Object) && !matches!(kind(text), Some(Peek::Array)) {
            return unless_null(null_if_invalid.at(row), "object", text);
        }
        let mut value = text;
        for key in &path {
            match member(value, key.at(row)).map_err(|_| invalid("object", text))? {
                Some(found) => value = found,
                None => return Ok(None),
            }
        }
        Ok(shown(value))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    const DOCUMENT: &str = r#"'{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"},"n":null,"s":"a\\"b\\u00e9"}'"#;

    #[test]
    fn paths_lead_to_values() {
        let at = |path: &str| format!("json_extract_path_text({DOCUMENT}, {path})");
        let cases = [
            ("'f4', 'f6'", "star"),
            ("'f4'", r#"{"f5":99,"f6":"star"}"#),
            ("'f2', 'f3'", "1"),
            ("'F4'", "NULL"),
            ("'f4', 'f9'", "NULL"),
            ("'n'", "NULL"),
            ("'s'", "a\"bé"),
        ];
        for (path, expected) in cases {
            assert_values(&[(&at(path), expected)]);
        }
    }

    #[test]
    fn invalid_json_is_an_error_or_null() {
        assert_values(&[
            (
                "json_extract_path_text('{\"a\":', 'a')",
                "error: JSON parsing error; Invalid JSON object {\"a\":",
            ),
            ("json_extract_path_text('{\"a\":', 'a', true)", "NULL"),
            ("json_extract_path_text(NULL, 'a')", "NULL"),
        ]);
    }
}
