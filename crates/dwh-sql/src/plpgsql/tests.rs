use super::{Block, StatementKind, parse_body};

fn body(source: &str) -> Block {
    parse_body(source, "p", &[Some("a".to_owned()), None], false, false).expect(source).block
}

fn error(source: &str) -> (String, Option<usize>, String) {
    let error = parse_body(source, "p", &[Some("a".to_owned())], false, false).expect_err(source);
    (error.message, error.position, error.context.unwrap_or_default())
}

#[test]
fn lines_are_counted_as_postgresql_counts_them() {
    let block = body("\nDECLARE\n  i int;\nBEGIN\n  i := 1;\n  NULL;\nEND;\n");
    let lines: Vec<usize> = block.body.iter().map(|statement| statement.line).collect();
    assert_eq!(lines, [4, 5]);
    assert_eq!(body("BEGIN\nNULL; END").body[0].line, 2);
}

#[test]
fn ranges_of_integers_are_told_from_queries() {
    for (header, expected) in [
        ("i IN 1..10", "1 to 10"),
        ("i IN 1 .. a", "1 to $1"),
        ("i IN a..10", "$1 to 10"),
        ("i IN REVERSE (a + 1)..$2", "( $1 + 1) to $1"),
        ("i IN 1..10 BY 2", "1 to 10"),
    ] {
        let block = body(&format!("BEGIN FOR {header} LOOP NULL; END LOOP; END"));
        let StatementKind::ForInteger { first, last, .. } = &block.body[0].kind else { panic!("{header}") };
        assert_eq!(format!("{} to {}", first.shown, last.shown), expected, "{header}");
    }
    let block = body("DECLARE r record; BEGIN FOR r IN SELECT 1..2 LOOP NULL; END LOOP; END");
    assert!(matches!(block.body[0].kind, StatementKind::ForRows { .. }));
}

#[test]
fn into_is_taken_out_of_a_query_wherever_it_stands() {
    for (sql, expected) in [
        ("SELECT INTO a count(*) FROM t", "SELECT count(*) FROM t"),
        ("SELECT sum(c1) into a from t", "SELECT sum(c1) from t"),
        ("SELECT * INTO copy FROM t", "SELECT * INTO copy FROM t"),
        ("WITH x AS (SELECT 1) SELECT 1 INTO a FROM x", "WITH x AS (SELECT 1) SELECT 1 FROM x"),
    ] {
        let block = body(&format!("BEGIN {sql}; END"));
        let StatementKind::Sql { command, into } = &block.body[0].kind else { panic!("{sql}") };
        assert_eq!((command.shown.as_str(), into.is_some()), (expected, !sql.contains("copy")), "{sql}");
    }
}

#[test]
fn errors_say_where_they_are() {
    for (source, message, position, line) in [
        ("\nBEGIN\n  x := 1;\nEND", "\"x\" is not a known variable", 10, 2),
        ("BEGIN\n IF a THEN NULL; END;", "syntax error at or near \";\"", 27, 2),
        ("BEGIN NULL;", "syntax error at end of input", 12, 1),
        ("BEGIN EXIT; END", "EXIT cannot be used outside a loop, unless it has a label", 7, 1),
        ("BEGIN RAISE; END", "RAISE without parameters cannot be used outside an exception handler", 7, 1),
        ("BEGIN RAISE INFO '% %', a; END", "too few parameters specified for RAISE", 7, 1),
        ("DECLARE b CONSTANT int := 1; BEGIN b := 2; END", "\"b\" is declared CONSTANT", 36, 1),
        ("DECLARE b int; b int; BEGIN NULL; END", "variable \"b\" is declared twice", 16, 1),
        ("DECLARE b intt; BEGIN NULL; END", "type \"intt\" does not exist", 11, 1),
        ("BEGIN <<l>> LOOP EXIT; END LOOP m; END", "end label \"m\" differs from block's label \"l\"", 33, 1),
        ("BEGIN RETURN 1; END", "RETURN cannot have a parameter in a procedure", 14, 1),
        (
            "BEGIN NULL; EXCEPTION WHEN no_data THEN NULL; END",
            "exception condition \"no_data\" is not supported",
            28,
            1,
        ),
        ("BEGIN START TRANSACTION; END", "START TRANSACTION can only be used in a NONATOMIC procedure", 7, 1),
        ("BEGIN EXECUTE 'x' USING a; END", "EXECUTE … USING is not supported", 19, 1),
    ] {
        let context = format!("compile of PL/pgSQL function \"p\" near line {line}");
        assert_eq!(error(source), (message.to_owned(), Some(position), context), "{source}");
    }
    let deep = format!("{}{}", "BEGIN ".repeat(200), "END; ".repeat(200));
    assert_eq!(error(&deep).0, "blocks and loops nest more than 50 levels");
}
