//! `+ - *` of whole numbers that fail instead of wrapping around (RS 4.1).

use arrow::array::{ArrayRef, Datum};
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::error::ArrowError;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};
use dwh_common::{RedshiftType, SqlState};

use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Integer, Parameter::Integer];

/// `left op right`, in the wider of both types; `None` for operators that cannot overflow.
pub(crate) fn checked(op: Operator, left: Expr, right: Expr) -> Option<Expr> {
    let (name, body): (_, fn(&Call<'_>) -> Result<ArrayRef>) = match op {
        Operator::Plus => ("__integer_add", |call| compute(call, add)),
        Operator::Minus => ("__integer_subtract", |call| compute(call, sub)),
        Operator::Multiply => ("__integer_multiply", |call| compute(call, mul)),
        _ => return None,
    };
    Some(Function::new(name, OPERANDS, Returns::Of(wider), body).udf().call(vec![left, right]))
}

fn wider(types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    Ok(match (types.redshift_type(0), types.redshift_type(1)) {
        (RedshiftType::SmallInt, RedshiftType::SmallInt) => RedshiftType::SmallInt,
        (RedshiftType::BigInt, _) | (_, RedshiftType::BigInt) => RedshiftType::BigInt,
        _ => RedshiftType::Integer,
    })
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> std::result::Result<ArrayRef, ArrowError>;

fn compute(call: &Call<'_>, kernel: Kernel) -> Result<ArrayRef> {
    let to = RedshiftType::of_arrow(call.return_type()).unwrap_or(RedshiftType::BigInt);
    let (left, right) = (call.converted(0, to)?, call.converted(1, to)?);
    kernel(&left, &right).map_err(|_| sql_err(SqlState::NumericValueOutOfRange, format!("{to} out of range")))
}
