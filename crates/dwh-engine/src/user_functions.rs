//! Functions of users as DataFusion sees them: a call becomes the function's SELECT with the arguments in
//! place of `$1`, `$2`, … (the guide's chapter "Creating a scalar SQL UDF").

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_storage::FunctionDefinition;

use crate::error::from_datafusion;
use crate::plan::Planner;

/// The overloads of one name as a function of DataFusion.
pub(crate) fn function(
    planner: &Planner<'_>,
    name: &str,
    overloads: &[&FunctionDefinition],
) -> Result<Arc<ScalarUDF>, SqlError> {
    let mut planned = Vec::with_capacity(overloads.len());
    for overload in overloads {
        planned.push(Overload {
            arguments: overload.arguments.clone(),
            returns: overload.returns,
            body: plan_body(planner, overload)?,
        });
    }
    let is_volatile = overloads.iter().any(|f| f.volatility == dwh_storage::Volatility::Volatile);
    let volatility = if is_volatile { Volatility::Volatile } else { Volatility::Stable };
    let function = UserFunction {
        name: name.to_owned(),
        overloads: planned,
        signature: Signature::user_defined(volatility),
    };
    Ok(Arc::new(ScalarUDF::new_from_impl(function)))
}

/// The SELECT of a function as an expression over columns named as [`argument`] names them.
///
/// # Errors
/// The body is no SELECT of one value without FROM, or what is wrong with it.
pub(crate) fn plan_body(planner: &Planner<'_>, function: &FunctionDefinition) -> Result<Expr, SqlError> {
    let names: Vec<String> = (1..=function.arguments.len()).map(argument).collect();
    let bound = dwh_sql::bind_parameters(&function.body, &names, &[])?;
    let select = dwh_sql::single_value(&bound)?;
    let columns: Vec<String> = function
        .arguments
        .iter()
        .zip(&names)
        .map(|(data_type, name)| format!("CAST(NULL AS {data_type}) AS {name}"))
        .collect();
    let source = if columns.is_empty() {
        String::new()
    } else {
        format!(" FROM (SELECT {}) AS arguments", columns.join(", "))
    };
    let plan = planner.query_text(&format!("SELECT CAST({select} AS {}){source}", function.returns))?;
    let options = planner.state.config_options();
    let analyzed = planner
        .state
        .analyzer()
        .execute_and_check(plan, options, |_, _| {})
        .map_err(|error| from_datafusion(&error, ""))?;
    match analyzed {
        LogicalPlan::Projection(mut projection) if projection.expr.len() == 1 => {
            Ok(projection.expr.remove(0).unalias())
        }
        _ => Err(SqlError::new(
            SqlState::InvalidFunctionDefinition,
            "the body of a SQL function must be a SELECT of one value, without FROM",
        )),
    }
}

/// The column that stands for `$number`.
fn argument(number: usize) -> String {
    format!("__dwh_argument_{number}")
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct UserFunction {
    name: String,
    overloads: Vec<Overload>,
    signature: Signature,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Overload {
    arguments: Vec<RedshiftType>,
    returns: RedshiftType,
    body: Expr,
}

impl UserFunction {
    /// The overload for arguments of these types: that of the very types, else the first of as many.
    fn overload(&self, types: &[DataType]) -> Result<&Overload> {
        let of_count = || self.overloads.iter().filter(|overload| overload.arguments.len() == types.len());
        let distance = |overload: &&Overload| -> usize {
            overload.arguments.iter().zip(types).map(|(wanted, given)| distance(*wanted, given)).sum()
        };
        of_count().min_by_key(distance).ok_or_else(|| {
            let shown: Vec<String> = types.iter().map(ToString::to_string).collect();
            let error = SqlError::new(
                SqlState::UndefinedFunction,
                format!("function {}({}) does not exist", self.name, shown.join(", ").to_lowercase()),
            )
            .with_hint("No function matches the given name and argument types.");
            crate::error::into_datafusion(error)
        })
    }
}

/// How far an argument's type is from the declared one: the same, of the same kind, any other.
fn distance(wanted: RedshiftType, given: &DataType) -> usize {
    let wanted = wanted.arrow_type();
    let kind = |data_type: &DataType| match data_type {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => 1,
        data_type if data_type.is_numeric() => 2,
        data_type if data_type.is_temporal() => 3,
        DataType::Boolean => 4,
        _ => 5,
    };
    match given {
        given if *given == wanted => 0,
        given if given.is_null() || kind(given) == kind(&wanted) => 1,
        _ => 10,
    }
}

impl ScalarUDFImpl for UserFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(self.overload(arguments)?.returns.arrow_type())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            arguments.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let field: Field = self.overload(&types)?.returns.field(&self.name, true);
        Ok(Arc::new(field))
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        Ok(self.overload(arguments)?.arguments.iter().map(|data_type| data_type.arrow_type()).collect())
    }

    fn simplify(&self, arguments: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let types =
            arguments.iter().map(|argument| info.get_data_type(argument)).collect::<Result<Vec<_>>>()?;
        let body = self.overload(&types)?.body.clone();
        let names: Vec<String> = (1..=arguments.len()).map(argument).collect();
        let inlined = body.transform_up(|expr| match &expr {
            Expr::Column(column) => match names.iter().position(|name| *name == column.name) {
                Some(at) => Ok(Transformed::yes(arguments[at].clone())),
                None => Ok(Transformed::no(expr)),
            },
            _ => Ok(Transformed::no(expr)),
        })?;
        Ok(ExprSimplifyResult::Simplified(inlined.data))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(DataFusionError::Internal(format!("function {} was not put in place of its call", self.name)))
    }
}
