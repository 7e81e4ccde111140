//! What a SUPER value is: JSON_TYPEOF, IS_ARRAY …, DECIMAL_PRECISION, DECIMAL_SCALE, JSON_SIZE (guide,
//! "SUPER type information functions"). The tests are false for NULL.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::arguments::super_argument;
use super::number::Number;
use super::value::Value;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTIONS: [Function; 15] = [
    JSON_TYPEOF,
    test("is_array"),
    test("is_object"),
    test("is_scalar"),
    test("is_varchar"),
    test("is_char"),
    test("is_boolean"),
    test("is_smallint"),
    test("is_integer"),
    test("is_bigint"),
    test("is_decimal"),
    test("is_float"),
    DECIMAL_PRECISION,
    DECIMAL_SCALE,
    JSON_SIZE,
];

const JSON_TYPEOF: Function = Function::new("json_typeof", &[Parameter::Any], Returns::Text, |call| {
    let values = super_argument(call, 0)?;
    call.build_text(|row| Ok(values.at(row).map(|value| value.type_name())))
});

const fn test(name: &'static str) -> Function {
    Function {
        takes_null: true,
        ..Function::new(name, &[Parameter::Any], Returns::Type(RedshiftType::Boolean), |call| {
            let values = super_argument(call, 0)?;
            let name = call.name();
            call.build_boolean(|row| Ok(Some(values.at(row).is_some_and(|value| passes(name, &value)))))
        })
    }
}

fn passes(test: &str, value: &Value<'_>) -> bool {
    let number = match value {
        Value::Number(text) => Number::parse(text),
        _ => None,
    };
    let whole = match number {
        Some(Number::Decimal { value, scale: 0 }) => Some(value),
        _ => None,
    };
    match test {
        "is_array" => matches!(value, Value::Array(_)),
        "is_object" => matches!(value, Value::Object(_)),
        "is_scalar" => matches!(value, Value::Number(_) | Value::Text(_) | Value::Boolean(_)),
        "is_varchar" => matches!(value, Value::Text(_)),
        "is_char" => matches!(value, Value::Text(text) if text.is_ascii()),
        "is_boolean" => matches!(value, Value::Boolean(_)),
        "is_smallint" => whole.is_some_and(|whole| i16::try_from(whole).is_ok()),
        "is_integer" => whole.is_some_and(|whole| i32::try_from(whole).is_ok()),
        "is_bigint" => whole.is_some_and(|whole| i64::try_from(whole).is_ok()),
        "is_decimal" => matches!(number, Some(Number::Decimal { .. })),
        "is_float" => matches!(number, Some(Number::Float(_))),
        _ => false,
    }
}

const DECIMAL_PRECISION: Function =
    Function::new("decimal_precision", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| Ok(values.at(row).as_ref().and_then(digits).map(|(digits, _)| digits)))
    });

const DECIMAL_SCALE: Function =
    Function::new("decimal_scale", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| Ok(values.at(row).as_ref().and_then(digits).map(|(_, scale)| scale)))
    });

/// Digits in all and behind the point, leading zeros not counted.
fn digits(value: &Value<'_>) -> Option<(i32, i32)> {
    let Value::Number(text) = value else { return None };
    match Number::parse(text)? {
        Number::Decimal { value, scale } => {
            let scale = i32::from(scale);
            Some(((value.unsigned_abs().to_string().len() as i32).max(scale), scale))
        }
        Number::Float(_) => None,
    }
}

const JSON_SIZE: Function =
    Function::new("json_size", &[Parameter::Any], Returns::Type(RedshiftType::Integer), |call| {
        let values = super_argument(call, 0)?;
        call.build::<Int32Type>(|row| Ok(values.at(row).map(|value| value.to_json().len() as i32)))
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn values_tell_their_type() {
        assert_values(&[
            ("json_typeof(array(1,2))", "array"),
            ("json_typeof(json_parse('{\"name\":\"Joe\"}'))", "object"),
            ("is_array(array(1,2))", "t"),
            ("is_array(NULL)", "f"),
            ("is_smallint(json_parse('32768'))", "f"),
            ("is_integer(json_parse('32768'))", "t"),
            ("is_decimal(json_parse('1.5'))", "t"),
            ("is_float(json_parse('1.5e0'))", "t"),
            ("decimal_precision(json_parse('3.14159265358979323846264338327950288'))", "36"),
            ("decimal_scale(json_parse('3.14'))", "2"),
            ("json_size(json_parse('[10001,10002,\"⬤\"]'))", "19"),
        ]);
    }
}
