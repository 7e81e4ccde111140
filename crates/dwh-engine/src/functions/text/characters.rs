//! `ASCII` and `CHR`: a character and its Unicode code point (RS 4.3).

use arrow::datatypes::Int32Type;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

/// The code point of the first character; 0 for an empty text.
pub(super) const ASCII: Function =
    Function::new("ascii", &[Parameter::Text], Returns::Type(RedshiftType::Integer), |call| {
        let texts = call.text(0)?;
        call.build::<Int32Type>(|row| {
            Ok(Some(texts.at(row).chars().next().map_or(0, |character| u32::from(character) as i32)))
        })
    });

pub(super) const CHR: Function = Function::new("chr", &[Parameter::Integer], Returns::Text, |call| {
    let codes = call.integer(0)?;
    call.build_text(|row| {
        // No text holds the character 0 (the guide's page CHR).
        if codes.at(row) == 0 {
            return Ok(None);
        }
        let character = u32::try_from(codes.at(row)).ok().and_then(char::from_u32);
        character.map(|character| Some(character.to_string())).ok_or_else(|| {
            sql_err(
                SqlState::InvalidParameterValue,
                format!("requested character not valid for encoding: {}", codes.at(row)),
            )
        })
    })
});

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn characters_and_their_codes() {
        assert_values(&[
            ("ascii('Amazon')", "65"),
            ("ascii('é')", "233"),
            ("ascii('')", "0"),
            ("chr(65)", "A"),
            ("chr(0)", "NULL"),
            ("chr(8364)", "€"),
            ("chr(-1)", "error: requested character not valid for encoding: -1"),
        ]);
    }
}
