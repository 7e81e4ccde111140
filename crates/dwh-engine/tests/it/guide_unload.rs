//! UNLOAD as the developer guide's examples use it (its pages "UNLOAD" and "UNLOAD examples"), to S3 with a role: each
//! kind of statement, with data of its own, and the COPY that reads it back.

use dwh_common::SqlState;
use dwh_engine::Session;
use dwh_testkit::LoopbackS3;

use crate::support::{Fixture, bucket, error, rows, run};

const ROLE: &str = "iam_role 'arn:aws:iam::0123456789012:role/MyRedshiftRole'";
const SONGS: &str = r#"
    CREATE TABLE songs (id SMALLINT, title VARCHAR(100), city VARCHAR(30), state CHAR(2), plays INTEGER);
    INSERT INTO songs VALUES (1, 'Night Racetrack', 'Akron', 'OH', 0), (2, 'Blue "Crew" Song', 'Columbus', 'OH', 0),
        (4, 'Community, Ballpark, Arena', 'Kansas City', 'KS', 0), (5, 'Field', 'Foxborough', 'MA', 68756)"#;

async fn warehouse() -> (LoopbackS3, Fixture, Session) {
    let (s3, fixture, session) = bucket(&[]).await;
    run(&session, SONGS).await;
    (s3, fixture, session)
}

fn unload(query: &str, to: &str, options: &str) -> String {
    let query = query.replace('\'', "''");
    format!("unload ('{query}')\nto 's3://songs/{to}'\n{ROLE}\n{options};")
}

/// The only object whose key begins so.
fn text(s3: &LoopbackS3, prefix: &str) -> String {
    let keys: Vec<_> = s3.keys("songs").into_iter().filter(|key| key.starts_with(prefix)).collect();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    String::from_utf8_lossy(&s3.get("songs", key).expect("an object")).into_owned()
}

const ORDERED: &str = "select * from songs order by id";

#[tokio::test(flavor = "multi_thread")]
async fn each_text_format_looks_as_the_guide_shows_it() {
    let (s3, _fixture, session) = warehouse().await;
    for (to, options, expected) in [
        ("pipe_", "parallel off", "1|Night Racetrack|Akron|OH|0\n"),
        (
            "json_",
            "parallel off JSON",
            "{\"id\":1,\"title\":\"Night Racetrack\",\"city\":\"Akron\",\"state\":\"OH\",\"plays\":0}\n",
        ),
        (
            "csv_",
            "parallel off CSV",
            "2,\"Blue \"\"Crew\"\" Song\",Columbus,OH,0\n4,\"Community, Ballpark, Arena\",Kansas City,KS,0\n",
        ),
        ("bar_", "parallel off CSV DELIMITER AS '|'", "4|Community, Ballpark, Arena|Kansas City|KS|0\n"),
        ("tab_", "parallel off delimiter as '\\t'", "5\tField\tFoxborough\tMA\t68756\n"),
        (
            "fw_",
            "parallel off fixedwidth as 'id:3,title:26,city:11,state:2,plays:6'",
            "5  Field                     Foxborough MA68756 \n",
        ),
        (
            "quoted_",
            "parallel off delimiter ',' addquotes",
            "\"4\",\"Community, Ballpark, Arena\",\"Kansas City\",\"KS\",\"0\"\n",
        ),
        ("header_", "header parallel off", "id|title|city|state|plays\n1|"),
    ] {
        run(&session, &unload(ORDERED, to, options)).await;
        let written = text(&s3, to);
        assert!(written.contains(expected), "{to}: {written}");
    }
    // A delimiter within a value stands in quotes.
    run(&session, "update songs set title = 'Night Race|track' where id = 1").await;
    run(&session, &unload(ORDERED, "bar2_", "parallel off CSV DELIMITER AS '|'")).await;
    assert!(text(&s3, "bar2_").starts_with("1|\"Night Race|track\"|Akron|OH|0\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_manifests_and_compressions_are_the_guides() {
    let (s3, _fixture, session) = warehouse().await;
    for (to, options, key) in [
        ("unload/", "", "unload/0000_part_00"),
        ("unload/pipe_", "maxfilesize 1 gb", "unload/pipe_0000_part_00"),
        ("serial_", "parallel off", "serial_000"),
        ("serial_gz_", "parallel off gzip", "serial_gz_000.gz"),
        ("both_", "parallel", "both_0000_part_00"),
        ("tab_", "delimiter as '\\t' gzip", "tab_0000_part_00.gz"),
        ("ext_", "extension 'txt.gz' gzip", "ext_0000_part_00.txt.gz"),
        ("files/", "manifest verbose", "files/manifest"),
        ("list_", "manifest", "list_manifest"),
        ("day/", "PARQUET PARTITION BY (state)", "day/state=OH/0000_part_00.parquet"),
        ("inc", "PARQUET PARTITION BY (state) INCLUDE", "inc/state=OH/0000_part_00.parquet"),
    ] {
        run(&session, &unload("select * from songs where state = 'OH'", to, options)).await;
        assert!(s3.get("songs", key).is_some(), "{key}: {:?}", s3.keys("songs"));
    }
    // The same destination twice needs a word; an outer LIMIT is refused, an inner one is not.
    let again = unload("select * from songs where state = 'OH'", "list_", "manifest");
    assert!(
        error(&session, &again).await.message.starts_with("Specified unload destination on S3 is not empty.")
    );
    run(&session, &again.replace("manifest", "manifest allowoverwrite")).await;
    run(&session, &again.replace("manifest", "manifest cleanpath")).await;
    let limited = error(&session, &unload("select * from songs limit 10", "limited_", "")).await;
    assert_eq!(
        limited.message,
        "Limit clause is not supported in the outermost select of an UNLOAD statement"
    );
    let nested = "select * from songs where id in (select id from songs order by id desc limit 1)";
    run(&session, &unload(nested, "nested_", "parallel off")).await;
    assert_eq!(text(&s3, "nested_"), "5|Field|Foxborough|MA|68756\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_with_a_window_function_unloads() {
    let (s3, _fixture, session) = warehouse().await;
    let query = "select a.city, a.state, b.plays, sum(b.plays) over (partition by a.city order by b.id rows between \
                 3 preceding and 3 following) as winsum from songs a join songs b on a.id = b.id order by 1, 2";
    run(&session, &unload(query, "winsum", "parallel off")).await;
    assert_eq!(
        text(&s3, "winsum"),
        "Akron|OH|0|0\nColumbus|OH|0|0\nFoxborough|MA|68756|68756\nKansas City|KS|0|0\n"
    );
}

/// What comes back of NULLs, as the guide tells it under "Unload using NULL AS".
#[tokio::test(flavor = "multi_thread")]
async fn nulls_come_back_as_the_guide_says() {
    let (_s3, _fixture, session) = warehouse().await;
    run(&session, "update songs set state = null where id = 1; update songs set plays = null where id = 5")
        .await;
    run(&session, "create table back (like songs)").await;
    let found =
        "select id, state is null, plays is null from back where state is null or plays is null order by 1";
    for (unload_options, copy_options, expected) in [
        ("null as 'fred'", "null as 'fred'", &["1|true|false", "5|false|true"][..]),
        // Text that was NULL comes back empty, numbers as NULL.
        ("", "", &["5|false|true"]),
        ("", "emptyasnull", &["1|true|false", "5|false|true"]),
        ("csv null as 'fred'", "csv null as 'fred'", &["1|true|false", "5|false|true"]),
    ] {
        run(
            &session,
            &unload(
                "select * from songs",
                "nulls/",
                &format!("{unload_options} parallel off allowoverwrite"),
            ),
        )
        .await;
        run(&session, "truncate back").await;
        run(&session, &format!("copy back from 's3://songs/nulls/' {ROLE} {copy_options}")).await;
        assert_eq!(rows(&session, found).await, expected, "{unload_options}");
        assert_eq!(rows(&session, "select count(*) from back").await, ["4"]);
    }
}

/// What the guide says of types: each is unloaded to the formats that take it, and refused by name where none does.
#[tokio::test(flavor = "multi_thread")]
async fn types_that_only_text_takes_are_refused_elsewhere() {
    let (s3, _fixture, session) = warehouse().await;
    run(
        &session,
        "create table bits (v varbyte(4), d double precision, b boolean, r real, n decimal(5,1), at timestamp, z timestamptz);
         insert into bits values (to_varbyte('00ff', 'hex'), 1.5, true, 0.5, 2.5, '2018-11-01 01:02:03', '2018-11-01 01:02:03+00')",
    )
    .await;
    run(
        &session,
        "create table sketches (s hllsketch); insert into sketches select hll_create_sketch(id) from songs",
    )
    .await;
    for column in ["v", "s"] {
        let query = format!("select {column} from {}", if column == "v" { "bits" } else { "sketches" });
        for options in ["", "csv", "null as 'null' allowoverwrite csv"] {
            run(&session, &unload(&query, &format!("{column}{}/", options.len()), options)).await;
        }
        for options in ["json", "parquet", "fixedwidth 'v:9000'"] {
            let refused = error(&session, &unload(&query, "refused/", options)).await;
            assert_eq!(refused.state, SqlState::FeatureNotSupported, "{column} {options}: {refused:?}");
            assert!(refused.message.contains(column), "{refused:?}");
        }
    }
    assert_eq!(text(&s3, "v0/"), "00ff\n");
    for (column, works) in
        [("v", false), ("d", false), ("z", false), ("b", true), ("r", true), ("n", true), ("at", true)]
    {
        let query = format!("select {column}, 1 as one from bits");
        let sql = unload(&query, &format!("by_{column}/"), &format!("partition by ({column})"));
        match session.execute(&sql).await {
            Ok(_) => assert!(works, "{column}"),
            Err(refused) => {
                assert!(!works && refused.state == SqlState::FeatureNotSupported, "{column}: {refused:?}")
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unloaded_files_load_from_their_prefix_and_by_their_manifest() {
    let (s3, _fixture, session) = warehouse().await;
    run(&session, "create table back (like songs)").await;
    run(&session, &unload("select * from songs", "plain_", "")).await;
    run(&session, &unload("select * from songs", "listed_", "manifest")).await;
    run(&session, &format!("copy back from 's3://songs/plain_' {ROLE};")).await;
    run(&session, &format!("copy back from 's3://songs/listed_manifest' {ROLE} manifest;")).await;
    let twice = "select * from (select * from songs union all select * from songs) order by 1";
    assert_eq!(rows(&session, "select * from back order by 1").await, rows(&session, twice).await);
    // The manifest lies under the prefix: as data it is an error.
    let as_data = error(&session, &format!("copy back from 's3://songs/listed_' {ROLE};")).await;
    assert_eq!(as_data.state, SqlState::LoadFailed);
    assert_eq!(s3.open_uploads(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_encrypted_with_the_key_that_is_named() {
    let (s3, _fixture, session) = warehouse().await;
    run(&session, &unload("select * from songs", "kms_", "kms_key_id '1234abcd-12ab' manifest encrypted"))
        .await;
    run(&session, &unload("select * from songs", "own_", "manifest encrypted")).await;
    let requests = s3.requests();
    for (prefix, key) in [("/songs/kms_", Some("1234abcd-12ab")), ("/songs/own_", None)] {
        let written: Vec<_> = requests
            .iter()
            .filter(|request| request.method == "PUT" && request.path.starts_with(prefix))
            .collect();
        assert!(written.len() >= 2, "{written:?}");
        assert!(written.iter().all(|request| request.kms_key_id.as_deref() == key), "{written:?}");
    }
    // COPY needs no key.
    run(&session, "create table back (like songs)").await;
    run(&session, &format!("copy back from 's3://songs/kms_manifest' {ROLE} manifest")).await;
    assert_eq!(rows(&session, "select count(*) from back").await, ["4"]);
    let client_side = unload("select * from songs", "cse_", "master_symmetric_key 'EXAMPLE' encrypted");
    assert_eq!(error(&session, &client_side).await.state, SqlState::FeatureNotSupported);
}
