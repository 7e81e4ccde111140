//! `IS_VALID_JSON(text)`: an object; `IS_VALID_JSON_ARRAY(text)`: an array (guide, pages of these names).

use dwh_common::RedshiftType;
use jiter::Peek;

use super::scan::kind;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const IS_VALID_JSON: Function =
    Function::new("is_valid_json", &[Parameter::Text], Returns::Type(RedshiftType::Boolean), |call| {
        let texts = call.text(0)?;
        call.build_boolean(|row| Ok(Some(matches!(kind(texts.at(row)), Some(Peek::Object)))))
    });

pub(super) const IS_VALID_JSON_ARRAY: Function = Function {
    name: "is_valid_json_array",
    body: |call| {
        let texts = call.text(0)?;
        call.build_boolean(|row| Ok(Some(kind(texts.at(row)) == Some(Peek::Array))))
    },
    ..IS_VALID_JSON
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn objects_and_arrays_are_told_apart() {
        assert_values(&[
            ("is_valid_json('{\"a\":2}')", "t"),
            ("is_valid_json('{2:\"a\"}')", "f"),
            ("is_valid_json('[1,2,3]')", "f"),
            ("is_valid_json('12')", "f"),
            ("is_valid_json('{\"a\":2} x')", "f"),
            ("is_valid_json_array('[\"a\",[\"b\",1]]')", "t"),
            ("is_valid_json_array('{\"a\":4}')", "f"),
        ]);
    }
}
