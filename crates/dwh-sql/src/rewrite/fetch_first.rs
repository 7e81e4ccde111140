//! `FETCH FIRST n ROWS ONLY` is `LIMIT n`.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{LimitClause, Query};

use super::build::number;

/// Moves FETCH into the LIMIT clause, behind an OFFSET if there is one.
pub(super) fn rewrite(query: &mut Query) -> Result<(), SqlError> {
    let Some(fetch) = query.fetch.take() else { return Ok(()) };
    if fetch.percent || fetch.with_ties {
        return Err(SqlError::unsupported("FETCH FIRST … PERCENT or WITH TIES"));
    }
    let rows = fetch.quantity.unwrap_or_else(|| number(1));
    query.limit_clause = Some(match query.limit_clause.take() {
        None => LimitClause::LimitOffset { limit: Some(rows), offset: None, limit_by: Vec::new() },
        Some(LimitClause::LimitOffset { limit: None, offset, limit_by }) => {
            LimitClause::LimitOffset { limit: Some(rows), offset, limit_by }
        }
        Some(_) => {
            return Err(SqlError::new(SqlState::SyntaxError, "LIMIT and FETCH cannot be used together"));
        }
    });
    Ok(())
}
