use crate::sandbox::Sandbox;

#[test]
fn a_script_on_stdin_runs_statements_and_commands() {
    let sandbox = Sandbox::new();
    let script = "create table songs (id int,\n  title varchar(20));\ninsert into songs values (1, 'a;b');\n\
                  \\dt\n\\d songs\n\\dn\nselect title\nfrom songs;\n\\x\nselect id, title from songs;\n\\q\nselect 1/0;\n";
    let run = sandbox.dwh_with_input(&["sql", "--format", "csv"], script).succeeds();
    assert!(run.stdout.contains("public,songs,1,"), "{run:#?}");
    assert!(run.stdout.contains("title,character varying(20)"), "{run:#?}");
    assert!(run.stdout.contains("\ntitle\na;b\n"), "{run:#?}");
    assert!(run.stdout.ends_with("-[ RECORD 1 ]-\nid    | 1\ntitle | a;b\n"), "{run:#?}");
}

#[test]
fn a_script_stops_at_its_first_error() {
    let sandbox = Sandbox::new();
    let run =
        sandbox.dwh_with_input(&["sql", "--format", "csv"], "select 1 as a;\nselect nope;\nselect 2 as b;\n");
    assert_eq!(run.fails(1, &["[42703]", "1 | select nope;", "       ^^^^"]).stdout, "a\n1\n");
    sandbox.dwh_with_input(&["sql"], "\\frob\n").fails(2, &["\\frob", "\\?"]);
}

#[test]
fn a_file_is_included() {
    let sandbox = Sandbox::new();
    sandbox.write("some.sql", "create table t (a int); insert into t values (7);");
    let run = sandbox.dwh_with_input(&["sql", "--format", "csv"], "\\i some.sql\nselect a from t").succeeds();
    assert_eq!(run.stdout, "a\n7\n");
    sandbox.dwh_with_input(&["sql"], "\\i none.sql\n").fails(2, &["cannot read none.sql"]);
}

#[test]
fn temporary_tables_and_transactions_live_in_the_prompt() {
    let sandbox = Sandbox::new();
    let script = "create temp table x (a int); insert into x values (1);\nbegin;\ninsert into x values (2);\n\
                  select count(*) as inside from x;\nrollback;\nselect count(*) as outside from x;\n";
    let run = sandbox.dwh_with_input(&["sql", "--format", "csv"], script).succeeds();
    assert_eq!(run.stdout, "inside\n2\noutside\n1\n");
}
