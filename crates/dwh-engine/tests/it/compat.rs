//! The page of functions says what the engine does.

use std::path::Path;

use dwh_common::SqlState;

use crate::support::Fixture;

struct Row {
    names: String,
    example: String,
    support: String,
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/functions.md");
    std::fs::read_to_string(path).expect("docs/compat/functions.md")
}

fn rows(page: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim().trim_matches('|').replace("\\|", "\u{1}");
        cells.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
    };
    let tables = page.lines().filter(|line| line.starts_with('|'));
    tables
        .map(cells)
        .filter(|cells| cells[0] != "Function" && !cells[0].starts_with("---"))
        .map(|cells| match <[String; 3]>::try_from(cells) {
            Ok([names, example, support]) => {
                Row { names, example: example.trim_matches('`').to_owned(), support }
            }
            Err(cells) => panic!("a row of {} cells: {cells:?}", cells.len()),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_functions_is_what_the_engine_does() {
    let page = page();
    let rows = rows(&page);
    let session = Fixture::new().session();
    session
        .execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (NULL)")
        .await
        .expect("a table");
    let mut wrong = Vec::new();
    for row in &rows {
        let mut answer = session.execute(&format!("SELECT {} FROM t", row.example)).await;
        if row.support.contains("leader node only") {
            let refused = answer.as_ref().err().map(|error| error.state);
            if refused != Some(SqlState::FeatureNotSupported) {
                wrong.push(format!("{} runs beside a table of users", row.names));
            }
            answer = session.execute(&format!("SELECT {}", row.example)).await;
        }
        let state = answer.as_ref().err().map(|error| error.state);
        let as_said = match row.support.split([';', ':']).next() {
            Some("supported" | "differs") => answer.is_ok(),
            Some("refused") => state == Some(SqlState::FeatureNotSupported),
            other => panic!("{}: {other:?} is no kind of support", row.names),
        };
        if !as_said {
            wrong.push(format!("{} is said to be {}: {:?}", row.names, row.support, answer.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refused = rows.iter().filter(|row| row.support.starts_with("refused")).count();
    assert!(refused * 10 <= rows.len(), "{refused} of {} functions are refused", rows.len());
}

#[test]
fn no_function_is_missing_on_the_page() {
    let page = page().to_lowercase();
    let scalars = dwh_engine::functions::scalar_functions();
    let names = scalars.iter().flat_map(|function| {
        std::iter::once(function.name()).chain(function.aliases().iter().map(String::as_str))
    });
    // Synonyms that the guide has no page for.
    let unlisted = ["datepart", "dpow", "dsqrt", "farmhash64"];
    let missing: Vec<&str> = names
        .filter(|name| !name.starts_with("__") && !unlisted.contains(name) && !page.contains(name))
        .collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
    for name in dwh_engine::functions::refused_functions() {
        assert!(page.contains(name), "the page says nothing of {name}");
    }
}
