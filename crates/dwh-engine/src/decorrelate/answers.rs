//! Each sub-query's answer as a column: joined to the rows that ask for it.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{
    Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, binary_expr, lit, when,
};

use super::dependent_join::Domain;
use super::free_columns::free_columns;
use super::simple::{Place, is_left_to_datafusion};
use super::single_value::{has_at_most_one_row, single_value};
use super::{Names, sub_query_of, unsupported};

/// A plan and the joins with the answers that its node above needs.
pub(super) struct Answers {
    /// The rows that ask, without answers.
    asking: LogicalPlan,
    answered: LogicalPlan,
    any: bool,
}

/// A sub-query's rows with the values of the outer columns that they belong to.
struct Joined {
    plan: LogicalPlan,
    /// Where the outer columns have those values.
    same: Vec<Expr>,
}

impl Answers {
    pub(super) fn new(asking: LogicalPlan) -> Self {
        Self { answered: asking.clone(), asking, any: false }
    }

    pub(super) fn any(&self) -> bool {
        self.any
    }

    pub(super) fn into_plan(self) -> LogicalPlan {
        self.answered
    }

    /// Replaces the sub-queries of an expression that are not left to DataFusion.
    pub(super) fn replace(&mut self, expr: Expr, place: &Place, names: &mut Names) -> Result<Expr> {
        let replaced = expr.transform_down(|expr| {
            let expr = match expr {
                Expr::SetComparison(comparison) => membership(comparison),
                expr => expr,
            };
            if sub_query_of(&expr).is_none() {
                return Ok(Transformed::no(expr));
            }
            if is_left_to_datafusion(&expr, place)? {
                let named = with_named_value(expr, names)?;
                self.any |= named.transformed;
                return Ok(named);
            }
            self.any = true;
            let answer = match expr {
                Expr::ScalarSubquery(sub_query) => self.value(&sub_query.subquery, names)?,
                Expr::Exists(Exists { subquery, negated }) => {
                    let found = self.mark(&subquery.subquery, None, names)?;
                    if negated { !found } else { found }
                }
                Expr::InSubquery(in_sub_query) => self.member(in_sub_query, place, names)?,
                Expr::SetComparison(comparison) => self.comparison(comparison, place, names)?,
                other => other,
            };
            Ok(Transformed::new(answer, true, TreeNodeRecursion::Jump))
        })?;
        Ok(replaced.data)
    }

    /// Makes a sub-query independent and gives it names of its own: `key_…` for the domain, `value` for the
    /// first column if `with_value`. `shape` may group its rows by the keys.
    fn joined(
        &self,
        sub_query: &LogicalPlan,
        with_value: bool,
        names: &mut Names,
        shape: impl FnOnce(LogicalPlan, Vec<Expr>) -> Result<LogicalPlan>,
    ) -> Result<(Joined, String)> {
        let outer: Vec<Column> = free_columns(sub_query)?
            .columns
            .into_iter()
            .map(|(_, column)| column)
            .filter(|column| self.asking.schema().has_column(column))
            .collect();
        let domain = Domain::new(&self.asking, outer, names)?;
        let attached = domain.attach(sub_query, names)?;
        let keys: Vec<String> = attached.domain.iter().map(|_| names.next("key")).collect();
        let mut columns: Vec<Expr> = attached
            .domain
            .iter()
            .zip(&keys)
            .map(|(column, key)| Expr::Column(column.clone()).alias(key))
            .collect();
        if with_value {
            let value = sub_query.schema().columns().swap_remove(0);
            columns.push(Expr::Column(value).alias(VALUE));
        } else if columns.is_empty() {
            columns.push(lit(true).alias(VALUE));
        }
        let plan = LogicalPlanBuilder::from(attached.plan).project(columns)?.build()?;
        let by_name = |key: &String| Expr::Column(Column::from_name(key));
        let plan = shape(plan, keys.iter().map(by_name).collect())?;
        let alias = names.next("sub_query");
        let plan = LogicalPlanBuilder::from(plan).alias(alias.as_str())?.build()?;
        let keys: Vec<Column> = keys.iter().map(|key| Column::new(Some(alias.as_str()), key)).collect();
        let same = same_values(&domain.outer, self.asking.schema(), &keys, plan.schema())?;
        Ok((Joined { plan, same }, alias))
    }

    fn join(&mut self, mut joined: Joined, join_type: JoinType) -> Result<()> {
        if joined.same.is_empty() {
            // Without outer columns every row has the same answer.
            joined.same.push(lit(true));
        }
        let asked = std::mem::replace(&mut self.answered, LogicalPlanBuilder::empty(false).build()?);
        self.answered =
            LogicalPlanBuilder::from(asked).join_on(joined.plan, join_type, joined.same)?.build()?;
        Ok(())
    }

    /// The value of a scalar sub-query, NULL if it has no row.
    fn value(&mut self, sub_query: &LogicalPlan, names: &mut Names) -> Result<Expr> {
        let one_row = has_at_most_one_row(sub_query);
        let (joined, alias) = self.joined(sub_query, true, names, |plan, keys| {
            if one_row {
                return Ok(plan);
            }
            let value = single_value(Expr::Column(Column::from_name(VALUE))).alias("__dwh_single");
            let grouped = LogicalPlanBuilder::from(plan).aggregate(keys.clone(), [value])?;
            let single = Expr::Column(Column::from_name("__dwh_single")).alias(VALUE);
            grouped.project(keys.into_iter().chain([single]).collect::<Vec<_>>())?.build()
        })?;
        self.join(joined, JoinType::Left)?;
        Ok(of(&alias, VALUE))
    }

    /// Whether the sub-query has a row, with `operand` one that equals it.
    fn mark(&mut self, sub_query: &LogicalPlan, operand: Option<&Expr>, names: &mut Names) -> Result<Expr> {
        let (mut joined, alias) = self.joined(sub_query, operand.is_some(), names, |plan, _| Ok(plan))?;
        if let Some(operand) = operand {
            joined.same.push(operand.clone().eq(of(&alias, VALUE)));
        }
        self.join(joined, JoinType::LeftMark)?;
        Ok(of(&alias, "mark"))
    }

    /// `x IN (…)`: unknown if nothing matches and a NULL is among what is compared.
    fn member(&mut self, test: InSubquery, place: &Place, names: &mut Names) -> Result<Expr> {
        let InSubquery { expr, subquery, negated } = test;
        let operand = self.replace(*expr, place, names)?;
        let found = self.mark(&subquery.subquery, Some(&operand), names)?;
        let (rows, known) = self.counts(&subquery.subquery, names)?;
        let unknown = operand.is_null().or(known.lt(rows.clone()));
        let answer = when(found, lit(true))
            .when(rows.clone().is_null().or(rows.eq(lit(0_i64))), lit(false))
            .when(unknown, lit(ScalarValue::Boolean(None)))
            .otherwise(lit(false))?;
        Ok(if negated { !answer } else { answer })
    }

    /// How many rows a sub-query has, and how many of them are not NULL.
    fn counts(&mut self, sub_query: &LogicalPlan, names: &mut Names) -> Result<(Expr, Expr)> {
        let (joined, alias) = self.joined(sub_query, true, names, |plan, keys| {
            let value = Expr::Column(Column::from_name(VALUE));
            let counts = [count(lit(1_i64)).alias("rows"), count(value).alias("known")];
            LogicalPlanBuilder::from(plan).aggregate(keys, counts)?.build()
        })?;
        self.join(joined, JoinType::Left)?;
        Ok((of(&alias, "rows"), of(&alias, "known")))
    }

    /// `x op ANY (…)` and `x op ALL (…)`, from the least and the greatest value.
    fn comparison(&mut self, test: SetComparison, place: &Place, names: &mut Names) -> Result<Expr> {
        let SetComparison { expr, subquery, op, quantifier } = test;
        let operand = self.replace(*expr, place, names)?;
        let sub_query = &subquery.subquery;
        let compared = operand.get_type(self.asking.schema())?;
        let values = sub_query.schema().field(0).data_type();
        if compared.is_string() != values.is_string() && !compared.is_null() && !values.is_null() {
            return Err(unsupported("a comparison of text with another type by ANY or ALL"));
        }
        let (joined, alias) = self.joined(sub_query, true, names, |plan, keys| {
            let value = || Expr::Column(Column::from_name(VALUE));
            let aggregates = [
                min(value()).alias("least"),
                max(value()).alias("greatest"),
                count(lit(1_i64)).alias("rows"),
                count(value()).alias("known"),
            ];
            LogicalPlanBuilder::from(plan).aggregate(keys, aggregates)?.build()
        })?;
        self.join(joined, JoinType::Left)?;
        let (rows, known) = (of(&alias, "rows"), of(&alias, "known"));
        let least = || binary_expr(operand.clone(), op, of(&alias, "least"));
        let greatest = || binary_expr(operand.clone(), op, of(&alias, "greatest"));
        let any = matches!(quantifier, SetQuantifier::Any);
        // The value that decides: the one most easily met for ANY, the one least easily met for ALL.
        let decisive = match (op, any) {
            (Operator::Gt | Operator::GtEq, true) | (Operator::Lt | Operator::LtEq, false) => least(),
            (Operator::Lt | Operator::LtEq, true) | (Operator::Gt | Operator::GtEq, false) => greatest(),
            (Operator::NotEq, true) => least().or(greatest()),
            (Operator::Eq, false) => least().and(greatest()),
            _ => return Err(unsupported("this operator with ANY or ALL")),
        };
        let nothing = rows.clone().is_null().or(rows.clone().eq(lit(0_i64)));
        let decided = if any { decisive.clone() } else { !decisive };
        when(nothing, lit(!any))
            .when(decided, lit(any))
            .when(operand.is_null().or(known.lt(rows)), lit(ScalarValue::Boolean(None)))
            .otherwise(lit(!any))
    }
}

/// Name of the column with the sub-query's value.
const VALUE: &str = "__dwh_value";

fn of(alias: &str, name: &str) -> Expr {
    Expr::Column(Column::new(Some(alias), name))
}

/// `= ANY` is IN, `<> ALL` is NOT IN.
fn membership(comparison: SetComparison) -> Expr {
    let negated = match (comparison.op, &comparison.quantifier) {
        (Operator::Eq, SetQuantifier::Any) => false,
        (Operator::NotEq, SetQuantifier::All) => true,
        _ => return Expr::SetComparison(comparison),
    };
    Expr::InSubquery(InSubquery { expr: comparison.expr, subquery: comparison.subquery, negated })
}

/// A correlated IN that is left to DataFusion, its value under a name of its own: DataFusion selects the columns of
/// the correlated terms beside it, and the value can be one of them.
fn with_named_value(expr: Expr, names: &mut Names) -> Result<Transformed<Expr>> {
    match expr {
        Expr::InSubquery(mut test) if !test.subquery.outer_ref_columns.is_empty() => {
            let value = Column::from(test.subquery.subquery.schema().qualified_field(0));
            if value.name.starts_with(&Names::prefix("member")) {
                return Ok(Transformed::no(Expr::InSubquery(test)));
            }
            let value = Expr::Column(value).alias(names.next("member"));
            let named = LogicalPlanBuilder::from(test.subquery.subquery).project([value])?.build()?;
            test.subquery.subquery = Arc::new(named);
            Ok(Transformed::yes(Expr::InSubquery(test)))
        }
        expr => Ok(Transformed::no(expr)),
    }
}

/// Equalities between columns that hold the same values, NULLs among them. Text is compared with its blanks.
///
/// They are plain equalities of values that are never NULL: an optimizer that puts a user's equality beside an
/// IS NOT DISTINCT FROM makes one join of both, in which NULL equals NULL for the user's as well.
pub(super) fn same_values(
    left: &[Column],
    left_schema: &DFSchema,
    right: &[Column],
    right_schema: &DFSchema,
) -> Result<Vec<Expr>> {
    let mut same = Vec::new();
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (Expr::Column(left.clone()), Expr::Column(right.clone()));
        let data_type = left.get_type(left_schema)?;
        if data_type.is_string() {
            // No value ends so, and NULL becomes the empty text.
            let exact =
                |expr: Expr| coalesce(vec![binary_expr(expr, Operator::StringConcat, lit(".")), lit("")]);
            same.push(exact(left).eq(exact(right)));
            continue;
        }
        if left.nullable(left_schema)? || right.nullable(right_schema)? {
            let filler = ScalarValue::new_default(&data_type)?;
            let filled = |expr: Expr| coalesce(vec![expr, lit(filler.clone())]);
            same.push(left.clone().is_null().eq(right.clone().is_null()));
            same.push(filled(left).eq(filled(right)));
        } else {
            same.push(left.eq(right));
        }
    }
    Ok(same)
}

/// A join whose condition has sub-queries: answered on the side that they ask about. `None` if they are left
/// to DataFusion.
pub(super) fn of_join(join: &Join, names: &mut Names) -> Result<Option<LogicalPlan>> {
    let Some(filter) = &join.filter else { return Ok(None) };
    let mut outer = Vec::new();
    filter.apply(|expr| {
        if let Some(sub_query) = sub_query_of(expr) {
            outer.extend(free_columns(sub_query)?.columns.into_iter().map(|(_, column)| column));
            if let Expr::InSubquery(InSubquery { expr, .. })
            | Expr::SetComparison(SetComparison { expr, .. }) = expr
            {
                outer.extend(expr.column_refs().into_iter().cloned());
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let about = |plan: &LogicalPlan| outer.iter().all(|column| plan.schema().has_column(column));
    if join.join_type == JoinType::Inner {
        // The condition of an inner join is a filter.
        let mut plain = join.clone();
        let filter = plain.filter.take();
        let joined =
            LogicalPlanBuilder::from(LogicalPlan::Join(plain)).filter(filter.unwrap_or_else(|| lit(true)))?;
        return joined.build().map(Some);
    }
    let on_left = if about(&join.right) {
        false
    } else if about(&join.left) {
        true
    } else {
        return Err(unsupported("a sub-query in ON about both sides of an outer join"));
    };
    let side = if on_left { &join.left } else { &join.right };
    let mut answers = Answers::new(LogicalPlan::clone(side));
    let condition = answers.replace(filter.clone(), &Place::Other, names)?;
    if !answers.any() {
        return Ok(None);
    }
    let answered = Arc::new(answers.into_plan());
    let (left, right) =
        if on_left { (answered, Arc::clone(&join.right)) } else { (Arc::clone(&join.left), answered) };
    let conditions = join.on.iter().map(|(left, right)| left.clone().eq(right.clone())).chain([condition]);
    let columns: Vec<Expr> = join.schema.columns().into_iter().map(Expr::Column).collect();
    LogicalPlanBuilder::from(Arc::unwrap_or_clone(left))
        .join_on(Arc::unwrap_or_clone(right), join.join_type, conditions)?
        .project(columns)?
        .build()
        .map(Some)
}
