//! The page of types says what the engine does.

use std::path::Path;

use crate::slt::as_text;
use crate::support::{Fixture, rows, run};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/types.md");
    std::fs::read_to_string(&path).expect("docs/compat/types.md")
}

/// A type, a value of it, and the value as other types show it.
type Example = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const VALUES: &[Example] = &[
    ("BIGINT", "5", &[("BOOLEAN", "true")]),
    ("CHAR", "'5'", &[]),
    ("DATE", "'2008-02-18'", &[]),
    ("DECIMAL", "5", &[]),
    ("DOUBLE PRECISION", "5", &[]),
    ("INTEGER", "5", &[("BOOLEAN", "true")]),
    ("REAL", "5", &[]),
    ("SMALLINT", "5", &[("BOOLEAN", "true")]),
    ("TIME", "'13:04:05'", &[]),
    ("TIMESTAMP", "'2008-02-18 13:04:05'", &[("DATE", "2008-02-18"), ("TIME", "13:04:05")]),
    ("TIMESTAMPTZ", "'2008-02-18 13:04:05+00'", &[("DATE", "2008-02-18"), ("TIMETZ", "13:04:05")]),
    ("TIMETZ", "'13:04:05+00'", &[]),
];

#[tokio::test]
async fn each_implicit_conversion_of_the_page_is_done_by_assignment_and_by_cast() {
    let page = page();
    let (_, section) = page.split_once("## Implicit conversions").expect("its heading");
    let (section, _) = section.split_once("\n## ").expect("the next heading");
    let fixture = Fixture::new();
    let session = fixture.session();
    let with_length = |name: &str| match name {
        "CHAR" | "VARCHAR" => format!("{name}(40)"),
        name => name.to_owned(),
    };
    let mut conversions = 0;
    for line in section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| From")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (from, targets) = (cells[0], cells[1].split(", "));
        let (_, value, shown) =
            VALUES.iter().find(|(name, ..)| *name == from).unwrap_or_else(|| panic!("a value of {from}"));
        run(
            &session,
            &format!("CREATE TABLE source (x {}); INSERT INTO source VALUES ({value})", with_length(from)),
        )
        .await;
        for to in targets {
            let to_type = with_length(to);
            run(
                &session,
                &format!("CREATE TABLE target (x {to_type}); INSERT INTO target SELECT x FROM source"),
            )
            .await;
            let found =
                rows(&session, &format!("SELECT t.x, CAST(s.x AS {to_type}) FROM target t, source s")).await;
            let (assigned, cast) = found[0].split_once('|').expect("two columns");
            assert_eq!(assigned, cast, "{from} to {to}");
            let expected =
                shown.iter().find(|(name, _)| *name == to).map_or(value.trim_matches('\''), |(_, text)| text);
            // The printer of the test shows zones and fractions in its own way.
            let expected = expected.strip_suffix("+00").unwrap_or(expected);
            assert!(assigned.starts_with(expected), "{from} to {to}: {assigned}, not {expected}");
            run(&session, "DROP TABLE target").await;
            conversions += 1;
        }
        run(&session, "DROP TABLE source").await;
    }
    assert_eq!(conversions, 64);
}

#[tokio::test]
async fn the_examples_of_the_page_of_types_give_what_it_says() {
    let page = page();
    let fixture = Fixture::new();
    let session = fixture.session();
    let (mut columns, mut examples, mut wrong) = (None, 0, Vec::new());
    for line in page.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        if !line.starts_with("| ") {
            columns = columns.filter(|_| line.starts_with('|'));
            continue;
        }
        let Some((example, result)) = columns else {
            let find = |name: &str| cells.iter().position(|cell| *cell == name);
            columns = find("Example").zip(find("Result"));
            continue;
        };
        let (example, expected) = (cells[example].trim_matches('`'), cells[result]);
        examples += 1;
        let found = match session.execute(&format!("SELECT {example}")).await {
            Err(error) => format!("error: {}", error.message),
            Ok(results) => {
                let rows = results.last().and_then(|last| last.result.as_ref()).map(as_text);
                rows.and_then(|rows| rows.first().map(|row| row.join(" "))).unwrap_or_default()
            }
        };
        let agrees = match expected.strip_prefix("error: ") {
            Some(message) => found.starts_with("error: ") && found.contains(message),
            None => found == expected,
        };
        if !agrees {
            wrong.push(format!("{example}: the page says {expected}, the engine {found}"));
        }
    }
    assert!(examples > 30, "only {examples} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
