//! Holds `tests/facts.md` to the cases and tests that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row of the page: the section, what is known, and what shows it.
struct Fact {
    section: String,
    text: String,
    proofs: Vec<String>,
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn facts() -> Vec<Fact> {
    let page = fs::read_to_string(tests().join("facts.md")).expect("tests/facts.md");
    let mut section = String::new();
    let mut facts = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading.split(' ').take(2).collect::<Vec<_>>().join(" ");
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [text, proofs] = cells[..] else { continue };
        if text == "Fact" {
            continue;
        }
        let proofs = proofs.split(", ").filter(|proof| !proof.is_empty()).map(str::to_owned).collect();
        facts.push(Fact { section: section.clone(), text: text.to_owned(), proofs });
    }
    assert!(facts.len() > 100, "the facts are there");
    facts
}

/// The sections that the comments of a case cite: `RS 1.2, 2.3` are two.
fn cited(case: &str) -> BTreeSet<String> {
    let text =
        fs::read_to_string(tests().join("cases").join(case).join("request.toml")).expect("request.toml");
    let comments: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix('#')).collect();
    let comments = comments.join(" ");
    let mut sections = BTreeSet::new();
    for citation in comments.split("RS ").skip(1) {
        for part in citation.split(", ") {
            let number: String = part.chars().take_while(|ch| ch.is_ascii_digit() || *ch == '.').collect();
            let number = number.trim_end_matches('.');
            if number.is_empty() {
                break;
            }
            sections.insert(format!("RS {number}"));
        }
    }
    if comments.contains("RFC 8259") {
        sections.insert("RFC 8259".to_owned());
    }
    sections
}

/// What is wrong with a proof.
fn fault(fact: &Fact, proof: &str) -> Option<String> {
    let crates = tests().join("../..");
    if let Some(case) = proof.strip_prefix("cases/") {
        if !tests().join("cases").join(case).is_dir() {
            return Some("no such case".to_owned());
        }
        let cited = cited(case);
        return (!cited.contains(&fact.section)).then(|| format!("it cites {cited:?}"));
    }
    if let Some(statement) = proof.strip_prefix("golden/") {
        let path = crates.join("dwh-sql/tests/golden").join(format!("{statement}.sql"));
        return (!path.is_file()).then(|| "no such statement".to_owned());
    }
    let Some((file, function)) = proof.split_once("::") else { return Some("no proof".to_owned()) };
    let Ok(code) = fs::read_to_string(crates.join(file)) else { return Some("no such file".to_owned()) };
    let is_there = ["fn ", "def "].iter().any(|keyword| code.contains(&format!("{keyword}{function}(")));
    (!is_there).then(|| "no such test".to_owned())
}

#[test]
fn every_fact_is_shown_by_a_case_or_a_test() {
    let mut faults = Vec::new();
    for fact in facts() {
        if fact.proofs.is_empty() {
            faults.push(format!("{}: {}: nothing shows it", fact.section, fact.text));
        }
        for proof in &fact.proofs {
            if let Some(fault) = fault(&fact, proof) {
                faults.push(format!("{}: {proof}: {fault}", fact.section));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_case_cites_a_section_and_shows_a_fact() {
    let named: BTreeSet<String> = facts().into_iter().flat_map(|fact| fact.proofs).collect();
    let mut faults = Vec::new();
    for entry in fs::read_dir(tests().join("cases")).expect("the cases") {
        let case = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if cited(&case).is_empty() {
            faults.push(format!("{case} cites nothing"));
        }
        if !named.contains(&format!("cases/{case}")) {
            faults.push(format!("{case} shows no fact"));
        }
    }
    faults.sort();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
