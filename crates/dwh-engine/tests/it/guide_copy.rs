//! COPY as the developer guide's examples use it (its pages "COPY examples", "COPY from JSON format" and those of the
//! parameters), from S3 with a role: each kind of statement, with data of its own.

use dwh_common::SqlState;
use dwh_engine::Session;

use crate::support::{bucket, error, rows, run};

const ROLE: &str = "iam_role 'arn:aws:iam::0123456789012:role/MyRedshiftRole'";

/// Empties the table, loads it, and gives back its rows.
async fn loaded(session: &Session, table: &str, copy: &str) -> Vec<String> {
    run(session, &format!("delete from {table}")).await;
    run(session, copy).await;
    rows(session, &format!("select * from {table} order by 1")).await
}

async fn message(session: &Session, sql: &str) -> String {
    error(session, sql).await.message
}

/// The reasons of the last COPY's load errors.
async fn reasons(session: &Session) -> Vec<String> {
    let sql =
        "select trim(err_reason) from stl_load_errors where query = pg_last_copy_id() order by line_number";
    rows(session, sql).await
}

const LOAD_FAILED: &str =
    "Load into table 'songs' failed.  Check 'stl_load_errors' system table for details.";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_a_prefix_and_a_file_load_with_each_kind_of_authorization() {
    let (_s3, _fixture, session) = bucket(&[
        ("data/songs/1", b"1|one\n"),
        ("data/songs/2", b"2|two\n"),
        ("data/songs_pipe.txt", b"3|three\n"),
    ])
    .await;
    run(&session, "create table songs (id int, title varchar(20))").await;
    let folder = format!("copy songs\nfrom 's3://songs/data/songs/'\n{ROLE};");
    assert_eq!(loaded(&session, "songs", &folder).await, ["1|one", "2|two"]);
    let prefix = format!("copy songs from 's3://songs/data/songs' {ROLE} region 'us-east-1'");
    assert_eq!(loaded(&session, "songs", &prefix).await, ["1|one", "2|two", "3|three"]);
    for authorization in [
        "iam_role default",
        "credentials 'aws_iam_role=arn:aws:iam::0123456789012:role/MyRedshiftRole'",
        "iam_role 'arn:aws:iam::0123456789012:role/A,arn:aws:iam::0123456789012:role/B'",
        "access_key_id 'dwh-test' secret_access_key 'dwh-test-secret'",
        "access_key_id 'dwh-test' secret_access_key 'dwh-test-secret' session_token 'temporary'",
        "with credentials as 'aws_access_key_id=dwh-test;aws_secret_access_key=dwh-test-secret'",
        "credentials 'aws_access_key_id=dwh-test;aws_secret_access_key=dwh-test-secret;token=temporary'",
    ] {
        let copy = format!("copy songs from 's3://songs/data/songs_pipe.txt' {authorization}");
        assert_eq!(loaded(&session, "songs", &copy).await, ["3|three"], "{authorization}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_names_objects_of_several_buckets() {
    let (s3, _fixture, session) = bucket(&[("list/1", b"1|one\n"), ("list/1.backup", b"9|unwanted\n")]).await;
    s3.create_bucket("more-songs");
    s3.put("more-songs", "2.txt", b"2|two\n".to_vec());
    let manifest = r#"{"entries": [{"url": "s3://songs/list/1", "mandatory": true},
        {"url": "s3://more-songs/2.txt", "mandatory": false}, {"url": "s3://more-songs/3.txt", "mandatory": false}]}"#;
    s3.put("songs", "songs.manifest", manifest);
    run(&session, "create table songs (id int, title varchar(20))").await;
    let copy = format!("copy songs\nfrom 's3://songs/songs.manifest'\n{ROLE}\nmanifest;");
    assert_eq!(loaded(&session, "songs", &copy).await, ["1|one", "2|two"]);
    // Without the keyword it is data.
    let data = format!("copy songs from 's3://songs/songs.manifest' {ROLE}");
    assert_eq!(message(&session, &data).await, LOAD_FAILED);
    s3.put("songs", "songs.manifest", manifest.replace("false", "true"));
    let missing = message(&session, &copy).await;
    assert!(missing.starts_with("Mandatory url is not present in manifest file"), "{missing}");
    // Quotes must be those of ASCII.
    s3.put("songs", "songs.manifest", manifest.replace("\"s3", "\u{201d}s3"));
    let malformed = message(&session, &copy).await;
    assert!(malformed.starts_with("Problem reading manifest file - line 1, column"), "{malformed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_with_quotes_blanks_and_a_format_of_timestamps_loads() {
    let data =
        b"1|\"Night | Day\"|2018-11-26 05:43:12\n2|'Dawn'|2018-11-27 00:00:00\n3||2018-11-28 00:00:00\n\
        4|   |2018-11-29 00:00:00\n5|Noon|yesterday\n";
    let (_s3, _fixture, session) = bucket(&[("all_pipe.txt", data)]).await;
    run(&session, "create table songs (id int, title varchar(20), at timestamp)").await;
    let copy = format!(
        "copy songs\nfrom 's3://songs/all_pipe.txt'\n{ROLE}\nremovequotes\nemptyasnull\nblanksasnull\nmaxerror 5\n\
         delimiter '|'\ntimeformat 'YYYY-MM-DD HH:MI:SS';"
    );
    assert_eq!(
        loaded(&session, "songs", &copy).await,
        [
            "1|Night | Day|2018-11-26 05:43:12",
            "2|Dawn|2018-11-27 00:00:00",
            "3|NULL|2018-11-28 00:00:00",
            "4|NULL|2018-11-29 00:00:00"
        ]
    );
    assert_eq!(reasons(&session).await, ["Invalid timestamp format or value [YYYY-MM-DD HH:MI:SS]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed_widths_csv_gzip_and_timestamps_load() {
    let fraction = b"2009-01-12 14:15:57.119568\n";
    let plain = b"12,Soul,All \"slow\" songs\n13,Jazz,Cool, hot, and \"free\"\n";
    let doubled = b"12,Soul,\"All \"\"slow\"\" songs\"\n13,Jazz,\"Cool, hot, and \"\"free\"\"\"\n";
    let percent = b"12,Soul,%All \"slow\" songs%\n13,Jazz,%Cool, hot, and \"free\"%\n";
    // Python's gzip.compress(b"1|noon\n", mtime=0).
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x033\xac\xc9\xcb\xcf\xcf\xe3\x02\x00q\xb1\xff\xf2\x07\x00\x00\x00";
    let (_s3, _fixture, session) = bucket(&[
        ("fw.txt", b"1  Night     IL0\n2  Long DaysNNY68756\n"),
        ("plain.txt", plain),
        ("csv.txt", doubled),
        ("percent.txt", percent),
        ("time.txt", fraction),
        ("rows.gz", packed),
    ])
    .await;
    run(&session, "create table wide (id smallint, title varchar(10), state char(2), seats int)").await;
    let copy = format!(
        "copy wide from 's3://songs/fw.txt' {ROLE} fixedwidth 'id:3,title:10,state:2,seats:6' trimblanks"
    );
    assert_eq!(loaded(&session, "wide", &copy).await, ["1|Night|IL|0", "2|Long DaysN|NY|68756"]);

    run(&session, "create table songs (id int, genre varchar(10), note varchar(50))").await;
    let expected = ["12|Soul|All \"slow\" songs", "13|Jazz|Cool, hot, and \"free\""];
    let copy = |file: &str, rest: &str| format!("copy songs from 's3://songs/{file}' {ROLE} {rest}");
    assert_eq!(loaded(&session, "songs", &copy("csv.txt", "csv;")).await, expected);
    assert_eq!(loaded(&session, "songs", &copy("percent.txt", "csv quote as '%';")).await, expected);
    assert_eq!(message(&session, &copy("plain.txt", "delimiter ','")).await, LOAD_FAILED);
    assert_eq!(reasons(&session).await, ["Extra column(s) found"]);

    run(&session, "create table moments (at timestamp)").await;
    let copy = format!("copy moments from 's3://songs/time.txt' {ROLE} timeformat 'YYYY-MM-DD HH:MI:SS'");
    assert_eq!(loaded(&session, "moments", &copy).await, ["2009-01-12 14:15:57.119568"]);

    run(&session, "create table packed (id int, title varchar(10))").await;
    let copy = format!("copy packed from 's3://songs/rows.gz' {ROLE} gzip delimiter '|'");
    assert_eq!(loaded(&session, "packed", &copy).await, ["1|noon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_the_data_lacks_take_their_defaults() {
    let (_s3, _fixture, session) = bucket(&[
        ("no_seats.txt", b"1|Blue Note|New York|NY|\n2|Village|Paris||\n"),
        ("no_name.txt", b"1|Chicago|IL|\n"),
    ])
    .await;
    let columns =
        "title varchar(100) not null, city varchar(30), state char(2), seats int not null default '1000'";
    run(&session, &format!("create table songs (id smallint not null, {columns})")).await;
    run(&session, &format!("create table numbered (id int identity(1,1), {columns})")).await;
    let copy = |target: &str, file: &str, rest: &str| {
        format!("copy {target} from 's3://songs/{file}' {ROLE} delimiter '|' {rest}")
    };
    assert_eq!(
        loaded(&session, "songs", &copy("songs(id, title, city, state)", "no_seats.txt", "")).await,
        ["1|Blue Note|New York|NY|1000", "2|Village|Paris||1000"]
    );
    // A column without DEFAULT gets NULL, which NOT NULL refuses.
    let null = error(&session, &copy("songs(id, city, state)", "no_name.txt", "")).await;
    assert!(null.message.contains("title"), "{null:?}");

    let all = "numbered(id, title, city, state)";
    assert_eq!(
        loaded(&session, "numbered", &copy(all, "no_seats.txt", "explicit_ids")).await,
        ["1|Blue Note|New York|NY|1000", "2|Village|Paris||1000"]
    );
    for (target, rest) in [("numbered(title, city, state)", "explicit_ids"), (all, "")] {
        let refused = error(&session, &copy(target, "no_seats.txt", rest)).await;
        assert_eq!(refused.state, SqlState::InvalidParameterValue, "{target} {rest}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn escaped_delimiters_and_newlines_are_data() {
    let (_s3, _fixture, session) = bucket(&[
        ("info.txt", b"1|public\\|song\\|owner\n2|public\\|play\\|owner\n"),
        ("lines.txt", b"<xml first>\\\n<second line>\\\n</xml>|1000\n<xml>\\\n</xml>|2000\n"),
        (
            "escapes.txt",
            b"1|The quick fox\\\njumped over.\n2| A\\\\B\\\\C\n3| A \\| B \\| C\n4|'A Night\\'s Dream'\n",
        ),
    ])
    .await;
    run(&session, "create table songs (id int, info varchar(50))").await;
    let copy = |file: &str, rest: &str| format!("copy songs from 's3://songs/{file}' {ROLE} {rest}");
    assert_eq!(
        loaded(&session, "songs", &copy("info.txt", "delimiter '|' escape;")).await,
        ["1|public|song|owner", "2|public|play|owner"]
    );
    assert_eq!(message(&session, &copy("info.txt", "delimiter '|'")).await, LOAD_FAILED);
    assert_eq!(reasons(&session).await, ["Extra column(s) found"]);
    assert_eq!(
        loaded(&session, "songs", &copy("escapes.txt", "removequotes escape")).await,
        ["1|The quick fox\njumped over.", "2| A\\B\\C", "3| A | B | C", "4|A Night's Dream"]
    );
    run(&session, "create table pages (page varchar(80), id int)").await;
    let copy = format!("copy pages from 's3://songs/lines.txt' {ROLE} escape delimiter as '|'");
    assert_eq!(
        loaded(&session, "pages", &copy).await,
        ["<xml first>\n<second line>\n</xml>|1000", "<xml>\n</xml>|2000"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json_maps_by_name_by_path_and_by_position() {
    let by_name = br#"{"title": "Night", "id": 1}
        {"id": 2,
         "title": "Day"}{"id": 3, "bogus": "x", "title": "Dawn"}"#;
    let (_s3, _fixture, session) = bucket(&[
        ("auto.json", by_name),
        (
            "Auto Case.json",
            br#"{"Title": "Night", "ID": 1}{"iD": 2, "TITLE": "Day"}{"id": 3, "title": "Dawn"}"#,
        ),
        ("members.json", br#"{"one": 1, "two": {"name": "Night"}} {"two": {"name": "Day"}, "one": 2}"#),
        ("brackets.txt", br#"{"jsonpaths": ["$['one']", "$['two']['name']"]}"#),
        ("dots.txt", br#"{"jsonpaths": ["$.one", "$.two.name"]}"#),
        ("arrays.json", b"[1, \"Night\"]\n[2, \"Day\"]\n"),
        ("positions.txt", br#"{"jsonpaths": ["$[0]", "$[1]"]}"#),
        ("tags.json", br#"{"id": 0, "tags": ["nisi","ad"], "friends": [{"id": 0}, {"id": 1,"name": "R"}]}"#),
        ("tags.txt", br#"{"jsonpaths": ["$['tags']", "$['friends'][1]"]}"#),
        ("escape.json", br#"{"a": "One backslash: \\", "b": "Two\n lines.", "c": "A tab\t here."}"#),
    ])
    .await;
    run(&session, "create table songs (id int, title varchar(40))").await;
    let copy = |file: &str, format: &str| format!("copy songs from 's3://songs/{file}' {ROLE} {format}");
    let three = ["1|Night", "2|Day", "3|Dawn"];
    for format in ["json 'auto'", "json", "format as json 'auto'", "format json as 'auto ignorecase'"] {
        assert_eq!(loaded(&session, "songs", &copy("auto.json", format)).await, three, "{format}");
    }
    assert_eq!(loaded(&session, "songs", &copy("Auto Case.json", "json 'auto ignorecase'")).await, three);
    for (file, paths) in
        [("members.json", "brackets.txt"), ("members.json", "dots.txt"), ("arrays.json", "positions.txt")]
    {
        let copy = copy(file, &format!("json 's3://songs/{paths}'"));
        assert_eq!(loaded(&session, "songs", &copy).await, ["1|Night", "2|Day"], "{paths}");
    }
    run(&session, "create table parts (tags varchar(30), friend varchar(30))").await;
    let tags = format!("copy parts from 's3://songs/tags.json' {ROLE} json 's3://songs/tags.txt'");
    assert_eq!(loaded(&session, "parts", &tags).await, [r#"["nisi","ad"]|{"id": 1,"name": "R"}"#]);
    run(&session, "create table escapes (a varchar(25), b varchar(35), c varchar(35))").await;
    let escapes = format!("copy escapes from 's3://songs/escape.json' {ROLE} format as json 'auto'");
    assert_eq!(loaded(&session, "escapes", &escapes).await, ["One backslash: \\|Two\n lines.|A tab\t here."]);
}

/// The guide's remedies for numbers that a double does not hold.
#[tokio::test(flavor = "multi_thread")]
async fn decimals_of_json_keep_their_digits_as_strings_or_rounded() {
    let (_s3, _fixture, session) =
        bucket(&[("n.json", br#"{"price": 309.4722}"#), ("s.json", br#"{"price": "309.4722"}"#)]).await;
    run(&session, "create table prices (price decimal(10,5))").await;
    let copy =
        |file: &str, rest: &str| format!("copy prices from 's3://songs/{file}' {ROLE} json 'auto' {rest}");
    assert_eq!(loaded(&session, "prices", &copy("n.json", "")).await, ["309.47219"]);
    assert_eq!(loaded(&session, "prices", &copy("n.json", "roundec")).await, ["309.47220"]);
    assert_eq!(loaded(&session, "prices", &copy("s.json", "")).await, ["309.47220"]);
}

/// The samples of the page "DATEFORMAT and TIMEFORMAT strings" and of "Using automatic recognition".
#[tokio::test(flavor = "multi_thread")]
async fn dates_and_times_load_by_their_format() {
    let (s3, _fixture, session) = bucket(&[]).await;
    run(&session, "create table dates (d date)").await;
    run(&session, "create table moments (t timestamp)").await;
    run(&session, "create table zoned (t timestamptz)").await;
    for (format, text, expected) in [
        ("'YYYY-MM-DD'", "2003-03-31", "2003-03-31"),
        ("'MON DD, YYYY'", "March 31, 2003", "2003-03-31"),
        ("'MON-DD-YYYY'", "Jan-01-1999", "1999-01-01"),
        ("'MM-DD-YYYY'", "03-31-2003", "2003-03-31"),
        ("'DD/MM/YY'", "31/03/03", "2003-03-31"),
        ("AS 'auto'", "J2451187", "1999-01-08"),
        ("'auto'", "Jan-08-95 BC", "0095-01-08 BC"),
        ("'auto'", "1996.008", "1996-01-08"),
        ("'auto'", "1999-01-08 04:05:06", "1999-01-08"),
    ] {
        s3.put("songs", "d", text);
        let copy = format!("copy dates from 's3://songs/d' {ROLE} dateformat {format}");
        run(&session, "delete from dates").await;
        run(&session, &copy).await;
        assert_eq!(rows(&session, "select d::varchar from dates").await, [expected], "{format} {text}");
    }
    for (format, text, expected) in [
        ("'MM.DD.YYYY HH:MI:SS'", "03.31.2003 18:45:05", "2003-03-31 18:45:05"),
        ("'MM.DD.YYYY HH12:MI:SS PM'", "03.31.2003 06:45:05 PM", "2003-03-31 18:45:05"),
        ("'MON DD, YYYY HH24:MI:SS'", "March 31, 2003 18:45:05", "2003-03-31 18:45:05"),
        ("'auto'", "2019-02-11T05:09:12.195Z", "2019-02-11 05:09:12.195"),
        ("'auto'", "19960108 040809", "1996-01-08 04:08:09"),
        ("'auto'", "960108 040809", "1996-01-08 04:08:09"),
        ("'auto'", "1996-01-08 04:05:06.789", "1996-01-08 04:05:06.789"),
        ("'auto'", "17 Dec 07:37:16 1997 PST", "1997-12-17 07:37:16"),
        ("'auto'", "12/17/1997 07:37:16.00 PST", "1997-12-17 07:37:16"),
        ("'auto'", "17.12.1997 07:37:16.00 PST", "1997-12-17 07:37:16"),
        ("'auto'", "12.17.1997 07:37:16.00 PST", "1997-12-17 07:37:16"),
        ("'auto'", "1999-01-08", "1999-01-08 00:00:00"),
        ("'auto'", "J2345678 04:05:06.789", "1710-02-23 04:05:06.789"),
        ("'epochsecs'", "1541105830", "2018-11-01 20:57:10"),
        ("'epochmillisecs'", "1541105830796", "2018-11-01 20:57:10.796"),
    ] {
        s3.put("songs", "t", text);
        let copy = format!("copy moments from 's3://songs/t' {ROLE} timeformat {format}");
        assert_eq!(loaded(&session, "moments", &copy).await, [expected], "{format} {text}");
    }
    for (format, text) in [("", "1997-12-17 07:37:16-08"), ("timeformat 'auto'", "17 Dec 07:37:16 1997 PST")]
    {
        s3.put("songs", "z", text);
        let copy = format!("copy zoned from 's3://songs/z' {ROLE} {format}");
        assert_eq!(loaded(&session, "zoned", &copy).await, ["1997-12-17 15:37:16+00:00"], "{text}");
    }
    // The keywords are case-sensitive, and 'auto' takes no epoch numbers.
    s3.put("songs", "t", "1541105830796");
    for format in ["'auto'", "'EPOCHMILLISECS'", "'Auto'"] {
        let refused =
            error(&session, &format!("copy moments from 's3://songs/t' {ROLE} timeformat {format}")).await;
        assert!(
            [SqlState::LoadFailed, SqlState::InvalidParameterValue].contains(&refused.state),
            "{format}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_and_formats_of_other_services_are_refused_by_name() {
    let (_s3, _fixture, session) = bucket(&[]).await;
    run(&session, "create table songs (id int)").await;
    for (copy, named) in [
        (format!("copy songs from 'dynamodb://Songs' {ROLE} readratio 50"), "DynamoDB"),
        (format!("copy songs from 'emr://j-SAMPLE2B500FC/out/part-*' {ROLE} delimiter '\\t' lzop"), "EMR"),
        (format!("copy songs from 's3://songs/ssh_manifest' {ROLE} ssh"), "SSH"),
        (format!("copy songs from 's3://songs/a.shp' format shapefile {ROLE}"), "SHAPEFILE"),
        (format!("copy songs from 's3://songs/a' {ROLE} master_symmetric_key 'k' encrypted"), "MASTER_SYMMETRIC_KEY"),
        (
            "copy songs from 's3://songs/a' credentials 'aws_iam_role=arn:aws:iam::1:role/r;master_symmetric_key=k'"
                .to_owned(),
            "MASTER_SYMMETRIC_KEY",
        ),
    ] {
        let refused = error(&session, &copy).await;
        assert_eq!(refused.state, SqlState::FeatureNotSupported, "{copy}: {refused:?}");
        assert!(refused.message.contains(named) && refused.position.is_some(), "{copy}: {refused:?}");
    }
}
