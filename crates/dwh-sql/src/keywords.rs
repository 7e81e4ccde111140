//! Redshift's reserved words, words for a prompt to complete, and quoting of names and literals (RS 3.4).

/// Reserved words, lower case and sorted (RS 3.4 and the list of the Database Developer Guide). The three
/// that RS marks unconfirmed (`language`, `open`, `percent`) are taken as names.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "aes128", "aes256", "all", "allowoverwrite", "analyse", "analyze", "and", "any", "array", "as", "asc",
    "authorization", "az64", "backup", "between", "binary", "blanksasnull", "both", "bytedict", "bzip2",
    "case", "cast", "check", "collate", "column", "connect", "constraint", "create", "credentials", "cross",
    "current_date", "current_time", "current_timestamp", "current_user", "current_user_id", "default",
    "deferrable", "deflate", "defrag", "delta", "delta32k", "desc", "disable", "distinct", "do", "else",
    "emptyasnull", "enable", "encode", "encrypt", "encryption", "end", "except", "explicit", "false", "for",
    "foreign", "freeze", "from", "full", "globaldict256", "globaldict64k", "grant", "group", "gzip", "having",
    "identity", "ignore", "ilike", "in", "initially", "inner", "intersect", "interval", "into", "is",
    "isnull", "join", "leading", "left", "like", "limit", "localtime", "localtimestamp", "lun", "luns", "lzo",
    "lzop", "minus", "mostly16", "mostly32", "mostly8", "natural", "new", "not", "notnull", "null", "nulls",
    "off", "offline", "offset", "oid", "old", "on", "only", "or", "order", "outer", "overlaps", "parallel",
    "partition", "permissions", "pivot", "placing", "primary", "qualify", "raw", "readratio", "recover",
    "references", "rejectlog", "resort", "respect", "restore", "right", "select", "session_user", "similar",
    "snapshot", "some", "sysdate", "system", "table", "tag", "tdes", "text255", "text32k", "then",
    "timestamp", "to", "top", "trailing", "true", "truncatecolumns", "union", "unique", "unnest", "unpivot",
    "user", "using", "verbose", "wallet", "when", "where", "with", "without",
];

/// Words a prompt completes, upper case: statements, clauses, COPY options, types and common functions.
#[rustfmt::skip]
pub const COMPLETIONS: &[&str] = &[
    "ACCEPTANYDATE", "ACCEPTINVCHARS", "ADD", "ALL", "ALTER", "ANALYZE", "AND", "AS", "ASC", "AUTO", "AVG(",
    "BEGIN", "BETWEEN", "BIGINT", "BLANKSASNULL", "BOOLEAN", "BY", "CASCADE", "CASE", "CAST(", "CHAR(",
    "COALESCE(", "COLUMN", "COMMENT ON", "COMMIT", "COMPOUND SORTKEY", "COMPUPDATE", "COPY", "COUNT(",
    "CREATE SCHEMA", "CREATE TABLE", "CREATE TEMP TABLE", "CREATE VIEW", "CROSS JOIN", "DATE", "DATEADD(",
    "DATEDIFF(", "DATE_PART(", "DATE_TRUNC(", "DECIMAL(", "DECODE(", "DEFAULT", "DELETE FROM", "DESC",
    "DISTINCT", "DISTKEY", "DISTSTYLE", "DOUBLE PRECISION", "DROP SCHEMA", "DROP TABLE", "DROP VIEW", "ELSE",
    "EMPTYASNULL", "ENCODE", "END", "EXCEPT", "EXISTS", "EXPLAIN", "EXPLICIT_IDS", "EXTRACT(", "FALSE",
    "FIRST_VALUE(", "FOREIGN KEY", "FORMAT AS JSON", "FROM", "FULL JOIN", "GETDATE()", "GROUP BY", "GZIP",
    "HAVING", "IAM_ROLE", "IDENTITY(", "IF EXISTS", "IF NOT EXISTS", "IGNOREHEADER", "ILIKE", "IN",
    "INNER JOIN", "INSERT INTO", "INTEGER", "INTERSECT", "INTERVAL", "INTO", "IS NOT NULL", "IS NULL", "JOIN",
    "LAG(", "LAST_VALUE(", "LEAD(", "LEFT JOIN", "LIKE", "LIMIT", "LISTAGG(", "MANIFEST", "MAX(", "MAXERROR",
    "MEDIAN(", "MERGE INTO", "MIN(", "NOLOAD", "NOT", "NULL", "NULLS FIRST", "NULLS LAST", "NUMERIC(", "NVL(",
    "NVL2(", "OFFSET", "ON", "OR", "ORDER BY", "OVER (", "PARTITION BY", "PRIMARY KEY", "QUALIFY", "RANK()",
    "REAL", "REFERENCES", "REGION", "RENAME TO", "RESET", "RIGHT JOIN", "ROLLBACK", "ROUND(", "ROUNDEC",
    "ROW_NUMBER()", "SELECT", "SET", "SHOW", "SIMILAR TO", "SMALLINT", "SORTKEY", "SPLIT_PART(", "STATUPDATE",
    "SUBSTRING(", "SUM(", "SUPER", "SYSDATE", "TABLE", "THEN", "TIMEFORMAT", "TIMESTAMP", "TIMESTAMPTZ",
    "TO_CHAR(", "TO_DATE(", "TO_TIMESTAMP(", "TOP", "TRIMBLANKS", "TRUE", "TRUNCATE", "TRUNCATECOLUMNS",
    "UNION", "UNION ALL", "UNIQUE", "UNLOAD (", "UPDATE", "USING", "VACUUM", "VALUES", "VARCHAR(", "WHEN", "WHERE",
    "WITH",
];

/// Whether an unquoted word starts or joins clauses, so that it can stand neither for a column nor a table.
pub(crate) fn starts_clause(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "and",
        "as",
        "asc",
        "create",
        "cross",
        "desc",
        "distinct",
        "else",
        "end",
        "except",
        "from",
        "group",
        "having",
        "in",
        "inner",
        "intersect",
        "into",
        "is",
        "join",
        "like",
        "limit",
        "minus",
        "natural",
        "not",
        "on",
        "or",
        "order",
        "qualify",
        "select",
        "then",
        "to",
        "union",
        "using",
        "when",
        "where",
        "with",
    ];
    WORDS.contains(&word)
}

/// Whether an unquoted word cannot be a name. Takes lower case.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// A name as SQL: bare where that reads back as the same name, else in double quotes.
pub fn quote_ident(name: &str) -> String {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_' || c == '#');
    let goes_on_well =
        chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '$' | '#'));
    let unconfirmed = matches!(name, "language" | "open" | "percent");
    if starts_well && goes_on_well && name != "#" && !is_reserved(name) && !unconfirmed {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Text as a SQL string literal. A backslash is an escape in Redshift's literals, so it is doubled.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_reserved, quote_ident, quote_literal};

    #[test]
    fn reserved_words_are_sorted_so_that_they_can_be_searched() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn reserved_words_are_those_of_redshift() {
        for word in ["user", "timestamp", "tag", "top", "sysdate", "minus"] {
            assert!(is_reserved(word), "{word}");
        }
        for word in ["users", "time", "level", "location", "date", "year", "name"] {
            assert!(!is_reserved(word), "{word}");
        }
    }

    #[test]
    fn names_are_quoted_only_where_needed() {
        assert_eq!(quote_ident("song_id"), "song_id");
        assert_eq!(quote_ident("#stage"), "#stage");
        assert_eq!(quote_ident("user"), "\"user\"");
        assert_eq!(quote_ident("First Name"), "\"First Name\"");
        assert_eq!(quote_ident("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn literals_escape_quotes_and_backslashes() {
        assert_eq!(quote_literal(r"it's \d"), r"'it''s \\d'");
    }
}
