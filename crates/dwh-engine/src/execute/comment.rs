//! COMMENT ON TABLE, VIEW, COLUMN, SCHEMA, DATABASE, CONSTRAINT, FUNCTION, PROCEDURE.

use dwh_common::SqlError;
use dwh_sql::statement::CommentTarget;

use super::alter_table::undefined_constraint;
use super::function;
use super::grant::check_database;
use super::insert::named_column;
use super::procedure;
use crate::context::StatementContext;
use crate::names::{Relation, undefined};
use crate::result::{Notice, Outcome, Severity};

pub(super) fn execute(
    context: &mut StatementContext<'_>,
    on: &CommentTarget,
    text: Option<&str>,
) -> Result<Outcome, SqlError> {
    let text = text.map(ToOwned::to_owned);
    let done = match on {
        CommentTarget::Table(name) => {
            let table = context.names().table(name)?;
            context.transaction.set_table_comment(table.id, text)
        }
        CommentTarget::Column(name, column) => {
            let table = context.names().table(name)?;
            named_column(&table, column)?;
            context.transaction.set_column_comment(table.id, column, text)
        }
        CommentTarget::View(name) => {
            let Relation::View(view) = context.names().resolve(name)? else {
                return Err(undefined(name));
            };
            context.transaction.set_view_comment(&view.definition.schema, &view.definition.name, text)
        }
        CommentTarget::Schema(name) => context.transaction.set_schema_comment(name, text),
        CommentTarget::Database(name) => {
            // The guide, COMMENT: of other databases a warning tells, and nothing is done.
            if let Err(other) = check_database(context, name) {
                context.notices.push(Notice { severity: Severity::Warning, message: other.message });
                return Ok(Outcome::done("COMMENT"));
            }
            return set(context, "database".to_owned(), text);
        }
        CommentTarget::Constraint(name, table) => {
            let table = context.names().table(table)?;
            let constraints = &table.definition.attributes.constraints;
            if !constraints.iter().any(|constraint| constraint.name == *name) {
                return Err(undefined_constraint(&table.definition.name, name));
            }
            return set(context, format!("constraint {} {name}", table.id), text);
        }
        CommentTarget::Function(signature) => {
            let id = function::resolve(context, signature)?;
            return set(context, format!("function {id}"), text);
        }
        CommentTarget::Procedure(signature) => {
            let id = procedure::resolve(context, signature)?;
            return set(context, format!("procedure {id}"), text);
        }
    };
    done?;
    Ok(Outcome::done("COMMENT"))
}

/// A comment that DuckLake has no place for.
fn set(context: &mut StatementContext<'_>, key: String, text: Option<String>) -> Result<Outcome, SqlError> {
    context.transaction.change_access(|access| match text {
        Some(text) => access.comments.insert(key, text),
        None => access.comments.remove(&key),
    })?;
    Ok(Outcome::done("COMMENT"))
}
