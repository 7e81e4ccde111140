//! Expressions as plans show them: names with their tables only where there are several.

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, InList, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{Between, BinaryExpr, Case, Cast, Expr, Like};
use dwh_common::RedshiftType;

use crate::functions::number::arithmetic_sign;

/// An expression over one input.
pub(super) fn text(expression: &Expr) -> String {
    written(expression, &|column| column.name.clone())
}

/// An expression over several tables, as `sum(sales.pricepaid)`.
pub(super) fn qualified(expression: &Expr) -> String {
    written(expression, &|column| match &column.relation {
        Some(relation) => format!("{}.{}", relation.table(), column.name),
        None => column.name.clone(),
    })
}

/// An equality of a join, as `("outer".a = "inner".b)`.
pub(super) fn join_condition(outer: &Expr, inner: &Expr) -> String {
    let of = |side: &'static str| move |column: &Column| format!("\"{side}\".{}", column.name);
    format!("({} = {})", written(outer, &of("outer")), written(inner, &of("inner")))
}

fn written(expression: &Expr, name: &dyn Fn(&Column) -> String) -> String {
    let part = |expression: &Expr| written(expression, name);
    let list = |all: &[Expr]| all.iter().map(part).collect::<Vec<_>>().join(", ");
    match expression {
        Expr::Column(column) => name(column),
        Expr::Alias(alias) => part(&alias.expr),
        Expr::Literal(value, _) => literal(value),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => format!("({} {op} {})", part(left), part(right)),
        Expr::Not(inner) => format!("(NOT {})", part(inner)),
        Expr::IsNull(inner) => format!("({} IS NULL)", part(inner)),
        Expr::IsNotNull(inner) => format!("({} IS NOT NULL)", part(inner)),
        Expr::Negative(inner) => format!("(- {})", part(inner)),
        Expr::Between(Between { expr, negated, low, high }) => {
            let not = if *negated { "NOT " } else { "" };
            format!("({not}({e} >= {}) AND ({e} <= {}))", part(low), part(high), e = part(expr))
        }
        Expr::Like(Like { negated, expr, pattern, case_insensitive, .. }) => {
            let star = if *case_insensitive { "*" } else { "" };
            let not = if *negated { "!" } else { "" };
            format!("({} {not}~~{star} {})", part(expr), part(pattern))
        }
        Expr::InList(InList { expr, list: values, negated }) => {
            let (any, sign, joins) = if *negated { ("ALL", "<>", " AND ") } else { ("ANY", "=", " OR ") };
            match array(values) {
                Some(array) => format!("({} {sign} {any} ({array}))", part(expr)),
                None => {
                    let one = |value: &Expr| format!("({} {sign} {})", part(expr), part(value));
                    let all = values.iter().map(one).collect::<Vec<_>>().join(joins);
                    if values.len() == 1 { all } else { format!("({all})") }
                }
            }
        }
        Expr::Case(Case { .. }) => "CASE".to_owned(),
        Expr::Cast(Cast { expr, .. }) => part(expr),
        Expr::ScalarFunction(ScalarFunction { func, args }) => match (func.name(), &args[..]) {
            (name, [left, right]) if let Some(sign) = arithmetic_sign(name) => {
                format!("({} {sign} {})", part(left), part(right))
            }
            // Those that the planner puts in itself.
            (name, [inner, ..]) if name.starts_with("__") => part(inner),
            (name, _) => format!("{name}({})", list(args)),
        },
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            let distinct = if params.distinct { "DISTINCT " } else { "" };
            let arguments = list(&params.args);
            let arguments =
                if func.name() == "count" && arguments == "1" { "*".to_owned() } else { arguments };
            format!("{}({distinct}{arguments})", func.name())
        }
        Expr::WindowFunction(window) => {
            let WindowFunction { fun, params } = window.as_ref();
            format!("{}({})", fun.name(), list(&params.args))
        }
        other => other.to_string(),
    }
}

/// More than ten literals of an IN list are one array (the guide's page IN condition).
fn array(values: &[Expr]) -> Option<String> {
    if values.len() <= 10 {
        return None;
    }
    let mut of = None;
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        let Expr::Literal(value, _) = value else { return None };
        of = of.or_else(|| RedshiftType::of_arrow(&value.data_type()));
        texts.push(value.to_string());
    }
    let of = match of? {
        RedshiftType::Decimal { .. } => return None,
        RedshiftType::Char(_) | RedshiftType::Varchar(_) => "text".to_owned(),
        other => other.to_string(),
    };
    Some(format!("'{{{}}}'::{of}[]", texts.join(",")))
}

fn literal(value: &ScalarValue) -> String {
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::Utf8View(Some(text))
        | ScalarValue::LargeUtf8(Some(text)) => format!("'{}'::text", text.replace('\'', "''")),
        ScalarValue::Date32(Some(_)) => format!("'{value}'::date"),
        ScalarValue::TimestampMicrosecond(Some(_), _) => format!("'{value}'::timestamp"),
        value if value.is_null() => "NULL".to_owned(),
        value => value.to_string(),
    }
}
