//! The catalog as the functions look at it.

use dwh_common::{SqlError, SqlState};
use dwh_sql::keywords::quote_ident;
use dwh_storage::PrincipalId;

use super::privileges::Principals;
use super::{Answer, Argument, number};
use crate::names::undefined;
use crate::system_tables::SystemView;
use crate::system_tables::catalog::{Catalog, CatalogRelation, DATABASE_OID};

/// What the functions look at.
pub(crate) struct CatalogView {
    pub(super) catalog: Catalog,
    pub(super) database: String,
    pub(super) principals: Principals,
}

impl CatalogView {
    pub(crate) fn new(system: &SystemView<'_>, current_user: PrincipalId) -> Self {
        let principals = Principals {
            access: system.transaction.access().clone(),
            schemas: system.transaction.schemas(),
            current_user,
        };
        Self { catalog: Catalog::new(system), database: system.database.to_owned(), principals }
    }

    pub(super) fn relation(&self, oid: Argument<'_>) -> Option<&CatalogRelation> {
        self.catalog.relation(number(oid)?)
    }

    /// A relation as regclass prints it: with its schema where that is needed; an unknown id as itself.
    pub(super) fn relation_name(&self, oid: Argument<'_>) -> Option<String> {
        let oid = oid?;
        let Some(relation) = self.relation(Some(oid)) else {
            return Some(if oid == "0" { "-".to_owned() } else { oid.to_owned() });
        };
        Some(match self.catalog.is_visible(relation) {
            true => relation.name.clone(),
            false => format!("{}.{}", relation.schema, relation.name),
        })
    }

    pub(super) fn relation_oid(&self, name: Argument<'_>) -> Result<Answer, SqlError> {
        let Some(name) = name else { return Ok(Answer::Number(None)) };
        let found = self.catalog.named(name).map(|relation| relation.oid).or(number(Some(name)));
        match found {
            Some(oid) => Ok(Answer::Number(Some(oid))),
            None => Err(undefined(&dwh_sql::statement::TableName {
                database: None,
                schema: None,
                name: name.to_owned(),
                position: None,
            })),
        }
    }

    /// The bytes of a table's files.
    pub(super) fn size_bytes(&self, relation: Argument<'_>) -> Result<Answer, SqlError> {
        let found = self.relation(relation).or_else(|| self.catalog.named(relation?));
        let files = found.and_then(|relation| relation.table.as_ref()).map(|table| &table.files);
        let bytes = files.map_or(0, |files| files.iter().map(|file| file.bytes).sum::<u64>());
        Ok(Answer::Number(i64::try_from(bytes).ok()))
    }

    /// The bytes of all tables' files; of other databases there are none.
    pub(super) fn database_bytes(&self, database: Argument<'_>) -> Result<Answer, SqlError> {
        let Some(database) = database else { return Ok(Answer::Number(None)) };
        if database != self.database && number(Some(database)) != Some(DATABASE_OID) {
            let message = format!("database \"{database}\" does not exist");
            return Err(SqlError::new(SqlState::InvalidCatalogName, message));
        }
        let tables = self.catalog.relations.iter().filter_map(|relation| relation.table.as_ref());
        let bytes = tables.flat_map(|table| table.files.iter()).map(|file| file.bytes).sum::<u64>();
        Ok(Answer::Number(i64::try_from(bytes).ok()))
    }

    pub(super) fn comment(&self, oid: Argument<'_>) -> Option<String> {
        let oid = number(oid)?;
        let relation = self.catalog.relation(oid).map(|relation| relation.comment.clone());
        relation.or_else(|| self.catalog.schema(oid).map(|schema| schema.comment.clone())).flatten()
    }

    pub(super) fn column_comment(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
        self.relation(oid)?.columns.get(place)?.comment.clone()
    }

    pub(super) fn column_default(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let place = usize::try_from(number(place)?).ok()?.checked_sub(1)?;
        self.relation(oid)?.columns.get(place)?.default.clone()
    }

    pub(super) fn constraint(&self, oid: Argument<'_>) -> Option<String> {
        let oid = number(oid)?;
        let mut all = self.catalog.relations.iter().flat_map(|relation| &relation.constraints);
        all.find(|constraint| constraint.oid == oid).map(|constraint| constraint.definition.clone())
    }

    /// The whole of it, or the column at a place from 1 on.
    pub(super) fn index_definition(&self, oid: Argument<'_>, place: Argument<'_>) -> Option<String> {
        let relation = self.relation(oid)?;
        let index = relation.index.as_ref()?;
        match usize::try_from(number(place).unwrap_or_default()).ok()?.checked_sub(1) {
            None => Some(index.definition.clone()),
            Some(place) => Some(relation.columns.get(place)?.name.clone()),
        }
    }

    /// By id, or by name.
    pub(super) fn view_definition(&self, view: Argument<'_>) -> Option<String> {
        let relation = self.relation(view).or_else(|| self.catalog.named(view?))?;
        let query = match (&relation.view, &relation.table) {
            (Some(view), _) => view.definition.sql.clone(),
            // The guide, CREATE MATERIALIZED VIEW: of these the statement.
            (None, Some(table)) => {
                let query = &table.definition.materialized.as_ref()?.sql;
                format!("create materialized view {} as {query}", quote_ident(&relation.name))
            }
            (None, None) => return None,
        };
        Some(format!("{};", query.trim_end().trim_end_matches(';')))
    }

    pub(super) fn user_name(&self, id: Argument<'_>) -> Option<String> {
        let id = number(id)?;
        let known = self.catalog.users.iter().find(|(known, _)| *known == id);
        Some(known.map_or_else(|| format!("unknown (OID={id})"), |(_, name)| name.clone()))
    }
}
