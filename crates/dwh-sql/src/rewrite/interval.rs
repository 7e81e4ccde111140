//! Interval literals. One without a qualifier is normalised to months, days and seconds, which the planner reads
//! exactly; one with a qualifier (`'1-2' YEAR TO MONTH`) is a cast to its type.

use dwh_common::interval::{parse, parse_qualified};
use dwh_common::{IntervalUnit, RedshiftType, SqlError, SqlState, TypeError};
use sqlparser::ast::{
    CastKind, DataType, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Interval, UnaryOperator, Value,
};

use super::build::{literal_text, simple_name, text};
use super::cast::planned_by_name;
use crate::parse::type_error;

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let normalized = match expr {
        Expr::Interval(interval) => match qualifier(interval) {
            Some(qualifier) => {
                // `SECOND (3)` has its digits where other units have a precision.
                let digits = interval.fractional_seconds_precision.or(interval.leading_precision);
                *expr = qualified(&interval.value, &qualifier, digits)?;
                return Ok(());
            }
            None => parse(&written_value(&interval.value)?, unit(interval).as_deref())?.to_string(),
        },
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: inner, data_type, .. } => {
            match (data_type, literal_text(inner)) {
                (DataType::Interval { fields: None, .. }, Some(written)) => parse(written, None)?.to_string(),
                _ => return Ok(()),
            }
        }
        Expr::Function(function) if simple_name(function) == Some("interval_cmp") => {
            return arguments(function);
        }
        _ => return Ok(()),
    };
    *expr = normalized_literal(normalized);
    Ok(())
}

/// `INTERVAL_CMP('3 days', '1 year')`: its texts are intervals.
fn arguments(function: &mut Function) -> Result<(), SqlError> {
    let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
    for argument in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument
            && let Some(written) = literal_text(expr)
        {
            *expr = normalized_literal(parse(written, None)?.to_string());
        }
    }
    Ok(())
}

fn normalized_literal(normalized: String) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(text(normalized)),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

/// The unit behind the literal.
fn unit(interval: &Interval) -> Option<String> {
    interval.leading_field.as_ref().map(|field| match field {
        DateTimeField::Custom(ident) => ident.value.clone(),
        field => field.to_string(),
    })
}

/// The qualifier behind the literal, if it is one of those that types have; other units (`INTERVAL '3' WEEK`) are
/// read as if they stood inside it.
fn qualifier(interval: &Interval) -> Option<String> {
    let first = unit(interval)?;
    let written = match &interval.last_field {
        Some(last) => format!("{first} to {last}"),
        None => first,
    };
    let known = interval.last_field.is_some() || IntervalUnit::of_qualifier(&written, None).is_some();
    known.then(|| written.to_ascii_lowercase())
}

fn qualified(value: &Expr, qualifier: &str, digits: Option<u64>) -> Result<Expr, SqlError> {
    let digits = digits.map(|digits| u8::try_from(digits).unwrap_or(6));
    let unit = IntervalUnit::of_qualifier(qualifier, digits)
        .ok_or_else(|| type_error(&TypeError::Interval(format!("interval {qualifier}"))))?;
    let amount = parse_qualified(&written_value(value)?, qualifier)?;
    Ok(Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(text(amount.to_string())),
        data_type: planned_by_name(RedshiftType::Interval(unit)),
        array: false,
        format: None,
    })
}

fn written_value(value: &Expr) -> Result<String, SqlError> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => return Ok(text.clone()),
            Value::Number(digits, _) => return Ok(digits.clone()),
            _ => {}
        },
        Expr::Nested(inner) => return written_value(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => return Ok(format!("-{}", written_value(expr)?)),
        _ => {}
    }
    Err(SqlError::new(SqlState::SyntaxError, "INTERVAL takes a literal")
        .with_hint("multiply instead: n * INTERVAL '1 second'"))
}
