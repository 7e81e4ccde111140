//! `ROUND`, `CEIL`, `FLOOR` and `TRUNC` (RS 4.3): half away from zero; a NUMERIC keeps as many places
//! as were asked for.

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use crate::functions::args::Call;
use crate::functions::cast::{Rule, decimal_overflow, rescale};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};
use crate::functions::partiql::{Number, map_numbers};

const NUMBER_AND_PLACES: &[Parameter] = &[Parameter::Number, Parameter::Integer];

pub(super) const ROUND: Function = Function {
    optional: 1,
    ..Function::new("round", NUMBER_AND_PLACES, Returns::Of(rounded_type), |call| {
        rounded(call, |value, from, to| rescale(value, from, to, Rule::Cast), f64::round)
    })
};

pub(super) const CEIL: Function = Function {
    aliases: &["ceiling"],
    ..Function::new("ceil", &[Parameter::Number], Returns::Of(rounded_type), |call| {
        rounded(call, |value, from, to| towards(value, from, to, 1), f64::ceil)
    })
};

pub(super) const FLOOR: Function =
    Function::new("floor", &[Parameter::Number], Returns::Of(rounded_type), |call| {
        rounded(call, |value, from, to| towards(value, from, to, -1), f64::floor)
    });

/// TRUNC of a number; the function itself also takes timestamps.
pub(crate) fn truncate(call: &Call<'_>) -> Result<ArrayRef> {
    rounded(call, |value, from, to| rescale(value, from, to, Rule::Truncate), f64::trunc)
}

/// The cut value, one further in a direction if anything was cut on that side.
fn towards(value: i128, from: i8, to: i8, direction: i128) -> Option<i128> {
    let cut = rescale(value, from, to, Rule::Truncate)?;
    let back = rescale(cut, to, from, Rule::Truncate)?;
    Some(if (value - back).signum() == direction { cut + direction } else { cut })
}

/// Integers stay as they are; NUMERIC(p,s) becomes NUMERIC(p,n); the rest is a double.
pub(crate) fn rounded_type(types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    Ok(match types.redshift_type(0) {
        number if number.is_integer() => number,
        RedshiftType::Super => RedshiftType::Super,
        RedshiftType::Decimal { precision, scale } => {
            // Places that are no constant keep the scale: the type must be known before the rows.
            let places = if types.len() > 1 { types.integer(1).unwrap_or(i64::from(scale)) } else { 0 };
            let kept = places.clamp(0, i64::from(scale)) as u8;
            // One digit more before the point: 9.9 rounds to 10.
            RedshiftType::Decimal { precision: (precision - scale + kept + 1).min(38), scale: kept }
        }
        _ => RedshiftType::Double,
    })
}

fn rounded(
    call: &Call<'_>,
    exact: fn(i128, i8, i8) -> Option<i128>,
    float: fn(f64) -> f64,
) -> Result<ArrayRef> {
    let places = call.integer_or(1, 0)?;
    if call.data_type(0) == RedshiftType::Super.planned_type() {
        // The scale of a SUPER decimal is eliminated (guide, "Operators and functions" of SUPER).
        return map_numbers(call, |number| match number {
            Number::Float(value) => Ok(Number::Float(float(value))),
            Number::Decimal { value, scale } => exact(value, scale, 0)
                .map(|value| Number::Decimal { value, scale: 0 })
                .ok_or_else(decimal_overflow),
        });
    }
    match (call.data_type(0), call.return_type()) {
        (DataType::Decimal128(_, from), DataType::Decimal128(_, to)) => {
            let (array, constant) = call.array(0)?;
            let (values, to) = (array.as_primitive::<Decimal128Type>(), *to);
            call.build::<Decimal128Type>(|row| {
                let value = values.value(if constant { 0 } else { row });
                let kept = places.at(row).clamp(-38, i64::from(from)) as i8;
                exact(value, from, kept)
                    .and_then(|cut| rescale(cut, kept, to, Rule::Truncate))
                    .map(Some)
                    .ok_or_else(decimal_overflow)
            })
        }
        (_, DataType::Float64) => {
            let values = call.double(0)?;
            call.build::<Float64Type>(|row| {
                let places = places.at(row).clamp(-300, 300) as i32;
                let factor = 10f64.powi(places.abs());
                let value = values.at(row);
                Ok(Some(if places >= 0 {
                    float(value * factor) / factor
                } else {
                    float(value / factor) * factor
                }))
            })
        }
        (from, _) => {
            let to = RedshiftType::of_arrow(&from).unwrap_or(RedshiftType::BigInt);
            let (RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt) = to else {
                return call.converted(0, to);
            };
            if call.len() < 2 {
                return call.converted(0, to);
            }
            // Places before the point of a whole number.
            let values = call.integer(0)?;
            let cut = call.build::<arrow::datatypes::Int64Type>(|row| {
                let kept = places.at(row).clamp(-38, 0) as i8;
                let cut = exact(i128::from(values.at(row)), 0, kept)
                    .and_then(|cut| rescale(cut, kept, 0, Rule::Truncate));
                cut.and_then(|cut| i64::try_from(cut).ok()).map(Some).ok_or_else(decimal_overflow)
            })?;
            crate::functions::cast::convert(&cut, to, Rule::Cast)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn rounding_follows_the_guide() {
        assert_values(&[
            ("round(28.05)", "28"),
            ("round(28.05, 1)", "28.1"),
            ("round(-2.5)", "-3"),
            ("round(2.5::float8)", "3"),
            ("round(15.4::float8, -1)", "20"),
            ("round(9.99, 1)", "10.0"),
            ("round(155, -1)", "160"),
            ("round(7)", "7"),
            ("ceiling(28.05)", "29"),
            ("ceil(-28.05)", "-28"),
            ("floor(28.95)", "28"),
            ("floor(-28.05)", "-29"),
            ("floor(2.7::float8)", "2"),
        ]);
    }
}
