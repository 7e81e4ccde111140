//! Redshift: sessions of a cluster or workgroup, as `dwh-pipeline` opens them.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::StringArray;
use async_trait::async_trait;
use dwh_common::{SqlError, SqlState};
use dwh_pipeline::{RedshiftWarehouse, StatementOutput, Types};
use dwh_sql::statement::{ParsedStatement, Statement};
use tokio::sync::Notify;

use super::{About, Column, Connection, Done, Output, PipelineConnection, Target, Warehouse};

/// A database of Redshift, as one user may use it.
pub struct Redshift {
    database: RedshiftWarehouse,
    about: About,
    is_owner: bool,
    max_rows: usize,
}

impl Redshift {
    /// For whoever started the console, with the login that is configured. Of a query that has no limit `max_rows`
    /// are read, and one more, which tells that there are more.
    pub fn owner(
        database: RedshiftWarehouse,
        location: String,
        name: String,
        user: String,
        max_rows: usize,
    ) -> Self {
        let about = About { target: Target::Redshift, location, database: name, user };
        Self { database, about, is_owner: true, max_rows }
    }

    /// For a database user who has signed in.
    pub fn user(
        database: RedshiftWarehouse,
        location: String,
        name: String,
        user: String,
        max_rows: usize,
    ) -> Self {
        Self { is_owner: false, ..Self::owner(database, location, name, user, max_rows) }
    }
}

#[async_trait]
impl Warehouse for Redshift {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn is_owner(&self) -> bool {
        self.is_owner
    }

    async fn connect(&self) -> Result<Arc<dyn Connection>, SqlError> {
        Ok(Arc::new(RedshiftConnection {
            session: self.database.another(),
            cancel: Notify::new(),
            max_rows: self.max_rows,
        }))
    }

    async fn connect_pipeline(&self) -> Result<PipelineConnection, SqlError> {
        Ok(PipelineConnection { warehouse: Arc::new(self.database.another()), progress: None })
    }
}

struct RedshiftConnection {
    session: RedshiftWarehouse,
    cancel: Notify,
    max_rows: usize,
}

#[async_trait]
impl Connection for RedshiftConnection {
    async fn run(&self, sql: &str, output: &mut dyn Output) -> Result<(), SqlError> {
        let sql = limited(sql, self.max_rows);
        // A session cancels on the cluster what nobody waits for any more.
        let outputs = tokio::select! {
            outputs = self.session.run(&sql, Types::Wanted) => outputs?,
            () = self.cancel.notified() => {
                let message = "Query cancelled on user's request";
                return Err(SqlError::new(SqlState::QueryCanceled, message));
            }
        };
        for statement in outputs {
            tell(statement, output);
        }
        Ok(())
    }

    fn cancel(&self) {
        self.cancel.notify_waiters();
    }
}

/// The text with a limit behind its only query, if that has none: results come whole.
fn limited(sql: &str, max_rows: usize) -> Cow<'_, str> {
    let with_limit = || {
        let [ParsedStatement { statement: Statement::Query(query), text, offset_chars }] =
            &dwh_sql::parse(sql).ok()?[..]
        else {
            return None;
        };
        let has_limit = query.limit_clause.is_some()
            || query.fetch.is_some()
            || dwh_sql::words(text).ok()?.iter().any(|word| word == "top");
        let start = sql.char_indices().nth(*offset_chars).map(|(start, _)| start)?;
        let end = start + sql[start..].strip_prefix(text).map(|_| text.len())?;
        let rows = max_rows.checked_add(1).filter(|_| !has_limit)?;
        Some(format!("{}\nLIMIT {rows}", &sql[..end]))
    };
    with_limit().map_or(Cow::Borrowed(sql), Cow::Owned)
}

fn tell(statement: StatementOutput, output: &mut dyn Output) {
    let StatementOutput { tag, columns, rows, rows_affected, notices } = statement;
    if let Some(columns) = columns {
        let text = |index: usize| {
            rows.iter().map(|row| row.get(index).and_then(Option::as_deref)).collect::<StringArray>()
        };
        let texts: Vec<StringArray> = (0..columns.len()).map(text).collect();
        let column =
            |column: dwh_pipeline::OutputColumn| Column { name: column.name, data_type: column.data_type };
        output.columns(columns.into_iter().map(column).collect());
        if !rows.is_empty() {
            // There are no more rows, whether the output wants them or not.
            let (ControlFlow::Continue(()) | ControlFlow::Break(())) = output.rows(texts);
        }
    }
    output.done(Done { tag, rows_affected, notices });
}

#[cfg(test)]
mod tests {
    use super::limited;

    #[test]
    fn only_a_query_without_a_limit_gets_one() {
        for (sql, sent) in [
            ("SELECT 1", "SELECT 1\nLIMIT 11"),
            (" SELECT é -- all\n FROM t ; -- done", " SELECT é -- all\n FROM t\nLIMIT 11"),
            (
                "SELECT a FROM t UNION SELECT 1 ORDER BY 1;",
                "SELECT a FROM t UNION SELECT 1 ORDER BY 1\nLIMIT 11",
            ),
            (
                "WITH u AS (SELECT 1 LIMIT 3) SELECT * FROM u",
                "WITH u AS (SELECT 1 LIMIT 3) SELECT * FROM u\nLIMIT 11",
            ),
        ] {
            assert_eq!(limited(sql, 10), sent);
        }
        for sql in [
            "SELECT 1 LIMIT 5",
            "SELECT TOP 5 a FROM t",
            "SELECT a FROM t OFFSET 2",
            "SELECT a INTO u FROM t",
            "SELECT 1; SELECT 2",
            "INSERT INTO t SELECT 1",
            "SHOW search_path",
            "EXPLAIN SELECT 1",
            "no SQL",
        ] {
            assert_eq!(limited(sql, 10), sql);
        }
        assert_eq!(limited("SELECT 1", usize::MAX), "SELECT 1");
    }
}
