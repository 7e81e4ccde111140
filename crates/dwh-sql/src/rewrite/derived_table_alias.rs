//! A derived table needs no alias in Redshift: `FROM (SELECT …)` (RS 10.2). It gets a generated one, so that
//! the qualifiers of its inside do not show outside.

use sqlparser::ast::{Ident, TableAlias, TableFactor, TableWithJoins};

/// Names every unnamed derived table of a FROM; `count` numbers them within the statement.
pub(super) fn rewrite(from: &mut [TableWithJoins], count: &mut usize) {
    for table in from {
        factor(&mut table.relation, count);
        for join in &mut table.joins {
            factor(&mut join.relation, count);
        }
    }
}

fn factor(table: &mut TableFactor, count: &mut usize) {
    match table {
        TableFactor::Derived { alias: alias @ None, .. } => {
            *count += 1;
            *alias = Some(TableAlias {
                explicit: true,
                name: Ident::new(format!("__derived_{count}")),
                columns: Vec::new(),
                at: None,
            });
        }
        TableFactor::NestedJoin { table_with_joins, .. } => {
            rewrite(std::slice::from_mut(table_with_joins.as_mut()), count);
        }
        _ => {}
    }
}
