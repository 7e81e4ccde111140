//! `LISTAGG([DISTINCT] x [, delimiter]) [WITHIN GROUP (ORDER BY …)] [OVER (…)]`: joined text, NULL and empty values
//! left out, at most 16,000,000 bytes (the guide).
//!
//! The AST rewrite makes it `__listagg(x, delimiter, options, key…)`: the options are a word a key, `al` for
//! ascending with NULLs last, and `distinct`.

use std::collections::HashSet;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_plan::expressions::Literal;
use datafusion::scalar::ScalarValue;
use dwh_common::{SqlError, SqlState};

use super::collect::{Rows, SortedRows};
use crate::functions::cast::to_text;
use crate::functions::datetime::style::TextStyle;
use crate::functions::error::{external, sql_err};
use crate::functions::function::undefined_function;

const MAX_BYTES: usize = 16_000_000;
/// Arguments before the keys: the value, the delimiter, the options.
const FIRST_KEY: usize = 3;

/// LISTAGG.
pub(super) fn listagg() -> AggregateUDF {
    AggregateUDF::from(ListAgg { signature: Signature::user_defined(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ListAgg {
    signature: Signature,
}

impl AggregateUDFImpl for ListAgg {
    fn name(&self) -> &str {
        "__listagg"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [value, DataType::Utf8 | DataType::Utf8View | DataType::Null, _, ..]
                if *value != DataType::Boolean =>
            {
                Ok(types.to_vec())
            }
            _ => Err(undefined_function("listagg", types.get(..2).unwrap_or(types))),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(Rows::state_fields(&args, kept(args.input_fields.len())))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let constant = |index: usize| {
            args.exprs.get(index).and_then(|expr| expr.downcast_ref::<Literal>()).map(Literal::value)
        };
        let Some(delimiter) = constant(1) else {
            return Err(external(SqlError::unsupported("LISTAGG with a delimiter that is not constant")));
        };
        let options = constant(2).and_then(|options| options.try_as_str()).flatten().unwrap_or_default();
        let fields = args.expr_fields;
        let kept = kept(fields.len()).map(|index| (index, fields[index].data_type().clone()));
        Ok(Box::new(ListAggAccumulator {
            rows: SortedRows::new(kept.collect(), options),
            delimiter: delimiter.try_as_str().flatten().unwrap_or_default().to_owned(),
            distinct: options.split_whitespace().any(|word| word == "distinct"),
        }))
    }
}

/// The value and the keys.
fn kept(arguments: usize) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(FIRST_KEY..arguments)
}

#[derive(Debug)]
struct ListAggAccumulator {
    rows: SortedRows,
    delimiter: String,
    distinct: bool,
}

impl Accumulator for ListAggAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.rows.rows.update(values);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let texts = to_text(&self.rows.sorted()?, &TextStyle::default())?;
        let mut seen = HashSet::new();
        let mut joined: Option<String> = None;
        for text in texts.iter().flatten().filter(|text| !text.is_empty()) {
            // Blanks at the end do not make two texts differ; the first one counts.
            if self.distinct && !seen.insert(text.trim_end_matches(' ')) {
                continue;
            }
            match &mut joined {
                Some(joined) => {
                    joined.push_str(&self.delimiter);
                    joined.push_str(text);
                }
                None => joined = Some(text.to_owned()),
            }
        }
        if joined.as_ref().is_some_and(|joined| joined.len() > MAX_BYTES) {
            return Err(sql_err(SqlState::StringDataRightTruncation, "Result size exceeds LISTAGG limit"));
        }
        Ok(ScalarValue::Utf8View(joined))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.rows.rows.size() + self.delimiter.capacity()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.rows.rows.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.rows.rows.merge(states);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn listagg_joins_in_order_and_skips_null() {
        let names: &[Option<&str>] = &[Some("Harmonia"), None, Some("Adam"), Some(""), Some("Adam")];
        let session = TestSession::new().with_table(
            "plays",
            &[
                ("artist", RedshiftType::Varchar(20), names),
                ("length", RedshiftType::Integer, &[Some("3"), Some("2"), Some("9"), Some("4"), Some("1")]),
            ],
        );
        let one = |sql: &str| session.rows(sql).expect(sql).join("\n");
        assert_eq!(
            one("SELECT listagg(artist, ', ') WITHIN GROUP (ORDER BY length) FROM plays"),
            "Adam, Harmonia, Adam"
        );
        assert_eq!(
            one("SELECT listagg(artist, ', ') WITHIN GROUP (ORDER BY length DESC) FROM plays"),
            "Adam, Harmonia, Adam"
        );
        assert_eq!(
            one("SELECT listagg(DISTINCT artist, '|') WITHIN GROUP (ORDER BY artist) FROM plays"),
            "Adam|Harmonia"
        );
        assert_eq!(one("SELECT listagg(length) FROM plays"), "32941");
        assert_eq!(one("SELECT listagg(artist, ',') FROM plays WHERE length > 100"), "NULL");
        assert_eq!(
            one(
                "SELECT length > 2 AS long, listagg(length, '+') WITHIN GROUP (ORDER BY length) FROM plays GROUP BY 1 ORDER BY 1"
            ),
            "f|1+2\nt|3+4+9"
        );
    }
}
