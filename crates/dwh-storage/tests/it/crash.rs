//! `kill -9` at any moment: nothing committed is lost, nothing uncommitted shows.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use crate::fixtures::*;
use crate::processes::{folder_for, start};

const ROUNDS: u64 = 20;

/// Each transaction adds a number to `a` and `b`, through memory and through a file, and takes the one
/// before last away again: whatever is committed, both tables hold the same, and no more than two.
async fn write_for_ever(dir: &std::path::Path) {
    let warehouse = open(dir);
    let snapshot = warehouse.snapshot().unwrap();
    let (a, b) = (snapshot.table("public", "a").unwrap().id, snapshot.table("public", "b").unwrap().id);
    let mut n = committed(&snapshot, "a").last().map_or(0, |last| last + 1);
    loop {
        let mut transaction = begin(&warehouse);
        append(&mut transaction, a, [n]);
        append_file(&mut transaction, b, [n]);
        delete(&mut transaction, a, &[n - 2]);
        delete(&mut transaction, b, &[n - 2]);
        if n % 5 == 0 {
            transaction.vacuum(a).unwrap();
        }
        transaction.set_table_comment(a, Some(n.to_string())).unwrap();
        transaction.commit().await.unwrap();
        println!("committed {n}");
        n += 1;
    }
}

#[tokio::test]
async fn a_writer_killed_at_any_moment_leaves_the_state_of_its_last_commit() {
    let name = "crash::a_writer_killed_at_any_moment_leaves_the_state_of_its_last_commit";
    if let Some(dir) = folder_for("victim") {
        return write_for_ever(&dir).await;
    }
    let dir = tempfile::tempdir().unwrap();
    create(&open(dir.path()), &["a", "b"]).await;
    let mut committed_before = -1;
    for round in 0..ROUNDS {
        let mut victim = start(name, "victim", dir.path());
        let output = BufReader::new(victim.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            // The test harness begins the first line.
            lines.filter_map(|line| line.split_once("committed ")?.1.parse::<i32>().ok()).last()
        });
        // Spread over the start of the process and over the phases of its commits.
        std::thread::sleep(Duration::from_micros(20_000 + round * 13_791));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let announced = reader.join().unwrap().unwrap_or(committed_before);

        let from_reader = open_read_only(dir.path()).snapshot().unwrap();
        let warehouse = open(dir.path());
        let snapshot = warehouse.snapshot().unwrap();
        assert_eq!(describe(&from_reader), describe(&snapshot), "round {round}");
        let (a, b) = (committed(&snapshot, "a"), committed(&snapshot, "b"));
        assert_eq!(a, b, "round {round}: all tables or none");
        let last = a.last().copied().unwrap_or(-1);
        assert!(
            last == announced || last == announced + 1,
            "round {round}: {announced} announced, {a:?} there"
        );
        assert!(last >= committed_before, "round {round}: a commit was lost");
        let expected: Vec<i32> = (0.max(last - 1)..=last).collect();
        assert_eq!(a, expected, "round {round}: nothing between two commits");
        let comment = snapshot.table("public", "a").unwrap().definition.comment.clone();
        assert_eq!(comment, (last >= 0).then(|| last.to_string()), "round {round}");
        committed_before = last;
    }
    assert!(committed_before > 0, "the victims had time to commit");
}

#[tokio::test]
async fn staged_files_of_a_dead_transaction_are_swept() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1]);
    transaction.commit().await.unwrap();
    let mut dead = begin(&warehouse);
    append_file(&mut dead, id, [2]);
    // A killed process runs no destructor; its lock is gone all the same.
    std::mem::forget(dead);
    let copy = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), copy.path());
    assert_eq!(parquet_files(copy.path()), 2);
    let warehouse = open(copy.path());
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "t"), [1]);
    assert_eq!(parquet_files(copy.path()), 1);
}

#[tokio::test]
async fn a_half_written_journal_is_undone() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [1]);
    transaction.commit().await.unwrap();
    let before = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), before.path());
    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [2]);
    transaction.commit().await.unwrap();
    let wal = std::fs::read(dir.path().join("catalog.sqlite-wal")).unwrap();
    let committed_bytes = std::fs::metadata(before.path().join("catalog.sqlite-wal")).unwrap().len() as usize;
    assert!(wal.len() > committed_bytes, "the second commit is in the journal");

    // The power fails while the second commit is being written: the journal ends somewhere in it.
    let commit_bytes = wal.len() - committed_bytes;
    for tenth in 1..10 {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(dir.path(), copy.path());
        let torn = &wal[..committed_bytes + commit_bytes * tenth / 10];
        std::fs::write(copy.path().join("catalog.sqlite-wal"), torn).unwrap();
        let _ = std::fs::remove_file(copy.path().join("catalog.sqlite-shm"));
        assert_eq!(committed(&open(copy.path()).snapshot().unwrap(), "t"), [1], "torn at {tenth}/10");
        assert_eq!(parquet_files(copy.path()), 1);
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
