//! SIZE: the bytes of a SUPER value in memory (the guide's page of that name). The page shows four sizes and not
//! how a value is laid out: the lengths here give these four, those of other values are near Redshift's at best.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::arguments::super_argument;
use super::number::Number;
use super::value::Value;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    takes_null: true,
    ..Function::new("size", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| {
            let size = bytes(&values.at(row).unwrap_or(Value::Null));
            Ok(Some(i32::try_from(size).unwrap_or(i32::MAX)))
        })
    })
};

/// The kind of a value and its length; what fits into two bytes has its place there too.
const HEAD: usize = 4;
/// Before the elements of an array.
const ARRAY: usize = 7;
/// Before the attributes of an object, and for each of them.
const OBJECT: usize = 8;
const ATTRIBUTE: usize = 2;

fn bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Null | Value::Boolean(_) => HEAD,
        Value::Number(text) => HEAD + number_bytes(text),
        Value::Text(text) => HEAD + text.len(),
        Value::Array(elements) => ARRAY + elements.iter().map(bytes).sum::<usize>(),
        Value::Object(attributes) => {
            let names: usize = attributes.iter().map(|(name, _)| ATTRIBUTE + HEAD + name.len()).sum();
            OBJECT + names + attributes.iter().map(|(_, value)| bytes(value)).sum::<usize>()
        }
    }
}

fn number_bytes(text: &str) -> usize {
    match Number::parse(text) {
        Some(Number::Decimal { value, scale }) if i64::try_from(value).is_ok() => {
            match (scale, i16::try_from(value), i32::try_from(value)) {
                (0, Ok(_), _) => 0,
                (0, _, Ok(_)) => 4,
                _ => 8,
            }
        }
        Some(Number::Float(_)) => 8,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn sizes_are_those_of_the_guide() {
        assert_values(&[
            ("size(NULL::super)", "4"),
            ("size(true::super)", "4"),
            ("size(json_parse('[0,1,2,3]'))", "23"),
            ("size(json_parse('{\"a\":0,\"b\":1,\"c\":2,\"d\":3}'))", "52"),
        ]);
    }

    /// Not Redshift's words: an array of 7 bytes, of each value 4, and 4, 8, 8, 8 and 16 of the numbers.
    #[test]
    fn other_sizes_follow_the_layout_taken_for_granted() {
        assert_values(&[
            ("size('abc'::super)", "7"),
            ("size(json_parse('[70000, 5000000000, 1.5, 1.5e0, 12345678901234567890]'))", "71"),
        ]);
    }
}
