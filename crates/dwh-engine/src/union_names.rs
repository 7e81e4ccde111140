//! Gives every input of a union the names of the union's columns.
//!
//! `SELECT b FROM t WHERE false UNION ALL SELECT a FROM u INTERSECT …` is its second input alone, once DataFusion has
//! found the first to be empty; and then it looks in it for `b`.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Union};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// To run before empty inputs are left out.
#[derive(Debug)]
pub(crate) struct UnionNames;

impl OptimizerRule for UnionNames {
    fn name(&self) -> &str {
        "union_names"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Union(mut union) = plan else { return Ok(Transformed::no(plan)) };
        let mut renamed = false;
        for at in 0..union.inputs.len() {
            if let Some(input) = named_as(&union, &union.inputs[at])? {
                union.inputs[at] = Arc::new(input);
                renamed = true;
            }
        }
        let plan = LogicalPlan::Union(union);
        Ok(if renamed { Transformed::yes(plan) } else { Transformed::no(plan) })
    }
}

/// The input under the union's names, unless it has them.
fn named_as(union: &Union, input: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    let names: Vec<&String> = union.schema.fields().iter().map(|field| field.name()).collect();
    if input.schema().fields().iter().map(|field| field.name()).eq(names.iter().copied()) {
        return Ok(None);
    }
    let columns = input.schema().iter().zip(names).map(|(field, name)| {
        let column = Column::from(field);
        if column.name == *name { Expr::Column(column) } else { Expr::Column(column).alias(name) }
    });
    LogicalPlanBuilder::from(input.clone()).project(columns.collect::<Vec<_>>())?.build().map(Some)
}
