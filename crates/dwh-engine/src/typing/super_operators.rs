//! `super_operators`: operators with a SUPER side work by the values' dynamic types (AWS guide, "Dynamic
//! typing", "Operators and functions"), ORDER BY has the guide's order of types, `IS NULL` holds for the null
//! of JSON, and functions that know no SUPER get its text.

use std::collections::HashSet;

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{
    AggregateFunction, NullTreatment, ScalarFunction, Sort as SortExpr, WindowFunction,
};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, binary_expr, lit};
use datafusion::optimizer::AnalyzerRule;
use datafusion::sql::sqlparser::ast::BinaryOperator;
use dwh_common::RedshiftType;

use super::collation::check_beside_super;
use super::rewrite::rewrite_nodes;
use crate::functions::cast::cast_to;
use crate::functions::partiql::{Arithmetic, arithmetic, compared, comparison_key, is_json_null, sort_key};
use crate::functions::scalar_functions;

/// Whether a type is SUPER's.
pub(super) fn is_super(data_type: &DataType) -> bool {
    *data_type == DataType::LargeUtf8
}

/// Arithmetic and comparison, which decide types.
#[derive(Debug)]
pub(super) struct SuperOperators;

impl ExprPlanner for SuperOperators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if !(is_super(&expr.left.get_type(schema)?) || is_super(&expr.right.get_type(schema)?)) {
            return Ok(PlannerResult::Original(expr));
        }
        check_beside_super(&expr.left, schema)?;
        check_beside_super(&expr.right, schema)?;
        let RawBinaryExpr { op, left, right } = expr;
        let planned = match op {
            BinaryOperator::Plus => arithmetic(Arithmetic::Add, left, right),
            BinaryOperator::Minus => arithmetic(Arithmetic::Subtract, left, right),
            BinaryOperator::Multiply => arithmetic(Arithmetic::Multiply, left, right),
            BinaryOperator::Divide => arithmetic(Arithmetic::Divide, left, right),
            BinaryOperator::Modulo => arithmetic(Arithmetic::Modulo, left, right),
            BinaryOperator::Eq => comparison(left, Operator::Eq, right),
            BinaryOperator::NotEq => comparison(left, Operator::NotEq, right),
            BinaryOperator::Lt => comparison(left, Operator::Lt, right),
            BinaryOperator::LtEq => comparison(left, Operator::LtEq, right),
            BinaryOperator::Gt => comparison(left, Operator::Gt, right),
            BinaryOperator::GtEq => comparison(left, Operator::GtEq, right),
            op => return Ok(PlannerResult::Original(RawBinaryExpr { op, left, right })),
        };
        Ok(PlannerResult::Planned(planned))
    }
}

/// `left op right` for a comparison with a SUPER side.
fn comparison(left: Expr, op: Operator, right: Expr) -> Expr {
    let (left, right) = comparable(left, right, op);
    binary_expr(left, op, right)
}

/// Both sides of a comparison with a SUPER side, so that plain operators compare them: equality is false for
/// values of different types, order is unknown.
pub(super) fn comparable(left: Expr, right: Expr, op: Operator) -> (Expr, Expr) {
    match op {
        Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => (compared(left, right), lit(0i32)),
        _ => (comparison_key(left), comparison_key(right)),
    }
}

/// What leaves types as they are.
#[derive(Debug)]
pub(super) struct SuperRules {
    /// Functions of ours, which take SUPER as it is.
    own_functions: HashSet<String>,
}

impl SuperRules {
    pub(super) fn new() -> Self {
        let own_functions = scalar_functions().iter().map(|function| function.name().to_owned()).collect();
        Self { own_functions }
    }

    fn rewrite(&self, expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
        match expr {
            Expr::IsNull(value) if is_super(&value.get_type(schema)?) => {
                Ok(Transformed::yes(Expr::IsNull(value.clone()).or(is_json_null(*value).is_true())))
            }
            Expr::IsNotNull(value) if is_super(&value.get_type(schema)?) => {
                Ok(Transformed::yes(Expr::IsNotNull(value.clone()).and(is_json_null(*value).is_not_true())))
            }
            Expr::ScalarFunction(call) => self.rewrite_call(call, schema),
            Expr::AggregateFunction(call) => aggregate(call, schema),
            Expr::WindowFunction(mut window) => {
                let changed = sorted(&mut window, schema)?;
                let expr = Expr::WindowFunction(window);
                Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
            }
            other => Ok(Transformed::no(other)),
        }
    }

    /// DataFusion's own functions see text. COALESCE and its kin keep SUPER, and make it of their other
    /// arguments.
    fn rewrite_call(&self, mut call: ScalarFunction, schema: &DFSchema) -> Result<Transformed<Expr>> {
        let name = call.func.name();
        let keeps_super = matches!(name, "coalesce" | "nvl" | "nvl2" | "nullif");
        let is_wrapped = keeps_super || matches!(name, "greatest" | "least");
        if name.starts_with("__") || (self.own_functions.contains(name) && !is_wrapped) {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        }
        let types = call.args.iter().map(|arg| arg.get_type(schema)).collect::<Result<Vec<_>>>()?;
        if !types.iter().any(is_super) {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        }
        let (from_super, to) = match keeps_super {
            true => (false, RedshiftType::Super),
            false => (true, RedshiftType::MAX_VARCHAR),
        };
        for (arg, data_type) in call.args.iter_mut().zip(&types) {
            if is_super(data_type) == from_super {
                *arg = cast_to(std::mem::take(arg), to);
            }
        }
        Ok(Transformed::yes(Expr::ScalarFunction(call)))
    }
}

/// Aggregates of SUPER values: of their numbers as doubles, of their truth values, of their text; MIN and MAX of the
/// values as they are.
fn aggregate(mut call: AggregateFunction, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Some(argument) = call.params.args.first_mut() else {
        return Ok(Transformed::no(Expr::AggregateFunction(call)));
    };
    if !is_super(&argument.get_type(schema)?) {
        return Ok(Transformed::no(Expr::AggregateFunction(call)));
    }
    let to = match call.func.name() {
        "count" | "any_value" | "first_value" | "last_value" | "approx_distinct" => {
            return Ok(Transformed::no(Expr::AggregateFunction(call)));
        }
        "bool_and" | "bool_or" => RedshiftType::Boolean,
        "listagg" | "string_agg" => RedshiftType::MAX_VARCHAR,
        // The least or greatest in the order of ORDER BY.
        name @ ("min" | "max") => {
            let first = SortExpr::new(sort_key(argument.clone()), name == "min", false);
            let has_value = is_json_null(argument.clone()).is_not_true();
            let filter = match call.params.filter {
                Some(filter) => has_value.and(*filter),
                None => has_value,
            };
            let chosen = AggregateFunction::new_udf(
                first_value_udaf(),
                call.params.args,
                false,
                Some(Box::new(filter)),
                vec![first],
                Some(NullTreatment::IgnoreNulls),
            );
            return Ok(Transformed::yes(Expr::AggregateFunction(chosen)));
        }
        _ => RedshiftType::Double,
    };
    *argument = cast_to(std::mem::take(argument), to);
    Ok(Transformed::yes(Expr::AggregateFunction(call)))
}

fn sorted(window: &mut WindowFunction, schema: &DFSchema) -> Result<bool> {
    let mut changed = false;
    for sort in &mut window.params.order_by {
        changed |= sort_by_key(sort, schema)?;
    }
    Ok(changed)
}

fn sort_by_key(sort: &mut SortExpr, schema: &DFSchema) -> Result<bool> {
    let by_super = is_super(&sort.expr.get_type(schema)?);
    if by_super {
        sort.expr = sort_key(std::mem::take(&mut sort.expr));
    }
    Ok(by_super)
}

/// ORDER BY of a query.
fn sort_node(node: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Sort(mut sort) = node else { return Ok(node) };
    for expr in &mut sort.expr {
        sort_by_key(expr, sort.input.schema())?;
    }
    Ok(LogicalPlan::Sort(sort))
}

impl AnalyzerRule for SuperRules {
    fn name(&self) -> &str {
        "redshift_super"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_nodes(plan, &|expr, schema| self.rewrite(expr, schema), &sort_node)
    }
}
