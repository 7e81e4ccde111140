//! DataFusion's functions that mean what Redshift's do, under Redshift's further names.

use std::sync::Arc;

use datafusion::functions::string;
use datafusion::logical_expr::ScalarUDF;

/// `REPLICATE` is REPEAT.
pub(super) fn functions() -> Vec<ScalarUDF> {
    vec![Arc::unwrap_or_clone(string::repeat()).with_aliases(["replicate"])]
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn functions_taken_from_datafusion_agree_with_redshift() {
        assert_values(&[
            ("replicate('*', 3)", "***"),
            ("repeat('ab', 2)", "abab"),
            ("upper('vip')", "VIP"),
            ("lower('ÀB')", "àb"),
            ("initcap('nibh.enim@egestas.ca')", "Nibh.Enim@Egestas.Ca"),
            ("ltrim('   abc')", "abc"),
            ("rtrim('abcxx', 'x')", "abc"),
            ("btrim('setuphistorycassettes', 'tes')", "uphistoryca"),
            ("trim('  abc  ')", "abc"),
            ("trim(BOTH '\"' FROM '\"dog\"')", "dog"),
            ("lpad('cat', 5, '*')", "**cat"),
            ("lpad('caterpillar', 3)", "cat"),
            ("rpad('cat', 5, '12')", "cat12"),
            ("reverse('cat')", "tac"),
            ("translate('mint tea', 'inea', 'osin')", "most tin"),
            ("replace('Shows Shows', 'Shows', 'Theatre')", "Theatre Theatre"),
            ("chr(65)", "A"),
            ("ascii('Amazon')", "65"),
            ("to_hex(2147447539)", "7fff72f3"),
            ("md5('Amazon Redshift')", "f7415e33f972c03abd4f3fed36748f7a"),
            ("greatest(1, NULL, 3)", "3"),
            ("least('b', 'a', NULL)", "a"),
            ("random() < 1", "t"),
        ]);
    }
}
