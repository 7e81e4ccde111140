//! Conversion of a value to the type of the column it is assigned to (RS 3.3, RS 10.2).

use arrow::datatypes::{DataType, Field};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use dwh_common::{RedshiftType, SqlError, SqlState, TYPE_METADATA_KEY};

use crate::functions::cast::{assign_to, cast_to};
use crate::functions::external;

/// The expression converted to the type of `column`, as INSERT, UPDATE and MERGE do it.
///
/// Over-long text is the error `Value too long for character type` (22001) unless only blanks are
/// cut, NUMERIC is rounded, numbers out of range are 22003, integers become truth values. NOT NULL is
/// not checked here.
///
/// # Errors
/// 42804 if no such conversion exists.
pub fn assignment_cast(expr: Expr, from: &Field, to: RedshiftType, column: &str) -> Result<Expr> {
    let source = from.data_type();
    if !is_assignable(source, to) {
        let found =
            RedshiftType::of_field(from).map_or_else(|| source.to_string(), |known| known.to_string());
        return Err(external(
            SqlError::new(
                SqlState::DatatypeMismatch,
                format!("column \"{column}\" is of type {to} but expression is of type {found}"),
            )
            .with_hint("You will need to rewrite or cast the expression."),
        ));
    }
    // Text that no declaration limits may be longer than any column (the guide's page "Character types").
    let is_declared = from.metadata().contains_key(TYPE_METADATA_KEY);
    let same_length = match (RedshiftType::of_field(from), to) {
        (Some(RedshiftType::Varchar(bytes)), RedshiftType::Varchar(most)) => is_declared && bytes <= most,
        (Some(known), to) => known == to,
        (None, _) => false,
    };
    if *source == to.planned_type() && same_length {
        return Ok(expr);
    }
    // NULL has every type, and no value that could fail.
    Ok(if *source == DataType::Null { cast_to(expr, to) } else { assign_to(expr, to, column) })
}

fn is_assignable(from: &DataType, to: RedshiftType) -> bool {
    let text = matches!(from, DataType::Utf8 | DataType::Utf8View);
    // A SUPER value converts by its dynamic type.
    let semi_structured = *from == RedshiftType::Super.planned_type();
    let number = from.is_numeric();
    if *from == DataType::Null || text || semi_structured {
        return true;
    }
    match to {
        RedshiftType::SmallInt
        | RedshiftType::Integer
        | RedshiftType::BigInt
        | RedshiftType::Decimal { .. }
        | RedshiftType::Real
        | RedshiftType::Double => number,
        RedshiftType::Boolean => *from == DataType::Boolean || from.is_integer(),
        RedshiftType::Char(_) | RedshiftType::Varchar(_) => *from != DataType::Boolean,
        RedshiftType::Super => number || *from == DataType::Boolean,
        RedshiftType::Date | RedshiftType::Timestamp | RedshiftType::TimestampTz => {
            matches!(from, DataType::Date32 | DataType::Timestamp(_, _))
        }
        RedshiftType::Time => matches!(from, DataType::Time64(_) | DataType::Timestamp(_, _)),
        RedshiftType::TimeTz => matches!(from, DataType::Time64(_) | DataType::Timestamp(_, Some(_))),
        RedshiftType::Interval(_) => matches!(from, DataType::Interval(_) | DataType::Duration(_)),
        RedshiftType::HllSketch | RedshiftType::Geometry => *from == to.planned_type(),
        RedshiftType::Varbyte(_) => matches!(from, DataType::Binary) || from.is_integer(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};
    use datafusion::logical_expr::{Expr, lit};
    use datafusion::prelude::SessionContext;
    use dwh_common::RedshiftType;

    use super::assignment_cast;
    use crate::error::from_datafusion;
    use crate::functions::test_support::texts;

    fn assigned(value: Expr, from: DataType, to: RedshiftType) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let result = runtime.block_on(async {
            let cast = assignment_cast(value, &Field::new("v", from, true), to, "c")?;
            let frame = SessionContext::new().read_empty()?.select(vec![cast.alias("c")])?;
            let batches = frame.collect().await?;
            let column = batches[0].column(0);
            assert_eq!(*column.data_type(), to.arrow_type());
            Ok(texts(column).remove(0))
        });
        result.unwrap_or_else(|error: datafusion::error::DataFusionError| {
            format!("error: {}", from_datafusion(&error, "").message)
        })
    }

    #[test]
    fn over_long_text_fails_unless_only_blanks_are_cut() {
        let to = RedshiftType::Varchar(3);
        assert_eq!(assigned(lit("abcd"), DataType::Utf8, to), "error: Value too long for character type");
        assert_eq!(assigned(lit("abc   "), DataType::Utf8, to), "abc");
        let char = assigned(lit("é"), DataType::Utf8, RedshiftType::Char(3));
        assert_eq!(char, "error: Multibyte character not supported for CHAR: é");
        assert_eq!(assigned(lit(1234), DataType::Int32, to), "error: Value too long for character type");
    }

    #[test]
    fn numbers_round_and_overflow_is_an_error() {
        let numeric = RedshiftType::Decimal { precision: 8, scale: 2 };
        assert_eq!(assigned(lit(20.259), DataType::Float64, numeric), "20.26");
        let assigned_small = assigned(lit(70_000), DataType::Int32, RedshiftType::SmallInt);
        assert_eq!(assigned_small, "error: smallint out of range");
        assert_eq!(
            assigned(lit(1e6), DataType::Float64, RedshiftType::Decimal { precision: 4, scale: 2 }),
            "error: numeric field overflow"
        );
    }

    #[test]
    fn integers_become_truth_values_and_dates_do_not_become_numbers() {
        assert_eq!(assigned(lit(1), DataType::Int32, RedshiftType::Boolean), "t");
        let refused = assigned(lit(true), DataType::Boolean, RedshiftType::Integer);
        assert_eq!(refused, "error: column \"c\" is of type integer but expression is of type boolean");
    }
}
