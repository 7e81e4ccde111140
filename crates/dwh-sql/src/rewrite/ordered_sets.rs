//! Aggregates that sort: `LISTAGG`, `ST_COLLECT`, `PERCENTILE_CONT`, `PERCENTILE_DISC`, `MEDIAN`, with WITHIN GROUP and OVER or
//! without, and `APPROXIMATE PERCENTILE_DISC` (RS 4.4).
//!
//! `LISTAGG(DISTINCT x, ',') WITHIN GROUP (ORDER BY y DESC)` → `__listagg(x, ',', 'distinct df', y)`,
//! `PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x)` and `MEDIAN(x)` → `__percentile_cont(x, 0.5, 'a')`.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArguments, OrderByExpr, Query, Select, SelectItem, SetExpr,
    Value, VisitMut, VisitorMut, WindowType,
};

use super::build::{function_name, positional, simple_name, take_positional, text};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let Some(name) = simple_name(function) else { return Ok(()) };
    match name {
        "listagg" => listagg(function),
        "percentile_cont" => percentile(function, "__percentile_cont"),
        "percentile_disc" | "approximate_percentile_disc" => percentile(function, "__percentile_disc"),
        "median" => median(function),
        "st_collect" => st_collect(function),
        _ => Ok(()),
    }
}

fn listagg(function: &mut Function) -> Result<(), SqlError> {
    plain_window(function)?;
    let keys = std::mem::take(&mut function.within_group);
    let mut options: Vec<String> = keys.iter().map(direction).collect();
    if take_distinct(function) {
        options.insert(0, "distinct".to_owned());
    }
    let Some(mut args) = take_positional(function) else { return Ok(()) };
    if args.len() == 1 {
        args.push(text(""));
    }
    args.push(text(options.join(" ")));
    args.extend(keys.into_iter().map(|key| key.expr));
    set_call(function, "__listagg", args);
    Ok(())
}

fn percentile(function: &mut Function, to: &str) -> Result<(), SqlError> {
    let name = if to.ends_with("cont") { "PERCENTILE_CONT" } else { "PERCENTILE_DISC" };
    plain_window(function)?;
    let keys = std::mem::take(&mut function.within_group);
    let Some(args) = take_positional(function) else { return Ok(()) };
    let (Ok([percentile]), Ok([key])) = (<[Expr; 1]>::try_from(args), <[OrderByExpr; 1]>::try_from(keys))
    else {
        let message = format!("{name} takes one percentile and WITHIN GROUP (ORDER BY one expression)");
        return Err(SqlError::new(SqlState::SyntaxError, message));
    };
    let way = if key.options.asc == Some(false) { "d" } else { "a" };
    set_call(function, to, vec![key.expr, percentile, text(way)]);
    Ok(())
}

fn median(function: &mut Function) -> Result<(), SqlError> {
    if positional(function).is_none_or(|args| args.len() != 1) {
        return Ok(());
    }
    plain_window(function)?;
    take_distinct(function);
    let Some(mut args) = take_positional(function) else { return Ok(()) };
    args.extend([Expr::value(Value::Number("0.5".to_owned(), false)), text("a")]);
    set_call(function, "__percentile_cont", args);
    Ok(())
}

/// Of one argument it is the aggregate of a column.
fn st_collect(function: &mut Function) -> Result<(), SqlError> {
    if positional(function).is_none_or(|args| args.len() != 1) {
        return Ok(());
    }
    plain_window(function)?;
    let keys = std::mem::take(&mut function.within_group);
    let Some(mut args) = take_positional(function) else { return Ok(()) };
    args.push(text(keys.iter().map(direction).collect::<Vec<_>>().join(" ")));
    args.extend(keys.into_iter().map(|key| key.expr));
    set_call(function, "__st_collect", args);
    Ok(())
}

/// Their OVER has a PARTITION BY at most.
fn plain_window(function: &Function) -> Result<(), SqlError> {
    match &function.over {
        Some(WindowType::WindowSpec(window))
            if !window.order_by.is_empty() || window.window_frame.is_some() =>
        {
            let name = function.name.to_string().to_uppercase();
            let message = format!("{name} cannot have a window ordering or window frame specification");
            Err(SqlError::new(SqlState::SyntaxError, message))
        }
        _ => Ok(()),
    }
}

fn take_distinct(function: &mut Function) -> bool {
    match &mut function.args {
        FunctionArguments::List(list) => {
            list.duplicate_treatment.take() == Some(DuplicateTreatment::Distinct)
        }
        _ => false,
    }
}

fn set_call(function: &mut Function, name: &str, args: Vec<Expr>) {
    if let Expr::Function(call) = super::build::call(name, args) {
        function.args = call.args;
        function.name = function_name(name);
    }
}

/// `al` is ascending with NULLs last, `df` descending with NULLs first: the defaults.
fn direction(key: &OrderByExpr) -> String {
    let descending = key.options.asc == Some(false);
    let nulls_first = key.options.nulls_first.unwrap_or(descending);
    let mut word = String::from(if descending { "d" } else { "a" });
    word.push(if nulls_first { 'f' } else { 'l' });
    word
}

/// The sorting aggregates of one SELECT share their order.
pub(super) fn check_orders(query: &mut Query) -> Result<(), SqlError> {
    struct Selects;
    impl VisitorMut for Selects {
        type Break = Box<SqlError>;
        fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Box<SqlError>> {
            if let SetExpr::Select(select) = query.body.as_mut()
                && !have_one_order(select)
            {
                return ControlFlow::Break(Box::new(SqlError::new(
                    SqlState::FeatureNotSupported,
                    "within group ORDER BY clauses for aggregate functions must be the same",
                )));
            }
            ControlFlow::Continue(())
        }
    }
    match query.visit(&mut Selects) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

fn have_one_order(select: &mut Select) -> bool {
    let mut orders = Orders::default();
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = expr.visit(&mut orders);
        }
    }
    orders.keys.windows(2).all(|pair| pair[0] == pair[1])
}

/// What the sorting aggregates of a select list sort by, their sub-queries left out.
#[derive(Default)]
struct Orders {
    keys: Vec<String>,
    depth: usize,
}

impl VisitorMut for Orders {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && self.depth == 0
            && function.over.is_none()
        {
            match simple_name(function) {
                // APPROXIMATE does not sort.
                Some("listagg" | "percentile_cont" | "percentile_disc")
                    if !function.within_group.is_empty() =>
                {
                    // Of a percentile only the expression counts.
                    let keys = function.within_group.iter().map(|key| key.expr.to_string());
                    self.keys.push(keys.collect::<Vec<_>>().join(", "));
                }
                Some("median") => {
                    let args = positional(function).unwrap_or_default();
                    self.keys.extend(args.first().map(ToString::to_string));
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}
