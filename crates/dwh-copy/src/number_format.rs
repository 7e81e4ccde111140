//! Numbers as Redshift prints them (RS 3.3).

use std::fmt::Write;

/// C's `%.{digits}g`, as PostgreSQL prints floats.
pub fn format_double(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.abs());
    }
    let places = (digits as i32 - 1 - exponent).max(0) as usize;
    trim(&format!("{value:.places$}"))
}

/// As [`format_double`] with 15 digits where they say it all, else with as many as read back to the same
/// value: what is unloaded can be loaded again.
pub fn write_exact_double(out: &mut String, value: f64) {
    let text = format_double(value, 15);
    if value.is_nan() || text.parse() == Ok(value) {
        out.push_str(&text);
    } else {
        write_shortest(out, value, value.abs());
    }
}

/// The same for REAL, whose 6 digits say it all.
pub fn write_exact_real(out: &mut String, value: f32) {
    let text = format_double(f64::from(value), 6);
    if value.is_nan() || text.parse() == Ok(value) {
        out.push_str(&text);
    } else {
        write_shortest(out, value, f64::from(value.abs()));
    }
}

/// Rust prints the shortest text that reads back; an exponent keeps it short.
fn write_shortest<T: std::fmt::Display + std::fmt::LowerExp>(out: &mut String, value: T, magnitude: f64) {
    let _ = if (1e-4..1e17).contains(&magnitude) { write!(out, "{value}") } else { write!(out, "{value:e}") };
}

/// Writes a number of `value / 10^scale` with all its decimals.
pub fn write_decimal(out: &mut String, value: i128, scale: i8) {
    let Ok(places) = u32::try_from(scale) else {
        let _ = write!(out, "{value}");
        return;
    };
    if places == 0 {
        let _ = write!(out, "{value}");
        return;
    }
    let divisor = 10u128.pow(places.min(38));
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let width = places as usize;
    let _ = write!(out, "{sign}{}.{:0width$}", magnitude / divisor, magnitude % divisor);
}

#[cfg(test)]
mod tests {
    use super::{format_double, write_decimal, write_exact_double, write_exact_real};

    #[test]
    fn doubles_print_fifteen_significant_digits() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (1_541_105_830_796.0, "1541105830796"),
            (1e15, "1e+15"),
            (123_456_789_012_345.0, "123456789012345"),
            (0.000_012_345, "1.2345e-05"),
            (-2.5, "-2.5"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(format_double(value, 15), text);
        }
        assert_eq!(format_double(f64::from(2.75f32), 6), "2.75");
    }

    #[test]
    fn exact_text_reads_back_to_the_same_number() {
        let double = |value| {
            let mut out = String::new();
            write_exact_double(&mut out, value);
            assert_eq!(out.parse(), Ok(value));
            out
        };
        assert_eq!(double(0.5), "0.5");
        assert_eq!(double(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(double(1e300 / 3.0), "3.3333333333333335e299");
        let mut real = String::new();
        write_exact_real(&mut real, 16_777_216.0 / 3.0);
        assert_eq!(real.parse(), Ok(16_777_216.0_f32 / 3.0));
    }

    #[test]
    fn decimals_print_all_their_places() {
        let text = |value, scale| {
            let mut out = String::new();
            write_decimal(&mut out, value, scale);
            out
        };
        assert_eq!(text(-5, 2), "-0.05");
        assert_eq!(text(110, 2), "1.10");
        assert_eq!(text(7, 0), "7");
    }
}
