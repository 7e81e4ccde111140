//! Bytes as hexadecimal digits.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits a byte, in lower case.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The bytes of digits in either case; `None` for an odd number of them and for anything else, signs included.
pub fn decode(digits: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_ref().as_chunks::<2>();
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |[high, low]: &[u8; 2]| Some(nibble(*high)? << 4 | nibble(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn bytes_become_digits_and_come_back() {
        assert_eq!(encode([0, 1, 0xab, 255]), "0001abff");
        assert_eq!(decode("0001aBFf"), Some(vec![0, 1, 0xab, 255]));
        assert_eq!((encode([]), decode("")), (String::new(), Some(Vec::new())));
    }

    #[test]
    fn what_is_no_row_of_pairs_of_digits_is_refused() {
        for text in ["0", "abc", "+f", "-1", "0x", "g0", " 0", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
