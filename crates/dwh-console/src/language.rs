//! What the editor completes and colours beside the catalog: Redshift's keywords and functions.

use std::sync::LazyLock;

use dwh_sql::keywords;
use serde::Serialize;

/// The page of Redshift's functions; a test of the engine keeps it true.
const FUNCTIONS: &str = include_str!("../../../docs/compat/functions.md");

/// Keywords and functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Language {
    pub(crate) keywords: Vec<&'static str>,
    pub(crate) functions: Vec<Function>,
}

/// A function of Redshift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// A call of it.
    pub(crate) example: String,
    /// Chapter of the guide.
    pub(crate) chapter: String,
}

/// Redshift's, read once.
pub(crate) static LANGUAGE: LazyLock<Language> = LazyLock::new(|| {
    let words = keywords::COMPLETIONS.iter().filter(|word| !word.contains('(')).copied();
    Language { keywords: words.collect(), functions: functions(FUNCTIONS) }
});

fn functions(page: &str) -> Vec<Function> {
    let mut chapter = "";
    let mut found = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            chapter = heading;
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [names, example, support, ..] = cells.as_slice() else { continue };
        let Some(example) = example.strip_prefix('`').and_then(|text| text.strip_suffix('`')) else {
            continue;
        };
        if support.starts_with("refused") {
            continue;
        }
        for name in names.split(", ") {
            // What is written with blanks or signs is syntax, not a name.
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !name.is_empty() && name.chars().all(is_name) {
                found.push(Function {
                    name: name.to_lowercase(),
                    example: example.replace("\\|", "|"),
                    chapter: chapter.to_owned(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

#[cfg(test)]
mod tests {
    use super::LANGUAGE;

    #[test]
    fn functions_come_with_an_example() {
        let language = &*LANGUAGE;
        assert!(language.functions.len() > 150, "{}", language.functions.len());
        let count = language.functions.iter().find(|function| function.name == "count").expect("COUNT");
        assert_eq!((count.example.as_str(), count.chapter.as_str()), ("count(distinct a)", "Aggregate"));
        assert!(language.keywords.contains(&"SELECT"));
    }
}
