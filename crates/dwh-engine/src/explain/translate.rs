//! From the optimized plan to Redshift's nodes.

use datafusion::common::JoinType;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Join, Limit, LogicalPlan, Sort, TableScan, Union, Window,
};

use super::behind::behind;
use super::{Node, distribution, expression};
use crate::estimate;
use crate::policies::Secured;
use crate::shared_subplans;

/// Cost of reading one row, as Redshift's plans have it: 202 rows cost 2.02.
const SCAN_COST: f64 = 0.01;
/// What the leader's work costs more than all others', so that it shows.
const LEADER_COST: f64 = 1_000_000_000_000.0;

const SUBQUERY_SCAN: &str = "XN Subquery Scan";

pub(super) fn translate(plan: &LogicalPlan) -> Node {
    match plan {
        LogicalPlan::TableScan(scan) => match shared_subplans::input_of(scan) {
            // Its place gives it a name.
            Some(input) => above(SUBQUERY_SCAN, translate(&input), |rows| rows),
            None => scanned(scan, &scan.filters.iter().collect::<Vec<_>>()),
        },
        LogicalPlan::Filter(filter) => filtered(&filter.input, &filter.predicate),
        LogicalPlan::Projection(_) | LogicalPlan::Repartition(_) | LogicalPlan::Unnest(_) => {
            let mut node = only_input(plan);
            node.width = estimate::width(plan.schema());
            node
        }
        LogicalPlan::SubqueryAlias(alias) => match alias.input.as_ref() {
            LogicalPlan::TableScan(scan) if is_table(scan) => {
                renamed(translate(plan.inputs()[0]), scan, alias.alias.table())
            }
            LogicalPlan::Filter(filter) => match filter.input.as_ref() {
                LogicalPlan::TableScan(scan) if is_table(scan) => {
                    renamed(translate(plan.inputs()[0]), scan, alias.alias.table())
                }
                _ => subquery(plan, alias.alias.table()),
            },
            _ => subquery(plan, alias.alias.table()),
        },
        LogicalPlan::Aggregate(aggregate) => aggregation(plan, aggregate),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let child = translate(input);
            above("XN Unique", child, |rows| distinct_rows(rows, 2))
        }
        LogicalPlan::Distinct(Distinct::On(on)) => above("XN Unique", translate(&on.input), |rows| rows),
        LogicalPlan::Sort(sort) => sorted(sort),
        LogicalPlan::Limit(limit) => limited(limit),
        LogicalPlan::Join(join) => joined(plan, join),
        LogicalPlan::Union(union) => appended(plan, union),
        LogicalPlan::Window(window) => windowed(plan, window),
        LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Node {
            title: "XN Result".to_owned(),
            total_cost: SCAN_COST,
            rows: if let LogicalPlan::Values(values) = plan { values.values.len() as f64 } else { 1.0 },
            width: estimate::width(plan.schema()),
            ..Node::default()
        },
        LogicalPlan::RecursiveQuery(recursive) => {
            let children = vec![translate(&recursive.static_term), translate(&recursive.recursive_term)];
            Node {
                title: "XN Recursive Union".to_owned(),
                total_cost: children.iter().map(|child| child.total_cost).sum(),
                rows: children.iter().map(|child| child.rows).sum(),
                width: estimate::width(plan.schema()),
                children,
                ..Node::default()
            }
        }
        _ => only_input(plan),
    }
}

/// The node of a plan's one input, for what has no node of its own.
fn only_input(plan: &LogicalPlan) -> Node {
    plan.inputs().first().map(|input| translate(input)).unwrap_or_default()
}

/// Not the result of a sub-query that several places read.
fn is_table(scan: &TableScan) -> bool {
    shared_subplans::input_of(scan).is_none()
}

/// A table, or what policies show of it: the nodes behind them only to whoever may see those.
fn scanned(scan: &TableScan, filters: &[&Expr]) -> Node {
    let secured = Secured::behind(scan, |secured| {
        (translate(secured.plan()), secured.is_by_rows(), secured.is_shown())
    });
    let Some((behind, by_rows, is_shown)) = secured else {
        let stored = estimate::stored(scan);
        // Tables of the catalog are the leader node's.
        let node = if stored.is_some() { "XN" } else { "LD" };
        let all = stored.map_or(1000.0, |table| table.row_count() as f64);
        return table_scan(scan, filters, &format!("{node} Seq Scan on"), all);
    };
    let title = if by_rows { "XN RLS SecureScan" } else { "XN Seq Scan on" };
    let mut node = table_scan(scan, filters, title, behind.rows);
    node.total_cost = behind.total_cost;
    if by_rows && is_shown {
        node.children.push(behind);
    }
    node
}

fn table_scan(scan: &TableScan, filters: &[&Expr], title: &str, all: f64) -> Node {
    let kept: f64 = filters.iter().map(|filter| estimate::selectivity(filter)).product();
    let details = match filters {
        [] => Vec::new(),
        [one] => vec![format!("Filter: {}", expression::text(one))],
        all => {
            let texts: Vec<String> = all.iter().map(|filter| expression::text(filter)).collect();
            vec![format!("Filter: ({})", texts.join(" AND "))]
        }
    };
    Node {
        title: format!("{title} {}", scan.table_name.table()),
        total_cost: all * SCAN_COST,
        rows: at_least_one(all * kept, all),
        width: estimate::width(&scan.projected_schema),
        details,
        ..Node::default()
    }
}

fn renamed(mut node: Node, scan: &TableScan, alias: &str) -> Node {
    if alias != scan.table_name.table() {
        node.title = format!("{} {alias}", node.title);
    }
    node
}

fn subquery(plan: &LogicalPlan, name: &str) -> Node {
    let mut child = only_input(plan);
    if child.title == SUBQUERY_SCAN {
        child.title = format!("{SUBQUERY_SCAN} {name}");
    }
    if child.title.starts_with(SUBQUERY_SCAN) {
        return child;
    }
    let mut node = above(&format!("{SUBQUERY_SCAN} {name}"), child, |rows| rows);
    node.total_cost += node.rows * SCAN_COST;
    node
}

fn filtered(input: &LogicalPlan, predicate: &Expr) -> Node {
    if let LogicalPlan::TableScan(scan) = input
        && is_table(scan)
    {
        let filters: Vec<&Expr> = scan.filters.iter().chain(split_conjunction(predicate)).collect();
        return scanned(scan, &filters);
    }
    let mut node = translate(input);
    node.rows = at_least_one(node.rows * estimate::selectivity(predicate), node.rows);
    node.details.push(format!("Filter: {}", text_over(predicate, input)));
    node
}

/// A node over one child, which it reads once.
fn above(title: &str, child: Node, rows: impl FnOnce(f64) -> f64) -> Node {
    Node {
        title: title.to_owned(),
        startup_cost: child.total_cost,
        total_cost: child.total_cost,
        rows: rows(child.rows),
        width: child.width,
        details: Vec::new(),
        children: vec![child],
    }
}

fn aggregation(plan: &LogicalPlan, aggregate: &Aggregate) -> Node {
    let child = translate(&aggregate.input);
    let groups = aggregate.group_expr.len();
    let title = match (groups, aggregate.aggr_expr.len()) {
        (0, _) => "XN Aggregate",
        // What is left of SELECT DISTINCT.
        (_, 0) => "XN Unique",
        _ => "XN HashAggregate",
    };
    let work = child.rows * 0.0025 * aggregate.aggr_expr.len().max(1) as f64;
    let mut node = above(title, child, |rows| distinct_rows(rows, groups));
    node.startup_cost += work;
    node.total_cost += 2.0 * work;
    node.width = estimate::width(plan.schema());
    node
}

/// Groups that rows fall into, by the number of keys.
fn distinct_rows(rows: f64, keys: usize) -> f64 {
    at_least_one(estimate::groups(rows, keys), rows)
}

/// Each slice sorts, the leader merges what they send.
fn sorted(sort: &Sort) -> Node {
    let keys: Vec<String> = sort.expr.iter().map(|key| text_over(&key.expr, &sort.input)).collect();
    let keys = keys.join(", ");
    let child = translate(&sort.input);
    let rows = child.rows;
    let mut sorted = above("XN Sort", child, |rows| rows);
    sorted.startup_cost += LEADER_COST;
    sorted.total_cost = sorted.startup_cost + rows * 0.0025;
    sorted.details.push(format!("Sort Key: {keys}"));
    let mut network = above("XN Network", sorted, |rows| rows);
    network.startup_cost = network.children[0].startup_cost;
    network.details.push("Send to leader".to_owned());
    let mut merged = above("XN Merge", network, |rows| rows);
    merged.startup_cost = merged.children[0].startup_cost;
    merged.details.push(format!("Merge Key: {keys}"));
    match sort.fetch {
        Some(fetch) => {
            let startup = merged.startup_cost;
            let mut limited = above("XN Limit", merged, |rows| rows.min(fetch as f64));
            limited.startup_cost = startup;
            limited
        }
        None => merged,
    }
}

fn limited(limit: &Limit) -> Node {
    let child = translate(&limit.input);
    if child.title == "XN Limit" {
        return child;
    }
    let fetch = match limit.fetch.as_deref() {
        Some(Expr::Literal(value, _)) => value.to_string().parse().unwrap_or(child.rows),
        _ => child.rows,
    };
    let (startup, part) = (child.startup_cost, (fetch / child.rows.max(1.0)).min(1.0));
    let mut node = above("XN Limit", child, |rows| rows.min(fetch));
    node.startup_cost = startup;
    node.total_cost = startup + (node.total_cost - startup) * part;
    node
}

fn joined(plan: &LogicalPlan, join: &Join) -> Node {
    let (left, right) = (translate(&join.left), translate(&join.right));
    // The smaller side is hashed, which Redshift calls inner; an outer join's preserved side is outer.
    let swaps = match join.join_type {
        JoinType::Inner => left.rows < right.rows,
        JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => true,
        _ => false,
    };
    let (outer, inner) = if swaps { (right, left) } else { (left, right) };
    let (outer_plan, inner_plan) = if swaps { (&join.right, &join.left) } else { (&join.left, &join.right) };
    let on: Vec<(&Expr, &Expr)> =
        join.on.iter().map(|(left, right)| if swaps { (right, left) } else { (left, right) }).collect();
    let movement = distribution::of_join(outer_plan, inner_plan, &on, (outer.rows, inner.rows));
    let kind = match join.join_type {
        JoinType::Inner => "Join",
        JoinType::Left | JoinType::Right => "Left Join",
        JoinType::Full => "Full Join",
        JoinType::LeftSemi | JoinType::RightSemi | JoinType::LeftMark | JoinType::RightMark => "IN Join",
        JoinType::LeftAnti | JoinType::RightAnti => "NOT IN Join",
    };
    let mut details = Vec::new();
    if let Some(filter) = &join.filter {
        details.push(format!("Join Filter: {}", expression::text(filter)));
    }
    let width = estimate::width(plan.schema());
    let (outer_rows, inner_rows) = (outer.rows, inner.rows);
    if on.is_empty() {
        let pairs = outer_rows * inner_rows.max(1.0);
        let kept = join.filter.as_ref().map_or(1.0, estimate::selectivity);
        let kind = kind.strip_suffix("Join").map(str::trim_end).unwrap_or_default();
        let blank = if kind.is_empty() { "" } else { " " };
        return Node {
            title: format!("XN Nested Loop{blank}{kind} {movement}"),
            startup_cost: inner.startup_cost,
            total_cost: outer.total_cost + inner.total_cost + pairs * SCAN_COST,
            rows: at_least_one(pairs * kept, pairs),
            width,
            details,
            children: vec![outer, inner],
        };
    }
    let conditions: Vec<String> =
        on.iter().map(|(outer, inner)| expression::join_condition(outer, inner)).collect();
    let condition = match &conditions[..] {
        [one] => one.clone(),
        all => format!("({})", all.join(" AND ")),
    };
    details.insert(0, format!("Hash Cond: {condition}"));
    let rows = match join.join_type {
        JoinType::LeftSemi | JoinType::RightSemi | JoinType::LeftAnti | JoinType::RightAnti => {
            outer_rows * 0.5
        }
        _ => outer_rows,
    };
    let hash_cost = inner.total_cost;
    let mut hash = above("XN Hash", inner, |rows| rows);
    hash.startup_cost = hash_cost;
    Node {
        title: format!("XN Hash {kind} {movement}"),
        startup_cost: hash_cost + inner_rows * 0.0025,
        total_cost: outer.total_cost + hash_cost + (outer_rows + inner_rows) * SCAN_COST,
        rows: at_least_one(rows, outer_rows),
        width,
        details,
        children: vec![outer, hash],
    }
}

fn appended(plan: &LogicalPlan, union: &Union) -> Node {
    let part = |(at, input): (usize, &std::sync::Arc<LogicalPlan>)| {
        above(&format!("XN Subquery Scan \"*SELECT* {}\"", at + 1), translate(input), |rows| rows)
    };
    let mut children: Vec<Node> = union.inputs.iter().enumerate().map(part).collect();
    for child in &mut children {
        child.startup_cost = child.children[0].startup_cost;
        child.total_cost += child.rows * SCAN_COST;
    }
    Node {
        title: "XN Append".to_owned(),
        startup_cost: 0.0,
        total_cost: children.iter().map(|child| child.total_cost).sum(),
        rows: children.iter().map(|child| child.rows).sum(),
        width: estimate::width(plan.schema()),
        details: Vec::new(),
        children,
    }
}

/// The rows of each partition are brought together and sorted first.
fn windowed(plan: &LogicalPlan, window: &Window) -> Node {
    let child = translate(&window.input);
    let (mut partition, mut order) = (Vec::new(), Vec::new());
    if let Some(Expr::WindowFunction(function)) = window.window_expr.first() {
        let text = |key: &Expr| text_over(key, &window.input);
        partition = function.params.partition_by.iter().map(text).collect();
        order = function.params.order_by.iter().map(|key| text(&key.expr)).collect();
    }
    let keys: Vec<String> = partition.iter().chain(&order).cloned().collect();
    let mut input = child;
    if !keys.is_empty() {
        let rows = input.rows;
        let mut sorted = above("XN Sort", input, |rows| rows);
        sorted.startup_cost += LEADER_COST;
        sorted.total_cost = sorted.startup_cost + rows * 0.0025;
        sorted.details.push(format!("Sort Key: {}", keys.join(", ")));
        input = sorted;
    }
    let startup = input.startup_cost;
    let mut node = above("XN Window", input, |rows| rows);
    node.startup_cost = startup;
    node.width = estimate::width(plan.schema());
    if !partition.is_empty() {
        node.details.push(format!("Partition: {}", partition.join(", ")));
    }
    if !order.is_empty() {
        node.details.push(format!("Order: {}", order.join(", ")));
    }
    node
}

/// An expression over a node, with what its columns stand for.
fn text_over(expression: &Expr, input: &LogicalPlan) -> String {
    let expression = behind(expression, input);
    if relations(input) > 1 { expression::qualified(&expression) } else { expression::text(&expression) }
}

/// Tables and named sub-queries that the plan brings together.
fn relations(plan: &LogicalPlan) -> usize {
    match plan {
        LogicalPlan::TableScan(_) | LogicalPlan::SubqueryAlias(_) => 1,
        _ => plan.inputs().into_iter().map(relations).sum(),
    }
}

fn at_least_one(rows: f64, of: f64) -> f64 {
    if of < 1.0 { rows } else { rows.max(1.0) }
}
