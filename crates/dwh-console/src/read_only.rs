//! Read-only mode: what a text may say.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{ParsedStatement, Statement};

/// Functions that change something, though a query calls them.
const CHANGING: [&str; 3] = ["pg_cancel_backend", "pg_terminate_backend", "set_config"];

/// Lets only statements pass that change nothing, neither tables nor objects in a store. What dwh cannot read is
/// refused too, so that it does not depend on the warehouse.
///
/// # Errors
/// 25006 and the place of the first statement that could write, or what is wrong with the text.
pub(crate) fn check(sql: &str) -> Result<(), SqlError> {
    for parsed in dwh_sql::parse(sql)? {
        let changes = dwh_sql::words(&parsed.text)?.iter().any(|word| CHANGING.contains(&word.as_str()));
        if changes || !reads(&parsed.statement) {
            return Err(refused(&parsed, sql));
        }
    }
    Ok(())
}

fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Explain { statement, .. } => reads(statement),
        Statement::Query(_)
        | Statement::Show(_)
        | Statement::ShowObjects(_)
        | Statement::Set { .. }
        | Statement::Reset(_)
        | Statement::SetTransaction(_)
        | Statement::Begin(_)
        | Statement::Commit
        | Statement::Rollback
        | Statement::DeclareCursor(_)
        | Statement::Fetch { .. }
        | Statement::CloseCursor(_) => true,
        _ => false,
    }
}

fn refused(parsed: &ParsedStatement, sql: &str) -> SqlError {
    let blanks = sql.chars().skip(parsed.offset_chars).take_while(|c| c.is_whitespace()).count();
    SqlError::new(SqlState::ReadOnlySqlTransaction, "the console is read-only: only queries run")
        .at(parsed.offset_chars + blanks + 1)
}

#[cfg(test)]
mod tests {
    use dwh_common::SqlState;

    use super::check;

    #[test]
    fn only_what_changes_nothing_passes() {
        for sql in [
            "SELECT 'set_config' -- set_config",
            "EXPLAIN SELECT 1",
            "SHOW search_path",
            "BEGIN; SELECT 1; COMMIT",
            "VALUES (1)",
        ] {
            assert_eq!(check(sql), Ok(()), "{sql}");
        }
        for sql in [
            "DROP TABLE t",
            "SELECT 1; DELETE FROM t",
            "SELECT * INTO u FROM t",
            "CREATE TEMP TABLE t (a INT)",
            "PREPARE p AS DELETE FROM t",
            "UNLOAD ('SELECT 1') TO 's3://b/k' IAM_ROLE DEFAULT",
            "CANCEL 1",
            "SET SESSION AUTHORIZATION 'other'",
            "SELECT pg_terminate_backend(1)",
            "SELECT a FROM t WHERE PG_CATALOG.PG_CANCEL_BACKEND(a)",
            "WITH u AS (SELECT \"Set_Config\"('a', 'b', false)) SELECT * FROM u",
            "EXPLAIN SELECT set_config('a', 'b', false)",
            "DECLARE c CURSOR FOR SELECT set_config('a', 'b', false)",
        ] {
            assert_eq!(
                check(sql).map_err(|error| error.state),
                Err(SqlState::ReadOnlySqlTransaction),
                "{sql}"
            );
        }
    }

    #[test]
    fn the_place_is_that_of_the_statement() {
        assert_eq!(check("SELECT 1;\n DROP TABLE t").map_err(|error| error.position), Err(Some(12)));
    }
}
