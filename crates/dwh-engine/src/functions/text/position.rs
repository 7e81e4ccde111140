//! `CHARINDEX(sub, s)`, `STRPOS(s, sub)`: 1-based, in characters, 0 if absent (RS 4.3).

use arrow::array::ArrayRef;
use arrow::datatypes::Int32Type;
use datafusion::error::Result;
use dwh_common::RedshiftType;

use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const STRPOS: Function = Function {
    aliases: &["position"],
    ..Function::new(
        "strpos",
        &[Parameter::Text, Parameter::Text],
        Returns::Type(RedshiftType::Integer),
        |call| find(call, 0, 1),
    )
};

pub(super) const CHARINDEX: Function =
    Function { name: "charindex", aliases: &[], body: |call| find(call, 1, 0), ..STRPOS };

/// As CHARINDEX, in bytes.
pub(super) const OCTETINDEX: Function = Function {
    name: "octetindex",
    body: |call| {
        let (wanted, texts) = (call.text(0)?, call.text(1)?);
        call.build::<Int32Type>(|row| {
            Ok(Some(texts.at(row).find(wanted.at(row)).map_or(0, |byte| byte as i32 + 1)))
        })
    },
    ..CHARINDEX
};

fn find(call: &Call<'_>, within: usize, wanted: usize) -> Result<ArrayRef> {
    let (texts, wanted) = (call.text(within)?, call.text(wanted)?);
    call.build::<Int32Type>(|row| {
        let text = texts.at(row);
        let found = text.find(wanted.at(row));
        Ok(Some(
            found.map_or(0, |byte| text.get(..byte).map_or(0, |before| before.chars().count() + 1) as i32),
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn positions_count_characters_from_one() {
        assert_values(&[
            ("charindex('dog', 'fish')", "0"),
            ("charindex('fish', 'dogfish')", "4"),
            ("strpos('dogfish', 'fish')", "4"),
            ("position('ç' IN 'français')", "5"),
            ("charindex('', 'x')", "1"),
            ("octetindex('AWS', 'Άμαζον AWS')", "14"),
        ]);
    }
}
