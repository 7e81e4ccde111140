//! `TEXT_TO_INT_ALT` and `TEXT_TO_NUMERIC_ALT`: text with Teradata's formats (the guide, Teradata-style
//! formatting characters for numeric data).
//!
//! Signs stand before or behind the digits; `/ , : %` are passed over; blank text is 0. A format may have
//! `9`, `Z`, `9(n)`, `.`, `D`, `V` (a point that is not written), `S` (the last character is a digit with a
//! sign, signed zoned decimal) and the currency marks `C L N O U A`, whose signs in the text are passed over.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Decimal128Type, Int32Type};
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlError, SqlState};

use crate::functions::args::Call;
use crate::functions::cast::{check_precision, decimal_overflow};
use crate::functions::error::{external, sql_err};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

/// Truncates fractions.
pub(super) const TO_INT: Function = Function {
    optional: 1,
    ..Function::new(
        "text_to_int_alt",
        &[Parameter::Text, Parameter::Text],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (texts, formats) = (call.text(0)?, call.text_or(1, "")?);
            call.build::<Int32Type>(|row| {
                let number = Format::parse(formats.at(row))?.read(texts.at(row))?;
                let whole = number.at_scale(0, Rounding::Truncate)?;
                i32::try_from(whole).map(Some).map_err(|_| {
                    sql_err(
                        SqlState::NumericValueOutOfRange,
                        format!("Value out of range for 4 bytes: {whole}"),
                    )
                })
            })
        },
    )
};

/// `(text [, format] [, precision, scale])`: NUMERIC(38,0) unless told otherwise; halves go to the even digit.
pub(super) const TO_NUMERIC: Function = Function {
    optional: 3,
    ..Function::new(
        "text_to_numeric_alt",
        &[Parameter::Text, Parameter::Any, Parameter::Integer, Parameter::Integer],
        Returns::Of(numeric_type),
        to_numeric,
    )
};

fn has_format(data_type: &DataType) -> bool {
    !data_type.is_numeric()
}

fn numeric_type(types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    let first = 1 + usize::from(types.len() > 1 && has_format(types.data_type(1)));
    let refuse = |message: &str| Err(sql_err(SqlState::InvalidParameterValue, message));
    match types.len() - first {
        0 => Ok(RedshiftType::Decimal { precision: 38, scale: 0 }),
        2 => match (types.integer(first), types.integer(first + 1)) {
            (Some(precision @ 1..=38), Some(scale)) if (0..=precision.min(37)).contains(&scale) => {
                Ok(RedshiftType::Decimal { precision: precision as u8, scale: scale as u8 })
            }
            _ => refuse("precision and scale must be literals, 1 to 38 and 0 to 37"),
        },
        _ => refuse("TEXT_TO_NUMERIC_ALT takes precision and scale together"),
    }
}

fn to_numeric(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *call.return_type() else {
        return Err(external(SqlError::internal("TEXT_TO_NUMERIC_ALT gives a NUMERIC")));
    };
    let texts = call.text(0)?;
    let with_format = call.len() > 1 && has_format(&call.data_type(1));
    let formats = call.text_or(if with_format { 1 } else { call.len() }, "")?;
    call.build::<Decimal128Type>(|row| {
        let number = Format::parse(formats.at(row))?.read(texts.at(row))?;
        let value = number.at_scale(i32::from(scale), Rounding::HalfEven)?;
        check_precision(value, precision).map(Some)
    })
}

/// A format, read.
#[derive(Debug, Default)]
struct Format {
    /// Digits before the point; `None` where any number is taken.
    whole: Option<usize>,
    /// Digits behind `V`.
    implied_places: usize,
    zoned: bool,
    currency: bool,
}

/// Digits times a power of ten.
struct Number {
    digits: i128,
    exponent: i32,
}

enum Rounding {
    Truncate,
    HalfEven,
}

impl Format {
    fn parse(format: &str) -> Result<Self> {
        let mut read = Self::default();
        let mut slots = 0;
        let mut behind_point = false;
        let mut characters = format.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '9' | 'Z' => {
                    let mut count = 1;
                    if characters.next_if_eq(&'(').is_some() {
                        let inside: String = characters.by_ref().take_while(|c| *c != ')').collect();
                        match inside.parse() {
                            Ok(n) => count = n,
                            // I and F: as many digits as the number has.
                            Err(_) if matches!(inside.as_str(), "I" | "F") => count = 38,
                            Err(_) => return Err(invalid_format(format)),
                        }
                    }
                    if behind_point {
                        read.implied_places += count;
                    } else {
                        slots += count;
                    }
                }
                '.' | 'D' => break,
                'V' => behind_point = true,
                'S' if characters.peek().is_none() => read.zoned = true,
                'C' | 'L' | 'N' | 'O' | 'U' | 'A' => read.currency = true,
                _ => return Err(invalid_format(format)),
            }
        }
        read.whole = (slots > 0).then_some(slots + usize::from(read.zoned));
        Ok(read)
    }

    fn read(&self, text: &str) -> Result<Number> {
        let invalid = || -> DataFusionError {
            let message = format!("invalid input syntax for type numeric: \"{text}\"");
            sql_err(SqlState::InvalidTextRepresentation, message)
        };
        let mut plain: String = text.trim().chars().filter(|c| !matches!(c, '/' | ',' | ':' | '%')).collect();
        if self.currency {
            plain.retain(|c| !c.is_alphabetic() && c != '$' && c != '€' && c != '£' && c != '¥');
            plain = plain.trim().to_owned();
        }
        if plain.is_empty() {
            return Ok(Number { digits: 0, exponent: 0 });
        }
        let mut negative = false;
        if self.zoned {
            let (digit, below) = plain.pop().and_then(zoned_digit).ok_or_else(invalid)?;
            plain.push(digit);
            negative = below;
        }
        for sign in ['-', '+'] {
            let unsigned = plain.strip_prefix(sign).or_else(|| plain.strip_suffix(sign)).map(str::to_owned);
            if let Some(unsigned) = unsigned {
                negative ^= sign == '-';
                plain = unsigned;
                break;
            }
        }
        let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| invalid())?),
            None => (plain.as_str(), 0),
        };
        let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = whole.bytes().chain(places.bytes()).all(|byte| byte.is_ascii_digit());
        if whole.len() + places.len() == 0 || !all_digits || exponent.abs() > 1_000 {
            return Err(invalid());
        }
        let significant = whole.trim_start_matches('0').len().saturating_sub(self.implied_places);
        if self.whole.is_some_and(|slots| significant > slots) {
            return Err(decimal_overflow());
        }
        let digits: i128 = format!("{whole}{places}").parse().map_err(|_| decimal_overflow())?;
        Ok(Number {
            digits: if negative { -digits } else { digits },
            exponent: exponent - places.len() as i32 - self.implied_places as i32,
        })
    }
}

/// The digit of a signed zoned decimal, and whether the number is negative.
fn zoned_digit(character: char) -> Option<(char, bool)> {
    let digit = |offset: u32| char::from_digit(offset, 10);
    Some(match character {
        '0'..='9' => (character, false),
        '{' => ('0', false),
        'A'..='I' => (digit(u32::from(character) - u32::from('A') + 1)?, false),
        '}' => ('0', true),
        'J'..='R' => (digit(u32::from(character) - u32::from('J') + 1)?, true),
        _ => return None,
    })
}

fn invalid_format(format: &str) -> DataFusionError {
    sql_err(SqlState::InvalidParameterValue, format!("invalid format \"{format}\""))
}

impl Number {
    /// The unscaled value at a scale.
    fn at_scale(&self, scale: i32, rounding: Rounding) -> Result<i128> {
        let shift = self.exponent + scale;
        if self.digits == 0 {
            return Ok(0);
        }
        if shift >= 0 {
            let factor = 10i128.checked_pow(shift.unsigned_abs()).ok_or_else(decimal_overflow)?;
            return self.digits.checked_mul(factor).ok_or_else(decimal_overflow);
        }
        let Some(divisor) = 10i128.checked_pow(shift.unsigned_abs()) else { return Ok(0) };
        let (quotient, remainder) = (self.digits / divisor, (self.digits % divisor).unsigned_abs());
        let half = (divisor / 2).unsigned_abs();
        let up = match rounding {
            Rounding::Truncate => false,
            Rounding::HalfEven => remainder > half || (remainder == half && quotient % 2 != 0),
        };
        Ok(if up { quotient + self.digits.signum() } else { quotient })
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn integers_follow_the_guide() {
        assert_values(&[
            ("text_to_int_alt('123-')", "-123"),
            ("text_to_int_alt('2147483647+')", "2147483647"),
            ("text_to_int_alt('-123E-2')", "-1"),
            ("text_to_int_alt('123{', '999S')", "1230"),
            ("text_to_int_alt('12J', '99S')", "-121"),
            ("text_to_int_alt('USD123', 'C9(I)')", "123"),
            ("text_to_int_alt(' ')", "0"),
            ("text_to_int_alt('2147483648')", "error: Value out of range for 4 bytes: 2147483648"),
            ("text_to_int_alt('abc')", "error: invalid input syntax for type numeric: \"abc\""),
            ("text_to_int_alt('1', 'G')", "error: invalid format \"G\""),
        ]);
    }

    #[test]
    fn numerics_follow_the_guide() {
        assert_values(&[
            ("text_to_numeric_alt('1.5')", "2"),
            ("text_to_numeric_alt('2.5')", "2"),
            ("text_to_numeric_alt('2.51')", "3"),
            ("text_to_numeric_alt('123.52501', 10, 2)", "123.53"),
            ("text_to_numeric_alt('12345', '999V99', 10, 2)", "123.45"),
            ("text_to_numeric_alt('-123E2')", "-12300"),
        ]);
    }
}
