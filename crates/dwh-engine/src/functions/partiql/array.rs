//! Making and taking apart SUPER arrays: ARRAY, ARRAY_CONCAT, ARRAY_FLATTEN, GET_ARRAY_LENGTH,
//! SPLIT_TO_ARRAY, SUBARRAY (guide, "Array functions"). What is no array makes the result NULL.

use std::borrow::Cow;

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::arguments::{array_json, build_super, element_argument, super_argument};
use super::value::Value;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const SUPER: Returns = Returns::Type(RedshiftType::Super);

pub(super) const FUNCTIONS: [Function; 6] =
    [ARRAY, ARRAY_CONCAT, ARRAY_FLATTEN, GET_ARRAY_LENGTH, SPLIT_TO_ARRAY, SUBARRAY];

const ARRAY: Function = Function {
    optional: 1,
    variadic: true,
    takes_null: true,
    ..Function::new("array", &[Parameter::Any], SUPER, |call| {
        let elements = (0..call.len()).map(|index| element_argument(call, index));
        let elements = elements.collect::<datafusion::error::Result<Vec<_>>>()?;
        build_super(call, |row| {
            array_json(elements.iter().map(|column| column.at(row).unwrap_or(Value::Null)).collect())
                .map_or(Ok(None), |json| Ok(Some(json)))
        })
    })
};

const ARRAY_CONCAT: Function =
    Function::new("array_concat", &[Parameter::Any, Parameter::Any], SUPER, |call| {
        let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
        build_super(call, |row| {
            let (Some(mut all), Some(more)) = (left.elements(row), right.elements(row)) else {
                return Ok(None);
            };
            all.extend(more);
            Ok(array_json(all))
        })
    });

const ARRAY_FLATTEN: Function = Function::new("array_flatten", &[Parameter::Any], SUPER, |call| {
    let arrays = super_argument(call, 0)?;
    build_super(call, |row| {
        Ok(arrays.elements(row).and_then(|elements| {
            let mut flat = Vec::new();
            flatten(elements, &mut flat);
            array_json(flat)
        }))
    })
});

fn flatten<'v>(elements: Vec<Value<'v>>, flat: &mut Vec<Value<'v>>) {
    for element in elements {
        match element {
            Value::Array(inner) => flatten(inner, flat),
            other => flat.push(other),
        }
    }
}

const GET_ARRAY_LENGTH: Function =
    Function::new("get_array_length", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let arrays = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| Ok(arrays.elements(row).map(|elements| elements.len() as i32)))
    });

const SPLIT_TO_ARRAY: Function = Function {
    optional: 1,
    ..Function::new("split_to_array", &[Parameter::Text, Parameter::Text], SUPER, |call| {
        let (texts, delimiters) = (call.text(0)?, call.text_or(1, ",")?);
        build_super(call, |row| {
            let (text, delimiter) = (texts.at(row), delimiters.at(row));
            let parts: Vec<&str> =
                if delimiter.is_empty() { vec![text] } else { text.split(delimiter).collect() };
            Ok(array_json(parts.into_iter().map(|part| Value::Text(Cow::Borrowed(part))).collect()))
        })
    })
};

const SUBARRAY: Function = Function {
    optional: 1,
    ..Function::new("subarray", &[Parameter::Any, Parameter::Integer, Parameter::Integer], SUPER, |call| {
        let arrays = super_argument(call, 0)?;
        let (starts, lengths) = (call.integer(1)?, call.integer_or(2, i64::MAX)?);
        build_super(call, |row| {
            let (Some(elements), Ok(start)) = (arrays.elements(row), usize::try_from(starts.at(row))) else {
                return Ok(None);
            };
            let length = usize::try_from(lengths.at(row)).unwrap_or(0);
            Ok(array_json(elements.into_iter().skip(start).take(length).collect()))
        })
    })
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn arrays_follow_the_guide() {
        assert_values(&[
            ("json_serialize(array(1,50,null,100))", "[1,50,null,100]"),
            ("json_serialize(array(1,'abc',true,3.14))", "[1,\"abc\",true,3.14]"),
            ("json_serialize(array())", "[]"),
            (
                "json_serialize(array_concat(array(10001,10002), array(10003,10004)))",
                "[10001,10002,10003,10004]",
            ),
            ("json_serialize(array_flatten(array(1,array(2,array(3,array())))))", "[1,2,3]"),
            ("get_array_length(array(1,2,3,4,5,6,7,8,9,10))", "10"),
            ("json_serialize(split_to_array('12|345|6789', '|'))", "[\"12\",\"345\",\"6789\"]"),
            ("json_serialize(subarray(array('a','b','c','d','e','f'), 2, 3))", "[\"c\",\"d\",\"e\"]"),
        ]);
    }
}
