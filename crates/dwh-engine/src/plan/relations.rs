//! Relations that a query names: as the user may see them, tables, views and system tables.

use std::sync::Arc;

use datafusion::datasource::{TableProvider, ViewTable};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::ParseOptions;
use dwh_storage::{Privilege, Securable, ViewDefinition};

use super::{MAX_VIEW_DEPTH, Planner, labels, parse_query_with};
use crate::access::{denied, readable};
use crate::names::Relation;
use crate::policies::{self, Protected, Secured};
use crate::scan::{Restricted, StoredTable};

impl Planner<'_> {
    /// A relation, if the user may read it: perhaps some of its columns only.
    pub(super) fn readable(&self, relation: Relation) -> Result<Arc<dyn TableProvider>, SqlError> {
        match readable(&self.rights(), &relation)? {
            None => self.provider(relation),
            Some(columns) => {
                let error = match &relation {
                    Relation::Table(table) => denied("relation", &table.definition.name),
                    Relation::View(view) => denied("relation", &view.definition.name),
                    Relation::System(system) => denied("relation", system.name),
                };
                Ok(Arc::new(Restricted::new(self.provider(relation)?, columns, error)))
            }
        }
    }

    pub(super) fn provider(&self, relation: Relation) -> Result<Arc<dyn TableProvider>, SqlError> {
        if match &relation {
            Relation::Table(_) => true,
            Relation::View(_) => false,
            Relation::System(system) => system.is_of_compute_nodes(),
        } {
            self.reads_tables.set(true);
        }
        if let Some(secured) = self.secured(&relation)? {
            return Ok(secured);
        }
        match relation {
            Relation::Table(table) => match self.names.target {
                Some((_, target)) if Arc::ptr_eq(target, &table) => {
                    Ok(Arc::new(StoredTable::with_addresses(table)))
                }
                _ => Ok(Arc::new(StoredTable::new(table))),
            },
            Relation::View(view) => {
                let rights = self.rights();
                let owner = rights.access().owner(Securable::Relation(view.id));
                self.rights.borrow_mut().push(rights.of(owner));
                let provider = self.view(&view.definition);
                self.rights.borrow_mut().pop();
                provider
            }
            Relation::System(system) => {
                let columns_of_view = |view: &ViewDefinition| {
                    let provider = self.view(view).ok()?;
                    let schema = provider.schema();
                    schema
                        .fields()
                        .iter()
                        .map(|f| Some((f.name().clone(), RedshiftType::of_field(f)?)))
                        .collect()
                };
                system.provider(&self.system.planning(&columns_of_view))
            }
        }
    }

    /// The relation as policies show it to the session's user, also inside a view; `None` if none applies.
    fn secured(&self, relation: &Relation) -> Result<Option<Arc<dyn TableProvider>>, SqlError> {
        // The statement's user is the first.
        let user = self.rights.borrow()[0];
        if self.names.is_unprotected || user.access().is_without_policies() {
            return Ok(None);
        }
        let Some(mut protected) = Protected::of(relation.clone()) else { return Ok(None) };
        if let (Relation::Table(table), Some((name, target))) = (relation, self.names.target)
            && Arc::ptr_eq(target, table)
        {
            protected = protected.into_target(name);
        }
        if self.behind_policies.borrow().contains(&protected.id) {
            return Ok(None);
        }
        let Some(substitute) = policies::substitute(&user, &protected) else { return Ok(None) };
        self.behind_policies.borrow_mut().push(protected.id);
        let plan = parse_query_with(&substitute.sql, ParseOptions::default())
            .and_then(|query| self.query_as_owner(query));
        self.behind_policies.borrow_mut().pop();
        let plan = plan.map_err(|error| SqlError { position: None, ..error })?;
        let shown = user.is_superuser() || user.has_system(Privilege::EXPLAIN_RLS);
        Ok(Some(Arc::new(Secured::new(plan, substitute.by_rows, shown))))
    }

    fn view(&self, view: &ViewDefinition) -> Result<Arc<dyn TableProvider>, SqlError> {
        if self.view_depth.get() >= MAX_VIEW_DEPTH {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!("infinite recursion detected in the definition of view \"{}\"", view.name),
            ));
        }
        self.view_depth.set(self.view_depth.get() + 1);
        let plan = self.query_text(&view.sql);
        self.view_depth.set(self.view_depth.get() - 1);
        let mut plan = plan?;
        let names = labels(plan.schema());
        let wanted = if view.column_names.is_empty() { &names } else { &view.column_names };
        let columns = plan.schema().columns();
        if wanted.len() != columns.len() {
            return Err(SqlError::new(
                SqlState::InvalidTableDefinition,
                format!(
                    "view \"{}\" has {} columns and its SELECT {}",
                    view.name,
                    wanted.len(),
                    columns.len()
                ),
            )
            .with_hint("A table below the view has changed. Create the view again."));
        }
        let aliased = columns.into_iter().zip(wanted).map(|(column, name)| Expr::Column(column).alias(name));
        plan = LogicalPlanBuilder::from(plan)
            .project(aliased.collect::<Vec<_>>())
            .and_then(LogicalPlanBuilder::build)
            .map_err(|error| self.sql_error(&error))?;
        Ok(Arc::new(ViewTable::new(plan, Some(view.sql.clone()))))
    }
}
