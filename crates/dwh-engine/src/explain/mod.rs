//! Plans as Redshift shows them (the guide's pages EXPLAIN and "Query plan"): `XN …` lines with cost, rows and
//! width, conditions below them, and how the rows of a join would move between nodes.
//!
//! The nodes are those of the optimized plan; costs and rows are estimates from the tables' counts. What a step
//! did when the statement ran is in `steps`.

mod behind;
mod distribution;
mod expression;
mod steps;
mod translate;

use datafusion::logical_expr::LogicalPlan;
use dwh_storage::PlanNodeRecord;

pub(crate) use steps::steps;

/// A node of a plan.
#[derive(Debug, Clone, Default)]
struct Node {
    /// e.g. `XN Hash Join DS_DIST_NONE`.
    title: String,
    startup_cost: f64,
    total_cost: f64,
    rows: f64,
    width: usize,
    /// Lines below it: conditions, keys.
    details: Vec<String>,
    children: Vec<Self>,
}

impl Node {
    fn line(&self) -> String {
        format!(
            "{}  (cost={:.2}..{:.2} rows={:.0} width={})",
            self.title, self.startup_cost, self.total_cost, self.rows, self.width
        )
    }
}

/// The lines of EXPLAIN.
pub(crate) fn lines(plan: &LogicalPlan) -> Vec<String> {
    let root = translate::translate(plan);
    let mut lines = Vec::new();
    write(&root, 0, &mut lines);
    if has_nested_loop(&root) {
        // The guide's page "Query plan" shows it for every nested loop.
        lines.push(
            " ----- Nested Loop Join in the query plan - review the join predicates to avoid Cartesian products -----"
                .to_owned(),
        );
    }
    lines
}

/// The nodes for stl_explain.
pub(crate) fn plan_nodes(plan: &LogicalPlan, query_id: i64) -> Vec<PlanNodeRecord> {
    let mut nodes = Vec::new();
    number(&translate::translate(plan), 0, 0, query_id, &mut nodes);
    nodes
}

/// PostgreSQL's indentation: an arrow before each child, details two blanks behind their node's title.
fn write(node: &Node, depth: usize, lines: &mut Vec<String>) {
    let line = node.line();
    match depth {
        0 => lines.push(line),
        _ => lines.push(format!("{}->  {line}", " ".repeat(6 * depth - 4))),
    }
    let indent = " ".repeat(6 * depth + 2);
    lines.extend(node.details.iter().map(|detail| format!("{indent}{detail}")));
    for child in &node.children {
        write(child, depth + 1, lines);
    }
}

fn has_nested_loop(node: &Node) -> bool {
    node.title.starts_with("XN Nested Loop") || node.children.iter().any(has_nested_loop)
}

fn number(node: &Node, parent_id: i64, depth: usize, query_id: i64, nodes: &mut Vec<PlanNodeRecord>) {
    let node_id = nodes.len() as i64 + 1;
    let arrow = if depth == 0 { String::new() } else { format!("{}->  ", " ".repeat(2 * depth)) };
    nodes.push(PlanNodeRecord {
        query_id,
        node_id,
        parent_id,
        text: format!("{arrow}{}", node.line()),
        info: node.details.join(" "),
    });
    for child in &node.children {
        number(child, node_id, depth + 1, query_id, nodes);
    }
}
