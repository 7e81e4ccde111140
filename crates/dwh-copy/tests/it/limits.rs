//! Large objects, bounded memory, the 4 MB record, and stopping.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use arrow::array::RecordBatch;
use dwh_copy::{BatchSink, Compression, CopyError, DataFormat, Progress, SinkError, TextFormat, TextLayout};
use dwh_testkit::folder_of;

use crate::support::{local_stores, request, rows, run};

fn numbered_lines(lines: usize) -> String {
    (0..lines).map(|number| format!("{{\"a\":{number},\"b\":\"some text of line {number}\"}}\n")).collect()
}

fn path_of(folder: &tempfile::TempDir) -> String {
    format!("{}/", folder.path().display())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_many_parts_loads_every_record_once() {
    let text = numbered_lines(500_000);
    assert!(text.len() > 16 << 20, "several parts");
    let folder = folder_of([("large.json", text.as_bytes())]).expect("written");
    let outcome = run(&request(path_of(&folder), &["a integer", "b varchar(40)"]), &local_stores()).await;
    let outcome = outcome.expect("loads");
    assert_eq!(outcome.rows_loaded, 500_000);
    assert_eq!(outcome.objects[0].lines_scanned, 500_000);
    let mut sum = 0_u64;
    for row in rows(&outcome) {
        sum += row[0].parse::<u64>().expect("a number");
    }
    assert_eq!(sum, 499_999 * 500_000 / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_object_of_many_parts_keeps_line_numbers() {
    let mut text = numbered_lines(300_000);
    text.push_str("{\"a\":\"bad\"}\n");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("compresses");
    let folder = folder_of([("large.json.gz", encoder.finish().expect("compresses"))]).expect("written");
    let mut copy = request(path_of(&folder), &["a integer"]);
    copy.compression = Compression::Gzip;
    copy.options.max_errors = 2;
    let outcome = run(&copy, &local_stores()).await.expect("loads");
    assert_eq!((outcome.rows_loaded, outcome.error_count), (300_000, 1));
    assert_eq!(outcome.errors[0].line_number, 300_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_more_than_4_mb_fails_whatever_maxerror() {
    let long = format!("{{\"a\":1}}\n{{\"a\":2,\"b\":\"{}\"}}\n", "x".repeat(4 << 20));
    let endless = format!("{{\"a\":1}}\n{{\"a\":[{}", "1,".repeat(6 << 20));
    for text in [long, endless] {
        let folder = folder_of([("1.json", text)]).expect("written");
        let mut copy = request(path_of(&folder), &["a integer"]);
        copy.options.max_errors = 1000;
        let error = run(&copy, &local_stores()).await.expect_err("too large");
        assert!(matches!(error, CopyError::RecordTooLarge { line: 2, .. }), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_just_4_mb_loads() {
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat((4 << 20) - 8));
    assert_eq!(text.len(), 4 << 20);
    let folder = folder_of([("1.json", text)]).expect("written");
    let mut copy = request(path_of(&folder), &["a varchar(10)"]);
    copy.options.truncate_columns = true;
    assert_eq!(run(&copy, &local_stores()).await.expect("loads").rows_loaded, 1);
}

/// RS 1.5: in the size of a record `|` counts twice.
#[tokio::test(flavor = "multi_thread")]
async fn pipes_count_twice_for_the_4_mb() {
    for (pipes, loads) in [((1 << 20) - 8, true), ((1 << 20) + 8, false)] {
        let text = format!("{{\"a\":\"{}{}\"}}", "x".repeat(2 << 20), "|".repeat(pipes));
        let folder = folder_of([("1.json", text)]).expect("written");
        let mut copy = request(path_of(&folder), &["a varchar(10)"]);
        copy.options.truncate_columns = true;
        match run(&copy, &local_stores()).await {
            Ok(outcome) => assert!(loads && outcome.rows_loaded == 1, "{pipes}"),
            Err(error) => {
                assert!(!loads && matches!(error, CopyError::RecordTooLarge { line: 1, .. }), "{error:?}")
            }
        }
    }
}

/// RS 1.5: SUPER takes values that are larger than any VARCHAR.
#[tokio::test(flavor = "multi_thread")]
async fn a_super_value_may_be_larger_than_a_varchar() {
    let value = format!("[{}1]", "\"0123456789\",".repeat(8000));
    let folder = folder_of([("1.json", format!("{{\"s\":{value}}}"))]).expect("written");
    let outcome = run(&request(path_of(&folder), &["s super"]), &local_stores()).await.expect("loads");
    assert_eq!(rows(&outcome), [[value]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_lines_and_fields_are_kept_to_1024_bytes() {
    let text = format!("{{\"a\":\"{}\"}}", "é".repeat(2000));
    let folder = folder_of([("1.json", text)]).expect("written");
    let error =
        run(&request(path_of(&folder), &["a varchar(10)"]), &local_stores()).await.expect_err("too long");
    let CopyError::TooManyErrors { errors, .. } = error else { panic!("{error:?}") };
    assert!(errors[0].raw_line.len() <= 1024 && errors[0].raw_line.len() > 1000);
    assert!(errors[0].raw_field_value.len() <= 1024);
    assert!(!errors[0].raw_line.contains('\u{FFFD}'), "cut at a whole character");
    assert_eq!(errors[0].fields.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_many_parts_loads_every_record_once() {
    const ROWS: u64 = 400_000;
    let csv = TextLayout::Csv { delimiter: ",".to_owned(), quote: '"' };
    let escaped = TextLayout::Delimited { delimiter: "|".to_owned(), escape: true, remove_quotes: false };
    let plain = TextLayout::Delimited { delimiter: "|".to_owned(), escape: false, remove_quotes: false };
    let cases = [
        (csv, "{},\"some \n\"\"text\"\"\n of a row\"\n", 3),
        (escaped, "{}|some \\\ntext\\\\\n", 2),
        (plain, "{}|some text of a row\n", 1),
    ];
    for (layout, line, lines) in cases {
        let text: String = (0..ROWS).map(|number| line.replace("{}", &number.to_string())).collect();
        let folder = folder_of([("large.txt", format!("{text}bad|bad\n"))]).expect("written");
        let mut copy = request(path_of(&folder), &["a integer", "b varchar(40)"]);
        copy.format = DataFormat::Text(TextFormat {
            layout,
            null_as: "\\N".to_owned(),
            fill_record: false,
            ignore_blank_lines: false,
        });
        copy.options.max_errors = 2;
        let outcome = run(&copy, &local_stores()).await.expect("loads");
        assert_eq!((outcome.rows_loaded, outcome.error_count), (ROWS, 1));
        assert_eq!(outcome.errors[0].line_number, (ROWS * lines + 1) as i64);
        let sum: u64 = rows(&outcome).iter().map(|row| row[0].parse::<u64>().expect("a number")).sum();
        assert_eq!(sum, ROWS * (ROWS - 1) / 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_record_of_more_than_4_mb_fails_whatever_maxerror() {
    let long = format!("1\n{}\n", "x".repeat((4 << 20) + 1));
    let unclosed = format!("1\n\"{}", "x\n".repeat(6 << 20));
    for text in [long, unclosed] {
        let folder = folder_of([("1.csv", text)]).expect("written");
        let mut copy = request(path_of(&folder), &["a varchar(10)"]);
        copy.format = DataFormat::Text(TextFormat {
            layout: TextLayout::Csv { delimiter: ",".to_owned(), quote: '"' },
            null_as: "\\N".to_owned(),
            fill_record: false,
            ignore_blank_lines: false,
        });
        copy.options.max_errors = 1000;
        let error = run(&copy, &local_stores()).await.expect_err("too large");
        assert!(matches!(error, CopyError::RecordTooLarge { line: 2, .. }), "{error:?}");
    }
}

/// A sink that fails at its first batch, or waits at each.
struct Stubborn {
    rows: Arc<AtomicUsize>,
    fails: bool,
}

impl BatchSink for Stubborn {
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.rows.fetch_add(batch.num_rows(), Ordering::SeqCst);
        if self.fails {
            return Err(SinkError::new("the disk is full"));
        }
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_fails_ends_the_copy_with_its_error() {
    let folder = folder_of([("1.json", numbered_lines(100_000))]).expect("written");
    let make_sink = || Ok(Stubborn { rows: Arc::default(), fails: true });
    let copy = request(path_of(&folder), &["a integer"]);
    let result = dwh_copy::copy(&copy, &local_stores(), make_sink, Arc::default()).await;
    let Err(CopyError::Sink(error)) = result else { panic!("the sink's error") };
    assert_eq!(error.to_string(), "the disk is full");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_future_ends_the_work() {
    const ROWS: usize = 2_000_000;
    let folder = folder_of([("1.json", numbered_lines(ROWS))]).expect("written");
    let rows = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rows);
    let mut copy = request(path_of(&folder), &["a integer", "b varchar(40)"]);
    copy.options.decode_threads = 1;
    let stores = local_stores();
    let make_sink = move || Ok(Stubborn { rows: Arc::clone(&counted), fails: false });
    let work = dwh_copy::copy(&copy, &stores, make_sink, Arc::default());
    assert!(tokio::time::timeout(Duration::from_millis(300), work).await.is_err(), "still at work");
    // The batch that is being written is written to its end, and no other is begun.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let written = rows.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(rows.load(Ordering::SeqCst), written);
    assert!(written < ROWS, "not to the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_counts_what_was_done() {
    let folder =
        folder_of([("1.json", "{\"a\":1}\n{\"a\":2}\n"), ("2.json", "{\"a\":\"x\"}\n"), ("3.json", "")]);
    let folder = folder.expect("written");
    let progress = Arc::new(Progress::default());
    let mut copy = request(path_of(&folder), &["a integer"]);
    copy.options.max_errors = 10;
    let sinks = || Ok(crate::support::Collected::default());
    dwh_copy::copy(&copy, &local_stores(), sinks, Arc::clone(&progress)).await.expect("loads");
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    assert_eq!((read(&progress.objects_total), read(&progress.objects_done)), (3, 3));
    assert_eq!((read(&progress.bytes_total), read(&progress.bytes_done)), (26, 26));
    assert_eq!((read(&progress.rows), read(&progress.errors)), (2, 1));
}
