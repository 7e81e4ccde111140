//! Small constructors of AST nodes.

use dwh_common::SqlError;
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, GroupByExpr, Ident, ObjectName, Query, Select, SelectFlavor, SelectItem, SetExpr,
    TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, Value,
};
use sqlparser::parser::Parser;

use crate::lex::DIALECT;

/// A call of a plain function.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(Function {
        name: function_name(name),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// A function's name as the AST has it.
pub(super) fn function_name(name: &str) -> ObjectName {
    ObjectName::from(vec![Ident::new(name)])
}

/// `SELECT` of these items, without a FROM.
pub(super) fn select(projection: Vec<SelectItem>) -> Query {
    let select = Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from: Vec::new(),
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    };
    Query {
        with: None,
        body: Box::new(SetExpr::Select(Box::new(select))),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A string literal.
pub(super) fn text(value: impl Into<String>) -> Expr {
    Expr::value(Value::SingleQuotedString(value.into()))
}

/// A whole-number literal.
pub(super) fn number(value: impl ToString) -> Expr {
    Expr::value(Value::Number(value.to_string(), false))
}

/// The value of a string literal, in parentheses or not.
pub(super) fn literal_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => literal_text(inner),
        _ => None,
    }
}

/// The expression in parentheses, unless it reads the same without.
pub(super) fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Nested(_)
        | Expr::Subquery(_)
        | Expr::Cast { .. }
        | Expr::Case { .. } => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

/// The arguments of a call, if all are plain expressions.
pub(super) fn positional(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args
        .iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

/// Takes the arguments of a call out, if all are plain expressions; leaves the call alone otherwise.
pub(super) fn take_positional(function: &mut Function) -> Option<Vec<Expr>> {
    positional(function)?;
    let FunctionArguments::List(list) = &mut function.args else { return None };
    Some(
        std::mem::take(&mut list.args)
            .into_iter()
            .filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect(),
    )
}

/// The first argument of a call, if it is a plain expression.
pub(super) fn first_argument(function: &mut Function) -> Option<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return None };
    match list.args.first_mut()? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// The name of a function called without a schema, as folded by the lexer.
pub(super) fn simple_name(function: &Function) -> Option<&str> {
    match function.name.0.as_slice() {
        [part] => part.as_ident().map(|ident| ident.value.as_str()),
        _ => None,
    }
}

/// The terms of a conjunction, in order.
pub(super) fn conjuncts(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut terms = conjuncts(*left);
            terms.extend(conjuncts(*right));
            terms
        }
        Expr::Nested(inner) if matches!(*inner, Expr::BinaryOp { op: BinaryOperator::And, .. }) => {
            conjuncts(*inner)
        }
        other => vec![other],
    }
}

/// Terms joined by AND; `None` without terms.
pub(super) fn conjunction(terms: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    terms.into_iter().reduce(|left, right| binary(nested(left), BinaryOperator::And, nested(right)))
}

/// An operator between two expressions.
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// `CASE WHEN … THEN … [ELSE …] END`.
pub(super) fn case(conditions: Vec<CaseWhen>, default: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions,
        else_result: default.map(Box::new),
    }
}

/// A column by its name, quoted so that no character of it matters.
pub(super) fn column(name: &str) -> Expr {
    Expr::Identifier(Ident::with_quote('"', name))
}

/// An item of a SELECT list with its label.
pub(super) fn aliased(expr: Expr, label: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', label) }
}

/// A query from a fixed text, to be filled in.
///
/// # Errors
/// The text is no query.
pub(super) fn query(sql: &str) -> Result<Query, SqlError> {
    let parsed = Parser::new(&DIALECT).try_with_sql(sql).and_then(|mut parser| parser.parse_query());
    parsed.map(|query| *query).map_err(|error| SqlError::internal(format!("{sql}: {error}")))
}

/// `SELECT items FROM from [WHERE selection]`.
pub(super) fn select_from(
    items: Vec<SelectItem>,
    from: Vec<TableWithJoins>,
    selection: Option<Expr>,
) -> Query {
    let mut built = select(items);
    if let Some(select) = own_select(&mut built) {
        select.from = from;
        select.selection = selection;
    }
    built
}

/// The SELECT that a query consists of, if it is a single one.
pub(super) fn own_select(query: &mut Query) -> Option<&mut Select> {
    match query.body.as_mut() {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}

/// `GROUP BY` plain expressions.
pub(super) fn group_by(exprs: Vec<Expr>) -> GroupByExpr {
    GroupByExpr::Expressions(exprs, Vec::new())
}

/// A query as a table of a FROM.
pub(super) fn derived(query: Query, alias: Option<TableAlias>) -> TableFactor {
    TableFactor::Derived { lateral: false, subquery: Box::new(query), alias, sample: None }
}

/// A table of a FROM without joins.
pub(super) fn alone(relation: TableFactor) -> TableWithJoins {
    TableWithJoins { relation, joins: Vec::new() }
}

/// A table alias with names for its columns.
pub(super) fn table_alias(name: &str, columns: &[&str]) -> TableAlias {
    let columns = columns
        .iter()
        .map(|column| TableAliasColumnDef { name: Ident::with_quote('"', *column), data_type: None });
    TableAlias { explicit: true, name: Ident::with_quote('"', name), columns: columns.collect(), at: None }
}
