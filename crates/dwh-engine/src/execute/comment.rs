//! COMMENT ON TABLE, VIEW, COLUMN, SCHEMA.

use dwh_common::SqlError;
use dwh_sql::statement::CommentTarget;

use super::insert::named_column;
use crate::context::StatementContext;
use crate::names::{Relation, undefined};
use crate::result::Outcome;

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
    };
    done?;
    Ok(Outcome::done("COMMENT"))
}
