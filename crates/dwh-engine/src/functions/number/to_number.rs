//! `TO_NUMBER(text, template)`: text read by a number template into a NUMERIC of the template's digits.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Decimal128Type};
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlError, SqlState};

use super::template::{Item, NumberTemplate};
use crate::functions::args::Call;
use crate::functions::error::{external, sql_err};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

/// Digits of a NUMERIC.
const MAX_DIGITS: usize = 38;

pub(super) const FUNCTION: Function =
    Function::new("to_number", &[Parameter::Text, Parameter::Text], Returns::Of(returned), to_number);

/// The template decides the type, so it must be known when the statement is planned.
fn returned(types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    if *types.data_type(1) == DataType::Null {
        return Ok(RedshiftType::Decimal { precision: MAX_DIGITS as u8, scale: 0 });
    }
    let Some(template) = types.text(1).map(NumberTemplate::parse) else {
        return Err(sql_err(SqlState::InvalidParameterValue, "TO_NUMBER takes a literal as its format"));
    };
    if template.roman.is_some() || template.exponent {
        let pattern = if template.exponent { "EEEE" } else { "RN" };
        return Err(external(SqlError::unsupported(format!("{pattern} in the format of TO_NUMBER"))));
    }
    let scale = template.shift.unwrap_or(template.places).min(MAX_DIGITS - 1);
    let precision = (template.whole + template.places).clamp(scale.max(1), MAX_DIGITS);
    Ok(RedshiftType::Decimal { precision: precision as u8, scale: scale as u8 })
}

fn to_number(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::Decimal128(_, scale) = *call.return_type() else {
        return Err(external(SqlError::internal("TO_NUMBER gives a NUMERIC")));
    };
    let (texts, templates) = (call.text(0)?, call.text(1)?);
    let template = NumberTemplate::parse(if call.rows() == 0 { "" } else { templates.at(0) });
    call.build::<Decimal128Type>(|row| template.read(texts.at(row), scale as usize).map(Some))
}

impl NumberTemplate {
    /// A text's number, as an unscaled value of that scale. Digits that the template has no place for are
    /// not read.
    fn read(&self, text: &str, scale: usize) -> Result<i128> {
        let invalid = || -> DataFusionError {
            let message = format!("invalid input syntax for type numeric: \"{text}\"");
            sql_err(SqlState::InvalidTextRepresentation, message)
        };
        let mut rest = text.trim();
        let mut negative = false;
        if let Some(behind) = rest.strip_prefix(['-', '<']) {
            negative = true;
            rest = behind.trim_start();
        } else if let Some(behind) = rest.strip_prefix('+') {
            rest = behind.trim_start();
        }
        let (mut digits, mut places, mut behind_point) = (String::new(), 0, false);
        for item in &self.items {
            match item {
                Item::Digit => {
                    // A number may have fewer digits than the template.
                    let Some(digit) = rest.chars().next().filter(char::is_ascii_digit) else { continue };
                    digits.push(digit);
                    places += usize::from(behind_point);
                    rest = rest.get(1..).unwrap_or_default();
                }
                Item::Point => {
                    behind_point = true;
                    rest = rest.strip_prefix('.').unwrap_or(rest);
                }
                Item::Group => rest = rest.strip_prefix(',').unwrap_or(rest),
                Item::Currency => rest = rest.strip_prefix('$').unwrap_or(rest).trim_start(),
                Item::Sign | Item::Minus | Item::Plus => {
                    negative |= rest.starts_with('-');
                    rest = rest.strip_prefix(['-', '+', ' ']).unwrap_or(rest);
                }
                Item::Ordinal { .. } => rest = rest.get(2..).unwrap_or_default(),
                Item::Literal(literal) => rest = rest.strip_prefix(*literal).unwrap_or(rest),
            }
        }
        if digits.is_empty() {
            return Err(invalid());
        }
        // Of `99V9` the last digit stands behind the point that is not written.
        let missing = if self.shift.is_some() { 0 } else { scale.saturating_sub(places) };
        digits.extend(std::iter::repeat_n('0', missing));
        let value: i128 = digits.parse().map_err(|_| invalid())?;
        Ok(if negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn numbers_are_read_by_their_template() {
        assert_values(&[
            ("to_number('12,454.8-', '99G999D9S')", "-12454.8"),
            ("to_number('12.345', '99D999')", "12.345"),
            ("to_number('$1,234.5', 'L9,999.99')", "1234.50"),
            ("to_number('-7', 'S99')", "-7"),
            ("to_number('<7>', '99PR')", "-7"),
            ("to_number('12345', '999')", "123"),
            ("to_number('125', '99V9')", "12.5"),
            ("to_number('abc', '999')", "error: invalid input syntax for type numeric: \"abc\""),
            ("to_number(NULL, '999')", "NULL"),
        ]);
    }
}
