//! Statements that Redshift knows and this version does not: refused by name (0A000), in one table.

use dwh_common::SqlError;

use crate::cursor::Cursor;
use crate::nearest::nearest;

/// First words and the name to refuse by; the first entry that fits wins, so longer ones come first.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["create", "template"], "CREATE TEMPLATE"),
    (&["alter", "template"], "ALTER TEMPLATE"),
    (&["drop", "template"], "DROP TEMPLATE"),
    (&["alter", "identity"], "ALTER IDENTITY PROVIDER"),
    (&["drop", "identity"], "DROP IDENTITY PROVIDER"),
    (&["desc", "identity"], "DESC IDENTITY PROVIDER"),
    (&["drop", "external"], "DROP EXTERNAL"),
    (&["insert", "external"], "INSERT (external table)"),
    (&["associate"], "ASSOCIATE TRUST POLICY"),
    (&["describe"], "DESCRIBE"),
    (&["create", "external"], "CREATE EXTERNAL"),
    (&["create", "library"], "CREATE LIBRARY"),
    (&["create", "model"], "CREATE MODEL"),
    (&["create", "database"], "CREATE DATABASE"),
    (&["create", "datashare"], "CREATE DATASHARE"),
    (&["create", "identity"], "CREATE IDENTITY PROVIDER"),
    (&["alter", "view"], "ALTER VIEW"),
    (&["alter", "external"], "ALTER EXTERNAL"),
    (&["alter", "datashare"], "ALTER DATASHARE"),
    (&["alter", "system"], "ALTER SYSTEM"),
    (&["drop", "library"], "DROP LIBRARY"),
    (&["drop", "model"], "DROP MODEL"),
    (&["drop", "database"], "DROP DATABASE"),
    (&["drop", "datashare"], "DROP DATASHARE"),
    (&["discard"], "DISCARD"),
    (&["desc"], "DESC DATASHARE"),
    (&["savepoint"], "SAVEPOINT"),
    (&["release"], "RELEASE SAVEPOINT"),
];

/// Statements that Redshift itself refuses: first words, name, and what to do instead.
const REFUSED_BY_REDSHIFT: &[(&[&str], &str, &str)] = &[
    (&["create", "index"], "CREATE INDEX", INSTEAD_OF_INDEX),
    (&["create", "unique", "index"], "CREATE INDEX", INSTEAD_OF_INDEX),
    (&["drop", "index"], "DROP INDEX", INSTEAD_OF_INDEX),
    (&["alter", "index"], "ALTER INDEX", INSTEAD_OF_INDEX),
    (&["reindex"], "REINDEX", "use VACUUM REINDEX table"),
    (&["create", "sequence"], "CREATE SEQUENCE", "use a column with IDENTITY(seed, step)"),
    (&["create", "trigger"], "CREATE TRIGGER", "Redshift has no triggers"),
    (&["create", "type"], "CREATE TYPE", "Redshift has no user-defined types"),
    (&["create", "domain"], "CREATE DOMAIN", "Redshift has no domains"),
    (&["create", "extension"], "CREATE EXTENSION", "Redshift has no extensions"),
    (&["create", "tablespace"], "CREATE TABLESPACE", "Redshift has no tablespaces"),
    (&["create", "rule"], "CREATE RULE", "Redshift has no rules"),
    (&["listen"], "LISTEN", "Redshift has no notifications"),
    (&["notify"], "NOTIFY", "Redshift has no notifications"),
];

/// Words that statements start with, to recognise a misspelled one.
const FIRST_WORDS: &[&str] = &[
    "SELECT",
    "WITH",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "COPY",
    "CREATE",
    "DROP",
    "ALTER",
    "TRUNCATE",
    "COMMENT",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SET",
    "RESET",
    "SHOW",
    "ANALYZE",
    "UNLOAD",
    "VACUUM",
    "LOCK",
    "EXPLAIN",
    "VALUES",
    "GRANT",
    "REVOKE",
    "PREPARE",
    "EXECUTE",
    "DEALLOCATE",
    "DECLARE",
    "FETCH",
    "CLOSE",
    "CANCEL",
    "CALL",
    "ATTACH",
    "DETACH",
];

const INSTEAD_OF_INDEX: &str = "Redshift has no indexes; choose a SORTKEY and a DISTKEY instead";

/// The error for what comes next: unsupported by name, or a syntax error at the first word that fits nothing.
pub(crate) fn refuse(cursor: &Cursor<'_>) -> SqlError {
    let position = cursor.position();
    for (words, name, instead) in REFUSED_BY_REDSHIFT {
        if cursor.at(words) {
            return SqlError::unsupported(name).at(position).with_hint(*instead);
        }
    }
    // CREATE OR REPLACE x is the same x.
    for (words, name) in STATEMENTS {
        let or_replace: Vec<&str> = match words {
            ["create", rest @ ..] => ["create", "or", "replace"].iter().chain(rest).copied().collect(),
            _ => Vec::new(),
        };
        if cursor.at(words) || (!or_replace.is_empty() && cursor.at(&or_replace)) {
            return SqlError::unsupported(name).at(position);
        }
    }
    let error = cursor.syntax_error();
    match cursor.peek_word().and_then(|word| nearest(word, FIRST_WORDS)) {
        Some(near) => error.with_hint(format!("did you mean {near}?")),
        None => error,
    }
}
