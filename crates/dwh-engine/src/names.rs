//! From a name in SQL to what it names: search path, temporary tables, system tables (RS 3.4).

use std::sync::Arc;

use dwh_common::{SqlError, SqlState};
use dwh_sql::rewrite::NameResolver;
use dwh_sql::statement::TableName;
use dwh_storage::{Table, Transaction, View};

use crate::system_tables::{self, SystemTable};

/// What a name in FROM stands for.
#[derive(Clone)]
pub(crate) enum Relation {
    Table(Arc<Table>),
    View(Arc<View>),
    System(&'static SystemTable),
}

/// Names as one statement sees them.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) transaction: &'a Transaction,
    pub(crate) database: &'a str,
    pub(crate) search_path: &'a [String],
    /// The target of UPDATE, DELETE or MERGE, under the name that the planner gave it.
    pub(crate) target: Option<(&'a str, &'a Arc<Table>)>,
    /// The submitted text, if the case of attributes counts (`enable_case_sensitive_super_attribute`).
    pub(crate) attributes_in: Option<&'a str>,
    /// Whether relations are read as they are, whatever policies there are for the user.
    pub(crate) is_unprotected: bool,
}

impl Names<'_> {
    /// The same without policies, for what is done to a table and shown to nobody.
    pub(crate) fn unprotected(self) -> Self {
        Self { is_unprotected: true, ..self }
    }

    /// What `name` stands for.
    ///
    /// # Errors
    /// 42P01 if there is nothing of that name, 3D000 for another database.
    pub(crate) fn resolve(&self, name: &TableName) -> Result<Relation, SqlError> {
        self.check_database(name)?;
        self.find(name.schema.as_deref(), &name.name).ok_or_else(|| undefined(name))
    }

    /// The table of that name, for statements that change one.
    ///
    /// # Errors
    /// 42P01 if there is none, 42809 if it is a view or a system table.
    pub(crate) fn table(&self, name: &TableName) -> Result<Arc<Table>, SqlError> {
        let kind = match self.resolve(name)? {
            Relation::Table(table) if table.definition.materialized.is_none() => return Ok(table),
            Relation::Table(_) => "materialized view",
            Relation::View(_) => "view",
            Relation::System(_) => "system table",
        };
        let error = SqlError::new(
            SqlState::WrongObjectType,
            format!("\"{}\" is a {kind}, and this statement needs a table", name.name),
        );
        Err(place(error, name))
    }

    /// The materialized view of that name.
    ///
    /// # Errors
    /// 42P01 if there is none, 42809 if it is something else.
    pub(crate) fn materialized_view(&self, name: &TableName) -> Result<Arc<Table>, SqlError> {
        match self.resolve(name)? {
            Relation::Table(table) if table.definition.materialized.is_some() => Ok(table),
            _ => Err(place(
                SqlError::new(
                    SqlState::WrongObjectType,
                    format!("\"{}\" is not a materialized view", name.name),
                ),
                name,
            )),
        }
    }

    /// The schema that a new object of this name goes to (RS 3.4: the first that exists on the path).
    ///
    /// # Errors
    /// 3F000 if the schema does not exist, 3D000 for another database.
    pub(crate) fn schema_for_new(&self, name: &TableName) -> Result<String, SqlError> {
        self.check_database(name)?;
        let exists = |schema: &str| self.transaction.schemas().iter().any(|known| known.name == schema);
        match &name.schema {
            Some(schema) if exists(schema) => Ok(schema.clone()),
            Some(schema) => Err(place(undefined_schema(schema), name)),
            None => self.search_path.iter().find(|schema| exists(schema)).cloned().ok_or_else(|| {
                SqlError::new(SqlState::InvalidSchemaName, "no schema has been selected to create in")
            }),
        }
    }

    fn find(&self, schema: Option<&str>, name: &str) -> Option<Relation> {
        if let Some((target, table)) = self.target
            && schema.is_none()
            && target == name
        {
            return Some(Relation::Table(Arc::clone(table)));
        }
        let Some(schema) = schema else {
            return self
                .transaction
                .temporary_table(name)
                .map(Relation::Table)
                .or_else(|| system_tables::find("pg_catalog", name).map(Relation::System))
                .or_else(|| self.search_path.iter().find_map(|schema| self.find_in(schema, name)));
        };
        self.find_in(schema, name)
    }

    fn find_in(&self, schema: &str, name: &str) -> Option<Relation> {
        if schema == "pg_temp" {
            return self.transaction.temporary_table(name).map(Relation::Table);
        }
        if let Some(system) = system_tables::find(schema, name) {
            return Some(Relation::System(system));
        }
        if let Some(table) = self.transaction.table(schema, name) {
            return Some(Relation::Table(table));
        }
        self.transaction.view(schema, name).map(Relation::View)
    }

    fn check_database(&self, name: &TableName) -> Result<(), SqlError> {
        match &name.database {
            Some(database) if database != self.database => Err(place(
                SqlError::new(
                    SqlState::InvalidCatalogName,
                    format!("database \"{database}\" does not exist"),
                )
                .with_hint(format!("This warehouse has one database, \"{}\".", self.database)),
                name,
            )),
            _ => Ok(()),
        }
    }
}

impl NameResolver for Names<'_> {
    fn columns(&self, table: &TableName) -> Option<Vec<String>> {
        match self.resolve(table).ok()? {
            Relation::Table(table) => Some(table.definition.columns.iter().map(|c| c.name.clone()).collect()),
            Relation::View(view) if !view.definition.column_names.is_empty() => {
                Some(view.definition.column_names.clone())
            }
            // The columns of a view's SELECT are known once it is planned; rules that need them leave
            // the names alone, and the planner resolves them.
            Relation::View(_) => None,
            Relation::System(system) => {
                Some(system.columns.iter().map(|(name, _)| (*name).to_owned()).collect())
            }
        }
    }

    fn hidden_columns(&self, table: &TableName) -> Vec<String> {
        match self.resolve(table) {
            Ok(Relation::System(system)) => system.hidden().iter().map(|name| (*name).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    fn spelling(&self, attribute: &str, position: Option<usize>) -> Option<String> {
        let text = self.attributes_in?;
        let written_at = |start: usize| {
            let written = text.get(start..)?.trim_start_matches('"').get(..attribute.len())?;
            written.eq_ignore_ascii_case(attribute).then(|| written.to_owned())
        };
        match position {
            Some(position) => written_at(text.char_indices().nth(position - 1)?.0),
            None => text.match_indices('.').find_map(|(dot, _)| written_at(dot + 1)),
        }
    }
}

/// 42P01 for a name.
pub(crate) fn undefined(name: &TableName) -> SqlError {
    let shown = match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    };
    place(SqlError::new(SqlState::UndefinedTable, format!("relation \"{shown}\" does not exist")), name)
}

/// 3F000 for a schema.
pub(crate) fn undefined_schema(schema: &str) -> SqlError {
    SqlError::new(SqlState::InvalidSchemaName, format!("schema \"{schema}\" does not exist"))
}

fn place(mut error: SqlError, name: &TableName) -> SqlError {
    error.position = name.position;
    error
}
