//! The text of a JSON number, as Redshift sees it before converting it to the column's type.

use std::io::Write;

use memchr::memchr3;

/// A JSON number token.
///
/// A whole number of up to 18 digits keeps its digits. Every other number becomes a double and then
/// the text that C's `%.17g` prints of it: 25.67084 is `25.670839999999998` (RS 10.1 (1)).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<'a>(pub(crate) &'a [u8]);

/// So many digits always fit 64 bits.
const MAX_PLAIN_DIGITS: usize = 18;
/// Whole numbers below have a double each.
const MAX_EXACT_DOUBLE: u64 = 1 << 53;
/// `%.17g` of such a number is its digits: 10^15 and below.
const MAX_WHOLE_DOUBLE: u64 = 1_000_000_000_000_000;
/// Powers of ten that are doubles without an error.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// A number without exponent, of so few digits that 64 bits hold them.
struct Plain {
    is_negative: bool,
    /// All digits, those behind the point too.
    digits: u64,
    /// How many are behind the point.
    scale: usize,
}

impl<'a> Number<'a> {
    /// The value, if it is whole and converted as such: a token without point or exponent that fits 64 bits,
    /// or one with nothing but zeros behind the point.
    pub(crate) fn whole(self) -> Option<i64> {
        let Some(Plain { is_negative, digits, scale }) = self.plain() else {
            return self.token().parse().ok();
        };
        let value = match scale {
            0 => digits,
            _ => {
                let power = 10_u64.pow(scale as u32);
                let whole = digits / power;
                if digits % power != 0 || whole > MAX_WHOLE_DOUBLE {
                    return None;
                }
                whole
            }
        };
        Some(if is_negative { -(value as i64) } else { value as i64 })
    }

    /// The nearest double; infinite if it is out of range.
    pub(crate) fn double(self) -> f64 {
        match self.plain() {
            // Both are exact, so that the quotient is rounded once: the nearest double (Clinger 1990).
            Some(Plain { is_negative, digits, scale }) if digits <= MAX_EXACT_DOUBLE => {
                let value = digits as f64 / POWERS_OF_TEN[scale];
                if is_negative { -value } else { value }
            }
            // JSON's grammar is a subset of what `f64` reads.
            _ => self.token().parse().unwrap_or(f64::NAN),
        }
    }

    fn plain(self) -> Option<Plain> {
        let (is_negative, token) = match self.0 {
            [b'-', token @ ..] => (true, token),
            token => (false, token),
        };
        // The point is none of the digits.
        if token.len() > MAX_PLAIN_DIGITS + 1 {
            return None;
        }
        let mut digits = 0_u64;
        let mut point = None;
        for (position, byte) in token.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                digits = digits * 10 + u64::from(digit);
            } else if *byte == b'.' {
                point = Some(position);
            } else {
                return None;
            }
        }
        let scale = point.map_or(0, |point| token.len() - point - 1);
        (point.is_some() || token.len() <= MAX_PLAIN_DIGITS).then_some(Plain { is_negative, digits, scale })
    }

    /// The text to convert.
    pub(crate) fn text(self, buffer: &mut Vec<u8>) -> &[u8] {
        buffer.clear();
        if memchr3(b'.', b'e', b'E', self.0).is_none() && self.whole().is_some() {
            buffer.extend_from_slice(self.0);
        } else {
            write_17_digits(buffer, self.double());
        }
        buffer
    }

    fn token(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }
}

/// Digits of `%.17g`.
const SIGNIFICANT_DIGITS: i32 = 17;

/// Appends what C's `printf("%.17g")` prints.
fn write_17_digits(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(if value.is_nan() {
            b"nan"
        } else if value > 0.0 {
            b"inf"
        } else {
            b"-inf"
        });
        return;
    }
    if value.fract() == 0.0 && value.abs() < 1e17 {
        // Exact: below 10^17 all digits of a whole double are among the 17.
        if value == 0.0 && value.is_sign_negative() {
            out.push(b'-');
        }
        push(out, format_args!("{}", value as i64));
        return;
    }
    // `{:e}` with a precision rounds correctly, as C does: `d.dddddddddddddddde-5`.
    let scientific = format!("{value:.16e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    out.extend_from_slice(sign.as_bytes());
    if !(-4..SIGNIFICANT_DIGITS).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            push(out, format_args!(".{rest}"));
        }
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        push(out, format_args!("e{exponent_sign}{:02}", exponent.abs()));
    } else if exponent < 0 {
        let zeros = (-exponent - 1) as usize;
        push(out, format_args!("0.{:0<zeros$}{digits}", ""));
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            push(out, format_args!("{digits:0<whole$}"));
        } else {
            let (before, behind) = digits.split_at(whole);
            push(out, format_args!("{before}.{behind}"));
        }
    }
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Number;

    fn text(token: &str) -> String {
        String::from_utf8_lossy(Number(token.as_bytes()).text(&mut Vec::new())).into_owned()
    }

    /// Expected values are what real clusters loaded (RS 10.1), and what C's printf prints.
    #[test]
    fn numbers_become_the_text_of_printf_17_g() {
        for (token, printed) in [
            ("25.67084", "25.670839999999998"),
            ("309.4722", "309.47219999999999"),
            ("139.78077", "139.78076999999999"),
            ("-100.30953", "-100.30953"),
            ("1540919166796.0", "1540919166796"),
            ("0.1", "0.10000000000000001"),
            ("1e-5", "1.0000000000000001e-05"),
            ("0.0001", "0.0001"),
            ("0.00012345", "0.00012344999999999999"),
            ("1E3", "1000"),
            ("1e17", "1e+17"),
            ("1.5e300", "1.5000000000000001e+300"),
            ("123456789012345678.5", "1.2345678901234568e+17"),
            ("12345678901234567.5", "12345678901234568"),
            ("2.5", "2.5"),
            ("0.0", "0"),
            ("-0.0", "-0"),
            ("4.9e-324", "4.9406564584124654e-324"),
            ("1e400", "inf"),
        ] {
            assert_eq!(text(token), printed, "{token}");
        }
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        for token in
            ["0", "-7", "1541105830796", "9007199254740993", "9223372036854775807", "-9223372036854775808"]
        {
            assert_eq!(text(token), token);
            assert_eq!(Number(token.as_bytes()).whole(), token.parse().ok());
        }
        assert_eq!(text("9223372036854775808"), "9.2233720368547758e+18");
    }

    #[test]
    fn a_point_with_zeros_behind_it_is_whole() {
        let whole = |token: &str| Number(token.as_bytes()).whole();
        assert_eq!(whole("1540919166796.0"), Some(1_540_919_166_796));
        assert_eq!(whole("-7.000"), Some(-7));
        assert_eq!(whole("-0.0"), Some(0));
        assert_eq!(whole("7.5"), None);
        assert_eq!(whole("1e3"), None);
        // Its double is printed with an exponent, which is no integer.
        assert_eq!(whole("123456789012345678.0"), None);
    }

    proptest! {
        #[test]
        fn doubles_and_whole_numbers_are_those_of_the_general_way(
            token in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        ) {
            let number = Number(token.as_bytes());
            let double: f64 = token.parse().unwrap();
            prop_assert_eq!(number.double().to_bits(), double.to_bits());
            let is_integer = !token.contains(['.', 'e', 'E']);
            let expected = if is_integer && token.parse::<i64>().is_ok() {
                token.parse().ok()
            } else if token.contains(['e', 'E']) || double.abs() > 1e15 {
                None
            } else {
                let fraction = token.split_once('.').map_or("", |(_, fraction)| fraction);
                (token.len() <= 19 && fraction.bytes().all(|digit| digit == b'0')).then_some(double as i64)
            };
            prop_assert_eq!(number.whole().or(expected), expected);
        }
    }
}
