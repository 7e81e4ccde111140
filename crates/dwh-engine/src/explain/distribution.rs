//! How the rows of a join would move between the nodes of a cluster (the guide's page "Evaluating the query
//! plan"): DS_DIST_NONE, DS_DIST_ALL_NONE, DS_DIST_INNER, DS_DIST_OUTER, DS_DIST_BOTH, DS_BCAST_INNER.

use datafusion::logical_expr::{Expr, LogicalPlan};
use dwh_storage::Distribution;

use crate::estimate;

/// Automatic distribution keeps tables up to about this many rows on every node.
const SMALL_ROWS: u64 = 10_000;

/// Where the rows of one side of a join lie.
#[derive(Debug, PartialEq, Eq)]
enum Placement {
    /// On every node.
    Everywhere,
    /// By the values of this column.
    By(String),
    /// Evenly.
    Anywhere,
}

/// The movement of rows for equalities of `outer` and `inner`.
pub(super) fn of_join(
    outer: &LogicalPlan,
    inner: &LogicalPlan,
    on: &[(&Expr, &Expr)],
    rows: (f64, f64),
) -> &'static str {
    let (of_outer, of_inner) = (placement(outer), placement(inner));
    let by = |placement: &Placement, expression: &Expr| match (placement, expression) {
        (Placement::By(column), Expr::Column(key)) => key.name == *column,
        _ => false,
    };
    let by_outer = on.iter().any(|(key, _)| by(&of_outer, key));
    let by_inner = on.iter().any(|(_, key)| by(&of_inner, key));
    let together = on.iter().any(|(left, right)| by(&of_outer, left) && by(&of_inner, right));
    match (&of_outer, &of_inner) {
        (_, Placement::Everywhere) => "DS_DIST_ALL_NONE",
        (Placement::Everywhere, _) => "DS_DIST_ALL_INNER",
        _ if together => "DS_DIST_NONE",
        _ if on.is_empty() || rows.1 * 10.0 < rows.0 => "DS_BCAST_INNER",
        _ if by_outer => "DS_DIST_INNER",
        _ if by_inner => "DS_DIST_OUTER",
        _ => "DS_DIST_BOTH",
    }
}

fn placement(plan: &LogicalPlan) -> Placement {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let Some(table) = estimate::stored(scan) else { return Placement::Everywhere };
            match &table.definition.attributes.distribution {
                Distribution::All => Placement::Everywhere,
                Distribution::Auto if table.row_count() <= SMALL_ROWS => Placement::Everywhere,
                Distribution::Key(column) => Placement::By(column.clone()),
                Distribution::Even | Distribution::Auto => Placement::Anywhere,
            }
        }
        LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Projection(_) => {
            plan.inputs().first().map_or(Placement::Anywhere, |input| placement(input))
        }
        LogicalPlan::Join(join) => match placement(&join.left) {
            Placement::Everywhere => placement(&join.right),
            placement => placement,
        },
        LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Placement::Everywhere,
        _ => Placement::Anywhere,
    }
}
