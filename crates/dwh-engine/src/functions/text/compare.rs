//! `BPCHARCMP` and its synonym `BTTEXT_PATTERN_CMP`: -1, 0 or 1 by the bytes of two texts; blanks at the
//! end do not count, as in every comparison (RS 4.1).

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const BPCHARCMP: Function = Function {
    aliases: &["bttext_pattern_cmp"],
    ..Function::new(
        "bpcharcmp",
        &[Parameter::Text, Parameter::Text],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (left, right) = (call.text(0)?, call.text(1)?);
            call.build::<Int32Type>(|row| {
                let (left, right) = (left.at(row).trim_end_matches(' '), right.at(row).trim_end_matches(' '));
                Ok(Some(left.as_bytes().cmp(right.as_bytes()) as i32))
            })
        },
    )
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn texts_compare_by_their_bytes() {
        assert_values(&[
            ("bpcharcmp('Rafael', 'Taylor')", "-1"),
            ("bttext_pattern_cmp('Vladimir', 'Humphrey')", "1"),
            ("bpcharcmp('Chase', 'Chase  ')", "0"),
            ("bpcharcmp('Z', 'a')", "-1"),
        ]);
    }
}
