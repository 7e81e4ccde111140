//! `START WITH … CONNECT BY …`: a walk down a hierarchy (guide: CONNECT BY clause).
//!
//! It becomes a recursive WITH: the rows that START WITH picks, then again and again the rows that CONNECT BY
//! finds below them. `PRIOR x` is a column of the parent row, `LEVEL` the depth, 1 for the first rows. WHERE
//! is asked when the walk is done.

use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    BinaryOperator, ConnectByKind, Expr, Ident, Query, Select, SelectItem, SelectItemQualifiedWildcardKind,
    SetExpr, TableAlias, VisitMut, VisitorMut,
};

use super::build::{binary, column, conjunction, derived, nested, number, own_select, query, table_alias};
use super::scope::{FromColumns, is_plain};

const LEVEL: &str = "level";
const ROW: &str = "__dwh_row";
const PARENT: &str = "__dwh_parent";

const WALK: &str = "WITH RECURSIVE __dwh_rows AS (SELECT 1), __dwh_walk AS (
        SELECT 1 FROM __dwh_rows AS __dwh_row
        UNION ALL SELECT 1 FROM __dwh_rows AS __dwh_row, __dwh_walk AS __dwh_parent)
    SELECT * FROM __dwh_walk";

/// Rewrites a SELECT with CONNECT BY; `from` are the tables of its FROM.
///
/// # Errors
/// NOCYCLE, several tables, or a table whose columns are not known.
pub(super) fn rewrite(select: &mut Select, from: &FromColumns) -> Result<(), SqlError> {
    if select.connect_by.is_empty() {
        return Ok(());
    }
    let mut start = None;
    let mut connections = Vec::new();
    for clause in std::mem::take(&mut select.connect_by) {
        match clause {
            ConnectByKind::StartWith { condition, .. } => start = Some(*condition),
            ConnectByKind::ConnectBy { nocycle: false, relationships, .. } => {
                connections.extend(relationships)
            }
            ConnectByKind::ConnectBy { .. } => return Err(SqlError::unsupported("CONNECT BY NOCYCLE")),
        }
    }
    if connections.is_empty() {
        return Err(SqlError::new(SqlState::SyntaxError, "START WITH needs a CONNECT BY"));
    }
    let [table] = from.tables.as_slice() else {
        return Err(SqlError::unsupported("CONNECT BY over several tables")
            .with_hint("join them in a sub-query of FROM"));
    };
    let (Some(qualifier), Some(columns)) = (&table.qualifier, &table.columns) else {
        return Err(SqlError::unsupported("CONNECT BY over a table whose columns are not known here"));
    };
    let names = Names { qualifier, columns };
    // A column of that name hides the pseudo-column.
    let level = (!columns.iter().any(|name| name == LEVEL)).then_some(LEVEL);
    let output = || columns.iter().map(String::as_str).chain(level);
    let items = |depth: Expr| {
        let of_row = columns.iter().map(|name| SelectItem::UnnamedExpr(qualified(ROW, name)));
        of_row.chain(level.map(|_| SelectItem::UnnamedExpr(depth))).collect::<Vec<_>>()
    };
    let mut walk = query(WALK)?;
    let Some([rows, steps]) = walk.with.as_mut().map(|with| with.cte_tables.as_mut_slice()) else {
        return Err(SqlError::internal("the walk has two steps"));
    };
    if let Some(source) = own_select(&mut rows.query) {
        source.projection = columns.iter().map(|name| SelectItem::UnnamedExpr(column(name))).collect();
        source.from = std::mem::take(&mut select.from);
    }
    steps.alias = table_alias("__dwh_walk", &output().collect::<Vec<_>>());
    if let SetExpr::SetOperation { left, right, .. } = steps.query.body.as_mut()
        && let (SetExpr::Select(first), SetExpr::Select(next)) = (left.as_mut(), right.as_mut())
    {
        first.projection = items(number(1));
        first.selection = start.map(|condition| names.in_walk(condition, &number(1)));
        let deeper = binary(qualified(PARENT, LEVEL), BinaryOperator::Plus, number(1));
        next.selection = conjunction(
            connections.into_iter().map(|condition| names.in_walk(condition, &nested(deeper.clone()))),
        );
        next.projection = items(deeper);
    }
    let alias = TableAlias { explicit: true, name: qualifier.clone(), columns: Vec::new(), at: None };
    select.from = vec![super::build::alone(derived(walk, Some(alias)))];
    hide_level(&mut select.projection, &names);
    Ok(())
}

/// `*` means the columns of the table.
fn hide_level(projection: &mut Vec<SelectItem>, names: &Names<'_>) {
    let items = std::mem::take(projection).into_iter().flat_map(|item| match &item {
        SelectItem::Wildcard(options) if is_plain(options) => names.all(),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(_), options)
            if is_plain(options) =>
        {
            names.all()
        }
        _ => vec![item],
    });
    *projection = items.collect();
}

fn qualified(table: &str, name: &str) -> Expr {
    Expr::CompoundIdentifier(vec![Ident::new(table), Ident::with_quote('"', name)])
}

/// The one table of the FROM.
struct Names<'a> {
    qualifier: &'a Ident,
    columns: &'a [String],
}

impl Names<'_> {
    fn all(&self) -> Vec<SelectItem> {
        self.columns.iter().map(|name| SelectItem::UnnamedExpr(column(name))).collect()
    }

    /// A condition in which columns are those of the row, below PRIOR those of its parent, and LEVEL is
    /// `depth`.
    fn in_walk(&self, mut condition: Expr, depth: &Expr) -> Expr {
        let _ = condition.visit(&mut Walk { names: self, depth, below_prior: 0, queries: 0 });
        condition
    }
}

struct Walk<'a> {
    names: &'a Names<'a>,
    depth: &'a Expr,
    below_prior: usize,
    queries: usize,
}

impl VisitorMut for Walk<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Prior(_)) {
            self.below_prior += 1;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.queries > 0 {
            return ControlFlow::Continue(());
        }
        let name = match expr {
            Expr::Identifier(ident) => &ident.value,
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] if qualifier.value == self.names.qualifier.value => &name.value,
                _ => return ControlFlow::Continue(()),
            },
            Expr::Prior(inner) => {
                self.below_prior -= 1;
                *expr = nested((**inner).clone());
                return ControlFlow::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        if self.names.columns.contains(name) {
            *expr = qualified(if self.below_prior > 0 { PARENT } else { ROW }, name);
        } else if name == LEVEL {
            *expr = if self.below_prior > 0 { qualified(PARENT, LEVEL) } else { self.depth.clone() };
        }
        ControlFlow::Continue(())
    }
}
