//! `REPLACE`, `TRANSLATE` and `REVERSE` (RS 4.3).

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const REPLACE: Function =
    Function::new("replace", &[Parameter::Text, Parameter::Text, Parameter::Text], Returns::Text, |call| {
        let (texts, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
        call.build_text(|row| {
            let (text, old) = (texts.at(row), old.at(row));
            // An empty text is found nowhere.
            Ok(Some(if old.is_empty() { text.to_owned() } else { text.replace(old, new.at(row)) }))
        })
    });

/// Character by character; those without a counterpart are left out.
pub(super) const TRANSLATE: Function =
    Function::new("translate", &[Parameter::Text, Parameter::Text, Parameter::Text], Returns::Text, |call| {
        let (texts, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
        call.build_text(|row| {
            let to: Vec<char> = to.at(row).chars().collect();
            let from = from.at(row);
            let translated = texts.at(row).chars().filter_map(|character| {
                match from.chars().position(|replaced| replaced == character) {
                    Some(at) => to.get(at).copied(),
                    None => Some(character),
                }
            });
            Ok(Some(translated.collect::<String>()))
        })
    });

pub(super) const REVERSE: Function = Function::new("reverse", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| Ok(Some(texts.at(row).chars().rev().collect::<String>())))
});

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn replacing_follows_the_guide() {
        assert_values(&[
            ("reverse('cat')", "tac"),
            ("translate('mint tea', 'inea', 'osin')", "most tin"),
            ("translate('St. Paul', ' .', '_')", "St_Paul"),
            ("replace('Shows Shows', 'Shows', 'Theatre')", "Theatre Theatre"),
            ("replace('abc', '', 'x')", "abc"),
            ("replace('abc', NULL, 'x')", "NULL"),
        ]);
    }
}
