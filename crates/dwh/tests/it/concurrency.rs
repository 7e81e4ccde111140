use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{Run, Sandbox, not_ignored};

const KILLS: u32 = 20;
const READERS: usize = 10;

/// Counts that change together or not at all, in one statement so that they are of one moment.
const STATE: &str = "select (select count(*) from staging_events), (select count(*) from songplays), \
                     (select count(*) from dwh_loads), (select count(*) from time)";

fn start(sandbox: &Sandbox, args: &[&str]) -> Child {
    sandbox.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A warehouse with empty tables, and its state before and after an ETL of the data beside it.
fn before_and_after(sandbox: &Sandbox) -> (String, String, Duration) {
    sandbox.generate(3000);
    let started = Instant::now();
    sandbox.dwh(&["--warehouse", "reference", "etl"]).succeeds();
    let duration = started.elapsed();
    let after = sandbox.dwh(&["--warehouse", "reference", "query", "--format", "csv", STATE]).succeeds();
    sandbox.dwh(&["query", "create table public.dwh_marker (a int)"]).succeeds();
    sandbox.dwh(&["tables", "create"]).succeeds();
    let before = sandbox.dwh(&["query", "--format", "csv", STATE]).succeeds();
    (before.stdout, after.stdout, duration)
}

#[test]
fn a_killed_etl_leaves_the_state_before_or_after_and_the_next_run_completes() {
    let sandbox = Sandbox::new();
    let (before, after, duration) = before_and_after(&sandbox);
    // Spread over the whole run and beyond it; the jitter is the scheduler's.
    for kill in 0..KILLS {
        let mut etl = start(&sandbox, &["etl", "--full-refresh"]);
        std::thread::sleep(duration.mul_f64(f64::from(kill) * 1.2 / f64::from(KILLS)));
        etl.kill().unwrap();
        etl.wait().unwrap();
        let state = sandbox.dwh(&["query", "--format", "csv", STATE]).succeeds().stdout;
        assert!(state == before || state == after, "kill {kill}: {state}, neither {before} nor {after}");
    }
    sandbox.dwh(&["etl", "--full-refresh"]).succeeds();
    assert_eq!(sandbox.dwh(&["query", "--format", "csv", STATE]).succeeds().stdout, after);
    sandbox.dwh(&["check"]).succeeds();
}

#[test]
fn readers_see_committed_states_only_while_an_etl_runs() {
    let sandbox = Sandbox::new();
    let (before, after, _) = before_and_after(&sandbox);
    let mut etl = start(&sandbox, &["etl"]);
    let mut states = Vec::new();
    while etl.try_wait().unwrap().is_none() || states.is_empty() {
        let readers: Vec<Child> = (0..READERS)
            .map(|_| {
                let mut command = sandbox.command(&["query", "--format", "csv", STATE]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        states.extend(
            readers.into_iter().map(|reader| Run::from(reader.wait_with_output().unwrap()).succeeds().stdout),
        );
    }
    assert!(etl.wait().unwrap().success());
    for state in &states {
        assert!(*state == before || *state == after, "{state}, neither {before} nor {after}");
    }
    assert_eq!(sandbox.dwh(&["query", "--format", "csv", STATE]).succeeds().stdout, after);
}

#[test]
fn a_second_writer_is_refused_at_once_and_a_reader_is_not() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["query", "create table t (a int)"]).succeeds();
    // A prompt holds the warehouse for as long as its stdin is open.
    let mut command = sandbox.command(&["sql"]);
    let mut writer =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = writer.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"insert into t values (1);\nselect 1;\n").unwrap();
    let mut output = std::io::BufReader::new(writer.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut String::new()).unwrap();

    let started = Instant::now();
    let second = sandbox.dwh(&["query", "insert into t values (2)"]);
    second.fails(2, &["is being written by", &writer.id().to_string()]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(sandbox.csv("select a from t"), "1");

    drop(input);
    assert!(writer.wait().unwrap().success());
    sandbox.dwh(&["query", "insert into t values (2)"]).succeeds();
}

#[cfg(unix)]
#[test]
fn watching_loads_what_arrives_and_ends_with_ctrl_c() {
    let sandbox = Sandbox::new();
    sandbox.generate(300);
    let logs = sandbox.path().join("data/log_data/2018/11");
    let arriving = std::fs::read_dir(&logs).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let text = std::fs::read(&arriving).unwrap();
    std::fs::remove_file(&arriving).unwrap();
    let mut watching = start(&sandbox, &["etl", "--watch", "--interval", "1"]);

    let events = || sandbox.dwh(&["query", "--format", "csv", "select count(*) from staging_events"]);
    let wait_for = |done: &dyn Fn(&Run) -> bool| {
        let started = Instant::now();
        while !done(&events()) {
            assert!(started.elapsed() < Duration::from_secs(60), "{:?}", events());
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    wait_for(&|run| run.code == Some(0) && run.stdout != "count\n0\n");
    assert_ne!(events().stdout, "count\n300\n");
    std::fs::write(&arriving, text).unwrap();
    wait_for(&|run| run.stdout == "count\n300\n");

    let interrupted = std::process::Command::new("kill").args(["-INT", &watching.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn watching_ends_with_its_terminal_or_when_it_is_told_to() {
    use std::io::{BufRead, BufReader};
    let sandbox = Sandbox::new();
    sandbox.generate(100);
    for signal in not_ignored(vec!["-HUP", "-TERM"]) {
        let mut command = sandbox.command(&["etl", "--watch", "--interval", "600"]);
        let mut watching = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(watching.stderr.take().unwrap()).lines().map(Result::unwrap);
        lines.find(|line| line.contains("committed") || line.contains("nothing new")).unwrap();
        let killed = std::process::Command::new("kill").args([signal, &watching.id().to_string()]).status();
        assert!(killed.unwrap().success());
        let rest: Vec<String> = lines.collect();
        assert_eq!(watching.wait().unwrap().code(), Some(0), "{rest:#?}");
        assert!(rest.iter().any(|line| line.contains("ending")), "{rest:#?}");
    }
}
