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
