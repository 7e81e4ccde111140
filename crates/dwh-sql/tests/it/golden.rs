//! `tests/golden/<area>/<case>.sql` with what it means beside it: `.ast`, or `.err` if it is refused.
//!
//! `DWH_UPDATE_GOLDENS=1 cargo test -p dwh-sql` writes them anew; the diff is reviewed against the reference.

use std::fs;
use std::path::{Path, PathBuf};

use dwh_common::SqlError;

use crate::print;

#[test]
fn golden_statements_mean_what_stands_beside_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("DWH_UPDATE_GOLDENS").is_some();
    let cases = sql_files(&root);
    assert!(cases.len() > 50, "only {} golden statements found", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        let sql = fs::read_to_string(&case).expect("a golden statement can be read");
        let (kind, printed) = match dwh_sql::parse(&sql) {
            Ok(statements) => {
                let texts: Vec<_> = statements.iter().map(print::statement).collect();
                ("ast", texts.join("\n"))
            }
            Err(error) => ("err", error_text(&error)),
        };
        let (expected, other) = match kind {
            "ast" => (case.with_extension("ast"), case.with_extension("err")),
            _ => (case.with_extension("err"), case.with_extension("ast")),
        };
        if update {
            fs::write(&expected, &printed).expect("a golden file can be written");
            if other.exists() {
                fs::remove_file(&other).expect("a golden file can be removed");
            }
            continue;
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_else(|_| format!("(no {})", expected.display()));
        if wanted != printed {
            failures.push(format!("{}\n--- expected\n{wanted}\n--- found\n{printed}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn sql_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the golden folder is there") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            files.extend(sql_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn error_text(error: &SqlError) -> String {
    let mut text = format!("{}: {}\n", error.state.code(), error.message);
    for (name, part) in [("detail", &error.detail), ("hint", &error.hint)] {
        if let Some(part) = part {
            text.push_str(&format!("{name}: {part}\n"));
        }
    }
    if let Some(position) = error.position {
        text.push_str(&format!("position: {position}\n"));
    }
    text
}
