//! CREATE, ALTER, DROP, ATTACH and DETACH of RLS POLICY and MASKING POLICY; ROW LEVEL SECURITY (the guide's chapters
//! "Row-level security" and "Dynamic data masking").

mod attach;
mod define;
mod dependents;
mod expression;
mod show;

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::{PolicyKind, PolicyStatement, TableName};
use dwh_storage::{Access, Policy};

pub(super) use self::attach::row_level_security;
pub(super) use self::dependents::{check_function, check_relation};
pub(super) use self::show::listing;
use crate::context::StatementContext;
use crate::names::Relation;
use crate::policies::Protected;
use crate::result::Outcome;

pub(super) fn execute(
    context: &mut StatementContext<'_>,
    statement: &PolicyStatement,
) -> Result<Outcome, SqlError> {
    match statement {
        PolicyStatement::Create(create) => define::create(context, create)?,
        PolicyStatement::Alter { kind, name, expressions } => {
            define::alter(context, *kind, name, expressions)?;
        }
        PolicyStatement::Drop { kind, name, if_exists, cascade } => {
            define::drop(context, *kind, name, *if_exists, *cascade)?;
        }
        PolicyStatement::AttachRows { name, relations, to, detach: false } => {
            attach::rows(context, name, relations, to)?;
        }
        PolicyStatement::AttachRows { name, relations, to, .. } => {
            attach::detach_rows(context, name, relations, to)?;
        }
        PolicyStatement::AttachMask(attach) => attach::mask(context, attach)?,
        PolicyStatement::DetachMask { name, relation, outputs, from } => {
            attach::detach_mask(context, name, relation, outputs, from)?;
        }
    }
    Ok(Outcome::done(statement.tag()))
}

fn policy<'a>(access: &'a Access, kind: PolicyKind, name: &str) -> Result<&'a Policy, SqlError> {
    let policies = match kind {
        PolicyKind::Rows => &access.row_policies,
        PolicyKind::Masking => &access.masking_policies,
    };
    policies.get(name).ok_or_else(|| {
        let kind = kind.name().to_lowercase().replace("rls", "RLS");
        SqlError::new(SqlState::UndefinedObject, format!("{kind} \"{name}\" does not exist"))
    })
}

/// A table, view or materialized view that policies are attached to.
struct Target {
    id: i64,
    name: String,
    sql_name: String,
    columns: Vec<(String, Option<RedshiftType>)>,
}

impl Target {
    fn find(context: &StatementContext<'_>, name: &TableName) -> Result<Self, SqlError> {
        let refused = |what: &str| {
            let message = format!("policies cannot be attached to the {what} \"{}\"", name.name);
            let mut error = SqlError::new(SqlState::WrongObjectType, message);
            error.position = name.position;
            error
        };
        let (id, schema, own_name, columns) = match context.names().resolve(name)? {
            Relation::Table(table) if table.definition.temporary => return Err(refused("temporary table")),
            Relation::System(_) => return Err(refused("system table")),
            Relation::View(view) if view.definition.column_names.is_empty() => {
                return Err(refused("late-binding view"));
            }
            Relation::Table(table) => {
                let columns = table.definition.columns.iter();
                let columns = columns.map(|column| (column.name.clone(), Some(column.data_type))).collect();
                (table.id, table.definition.schema.clone(), table.definition.name.clone(), columns)
            }
            Relation::View(view) => {
                let types = &view.definition.column_types;
                let columns = view.definition.column_names.iter().enumerate();
                let columns = columns.map(|(at, name)| (name.clone(), types.get(at).copied())).collect();
                (view.id, view.definition.schema.clone(), view.definition.name.clone(), columns)
            }
        };
        let sql_name = format!("{}.{}", quote_ident(&schema), quote_ident(&own_name));
        Ok(Self { id, name: own_name, sql_name, columns })
    }

    fn protected(&self) -> Protected<'_> {
        Protected {
            id: self.id,
            sql_name: self.sql_name.clone(),
            columns: self.columns.iter().map(|(name, data_type)| (name.as_str(), *data_type)).collect(),
            is_target: false,
        }
    }

    fn column(&self, name: &str) -> Option<Option<RedshiftType>> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, data_type)| *data_type)
    }

    fn undefined_column(&self, name: &str) -> SqlError {
        SqlError::new(
            SqlState::UndefinedColumn,
            format!("column \"{name}\" of relation \"{}\" does not exist", self.name),
        )
    }
}
