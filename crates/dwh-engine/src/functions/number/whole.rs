//! `ABS(x)`, of the type of its argument, and `TO_HEX(n)`.

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int64Type};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::args::Call;
use crate::functions::cast::{Rule, convert};
use crate::functions::error::sql_err;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};
use crate::functions::partiql::map_numbers;

pub(super) const ABS: Function = Function::new(
    "abs",
    &[Parameter::Number],
    Returns::Of(|types: &ArgumentTypes<'_>| {
        Ok(match types.redshift_type(0) {
            text if text.is_text() => RedshiftType::Double,
            number => number,
        })
    }),
    absolute,
);

fn absolute(call: &Call<'_>) -> Result<ArrayRef> {
    if call.redshift_type(0) == Some(RedshiftType::Super) {
        return map_numbers(call, |number| Ok(number.absolute()));
    }
    match call.return_type() {
        DataType::Decimal128(_, _) => {
            let (array, constant) = call.array(0)?;
            let values = array.as_primitive::<Decimal128Type>();
            call.build::<Decimal128Type>(|row| Ok(Some(values.value(if constant { 0 } else { row }).abs())))
        }
        DataType::Float32 => {
            let values = call.double(0)?;
            call.build::<Float32Type>(|row| Ok(Some(values.at(row).abs() as f32)))
        }
        DataType::Float64 => {
            let values = call.double(0)?;
            call.build::<Float64Type>(|row| Ok(Some(values.at(row).abs())))
        }
        whole => {
            let to = RedshiftType::of_arrow(whole).unwrap_or(RedshiftType::BigInt);
            let values = call.integer(0)?;
            let wide = call.build::<Int64Type>(|row| {
                let value = values.at(row).checked_abs();
                value
                    .map(Some)
                    .ok_or_else(|| sql_err(SqlState::NumericValueOutOfRange, "bigint out of range"))
            })?;
            convert(&wide, to, Rule::Cast)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn absolute_values_keep_their_type() {
        assert_values(&[
            ("abs(-38)", "38"),
            ("abs(-5.20)", "5.20"),
            ("abs('-5')", "5"),
            ("arrow_typeof(abs(-38::int))", "Int32"),
            ("abs(-9223372036854775807 - 1)", "error: bigint out of range"),
        ]);
    }
}
