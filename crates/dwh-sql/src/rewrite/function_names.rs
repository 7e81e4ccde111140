//! Functions whose meaning another form of the AST has already: NVL, NVL2, DECODE, ISNULL, two-argument
//! CONCAT, APPROXIMATE COUNT (RS 4.3, 4.4).

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArguments,
    UnaryOperator, Value,
};

use super::build::{case, first_argument, function_name, number, positional, simple_name, take_positional};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let Some(name) = simple_name(function).map(str::to_owned) else { return Ok(()) };
    match name.as_str() {
        "nvl" => function.name = function_name("coalesce"),
        "isnull" => {
            expect_arguments(function, &name, 2)?;
            function.name = function_name("coalesce");
        }
        "concat" => expect_arguments(function, &name, 2)?,
        "nvl2" => {
            expect_arguments(function, &name, 3)?;
            if let Some(case) = nvl2(function) {
                *expr = case;
            }
        }
        "nullif" => {
            expect_arguments(function, &name, 2)?;
            if let Some(case) = nullif(function) {
                *expr = case;
            }
        }
        "decode" => {
            if let Some(case) = decode(function)? {
                *expr = case;
            }
        }
        "grouping_id" => function.name = function_name("grouping"),
        // What these make of a value depends on its width, and a literal is an INTEGER where it fits.
        "fnv_hash" | "murmur3_32_hash" | "to_hex" => {
            if let Some(argument) = first_argument(function) {
                integer_literal(argument);
            }
        }
        "approximate_count" => {
            let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
            if list.duplicate_treatment.take() != Some(DuplicateTreatment::Distinct) {
                return Err(SqlError::new(SqlState::SyntaxError, "APPROXIMATE COUNT needs DISTINCT"));
            }
            function.name = function_name("approx_distinct");
        }
        other => {
            if let Some(plain) = other.strip_prefix("approximate_") {
                let name = plain.to_ascii_uppercase();
                return Err(SqlError::unsupported(format!("APPROXIMATE {name}")));
            }
        }
    }
    Ok(())
}

fn integer_literal(argument: &mut Expr) {
    let literal = match &*argument {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => expr.as_ref(),
        other => other,
    };
    let fits = matches!(literal, Expr::Value(value)
        if matches!(&value.value, Value::Number(digits, _) if digits.parse::<i32>().is_ok()));
    if fits {
        let literal = std::mem::replace(argument, number(0));
        *argument = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(literal),
            data_type: DataType::Integer(None),
            array: false,
            format: None,
        };
    }
}

fn expect_arguments(function: &Function, name: &str, count: usize) -> Result<(), SqlError> {
    match positional(function) {
        Some(args) if args.len() != count => {
            let error = SqlError::new(
                SqlState::UndefinedFunction,
                format!("function {name} takes {count} arguments, got {}", args.len()),
            );
            Err(if name == "concat" { error.with_hint("join more than two with ||") } else { error })
        }
        _ => Ok(()),
    }
}

/// `CASE WHEN e IS NOT NULL THEN a ELSE b END`.
fn nvl2(function: &mut Function) -> Option<Expr> {
    let [value, if_not_null, if_null] = <[Expr; 3]>::try_from(take_positional(function)?).ok()?;
    let when = CaseWhen { condition: Expr::IsNotNull(Box::new(value)), result: if_not_null };
    Some(case(vec![when], Some(if_null)))
}

/// `CASE a WHEN b THEN NULL ELSE a END`, which compares as `=` does (trailing blanks do not count) and has the
/// type of its first argument.
fn nullif(function: &mut Function) -> Option<Expr> {
    let [value, other] = <[Expr; 2]>::try_from(take_positional(function)?).ok()?;
    let condition =
        Expr::BinaryOp { left: Box::new(value.clone()), op: BinaryOperator::Eq, right: Box::new(other) };
    Some(case(vec![CaseWhen { condition, result: Expr::Value(Value::Null.into()) }], Some(value)))
}

/// `CASE WHEN e = s THEN r … ELSE default END`; NULL finds NULL.
fn decode(function: &mut Function) -> Result<Option<Expr>, SqlError> {
    let Some(args) = positional(function) else { return Ok(None) };
    if args.len() < 3 {
        return Err(SqlError::new(
            SqlState::UndefinedFunction,
            format!(
                "function decode takes an expression and pairs of value and result, got {} arguments",
                args.len()
            ),
        ));
    }
    let Some(args) = take_positional(function) else { return Ok(None) };
    let mut args = args.into_iter();
    let Some(value) = args.next() else { return Ok(None) };
    let mut conditions = Vec::new();
    let mut default = None;
    while let Some(search) = args.next() {
        match args.next() {
            Some(result) => conditions.push(CaseWhen { condition: equal(value.clone(), search), result }),
            None => default = Some(search),
        }
    }
    Ok(Some(case(conditions, default)))
}

/// Equality in which NULL equals NULL; plain `=` where the right side is a literal.
fn equal(left: Expr, right: Expr) -> Expr {
    let literal = match &right {
        Expr::Value(value) => Some(&value.value),
        _ => None,
    };
    match literal {
        Some(Value::Null) => Expr::IsNull(Box::new(left)),
        Some(_) => Expr::BinaryOp { left: Box::new(left), op: BinaryOperator::Eq, right: Box::new(right) },
        None => Expr::IsNotDistinctFrom(Box::new(left), Box::new(right)),
    }
}
