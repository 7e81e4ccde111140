//! `JSON_EXTRACT_ARRAY_ELEMENT_TEXT(text, position [, null_if_invalid])`, counted from 0, NULL beyond
//! the end, and `JSON_ARRAY_LENGTH(text [, null_if_invalid])` (RS 4.5).

use arrow::datatypes::Int32Type;
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::scan::{elements, kind, shown, unless_null};
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const ELEMENT: Function = Function {
    optional: 1,
    ..Function::new(
        "json_extract_array_element_text",
        &[Parameter::Text, Parameter::Integer, Parameter::Boolean],
        Returns::Text,
        |call| {
            let (texts, positions) = (call.text(0)?, call.integer(1)?);
            let null_if_invalid = call.boolean_or_false(2)?;
            call.build_text(|row| {
                let Some(found) = valid_elements(texts.at(row), null_if_invalid.at(row))? else {
                    return Ok(None);
                };
                let position = usize::try_from(positions.at(row)).ok();
                Ok(position.and_then(|position| found.get(position)).and_then(|value| shown(value)))
            })
        },
    )
};

pub(super) const LENGTH: Function = Function {
    optional: 1,
    ..Function::new(
        "json_array_length",
        &[Parameter::Text, Parameter::Boolean],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (texts, null_if_invalid) = (call.text(0)?, call.boolean_or_false(1)?);
            call.build::<Int32Type>(|row| {
                let found = valid_elements(texts.at(row), null_if_invalid.at(row))?;
                Ok(found.map(|found| found.len() as i32))
            })
        },
    )
};

fn valid_elements(text: &str, null_if_invalid: bool) -> Result<Option<Vec<&str>>> {
    match kind(text).and_then(|_| elements(text).ok().flatten()) {
        Some(found) => Ok(Some(found)),
        None => unless_null(null_if_invalid, "array", text),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn elements_and_lengths_follow_the_guide() {
        assert_values(&[
            ("json_extract_array_element_text('[111,112,113]', 2)", "113"),
            ("json_extract_array_element_text('[\"a\",[\"b\",1,[\"c\",2]]]', 1)", "[\"b\",1,[\"c\",2]]"),
            ("json_extract_array_element_text('[1]', 1)", "NULL"),
            ("json_array_length('[11,12,13,{\"f1\":21,\"f2\":[25,26]},14]')", "5"),
            ("json_array_length('[]')", "0"),
            ("json_array_length('[11,12,', true)", "NULL"),
            ("json_array_length('[11,12,')", "error: JSON parsing error; Invalid JSON array [11,12,"),
        ]);
    }
}
