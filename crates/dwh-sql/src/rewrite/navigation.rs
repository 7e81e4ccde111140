//! Navigation into SUPER values (AWS guide, "Querying semi-structured data"): `c.c_orders[0].o_orderkey` →
//! `__super_path(c.c_orders, 0, 'o_orderkey')`.
//!
//! Which leading parts of a name are the column follows from the tables of the FROM; what is behind them is
//! the path. Names that fit no table are left to the planner, which reports them.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, Expr, Ident, JsonPath, JsonPathElem, Query, Subscript, UnaryOperator, VisitMut, VisitorMut,
};

use super::NameResolver;
use super::build::{call, simple_name, take_positional, text};
use super::scope::FromColumns;

/// The function that follows a path.
const PATH: &str = "__super_path";

/// Rewrites the names and paths of a clause. Sub-queries have been rewritten with what they see.
pub(super) fn rewrite(tree: &mut impl VisitMut, scopes: &[&FromColumns], names: &dyn NameResolver) {
    let _ = tree.visit(&mut Navigator { names, scopes, sub_queries: 0 });
}

struct Navigator<'a> {
    names: &'a dyn NameResolver,
    /// The FROMs in sight, innermost first.
    scopes: &'a [&'a FromColumns],
    sub_queries: usize,
}

impl VisitorMut for Navigator<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.sub_queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.sub_queries -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.sub_queries > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::CompoundIdentifier(parts) => {
                if let Some(navigated) = self.navigate(parts) {
                    *expr = navigated;
                }
            }
            Expr::JsonAccess { value, path } => {
                let base = std::mem::replace(value.as_mut(), Expr::Identifier(Ident::new("")));
                *expr = follow(base, self.steps(path));
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                if let Some(path) = access_chain.iter().map(|access| self.access_step(access)).collect() {
                    let base = std::mem::replace(root.as_mut(), Expr::Identifier(Ident::new("")));
                    *expr = follow(base, path);
                }
            }
            // The planner takes a sign before what is known to be a number only.
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: operand } if self.is_semi_structured(operand) => {
                let operand = std::mem::replace(operand.as_mut(), Expr::Identifier(Ident::new("")));
                *expr = call("__super_negate", vec![operand]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Navigator<'_> {
    /// Whether an expression is SUPER by its look: a path, or an element.
    fn is_semi_structured(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Nested(inner) => self.is_semi_structured(inner),
            Expr::Function(function) => simple_name(function) == Some(PATH),
            Expr::Identifier(name) => self.scopes.iter().any(|scope| scope.has_elements(&name.value)),
            _ => false,
        }
    }

    /// A compound name with a path behind its column; `None` if it is a plain column, or none.
    fn navigate(&self, parts: &[Ident]) -> Option<Expr> {
        let (column, used) = self
            .qualified(parts)
            .or_else(|| self.scopes.iter().find_map(|scope| scope.leading_column_of(parts)))?;
        if used == parts.len() && column == parts {
            return None;
        }
        let column = match column.as_slice() {
            [only] => Expr::Identifier(only.clone()),
            _ => Expr::CompoundIdentifier(column),
        };
        let path = parts.get(used..)?.iter().map(|part| self.attribute(part)).collect::<Vec<_>>();
        Some(if path.is_empty() { column } else { follow(column, path) })
    }

    /// The column of a table in sight, of whatever query: it goes before a column of the table's name, as in PostgreSQL.
    fn qualified(&self, parts: &[Ident]) -> Option<(Vec<Ident>, usize)> {
        let found = |(at, scope): (usize, &&FromColumns)| Some((at, scope.qualified_column_of(parts)?));
        let (at, (mut column, used)) = self.scopes.iter().enumerate().find_map(found)?;
        let table = parts.first()?;
        let (nearer, own) = (self.scopes.get(..at)?, self.scopes.get(at)?);
        if used == 2 && nearer.iter().any(|scope| scope.has(&table.value)) {
            // The planner would look into that column; behind a schema the name is a table's.
            column.insert(0, own.schema_of(&table.value));
        }
        Some((column, used))
    }

    /// An attribute as the argument that names it.
    fn attribute(&self, name: &Ident) -> Expr {
        let position = usize::try_from(name.span.start.column).ok().filter(|&column| column > 0);
        text(self.names.spelling(&name.value, position).unwrap_or_else(|| name.value.clone()))
    }

    /// The steps of a path as arguments: texts are attributes, whatever is in brackets an index or attribute.
    fn steps(&self, path: &JsonPath) -> Vec<Expr> {
        let step = |element: &JsonPathElem| match element {
            JsonPathElem::Dot { key, .. } => self.attribute(&Ident::new(key.clone())),
            JsonPathElem::Bracket { key } | JsonPathElem::ColonBracket { key } => key.clone(),
        };
        path.path.iter().map(step).collect()
    }

    /// A step behind what is no name: an attribute or an index.
    fn access_step(&self, access: &AccessExpr) -> Option<Expr> {
        match access {
            AccessExpr::Dot(Expr::Identifier(name)) => Some(self.attribute(name)),
            AccessExpr::Subscript(Subscript::Index { index }) => Some(index.clone()),
            _ => None,
        }
    }
}

/// `base` followed along a path; a path behind a path is one path.
fn follow(mut base: Expr, path: Vec<Expr>) -> Expr {
    let before = match &mut base {
        Expr::Function(function) if simple_name(function) == Some(PATH) => take_positional(function),
        _ => None,
    };
    let mut args = before.unwrap_or_else(|| vec![base]);
    args.extend(path);
    call(PATH, args)
}
