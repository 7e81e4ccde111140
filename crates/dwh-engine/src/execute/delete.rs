//! DELETE FROM … USING … WHERE.

use dwh_common::SqlError;
use dwh_sql::statement::Delete;
use dwh_storage::WriteIntent;
use sqlparser::ast;

use super::changes::{FoundRows, address_items, for_each_batch, relation, target_factor, with_target};
use crate::context::StatementContext;
use crate::plan::parse_query;
use crate::policies::hides_rows;
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    delete: &Delete,
) -> Result<Outcome, SqlError> {
    let table = context.lock_table(&delete.table, WriteIntent::Rewrite).await?;
    let all_are_seen = !hides_rows(&context.rights(), table.id);
    if delete.selection.is_none() && delete.using.is_empty() && all_are_seen {
        let rows = table.row_count();
        context.transaction.truncate(table.id)?;
        context.wrote("delete", &table, rows);
        return Ok(Outcome::changed("DELETE", rows));
    }
    let alias = delete.alias.as_deref().unwrap_or(&delete.table.name);
    let mut query = parse_query("SELECT 1")?;
    query.with = delete.with.clone();
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = address_items(alias);
        select.from = std::iter::once(relation(target_factor(alias))).chain(delete.using.clone()).collect();
        select.selection = delete.selection.clone();
    }
    let plan = with_target(context, &table, |planner| planner.query(query))?;
    let mut found = FoundRows::default();
    for_each_batch(context, &plan, |batch| found.take(&batch).map(drop)).await?;
    let changed = found.delete(context, &table)?;
    Ok(Outcome::changed("DELETE", changed.rows))
}
