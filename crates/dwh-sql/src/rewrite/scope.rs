//! Which names a query's FROM offers.

use std::collections::HashSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Query, Visit, Visitor};

/// Names of all WITH queries, at any depth.
pub(crate) fn cte_names(query: &Query) -> HashSet<String> {
    struct Collector(HashSet<String>);
    impl Visitor for Collector {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
            self.0.extend(ctes.map(|cte| cte.alias.name.value.clone()));
            ControlFlow::Continue(())
        }
    }
    let mut collector = Collector(HashSet::new());
    let _ = query.visit(&mut collector);
    collector.0
}
