//! `FROM t UNPIVOT (value FOR name IN (a, b))`: a row for each of the columns (guide: PIVOT and UNPIVOT
//! examples). NULLs give no row unless INCLUDE NULLS is said.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, ExprWithAlias, NullInclusion, Parens, Query, SelectItem, SetExpr,
    TableFactor, Values, WildcardAdditionalOptions,
};

use super::build::{
    aliased, alone, binary, case, column, derived, number, query, select_from, table_alias, text,
};
use super::pivot::input_columns;
use super::scope::Scope;

/// The generated tables; no name of a user's begins so.
const NAMES: &str = "__dwh_unpivot";
const ROWS: &str = "__dwh_unpivoted";

/// Replaces an UNPIVOT by a derived table.
///
/// # Errors
/// A column that the table has not, values that are no columns.
pub(super) fn rewrite(factor: &mut TableFactor, scope: &Scope<'_>) -> Result<(), SqlError> {
    let TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } = factor else {
        return Ok(());
    };
    let Expr::Identifier(value) = &*value else {
        return Err(SqlError::unsupported("UNPIVOT into several value columns"));
    };
    let (value, name) = (value.value.clone(), name.value.clone());
    let all = input_columns("UNPIVOT", table, scope)?;
    let turned = columns.iter().map(|item| turned_column(item, &all)).collect::<Result<Vec<_>, _>>()?;
    let kept = all.iter().filter(|name| turned.iter().all(|(column, _)| column != *name));
    let mut items: Vec<SelectItem> = kept.map(|name| SelectItem::UnnamedExpr(column(name))).collect();
    items.push(aliased(column("__name"), &name));
    let conditions = turned.iter().enumerate().map(|(index, (turned, _))| CaseWhen {
        condition: binary(column("__index"), BinaryOperator::Eq, number(index)),
        result: column(turned),
    });
    items.push(aliased(case(conditions.collect(), None), &value));
    let names = derived(names(&turned)?, Some(table_alias(NAMES, &["__index", "__name"])));
    let rows = select_from(items, vec![alone(names), alone((**table).clone())], None);
    let rows = match null_inclusion {
        Some(NullInclusion::IncludeNulls) => rows,
        _ => {
            let all = SelectItem::Wildcard(WildcardAdditionalOptions::default());
            let known = Expr::IsNotNull(Box::new(column(&value)));
            select_from(vec![all], vec![alone(derived(rows, Some(table_alias(ROWS, &[]))))], Some(known))
        }
    };
    *factor = derived(rows, alias.take());
    Ok(())
}

/// A column of the IN list and the text that names it in the result.
fn turned_column(item: &ExprWithAlias, all: &[String]) -> Result<(String, String), SqlError> {
    let column = match &item.expr {
        Expr::Identifier(ident) => &ident.value,
        Expr::CompoundIdentifier(parts) if !parts.is_empty() => &parts[parts.len() - 1].value,
        _ => return Err(SqlError::unsupported("UNPIVOT of anything but columns")),
    };
    if !all.contains(column) {
        let message = format!("column \"{column}\" does not exist");
        return Err(SqlError::new(SqlState::UndefinedColumn, message));
    }
    let shown = item.alias.as_ref().map_or(column, |alias| &alias.value);
    Ok((column.clone(), shown.clone()))
}

/// `VALUES (0, 'a'), (1, 'b')`.
fn names(turned: &[(String, String)]) -> Result<Query, SqlError> {
    let rows = turned.iter().enumerate().map(|(index, (_, shown))| {
        let row = vec![number(index), text(shown.clone())];
        Parens { opening_token: AttachedToken::empty(), content: row, closing_token: AttachedToken::empty() }
    });
    let mut built = query("VALUES (1)")?;
    *built.body = SetExpr::Values(Values { explicit_row: false, value_keyword: false, rows: rows.collect() });
    Ok(built)
}
