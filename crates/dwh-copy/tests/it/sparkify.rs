//! The public sample: its known facts were computed independently of dwh (see its README).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use dwh_copy::{CopyRequest, DataFormat, JsonFormat};

use crate::support::{Outcome, local_stores, request, rows, run};

const EVENT_COLUMNS: [&str; 18] = [
    "artist varchar",
    "auth varchar",
    "firstname varchar",
    "gender varchar",
    "iteminsession integer",
    "lastname varchar",
    "length double precision",
    "level varchar",
    "location varchar",
    "method varchar",
    "page varchar",
    "registration bigint",
    "sessionid integer",
    "song varchar",
    "status integer",
    "ts timestamp",
    "useragent varchar",
    "userid integer",
];

const SONG_COLUMNS: [&str; 10] = [
    "num_songs integer",
    "artist_id varchar",
    "artist_latitude double precision",
    "artist_longitude double precision",
    "artist_location varchar",
    "artist_name varchar",
    "song_id varchar",
    "title varchar",
    "duration double precision",
    "year integer",
];

fn sample() -> Option<PathBuf> {
    dwh_testkit::sample_data("sparkify")
}

fn events(folder: &Path) -> CopyRequest {
    let mut events = request(folder.join("log_data").display().to_string(), &EVENT_COLUMNS);
    events.format =
        DataFormat::Json(JsonFormat::JsonPaths(folder.join("log_json_path.json").display().to_string()));
    events.options.time_format = Some("epochmillisecs".to_owned());
    events
}

fn column(outcome: &Outcome, name: &str, columns: &[&str]) -> Vec<String> {
    let index = columns.iter().position(|column| column.split(' ').next() == Some(name)).expect("a column");
    rows(outcome).into_iter().map(|mut row| row.swap_remove(index)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_events_load_whole() {
    let Some(folder) = sample() else { return };
    let outcome = run(&events(&folder), &local_stores()).await.expect("loads");
    assert_eq!(outcome.rows_loaded, 8056);
    assert_eq!(outcome.objects.len(), 30);
    assert_eq!(outcome.objects.iter().map(|object| object.rows).sum::<u64>(), 8056);
    let pages = column(&outcome, "page", &EVENT_COLUMNS);
    assert_eq!(pages.iter().filter(|page| *page == "NextSong").count(), 6820);
    let users: HashSet<_> = column(&outcome, "userid", &EVENT_COLUMNS).into_iter().collect();
    // 97 users and NULL, which the empty text becomes in a number column.
    assert_eq!(users.len(), 98);
    let times: HashSet<_> = column(&outcome, "ts", &EVENT_COLUMNS).into_iter().collect();
    assert_eq!(times.len(), 8023);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_songs_load_whole() {
    let Some(folder) = sample() else { return };
    let songs = request(folder.join("song_data").display().to_string(), &SONG_COLUMNS);
    let outcome = run(&songs, &local_stores()).await.expect("loads");
    assert_eq!((outcome.rows_loaded, outcome.objects.len(), outcome.error_count), (71, 71, 0));
    let artists: HashSet<_> = column(&outcome, "artist_id", &SONG_COLUMNS).into_iter().collect();
    assert_eq!(artists.len(), 69);
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_leaves_camel_case_keys_null() {
    let Some(folder) = sample() else { return };
    let mut by_name = events(&folder);
    by_name.format = DataFormat::Json(JsonFormat::Auto);
    let outcome = run(&by_name, &local_stores()).await.expect("loads");
    assert!(column(&outcome, "firstname", &EVENT_COLUMNS).iter().all(|name| name == "NULL"));
    by_name.format = DataFormat::Json(JsonFormat::AutoIgnoreCase);
    let outcome = run(&by_name, &local_stores()).await.expect("loads");
    assert!(column(&outcome, "firstname", &EVENT_COLUMNS).iter().any(|name| name == "Walter"));
}
