//! A bare whole number that fits is INTEGER (guide, "Integer and floating-point literals"); the planner reads all as BIGINT.
//!
//! Items of the SELECT list, results of CASE, NVL2 and DECODE and arguments of functions that give back one of them get
//! the type written out: `SELECT 1` → `SELECT CAST(1 AS INTEGER)`. Elsewhere the type of a literal follows from what
//! stands beside it.

use sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, SelectItem,
    UnaryOperator, Value,
};

use super::build::simple_name;

pub(super) fn rewrite(projection: &mut [SelectItem]) {
    for item in projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            result(expr);
        }
    }
}

fn result(expr: &mut Expr) {
    match expr {
        Expr::Nested(inner) => result(inner),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter_mut().for_each(|branch| result(&mut branch.result));
            if let Some(default) = else_result {
                result(default);
            }
        }
        Expr::Function(function) => results_of(function),
        literal if is_integer(literal) => {
            let written = std::mem::replace(literal, Expr::value(Value::Null));
            *literal = Expr::Cast {
                kind: CastKind::Cast,
                expr: Box::new(written),
                data_type: DataType::Integer(None),
                array: false,
                format: None,
            };
        }
        _ => {}
    }
}

/// NVL2 and DECODE are CASE in other words; ABS, COALESCE, GREATEST, MAX, MOD and their like have the type of their arguments.
fn results_of(function: &mut Function) {
    let is_result: fn(usize, usize) -> bool = match simple_name(function) {
        Some(
            "abs" | "any_value" | "coalesce" | "greatest" | "isnull" | "least" | "max" | "min" | "mod"
            | "nullif" | "nvl",
        ) => |_, _| true,
        Some("nvl2") => |index, _| index > 0,
        Some("decode") => |index, count| index >= 2 && (index % 2 == 0 || index + 1 == count),
        _ => return,
    };
    let FunctionArguments::List(list) = &mut function.args else { return };
    let count = list.args.len();
    for (index, argument) in list.args.iter_mut().enumerate() {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument
            && is_result(index, count)
        {
            result(expr);
        }
    }
}

fn is_integer(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => {
            matches!(&value.value, Value::Number(digits, false) if digits.parse::<i32>().is_ok())
        }
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            matches!(expr.as_ref(), Expr::Value(_)) && is_integer(expr)
        }
        _ => false,
    }
}
