//! `LEN` and its names count characters; a CHAR's trailing blanks do not count (RS 3.3). `OCTET_LENGTH` counts bytes,
//! of a CHAR(n) always n.

use arrow::datatypes::{DataType, Int32Type};
use dwh_common::RedshiftType;

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const LEN: Function = Function {
    aliases: &["length", "char_length", "character_length", "textlen"],
    ..Function::new("len", &[Parameter::TextOrBytes], Returns::Type(RedshiftType::Integer), |call| {
        if call.data_type(0) == DataType::Binary {
            let bytes = call.bytes(0)?;
            return call.build::<Int32Type>(|row| Ok(Some(bytes.at(row).len() as i32)));
        }
        let texts = call.text(0)?;
        let is_char = matches!(call.redshift_type(0), Some(RedshiftType::Char(_)));
        call.build::<Int32Type>(|row| {
            let text = texts.at(row);
            let counted = if is_char { text.trim_end_matches(' ') } else { text };
            let characters = if counted.is_ascii() { counted.len() } else { counted.chars().count() };
            Ok(Some(characters as i32))
        })
    })
};

pub(super) const OCTET_LENGTH: Function =
    Function::new("octet_length", &[Parameter::TextOrBytes], Returns::Type(RedshiftType::Integer), |call| {
        let bytes = call.bytes(0)?;
        let padded = match call.redshift_type(0) {
            Some(RedshiftType::Char(width)) => width as i32,
            _ => 0,
        };
        call.build::<Int32Type>(|row| Ok(Some(padded.max(bytes.at(row).len() as i32))))
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn lengths_count_characters_and_octets_bytes() {
        assert_values(&[
            ("octet_length('français')", "9"),
            ("octet_length(CAST('francais   ' AS CHAR(15)))", "15"),
            ("octet_length(CAST('francais   ' AS VARCHAR(15)))", "11"),
            ("len('français')", "8"),
            ("length('cat  ')", "5"),
            ("len(CAST('cat  ' AS CHAR(10)))", "3"),
            ("char_length('')", "0"),
            ("textlen(NULL)", "NULL"),
            ("len(1234)", "4"),
        ]);
    }
}
