//! `LTRIM`, `RTRIM` and `BTRIM`, which `TRIM` becomes: the second argument is a set of characters (RS 4.3).

use arrow::array::ArrayRef;
use datafusion::error::Result;

use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const LTRIM: Function = Function {
    optional: 1,
    ..Function::new("ltrim", &[Parameter::Text, Parameter::Text], Returns::Text, |call| {
        trim(call, |text, set| text.trim_start_matches(|c| set.contains(c)))
    })
};

pub(super) const RTRIM: Function = Function {
    name: "rtrim",
    body: |call| trim(call, |text, set| text.trim_end_matches(|c| set.contains(c))),
    ..LTRIM
};

pub(super) const BTRIM: Function = Function {
    name: "btrim",
    aliases: &["trim"],
    body: |call| trim(call, |text, set| text.trim_matches(|c| set.contains(c))),
    ..LTRIM
};

fn trim(call: &Call<'_>, cut: for<'t> fn(&'t str, &str) -> &'t str) -> Result<ArrayRef> {
    let (texts, sets) = (call.text(0)?, call.text_or(1, " ")?);
    call.build_text(|row| Ok(Some(cut(texts.at(row), sets.at(row)))))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn trimming_follows_the_guide() {
        assert_values(&[
            ("ltrim('2008-01-24', '2008-')", "1-24"),
            ("rtrim('setuphistorycassettes', 'tes')", "setuphistoryca"),
            ("btrim('setuphistorycassettes', 'tes')", "uphistoryca"),
            ("trim('  abc  ')", "abc"),
            ("trim(BOTH '\"' FROM '\"dog\"')", "dog"),
            ("ltrim(12345, 12)", "345"),
        ]);
    }
}
