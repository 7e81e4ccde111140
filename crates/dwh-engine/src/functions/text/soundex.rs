//! `SOUNDEX` and `DIFFERENCE`: American Soundex of the English letters in a text.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use crate::functions::function::{Function, Parameter, Returns};

/// A letter and three digits; empty if the text has no English letter.
pub(super) const SOUNDEX: Function = Function::new("soundex", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| Ok(Some(soundex(texts.at(row)))))
});

/// How many of the four places agree. Without letters: 0 if one text has none, 1 if neither has any.
pub(super) const DIFFERENCE: Function = Function::new(
    "difference",
    &[Parameter::Text, Parameter::Text],
    Returns::Type(RedshiftType::Integer),
    |call| {
        let (left, right) = (call.text(0)?, call.text(1)?);
        call.build::<Int32Type>(|row| {
            let (left, right) = (soundex(left.at(row)), soundex(right.at(row)));
            Ok(Some(match (left.is_empty(), right.is_empty()) {
                (true, true) => 1,
                (true, false) | (false, true) => 0,
                (false, false) => left.bytes().zip(right.bytes()).filter(|(a, b)| a == b).count() as i32,
            }))
        })
    },
);

fn soundex(text: &str) -> String {
    let mut letters = text.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase());
    let Some(first) = letters.next() else { return String::new() };
    let mut code = String::from(char::from(first));
    let mut last = digit(first);
    for letter in letters {
        let this = digit(letter);
        if let Some(this) = this
            && Some(this) != last
        {
            code.push(this);
        }
        // H and W do not part two letters of one sound; vowels do.
        if !matches!(letter, b'H' | b'W') {
            last = this;
        }
        if code.len() == 4 {
            return code;
        }
    }
    format!("{code:0<4}")
}

fn digit(letter: u8) -> Option<char> {
    Some(match letter {
        b'B' | b'F' | b'P' | b'V' => '1',
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => '2',
        b'D' | b'T' => '3',
        b'L' => '4',
        b'M' | b'N' => '5',
        b'R' => '6',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn codes_of_the_guide_and_of_the_national_archives() {
        assert_values(&[
            ("soundex('Amazon')", "A525"),
            ("soundex('AWS Amazon')", "A252"),
            ("soundex('+-*/%')", ""),
            ("soundex('Washington')", "W252"),
            ("soundex('Lee')", "L000"),
            ("soundex('Ashcraft')", "A261"),
            ("soundex('Tymczak')", "T522"),
            ("soundex('Pfister')", "P236"),
            ("difference('AC/DC', 'Ay See Dee See')", "4"),
            ("difference('Amazon', '+-*/%')", "0"),
        ]);
    }
}
