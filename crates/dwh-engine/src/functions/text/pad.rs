//! `LPAD`, `RPAD` and `REPEAT` (`REPLICATE`): lengths count characters (RS 4.3).

use arrow::array::ArrayRef;
use datafusion::error::Result;
use dwh_common::SqlState;

use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

/// Bytes of the longest text that these functions make; a column holds less (the guide's page "Character types").
const MAX_BYTES: usize = 16_000_000;

pub(super) const LPAD: Function = Function {
    optional: 1,
    ..Function::new("lpad", &[Parameter::Text, Parameter::Integer, Parameter::Text], Returns::Text, |call| {
        pad(call, true)
    })
};

pub(super) const RPAD: Function = Function { name: "rpad", body: |call| pad(call, false), ..LPAD };

fn pad(call: &Call<'_>, left: bool) -> Result<ArrayRef> {
    let (texts, lengths, fills) = (call.text(0)?, call.integer(1)?, call.text_or(2, " ")?);
    call.build_text(|row| {
        let (text, fill) = (texts.at(row), fills.at(row));
        let length = usize::try_from(lengths.at(row)).unwrap_or(0);
        let present = text.chars().count();
        if present >= length || fill.is_empty() {
            return Ok(Some(text.chars().take(length).collect()));
        }
        if length > MAX_BYTES {
            return Err(too_long());
        }
        let filling: String = fill.chars().cycle().take(length - present).collect();
        if filling.len() + text.len() > MAX_BYTES {
            return Err(too_long());
        }
        Ok(Some(if left { format!("{filling}{text}") } else { format!("{text}{filling}") }))
    })
}

pub(super) const REPEAT: Function = Function {
    aliases: &["replicate"],
    ..Function::new("repeat", &[Parameter::Text, Parameter::Integer], Returns::Text, |call| {
        let (texts, counts) = (call.text(0)?, call.integer(1)?);
        call.build_text(|row| {
            let (text, count) = (texts.at(row), usize::try_from(counts.at(row)).unwrap_or(0));
            match text.len().checked_mul(count) {
                Some(bytes) if bytes <= MAX_BYTES => Ok(Some(text.repeat(count))),
                _ => Err(too_long()),
            }
        })
    })
};

fn too_long() -> datafusion::error::DataFusionError {
    sql_err(
        SqlState::StringDataRightTruncation,
        format!("value too long for type character varying({MAX_BYTES})"),
    )
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn padding_and_repeating_follow_the_guide() {
        assert_values(&[
            ("lpad('cat', 5, '*')", "**cat"),
            ("lpad('caterpillar', 3)", "cat"),
            ("rpad('cat', 5, '12')", "cat12"),
            ("lpad('für', 5, 'ß')", "ßßfür"),
            ("lpad('cat', 5, '')", "cat"),
            ("rpad('cat', -1)", ""),
            ("repeat('ab', 2)", "abab"),
            ("replicate(12, 2)", "1212"),
            ("repeat('ab', -1)", ""),
            ("len(repeat('X', 16000000))", "16000000"),
            ("repeat('ab', 8000001)", "error: value too long for type character varying(16000000)"),
        ]);
    }
}
