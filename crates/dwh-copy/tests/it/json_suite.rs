//! The public JSON parsing test suite (`tests/json_suite`), loaded: `y_` texts are JSON, `n_` texts are not,
//! `i_` texts a parser may take or refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dwh_copy::{CopyRequest, DataFormat, JsonFormat};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::{Outcome, local_stores, request, rows, run};

/// Texts that are no JSON, but are a file of zero or two rows by the rules of COPY (RS 1.5).
const FILES_OF_OTHER_THAN_ONE_VALUE: [(&str, u64); 4] = [
    ("n_single_space", 0),
    ("n_structure_UTF8_BOM_no_data", 0),
    ("n_structure_double_array", 2),
    ("n_structure_no_data", 0),
];

type Cases = BTreeMap<String, Vec<u8>>;

fn suite() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/json_suite")
}

fn cases() -> Cases {
    let files =
        fs::read_dir(suite().join("cases")).expect("the cases").map(|entry| entry.expect("an entry").path());
    let cases: Cases = files
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    assert_eq!(cases.len(), 318, "the suite is whole");
    cases
}

/// Writes one object a case.
fn folder_of(cases: &Cases, object: impl Fn(usize, &[u8]) -> Vec<u8>) -> TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    fs::create_dir(folder.path().join("data")).expect("created");
    for (number, (name, text)) in cases.iter().enumerate() {
        fs::write(folder.path().join("data").join(name), object(number, text)).expect("written");
    }
    folder
}

fn request_of(folder: &TempDir, format: JsonFormat, columns: &[&str]) -> CopyRequest {
    let mut request = request(format!("{}/data/", folder.path().display()), columns);
    request.format = DataFormat::Json(format);
    request.options.max_errors = 1_000_000;
    request
}

/// Rows and errors of each object, by the case's name.
fn results(outcome: &Outcome) -> BTreeMap<String, (u64, u64)> {
    let name = |url: &str| url.rsplit('/').next().expect("a name").to_owned();
    outcome.objects.iter().map(|object| (name(&object.url), (object.rows, object.errors))).collect()
}

fn is_structure(text: &[u8]) -> bool {
    matches!(text.trim_ascii().first(), Some(b'{' | b'['))
}

/// What the table beside the cases says of the `i_` texts: name and whether they load.
fn implementation_defined() -> BTreeMap<String, bool> {
    let mut reader = csv::Reader::from_path(suite().join("implementation_defined.csv")).expect("the table");
    let rows = reader.records().map(|row| row.expect("valid CSV"));
    rows.map(|row| (row[0].to_owned(), &row[1] == "loads")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_loads_as_one_row_if_and_only_if_it_is_json() {
    let cases = cases();
    let folder = folder_of(&cases, |_, text| text.to_vec());
    let copy = request_of(&folder, JsonFormat::NoShred, &["v super"]);
    let outcome = run(&copy, &local_stores()).await.expect("loads");
    let implementation_defined = implementation_defined();
    let exceptions = BTreeMap::from(FILES_OF_OTHER_THAN_ONE_VALUE);
    let mut wrong = Vec::new();
    for (name, (rows, errors)) in results(&outcome) {
        let as_expected = match exceptions.get(name.as_str()) {
            Some(expected_rows) => (rows, errors) == (*expected_rows, 0),
            // A value at the root that is neither object nor array is junk (RS 1.5).
            None if name.starts_with("y_") && is_structure(&cases[&name]) => (rows, errors) == (1, 0),
            None if name.starts_with("i_") && implementation_defined[&name] => (rows, errors) == (1, 0),
            None => errors > 0,
        };
        if !as_expected {
            wrong.push(format!("{name}: {rows} rows, {errors} errors"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let listed: BTreeSet<&String> = implementation_defined.keys().collect();
    assert_eq!(listed, cases.keys().filter(|name| name.starts_with("i_")).collect());
}

/// Each case as a field between two good records with the same keys.
async fn load_between_good_records(columns: &[&str]) {
    let cases = cases();
    let folder = folder_of(&cases, |number, text| {
        let first = 3 * number;
        let mut bytes = format!("{{\"n\":{first},\"a\":[1]}}\n{{\"n\":{},\"a\":", first + 1).into_bytes();
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(format!("}}\n{{\"n\":{},\"a\":[2]}}\n", first + 2).as_bytes());
        bytes
    });
    let outcome = run(&request_of(&folder, JsonFormat::Auto, columns), &local_stores()).await.expect("loads");
    let loaded: BTreeSet<String> = rows(&outcome).into_iter().map(|row| row[0].clone()).collect();
    let results = results(&outcome);
    let mut wrong = Vec::new();
    for (number, name) in cases.keys().enumerate() {
        let neighbours = [3 * number, 3 * number + 2];
        let survived = neighbours.iter().all(|n| loaded.contains(&n.to_string()));
        let (rows, errors) = results[name];
        let as_expected = match name.as_bytes()[0] {
            b'y' => (rows, errors) == (3, 0),
            b'n' => errors > 0,
            _ => rows + errors >= 3,
        };
        if !survived || !as_expected {
            wrong.push(format!("{name}: {rows} rows, {errors} errors, neighbours survived: {survived}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_no_json_costs_only_its_record() {
    load_between_good_records(&["n integer", "a super"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_no_column_wants_must_be_json_too() {
    load_between_good_records(&["n integer"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_and_numbers_have_the_values_that_another_parser_finds() {
    let mut expected = BTreeMap::new();
    let mut cases = cases();
    cases.retain(|name, text| match serde_json::from_slice::<Vec<Json>>(text) {
        Ok(values) if name.starts_with("y_") && values.len() == 1 => {
            // PostgreSQL's rule, and Redshift's: no NUL in text (RS 1.12).
            let value = values[0].as_str().filter(|text| !text.contains('\0')).map(str::to_owned);
            value.or_else(|| values[0].as_f64().map(|number| number.to_string())).is_some_and(|value| {
                expected.insert(name.clone(), value);
                true
            })
        }
        _ => false,
    });
    assert!(cases.len() > 50, "{} cases", cases.len());
    let folder = folder_of(&cases, |number, text| {
        let mut bytes = format!("{{\"n\":{number},\"a\":").into_bytes();
        bytes.extend_from_slice(text);
        bytes.push(b'}');
        bytes
    });
    let paths = folder.path().join("paths");
    fs::write(&paths, br#"{"jsonpaths":["$.n","$.a[0]"]}"#).expect("written");
    let format = JsonFormat::JsonPaths(paths.display().to_string());
    let copy = request_of(&folder, format, &["n integer", "a varchar(65535)"]);
    let outcome = run(&copy, &local_stores()).await.expect("loads");
    let loaded: BTreeMap<usize, String> =
        rows(&outcome).into_iter().map(|row| (row[0].parse().expect("a number"), row[1].clone())).collect();
    let same = |loaded: &str, expected: &str| {
        loaded == expected || loaded.parse::<f64>().is_ok_and(|loaded| expected.parse() == Ok(loaded))
    };
    let wrong: Vec<String> = cases
        .keys()
        .enumerate()
        .filter(|(number, name)| !loaded.get(number).is_some_and(|value| same(value, &expected[*name])))
        .map(|(number, name)| format!("{name}: {:?} instead of {:?}", loaded.get(&number), expected[name]))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}
