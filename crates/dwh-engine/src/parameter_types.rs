//! The types that parameters get from where they stand, as PostgreSQL resolves them: the column that an
//! INSERT or UPDATE fills, the other side of a comparison or an arithmetic operator, the target of a cast,
//! LIMIT. What nothing says anything about is text.

use std::ops::ControlFlow;
use std::sync::Arc;

use dwh_common::RedshiftType;
use dwh_sql::statement::{
    Call, Delete, Insert, InsertSource, Merge, MergeAction, MergeMatched, Statement, Update,
};
use dwh_storage::Table;
use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LimitClause, ObjectName,
    Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins, Value, ValueWithSpan, VisitMut, Visitor,
    VisitorMut, With,
};

use crate::context::StatementContext;
use crate::execute::procedures_named;
use crate::plan::parse_query;

/// Arguments that are whole numbers by the function's definition, 0 first.
const INTEGER_ARGUMENTS: &[(&str, &[usize])] = &[
    ("dateadd", &[1]),
    ("add_months", &[1]),
    ("left", &[1]),
    ("right", &[1]),
    ("lpad", &[1]),
    ("rpad", &[1]),
    ("repeat", &[1]),
    ("replicate", &[1]),
    ("round", &[1]),
    ("split_part", &[2]),
    ("substr", &[1, 2]),
    ("substring", &[1, 2]),
    ("trunc", &[1]),
];

/// Functions whose arguments all have one type.
const ALIKE: &[&str] = &["coalesce", "nvl", "isnull", "ifnull", "nullif", "greatest", "least"];

/// The types of `$1` to `$count`, as far as the statement tells.
pub(crate) fn infer(
    context: &StatementContext<'_>,
    statement: &Statement,
    count: usize,
) -> Vec<Option<RedshiftType>> {
    let mut finder = Finder { context, found: vec![None; count], queries: Vec::new(), selects: Vec::new() };
    match statement {
        Statement::Query(query) => finder.walk(query.as_ref()),
        Statement::CreateTableAs(create) => finder.walk(create.query.as_ref()),
        Statement::Explain { statement, .. } => return infer(context, statement, count),
        Statement::Insert(insert) => finder.insert(insert),
        Statement::Update(update) => finder.update(update),
        Statement::Delete(delete) => finder.delete(delete),
        Statement::Merge(merge) => finder.merge(merge),
        Statement::Call(call) => finder.call(call),
        _ => {}
    }
    finder.found
}

struct Finder<'a, 'c> {
    context: &'a StatementContext<'c>,
    found: Vec<Option<RedshiftType>>,
    /// The queries around the present place, innermost last.
    queries: Vec<Query>,
    selects: Vec<Select>,
}

impl Finder<'_, '_> {
    fn walk(&mut self, tree: &impl sqlparser::ast::Visit) {
        let _ = tree.visit(self);
    }

    /// The arguments of the one procedure that has the name and takes as many.
    fn call(&mut self, call: &Call) {
        let procedures = &self.context.transaction.access().procedures;
        let mut takes = procedures_named(self.context, &call.name);
        takes.retain(|id| procedures[id].inputs().count() == call.arguments.len());
        if let [id] = takes[..] {
            for (argument, expr) in procedures[&id].inputs().zip(&call.arguments) {
                self.note(expr, Some(argument.data_type.value_type()));
            }
        }
    }

    fn insert(&mut self, insert: &Insert) {
        let Ok(table) = self.context.names().table(&insert.table) else { return };
        let targets = target_types(&table, &insert.columns);
        match &insert.source {
            InsertSource::DefaultValues => {}
            InsertSource::Values(rows) => {
                for row in rows {
                    for (index, value) in row.iter().enumerate() {
                        let Some(value) = value else { continue };
                        self.note(value, targets.get(index).copied());
                        self.walk(value);
                    }
                }
            }
            InsertSource::Query(query) => {
                if let SetExpr::Select(select) = query.body.as_ref() {
                    for (item, target) in select.projection.iter().zip(&targets) {
                        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                            self.note(expr, Some(*target));
                        }
                    }
                }
                self.walk(query.as_ref());
            }
        }
    }

    fn update(&mut self, update: &Update) {
        let Ok(table) = self.context.names().table(&update.table) else { return };
        let from = relations(&update.table, update.alias.as_ref(), &update.from);
        self.assignments(&table, &update.assignments);
        let values = update.assignments.iter().filter_map(|(_, value)| value.clone());
        let parts = values.chain(update.selection.clone()).collect();
        self.walk_parts(update.with.clone(), from, parts);
    }

    fn delete(&mut self, delete: &Delete) {
        let from = relations(&delete.table, delete.alias.as_ref(), &delete.using);
        self.walk_parts(delete.with.clone(), from, delete.selection.iter().cloned().collect());
    }

    fn merge(&mut self, merge: &Merge) {
        let Ok(table) = self.context.names().table(&merge.target) else { return };
        let source = TableWithJoins { relation: merge.source.clone(), joins: Vec::new() };
        let from = relations(&merge.target, None, &[source]);
        let mut parts = vec![merge.on.clone()];
        if let MergeAction::Upsert { matched, insert_columns, insert_values } = &merge.action {
            if let MergeMatched::Update(assignments) = matched {
                self.assignments(&table, assignments);
                parts.extend(assignments.iter().filter_map(|(_, value)| value.clone()));
            }
            for (value, target) in insert_values.iter().zip(target_types(&table, insert_columns)) {
                let Some(value) = value else { continue };
                self.note(value, Some(target));
                parts.push(value.clone());
            }
        }
        self.walk_parts(None, from, parts);
    }

    fn assignments(&mut self, table: &Table, assignments: &[(String, Option<Expr>)]) {
        for (name, value) in assignments {
            let column = table.definition.columns.iter().find(|column| column.name == *name);
            if let (Some(value), Some(column)) = (value, column) {
                self.note(value, Some(column.data_type));
            }
        }
    }

    /// Walks expressions as if they were the SELECT list over some tables.
    fn walk_parts(&mut self, with: Option<With>, from: Vec<TableWithJoins>, parts: Vec<Expr>) {
        let Some(mut query) = selecting(parts) else { return };
        query.with = with;
        if let SetExpr::Select(select) = query.body.as_mut() {
            select.from = from;
        }
        self.walk(&query);
    }

    /// Notes the type of a parameter, the first time that something tells it.
    fn note(&mut self, expr: &Expr, data_type: Option<RedshiftType>) {
        if let Some(slot) = parameter(expr).and_then(|index| self.found.get_mut(index)) {
            *slot = slot.or(data_type);
        }
    }

    /// Gives the parameters among `members` the type of the first member that has one.
    fn alike<'e>(&mut self, members: impl IntoIterator<Item = &'e Expr> + Clone) {
        let wanting = members
            .clone()
            .into_iter()
            .filter_map(parameter)
            .any(|index| self.found.get(index).is_some_and(Option::is_none));
        if !wanting {
            return;
        }
        let data_type = members.clone().into_iter().find_map(|member| self.type_of(member));
        for member in members {
            self.note(member, data_type);
        }
    }

    /// The type of an expression where the walk is, found by planning it over the FROM around it.
    fn type_of(&self, expr: &Expr) -> Option<RedshiftType> {
        if let Some(index) = parameter(expr) {
            return self.found.get(index).copied().flatten();
        }
        if let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_) | Value::Null, .. }) = expr {
            return None;
        }
        let mut query = selecting(vec![expr.clone()])?;
        if let (SetExpr::Select(select), Some(around)) = (query.body.as_mut(), self.selects.last()) {
            select.from = around.from.clone();
        }
        query.with = self.queries.iter().rev().find_map(|query| query.with.clone());
        let _ = query.visit(&mut Nulls);
        let plan = self.context.with_planner(|planner| planner.query(query)).ok()?;
        RedshiftType::of_field(plan.schema().fields().first()?)
    }

    fn function(&mut self, name: &str, arguments: &[FunctionArg]) {
        let values: Vec<&Expr> = arguments.iter().filter_map(positional).collect();
        if ALIKE.contains(&name) {
            self.alike(values);
        } else if let Some((_, integers)) = INTEGER_ARGUMENTS.iter().find(|(known, _)| *known == name) {
            for index in *integers {
                if let Some(value) = values.get(*index) {
                    self.note(value, Some(RedshiftType::Integer));
                }
            }
        }
    }
}

impl Visitor for Finder<'_, '_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause {
            for count in limit.iter().chain(offset.iter().map(|offset| &offset.value)) {
                self.note(count, Some(RedshiftType::BigInt));
            }
        }
        self.queries.push(query.clone());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.selects.push(select.clone());
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.selects.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Cast { expr: inner, data_type, .. } => {
                self.note(inner, data_type.to_string().to_ascii_lowercase().parse().ok());
            }
            Expr::BinaryOp { op: BinaryOperator::StringConcat, left, right } => {
                self.note(left, Some(RedshiftType::MAX_VARCHAR));
                self.note(right, Some(RedshiftType::MAX_VARCHAR));
            }
            Expr::BinaryOp { left, right, .. } | Expr::IsDistinctFrom(left, right) => {
                self.alike([left.as_ref(), right.as_ref()]);
            }
            Expr::Between { expr, low, high, .. } => {
                self.alike([expr.as_ref(), low.as_ref(), high.as_ref()]);
            }
            Expr::InList { expr, list, .. } => {
                self.alike(std::iter::once(expr.as_ref()).chain(list).collect::<Vec<_>>());
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                if let Some(operand) = operand {
                    let tested = conditions.iter().map(|when| &when.condition);
                    self.alike(std::iter::once(operand.as_ref()).chain(tested).collect::<Vec<_>>());
                }
                let results = conditions.iter().map(|when| &when.result);
                self.alike(results.chain(else_result.as_deref()).collect::<Vec<_>>());
            }
            Expr::Substring { substring_from, substring_for, .. } => {
                for count in [substring_from, substring_for].into_iter().flatten() {
                    self.note(count, Some(RedshiftType::Integer));
                }
            }
            Expr::Function(function) => {
                if let FunctionArguments::List(list) = &function.args {
                    let name = function.name.0.last().and_then(|part| part.as_ident());
                    self.function(name.map_or("", |name| name.value.as_str()), &list.args);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Puts NULL in the place of parameters, so that what is around them can be planned.
struct Nulls;

impl VisitorMut for Nulls {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if parameter(expr).is_some() {
            *expr = Expr::value(Value::Null);
        }
        ControlFlow::Continue(())
    }
}

/// The index of `$n` in a list of parameters.
fn parameter(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) => {
            name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
        }
        Expr::Nested(inner) => parameter(inner),
        _ => None,
    }
}

fn positional(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// `SELECT parts`, without a FROM.
fn selecting(parts: Vec<Expr>) -> Option<Query> {
    let mut query = parse_query("select 1").ok()?;
    if let SetExpr::Select(select) = query.body.as_mut() {
        select.projection = parts.into_iter().map(SelectItem::UnnamedExpr).collect();
    }
    Some(query)
}

/// The types of the columns that an INSERT fills.
fn target_types(table: &Arc<Table>, named: &[String]) -> Vec<RedshiftType> {
    let columns = &table.definition.columns;
    if named.is_empty() {
        let plain =
            columns.iter().filter(|column| column.identity.is_none_or(|identity| identity.by_default));
        return plain.map(|column| column.data_type).collect();
    }
    let find = |name: &String| columns.iter().find(|column| column.name == *name);
    named.iter().map(|name| find(name).map_or(RedshiftType::MAX_VARCHAR, |column| column.data_type)).collect()
}

/// The target of a statement and the tables beside it, as a FROM.
fn relations(
    target: &dwh_sql::statement::TableName,
    alias: Option<&String>,
    beside: &[TableWithJoins],
) -> Vec<TableWithJoins> {
    let parts = [target.database.as_ref(), target.schema.as_ref(), Some(&target.name)];
    let name = ObjectName::from(parts.into_iter().flatten().map(Ident::new).collect::<Vec<_>>());
    let Some(mut query) = parse_query("select 1 from t").ok() else { return beside.to_vec() };
    let SetExpr::Select(select) = query.body.as_mut() else { return beside.to_vec() };
    let mut from = std::mem::take(&mut select.from);
    if let Some(TableFactor::Table { name: placeholder, alias: named, .. }) =
        from.first_mut().map(|table| &mut table.relation)
    {
        *placeholder = name;
        *named = alias.and_then(|alias| {
            let mut query = parse_query("select 1 from t as a").ok()?;
            let SetExpr::Select(select) = query.body.as_mut() else { return None };
            let TableFactor::Table { alias: named, .. } = &mut select.from.first_mut()?.relation else {
                return None;
            };
            let mut named = named.take()?;
            named.name = Ident::new(alias);
            Some(named)
        });
    }
    from.extend(beside.iter().cloned());
    from
}
