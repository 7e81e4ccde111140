//! `STRTOL(text, base)`: a BIGINT in base 2 to 36; the empty text is 0 (RS 4.3).

use arrow::datatypes::Int64Type;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function::new(
    "strtol",
    &[Parameter::Text, Parameter::Integer],
    Returns::Type(RedshiftType::BigInt),
    |call| {
        let (texts, bases) = (call.text(0)?, call.integer(1)?);
        call.build::<Int64Type>(|row| {
            let (text, base) = (texts.at(row), bases.at(row));
            let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base)).ok_or_else(|| {
                sql_err(SqlState::InvalidParameterValue, format!("The base {base} is not between 2 and 36"))
            })?;
            let trimmed = text.trim();
            let (sign, digits) = match trimmed.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", trimmed.strip_prefix('+').unwrap_or(trimmed)),
            };
            let digits = match base {
                16 => digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits),
                _ => digits,
            };
            // A NUL ends the text, as in C.
            let digits = digits.split('\0').next().unwrap_or_default();
            if digits.is_empty() {
                return Ok(Some(0));
            }
            let number = i64::from_str_radix(&format!("{sign}{digits}"), base);
            number.map(Some).map_err(|_| {
                sql_err(
                    SqlState::InvalidTextRepresentation,
                    format!("The input {text} is not valid to be converted to base {base}"),
                )
            })
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn strtol_reads_any_base() {
        assert_values(&[
            ("strtol('0xf', 16)", "15"),
            ("strtol('abcd1234', 16)", "2882343476"),
            ("strtol('1234567', 10)", "1234567"),
            ("strtol('110101', 2)", "53"),
            ("strtol('', 10)", "0"),
            ("strtol('ABD', 10)", "error: The input ABD is not valid to be converted to base 10"),
        ]);
    }
}
