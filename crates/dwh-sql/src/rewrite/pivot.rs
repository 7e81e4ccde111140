//! `FROM t PIVOT (agg(x) FOR c IN (v, …))`: a grouping with one aggregate a value (guide: PIVOT and UNPIVOT
//! examples).
//!
//! The columns of `t` that PIVOT does not name are those to group by. Without aliases the columns of the
//! result are named by their values, with an alias of the aggregate `value_aggregate`.

use std::collections::HashSet;
use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, ExprWithAlias, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    PivotValueSource, SelectItem, TableFactor, Value, visit_expressions,
};

use super::build::{
    aliased, alone, binary, case, column, derived, group_by, nested, number, own_select, select_from,
    simple_name,
};
use super::output_names::label;
use super::scope::Scope;

const AGGREGATES: [&str; 5] = ["count", "sum", "min", "max", "avg"];

/// Replaces a PIVOT by a derived table.
///
/// # Errors
/// Another aggregate, a column that the table has not, values that are no constants.
pub(super) fn rewrite(factor: &mut TableFactor, scope: &Scope<'_>) -> Result<(), SqlError> {
    let TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } =
        factor
    else {
        return Ok(());
    };
    let ([aggregate], [value_column], PivotValueSource::List(values), None) =
        (aggregate_functions.as_slice(), value_column.as_slice(), &*value_source, &default_on_null)
    else {
        return Err(SqlError::unsupported("PIVOT with several aggregates or columns, ANY or a sub-query"));
    };
    let Expr::Function(function) = &aggregate.expr else { return Err(not_an_aggregate()) };
    if !simple_name(function).is_some_and(|name| AGGREGATES.contains(&name)) {
        return Err(not_an_aggregate());
    }
    let columns = input_columns("PIVOT", table, scope)?;
    let mut named = column_names(&aggregate.expr);
    named.extend(column_names(value_column));
    if let Some(missing) = named.iter().find(|name| !columns.contains(name)) {
        let message = format!("column \"{missing}\" does not exist");
        return Err(SqlError::new(SqlState::UndefinedColumn, message));
    }
    let groups: Vec<Expr> =
        columns.iter().filter(|name| !named.contains(*name)).map(|name| column(name)).collect();
    let mut items: Vec<SelectItem> = groups.iter().cloned().map(SelectItem::UnnamedExpr).collect();
    for value in values {
        let condition = match &value.expr {
            Expr::Value(literal) if literal.value == Value::Null => {
                Expr::IsNull(Box::new(value_column.clone()))
            }
            other => binary(value_column.clone(), BinaryOperator::Eq, nested(other.clone())),
        };
        let name = match &aggregate.alias {
            Some(alias) => format!("{}_{}", value_name(value), alias.value),
            None => value_name(value),
        };
        items.push(aliased(conditional(function, &condition)?, &name));
    }
    let mut pivoted = select_from(items, vec![alone((**table).clone())], None);
    if let Some(own) = own_select(&mut pivoted) {
        own.group_by = group_by(groups);
    }
    *factor = derived(pivoted, alias.take());
    Ok(())
}

/// The columns that a PIVOT or UNPIVOT works on.
pub(super) fn input_columns(
    clause: &str,
    table: &TableFactor,
    scope: &Scope<'_>,
) -> Result<Vec<String>, SqlError> {
    match table {
        TableFactor::Table { args: None, .. } | TableFactor::Derived { .. } => {}
        _ => {
            return Err(SqlError::unsupported(format!("{clause} of a join, {clause} or function"))
                .with_hint("put the input into a sub-query"));
        }
    }
    scope.factor_columns(table).ok_or_else(|| {
        SqlError::unsupported(format!("{clause} of a table whose columns are not known here"))
            .with_hint("name the columns in a sub-query")
    })
}

fn not_an_aggregate() -> SqlError {
    SqlError::unsupported("PIVOT with anything but one call of COUNT, SUM, MIN, MAX or AVG")
}

/// The aggregate over the rows of one value: its argument is NULL in all others.
fn conditional(function: &Function, condition: &Expr) -> Result<Expr, SqlError> {
    let mut function = function.clone();
    let FunctionArguments::List(list) = &mut function.args else { return Err(not_an_aggregate()) };
    let [FunctionArg::Unnamed(argument)] = list.args.as_mut_slice() else { return Err(not_an_aggregate()) };
    let counted = match argument {
        FunctionArgExpr::Expr(expr) => expr.clone(),
        FunctionArgExpr::Wildcard => number(1),
        _ => return Err(not_an_aggregate()),
    };
    let when = CaseWhen { condition: condition.clone(), result: counted };
    *argument = FunctionArgExpr::Expr(case(vec![when], None));
    Ok(Expr::Function(function))
}

/// A constant is its own name.
fn value_name(value: &ExprWithAlias) -> String {
    if let Some(alias) = &value.alias {
        return alias.value.clone();
    }
    match &value.expr {
        Expr::Value(literal) => match &literal.value {
            Value::SingleQuotedString(text) => text.clone(),
            Value::Number(number, _) => number.to_string(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Null => "null".to_owned(),
            _ => label(&value.expr),
        },
        other => label(other),
    }
}

/// The columns that an expression names.
pub(super) fn column_names(expr: &Expr) -> HashSet<String> {
    let mut names = HashSet::new();
    let _ = visit_expressions(expr, |expr| {
        match expr {
            Expr::Identifier(ident) => names.extend([ident.value.clone()]),
            Expr::CompoundIdentifier(parts) => names.extend(parts.last().map(|ident| ident.value.clone())),
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    names
}
