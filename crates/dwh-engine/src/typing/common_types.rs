//! `common_types`: CASE, COALESCE and UNION have the type that all their branches fit, decided while planning, so
//! that arithmetic, labels and tables made from them see it. A float beside a NUMERIC is a float (RS 4.1).

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::datatypes::{DataType, Field};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::{NamePreserver, coerce_plan_expr_for_schema};
use datafusion::logical_expr::planner::{
    ExprPlanner, PlannedRelation, PlannerResult, RawBinaryExpr, RelationPlanner, RelationPlannerContext,
    RelationPlanning,
};
use datafusion::logical_expr::type_coercion::binary::type_union_coercion;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Case, Expr, ExprSchemable, LogicalPlan, Union, cast};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{Ident, TableAlias, TableFactor};
use dwh_common::{RedshiftType, SqlState};

use super::super_operators::is_super;
use crate::functions::cast::{Rule, convert};
use crate::functions::sql_err;

/// Functions whose arguments are of one type.
const ONE_TYPE: &[&str] = &["coalesce", "greatest", "least", "nullif"];

/// Alias of a relation that is being planned already; no SQL text can have it.
const IN_PLANNING: &str = "dwh: common types";

/// Operands of operators: their types decide the operator's.
#[derive(Debug)]
pub(super) struct CaseOperands;

/// Sub-queries in FROM, and names of WITH: their columns' types decide those above.
#[derive(Debug)]
pub(super) struct Relations;

impl ExprPlanner for CaseOperands {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(PlannerResult::Original(RawBinaryExpr {
            op: expr.op,
            left: with_common_cases(expr.left, schema)?.data,
            right: with_common_cases(expr.right, schema)?.data,
        }))
    }
}

impl RelationPlanner for Relations {
    fn plan_relation(
        &self,
        mut relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let alias = match &mut relation {
            TableFactor::Derived { lateral: false, alias, .. }
            | TableFactor::Table { args: None, alias, .. }
                if alias.as_ref().is_none_or(|alias| alias.name.value != IN_PLANNING) =>
            {
                let marked = TableAlias {
                    explicit: true,
                    name: Ident::with_quote('"', IN_PLANNING),
                    columns: Vec::new(),
                    at: None,
                };
                alias.replace(marked)
            }
            _ => return Ok(RelationPlanning::Original(Box::new(relation))),
        };
        let plan = match context.plan(relation)? {
            LogicalPlan::SubqueryAlias(marked) => Arc::unwrap_or_clone(marked.input),
            plan => plan,
        };
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(with_common_types(plan)?, alias))))
    }
}

/// The plan with common types in every CASE and UNION.
pub(crate) fn with_common_types(plan: LogicalPlan) -> Result<LogicalPlan> {
    let unchanged = plan.clone();
    let planned = plan.transform_up_with_subqueries(|plan| {
        let mut schema = merge_schema(&plan.inputs());
        if let LogicalPlan::TableScan(scan) = &plan {
            schema.merge(&scan.projected_schema);
        }
        let names = NamePreserver::new(&plan);
        let planned = plan.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(with_common_cases(expr, &schema)?.update_data(|expr| name.restore(expr)))
        })?;
        let changed = planned.transformed;
        let plan = planned.data.recompute_schema()?;
        match plan {
            LogicalPlan::Union(union) => union_of_common_types(union),
            plan => Ok(Transformed::new_transformed(plan, changed)),
        }
    })?;
    Ok(if planned.transformed { planned.data } else { unchanged })
}

fn with_common_cases(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| match expr {
        Expr::Case(case) => case_of_common_type(case, schema),
        Expr::ScalarFunction(function) if ONE_TYPE.contains(&function.func.name()) => {
            arguments_of_common_type(function, schema)
        }
        expr => Ok(Transformed::no(expr)),
    })
}

fn case_of_common_type(mut case: Case, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let branches = || case.when_then_expr.iter().map(|(_, then)| then).chain(&case.else_expr);
    let mut types = branches().map(|branch| branch.get_type(schema)).collect::<Result<Vec<_>>>()?;
    let takes_any_type =
        |branch: &Expr| matches!(branch, Expr::Literal(value, _) if value.data_type().is_string());
    if branches().zip(&types).all(|(branch, data_type)| takes_any_type(branch) || !data_type.is_string()) {
        // Between numbers or dates a text literal is one of them, as PostgreSQL's unknown literals are.
        for (branch, data_type) in branches().zip(&mut types) {
            if takes_any_type(branch) {
                *data_type = DataType::Null;
            }
        }
    }
    let Some(common) = differing(types.iter()) else { return Ok(Transformed::no(Expr::Case(case))) };
    let branches = case.when_then_expr.iter_mut().map(|(_, then)| then).chain(&mut case.else_expr);
    for (branch, data_type) in branches.zip(&types) {
        if let Some(literal) = text_literal(branch)
            && *data_type == DataType::Null
            && !is_super(&common)
        {
            **branch = literal_of(literal, &common)?;
        } else if *data_type != common {
            // A plan's names leave casts out; sum(CASE …) is another column without this one.
            let name = format!("{}::{common}", branch.schema_name());
            **branch = cast(std::mem::take(branch.as_mut()), common.clone()).alias(name);
        }
    }
    Ok(Transformed::yes(Expr::Case(case)))
}

/// COALESCE, GREATEST, … of numbers or dates and a text literal: the literal is one of them.
fn arguments_of_common_type(mut function: ScalarFunction, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let mut others = Vec::with_capacity(function.args.len());
    for argument in &function.args {
        let data_type = argument.get_type(schema)?;
        if text_literal(argument).is_none() && !data_type.is_null() {
            others.push(data_type);
        }
    }
    let Some(first) = others.first() else { return Ok(Transformed::no(Expr::ScalarFunction(function))) };
    let common = differing(others.iter()).unwrap_or_else(|| first.clone());
    let of_text = others.iter().any(|other| other.is_string() || is_super(other));
    if of_text || !function.args.iter().any(|argument| text_literal(argument).is_some()) {
        return Ok(Transformed::no(Expr::ScalarFunction(function)));
    }
    for argument in &mut function.args {
        if let Some(literal) = text_literal(argument) {
            *argument = literal_of(literal, &common)?;
        }
    }
    Ok(Transformed::yes(Expr::ScalarFunction(function)))
}

fn text_literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) if value.data_type().is_string() => value.try_as_str().flatten(),
        _ => None,
    }
}

/// A literal between values of a type, as one of them.
fn literal_of(text: &str, data_type: &DataType) -> Result<Expr> {
    let Some(to) = RedshiftType::of_arrow(data_type) else {
        return Ok(cast(Expr::Literal(ScalarValue::from(text), None), data_type.clone()));
    };
    let array: ArrayRef = Arc::new(StringViewArray::from(vec![text]));
    let converted = convert(&array, to, Rule::Cast).map_err(|error| match to.is_integer() {
        true => sql_err(
            SqlState::InvalidTextRepresentation,
            format!("invalid input syntax for integer: \"{text}\""),
        ),
        false => error,
    })?;
    Ok(Expr::Literal(ScalarValue::try_from_array(&converted, 0)?, None))
}

fn union_of_common_types(union: Union) -> Result<Transformed<LogicalPlan>> {
    let mut changed = false;
    let mut fields = Vec::with_capacity(union.schema.fields().len());
    for (index, (qualifier, field)) in union.schema.iter().enumerate() {
        let inputs = || union.inputs.iter().filter_map(|input| input.schema().fields().get(index));
        let common = differing(inputs().map(|input| input.data_type()));
        // The declared type (a length, say) holds for the column if all inputs have it.
        let declared = common.is_none() && inputs().all(|input| input.metadata() == field.metadata());
        let data_type = common.unwrap_or_else(|| field.data_type().clone());
        changed |= data_type != *field.data_type()
            || inputs().any(|input| *input.data_type() != data_type)
            || !declared;
        let mut planned = Field::new(field.name(), data_type, field.is_nullable());
        if declared {
            planned = planned.with_metadata(field.metadata().clone());
        }
        fields.push((qualifier.cloned(), Arc::new(planned)));
    }
    if !changed {
        return Ok(Transformed::no(LogicalPlan::Union(union)));
    }
    let schema = Arc::new(DFSchema::new_with_metadata(fields, union.schema.as_arrow().metadata().clone())?);
    let inputs = union
        .inputs
        .into_iter()
        .map(|input| coerce_plan_expr_for_schema(Arc::unwrap_or_clone(input), &schema).map(Arc::new));
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    Ok(Transformed::yes(LogicalPlan::Union(Union { inputs, schema })))
}

/// The common type of `types`, if they differ and have one.
fn differing<'a>(types: impl Iterator<Item = &'a DataType>) -> Option<DataType> {
    let mut types = types.peekable();
    let mut common = (*types.peek()?).clone();
    let mut differ = false;
    for data_type in types {
        if *data_type != common {
            differ = true;
            common = common_type(&common, data_type)?;
        }
    }
    differ.then_some(common)
}

fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    if left.is_numeric() && right.is_numeric() && (left.is_floating() || right.is_floating()) {
        return Some(DataType::Float64);
    }
    if is_super(left) || is_super(right) {
        return Some(RedshiftType::Super.planned_type());
    }
    if left.is_string() || right.is_string() {
        return Some(DataType::Utf8View);
    }
    type_union_coercion(left, right)
}
