//! Outer columns replaced by the columns that hold their values.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan, Subquery};

use super::sub_query_of;

/// What stands for each outer column: a column of the same plan, or, in a sub-query, again an outer one.
pub(super) struct Binding<'a> {
    pub(super) outer: &'a [Column],
    pub(super) bound: &'a [Column],
}

impl Binding<'_> {
    fn of(&self, column: &Column) -> Option<&Column> {
        self.outer.iter().position(|outer| outer == column).map(|index| &self.bound[index])
    }

    /// An expression of a plan over `input`.
    pub(super) fn expression(&self, expr: Expr, input: &DFSchema) -> Result<Expr> {
        let bound = expr.transform_up(|expr| match expr {
            Expr::OuterReferenceColumn(field, column) => Ok(match self.of(&column) {
                Some(bound) => Transformed::yes(Expr::Column(bound.clone())),
                None => Transformed::no(Expr::OuterReferenceColumn(field, column)),
            }),
            expr if sub_query_of(&expr).is_some() => {
                Ok(Transformed::yes(self.sub_query_expression(expr, input)?))
            }
            expr => Ok(Transformed::no(expr)),
        })?;
        Ok(bound.data)
    }

    fn sub_query_expression(&self, expr: Expr, around: &DFSchema) -> Result<Expr> {
        let inner = |sub_query: Subquery| -> Result<Subquery> {
            let plan = self.inside(Arc::unwrap_or_clone(sub_query.subquery), &[around])?;
            let outer_ref_columns = plan.all_out_ref_exprs();
            Ok(Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: sub_query.spans })
        };
        Ok(match expr {
            Expr::ScalarSubquery(sub_query) => Expr::ScalarSubquery(inner(sub_query)?),
            Expr::Exists(mut exists) => {
                exists.subquery = inner(exists.subquery)?;
                Expr::Exists(exists)
            }
            Expr::InSubquery(mut in_sub_query) => {
                in_sub_query.subquery = inner(in_sub_query.subquery)?;
                Expr::InSubquery(in_sub_query)
            }
            Expr::SetComparison(mut comparison) => {
                comparison.subquery = inner(comparison.subquery)?;
                Expr::SetComparison(comparison)
            }
            other => other,
        })
    }

    /// A sub-query's plan: its references past the plans in `around` are to what stands for them.
    fn inside(&self, plan: LogicalPlan, around: &[&DFSchema]) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up(|node| {
            let schema = merge_schema(&node.inputs());
            let hidden = |column: &Column| around.iter().any(|schema| schema.has_column(column));
            let node = node.map_expressions(|expr| {
                expr.transform_up(|expr| match expr {
                    Expr::OuterReferenceColumn(field, column) => Ok(match self.of(&column) {
                        Some(bound) if !hidden(&column) => {
                            Transformed::yes(Expr::OuterReferenceColumn(field, bound.clone()))
                        }
                        _ => Transformed::no(Expr::OuterReferenceColumn(field, column)),
                    }),
                    expr => Ok(Transformed::no(expr)),
                })
            })?;
            let around: Vec<&DFSchema> = around.iter().copied().chain([&schema]).collect();
            let deeper =
                node.data.map_subqueries(|plan| Ok(Transformed::yes(self.inside(plan, &around)?)))?;
            Ok(Transformed::yes(deeper.data))
        })?;
        Ok(rewritten.data)
    }
}
