//! A limit for queries that have none.

use std::borrow::Cow;

use crate::statement::{ParsedStatement, Statement};
use crate::{parse, words};

/// The text with a limit behind its only query, if that has none, for warehouses that send a result to its end. It is one row
/// more than `max_rows`, by which one sees that there are more. Other texts stay as they are, those that cannot be
/// read among them.
pub fn limited(sql: &str, max_rows: usize) -> Cow<'_, str> {
    let with_limit = || {
        let [ParsedStatement { statement: Statement::Query(query), text, offset_chars }] =
            &parse(sql).ok()?[..]
        else {
            return None;
        };
        let has_limit = query.limit_clause.is_some()
            || query.fetch.is_some()
            || words(text).ok()?.iter().any(|word| word == "top");
        let start = sql.char_indices().nth(*offset_chars).map(|(start, _)| start)?;
        let end = start + sql[start..].strip_prefix(text).map(|_| text.len())?;
        let rows = max_rows.checked_add(1).filter(|_| !has_limit)?;
        Some(format!("{}\nLIMIT {rows}", &sql[..end]))
    };
    with_limit().map_or(Cow::Borrowed(sql), Cow::Owned)
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
