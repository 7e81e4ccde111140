//! HyperLogLog: sketches of sets and their cardinality (guide, "HyperLogLog functions").

mod aggregate;
mod scalar;
mod sketch;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, LargeBinaryArray, LargeBinaryBuilder, StringViewArray, cast::AsArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::AggregateUDF;
use dwh_common::{RedshiftType, SqlState};

use super::cast::{cannot_cast, to_text};
use super::datetime::style::TextStyle;
use super::error::sql_err;
use super::function::Function;
use sketch::Sketch;

/// The scalar functions.
pub(super) fn functions() -> Vec<Function> {
    vec![scalar::HLL_CARDINALITY, scalar::HLL_COMBINE_SKETCHES]
}

/// The aggregates.
pub(super) fn aggregates() -> [AggregateUDF; 3] {
    [aggregate::hll(), aggregate::hll_create_sketch(), aggregate::hll_combine()]
}

/// Sketches as they are printed and stored.
pub(crate) fn sketch_texts(array: &ArrayRef) -> StringViewArray {
    let texts = array.as_binary::<i64>();
    texts.iter().map(|text| text.map(|text| std::str::from_utf8(text).unwrap_or_default())).collect()
}

/// Texts that sketches were printed as, checked.
pub(crate) fn to_sketch(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::LargeBinary => Ok(Arc::clone(array)),
        DataType::Utf8 | DataType::Utf8View => {
            let mut builder = LargeBinaryBuilder::new();
            for text in &to_text(array, &TextStyle::default())? {
                match text {
                    Some(text) => builder.append_value(read(text.as_bytes())?.to_text()),
                    None => builder.append_null(),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        from => Err(cannot_cast(from, RedshiftType::HllSketch)),
    }
}

fn read(text: &[u8]) -> Result<Sketch> {
    Sketch::of_text(text).ok_or_else(|| {
        let message =
            format!("invalid input syntax for type hllsketch: \"{}\"", String::from_utf8_lossy(text));
        sql_err(SqlState::InvalidTextRepresentation, message)
    })
}

/// The sketch at a row.
fn sketch_at(array: &LargeBinaryArray, row: usize) -> Result<Sketch> {
    read(array.value(row))
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    /// The guide's examples of the HyperLogLog functions.
    #[test]
    fn small_sets_are_counted_exactly() {
        let session = TestSession::new().with_table(
            "a_table",
            &[
                ("an_int", RedshiftType::Integer, &[Some("1"), Some("2"), Some("3"), Some("4"), None]),
                ("b_int", RedshiftType::Integer, &[Some("3"), Some("4"), Some("5"), Some("6"), Some("3")]),
            ],
        );
        let rows = |sql: &str| session.rows(sql).expect(sql);
        assert_eq!(rows("SELECT hll(an_int) FROM a_table"), ["4"]);
        assert_eq!(rows("SELECT hll(an_int) FROM a_table WHERE false"), ["0"]);
        assert_eq!(rows("SELECT hll_cardinality(hll_create_sketch(an_int)) FROM a_table"), ["4"]);
        let combined = "SELECT hll_cardinality(hll_combine_sketches(hll_create_sketch(an_int), \
                        hll_create_sketch(b_int))) FROM a_table";
        assert_eq!(rows(combined), ["6"]);
        let of_groups = "SELECT hll_cardinality(hll_combine(sketch)) FROM \
                         (SELECT hll_create_sketch(b_int) AS sketch FROM a_table GROUP BY b_int) AS s";
        assert_eq!(rows(of_groups), ["4"]);
        assert_eq!(rows("SELECT hll(NULL::int) FROM a_table"), ["0"]);
    }
}
