//! Typed literals: `TIMESTAMP 'epoch'`, `DATE '…'`, `TIMESTAMP WITH TIME ZONE 'epoch'`, also written as casts,
//! and the special words of RS 4.2: epoch, now, today, tomorrow, yesterday.

use dwh_common::SqlError;
use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr, Interval, TimezoneInfo};

use super::build::{call, literal_text, nested, text};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::TypedString(typed) => {
            let value = Expr::Value(typed.value.clone());
            let data_type = typed.data_type.clone();
            *expr = match literal_text(&value).and_then(|text| special_value(text, &data_type)) {
                Some(special) => special,
                None => cast(value, data_type),
            };
        }
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: inner, data_type, .. } => {
            if let Some(special) = literal_text(inner).and_then(|text| special_value(text, data_type)) {
                *expr = special;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What a special word stands for in a date or timestamp.
fn special_value(written: &str, data_type: &DataType) -> Option<Expr> {
    let is_date = matches!(data_type, DataType::Date);
    if !is_date && !matches!(data_type, DataType::Timestamp(..) | DataType::Datetime(_)) {
        return None;
    }
    let is_zoned = matches!(data_type, DataType::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz));
    let in_type = |value| cast(value, data_type.clone());
    let days_from_today = |days: i8| {
        let today = call("current_date", Vec::new());
        Expr::BinaryOp {
            left: Box::new(today),
            op: BinaryOperator::Plus,
            right: Box::new(Expr::Interval(Interval {
                value: Box::new(text(format!("{days} days"))),
                leading_field: None,
                leading_precision: None,
                last_field: None,
                fractional_seconds_precision: None,
            })),
        }
    };
    Some(match written.trim().to_ascii_lowercase().as_str() {
        "epoch" if is_date => in_type(text("1970-01-01")),
        // The same moment in every session's zone.
        "epoch" if is_zoned => in_type(text("1970-01-01 00:00:00+00")),
        "epoch" => in_type(text("1970-01-01 00:00:00")),
        "now" => in_type(call("getdate", Vec::new())),
        "today" => in_type(call("current_date", Vec::new())),
        "tomorrow" => in_type(nested(days_from_today(1))),
        "yesterday" => in_type(nested(days_from_today(-1))),
        _ => return None,
    })
}

/// `CAST(expr AS data_type)`.
fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}
