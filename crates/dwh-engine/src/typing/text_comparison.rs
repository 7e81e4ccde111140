//! `text_comparison`: comparison of text with text, numbers, dates and truth values (RS 3.3, RS 10.2).
//!
//! Trailing blanks do not matter. Beside a DECIMAL the text becomes a number, beside any other number
//! the number becomes text; beside a date, timestamp or truth value the text is read as one. Holds for
//! `= <> < <= > >=`, IS DISTINCT FROM, IN, BETWEEN, simple CASE, IN (SELECT …) and JOIN … USING.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, JoinConstraint};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, BinaryExpr, Case, InList, InSubquery};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{
    Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, binary_expr, lit,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::BinaryOperator;
use dwh_common::RedshiftType;

use super::correlation::name_inner_sides;
use super::rewrite::rewrite_nodes;
use super::super_operators::{self, is_super};
use crate::functions::cast::cast_to;
use crate::functions::text::rtrim_blanks;

/// Brings both sides of a comparison to one type when one of them is text.
#[derive(Debug)]
pub(super) struct TextComparison;

impl AnalyzerRule for TextComparison {
    fn name(&self) -> &str {
        "redshift_text_comparison"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_nodes(plan, &rewrite, &rewrite_node)
    }
}

/// Truth values beside text and whole numbers, which DataFusion refuses before any analyzer rule is asked:
/// `flag = 1` (guide, "Logical conditions").
#[derive(Debug)]
pub(super) struct BooleanComparison;

impl ExprPlanner for BooleanComparison {
    fn plan_binary_op(
        &self,
        mut expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        if matches!(expr.op, Eq | NotEq | Lt | LtEq | Gt | GtEq) {
            let types = (expr.left.get_type(schema)?, expr.right.get_type(schema)?);
            let becomes_boolean = |other: &DataType| other.is_string() || other.is_integer();
            if types.0 == DataType::Boolean && becomes_boolean(&types.1) {
                expr.right = cast_to(expr.right, RedshiftType::Boolean);
            } else if becomes_boolean(&types.0) && types.1 == DataType::Boolean {
                expr.left = cast_to(expr.left, RedshiftType::Boolean);
            }
        }
        Ok(PlannerResult::Original(expr))
    }
}

fn rewrite(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(op) => {
            let types = (left.get_type(schema)?, right.get_type(schema)?);
            Ok(if differ([&types.0, &types.1]) {
                let (left, right) = comparable(*left, &types.0, *right, &types.1, op);
                Transformed::yes(binary_expr(left, op, right))
            } else {
                Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right }))
            })
        }
        Expr::Between(between) => rewrite_between(between, schema),
        Expr::InList(list) => rewrite_in_list(list, schema),
        Expr::InSubquery(subquery) => rewrite_in_subquery(subquery, schema),
        Expr::Case(Case { expr: Some(base), when_then_expr, else_expr }) => {
            let compared = when_then_expr.iter().map(|(when, _)| when.as_ref());
            if !any_differ(std::iter::once(base.as_ref()).chain(compared), schema)? {
                return Ok(Transformed::no(Expr::Case(Case { expr: Some(base), when_then_expr, else_expr })));
            }
            let searched = when_then_expr
                .into_iter()
                .map(|(when, then)| Ok((Box::new(compare(&base, Operator::Eq, *when, schema)?), then)))
                .collect::<Result<Vec<_>>>()?;
            Ok(Transformed::yes(Expr::Case(Case { expr: None, when_then_expr: searched, else_expr })))
        }
        other => Ok(Transformed::no(other)),
    }
}

pub(super) fn is_comparison(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

/// Whether Redshift compares values of these types in its own way: text beside anything, truth values beside whole
/// numbers.
fn differ<'a>(types: impl IntoIterator<Item = &'a DataType>) -> bool {
    let (mut text, mut boolean, mut integer) = (false, false, false);
    for data_type in types {
        text |= data_type.is_string();
        boolean |= *data_type == DataType::Boolean;
        integer |= data_type.is_integer();
    }
    text || (boolean && integer)
}

fn any_differ<'a>(exprs: impl Iterator<Item = &'a Expr>, schema: &DFSchema) -> Result<bool> {
    Ok(differ(&exprs.map(|expr| expr.get_type(schema)).collect::<Result<Vec<_>>>()?))
}

fn compare(left: &Expr, op: Operator, right: Expr, schema: &DFSchema) -> Result<Expr> {
    let types = (left.get_type(schema)?, right.get_type(schema)?);
    let (left, right) = comparable(left.clone(), &types.0, right, &types.1, op);
    Ok(binary_expr(left, op, right))
}

fn rewrite_between(between: Between, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Between { expr, negated, low, high } = between;
    if !any_differ([expr.as_ref(), low.as_ref(), high.as_ref()].into_iter(), schema)? {
        return Ok(Transformed::no(Expr::Between(Between { expr, negated, low, high })));
    }
    let (above, below) =
        if negated { (Operator::Lt, Operator::Gt) } else { (Operator::GtEq, Operator::LtEq) };
    let low = compare(&expr, above, *low, schema)?;
    let high = compare(&expr, below, *high, schema)?;
    Ok(Transformed::yes(if negated { low.or(high) } else { low.and(high) }))
}

fn rewrite_in_list(in_list: InList, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let InList { expr, list, negated } = in_list;
    if !any_differ(std::iter::once(expr.as_ref()).chain(&list), schema)? {
        return Ok(Transformed::no(Expr::InList(InList { expr, list, negated })));
    }
    let base_type = expr.get_type(schema)?;
    let pairs = list
        .into_iter()
        .map(|item| {
            let item_type = item.get_type(schema)?;
            Ok(comparable((*expr).clone(), &base_type, item, &item_type, Operator::Eq))
        })
        .collect::<Result<Vec<_>>>()?;
    // Items of one type keep the list; a mixed list is compared one by one.
    if let Some((base, _)) = pairs.first()
        && pairs.iter().all(|(other, _)| other == base)
    {
        let base = Box::new(base.clone());
        let list = pairs.into_iter().map(|(_, item)| item).collect();
        return Ok(Transformed::yes(Expr::InList(InList { expr: base, list, negated })));
    }
    let op = if negated { Operator::NotEq } else { Operator::Eq };
    let tests = pairs.into_iter().map(|(base, item)| binary_expr(base, op, item));
    let joined = if negated { conjunction(tests) } else { disjunction(tests) };
    Ok(Transformed::yes(joined.unwrap_or_else(|| lit(negated))))
}

fn rewrite_in_subquery(in_subquery: InSubquery, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let InSubquery { expr, subquery, negated } = in_subquery;
    let base_type = expr.get_type(schema)?;
    let (qualifier, field) = subquery.subquery.schema().qualified_field(0);
    if !differ([&base_type, field.data_type()]) {
        return Ok(Transformed::no(Expr::InSubquery(InSubquery { expr, subquery, negated })));
    }
    let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
    let (base, item) = comparable(*expr, &base_type, column.clone(), field.data_type(), Operator::Eq);
    let plan = if item == column {
        subquery.subquery
    } else {
        let name = field.name().clone();
        Arc::new(LogicalPlanBuilder::from(subquery.subquery).project([item.alias(name)])?.build()?)
    };
    let subquery = Subquery { subquery: plan, ..subquery };
    Ok(Transformed::yes(Expr::InSubquery(InSubquery { expr: Box::new(base), subquery, negated })))
}

/// What no single expression shows: the keys of JOIN … USING, the inner sides of correlated filters.
fn rewrite_node(node: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Join(mut join) = node else { return name_inner_sides(node) };
    let mut changed = false;
    let mut keys = Vec::with_capacity(join.on.len());
    for (left, right) in join.on {
        let types = (left.get_type(join.left.schema())?, right.get_type(join.right.schema())?);
        keys.push(if differ([&types.0, &types.1]) {
            changed = true;
            comparable(left, &types.0, right, &types.1, Operator::Eq)
        } else {
            (left, right)
        });
    }
    join.on = keys;
    if changed {
        join.join_constraint = JoinConstraint::On;
    }
    Ok(LogicalPlan::Join(join))
}

/// Both sides of a comparison in one type; their types [`differ`], or are both what is left alone.
fn comparable(
    left: Expr,
    left_type: &DataType,
    right: Expr,
    right_type: &DataType,
    op: Operator,
) -> (Expr, Expr) {
    if is_super(left_type) || is_super(right_type) {
        return super_operators::comparable(left, right, op);
    }
    match (left_type, right_type) {
        (DataType::Boolean, whole) if whole.is_integer() => {
            return (left, cast_to(right, RedshiftType::Boolean));
        }
        (whole, DataType::Boolean) if whole.is_integer() => {
            return (cast_to(left, RedshiftType::Boolean), right);
        }
        _ => {}
    }
    match (left_type.is_string(), right_type.is_string()) {
        (true, true) => (trimmed(left), trimmed(right)),
        (true, false) => with_text(left, right, right_type, op),
        (false, true) => {
            let (right, left) = with_text(right, left, left_type, op);
            (left, right)
        }
        (false, false) => (left, right),
    }
}

/// A text and a value of another type in one type.
fn with_text(text: Expr, other: Expr, other_type: &DataType, op: Operator) -> (Expr, Expr) {
    match RedshiftType::of_arrow(other_type) {
        Some(RedshiftType::Decimal { scale, .. }) => {
            // A literal keeps the digits it was written with.
            let written = literal_text(&text)
                .and_then(|text| text.trim().split_once('.').map(|(_, digits)| digits.len() as u8))
                .unwrap_or(0);
            (cast_to(text, RedshiftType::Decimal { precision: 38, scale: scale.max(written).min(37) }), other)
        }
        Some(known) if known.is_integer() => match same_integer(&text, op) {
            Some(number) => (number, other),
            None => (trimmed(text), cast_to(other, RedshiftType::MAX_VARCHAR)),
        },
        Some(RedshiftType::Real | RedshiftType::Double) => {
            (trimmed(text), cast_to(other, RedshiftType::MAX_VARCHAR))
        }
        Some(
            known @ (RedshiftType::Date
            | RedshiftType::Time
            | RedshiftType::TimeTz
            | RedshiftType::Interval(_)
            | RedshiftType::Timestamp
            | RedshiftType::TimestampTz
            | RedshiftType::Boolean),
        ) => (cast_to(text, known), other),
        _ => (text, other),
    }
}

/// A literal that is written exactly as the integer prints compares equal as a number too, and leaves
/// the column alone for pruning.
fn same_integer(text: &Expr, op: Operator) -> Option<Expr> {
    if !matches!(op, Operator::Eq | Operator::NotEq) {
        return None;
    }
    let text = literal_text(text)?.trim_end_matches(' ');
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then(|| lit(number))
}

fn literal_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

/// Text without its trailing blanks: literals now, everything else at run time.
fn trimmed(text: Expr) -> Expr {
    match literal_text(&text) {
        Some(literal) => lit(ScalarValue::Utf8View(Some(literal.trim_end_matches(' ').to_owned()))),
        None => rtrim_blanks(text),
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::{TestSession, assert_values};

    #[test]
    fn trailing_blanks_do_not_matter() {
        assert_values(&[
            ("'a' = 'a '", "t"),
            ("'' <> ' '", "f"),
            ("'a ' > 'a'", "f"),
            ("'a' IN ('b', 'a  ')", "t"),
            ("'b ' BETWEEN 'a' AND 'b'", "t"),
            ("CASE 'a ' WHEN 'a' THEN 1 ELSE 0 END", "1"),
            ("' a' = 'a'", "f"),
        ]);
    }

    #[test]
    fn numbers_become_text_beside_text_but_decimals_do_not() {
        assert_values(&[
            ("1 = '1'", "t"),
            ("10 < '9'", "t"),
            ("1 = '01'", "f"),
            ("10.0 < '9'", "f"),
            ("1.50 = '1.5'", "t"),
            ("1 IN ('1', '2')", "t"),
            ("3 NOT IN ('1', '2')", "t"),
        ]);
    }

    #[test]
    fn whole_numbers_beside_truth_values_are_truth_values() {
        assert_values(&[
            ("true = 2", "t"),
            ("(1 > 2) >= 1", "f"),
            ("true IN (0, 1)", "t"),
            ("false NOT IN (1, 2)", "t"),
            ("true BETWEEN 0 AND 1", "t"),
            ("CASE true WHEN 0 THEN 'no' WHEN 1 THEN 'yes' END", "yes"),
        ]);
    }

    #[test]
    fn text_beside_dates_is_read_as_a_date() {
        assert_values(&[
            ("TIMESTAMP '2018-11-02 10:00:00' > '2018-11-01'", "t"),
            ("DATE '2018-11-01' = '11/01/2018'", "t"),
            ("DATE '2018-11-01' BETWEEN '2018-10-01' AND '2018-11-30'", "t"),
            ("TIMESTAMP '2018-11-02' > 'soon'", "error: invalid input syntax for type timestamp: \"soon\""),
            ("true = 't'", "t"),
        ]);
    }

    #[test]
    fn joins_and_sub_queries_ignore_trailing_blanks() {
        let text = RedshiftType::Varchar(10);
        let session = TestSession::new()
            .with_table("plays", &[("song", text, &[Some("Setanta"), Some("x "), None])])
            .with_table("songs", &[("song", text, &[Some("Setanta  "), Some("x"), Some("y")])]);
        let count = |sql: &str| session.rows(sql).expect(sql);
        assert_eq!(count("SELECT count(*) FROM plays p JOIN songs s ON p.song = s.song"), ["2"]);
        assert_eq!(count("SELECT count(*) FROM plays JOIN songs USING (song)"), ["2"]);
        assert_eq!(count("SELECT count(*) FROM songs WHERE song IN (SELECT song FROM plays)"), ["2"]);
        assert_eq!(
            count(
                "SELECT count(*) FROM songs WHERE song NOT IN (SELECT song FROM plays WHERE song IS NOT NULL)"
            ),
            ["1"]
        );
        assert_eq!(
            count("SELECT count(*) FROM songs s WHERE EXISTS (SELECT 1 FROM plays p WHERE p.song = s.song)"),
            ["2"]
        );
        assert_eq!(
            count(
                "SELECT song, (SELECT max(p.song) FROM plays p WHERE p.song = s.song) FROM songs s ORDER BY song"
            ),
            ["Setanta  |Setanta", "x|x ", "y|NULL"]
        );
    }

    #[test]
    fn a_timestamp_column_stays_bare_beside_a_literal_date_in_text() {
        let session =
            TestSession::new().with_table("plays", &[("at", RedshiftType::Timestamp, &[Some("2018-11-02")])]);
        let plan = session.plan("SELECT at FROM plays WHERE at > '2018-11-01'").expect("plan");
        assert!(plan.contains("plays.at > TimestampMicrosecond(1541030400000000, None)"), "{plan}");
    }

    #[test]
    fn a_number_column_stays_bare_beside_a_literal_number_in_text() {
        let session = TestSession::new()
            .with_table("users", &[("user_id", RedshiftType::Integer, &[Some("26"), Some("8")])]);
        let plan = session.plan("SELECT user_id FROM users WHERE user_id = '26'").expect("plan");
        assert!(plan.contains("users.user_id = Int32(26)"), "{plan}");
    }
}
