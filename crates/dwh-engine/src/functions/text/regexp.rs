//! `REGEXP_REPLACE`, `REGEXP_SUBSTR`, `REGEXP_INSTR` and `REGEXP_COUNT` (RS 4.3).
//!
//! Positions and occurrences count from 1, in characters. Flags: `c` and `i` for case, `e` for the
//! first sub-expression, `p` for the PCRE dialect; look-around and back-references in a pattern, which
//! only PCRE has, are refused.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow::array::ArrayRef;
use arrow::datatypes::Int32Type;
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlError, SqlState};
use regex::{Captures, Match, Regex, RegexBuilder};

use crate::functions::args::Call;
use crate::functions::error::{external, sql_err};
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
                let start = byte_of(text, positions.at(row))?;
                let (kept, searched) = text.split_at(start.min(text.len()));
                let replacement = replacement(replacements.at(row));
                Ok(Some(format!("{kept}{}", pattern.regex.replace_all(searched, replacement.as_ref()))))
            })
        },
    )
};

/// The n-th match, empty if there is none.
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
                let start = byte_of(text, positions.at(row))?;
                let found = pattern.occurrence(text, start, occurrences.at(row));
                Ok(Some(found.map_or("", |found| found.as_str())))
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
                let start = byte_of(text, positions.at(row))?;
                let found = pattern.occurrence(text, start, occurrences.at(row));
                Ok(Some(found.map_or(0, |found| {
                    let byte = if options.at(row) == 0 { found.start() } else { found.end() };
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
        let searched = text.split_at(byte_of(text, positions.at(row))?.min(text.len())).1;
        Ok(Some(pattern.regex.find_iter(searched).count() as i32))
    })
}

/// Patterns that a call has compiled; nearly always one.
#[derive(Default)]
struct Patterns(HashMap<(String, String), Pattern>);

struct Pattern {
    regex: Regex,
    /// `e`: the first sub-expression instead of the whole match.
    sub_expression: bool,
}

impl Patterns {
    fn get(&mut self, pattern: &str, flags: &str) -> Result<&Pattern> {
        let key = (pattern.to_owned(), flags.to_owned());
        if !self.0.contains_key(&key) {
            self.0.insert(key.clone(), Pattern::compile(pattern, flags)?);
        }
        self.0.get(&key).ok_or_else(|| external(SqlError::internal("a compiled pattern is gone")))
    }
}

impl Pattern {
    fn compile(pattern: &str, flags: &str) -> Result<Self> {
        let mut ignore_case = false;
        let mut sub_expression = false;
        for flag in flags.chars() {
            match flag {
                'c' => ignore_case = false,
                'i' => ignore_case = true,
                'e' => sub_expression = true,
                'p' => {}
                other => {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        format!("invalid regular expression option: \"{other}\""),
                    ));
                }
            }
        }
        let regex = RegexBuilder::new(pattern).case_insensitive(ignore_case).build().map_err(invalid)?;
        Ok(Self { regex, sub_expression })
    }

    fn occurrence<'t>(&self, text: &'t str, start: usize, occurrence: i64) -> Option<Match<'t>> {
        let index = usize::try_from(occurrence.checked_sub(1)?).ok()?;
        if start > text.len() {
            return None;
        }
        let of_captures = |captures: Captures<'t>| captures.get(1).or_else(|| captures.get(0));
        if self.sub_expression {
            let captures =
                self.regex.captures_iter(text).filter(|c| c.get(0).is_some_and(|m| m.start() >= start));
            return captures.skip(index).find_map(of_captures);
        }
        // Anchors must see the text's own beginning, so the search starts inside the whole text.
        let mut at = start;
        let mut found = None;
        for _ in 0..=index {
            let next = self.regex.find_at(text, at)?;
            at = if next.is_empty() {
                text.get(next.end()..)?.chars().next().map_or(text.len() + 1, |c| next.end() + c.len_utf8())
            } else {
                next.end()
            };
            found = Some(next);
            if at > text.len() {
                break;
            }
        }
        found
    }
}

fn invalid(error: regex::Error) -> DataFusionError {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    sql_err(SqlState::InvalidParameterValue, format!("invalid regular expression: {reason}"))
}

/// The byte of a 1-based character position.
fn byte_of(text: &str, position: i64) -> Result<usize> {
    let Ok(characters @ 1..) = usize::try_from(position) else {
        return Err(sql_err(SqlState::InvalidParameterValue, "position must be greater than zero"));
    };
    let mut bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    Ok(bytes.nth(characters - 1).unwrap_or(text.len() + 1))
}

/// A replacement in the regex crate's own spelling: `$1x` is the first group before an x.
fn replacement(written: &str) -> Cow<'_, str> {
    if !written.contains(['$', '\\']) {
        return Cow::Borrowed(written);
    }
    let mut out = String::with_capacity(written.len() + 4);
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek().copied()) {
            ('$' | '\\', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str("${");
                out.push(digit);
                out.push('}');
                characters.next();
            }
            ('\\', Some(escaped)) => {
                out.push(escaped);
                characters.next();
            }
            ('$', _) => out.push_str("$$"),
            (plain, _) => out.push(plain),
        }
    }
    Cow::Owned(out)
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
            ("regexp_instr('çafox', 'fox')", "3"),
            ("regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}')", "8"),
            ("regexp_count('the fox', 'FOX', 1, 'i')", "1"),
            ("regexp_count('aXbX', 'X', 3)", "1"),
        ]);
    }
}
