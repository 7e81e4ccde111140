//! `collation`: a column declared COLLATE CASE_INSENSITIVE is compared, sorted, grouped and joined without regard
//! to case (guide, CREATE TABLE). The value shown for a group or a distinct value is in lower case.
//!
//! The column's field carries the collation in its metadata, and what is made of the column with its name, too.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinConstraint};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::{AggregateFunction, BinaryExpr, Case, InList};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Operator,
};
use datafusion::optimizer::AnalyzerRule;

use dwh_common::SqlState;

use super::rewrite::rewrite_nodes;
use super::super_operators::is_super;
use crate::functions::partiql::lower_texts;
use crate::functions::sql_err;
use crate::functions::text::lower;

const KEY: &str = "dwh:collation";
const CASE_INSENSITIVE: &str = "case_insensitive";

/// What the field of a column without regard to case says beside its type.
pub(crate) fn mark(metadata: &mut HashMap<String, String>) {
    metadata.insert(KEY.to_owned(), CASE_INSENSITIVE.to_owned());
}

/// Whether a field is of a column without regard to case.
pub(crate) fn is_marked(field: &Field) -> bool {
    field.metadata().get(KEY).is_some_and(|known| known == CASE_INSENSITIVE)
}

/// Lowers both sides of what is compared, and keys.
#[derive(Debug)]
pub(super) struct Collation;

impl AnalyzerRule for Collation {
    fn name(&self) -> &str {
        "redshift_collation"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        // Hardly any statement has such a column.
        let mut used = false;
        plan.apply_with_subqueries(|node| {
            used |= node.schema().fields().iter().any(|field| is_marked(field));
            Ok(TreeNodeRecursion::Continue)
        })?;
        if used { rewrite_nodes(plan, &rewrite, &rewrite_node) } else { Ok(plan) }
    }
}

fn ignores_case(expr: &Expr, schema: &DFSchema) -> Result<bool> {
    match expr {
        Expr::Column(_) | Expr::Alias(_) => Ok(is_marked(&expr.to_field(schema)?.1)),
        // What a SUPER column holds, its text and its key.
        Expr::ScalarFunction(call)
            if matches!(
                call.func.name(),
                "__super_path" | "__super_key" | "__cast_varchar" | "__cast_char"
            ) =>
        {
            let Some(value) = call.args.first() else { return Ok(false) };
            Ok(is_super(&value.get_type(schema)?) && ignores_case(value, schema)?)
        }
        _ => Ok(false),
    }
}

/// In lower case; of SUPER values and their keys the texts within.
fn lowered(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    match expr {
        Expr::ScalarFunction(mut call) if call.func.name() == "__super_key" => {
            call.args = call.args.into_iter().map(lower_texts).collect();
            Ok(Expr::ScalarFunction(call))
        }
        expr if is_super(&expr.get_type(schema)?) => Ok(lower_texts(expr)),
        expr => Ok(lower(expr)),
    }
}

/// Columns with and without regard to case do not go together (guide, "Database collation limitations").
fn check_mixed<'a>(operands: impl IntoIterator<Item = &'a Expr>, schema: &DFSchema) -> Result<()> {
    let (mut ignoring, mut minding) = (false, false);
    for operand in operands {
        ignoring |= ignores_case(operand, schema)?;
        minding |= matches!(operand, Expr::Column(_))
            && operand.get_type(schema)?.is_string()
            && !ignores_case(operand, schema)?;
    }
    if ignoring && minding { Err(different_collations()) } else { Ok(()) }
}

/// Neither do they with SUPER values.
pub(super) fn check_beside_super(operand: &Expr, schema: &DFSchema) -> Result<()> {
    if ignores_case(operand, schema)? && !is_super(&operand.get_type(schema)?) {
        let message = "Coercing from case insensitive string to SUPER is not supported.";
        return Err(sql_err(SqlState::FeatureNotSupported, message));
    }
    Ok(())
}

/// Whether what a plan shows at a place is a text column as it is.
fn is_column(plan: &LogicalPlan, index: usize) -> bool {
    let shown = match plan {
        LogicalPlan::Projection(projection) => matches!(projection.expr.get(index), Some(Expr::Column(_))),
        LogicalPlan::TableScan(_) => true,
        _ => false,
    };
    shown && plan.schema().field(index).data_type().is_string()
}

fn different_collations() -> DataFusionError {
    sql_err(SqlState::FeatureNotSupported, "Query with different collations is not supported yet.")
}

/// Lowers all operands if one of them ignores case.
fn lower_all(operands: &mut [&mut Expr], schema: &DFSchema) -> Result<bool> {
    check_mixed(operands.iter().map(|operand| &**operand), schema)?;
    let mut any = false;
    for operand in operands.iter() {
        any |= ignores_case(operand, schema)?;
    }
    if any {
        for operand in operands {
            **operand = lowered(std::mem::take(*operand), schema)?;
        }
    }
    Ok(any)
}

fn rewrite(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let changed = match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(*op) => {
            lower_all(&mut [left, right], schema)?
        }
        Expr::Between(between) => {
            lower_all(&mut [&mut between.expr, &mut between.low, &mut between.high], schema)?
        }
        Expr::Like(like) | Expr::SimilarTo(like) => {
            lower_all(&mut [&mut like.expr, &mut like.pattern], schema)?
        }
        Expr::InList(InList { expr, list, .. }) => {
            let mut operands: Vec<&mut Expr> = list.iter_mut().collect();
            operands.push(expr);
            lower_all(&mut operands, schema)?
        }
        Expr::ScalarFunction(call) if call.func.name() == "__super_compare" => {
            lower_all(&mut call.args.iter_mut().collect::<Vec<_>>(), schema)?
        }
        Expr::ScalarFunction(call) => {
            check_mixed(&call.args, schema)?;
            false
        }
        Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
            let branches = when_then_expr.iter().map(|(_, then)| then).chain(else_expr.iter());
            check_mixed(branches.map(AsRef::as_ref), schema)?;
            false
        }
        Expr::Case(Case { expr: Some(base), when_then_expr, .. }) => {
            let mut operands: Vec<&mut Expr> =
                when_then_expr.iter_mut().map(|(when, _)| when.as_mut()).collect();
            operands.push(base);
            lower_all(&mut operands, schema)?
        }
        Expr::AggregateFunction(AggregateFunction { params, .. }) if params.distinct => {
            lower_each(params.args.iter_mut(), schema)?
        }
        Expr::WindowFunction(window) => {
            let sorts = window.params.order_by.iter_mut().map(|sort| &mut sort.expr);
            lower_each(window.params.partition_by.iter_mut().chain(sorts), schema)?
        }
        _ => false,
    };
    Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
}

fn lower_each<'a>(exprs: impl Iterator<Item = &'a mut Expr>, schema: &DFSchema) -> Result<bool> {
    let mut changed = false;
    for expr in exprs {
        changed |= lower_all(&mut [expr], schema)?;
    }
    Ok(changed)
}

fn compares(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
            | Operator::RegexMatch
            | Operator::RegexNotMatch
    )
}

/// ORDER BY, GROUP BY, DISTINCT and the keys of joins.
fn rewrite_node(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Sort(mut sort) => {
            lower_each(sort.expr.iter_mut().map(|sort| &mut sort.expr), sort.input.schema())?;
            Ok(LogicalPlan::Sort(sort))
        }
        LogicalPlan::Join(mut join) => {
            for (left, right) in &mut join.on {
                let of_left = ignores_case(left, join.left.schema())?;
                let of_right = ignores_case(right, join.right.schema())?;
                if of_left != of_right && matches!((&*left, &*right), (Expr::Column(_), Expr::Column(_))) {
                    return Err(different_collations());
                }
                if of_left || of_right {
                    *left = lower(std::mem::take(left));
                    *right = lower(std::mem::take(right));
                    join.join_constraint = JoinConstraint::On;
                }
            }
            Ok(LogicalPlan::Join(join))
        }
        LogicalPlan::Union(union) => {
            for index in 0..union.schema.fields().len() {
                let ignores_case = |input: &Arc<LogicalPlan>| is_marked(input.schema().field(index));
                if union.inputs.iter().any(ignores_case)
                    && union.inputs.iter().any(|input| !ignores_case(input) && is_column(input, index))
                {
                    return Err(different_collations());
                }
            }
            Ok(LogicalPlan::Union(union))
        }
        LogicalPlan::Aggregate(aggregate) => group(aggregate),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let columns = lowered_columns(&input)?;
            let lowered = LogicalPlanBuilder::from((*input).clone()).project(columns)?.build()?;
            Ok(LogicalPlan::Distinct(Distinct::All(lowered.into())))
        }
        other => Ok(other),
    }
}

fn lowered_columns(input: &LogicalPlan) -> Result<Vec<Expr>> {
    let schema = input.schema();
    let lowered = schema.iter().map(|(qualifier, field)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        Ok(match ignores_case(&column, schema)? {
            true => lowered(column, schema)?.alias_qualified(qualifier.cloned(), field.name()),
            false => column,
        })
    });
    lowered.collect()
}

/// Groups of what its input has in lower case: a projection below, so that keys keep their names.
fn group(aggregate: Aggregate) -> Result<LogicalPlan> {
    let mut keys_ignore_case = false;
    for expr in &aggregate.group_expr {
        expr.apply(|inner| {
            keys_ignore_case |= ignores_case(inner, aggregate.input.schema())?;
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    if !keys_ignore_case {
        return Ok(LogicalPlan::Aggregate(aggregate));
    }
    let columns = lowered_columns(&aggregate.input)?;
    let lowered = LogicalPlanBuilder::from((*aggregate.input).clone()).project(columns)?.build()?;
    Ok(LogicalPlan::Aggregate(Aggregate::try_new(lowered.into(), aggregate.group_expr, aggregate.aggr_expr)?))
}
