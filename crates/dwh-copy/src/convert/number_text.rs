//! The text of a JSON number, as Redshift sees it before converting it to the column's type.

use std::fmt::Write;

/// A JSON number token.
///
/// A whole number of up to 18 digits keeps its digits. Every other number becomes a double and then
/// the text that C's `%.17g` prints of it: 25.67084 is `25.670839999999998` (RS 10.1 (1)).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<'a>(pub(crate) &'a [u8]);

/// So many digits always fit 64 bits.
const MAX_PLAIN_DIGITS: usize = 18;

impl<'a> Number<'a> {
    /// The value, if the token is a whole number without point or exponent that fits 64 bits.
    pub(crate) fn whole(self) -> Option<i64> {
        let (negative, digits) = match self.0 {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.len() > MAX_PLAIN_DIGITS {
            return self.token().parse().ok();
        }
        let mut value = 0_i64;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        Some(if negative { -value } else { value })
    }

    /// The nearest double; infinite if it is out of range.
    pub(crate) fn double(self) -> f64 {
        // JSON's grammar is a subset of what `f64` reads.
        self.token().parse().unwrap_or(f64::NAN)
    }

    /// The text to convert.
    pub(crate) fn text(self, buffer: &mut String) -> &str {
        buffer.clear();
        if self.whole().is_some() {
            buffer.push_str(self.token());
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
fn write_17_digits(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    if value.fract() == 0.0 && value.abs() < 1e17 {
        // Exact: below 10^17 all digits of a whole double are among the 17.
        if value == 0.0 && value.is_sign_negative() {
            out.push('-');
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
    out.push_str(sign);
    if !(-4..SIGNIFICANT_DIGITS).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
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

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::Number;

    fn text(token: &str) -> String {
        Number(token.as_bytes()).text(&mut String::new()).to_owned()
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
}
