//! Properties over arbitrary text.

use dwh_sql::rewrite::rewrite_query;
use dwh_sql::statement::{Statement, TableName};
use dwh_sql::{
    NameResolver, is_complete, keywords::quote_literal, parse, parse_expression, redact::redact, to_sql,
};
use proptest::prelude::*;
use sqlparser::ast::{Expr, Value};

struct NoTables;

impl NameResolver for NoTables {
    fn columns(&self, _: &TableName) -> Option<Vec<String>> {
        None
    }
}

/// Words, punctuation and literals of the dialect, so that the text gets past the first token.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        prop::sample::select(vec![
            "select",
            "from",
            "where",
            "copy",
            "json",
            "'auto'",
            "create",
            "table",
            "temp",
            "(",
            ")",
            ",",
            ";",
            "*",
            "insert",
            "into",
            "values",
            "default",
            "update",
            "set",
            "=",
            "delete",
            "using",
            "merge",
            "when",
            "matched",
            "then",
            "distkey",
            "sortkey",
            "identity",
            "(0,1)",
            "primary",
            "key",
            "int",
            "varchar",
            "interval",
            "'1 second'",
            "timestamp",
            "'epoch'",
            "extract",
            "day",
            "with",
            "as",
            "union",
            "all",
            "group",
            "by",
            "order",
            "limit",
            "top",
            "5",
            "case",
            "end",
            "cast",
            "::",
            "decode",
            "not",
            "in",
            "t",
            "a",
            ".",
            "\"Q\"",
            "--",
            "/*",
            "*/",
            "'",
            "\\",
            "$$",
            "#tmp",
            "is",
            "null",
            "-",
            "1e9",
            "alter",
            "add",
            "drop",
            "iam_role",
            "credentials",
            "show",
            "explain",
            "begin",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9_ '\"é\\\\]{0,6}",
    ];
    prop::collection::vec(fragment, 0..30).prop_map(|fragments| fragments.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parse_never_panics_on_arbitrary_text(text in ".{0,80}") {
        let _ = (parse(&text), is_complete(&text), redact(&text));
    }

    #[test]
    fn a_quoted_literal_reads_back_as_its_text(text in "[ -~é\\\\'\n]{0,20}") {
        let quoted = quote_literal(&text);
        let expr = parse_expression(&quoted).expect("a literal is an expression");
        prop_assert_eq!(&expr, &Expr::value(Value::SingleQuotedString(text)));
        let printed = to_sql(&expr);
        prop_assert_eq!(parse_expression(&printed).expect("printed text parses"), expr);
    }

    #[test]
    fn parse_and_rewrite_never_panic_on_fragments_of_sql(text in fragments()) {
        let length = text.chars().count();
        match parse(&text) {
            Ok(statements) => {
                for statement in statements {
                    prop_assert!(statement.offset_chars < length);
                    if let Statement::Query(mut query) = statement.statement {
                        let _ = rewrite_query(&mut query, &NoTables);
                    }
                }
            }
            Err(error) => {
                // A position is inside the text, or right behind it.
                prop_assert!(error.position.is_none_or(|position| (1..=length + 1).contains(&position)));
            }
        }
        let _ = redact(&text);
    }
}
