//! The order and equality of SUPER values as bytes (AWS guide, "Querying semi-structured data", Order by):
//! booleans, numbers, strings, arrays, objects. Equal values have equal keys whatever their spelling:
//! numbers by value, strings without trailing blanks, objects without the order of their attributes.

use super::number::Number;
use super::value::Value;

const BOOLEAN: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const OBJECT: u8 = 5;
const NULL: u8 = 9;
const END: u8 = 0;

/// The key of a value.
pub(crate) fn key(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// The order of two scalar values of one dynamic type; `None` for all others, which are not comparable.
pub(crate) fn compare(left: &Value<'_>, right: &Value<'_>) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Boolean(_), Value::Boolean(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Text(_), Value::Text(_)) => Some(key(left).cmp(&key(right))),
        _ => None,
    }
}

fn write(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Boolean(value) => out.extend([BOOLEAN, u8::from(*value)]),
        Value::Number(text) => {
            out.push(NUMBER);
            write_number(text, out);
        }
        Value::Text(text) => {
            out.push(TEXT);
            write_text(text, out);
        }
        Value::Array(elements) => {
            out.push(ARRAY);
            elements.iter().for_each(|element| write(element, out));
            out.push(END);
        }
        Value::Object(attributes) => {
            out.push(OBJECT);
            let mut sorted: Vec<_> = attributes.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            for (name, value) in sorted {
                out.push(TEXT);
                write_text(name, out);
                write(value, out);
            }
            out.push(END);
        }
    }
}

/// Text, and an end that sorts before whatever goes on.
fn write_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.trim_end_matches(' ').bytes() {
        out.push(byte);
        if byte == END {
            out.push(1);
        }
    }
    out.extend([END, END]);
}

/// Sign, power of ten, digits; negative numbers inverted so that the larger amount comes first.
fn write_number(text: &str, out: &mut Vec<u8>) {
    let Some((negative, exponent, digits)) = Number::parse(text).and_then(Number::significant_digits) else {
        out.push(0x80);
        return;
    };
    let start = out.len();
    out.push(0x81);
    out.extend(((exponent + 0x8000) as u16).to_be_bytes());
    out.extend(digits.bytes());
    out.push(END);
    if negative {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::key;
    use crate::functions::partiql::value::{ParseRules, Value};

    fn of(text: &str) -> Vec<u8> {
        key(&Value::parse(text, ParseRules::default()).expect("JSON"))
    }

    #[test]
    fn types_and_numbers_are_in_order() {
        let sorted = [
            "false",
            "true",
            "-1e30",
            "-100",
            "-99.5",
            "-0.001",
            "0",
            "0.001",
            "1",
            "1.5",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "\"\"",
            "\"A\"",
            "\"AB\"",
            "\"a\"",
            "[1]",
            "[1,2]",
            "[2]",
            "{\"a\":1}",
            "{\"a\":2}",
        ];
        for pair in sorted.windows(2) {
            assert!(of(pair[0]) < of(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn equal_values_have_one_key() {
        for (left, right) in [
            ("1", "1.00"),
            ("100", "1e2"),
            ("0", "-0.0"),
            ("\"a\"", "\"a  \""),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#),
        ] {
            assert_eq!(of(left), of(right), "{left} = {right}");
        }
        assert_ne!(of("1"), of("\"1\""));
    }
}
