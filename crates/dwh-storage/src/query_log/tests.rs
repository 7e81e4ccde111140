use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::{LogEntry, PlanNodeRecord, QueryLog, StatementRecord, StepRecord, UserChangeRecord};
use crate::warehouse::Mode;

fn open(dir: &Path) -> QueryLog {
    QueryLog::open(dir, Mode::ReadWrite, 1).expect("a log")
}

fn open_to_read(dir: &Path) -> QueryLog {
    QueryLog::open(dir, Mode::ReadOnly, 1).expect("a log")
}

fn statement(log: &QueryLog, text: &str) -> StatementRecord {
    // As exact as the log is.
    let now = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a time");
    StatementRecord {
        query_id: log.next_query_id(),
        started_at: now,
        ended_at: now,
        text: text.to_owned(),
        ..StatementRecord::default()
    }
}

fn entry(record: StatementRecord) -> LogEntry {
    LogEntry::Statement { record: Box::new(record), plan: Vec::new(), steps: Vec::new() }
}

#[test]
fn what_is_logged_is_read_at_once_and_after_opening_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = open(dir.path());
    let first = statement(&log, "select 1");
    let plan = vec![PlanNodeRecord { query_id: first.query_id, node_id: 1, ..PlanNodeRecord::default() }];
    let steps =
        vec![StepRecord { query_id: first.query_id, name: "scan".to_owned(), ..StepRecord::default() }];
    let entry_of_first =
        LogEntry::Statement { record: Box::new(first.clone()), plan: plan.clone(), steps: steps.clone() };
    log.add(entry_of_first);
    assert_eq!(log.statements().expect("readable"), std::slice::from_ref(&first));
    log.add(entry(statement(&log, "select 2")));
    drop(log);
    let log = open(dir.path());
    let texts: Vec<_> = log.statements().expect("readable").into_iter().map(|s| s.text).collect();
    assert_eq!(texts, ["select 1", "select 2"]);
    assert_eq!((log.plan_nodes().expect("readable"), log.steps().expect("readable")), (plan, steps));
    assert!(log.next_query_id() > first.query_id + 1);
}

#[test]
fn two_processes_get_different_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    let [one, two] = [(); 2].map(|()| QueryLog::open(dir.path(), Mode::ReadWrite, 7).expect("a log"));
    let mut ids = Vec::new();
    for _ in 0..250 {
        ids.extend([one.next_query_id(), two.next_query_id()]);
    }
    assert!(ids.iter().all(|id| *id >= 7));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 500);
}

#[test]
fn numbers_of_sessions_and_transactions_are_of_one_process_however_many_it_takes() {
    let dir = tempfile::tempdir().expect("a folder");
    let numbers: [fn(&QueryLog) -> i64; 2] = [QueryLog::next_session_id, QueryLog::next_transaction_id];
    for next in numbers {
        let (one, two) = (open(dir.path()), open_to_read(dir.path()));
        let mut ids: Vec<_> = (0..1500).map(|_| next(&one)).collect();
        ids.extend((0..1500).map(|_| next(&two)));
        drop((one, two));
        ids.push(next(&open(dir.path())));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 3001);
    }
}

#[test]
fn a_damaged_file_is_begun_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join(super::FILE), "not a database, and longer than its header".repeat(50))
        .expect("written");
    let log = open(dir.path());
    log.add(entry(statement(&log, "select 1")));
    assert_eq!(log.statements().expect("readable").len(), 1);
}

#[test]
fn a_log_with_a_damaged_page_answers() {
    const PAGE_BYTES: usize = 4096;
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(super::FILE);
    let log = open(dir.path());
    for _ in 0..100 {
        log.add(entry(statement(&log, &"select 1, ".repeat(50))));
    }
    drop(log);
    let whole = std::fs::read(&path).expect("a file");
    assert!(whole.len() > 10 * PAGE_BYTES);
    for page in 0..whole.len() / PAGE_BYTES {
        let mut damaged = whole.clone();
        damaged[page * PAGE_BYTES..][..PAGE_BYTES].fill(0xA5);
        std::fs::write(&path, damaged).expect("written");
        let log = open(dir.path());
        log.statements().expect("readable");
        let last = statement(&log, "the last");
        log.add(entry(last.clone()));
        assert_eq!(log.statements().expect("readable").last(), Some(&last), "page {page}");
    }
}

#[test]
fn while_another_holds_the_file_numbers_come_from_memory_and_entries_wait() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = open(dir.path());
    let mut ids: Vec<_> = (0..super::SESSIONS).map(|_| log.next_session_id()).collect();
    let other = Connection::open(dir.path().join(super::FILE)).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("its lock");
    ids.push(log.next_session_id());
    other.execute_batch("ROLLBACK").expect("its end");
    ids.extend((0..super::SESSIONS).map(|_| log.next_session_id()));
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}

#[test]
fn who_only_reads_makes_no_file_and_removes_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(super::FILE);
    let answers = || {
        let log = open_to_read(dir.path());
        log.add(entry(statement(&log, "select 1")));
        assert_eq!(log.statements().expect("readable").len(), 1);
    };
    answers();
    assert!(!path.exists());
    std::fs::write(&path, "not a database".repeat(100)).expect("written");
    answers();
    assert_eq!(std::fs::read(&path).expect("still there"), "not a database".repeat(100).as_bytes());
}

#[test]
fn a_file_that_cannot_be_opened_is_replaced_by_memory() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join(super::FILE)).expect("in the way");
    let log = open(dir.path());
    log.add(entry(statement(&log, "select 1")));
    assert_eq!(log.statements().expect("readable").len(), 1);
}

#[test]
fn the_oldest_statements_are_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = open(dir.path());
    for _ in 0..12_000 {
        log.add(entry(statement(&log, "select 1")));
    }
    let kept = log.statements().expect("readable");
    assert_eq!(kept.len(), 10_000);
    assert_eq!(kept[0].query_id, 2_001);
}

#[test]
fn old_changes_of_users_are_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = open(dir.path());
    for (user_name, days) in [("old", 8), ("new", 6)] {
        let changed_at = Utc::now() - TimeDelta::days(days);
        let user_name = user_name.to_owned();
        let change = UserChangeRecord { user_name, changed_at, ..UserChangeRecord::default() };
        log.add(LogEntry::UserChange(Box::new(change)));
    }
    let kept: Vec<_> =
        log.user_changes().expect("readable").into_iter().map(|change| change.user_name).collect();
    assert_eq!(kept, ["new"]);
}
