use memchr::memchr;

/// A string of JSON, known to be valid, with its escapes resolved.
pub(crate) fn unescape<'b>(raw: &[u8], out: &'b mut Vec<u8>) -> &'b [u8] {
    out.clear();
    let mut rest = raw;
    while let Some(backslash) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..backslash]);
        rest = &rest[backslash + 1..];
        let Some((&escape, behind)) = rest.split_first() else { break };
        rest = behind;
        match escape {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0C),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (character, length) = unicode_escape(rest);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(length..).unwrap_or_default();
            }
            // `"`, `\` and `/`.
            other => out.push(other),
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The character of `XXXX` or of `XXXX\uXXXX`, a surrogate pair, and how many bytes that is.
fn unicode_escape(digits: &[u8]) -> (char, usize) {
    let unit = |from: usize| {
        let text = digits.get(from..from + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        text.and_then(|text| u32::from_str_radix(text, 16).ok()).unwrap_or(0xFFFD)
    };
    let first = unit(0);
    let (code, length) = if (0xD800..0xDC00).contains(&first) {
        (0x10000 + ((first - 0xD800) << 10) + (unit(6).wrapping_sub(0xDC00) & 0x3FF), 10)
    } else {
        (first, 4)
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}
