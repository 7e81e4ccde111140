//! `SLICE_NUM()` in a SELECT without FROM runs on the leader node, which is no slice (the guide, SLICE_NUM).

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, VisitMut, VisitorMut, visit_expressions_mut};

use super::build::{function_name, simple_name};

pub(super) fn rewrite(query: &mut Query) {
    struct Selects;
    impl VisitorMut for Selects {
        type Break = ();
        fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
            if let SetExpr::Select(select) = query.body.as_mut()
                && select.from.is_empty()
            {
                select.projection.iter_mut().for_each(on_leader_node);
            }
            ControlFlow::Continue(())
        }
    }
    let _ = query.visit(&mut Selects);
}

fn on_leader_node(item: &mut SelectItem) {
    let _ = visit_expressions_mut(item, |expr| {
        if let Expr::Function(function) = expr
            && simple_name(function) == Some("slice_num")
        {
            function.name = function_name("__leader_slice_num");
        }
        ControlFlow::<()>::Continue(())
    });
}
