//! The outer columns that a plan needs.

use datafusion::arrow::datatypes::FieldRef;
use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::sub_query_of;

/// Outer columns of a plan, each once.
#[derive(Default)]
pub(super) struct FreeColumns {
    /// All of them, with their types.
    pub(super) columns: Vec<(FieldRef, Column)>,
    /// Whether a sub-query inside the plan needs one: it reaches past the plan that it stands in.
    pub(super) skips_a_level: bool,
}

/// The columns that a plan needs from outside, those that its own sub-queries need past it included.
pub(super) fn free_columns(plan: &LogicalPlan) -> Result<FreeColumns> {
    let mut free = FreeColumns::default();
    collect(plan, &mut free)?;
    Ok(free)
}

fn collect(plan: &LogicalPlan, free: &mut FreeColumns) -> Result<()> {
    let schema = merge_schema(&plan.inputs());
    plan.apply_expressions(|expr| {
        expr.apply(|expr| {
            if let Expr::OuterReferenceColumn(field, column) = expr {
                add(free, field, column);
            }
            if let Some(sub_query) = sub_query_of(expr) {
                for (field, column) in free_columns(sub_query)?.columns {
                    if !schema.has_column(&column) {
                        free.skips_a_level = true;
                        add(free, &field, &column);
                    }
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    plan.inputs().into_iter().try_for_each(|input| collect(input, free))
}

fn add(free: &mut FreeColumns, field: &FieldRef, column: &Column) {
    if !free.columns.iter().any(|(_, known)| known == column) {
        free.columns.push((FieldRef::clone(field), column.clone()));
    }
}
