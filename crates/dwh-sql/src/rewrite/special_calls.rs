//! Special forms of the grammar become plain calls, so that one set of functions serves them all:
//! `SUBSTRING(s FROM a FOR n)`, `POSITION(a IN s)`, `TRIM(BOTH c FROM s)`, `ts AT TIME ZONE z`, CEIL, FLOOR,
//! and the prefix operators `@ x`, `|/ x`, `||/ x`, `~ x` (RS 4.3).

use dwh_common::SqlError;
use sqlparser::ast::{BinaryOperator, CeilFloorKind, DateTimeField, Expr, TrimWhereField, UnaryOperator};

use super::build::{call, nested, number};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let replacement = match expr {
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let start = substring_from.take().map_or_else(|| number(1), |from| *from);
            let mut args = vec![taken(expr), start];
            args.extend(substring_for.take().map(|length| *length));
            call("substring", args)
        }
        Expr::Position { expr, r#in } => call("strpos", vec![taken(r#in), taken(expr)]),
        Expr::Trim { expr, trim_where, trim_what, trim_characters } => {
            let name = match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                Some(TrimWhereField::Both) | None => "btrim",
            };
            let mut args = vec![taken(expr)];
            args.extend(trim_what.take().map(|what| *what));
            args.extend(trim_characters.take().into_iter().flatten());
            call(name, args)
        }
        Expr::AtTimeZone { timestamp, time_zone } => {
            call("timezone", vec![taken(time_zone), taken(timestamp)])
        }
        Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
            call("ceil", vec![taken(expr)])
        }
        Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
            call("floor", vec![taken(expr)])
        }
        // Bitwise NOT is XOR with all bits set.
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr } => Expr::BinaryOp {
            left: Box::new(nested(taken(expr))),
            op: BinaryOperator::PGBitwiseXor,
            right: Box::new(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number(1)) }),
        },
        Expr::UnaryOp { op: UnaryOperator::PGAbs, expr } => call("abs", vec![taken(expr)]),
        Expr::UnaryOp { op: UnaryOperator::PGSquareRoot, expr } => call("sqrt", vec![taken(expr)]),
        Expr::UnaryOp { op: UnaryOperator::PGCubeRoot, expr } => call("cbrt", vec![taken(expr)]),
        _ => return Ok(()),
    };
    *expr = replacement;
    Ok(())
}

/// Takes a boxed expression out of a node that is about to be replaced.
fn taken(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, number(0))
}
