//! LOWER_ATTRIBUTE_NAMES and UPPER_ATTRIBUTE_NAMES: the attribute names of a SUPER value, at every depth, in
//! one case; GET_NUMBER_ATTRIBUTES: how many an object has (guide, pages of these names).

use std::borrow::Cow;
use std::collections::HashSet;

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::arguments::{build_super, super_argument};
use super::array::SUPER;
use super::value::Value;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};
use datafusion::error::Result;
use dwh_common::SqlState;

pub(super) const FUNCTIONS: [Function; 3] =
    [renaming("lower_attribute_names"), renaming("upper_attribute_names"), GET_NUMBER_ATTRIBUTES];

/// NULL for what is no object.
const GET_NUMBER_ATTRIBUTES: Function =
    Function::new("get_number_attributes", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| {
            Ok(match values.at(row) {
                Some(Value::Object(attributes)) => Some(attributes.len() as i32),
                _ => None,
            })
        })
    });

const fn renaming(name: &'static str) -> Function {
    Function::new(name, &[Parameter::Any], SUPER, |call| {
        let values = super_argument(call, 0)?;
        let lower = call.name() == "lower_attribute_names";
        build_super(call, |row| {
            let Some(value) = values.at(row) else { return Ok(None) };
            Ok(Some(renamed(value, lower)?.to_json()))
        })
    })
}

/// The words of the page UPPER_ATTRIBUTE_NAMES.
const DUPLICATE: &str = "Invalid input: SUPER value has duplicate attributes after case conversion.";

fn renamed(value: Value<'_>, lower: bool) -> Result<Value<'_>> {
    Ok(match value {
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| renamed(element, lower)).collect::<Result<_>>()?)
        }
        Value::Object(attributes) => {
            let mut seen = HashSet::new();
            let mut result = Vec::with_capacity(attributes.len());
            for (name, value) in attributes {
                let name = if lower { name.to_lowercase() } else { name.to_uppercase() };
                if !seen.insert(name.clone()) {
                    return Err(sql_err(SqlState::InvalidParameterValue, DUPLICATE));
                }
                result.push((Cow::Owned(name), renamed(value, lower)?));
            }
            Value::Object(result)
        }
        scalar => scalar,
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn names_change_at_every_depth_and_values_do_not() {
        assert_values(&[
            (
                "json_serialize(lower_attribute_names(json_parse('{\"Aa\":[{\"Bb\":\"Cc\"}]}')))",
                "{\"aa\":[{\"bb\":\"Cc\"}]}",
            ),
            ("json_serialize(upper_attribute_names(json_parse('{\"a\":{\"b\":1}}')))", "{\"A\":{\"B\":1}}"),
            ("get_number_attributes(json_parse('{\"a\": 1, \"b\": 2, \"c\": 3}'))", "3"),
            ("get_number_attributes(json_parse('{\"a\": 1, \"b\": {\"c\": 3}}'))", "2"),
        ]);
    }
}
