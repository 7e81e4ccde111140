//! Numbers inside SUPER values: decimals of any scale and floats (AWS guide, "Operators and functions").

use std::borrow::Cow;
use std::fmt::Write;

use datafusion::error::Result;
use dwh_copy::number_format::{format_double, write_decimal};

use super::value::Value;
use crate::functions::cast::{Rule, decimal_overflow, rescale};
use crate::functions::error::divide_by_zero;

const MAX_DIGITS: usize = 38;
/// Digits that a double in SUPER is written with.
const FLOAT_DIGITS: usize = 15;

/// A number as SUPER arithmetic sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A whole number or decimal of up to 38 digits: `value / 10^scale`.
    Decimal {
        /// All digits.
        value: i128,
        /// Digits behind the point.
        scale: i8,
    },
    /// Written with an exponent, or with more digits than a decimal has.
    Float(f64),
}

/// `+ - * / %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Number {
    /// The number of JSON text; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if text.contains(['e', 'E']) || digits > MAX_DIGITS {
            return text.parse().ok().map(Self::Float);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let value = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::Decimal { value, scale: i8::try_from(fraction.len()).ok()? })
    }

    /// Whether it is a whole number written as one.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Decimal { scale: 0, .. })
    }

    /// The nearest double.
    pub(crate) fn as_double(self) -> f64 {
        match self {
            Self::Decimal { value, scale } => value as f64 / 10f64.powi(i32::from(scale)),
            Self::Float(value) => value,
        }
    }

    /// The SUPER value.
    pub(crate) fn into_value(self) -> Value<'static> {
        let mut text = String::new();
        match self {
            Self::Decimal { value, scale } => write_decimal(&mut text, value, scale),
            Self::Float(value) if value.is_finite() => text = format_double(value, FLOAT_DIGITS),
            Self::Float(_) => return Value::Null,
        }
        Value::Number(Cow::Owned(text))
    }

    /// `self op other`: a float if one of them is, else a decimal with the scale that the guide gives.
    ///
    /// # Errors
    /// More than 38 digits, division by zero.
    pub(crate) fn combine(self, op: Arithmetic, other: Self) -> Result<Self> {
        match (self, other) {
            (Self::Decimal { value: a, scale: s1 }, Self::Decimal { value: b, scale: s2 }) => {
                combine_decimals((a, s1), op, (b, s2))
            }
            _ => combine_floats(self.as_double(), op, other.as_double()).map(Self::Float),
        }
    }

    /// The nearest whole number, halves away from zero.
    pub(crate) fn rounded(self) -> Result<Self> {
        Ok(match self {
            Self::Float(value) => Self::Float(value.round()),
            Self::Decimal { value, scale } => {
                let value = rescale(value, scale, 0, Rule::Cast).ok_or_else(decimal_overflow)?;
                Self::Decimal { value, scale: 0 }
            }
        })
    }

    /// The number without its sign; a decimal keeps its scale.
    pub(crate) fn absolute(self) -> Self {
        match self {
            Self::Decimal { value, scale } => Self::Decimal { value: value.abs(), scale },
            Self::Float(value) => Self::Float(value.abs()),
        }
    }

    /// The number with the other sign.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Decimal { value, scale } => Self::Decimal { value: -value, scale },
            Self::Float(value) => Self::Float(-value),
        }
    }

    /// Digits before and behind the point, and the power of ten of the first one; nothing for zero.
    pub(super) fn significant_digits(self) -> Option<(bool, i32, String)> {
        let (mut digits, exponent) = match self {
            Self::Decimal { value, scale } => {
                let digits = value.unsigned_abs().to_string();
                let exponent = digits.len() as i32 - 1 - i32::from(scale);
                (digits, exponent)
            }
            Self::Float(value) => {
                let mut text = String::new();
                let _ = write!(text, "{:e}", value.abs());
                let (mantissa, exponent) = text.split_once('e')?;
                (mantissa.replace('.', ""), exponent.parse().ok()?)
            }
        };
        digits.truncate(digits.trim_end_matches('0').len());
        let negative = match self {
            Self::Decimal { value, .. } => value < 0,
            Self::Float(value) => value < 0.0,
        };
        (!digits.is_empty()).then_some((negative, exponent, digits))
    }
}

fn combine_decimals((a, s1): (i128, i8), op: Arithmetic, (b, s2): (i128, i8)) -> Result<Number> {
    let common = s1.max(s2);
    let aligned = |value, scale| rescale(value, scale, common, Rule::Cast).ok_or_else(decimal_overflow);
    let (value, scale) = match op {
        Arithmetic::Add => (aligned(a, s1)?.checked_add(aligned(b, s2)?), common),
        Arithmetic::Subtract => (aligned(a, s1)?.checked_sub(aligned(b, s2)?), common),
        Arithmetic::Multiply => (a.checked_mul(b), s1 + s2),
        Arithmetic::Divide | Arithmetic::Modulo if b == 0 => return Err(divide_by_zero()),
        Arithmetic::Modulo => (aligned(a, s1)?.checked_rem(aligned(b, s2)?), common),
        // Whole numbers divide as INTEGER does.
        Arithmetic::Divide if s1 == 0 && s2 == 0 => (a.checked_div(b), 0),
        Arithmetic::Divide => {
            let divisor_digits = b.unsigned_abs().to_string().len() as i8;
            let scale = 4.max(s1 + divisor_digits.max(s2) - s2 + 1);
            let shifted = rescale(a, s1, scale + s2, Rule::Cast).ok_or_else(decimal_overflow)?;
            let (quotient, rest) = (shifted / b, shifted % b);
            let away = rest.unsigned_abs() >= b.unsigned_abs().div_ceil(2);
            (Some(quotient + if away { (a.signum() * b.signum()).signum() } else { 0 }), scale)
        }
    };
    let value = value.filter(|value| value.unsigned_abs() < 10u128.pow(MAX_DIGITS as u32));
    Ok(Number::Decimal { value: value.ok_or_else(decimal_overflow)?, scale })
}

fn combine_floats(a: f64, op: Arithmetic, b: f64) -> Result<f64> {
    Ok(match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide | Arithmetic::Modulo if b == 0.0 => return Err(divide_by_zero()),
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a % b,
    })
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, Number};

    fn combined(left: &str, op: Arithmetic, right: &str) -> String {
        let (left, right) = (Number::parse(left).expect("a number"), Number::parse(right).expect("a number"));
        left.combine(op, right).expect("no overflow").into_value().to_json()
    }

    #[test]
    fn scales_follow_the_operands() {
        assert_eq!(combined("1", Arithmetic::Add, "0.5"), "1.5");
        assert_eq!(combined("1.50", Arithmetic::Multiply, "2.0"), "3.000");
        assert_eq!(combined("17579582322001.5", Arithmetic::Divide, "10"), "1757958232200.1500");
        assert_eq!(combined("7", Arithmetic::Divide, "2"), "3");
        assert_eq!(combined("1e1", Arithmetic::Add, "1"), "11");
        assert_eq!(combined("-7.5", Arithmetic::Modulo, "2"), "-1.5");
    }
}
