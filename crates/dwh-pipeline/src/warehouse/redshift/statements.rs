//! What can be told from the text of statements: tags, and whether a transaction block is open behind them.

use dwh_sql::statement::{ParsedStatement, Statement};

/// The statements of a text; `None` if it has what only Redshift reads.
pub(super) fn parse(sql: &str) -> Option<Vec<ParsedStatement>> {
    dwh_sql::parse(sql).ok()
}

/// Whether a transaction block is open after the text ran, if it was `before`.
pub(super) fn block_is_open_after(sql: &str, before: bool) -> bool {
    match parse(sql) {
        Some(statements) => statements.iter().fold(before, |open, parsed| match parsed.statement {
            Statement::Begin(_) => true,
            Statement::Commit | Statement::Rollback => false,
            _ => open,
        }),
        None => match first_words(sql, 1).as_str() {
            "BEGIN" | "START" => true,
            "COMMIT" | "END" | "ROLLBACK" | "ABORT" => false,
            _ => before,
        },
    }
}

/// Whether running the text twice is the same as running it once.
pub(super) fn only_reads(sql: &str) -> bool {
    parse(sql).is_some_and(|statements| {
        statements.iter().all(|parsed| matches!(parsed.statement, Statement::Query(_) | Statement::Show(_)))
    })
}

/// Whether the text is a COPY.
pub(super) fn is_copy(sql: &str) -> bool {
    first_words(sql, 1) == "COPY"
}

/// Command tag of a statement, for ways to Redshift that do not tell it.
pub(super) fn tag(text: &str, rows: u64) -> String {
    let first = first_words(text, 1);
    match first.as_str() {
        "INSERT" => format!("INSERT 0 {rows}"),
        "SELECT" | "WITH" | "TABLE" | "VALUES" => "SELECT".to_owned(),
        "UPDATE" | "DELETE" | "MERGE" | "FETCH" => format!("{first} {rows}"),
        "CREATE" | "DROP" | "ALTER" => first_words(text, 2),
        "START" => "BEGIN".to_owned(),
        "END" => "COMMIT".to_owned(),
        "ABORT" => "ROLLBACK".to_owned(),
        _ => first,
    }
}

/// Whether the number that comes with the end of a statement counts rows that it changed.
pub(super) fn counts_changed_rows(text: &str) -> bool {
    matches!(first_words(text, 1).as_str(), "INSERT" | "UPDATE" | "DELETE" | "MERGE")
}

/// The first words, upper case, comments before them left out.
fn first_words(text: &str, count: usize) -> String {
    let mut rest = text.trim_start();
    loop {
        let after = if rest.starts_with("--") {
            rest.split_once('\n').map(|(_, after)| after)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map(|(_, after)| after)
        } else {
            break;
        };
        rest = after.unwrap_or_default().trim_start();
    }
    let words = rest.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.take(count).map(str::to_ascii_uppercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{block_is_open_after, counts_changed_rows, only_reads, tag};

    #[test]
    fn a_block_opens_and_ends_with_its_statements() {
        assert!(block_is_open_after("BEGIN", false));
        assert!(block_is_open_after("begin; delete from t", false));
        assert!(!block_is_open_after("begin; delete from t; commit", false));
        assert!(block_is_open_after("select 1", true));
        assert!(!block_is_open_after("-- the end\nABORT", true));
        assert!(block_is_open_after("CREATE EXTERNAL SCHEMA s FROM DATA CATALOG …", true));
    }

    #[test]
    fn tags_are_those_of_the_wire() {
        assert_eq!(tag("-- a\n/* b */ insert into t values (1)", 1), "INSERT 0 1");
        assert_eq!(tag("create table t (a int)", 0), "CREATE TABLE");
        assert_eq!(tag("COPY t FROM 's3://b/x' IAM_ROLE default", 0), "COPY");
        assert_eq!(tag("start transaction", 0), "BEGIN");
        assert!(counts_changed_rows("DELETE FROM t") && !counts_changed_rows("COPY t FROM 's3://b/x'"));
    }

    #[test]
    fn only_queries_may_run_twice() {
        assert!(only_reads("select 1; show search_path"));
        assert!(!only_reads("select 1; delete from t") && !only_reads("…"));
    }
}
