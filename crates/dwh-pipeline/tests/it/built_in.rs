//! The built-in pipeline's files.

use std::collections::BTreeSet;
use std::path::Path;

use dwh_pipeline::{Pipeline, PipelineError, Variables, data_markdown, init};
use dwh_sql::statement::{CommentTarget, Statement};

fn sparkify() -> (Pipeline, Variables) {
    let pipeline = Pipeline::built_in("sparkify").expect("built in");
    let variables = Variables::resolve(&pipeline.variables, |variable| {
        variable.config_key.as_ref().map(|key| format!("s3://bucket/{key}"))
    });
    (pipeline, variables)
}

#[test]
fn every_file_parses_as_redshift_sql() {
    let (pipeline, variables) = sparkify();
    let files =
        [&pipeline.tables, &pipeline.loads, &pipeline.transforms, &pipeline.checks, &pipeline.queries];
    for file in files.into_iter().flatten() {
        if let Err(error) = file.statements(&variables) {
            panic!("{error}");
        }
    }
}

#[test]
fn checks_and_queries_are_one_query_each_and_say_what_they_ask() {
    let (pipeline, variables) = sparkify();
    assert!(pipeline.queries.len() >= 10);
    for file in pipeline.checks.iter().chain(&pipeline.queries) {
        let statements = file.statements(&variables).expect("parses");
        assert!(
            matches!(statements.as_slice(), [one] if matches!(one.statement, Statement::Query(_))),
            "{}",
            file.path
        );
        assert!(!file.description().is_empty(), "{}", file.path);
    }
}

#[test]
fn every_table_and_column_has_a_comment() {
    let (pipeline, variables) = sparkify();
    for file in &pipeline.tables {
        let mut columns = BTreeSet::new();
        let mut commented = BTreeSet::new();
        let mut table_is_commented = false;
        for statement in file.statements(&variables).expect("parses") {
            match statement.statement {
                Statement::CreateTable(create) => {
                    assert_eq!(create.name.name, file.name);
                    columns = create.columns.into_iter().map(|column| column.name).collect();
                }
                Statement::Comment { on: CommentTarget::Table(table), text } => {
                    assert_eq!(table.name, file.name);
                    table_is_commented = text.is_some();
                }
                Statement::Comment { on: CommentTarget::Column(table, column), text } => {
                    assert_eq!((table.name, text.is_some()), (file.name.clone(), true));
                    commented.insert(column);
                }
                other => panic!("{}: {other:?}", file.path),
            }
        }
        assert!(table_is_commented, "{}", file.path);
        assert_eq!(columns, commented, "{}", file.path);
    }
}

#[test]
fn every_query_has_an_expected_result_for_every_known_data_set() {
    let (pipeline, _) = sparkify();
    let sets: Vec<&str> = pipeline.expected.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(sets, ["demo", "full", "sample"]);
    let queries: BTreeSet<&str> = pipeline.queries.iter().map(|file| file.name.as_str()).collect();
    for set in &pipeline.expected {
        assert_eq!(set.results.keys().map(String::as_str).collect::<BTreeSet<_>>(), queries, "{}", set.name);
        assert_eq!(set.input.len(), pipeline.loads.len(), "{}", set.name);
    }
}

#[test]
fn the_page_about_the_data_is_current() {
    let (pipeline, _) = sparkify();
    let page = data_markdown(&pipeline).expect("the files parse");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data.md");
    if std::env::var_os("DWH_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &page).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/data.md is not current: run DWH_UPDATE_DOCS=1 cargo test -p dwh-pipeline");
}

#[test]
fn a_pipeline_that_is_written_out_reads_back_and_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let written = init("sparkify", folder.path(), false).expect("written");
    assert!(written.contains(&folder.path().join("pipeline.toml")));
    let (built_in, _) = sparkify();
    let opened = Pipeline::open(folder.path()).expect("reads back");
    assert_eq!(opened.transforms, built_in.transforms);
    assert_eq!(opened.expected, built_in.expected);

    std::fs::write(folder.path().join("pipeline.toml"), "edited").expect("written");
    assert!(matches!(init("sparkify", folder.path(), false), Err(PipelineError::Exists { .. })));
    assert_eq!(std::fs::read_to_string(folder.path().join("pipeline.toml")).expect("read"), "edited");
    init("sparkify", folder.path(), true).expect("overwritten");
    Pipeline::open(folder.path()).expect("as before");
}

#[test]
fn what_is_wrong_in_a_pipeline_is_told_by_file_and_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    let open = || Pipeline::open(folder.path());

    assert!(matches!(open(), Err(PipelineError::NoPipeline { .. })));
    write("pipeline.toml", "name = \"p\"\ntable = []\n");
    assert!(matches!(open(), Err(PipelineError::Definition { line: 2, .. })), "an unknown key");
    write("pipeline.toml", "name = \"p\"\ntables = [\"t\"]\n");
    assert!(matches!(open(), Err(PipelineError::MissingFile { path, .. }) if path == "tables/t.sql"));

    write("tables/t.sql", "-- a table\nCREATE TABLE t (a INT);\n\nCOMMENT ON\nTABEL t IS 'x';\n");
    let pipeline = open().expect("reads");
    let error = pipeline.tables[0].statements(&Variables::default()).expect_err("TABEL");
    assert!(error.to_string().starts_with("tables/t.sql:5: statement 2: syntax error at or near"), "{error}");
}
