//! `UPPER`, `LOWER` and `INITCAP`: letters of any alphabet (RS 4.3).

use datafusion::logical_expr::Expr;

use crate::functions::function::{Function, Parameter, Returns};

pub(super) const UPPER: Function = Function::new("upper", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| Ok(Some(texts.at(row).to_uppercase())))
});

pub(super) const LOWER: Function = Function::new("lower", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| Ok(Some(texts.at(row).to_lowercase())))
});

/// `LOWER(text)`.
pub(crate) fn lower(text: Expr) -> Expr {
    LOWER.udf().call(vec![text])
}

/// Words are runs of letters and digits.
pub(super) const INITCAP: Function = Function::new("initcap", &[Parameter::Text], Returns::Text, |call| {
    let texts = call.text(0)?;
    call.build_text(|row| {
        let mut out = String::with_capacity(texts.at(row).len());
        let mut in_word = false;
        for character in texts.at(row).chars() {
            if in_word {
                out.extend(character.to_lowercase());
            } else {
                out.extend(character.to_uppercase());
            }
            in_word = character.is_alphanumeric();
        }
        Ok(Some(out))
    })
});

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn case_follows_the_guide() {
        assert_values(&[
            ("upper('vip')", "VIP"),
            ("lower('ÀB')", "àb"),
            ("initcap('nibh.enim@egestas.ca')", "Nibh.Enim@Egestas.Ca"),
            ("initcap('MLB')", "Mlb"),
            ("upper(NULL)", "NULL"),
        ]);
    }
}
