//! The page of types says what the engine does.

use std::path::Path;

use crate::slt::as_text;
use crate::support::Fixture;

#[tokio::test]
async fn the_examples_of_the_page_of_types_give_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/types.md");
    let page = std::fs::read_to_string(&path).expect("docs/compat/types.md");
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
