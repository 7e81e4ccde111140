//! `__super_path(value, step, …)`: navigation (guide, "Querying semi-structured data"). A text is the name of
//! an attribute, a number the index of an element. A step that leads nowhere is NULL, or an error under
//! `navigate_super_null_on_error` off.

use arrow::array::ArrayRef;
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};

use super::arguments::{SuperColumn, build_super, super_argument};
use super::value::Value;
use crate::functions::args::Call;
use crate::functions::cast::cannot_cast;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    variadic: true,
    ..Function::new(
        "__super_path",
        &[Parameter::Any, Parameter::Any],
        Returns::Of(|types| match types.redshift_type(0) {
            RedshiftType::Super => Ok(RedshiftType::Super),
            _ => Err(cannot_cast(types.data_type(0), RedshiftType::Super)),
        }),
        follow,
    )
};

fn follow(call: &Call<'_>) -> Result<ArrayRef> {
    let lax = call.options().navigate_super_null_on_error;
    let values = super_argument(call, 0)?;
    let steps = (1..call.len()).map(|index| super_argument(call, index)).collect::<Result<Vec<_>>>()?;
    build_super(call, |row| {
        let Some(mut value) = values.at(row) else { return Ok(None) };
        for step in &steps {
            match one_step(value, step, row) {
                Some(next) => value = next,
                None if lax => return Ok(None),
                None => return Err(leads_nowhere(step.json(row).unwrap_or("null"))),
            }
        }
        Ok(Some(value.to_json()))
    })
}

/// The member of a value that a step names.
fn one_step<'v>(value: Value<'v>, step: &SuperColumn, row: usize) -> Option<Value<'v>> {
    match (value, step.at(row)?) {
        (Value::Object(attributes), Value::Text(name)) => {
            attributes.into_iter().find_map(|(known, value)| (known == name).then_some(value))
        }
        (Value::Array(mut elements), Value::Number(index)) => {
            let index: usize = index.parse().ok()?;
            (index < elements.len()).then(|| elements.swap_remove(index))
        }
        _ => None,
    }
}

fn leads_nowhere(step: &str) -> DataFusionError {
    sql_err(SqlState::InvalidParameterValue, format!("Invalid SUPER navigation: {step} leads nowhere"))
}
