use crate::sandbox::Sandbox;

fn warehouse() -> Sandbox {
    let sandbox = Sandbox::new();
    let sql = "create table t (id int, name varchar(20), price numeric(8,2), ok boolean, at timestamp); \
               insert into t values (1, 'a, \"b\"', 1.50, true, '2018-11-30 17:31:24.796'), \
               (2, '', null, false, null)";
    sandbox.dwh(&["query", sql]).succeeds();
    sandbox
}

const SELECT: &str = "select * from t order by id";

#[test]
fn results_are_printed_in_four_formats_on_stdout() {
    let sandbox = warehouse();
    let print = |format| sandbox.dwh(&["query", "--format", format, SELECT]).succeeds();
    assert_eq!(
        print("csv").stdout,
        "id,name,price,ok,at\n1,\"a, \"\"b\"\"\",1.50,t,2018-11-30 17:31:24.796\n2,\"\",,f,\n"
    );
    assert_eq!(
        print("json").stdout,
        "[\n{\"id\": 1, \"name\": \"a, \\\"b\\\"\", \"price\": 1.50, \"ok\": true, \
         \"at\": \"2018-11-30 17:31:24.796\"},\n\
         {\"id\": 2, \"name\": \"\", \"price\": null, \"ok\": false, \"at\": null}\n]\n"
    );
    assert_eq!(
        print("markdown").stdout,
        "| id | name | price | ok | at |\n| ---: | --- | ---: | --- | --- |\n\
         | 1 | a, \"b\" | 1.50 | t | 2018-11-30 17:31:24.796 |\n| 2 |  | NULL | f | NULL |\n"
    );
    let table = print("table");
    assert!(
        table.stdout.contains("│  1 │ a, \"b\" │  1.50 │ t  │ 2018-11-30 17:31:24.796 │"),
        "{}",
        table.stdout
    );
    assert_eq!(table.stderr, "(2 rows)\n");
    assert_eq!(sandbox.dwh(&["-q", "query", SELECT]).succeeds().stderr, "");
}

#[test]
fn sql_comes_from_the_command_line_a_file_or_stdin() {
    let sandbox = warehouse();
    let expected = "n\n2\n";
    let sql = "select count(*) as n from t;";
    sandbox.write("count.sql", sql);
    assert_eq!(sandbox.dwh(&["query", "--format", "csv", "-f", "count.sql"]).succeeds().stdout, expected);
    assert_eq!(sandbox.dwh_with_input(&["query", "--format", "csv"], sql).succeeds().stdout, expected);
    assert_eq!(
        sandbox.dwh_with_input(&["query", "--format", "csv", "-f", "-"], sql).succeeds().stdout,
        expected
    );
    sandbox.dwh(&["query", "-f", "none.sql"]).fails(2, &["cannot read none.sql"]);
}

#[test]
fn an_error_shows_its_place_and_sqlstate_and_exits_with_1() {
    let sandbox = warehouse();
    sandbox.write("bad.sql", "select id,\n  naem\nfrom t");
    let run = sandbox.dwh(&["query", "-f", "bad.sql"]);
    run.fails(1, &["[42703]", "--> bad.sql:2:3", "2 |   naem\n  |   ^^^^"]);
    sandbox.dwh(&["query", "selct 1"]).fails(1, &["[42601]", "--> sql:1:1", "^^^^^"]);
    sandbox.dwh(&["query", "select * from nope"]).fails(1, &["[42P01]", "nope", "--> sql:1:15"]);
    sandbox.dwh(&["query", "select 1/0"]).fails(1, &["[22012]"]);
}

#[test]
fn several_statements_are_one_transaction() {
    let sandbox = warehouse();
    sandbox.dwh(&["query", "delete from t; insert into t(id) values (3); select 1/0"]).fails(1, &["[22012]"]);
    assert_eq!(sandbox.csv("select count(*) from t"), "2");
    let both = sandbox.dwh(&["query", "--format", "csv", "select 1 as a; select 2 as b"]).succeeds();
    assert_eq!(both.stdout, "a\n1\nb\n2\n");
}

#[test]
fn reading_needs_a_warehouse_and_says_how_to_get_one() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["query", "select 1"]).fails(2, &["no warehouse", "dwh etl"]);
    assert!(!sandbox.path().join("warehouse").exists());
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = warehouse();
    let script = format!(
        "{} query --format csv \"select a.id, repeat('x', 100) as r from t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, \
         t n, t o\" | head -n 1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_dwh")
    );
    let output =
        std::process::Command::new("bash").arg("-c").arg(script).current_dir(sandbox.path()).output();
    let run = crate::sandbox::Run::from(output.unwrap());
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("id,r\n0\n", ""));
}

#[test]
fn tables_are_listed_and_described() {
    let sandbox = warehouse();
    sandbox.dwh(&["query", "comment on table t is 'the one'; create view v as select id from t"]).succeeds();
    let list = sandbox.dwh(&["tables", "list", "--format", "csv"]).succeeds().stdout;
    assert_eq!(list, "schema,table,rows,description\npublic,t,2,the one\n");
    let columns = sandbox.dwh(&["tables", "describe", "t", "--format", "csv"]).succeeds().stdout;
    assert!(columns.contains("\nname,character varying(20),"), "{columns}");
    assert!(columns.contains("\nprice,\"numeric(8,2)\","), "{columns}");
    sandbox.dwh(&["tables", "describe", "nope"]).fails(1, &["nope", "dwh tables list"]);
}
