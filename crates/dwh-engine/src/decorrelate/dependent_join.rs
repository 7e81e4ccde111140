//! A plan with outer columns, made one without: joined with all values that those columns have.
//!
//! The values (the domain) are joined where the plan no longer depends on them and then carried upwards: they
//! are grouped by, partitioned by and given out, so that each of them has its own rows.

use std::sync::Arc;

use datafusion::common::{Column, ScalarValue};
use datafusion::error::Result;
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::{FetchType, SkipType};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprSchemable, Join, JoinType, Limit, LogicalPlan, LogicalPlanBuilder,
    Projection, SortExpr, SubqueryAlias, Union, Window, WindowFrame, WindowFunctionDefinition, lit, when,
};

use super::binding::Binding;
use super::free_columns::free_columns;
use super::{Names, unsupported};
use crate::decorrelate::answers::same_values;

/// The different values of the outer columns, in columns named after them.
pub(super) struct Domain {
    plan: LogicalPlan,
    /// The outer columns.
    pub(super) outer: Vec<Column>,
}

/// A plan with the domain in some of its columns.
pub(super) struct Attached {
    pub(super) plan: LogicalPlan,
    /// The columns that hold the domain, in its order.
    pub(super) domain: Vec<Column>,
}

impl Domain {
    /// The values that `outer` have in the rows of `input`; one row without columns if there are none.
    pub(super) fn new(input: &LogicalPlan, outer: Vec<Column>, names: &mut Names) -> Result<Self> {
        let plan = if outer.is_empty() {
            LogicalPlanBuilder::empty(true).build()?
        } else {
            let columns = outer.iter().map(|column| Expr::Column(column.clone()).alias(names.next("outer")));
            LogicalPlanBuilder::from(holding(input, &outer).clone())
                .project(columns.collect::<Vec<_>>())?
                .distinct()?
                .build()?
        };
        Ok(Self { plan, outer })
    }

    /// The domain under a name of its own: a plan may need it more than once.
    fn instance(&self, names: &mut Names) -> Result<Attached> {
        if self.outer.is_empty() {
            return Ok(Attached { plan: self.plan.clone(), domain: Vec::new() });
        }
        let plan = LogicalPlanBuilder::from(self.plan.clone()).alias(names.next("domain"))?.build()?;
        let domain = plan.schema().columns();
        Ok(Attached { plan, domain })
    }

    /// Joins a plan with the domain.
    ///
    /// # Errors
    /// A node that cannot be made independent: a recursive WITH, a row limit that is no number.
    pub(super) fn attach(&self, plan: &LogicalPlan, names: &mut Names) -> Result<Attached> {
        let free = free_columns(plan)?.columns;
        if !free.iter().any(|(_, column)| self.outer.contains(column)) {
            let instance = self.instance(names)?;
            if instance.domain.is_empty() {
                return Ok(Attached { plan: plan.clone(), domain: Vec::new() });
            }
            let plan = LogicalPlanBuilder::from(plan.clone()).cross_join(instance.plan)?.build()?;
            return Ok(Attached { plan, domain: instance.domain });
        }
        match plan {
            LogicalPlan::Projection(node) => self.projection(node, names),
            LogicalPlan::Filter(node) => {
                let input = self.attach(&node.input, names)?;
                let predicate = self.bind(&node.predicate, &node.input, &input.domain)?;
                let plan = LogicalPlanBuilder::from(input.plan).filter(predicate)?.build()?;
                Ok(Attached { plan, domain: input.domain })
            }
            LogicalPlan::Aggregate(node) => self.aggregate(node, names),
            LogicalPlan::Window(node) => self.window(node, names),
            // An order says something only below a limit, which looks for it.
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.attach(&node.input, names),
            LogicalPlan::Limit(node) => self.limit(node, names),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let input = self.attach(input, names)?;
                let plan = LogicalPlanBuilder::from(input.plan).distinct()?.build()?;
                Ok(Attached { plan, domain: input.domain })
            }
            LogicalPlan::SubqueryAlias(node) => {
                let input = self.attach(&node.input, names)?;
                let alias = SubqueryAlias::try_new(Arc::new(input.plan), node.alias.clone())?;
                let renamed = |column: Column| Column::new(Some(node.alias.clone()), column.name);
                let domain = input.domain.into_iter().map(renamed).collect();
                Ok(Attached { plan: LogicalPlan::SubqueryAlias(alias), domain })
            }
            LogicalPlan::Join(node) => self.join(node, names),
            LogicalPlan::Union(node) => self.union(node, names),
            _ => Err(unsupported("this type of correlated sub-query")),
        }
    }

    /// An expression over `input` with the domain's columns for the outer ones.
    fn bind(&self, expr: &Expr, input: &LogicalPlan, domain: &[Column]) -> Result<Expr> {
        Binding { outer: &self.outer, bound: domain }.expression(expr.clone(), input.schema())
    }

    fn projection(&self, node: &Projection, names: &mut Names) -> Result<Attached> {
        let input = self.attach(&node.input, names)?;
        let keep = NamePreserver::new_for_projection();
        let mut expressions = Vec::with_capacity(node.expr.len() + input.domain.len());
        for expression in &node.expr {
            let name = keep.save(expression);
            expressions.push(name.restore(self.bind(expression, &node.input, &input.domain)?));
        }
        expressions.extend(input.domain.iter().cloned().map(Expr::Column));
        let plan = LogicalPlan::Projection(Projection::try_new(expressions, Arc::new(input.plan))?);
        Ok(Attached { plan, domain: input.domain })
    }

    fn aggregate(&self, node: &Aggregate, names: &mut Names) -> Result<Attached> {
        if node.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
            return Err(unsupported("GROUPING SETS in a correlated sub-query"));
        }
        let input = self.attach(&node.input, names)?;
        let keep = NamePreserver::new_for_projection();
        let bound = |expr: &Expr| -> Result<Expr> {
            let name = keep.save(expr);
            Ok(name.restore(self.bind(expr, &node.input, &input.domain)?))
        };
        let domain = input.domain.iter().cloned().map(Expr::Column);
        let mut groups = domain.map(Ok).collect::<Result<Vec<_>>>()?;
        groups.extend(node.group_expr.iter().map(&bound).collect::<Result<Vec<_>>>()?);
        let aggregates = node.aggr_expr.iter().map(&bound).collect::<Result<Vec<_>>>()?;
        let grouped = LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(input.plan), groups, aggregates)?);
        if !node.group_expr.is_empty() {
            return Ok(Attached { plan: grouped, domain: input.domain });
        }
        // Without GROUP BY there is a row over no rows as well: for every value of the domain.
        let all = self.instance(names)?;
        let present = names.next("present");
        let grouped_columns = grouped.schema().columns().into_iter().map(Expr::Column);
        let marked = grouped_columns.chain([lit(true).alias(&present)]).collect::<Vec<_>>();
        let grouped = LogicalPlanBuilder::from(grouped).project(marked)?.build()?;
        let same = same_values(&all.domain, all.plan.schema(), &input.domain, grouped.schema())?;
        let joined = LogicalPlanBuilder::from(all.plan).join_on(grouped, JoinType::Left, same)?.build()?;
        let columns = node.schema.columns();
        let mut expressions: Vec<Expr> = all.domain.iter().cloned().map(Expr::Column).collect();
        for (column, aggregate) in columns.into_iter().zip(&node.aggr_expr) {
            let value = Expr::Column(column.clone());
            let over_nothing = value_over_nothing(aggregate, node)?;
            expressions.push(if over_nothing.is_null() {
                value
            } else {
                let absent = Expr::Column(Column::from_name(&present)).is_null();
                when(absent, lit(over_nothing))
                    .otherwise(value)?
                    .alias_qualified(column.relation, column.name)
            });
        }
        let plan = LogicalPlanBuilder::from(joined).project(expressions)?.build()?;
        Ok(Attached { plan, domain: all.domain })
    }

    fn window(&self, node: &Window, names: &mut Names) -> Result<Attached> {
        let input = self.attach(&node.input, names)?;
        let keep = NamePreserver::new_for_projection();
        let mut expressions = Vec::new();
        for expression in &node.window_expr {
            let name = keep.save(expression);
            let partitioned = partitioned(self.bind(expression, &node.input, &input.domain)?, &input.domain);
            expressions.push(name.restore(partitioned));
        }
        let plan = LogicalPlan::Window(Window::try_new(expressions, Arc::new(input.plan))?);
        Ok(Attached { plan, domain: input.domain })
    }

    /// The first rows of each value of the domain, by their number.
    fn limit(&self, node: &Limit, names: &mut Names) -> Result<Attached> {
        let (SkipType::Literal(skip), FetchType::Literal(fetch)) =
            (node.get_skip_type()?, node.get_fetch_type()?)
        else {
            return Err(unsupported("a LIMIT that is no number in a correlated sub-query"));
        };
        // The planner sorts below the projection where the order needs columns that are not selected.
        if let LogicalPlan::Projection(projection) = node.input.as_ref()
            && matches!(projection.input.as_ref(), LogicalPlan::Sort(_))
        {
            let limit = LogicalPlan::Limit(Limit { input: Arc::clone(&projection.input), ..node.clone() });
            let below = Projection::try_new(projection.expr.clone(), Arc::new(limit))?;
            return self.projection(&below, names);
        }
        let (order, input): (Vec<SortExpr>, _) = match node.input.as_ref() {
            LogicalPlan::Sort(sort) => (sort.expr.clone(), &sort.input),
            _ => (Vec::new(), &node.input),
        };
        let columns = input.schema().columns();
        let attached = self.attach(input, names)?;
        let mut order_by = Vec::with_capacity(order.len());
        for sort in order {
            order_by.push(SortExpr { expr: self.bind(&sort.expr, input, &attached.domain)?, ..sort });
        }
        let number = names.next("number");
        let params = WindowFunctionParams {
            args: Vec::new(),
            partition_by: attached.domain.iter().cloned().map(Expr::Column).collect(),
            order_by,
            window_frame: WindowFrame::new(Some(true)),
            filter: None,
            null_treatment: None,
            distinct: false,
        };
        let fun = WindowFunctionDefinition::WindowUDF(row_number_udwf());
        let numbered = Expr::from(WindowFunction { fun, params }).alias(&number);
        let counted = Expr::Column(Column::from_name(&number));
        let mut wanted = counted.clone().gt(lit(skip as u64));
        if let Some(fetch) = fetch {
            wanted = wanted.and(counted.lt_eq(lit(skip.saturating_add(fetch) as u64)));
        }
        let given = columns.into_iter().chain(attached.domain.iter().cloned()).map(Expr::Column);
        let plan = LogicalPlanBuilder::from(attached.plan)
            .window([numbered])?
            .filter(wanted)?
            .project(given.collect::<Vec<_>>())?
            .build()?;
        Ok(Attached { plan, domain: attached.domain })
    }

    fn join(&self, node: &Join, names: &mut Names) -> Result<Attached> {
        let needs = |plan: &LogicalPlan| -> Result<bool> {
            Ok(free_columns(plan)?.columns.iter().any(|(_, column)| self.outer.contains(column)))
        };
        let (left_needs, right_needs) = (needs(&node.left)?, needs(&node.right)?);
        // A side that is kept whole must have the domain itself.
        let (left_kept, right_kept) = match node.join_type {
            JoinType::Inner => (!right_needs, false),
            JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => (true, false),
            JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
                (false, true)
            }
            JoinType::Full => (true, true),
        };
        let side = |plan: &Arc<LogicalPlan>, wanted: bool, names: &mut Names| -> Result<Attached> {
            if wanted {
                self.attach(plan, names)
            } else {
                Ok(Attached { plan: LogicalPlan::clone(plan), domain: Vec::new() })
            }
        };
        let left = side(&node.left, left_kept || left_needs, names)?;
        let right = side(&node.right, right_kept || right_needs, names)?;
        let domain = if left.domain.is_empty() { right.domain.clone() } else { left.domain.clone() };
        let binding = Binding { outer: &self.outer, bound: &domain };
        let around = node.schema.as_ref();
        let mut conditions = Vec::new();
        for (one, other) in &node.on {
            let (one, other) =
                (binding.expression(one.clone(), around)?, binding.expression(other.clone(), around)?);
            conditions.push(match node.null_equality {
                datafusion::common::NullEquality::NullEqualsNothing => one.eq(other),
                datafusion::common::NullEquality::NullEqualsNull => same(one, other),
            });
        }
        if let Some(filter) = &node.filter {
            conditions.push(binding.expression(filter.clone(), around)?);
        }
        let on_both = !left.domain.is_empty() && !right.domain.is_empty();
        if on_both {
            conditions.extend(same_values(
                &left.domain,
                left.plan.schema(),
                &right.domain,
                right.plan.schema(),
            )?);
        }
        if conditions.is_empty() {
            conditions.push(lit(true));
        }
        let joined =
            LogicalPlanBuilder::from(left.plan).join_on(right.plan, node.join_type, conditions)?.build()?;
        if node.join_type != JoinType::Full {
            let kept_right =
                matches!(node.join_type, JoinType::Right | JoinType::RightSemi | JoinType::RightAnti);
            let domain = if kept_right || left.domain.is_empty() { right.domain } else { left.domain };
            return Ok(Attached { plan: joined, domain });
        }
        // Rows of either side alone have the domain on that side alone: a row that is there has no such row
        // beside it, so what is NULL on the left is looked up on the right.
        let mut expressions: Vec<Expr> = node.schema.columns().into_iter().map(Expr::Column).collect();
        let mut domain = Vec::new();
        for (left, right) in left.domain.into_iter().zip(right.domain) {
            let name = names.next("outer");
            let (left, right) = (Expr::Column(left), Expr::Column(right));
            expressions.push(when(left.clone().is_not_null(), left).otherwise(right)?.alias(&name));
            domain.push(Column::from_name(name));
        }
        let plan = LogicalPlanBuilder::from(joined).project(expressions)?.build()?;
        Ok(Attached { plan, domain })
    }

    fn union(&self, node: &Union, names: &mut Names) -> Result<Attached> {
        let carried: Vec<String> = self.outer.iter().map(|_| names.next("outer")).collect();
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for input in &node.inputs {
            let columns = input.schema().columns();
            let attached = self.attach(input, names)?;
            let own = columns.into_iter().map(Expr::Column);
            let domain = attached.domain.into_iter().zip(&carried);
            let domain = domain.map(|(column, name)| Expr::Column(column).alias(name));
            let expressions = own.chain(domain).collect::<Vec<_>>();
            inputs.push(Arc::new(LogicalPlanBuilder::from(attached.plan).project(expressions)?.build()?));
        }
        let union = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        let given = union.schema().columns();
        let own = given.iter().zip(node.schema.iter()).map(|(column, (relation, field))| {
            Expr::Column(column.clone()).alias_qualified(relation.cloned(), field.name())
        });
        let domain = given.iter().skip(node.schema.fields().len()).cloned().zip(&carried);
        let domain = domain.map(|(column, name)| Expr::Column(column).alias(name));
        let expressions = own.chain(domain).collect::<Vec<_>>();
        let plan = LogicalPlanBuilder::from(union).project(expressions)?.build()?;
        Ok(Attached { plan, domain: carried.into_iter().map(Column::from_name).collect() })
    }
}

/// The part of a plan that has all values of these columns: of tables joined by commas, whose conditions stand
/// above them, only those that the columns are of, as their product can be immense.
fn holding<'a>(plan: &'a LogicalPlan, columns: &[Column]) -> &'a LogicalPlan {
    let mut part = plan;
    while let LogicalPlan::Join(join) = part
        && join.join_type == JoinType::Inner
        && join.on.is_empty()
        && join.filter.is_none()
    {
        let all_in = |side: &LogicalPlan| columns.iter().all(|column| side.schema().has_column(column));
        part = match (all_in(&join.left), all_in(&join.right)) {
            (true, false) => &join.left,
            (false, true) => &join.right,
            _ => break,
        };
    }
    part
}

/// `a IS NOT DISTINCT FROM b`.
fn same(left: Expr, right: Expr) -> Expr {
    datafusion::logical_expr::binary_expr(left, datafusion::logical_expr::Operator::IsNotDistinctFrom, right)
}

/// What an aggregate is over no rows.
fn value_over_nothing(aggregate: &Expr, node: &Aggregate) -> Result<ScalarValue> {
    let mut inner = aggregate;
    while let Expr::Alias(alias) = inner {
        inner = &alias.expr;
    }
    let data_type = aggregate.get_type(node.input.schema())?;
    match inner {
        Expr::AggregateFunction(AggregateFunction { func, .. }) => func.default_value(&data_type),
        _ => ScalarValue::try_from(&data_type),
    }
}

/// A window function whose partitions hold one value of the domain each.
fn partitioned(expr: Expr, domain: &[Column]) -> Expr {
    match expr {
        Expr::WindowFunction(mut function) => {
            function.params.partition_by.extend(domain.iter().cloned().map(Expr::Column));
            Expr::WindowFunction(function)
        }
        Expr::Alias(mut alias) => {
            *alias.expr = partitioned(*alias.expr, domain);
            Expr::Alias(alias)
        }
        other => other,
    }
}
