//! `OBJECT(name, value, …)` (guide, "Object functions").

use std::borrow::Cow;

use datafusion::error::Result;
use dwh_common::SqlState;

use super::arguments::{build_super, element_argument};
use super::array::SUPER;
use super::value::Value;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter};

pub(super) const FUNCTIONS: [Function; 1] = [Function {
    optional: 1,
    variadic: true,
    takes_null: true,
    ..Function::new("object", &[Parameter::Any], SUPER, |call| {
        if call.len() % 2 == 1 {
            return Err(sql_err(
                SqlState::InvalidParameterValue,
                "OBJECT takes pairs of an attribute name and a value",
            ));
        }
        let columns =
            (0..call.len()).map(|index| element_argument(call, index)).collect::<Result<Vec<_>>>()?;
        build_super(call, |row| {
            let mut attributes: Vec<(Cow<'_, str>, Value<'_>)> = Vec::with_capacity(columns.len() / 2);
            for pair in columns.chunks_exact(2) {
                let Some(Value::Text(name)) = pair[0].at(row) else {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        "the attribute names of OBJECT must be texts",
                    ));
                };
                if attributes.iter().any(|(known, _)| *known == name) {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        format!("Duplicate attribute name \"{name}\" in OBJECT"),
                    ));
                }
                attributes.push((Cow::Owned(name.into_owned()), pair[1].at(row).unwrap_or(Value::Null)));
            }
            Ok(Some(Value::Object(attributes).to_json()))
        })
    })
}];

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn objects_are_made_of_pairs() {
        assert_values(&[
            ("json_serialize(object())", "{}"),
            ("json_serialize(object('a', 1, 'b', true, 'c', 3.14))", "{\"a\":1,\"b\":true,\"c\":3.14}"),
            (
                "json_serialize(object('a', object('aa', 1), 'b', array(2,3)))",
                "{\"a\":{\"aa\":1},\"b\":[2,3]}",
            ),
        ]);
    }
}
