//! `REGEXP_REPLACE`, `REGEXP_SUBSTR`, `REGEXP_INSTR` and `REGEXP_COUNT` (RS 4.3).
//!
//! Positions and occurrences count from 1, in characters; a position before the text is its beginning.

use arrow::array::ArrayRef;
use arrow::datatypes::Int32Type;
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::pattern::{Patterns, expand};
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

/// Replaces all matches; `$1` or `\1` in the replacement is the first sub-expression.
pub(super) const REPLACE: Function = Function {
    optional: 3,
    ..Function::new(
        "regexp_replace",
        &[Parameter::Text, Parameter::Text, Parameter::Text, Parameter::Integer, Parameter::Text],
        Returns::Text,
        |call| {
            let (texts, patterns, replacements) = (call.text(0)?, call.text(1)?, call.text_or(2, "")?);
            let (positions, flags) = (call.integer_or(3, 1)?, call.text_or(4, "")?);
            let mut compiled = Patterns::default();
            call.build_text(|row| {
                let text = texts.at(row);
                let pattern = compiled.get(patterns.at(row), flags.at(row))?;
                let start = byte_of(text, positions.at(row));
                let (kept, searched) = text.split_at(start.min(text.len()));
                let mut out = kept.to_owned();
                let mut copied = 0;
                for groups in pattern.matches(searched, 0) {
                    let groups = groups?;
                    out.push_str(searched.get(copied..groups[0].start).unwrap_or_default());
                    expand(replacements.at(row), searched, &groups, &mut out);
                    copied = groups[0].end;
                }
                out.push_str(searched.get(copied..).unwrap_or_default());
                Ok(Some(out))
            })
        },
    )
};

/// The n-th match, empty if there is none; NULL for an occurrence that no text of this length can have.
pub(super) const SUBSTR: Function = Function {
    optional: 3,
    ..Function::new(
        "regexp_substr",
        &[Parameter::Text, Parameter::Text, Parameter::Integer, Parameter::Integer, Parameter::Text],
        Returns::Text,
        |call| {
            let (texts, patterns) = (call.text(0)?, call.text(1)?);
            let (positions, occurrences) = (call.integer_or(2, 1)?, call.integer_or(3, 1)?);
            let flags = call.text_or(4, "")?;
            let mut compiled = Patterns::default();
            call.build_text(|row| {
                let text = texts.at(row);
                let pattern = compiled.get(patterns.at(row), flags.at(row))?;
                let start = byte_of(text, positions.at(row));
                let Some(index) = occurrence_index(text, occurrences.at(row)) else { return Ok(None) };
                let found = pattern.occurrence(text, start, index)?;
                Ok(Some(found.and_then(|found| text.get(found)).unwrap_or_default()))
            })
        },
    )
};

/// Where the n-th match begins, or with option 1 what follows it; 0 if there is none.
pub(super) const INSTR: Function = Function {
    optional: 4,
    ..Function::new(
        "regexp_instr",
        &[
            Parameter::Text,
            Parameter::Text,
            Parameter::Integer,
            Parameter::Integer,
            Parameter::Integer,
            Parameter::Text,
        ],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (texts, patterns) = (call.text(0)?, call.text(1)?);
            let (positions, occurrences) = (call.integer_or(2, 1)?, call.integer_or(3, 1)?);
            let (options, flags) = (call.integer_or(4, 0)?, call.text_or(5, "")?);
            let mut compiled = Patterns::default();
            call.build::<Int32Type>(|row| {
                let text = texts.at(row);
                let pattern = compiled.get(patterns.at(row), flags.at(row))?;
                let start = byte_of(text, positions.at(row));
                let Some(index) = occurrence_index(text, occurrences.at(row)) else { return Ok(Some(0)) };
                let found = pattern.occurrence(text, start, index)?;
                Ok(Some(found.map_or(0, |found| {
                    let byte = if options.at(row) == 0 { found.start } else { found.end };
                    text.get(..byte).map_or(0, |before| before.chars().count() as i32 + 1)
                })))
            })
        },
    )
};

pub(super) const COUNT: Function = Function {
    optional: 2,
    ..Function::new(
        "regexp_count",
        &[Parameter::Text, Parameter::Text, Parameter::Integer, Parameter::Text],
        Returns::Type(RedshiftType::Integer),
        count,
    )
};

fn count(call: &Call<'_>) -> Result<ArrayRef> {
    let (texts, patterns) = (call.text(0)?, call.text(1)?);
    let (positions, flags) = (call.integer_or(2, 1)?, call.text_or(3, "")?);
    let mut compiled = Patterns::default();
    call.build::<Int32Type>(|row| {
        let text = texts.at(row);
        let pattern = compiled.get(patterns.at(row), flags.at(row))?;
        let start = byte_of(text, positions.at(row));
        if start > text.len() {
            return Ok(Some(0));
        }
        let mut found = 0;
        for next in pattern.matches(text, start) {
            next?;
            found += 1;
        }
        Ok(Some(found))
    })
}

/// The byte of a 1-based character position; one past the end for those behind the text.
fn byte_of(text: &str, position: i64) -> usize {
    let before = usize::try_from(position.saturating_sub(1)).unwrap_or(0);
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(before).unwrap_or(text.len() + 1)
}

/// An occurrence counted from 0; `None` if it is less than 1 or more than the text has characters.
fn occurrence_index(text: &str, occurrence: i64) -> Option<usize> {
    let index = usize::try_from(occurrence.checked_sub(1)?).ok()?;
    // The first is searched in an empty text too.
    (index == 0 || text.chars().nth(index).is_some()).then_some(index)
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn replacing_follows_the_guide() {
        assert_values(&[
            (r"regexp_replace('DonecFri@semperpretiumneque.com', '@.*\\.(org|gov|com|edu|ca)$')", "DonecFri"),
            ("regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'ip')", "the quick brown fox"),
            ("regexp_replace('a1b22', '[0-9]+', '#')", "a#b#"),
            ("regexp_replace('2018-11', '([0-9]+)-([0-9]+)', '$2/$1')", "11/2018"),
            ("regexp_replace('aaa', 'a', 'b', 2)", "abb"),
            ("regexp_replace('cost', 't', '$')", "cos$"),
            ("regexp_replace('x', '(')", "error: invalid regular expression: unclosed group"),
        ]);
    }

    #[test]
    fn substr_instr_and_count_follow_the_guide() {
        assert_values(&[
            ("regexp_substr('the fox', 'FOX', 1, 1, 'i')", "fox"),
            ("regexp_substr('the fox', 'cat')", ""),
            ("regexp_substr('a1b22c333', '[0-9]+', 1, 3)", "333"),
            ("regexp_substr('a1b22c333', '[0-9]+', 1, 4)", ""),
            ("regexp_substr('user=adam', 'user=([a-z]+)', 1, 1, 'e')", "adam"),
            ("regexp_instr('the fox', 'FOX', 1, 1, 0, 'i')", "5"),
            ("regexp_instr('the fox', 'the', 1, 1, 1)", "4"),
            ("regexp_instr('the fox', 'cat')", "0"),
            ("regexp_instr('the fox', 'fox', -3)", "5"),
            ("regexp_substr('abc', 'b', 1, 0)", "NULL"),
            ("regexp_substr('abc', 'b', 1, 4)", "NULL"),
            ("regexp_instr('çafox', 'fox')", "3"),
            ("regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}')", "8"),
            ("regexp_count('the fox', 'FOX', 1, 'i')", "1"),
            ("regexp_count('aXbX', 'X', 3)", "1"),
        ]);
    }

    #[test]
    fn the_pcre_dialect_looks_around_and_back() {
        let words = "'passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+'";
        assert_values(&[
            (&format!("regexp_substr({words}, 1, 2, 'p')"), "a1234"),
            (&format!("regexp_substr({words}, 1, 2, 'ip')"), "A1234"),
            (&format!("regexp_replace({words}, '[hidden]', 1, 'p')"), "[hidden] plain A1234 [hidden]"),
            (&format!("regexp_instr({words}, 1, 2, 0, 'p')"), "21"),
            (&format!("regexp_count({words}, 1, 'p')"), "2"),
            (r"regexp_substr('abccd', '(.)\\1', 1, 1, 'p')", "cc"),
            (r"regexp_replace('John Smith', '(\\w+) (\\w+)', '\\2 \\1', 1, 'p')", "Smith John"),
        ]);
    }
}
