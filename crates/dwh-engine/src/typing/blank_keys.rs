//! `blank_keys`: texts that differ in trailing blanks alone are one group, one distinct value, one partition
//! (RS 3.3). The value shown for them has no trailing blanks.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, GroupingSet, WindowFunction};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast,
};
use datafusion::optimizer::AnalyzerRule;

use super::rewrite::rewrite_nodes;
use crate::functions::text::rtrim_blanks;

/// Takes trailing blanks off what values are told apart by.
#[derive(Debug)]
pub(super) struct BlankKeys;

impl AnalyzerRule for BlankKeys {
    fn name(&self) -> &str {
        "redshift_blank_keys"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_nodes(plan, &rewrite, &rewrite_node)
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::Utf8View)
}

/// `COUNT(DISTINCT text)` and its kin, PARTITION BY.
fn rewrite(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::AggregateFunction(AggregateFunction { func, mut params }) if params.distinct => {
            let mut changed = false;
            // What a DISTINCT aggregate is sorted by must stay among its arguments.
            let sorts = params.order_by.iter_mut().map(|sort| &mut sort.expr);
            for expr in params.args.iter_mut().chain(sorts) {
                changed |= trim(expr, schema)?;
            }
            let expr = Expr::AggregateFunction(AggregateFunction { func, params });
            Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
        }
        Expr::WindowFunction(mut window) => {
            let changed = trim_partitions(&mut window, schema)?;
            let expr = Expr::WindowFunction(window);
            Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
        }
        other => Ok(Transformed::no(other)),
    }
}

fn trim_partitions(window: &mut WindowFunction, schema: &DFSchema) -> Result<bool> {
    let mut changed = false;
    for expr in &mut window.params.partition_by {
        changed |= trim(expr, schema)?;
    }
    Ok(changed)
}

/// A key without trailing blanks; constants are alike in all rows.
fn trim(expr: &mut Expr, schema: &DFSchema) -> Result<bool> {
    let data_type = expr.get_type(schema)?;
    let trims = is_text(&data_type) && expr.any_column_refs();
    if trims {
        *expr = trimmed(std::mem::take(expr), data_type);
    }
    Ok(trims)
}

/// A text without trailing blanks, in the Arrow type that it has: the schema above is settled.
fn trimmed(expr: Expr, data_type: DataType) -> Expr {
    match data_type {
        DataType::Utf8View => rtrim_blanks(expr),
        other => cast(rtrim_blanks(expr), other),
    }
}

/// GROUP BY, and DISTINCT of whole rows (UNION among them).
fn rewrite_node(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Aggregate(aggregate) => group(aggregate),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let schema = input.schema();
            if !schema.fields().iter().any(|field| is_text(field.data_type())) {
                return Ok(LogicalPlan::Distinct(Distinct::All(input)));
            }
            let columns: Vec<Expr> = schema
                .iter()
                .map(|(qualifier, field)| {
                    let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
                    if is_text(field.data_type()) {
                        let trimmed = trimmed(column, field.data_type().clone());
                        trimmed.alias_qualified(qualifier.cloned(), field.name())
                    } else {
                        column
                    }
                })
                .collect();
            let trimmed = LogicalPlanBuilder::from((*input).clone()).project(columns)?.build()?;
            Ok(LogicalPlan::Distinct(Distinct::All(trimmed.into())))
        }
        other => Ok(other),
    }
}

/// The groups by their trimmed keys, under the names of the keys.
fn group(aggregate: Aggregate) -> Result<LogicalPlan> {
    let input_schema = aggregate.input.schema();
    let mut group_expr = aggregate.group_expr.clone();
    let mut changed = false;
    for expr in &mut group_expr {
        match expr {
            Expr::GroupingSet(sets) => changed |= trim_sets(sets, input_schema)?,
            expr => changed |= trim(expr, input_schema)?,
        }
    }
    if !changed {
        return Ok(LogicalPlan::Aggregate(aggregate));
    }
    let before = aggregate.schema.clone();
    let aggr_expr = aggregate.aggr_expr.into_iter().map(|expr| grouping_of_trimmed(expr, input_schema));
    let aggr_expr = aggr_expr.collect::<Result<Vec<_>>>()?;
    let grouped = Aggregate::try_new(Arc::clone(&aggregate.input), group_expr, aggr_expr)?;
    let columns: Vec<Expr> = grouped
        .schema
        .columns()
        .into_iter()
        .zip(before.iter())
        // DataFusion's own column, which it drops where it works out GROUPING.
        .filter(|(column, _)| column.name != Aggregate::INTERNAL_GROUPING_ID)
        .map(|(column, (qualifier, field))| {
            if column.relation.as_ref() == qualifier && column.name == *field.name() {
                Expr::Column(column)
            } else {
                Expr::Column(column).alias_qualified(qualifier.cloned(), field.name())
            }
        })
        .collect();
    LogicalPlanBuilder::from(LogicalPlan::Aggregate(grouped)).project(columns)?.build()
}

/// `GROUPING(key)` names a key as GROUP BY has it.
fn grouping_of_trimmed(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let named = expr.transform_up(|expr| match expr {
        Expr::AggregateFunction(mut call) if call.func.name() == "grouping" => {
            for arg in &mut call.params.args {
                trim(arg, schema)?;
            }
            Ok(Transformed::yes(Expr::AggregateFunction(call)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(named.data)
}

fn trim_sets(sets: &mut GroupingSet, schema: &DFSchema) -> Result<bool> {
    let mut changed = false;
    match sets {
        GroupingSet::Rollup(exprs) | GroupingSet::Cube(exprs) => {
            for expr in exprs {
                changed |= trim(expr, schema)?;
            }
        }
        GroupingSet::GroupingSets(lists) => {
            for expr in lists.iter_mut().flatten() {
                changed |= trim(expr, schema)?;
            }
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn trailing_blanks_make_no_group_of_their_own() {
        let text = RedshiftType::Varchar(10);
        let session = TestSession::new().with_table(
            "t",
            &[
                ("c", text, &[Some("a"), Some("a "), Some(" a"), None]),
                ("n", RedshiftType::Integer, &[Some("1"), Some("2"), Some("4"), Some("8")]),
            ],
        );
        let rows = |sql: &str| session.rows(sql).expect(sql);
        assert_eq!(rows("SELECT c, sum(n) FROM t GROUP BY c ORDER BY 2"), ["a|3", " a|4", "NULL|8"]);
        assert_eq!(
            rows("SELECT upper(c) AS u, count(*) FROM t GROUP BY u ORDER BY 2 DESC, 1 LIMIT 1"),
            ["A|2"]
        );
        assert_eq!(rows("SELECT count(*) FROM (SELECT DISTINCT c FROM t) AS d"), ["3"]);
        assert_eq!(rows("SELECT count(*) FROM (SELECT c FROM t UNION SELECT 'a   ') AS d"), ["3"]);
        assert_eq!(rows("SELECT count(DISTINCT c) FROM t"), ["2"]);
        assert_eq!(
            rows(
                "SELECT max(k) FROM (SELECT row_number() OVER (PARTITION BY c ORDER BY n) AS k FROM t) AS w"
            ),
            ["2"]
        );
        assert_eq!(
            rows("SELECT c, sum(n) FROM t GROUP BY ROLLUP (c) ORDER BY 2"),
            ["a|3", " a|4", "NULL|8", "NULL|15"]
        );
    }
}
