//! The page of COPY's options says what the parser does.

use std::path::Path;

use dwh_sql::{copy_clause_words, copy_option_words};

#[test]
fn the_page_of_copy_options_is_what_the_parser_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/copy.md");
    let page = std::fs::read_to_string(&path).expect("docs/compat/copy.md");
    let table = page
        .lines()
        .skip_while(|line| !line.starts_with("| Option"))
        .take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> =
        table.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect();
    let (header, rows) = (&rows[0], &rows[2..]);
    let mut described: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let mut known: Vec<&str> = copy_option_words().collect();
    described.sort_unstable();
    known.sort_unstable();
    assert_eq!(described, known, "options of the page and of the parser");
    for word in copy_clause_words() {
        assert!(page.contains(word), "the page says nothing of {word}");
    }
    for row in rows {
        let example = row[1].trim_matches('`');
        assert!(example.starts_with(row[0]), "{example}");
        for (format, answer) in header[2..6].iter().zip(&row[2..6]) {
            let format_clause = match *format {
                "delimited" => "",
                "FIXEDWIDTH" => "FIXEDWIDTH 'a:1'",
                other => other,
            };
            let sql = format!("COPY t FROM 's3://b/k' {example} IAM_ROLE default {format_clause}");
            let accepted = dwh_sql::parse(&sql).is_ok();
            assert_eq!(accepted, *answer == "yes", "{sql}");
        }
    }
}

#[test]
fn the_page_of_statements_is_what_the_parser_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/statements.md");
    let page = std::fs::read_to_string(&path).expect("docs/compat/statements.md");
    let table = page
        .lines()
        .skip_while(|line| !line.starts_with("| Command"))
        .take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> =
        table.skip(2).map(|line| line.split('|').skip(1).map(str::trim).collect()).collect();
    let described: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    for command in GUIDE_COMMANDS {
        assert!(described.contains(command), "the page says nothing of {command}");
    }
    assert!(described.is_sorted(), "the page is in the order of the alphabet");
    for row in &rows {
        let example = row[2].trim_matches('`');
        match (row[1], dwh_sql::parse(example)) {
            ("refused", Err(error)) => {
                assert_eq!(error.state.code(), "0A000", "{example}: {error}");
                assert!(error.position.is_some(), "{example}: {error} has no position");
            }
            ("supported" | "differs" | "accepted", Ok(_)) => {}
            (says, found) => panic!("{example}: the page says {says}, the parser {found:?}"),
        }
    }
}

/// The guide's chapter "SQL commands", all its pages.
#[rustfmt::skip]
const GUIDE_COMMANDS: &[&str] = &[
    "ABORT", "ALTER DATABASE", "ALTER DATASHARE", "ALTER DEFAULT PRIVILEGES", "ALTER EXTERNAL SCHEMA",
    "ALTER EXTERNAL VIEW", "ALTER FUNCTION", "ALTER GROUP", "ALTER IDENTITY PROVIDER", "ALTER MASKING POLICY",
    "ALTER MATERIALIZED VIEW", "ALTER RLS POLICY", "ALTER ROLE", "ALTER PROCEDURE", "ALTER SCHEMA", "ALTER SYSTEM",
    "ALTER TABLE", "ALTER TABLE APPEND", "ALTER TEMPLATE", "ALTER USER", "ANALYZE", "ANALYZE COMPRESSION",
    "ATTACH MASKING POLICY", "ATTACH RLS POLICY", "BEGIN", "CALL", "CANCEL", "CLOSE", "COMMENT", "COMMIT", "COPY",
    "CREATE DATABASE", "CREATE DATASHARE", "CREATE EXTERNAL FUNCTION", "CREATE EXTERNAL MODEL",
    "CREATE EXTERNAL SCHEMA", "CREATE EXTERNAL TABLE", "CREATE EXTERNAL VIEW", "CREATE FUNCTION", "CREATE GROUP",
    "CREATE IDENTITY PROVIDER", "CREATE LIBRARY", "CREATE MASKING POLICY", "CREATE MATERIALIZED VIEW",
    "CREATE MODEL", "CREATE PROCEDURE", "CREATE RLS POLICY", "CREATE ROLE", "CREATE SCHEMA", "CREATE TABLE",
    "CREATE TABLE AS", "CREATE TEMPLATE", "CREATE USER", "CREATE VIEW", "DEALLOCATE", "DECLARE", "DELETE",
    "DESC DATASHARE", "DESC IDENTITY PROVIDER", "DETACH MASKING POLICY", "DETACH RLS POLICY", "DROP DATABASE",
    "DROP DATASHARE", "DROP EXTERNAL VIEW", "DROP FUNCTION", "DROP GROUP", "DROP IDENTITY PROVIDER", "DROP LIBRARY",
    "DROP MASKING POLICY", "DROP MODEL", "DROP MATERIALIZED VIEW", "DROP PROCEDURE", "DROP RLS POLICY", "DROP ROLE",
    "DROP SCHEMA", "DROP TABLE", "DROP TEMPLATE", "DROP USER", "DROP VIEW", "END", "EXECUTE", "EXPLAIN", "FETCH",
    "GRANT", "INSERT", "LOCK", "MERGE", "PREPARE", "REFRESH MATERIALIZED VIEW", "RESET", "REVOKE", "ROLLBACK",
    "SELECT", "SELECT INTO", "SET", "SET SESSION AUTHORIZATION", "SET SESSION CHARACTERISTICS", "SHOW",
    "SHOW COLUMN GRANTS", "SHOW COLUMNS", "SHOW CONSTRAINTS", "SHOW DATABASES", "SHOW DATASHARES",
    "SHOW EXTERNAL TABLE", "SHOW FUNCTIONS", "SHOW GRANTS", "SHOW MODEL", "SHOW PARAMETERS", "SHOW POLICIES",
    "SHOW PROCEDURE", "SHOW PROCEDURES", "SHOW SCHEMAS", "SHOW TABLE", "SHOW TABLES", "SHOW TEMPLATE", "SHOW VIEW",
    "START TRANSACTION", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM",
];
