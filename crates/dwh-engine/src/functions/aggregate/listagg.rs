//! `LISTAGG([DISTINCT] x [, delimiter]) WITHIN GROUP (ORDER BY …)`: joined text, NULL and empty values
//! left out, at most 65535 bytes (RS 4.4).
//!
//! The AST rewrite has moved WITHIN GROUP into the arguments; ordering and DISTINCT are array_agg's.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::physical_plan::expressions::Literal;
use datafusion::scalar::ScalarValue;
use dwh_common::{SqlError, SqlState};

use crate::functions::cast::to_text;
use crate::functions::error::{external, sql_err};
use crate::functions::function::undefined_function;

const MAX_BYTES: usize = 65_535;

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
        "listagg"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [value] | [value, DataType::Utf8 | DataType::Utf8View | DataType::Null]
                if *value != DataType::Boolean =>
            {
                Ok(types.to_vec())
            }
            _ => Err(undefined_function("listagg", types)),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        array_agg_udaf().state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let delimiter = delimiter(&args)?;
        let element = args.expr_fields[0].data_type().clone();
        let values = array_agg_udaf().accumulator(AccumulatorArgs {
            return_field: Field::new("values", DataType::new_list(element, true), true).into(),
            exprs: &args.exprs[..1],
            expr_fields: &args.expr_fields[..1],
            ..args
        })?;
        let delimiter_given = args.exprs.len() > 1;
        Ok(Box::new(ListAggAccumulator { values, delimiter, delimiter_given }))
    }
}

fn delimiter(args: &AccumulatorArgs<'_>) -> Result<String> {
    let Some(expr) = args.exprs.get(1) else { return Ok(String::new()) };
    match expr.downcast_ref::<Literal>() {
        Some(literal) => Ok(literal.value().try_as_str().flatten().unwrap_or_default().to_owned()),
        None => Err(external(SqlError::unsupported("LISTAGG with a delimiter that is not constant"))),
    }
}

#[derive(Debug)]
struct ListAggAccumulator {
    values: Box<dyn Accumulator>,
    delimiter: String,
    /// Whether the second input is the delimiter; what follows are the values to order by.
    delimiter_given: bool,
}

impl Accumulator for ListAggAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut inputs = values.to_vec();
        if self.delimiter_given {
            inputs.remove(1);
        }
        self.values.update_batch(&inputs)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let ScalarValue::List(list) = self.values.evaluate()? else { return Ok(ScalarValue::Utf8View(None)) };
        let texts = to_text(list.values())?;
        let mut joined: Option<String> = None;
        for text in texts.iter().flatten().filter(|text| !text.is_empty()) {
            match &mut joined {
                Some(joined) => {
                    joined.push_str(&self.delimiter);
                    joined.push_str(text);
                }
                None => joined = Some(text.to_owned()),
            }
        }
        if joined.as_ref().is_some_and(|joined| joined.len() > MAX_BYTES) {
            return Err(sql_err(
                SqlState::StringDataRightTruncation,
                format!("Result size exceeds LISTAGG limit of {MAX_BYTES} bytes"),
            ));
        }
        Ok(ScalarValue::Utf8View(joined))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.size() + self.delimiter.capacity()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.values.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.values.merge_batch(states)
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
