//! What operators do with SUPER operands (AWS guide, "Operators and functions", "Dynamic typing"): the other
//! side becomes SUPER, and values of types that do not go together give NULL; only equality is false then.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder};
use arrow::datatypes::Int32Type;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use dwh_common::RedshiftType;

use super::arguments::{build_super, super_argument};
use super::array::SUPER;
use super::key::{compare, key};
use super::number::{Arithmetic, Number};
use super::value::Value;
use crate::functions::args::Call;
use crate::functions::function::{Function, Parameter, Returns};

const ONE: &[Parameter] = &[Parameter::Any];
const TWO: &[Parameter] = &[Parameter::Any, Parameter::Any];
const KEY: Returns = Returns::Type(RedshiftType::Varbyte(16_777_216));

pub(super) const FUNCTIONS: [Function; 9] = [
    Function::new("__super_add", TWO, SUPER, |call| calculate(call, Arithmetic::Add)),
    Function::new("__super_subtract", TWO, SUPER, |call| calculate(call, Arithmetic::Subtract)),
    Function::new("__super_multiply", TWO, SUPER, |call| calculate(call, Arithmetic::Multiply)),
    Function::new("__super_divide", TWO, SUPER, |call| calculate(call, Arithmetic::Divide)),
    Function::new("__super_modulo", TWO, SUPER, |call| calculate(call, Arithmetic::Modulo)),
    NEGATE,
    COMPARE,
    EQUALITY_KEY,
    IS_JSON_NULL,
];

/// `left op right`.
pub(crate) fn arithmetic(op: Arithmetic, left: Expr, right: Expr) -> Expr {
    let function = match op {
        Arithmetic::Add => FUNCTIONS[0],
        Arithmetic::Subtract => FUNCTIONS[1],
        Arithmetic::Multiply => FUNCTIONS[2],
        Arithmetic::Divide => FUNCTIONS[3],
        Arithmetic::Modulo => FUNCTIONS[4],
    };
    function.udf().call(vec![left, right])
}

/// What is equal for equal values, and NULL for null.
pub(crate) fn comparison_key(value: Expr) -> Expr {
    EQUALITY_KEY.udf().call(vec![value])
}

/// What ORDER BY sorts by: a total order over all types.
pub(crate) fn sort_key(value: Expr) -> Expr {
    comparison_key(value)
}

/// Less than, equal to or greater than 0 as `left` is to `right`; NULL if they are not comparable.
pub(crate) fn compared(left: Expr, right: Expr) -> Expr {
    COMPARE.udf().call(vec![left, right])
}

/// Whether a value is the null of JSON.
pub(crate) fn is_json_null(value: Expr) -> Expr {
    IS_JSON_NULL.udf().call(vec![value])
}

const NEGATE: Function =
    Function::new("__super_negate", ONE, SUPER, |call| map_numbers(call, |number| Ok(number.negated())));

const COMPARE: Function =
    Function::new("__super_compare", TWO, Returns::Type(RedshiftType::Integer), |call| {
        let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
        call.build::<Int32Type>(|row| {
            let (Some(left), Some(right)) = (left.at(row), right.at(row)) else { return Ok(None) };
            Ok(compare(&left, &right).map(|order| order as i32))
        })
    });

const EQUALITY_KEY: Function = Function::new("__super_key", ONE, KEY, |call| {
    let values = super_argument(call, 0)?;
    let mut builder = BinaryBuilder::new();
    for row in 0..call.rows() {
        builder.append_option(values.at(row).filter(|value| *value != Value::Null).map(|value| key(&value)));
    }
    Ok(Arc::new(builder.finish()))
});

const IS_JSON_NULL: Function =
    Function::new("__is_json_null", ONE, Returns::Type(RedshiftType::Boolean), |call| {
        let values = super_argument(call, 0)?;
        call.build_boolean(|row| Ok(Some(values.json(row) == Some("null"))))
    });

fn calculate(call: &Call<'_>, op: Arithmetic) -> Result<ArrayRef> {
    let (left, right) = (super_argument(call, 0)?, super_argument(call, 1)?);
    build_super(call, |row| {
        let (Some(left), Some(right)) = (left.at(row), right.at(row)) else { return Ok(None) };
        if let (Arithmetic::Add, Value::Text(left), Value::Text(right)) = (op, &left, &right) {
            return Ok(Some(Value::Text(format!("{left}{right}").into()).to_json()));
        }
        match (number(Some(left)), number(Some(right))) {
            (Some(left), Some(right)) => Ok(Some(left.combine(op, right)?.into_value().to_json())),
            _ => Ok(None),
        }
    })
}

/// A function of the numbers in the first argument; NULL for what is none.
pub(crate) fn map_numbers(call: &Call<'_>, map: impl Fn(Number) -> Result<Number>) -> Result<ArrayRef> {
    let values = super_argument(call, 0)?;
    build_super(call, |row| {
        let mapped = number(values.at(row)).map(&map).transpose()?;
        Ok(mapped.map(|number| number.into_value().to_json()))
    })
}

fn number(value: Option<Value<'_>>) -> Option<Number> {
    match value? {
        Value::Number(text) => Number::parse(&text),
        _ => None,
    }
}
