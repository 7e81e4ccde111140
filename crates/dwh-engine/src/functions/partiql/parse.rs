//! `JSON_PARSE(text)`, `CAN_JSON_PARSE(text)`, `JSON_SERIALIZE(super)`, `JSON_SERIALIZE_TO_VARBYTE(super)`
//! (guide, pages of these names).

use std::sync::Arc;

use arrow::array::BinaryBuilder;
use arrow::datatypes::DataType;
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{build_super, super_argument};
use super::value::{ParseRules, Value};
use crate::functions::error::{external, sql_err};
use crate::functions::function::{Function, Parameter, Returns};

const MAX_VARCHAR_BYTES: usize = 65_535;
const MAX_VARBYTE: RedshiftType = RedshiftType::Varbyte(16_777_216);

pub(super) const FUNCTIONS: [Function; 4] =
    [JSON_PARSE, CAN_JSON_PARSE, JSON_SERIALIZE, SERIALIZE_TO_VARBYTE];

const JSON_PARSE: Function =
    Function::new("json_parse", &[Parameter::Any], Returns::Type(RedshiftType::Super), |call| {
        let texts = call.json_text(0)?;
        let options = call.options();
        let rules = ParseRules {
            keep_last_duplicate: options.json_parse_dedup_attributes,
            truncate_texts: options.json_parse_truncate_strings,
        };
        build_super(call, |row| match Value::parse(texts.at(row), rules) {
            Ok(value) => Ok(Some(value.to_json())),
            Err(_) if options.parse_super_null_on_error => Ok(None),
            Err(error) => Err(external(error)),
        })
    });

const CAN_JSON_PARSE: Function =
    Function::new("can_json_parse", &[Parameter::Any], Returns::Type(RedshiftType::Boolean), |call| {
        let texts = call.json_text(0)?;
        call.build_boolean(|row| Ok(Some(Value::parse(texts.at(row), ParseRules::default()).is_ok())))
    });

const JSON_SERIALIZE: Function = Function::new("json_serialize", &[Parameter::Any], Returns::Text, |call| {
    let values = super_argument(call, 0)?;
    call.build_text(|row| {
        let Some(value) = values.at(row) else { return Ok(None) };
        let json = value.to_json();
        if json.len() > MAX_VARCHAR_BYTES {
            return Err(sql_err(
                SqlState::StringDataRightTruncation,
                "JSON_SERIALIZE error: the output exceeds the maximum size of VARCHAR, 65535 bytes",
            ));
        }
        Ok(Some(json))
    })
});

const SERIALIZE_TO_VARBYTE: Function =
    Function::new("json_serialize_to_varbyte", &[Parameter::Any], Returns::Type(MAX_VARBYTE), |call| {
        let values = super_argument(call, 0)?;
        debug_assert_eq!(*call.return_type(), DataType::Binary);
        let mut builder = BinaryBuilder::new();
        for row in 0..call.rows() {
            builder.append_option(values.at(row).map(|value| value.to_json()));
        }
        Ok(Arc::new(builder.finish()))
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn text_is_parsed_and_written_back() {
        assert_values(&[
            ("json_serialize(json_parse('[10001,10002,\"abc\"]'))", "[10001,10002,\"abc\"]"),
            ("json_serialize(json_parse('{ \"a\" : 1.50 }'))", "{\"a\":1.50}"),
            ("json_parse('[1,')", "error: JSON parsing error; Invalid JSON [1,"),
            ("can_json_parse('[10001,10002,\"abc\"]')", "t"),
            ("can_json_parse('This is a TEST')", "f"),
            (
                "json_serialize_to_varbyte(json_parse('[10001,10002,\"abc\"]'))",
                "5b31303030312c31303030322c22616263225d",
            ),
        ]);
    }
}
