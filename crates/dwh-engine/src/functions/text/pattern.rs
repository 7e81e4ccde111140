//! Compiled regular expressions: the linear engine for POSIX patterns, PCRE2 for the PCRE
//! dialect (flag `p`), which has look-around and back-references.
//!
//! Flags: `c` and `i` for case, `e` for the first sub-expression, `p` for PCRE.

use std::collections::HashMap;
use std::ops::Range;

use datafusion::error::{DataFusionError, Result};
use dwh_common::{SqlError, SqlState};
use regex::{Regex, RegexBuilder};

use crate::functions::error::{external, sql_err};

/// The bytes of a match and of its sub-expressions; those that took no part are empty.
pub(super) type Groups = Vec<Range<usize>>;

/// Patterns that a call has compiled; nearly always one.
#[derive(Default)]
pub(super) struct Patterns(HashMap<(String, String), Pattern>);

impl Patterns {
    pub(super) fn get(&mut self, pattern: &str, flags: &str) -> Result<&Pattern> {
        let key = (pattern.to_owned(), flags.to_owned());
        if !self.0.contains_key(&key) {
            self.0.insert(key.clone(), Pattern::compile(pattern, flags)?);
        }
        self.0.get(&key).ok_or_else(|| external(SqlError::internal("a compiled pattern is gone")))
    }
}

/// One compiled pattern.
pub(super) struct Pattern {
    engine: Engine,
    /// `e`: the first sub-expression instead of the whole match.
    sub_expression: bool,
}

enum Engine {
    Posix(Regex),
    Pcre(pcre2::bytes::Regex),
}

impl Pattern {
    fn compile(pattern: &str, flags: &str) -> Result<Self> {
        let (mut ignore_case, mut sub_expression, mut pcre) = (false, false, false);
        for flag in flags.chars() {
            match flag {
                'c' => ignore_case = false,
                'i' => ignore_case = true,
                'e' => sub_expression = true,
                'p' => pcre = true,
                other => {
                    return Err(sql_err(
                        SqlState::InvalidParameterValue,
                        format!("invalid regular expression option: \"{other}\""),
                    ));
                }
            }
        }
        let engine = if pcre {
            let mut builder = pcre2::bytes::RegexBuilder::new();
            builder.utf(true).ucp(true).caseless(ignore_case);
            Engine::Pcre(builder.build(pattern).map_err(|error| invalid(&error))?)
        } else {
            let mut builder = RegexBuilder::new(pattern);
            Engine::Posix(builder.case_insensitive(ignore_case).build().map_err(|error| invalid(&error))?)
        };
        Ok(Self { engine, sub_expression })
    }

    /// The matches of a text from a byte on, none overlapping.
    pub(super) fn matches<'a>(
        &'a self,
        text: &'a str,
        start: usize,
    ) -> impl Iterator<Item = Result<Groups>> + 'a {
        let mut at = start;
        std::iter::from_fn(move || {
            if at > text.len() {
                return None;
            }
            let groups = self.engine.groups_at(text, at).transpose()?;
            // After an empty match the search goes on behind the next character; after an error it ends.
            at = match &groups {
                Ok(groups) if groups[0].is_empty() => {
                    let end = groups[0].end;
                    let next = text.get(end..).and_then(|rest| rest.chars().next());
                    end + next.map_or(1, char::len_utf8)
                }
                Ok(groups) => groups[0].end,
                Err(_) => text.len() + 1,
            };
            Some(groups)
        })
    }

    /// The bytes of a match by its index, or of its first sub-expression.
    pub(super) fn occurrence(&self, text: &str, start: usize, index: usize) -> Result<Option<Range<usize>>> {
        let found = self.matches(text, start).nth(index).transpose()?;
        let wanted = usize::from(self.sub_expression);
        Ok(found.and_then(|groups| groups.get(wanted).or(groups.first()).cloned()))
    }
}

impl Engine {
    fn groups_at(&self, text: &str, at: usize) -> Result<Option<Groups>> {
        match self {
            Self::Posix(regex) => Ok(regex
                .captures_at(text, at)
                .map(|found| found.iter().map(|group| group.map_or(0..0, |group| group.range())).collect())),
            Self::Pcre(regex) => {
                let mut places = regex.capture_locations();
                let found = regex.captures_read_at(&mut places, text.as_bytes(), at);
                let ranges = |places: &pcre2::bytes::CaptureLocations| {
                    (0..places.len())
                        .map(|at| places.get(at).map_or(0..0, |(start, end)| start..end))
                        .collect()
                };
                Ok(found.map_err(|error| invalid(&error))?.map(|_| ranges(&places)))
            }
        }
    }
}

fn invalid(error: &dyn std::error::Error) -> DataFusionError {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    sql_err(SqlState::InvalidParameterValue, format!("invalid regular expression: {reason}"))
}

/// Appends a replacement: `$1` and `\1` are the first sub-expression, a backslash takes any other character
/// as it is.
pub(super) fn expand(replacement: &str, text: &str, groups: &Groups, out: &mut String) {
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek().copied()) {
            ('$' | '\\', Some(digit)) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).and_then(|group| groups.get(group as usize));
                out.push_str(group.and_then(|group| text.get(group.clone())).unwrap_or_default());
                characters.next();
            }
            ('\\', Some(escaped)) => {
                out.push(escaped);
                characters.next();
            }
            (plain, _) => out.push(plain),
        }
    }
}
