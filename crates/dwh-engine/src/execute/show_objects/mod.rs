//! SHOW DATABASES, SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, FUNCTIONS, PROCEDURES, PARAMETERS, GRANTS, TABLE, VIEW (RS 5.4).

mod columns;
mod constraints;
mod databases;
mod functions;
mod schemas;
mod tables;

use std::sync::Arc;

use arrow::datatypes::Schema;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::statement::{ShowObjects, ShowWhat};
use dwh_storage::{Privilege, Securable};

use super::grant::{check_database, schema_id};
use super::{policy, show_definition, show_grants, show_procedure};
use crate::access::acl;
use crate::context::StatementContext;
use crate::result::{Outcome, Rows};
use crate::system_tables::rows::{Value, batch};

const NAME: RedshiftType = RedshiftType::Varchar(127);
const TEXT: RedshiftType = RedshiftType::Varchar(65535);

pub(super) type Columns = &'static [(&'static str, RedshiftType)];
pub(super) type Listing = (Columns, Vec<Vec<Value>>);

pub(super) fn execute(context: &StatementContext<'_>, show: &ShowObjects) -> Result<Outcome, SqlError> {
    // The column that LIKE looks at is the last one of the object's name.
    let (name_column, (columns, mut rows)) = match &show.what {
        ShowWhat::Databases => (0, databases::databases(context)),
        ShowWhat::Schemas { database } => (1, schemas::schemas(context, database)?),
        ShowWhat::Tables { database, schema } => (2, tables::tables(context, database.as_deref(), schema)?),
        ShowWhat::Columns(name) => (3, columns::columns(context, name)?),
        ShowWhat::PrimaryKeys(name) => (4, constraints::primary_keys(context, name)?),
        ShowWhat::ForeignKeys { table, exported } => {
            (3, constraints::foreign_keys(context, table, *exported)?)
        }
        ShowWhat::Functions { database, schema } => {
            (2, functions::functions(context, database.as_deref(), schema)?)
        }
        ShowWhat::Procedures { database, schema } => {
            check_schema(context, database.as_deref(), schema)?;
            (2, (show_procedure::COLUMNS, show_procedure::rows(context, schema)))
        }
        ShowWhat::Parameters(signature) => (3, functions::parameters(context, signature)?),
        ShowWhat::ParametersOfProcedure(signature) => {
            (3, (show_procedure::PARAMETER_COLUMNS, show_procedure::parameters(context, signature)?))
        }
        ShowWhat::Procedure(signature) => {
            (0, (show_procedure::DEFINITION_COLUMNS, show_procedure::definition(context, signature)?))
        }
        ShowWhat::Grants { of, to } => {
            let columns = show_grants::columns(of);
            let is_name = |(column, _): &(&str, RedshiftType)| *column == show_grants::name_column(of);
            let at = columns.iter().position(is_name).unwrap_or_default();
            (at, (columns, show_grants::rows(context, of, to.as_ref())?))
        }
        ShowWhat::Policies { kind, database } => {
            database.iter().try_for_each(|name| check_database(context, name))?;
            (0, policy::listing(context, *kind))
        }
        ShowWhat::PoliciesOn { kind, relation, to } => {
            (0, policy::attached(context, *kind, relation, to.as_ref())?)
        }
        ShowWhat::Table(name) => (0, (TABLE_DDL, vec![vec![show_definition::table(context, name)?.into()]])),
        ShowWhat::View(name) => (0, (VIEW_DDL, vec![vec![show_definition::view(context, name)?.into()]])),
    };
    if let Some(pattern) = &show.like {
        let pattern = like_pattern(pattern)?;
        rows.retain(|row| matches!(row.get(name_column), Some(Value::Text(name)) if pattern.is_match(name)));
    }
    match show.limit {
        Some(limit) => rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX)),
        None if rows.len() > 10_000 => {
            return Err(SqlError::new(SqlState::InvalidParameterValue, "SHOW found more than 10000 rows")
                .with_hint("Use LIKE or LIMIT."));
        }
        None => {}
    }
    let fields: Vec<_> = columns.iter().map(|(name, data_type)| data_type.field(*name, true)).collect();
    let rows =
        batch(&Arc::new(Schema::new(fields)), rows).map_err(|error| SqlError::internal(error.to_string()))?;
    Ok(Outcome::rows("SHOW", Rows::in_memory(rows, context.submitted)?))
}

/// `%` any text, `_` any character, case-sensitive.
fn like_pattern(pattern: &str) -> Result<regex::Regex, SqlError> {
    let parts: Vec<String> = pattern
        .chars()
        .map(|ch| match ch {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            other => regex::escape(&other.to_string()),
        })
        .collect();
    regex::Regex::new(&format!("(?s)^{}$", parts.concat()))
        .map_err(|error| SqlError::new(SqlState::InvalidParameterValue, error.to_string()))
}

/// The headings as the guide and clients' programs have them.
const TABLE_DDL: Columns = &[("Show Table DDL statement", TEXT)];
const VIEW_DDL: Columns = &[("Show View DDL statement", TEXT)];

fn owner(context: &StatementContext<'_>, object: Securable) -> Value {
    context.system_view().owner_name(object).into()
}

fn acl_value(context: &StatementContext<'_>, object: Securable) -> Value {
    let items = acl::acl(context.transaction.access(), object);
    let shown =
        |items: Vec<acl::AclItem>| items.iter().map(ToString::to_string).collect::<Vec<_>>().join("~");
    items.map(shown).into()
}

fn check_schema(
    context: &StatementContext<'_>,
    database: Option<&str>,
    schema: &str,
) -> Result<(), SqlError> {
    if let Some(database) = database {
        check_database(context, database)?;
    }
    schema_id(context, schema)?;
    context.rights().check_schema(schema, Privilege::USAGE)
}
