//! What follows when a table, view or schema gets another name: views on it are bound to the object, not to
//! its name, so their text follows. Late-binding views keep theirs (RS 3.5).

use std::fmt::Display;
use std::ops::ControlFlow;

use dwh_common::{SqlError, SqlState};
use dwh_storage::{Access, MaterializedQuery};
use sqlparser::ast::{Ident, ObjectName, TableAlias, TableFactor, VisitMut, VisitorMut};

use super::drop::reads_column;
use crate::context::StatementContext;
use crate::plan::parse_query;

/// A new name for what had another: `(schema, name)` for a relation; a schema has no second part.
pub(super) struct Renaming<'a> {
    pub(super) schema: &'a str,
    pub(super) relation: Option<&'a str>,
    pub(super) to: &'a str,
}

impl Renaming<'_> {
    fn applies(&self, schema: &str, name: &str) -> bool {
        schema == self.schema && self.relation.is_none_or(|relation| relation == name)
    }

    fn renamed(&self, (schema, name): &(String, String)) -> (String, String) {
        match self.relation {
            _ if !self.applies(schema, name) => (schema.clone(), name.clone()),
            Some(_) => (schema.clone(), self.to.to_owned()),
            None => (self.to.to_owned(), name.clone()),
        }
    }

    /// A query or expression with the new name; names without a schema mean the relation if `depends_on` has it.
    fn rewrite(&self, mut sql: impl VisitMut + Display + Clone, depends_on: &[(String, String)]) -> String {
        let _ = sql.visit(&mut Renamer { renaming: self, depends_on });
        dwh_sql::to_sql(&sql)
    }

    fn applies_to_one(&self, depends_on: &[(String, String)]) -> bool {
        depends_on.iter().any(|(schema, name)| self.applies(schema, name))
    }

    fn all_renamed(&self, depends_on: &[(String, String)]) -> Vec<(String, String)> {
        depends_on.iter().map(|on| self.renamed(on)).collect()
    }
}

struct Renamer<'a> {
    renaming: &'a Renaming<'a>,
    depends_on: &'a [(String, String)],
}

impl VisitorMut for Renamer<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, alias, .. } = factor else { return ControlFlow::Continue(()) };
        let table = dwh_sql::table_name_of(name);
        let applies = |schema: &str, name: &str| self.renaming.applies(schema, name);
        let schema = match &table.schema {
            Some(schema) if applies(schema, &table.name) => schema.clone(),
            None if self.depends_on.iter().any(|(s, n)| *n == table.name && applies(s, n)) => {
                self.renaming.schema.to_owned()
            }
            _ => return ControlFlow::Continue(()),
        };
        let (schema, new_name) = self.renaming.renamed(&(schema, table.name.clone()));
        *name = ObjectName::from(vec![Ident::with_quote('"', schema), Ident::with_quote('"', new_name)]);
        // Columns that the query qualifies with the old name still mean something.
        alias.get_or_insert_with(|| TableAlias {
            explicit: true,
            name: Ident::with_quote('"', table.name),
            columns: Vec::new(),
            at: None,
        });
        ControlFlow::Continue(())
    }
}

/// Brings views, materialized views, foreign keys and policies up to the new name.
pub(super) fn follow(context: &mut StatementContext<'_>, renaming: &Renaming<'_>) -> Result<(), SqlError> {
    for view in context.transaction.views() {
        let view = &view.definition;
        if view.late_binding || !renaming.applies_to_one(&view.depends_on) {
            continue;
        }
        let sql = renaming.rewrite(parse_query(&view.sql)?, &view.depends_on);
        let depends_on = renaming.all_renamed(&view.depends_on);
        context.transaction.set_view_query(&view.schema, &view.name, sql, depends_on)?;
    }
    for table in context.transaction.tables() {
        let definition = &table.definition;
        if let Some(query) = &definition.materialized
            && renaming.applies_to_one(&query.depends_on)
        {
            let sql = renaming.rewrite(parse_query(&query.sql)?, &query.depends_on);
            let depends_on = renaming.all_renamed(&query.depends_on);
            let query = MaterializedQuery { sql, depends_on, ..query.clone() };
            context.transaction.set_materialized(table.id, Some(query))?;
        }
        let points = definition
            .attributes
            .foreign_keys()
            .any(|(_, key)| renaming.applies(&key.referenced_schema, &key.referenced_table));
        if points {
            let mut attributes = definition.attributes.clone();
            for key in attributes.foreign_keys_mut() {
                let on = (key.referenced_schema.clone(), key.referenced_table.clone());
                (key.referenced_schema, key.referenced_table) = renaming.renamed(&on);
            }
            context.transaction.set_attributes(table.id, attributes)?;
        }
    }
    let access = context.transaction.access();
    let mut policies = access.row_policies.values().chain(access.masking_policies.values());
    if policies.any(|policy| renaming.applies_to_one(&policy.depends_on)) {
        context.transaction.change_access(|access| follow_policies(access, renaming))??;
    }
    Ok(())
}

fn follow_policies(access: &mut Access, renaming: &Renaming<'_>) -> Result<(), SqlError> {
    let policies = access.row_policies.values_mut().chain(access.masking_policies.values_mut());
    for policy in policies.filter(|policy| renaming.applies_to_one(&policy.depends_on)) {
        for sql in &mut policy.expressions {
            *sql = renaming.rewrite(dwh_sql::parse_expression(sql)?, &policy.depends_on);
        }
        policy.depends_on = renaming.all_renamed(&policy.depends_on);
    }
    Ok(())
}

/// Refuses to rename a column that a bound view names: its text would have to follow.
pub(super) fn check_column_unused(
    context: &StatementContext<'_>,
    schema: &str,
    table: &str,
    column: &str,
) -> Result<(), SqlError> {
    let on_it = |depends_on: &[(String, String)]| depends_on.iter().any(|(s, n)| s == schema && n == table);
    for view in context.transaction.views() {
        let view = &view.definition;
        if !view.late_binding && on_it(&view.depends_on) && reads_column(&view.sql, column) {
            return Err(SqlError::new(
                SqlState::FeatureNotSupported,
                format!("cannot rename column \"{column}\": view \"{}\" reads it", view.name),
            )
            .with_hint("Drop the view, rename the column, and create the view again."));
        }
    }
    Ok(())
}
