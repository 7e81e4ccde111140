//! JSON as the two sources spell it: ASCII only, `\uXXXX` in lower case, numbers without trailing zeros.

/// How a slash is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slash {
    /// `/`, as in the song files.
    Plain,
    /// `\/`, as in the logs.
    Escaped,
}

/// A JSON string with its quotes.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str, slash: Slash) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '/' if slash == Slash::Escaped => out.extend_from_slice(b"\\/"),
            '\n' => out.extend_from_slice(b"\\n"),
            ' '..='~' => out.push(c as u8),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    push_escape(out, *unit);
                }
            }
        }
    }
    out.push(b'"');
}

fn push_escape(out: &mut Vec<u8>, unit: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(DIGITS[usize::from((unit >> shift) & 0xF)]);
    }
}

/// A whole number.
pub(crate) fn push_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// A number given in hundred-thousandths: `28899220` is `288.9922`, `20000000` is `200.0`.
pub(crate) fn push_hundred_thousandths(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let magnitude = value.unsigned_abs();
    push_integer(out, magnitude / 100_000);
    out.push(b'.');
    let mut rest = magnitude % 100_000;
    let mut unit = 10_000;
    loop {
        out.push(b'0' + (rest / unit) as u8);
        rest %= unit;
        unit /= 10;
        if rest == 0 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Slash, push_hundred_thousandths, push_integer, push_string};

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn strings_are_escaped_as_in_the_public_sample() {
        assert_eq!(
            written(|out| push_string(out, "\"Mozilla/5.0\"", Slash::Escaped)),
            r#""\"Mozilla\/5.0\"""#
        );
        assert_eq!(written(|out| push_string(out, "Santafè A/B", Slash::Plain)), r#""Santaf\u00e8 A/B""#);
        assert_eq!(written(|out| push_string(out, "𝄞", Slash::Plain)), r#""\ud834\udd1e""#);
    }

    #[test]
    fn numbers_are_spelled_as_in_the_public_sample() {
        let cases =
            [(28_899_220, "288.9922"), (20_000_000, "200.0"), (-10_000_001, "-100.00001"), (0, "0.0")];
        for (value, text) in cases {
            assert_eq!(written(|out| push_hundred_thousandths(out, value)), text);
        }
        assert_eq!(written(|out| push_integer(out, 1_541_105_830_796)), "1541105830796");
        assert_eq!(written(|out| push_integer(out, 0)), "0");
    }
}
