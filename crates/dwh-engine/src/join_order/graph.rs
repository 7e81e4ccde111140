//! Inner joins that stand together, as inputs and the conditions between them.

use std::sync::Arc;

use datafusion::common::{Column, NullEquality};
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, Join, JoinConstraint, JoinType, LogicalPlan};

use super::cardinality::{Keys, rows};
use super::is_movable;
use super::selectivity::selectivity;

/// A set of inputs, a bit each.
type Inputs = u64;

pub(super) struct JoinGraph {
    inputs: Vec<LogicalPlan>,
    /// What each input is expected to give.
    input_rows: Vec<f64>,
    conditions: Vec<Condition>,
}

struct Condition {
    kind: Kind,
    /// What it asks of.
    inputs: Inputs,
}

enum Kind {
    /// `left = right`, of different inputs.
    Equality { left: Side, right: Side },
    /// Keeps this part of the pairs.
    Filter(Expr, f64),
}

/// A side of an equality.
struct Side {
    expr: Expr,
    /// What it asks of; more than one in `a.x + b.x = c.x`.
    inputs: Inputs,
    keys: Keys,
}

/// Inputs that are joined already.
struct Part {
    plan: LogicalPlan,
    inputs: Inputs,
    rows: f64,
}

impl JoinGraph {
    /// The joins from this one down, and what the written order costs: the rows that its joins hand on to others.
    /// `None` if there is no other order.
    pub(super) fn of(plan: &LogicalPlan) -> Result<Option<(Self, f64)>> {
        let mut flat = Flat::default();
        flat.add(plan);
        if !(3..=Inputs::BITS as usize).contains(&flat.inputs.len()) {
            return Ok(None);
        }
        let input_rows = flat.inputs.iter().map(rows).collect();
        let mut graph = Self { inputs: flat.inputs, input_rows, conditions: Vec::new() };
        for (left, right) in flat.on {
            let (of_left, of_right) = (graph.inputs_of(&left), graph.inputs_of(&right));
            let (Some(of_left), Some(of_right)) = (of_left, of_right) else { return Ok(None) };
            if of_left == 0 || of_right == 0 || of_left & of_right != 0 {
                return Ok(None);
            }
            let side = |expr: Expr, inputs: Inputs| {
                let keys = Keys::of(&expr, &graph.inputs[inputs.trailing_zeros() as usize]);
                Side { expr, inputs, keys }
            };
            let kind = Kind::Equality { left: side(left, of_left), right: side(right, of_right) };
            graph.conditions.push(Condition { kind, inputs: of_left | of_right });
        }
        for filter in flat.filters {
            let Some(inputs) = graph.inputs_of(&filter) else { return Ok(None) };
            let kept = selectivity(&filter, plan);
            graph.conditions.push(Condition { kind: Kind::Filter(filter, kept), inputs });
        }
        let mut cost = 0.0;
        let mut next = 0;
        let (_, result_rows) = graph.written(plan, &mut next, &mut cost);
        Ok(Some((graph, cost - result_rows)))
    }

    /// Rows of the joins as written, adding what each hands on to `cost`.
    fn written(&self, plan: &LogicalPlan, next: &mut usize, cost: &mut f64) -> (Inputs, f64) {
        if let Some(input) = passed_through(plan) {
            return self.written(input, next, cost);
        }
        let LogicalPlan::Join(join) = plan else { return self.leaf(next) };
        if !is_movable(join) {
            return self.leaf(next);
        }
        let (left, left_rows) = self.written(&join.left, next, cost);
        let (right, right_rows) = self.written(&join.right, next, cost);
        let rows = self.joined_rows((left, left_rows), (right, right_rows));
        *cost += rows;
        (left | right, rows)
    }

    fn leaf(&self, next: &mut usize) -> (Inputs, f64) {
        let at = *next;
        *next += 1;
        (1 << at, self.input_rows[at])
    }

    /// The joins in the greedy order, if their cost is below this one.
    pub(super) fn ordered(self, below: f64) -> Result<Option<LogicalPlan>> {
        let inputs = self.inputs.iter().zip(&self.input_rows).enumerate();
        let mut parts: Vec<Part> = inputs
            .map(|(at, (plan, rows))| Part { plan: plan.clone(), inputs: 1 << at, rows: *rows })
            .collect();
        let mut cost = 0.0;
        while parts.len() > 1 {
            let (one, other, rows) = self.next_pair(&parts);
            if parts.len() > 2 {
                cost += rows;
            }
            if cost >= below {
                return Ok(None);
            }
            let second = parts.swap_remove(other);
            let first = parts.swap_remove(one);
            parts.push(self.join(first, second, rows)?);
        }
        Ok(parts.pop().map(|part| part.plan))
    }

    /// Positions of the two parts to be joined next, the later one last, and the rows of their join. Parts without
    /// a condition between them come when nothing else is left, and those with an equality first.
    fn next_pair(&self, parts: &[Part]) -> (usize, usize, f64) {
        let mut best = (0, 1, f64::INFINITY);
        let mut best_rank = u8::MAX;
        for (other, second) in parts.iter().enumerate() {
            for (one, first) in parts[..other].iter().enumerate() {
                let rank = self.rank(first.inputs, second.inputs);
                let rows = self.joined_rows((first.inputs, first.rows), (second.inputs, second.rows));
                if rank < best_rank || (rank == best_rank && rows < best.2) {
                    best = (one, other, rows);
                    best_rank = rank;
                }
            }
        }
        best
    }

    fn rank(&self, one: Inputs, other: Inputs) -> u8 {
        let between = || self.between(one, other);
        if between().any(|condition| condition.sides(one, other).is_some()) {
            0
        } else if between().next().is_some() {
            1
        } else {
            2
        }
    }

    /// The conditions that can be asked once both are joined, and not before.
    fn between(&self, one: Inputs, other: Inputs) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |condition| {
            condition.inputs & !(one | other) == 0
                && condition.inputs & !one != 0
                && condition.inputs & !other != 0
        })
    }

    fn joined_rows(&self, (one, one_rows): (Inputs, f64), (other, other_rows): (Inputs, f64)) -> f64 {
        let mut keys = (Keys::NONE, Keys::NONE);
        let mut kept = 1.0;
        for condition in self.between(one, other) {
            match (condition.sides(one, other), &condition.kind) {
                (Some((left, right)), _) => keys = (keys.0.and(left.keys), keys.1.and(right.keys)),
                (None, Kind::Filter(_, part)) => kept *= part,
                (None, Kind::Equality { left, right }) => kept *= left.keys.matching(right.keys),
            }
        }
        (one_rows * other_rows * keys.0.matching(keys.1) * kept).max(1.0)
    }

    fn join(&self, first: Part, second: Part, rows: f64) -> Result<Part> {
        // The left side is hashed.
        let (left, right) = if first.rows <= second.rows { (first, second) } else { (second, first) };
        let mut on = Vec::new();
        let mut filters = Vec::new();
        for condition in self.between(left.inputs, right.inputs) {
            match (condition.sides(left.inputs, right.inputs), &condition.kind) {
                (Some((left, right)), _) => on.push((left.expr.clone(), right.expr.clone())),
                (None, Kind::Equality { left, right }) => {
                    filters.push(left.expr.clone().eq(right.expr.clone()));
                }
                (None, Kind::Filter(filter, _)) => filters.push(filter.clone()),
            }
        }
        let inputs = left.inputs | right.inputs;
        let plan = LogicalPlan::Join(Join::try_new(
            Arc::new(left.plan),
            Arc::new(right.plan),
            on,
            conjunction(filters),
            JoinType::Inner,
            JoinConstraint::On,
            NullEquality::NullEqualsNothing,
            false,
        )?);
        Ok(Part { plan, inputs, rows })
    }

    /// The inputs that an expression asks of; `None` if there is none for one of its columns.
    fn inputs_of(&self, expr: &Expr) -> Option<Inputs> {
        let is_of = |plan: &LogicalPlan, column: &Column| {
            plan.schema()
                .iter()
                .any(|(of, field)| of == column.relation.as_ref() && *field.name() == column.name)
        };
        let input_of = |column: &Column| self.inputs.iter().position(|plan| is_of(plan, column));
        expr.column_refs().into_iter().try_fold(0, |known, column| Some(known | 1 << input_of(column)?))
    }
}

impl Condition {
    /// The sides of an equality as those of a join, if each is asked of one side alone.
    fn sides(&self, left: Inputs, right: Inputs) -> Option<(&Side, &Side)> {
        let Kind::Equality { left: one, right: other } = &self.kind else { return None };
        if one.inputs & !left == 0 && other.inputs & !right == 0 {
            Some((one, other))
        } else if one.inputs & !right == 0 && other.inputs & !left == 0 {
            Some((other, one))
        } else {
            None
        }
    }
}

/// Inputs and conditions of joins that stand together, in the written order.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) inputs: Vec<LogicalPlan>,
    on: Vec<(Expr, Expr)>,
    filters: Vec<Expr>,
}

impl Flat {
    pub(super) fn add(&mut self, plan: &LogicalPlan) {
        if let Some(input) = passed_through(plan) {
            return self.add(input);
        }
        match plan {
            LogicalPlan::Join(join) if is_movable(join) => {
                self.add(&join.left);
                self.add(&join.right);
                self.on.extend(join.on.iter().cloned());
                self.filters.extend(join.filter.iter().flat_map(split_conjunction).cloned());
            }
            _ => self.inputs.push(plan.clone()),
        }
    }

    /// Whether a condition asks of a column of the plan.
    pub(super) fn asks_of(&self, plan: &LogicalPlan) -> bool {
        let of_keys = self.on.iter().flat_map(|(left, right)| [left, right]);
        let asked = of_keys.chain(&self.filters).flat_map(Expr::column_refs);
        asked.into_iter().any(|column| plan.schema().has_column(column))
    }
}

/// The join below a projection that only leaves columns out.
pub(super) fn passed_through(plan: &LogicalPlan) -> Option<&LogicalPlan> {
    let LogicalPlan::Projection(projection) = plan else { return None };
    let is_join = matches!(&*projection.input, LogicalPlan::Join(join) if is_movable(join));
    let is_plain = || projection.expr.iter().all(|expr| matches!(expr, Expr::Column(_)));
    (is_join && is_plain()).then_some(&projection.input)
}
