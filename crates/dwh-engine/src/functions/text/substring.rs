//! `SUBSTRING(s, start [, n])`, `LEFT`, `RIGHT` and `SPLIT_PART`, in characters (RS 4.3).

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;

use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const TEXT_AND_NUMBER: &[Parameter] = &[Parameter::Text, Parameter::Integer];

/// A start before the text uses up length, as in PostgreSQL (RS 9, question 10).
pub(super) const SUBSTRING: Function = Function {
    aliases: &["substr"],
    optional: 1,
    ..Function::new(
        "substring",
        &[Parameter::TextOrBytes, Parameter::Integer, Parameter::Integer],
        Returns::TextOrBytes,
        |call| {
            let starts = call.integer(1)?;
            let lengths = call.integer_or(2, i64::MAX)?;
            if call.data_type(0) == DataType::Binary {
                let bytes = call.bytes(0)?;
                return call.build_bytes(|row| {
                    let (start, length) = (starts.at(row), lengths.at(row));
                    if length < 0 {
                        return Err(negative_length());
                    }
                    let end = start.saturating_add(length).max(1) as usize - 1;
                    let bytes = bytes.at(row);
                    Ok(Some(bytes.get(start.max(1) as usize - 1..end.min(bytes.len())).unwrap_or_default()))
                });
            }
            let texts = call.text(0)?;
            call.build_text(|row| {
                let (start, length) = (starts.at(row), lengths.at(row));
                if length < 0 {
                    return Err(negative_length());
                }
                let end = start.saturating_add(length);
                let first = start.max(1);
                Ok(Some(characters(texts.at(row), first - 1, (end - first).max(0))))
            })
        },
    )
};

pub(super) const LEFT: Function = Function::new("left", TEXT_AND_NUMBER, Returns::Text, |call| {
    let (texts, counts) = (call.text(0)?, call.integer(1)?);
    call.build_text(|row| {
        let count = counts.at(row);
        if count < 0 { Err(negative_length()) } else { Ok(Some(characters(texts.at(row), 0, count))) }
    })
});

pub(super) const RIGHT: Function = Function::new("right", TEXT_AND_NUMBER, Returns::Text, right);

fn right(call: &Call<'_>) -> Result<ArrayRef> {
    let (texts, counts) = (call.text(0)?, call.integer(1)?);
    call.build_text(|row| {
        let (text, count) = (texts.at(row), counts.at(row));
        if count < 0 {
            return Err(negative_length());
        }
        let skipped = (text.chars().count() as i64 - count).max(0);
        Ok(Some(characters(text, skipped, i64::MAX)))
    })
}

/// Characters `skip..skip + count` of a text.
fn characters(text: &str, skip: i64, count: i64) -> &str {
    let byte_at = |text: &str, characters: i64| {
        let characters = usize::try_from(characters).unwrap_or(usize::MAX);
        if text.is_ascii() {
            return characters.min(text.len());
        }
        text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte)
    };
    let rest = text.split_at(byte_at(text, skip)).1;
    rest.split_at(byte_at(rest, count)).0
}

fn negative_length() -> DataFusionError {
    sql_err(SqlState::InvalidParameterValue, "negative substring length not allowed")
}

pub(super) const SPLIT_PART: Function = Function::new(
    "split_part",
    &[Parameter::Text, Parameter::Text, Parameter::Integer],
    Returns::Text,
    |call| {
        let (texts, delimiters, positions) = (call.text(0)?, call.text(1)?, call.integer(2)?);
        call.build_text(|row| {
            let (text, delimiter) = (texts.at(row), delimiters.at(row));
            let Ok(position @ 1..) = usize::try_from(positions.at(row)) else {
                return Err(sql_err(
                    SqlState::InvalidParameterValue,
                    "field position must be greater than zero",
                ));
            };
            Ok(Some(match (delimiter.is_empty(), position) {
                (true, 1) => text,
                (true, _) => "",
                (false, _) => text.split(delimiter).nth(position - 1).unwrap_or(""),
            }))
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn substrings_count_characters() {
        assert_values(&[
            ("substring('caterpillar', 6, 4)", "pill"),
            ("substring('caterpillar', 6, 8)", "pillar"),
            ("substring('caterpillar', -2, 5)", "ca"),
            ("substring('caterpillar', 0, 3)", "ca"),
            ("substr('français', 5)", "çais"),
            ("substring('abc' FROM 2 FOR 1)", "b"),
            ("substring('abc', 2, -1)", "error: negative substring length not allowed"),
            ("left('Chicago', 3)", "Chi"),
            ("right('Chicago', 3)", "ago"),
            ("right('çà', 9)", "çà"),
        ]);
    }

    #[test]
    fn split_part_counts_from_one_and_is_empty_beyond() {
        assert_values(&[
            ("split_part('abc$def$ghi', '$', 2)", "def"),
            ("split_part('abc$def$ghi', '$', 4)", ""),
            ("split_part('abc$def$ghi', '#', 1)", "abc$def$ghi"),
            ("split_part('abc', '$', 0)", "error: field position must be greater than zero"),
        ]);
    }
}
