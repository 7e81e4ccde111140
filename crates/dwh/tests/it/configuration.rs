use crate::sandbox::{Run, Sandbox};

#[test]
fn init_writes_the_classic_file_and_never_overwrites_unasked() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["init", "--data", "s3://bucket/prefix/"]).succeeds();
    let text = std::fs::read_to_string(sandbox.path().join("dwh.cfg")).unwrap();
    let keys: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    // The order that scripts rely on (RS 10.3).
    assert_eq!(keys[..6], ["HOST", "DB_NAME", "DB_USER", "DB_PASSWORD", "DB_PORT", "ARN"]);
    assert!(text.contains("\nLOG_DATA=s3://bucket/prefix/log_data\n"), "{text}");

    sandbox.write("dwh.cfg", "[CLUSTER]\n");
    sandbox.dwh(&["init"]).fails(2, &["dwh.cfg is there already", "--force"]);
    assert_eq!(std::fs::read_to_string(sandbox.path().join("dwh.cfg")).unwrap(), "[CLUSTER]\n");
    sandbox.dwh(&["init", "--force"]).succeeds();
}

#[test]
fn a_written_file_is_read_by_python_as_scripts_read_it() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["init"]).succeeds();
    let script = "import configparser; c = configparser.ConfigParser(); c.read('dwh.cfg'); \
                  print('host={} dbname={} user={} password={} port={}'.format(*c['CLUSTER'].values()))";
    let python =
        std::process::Command::new("python3").arg("-c").arg(script).current_dir(sandbox.path()).output();
    match python {
        Ok(output) => {
            assert_eq!(Run::from(output).stdout, "host= dbname=dwh user=dwhuser password= port=5439\n")
        }
        Err(error) => eprintln!("skipped: no python3: {error}"),
    }
}

#[cfg(unix)]
#[test]
fn a_written_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.dwh(&["init"]).succeeds();
    let mode = std::fs::metadata(sandbox.path().join("dwh.cfg")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn init_writes_the_pipeline_to_edit() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["init", "--pipeline", "mine"]).succeeds();
    assert!(sandbox.path().join("mine/pipeline.toml").exists());
    assert!(sandbox.path().join("mine/tables/songplays.sql").exists());
    let run = sandbox.dwh(&["init", "--pipeline", "mine"]);
    run.fails(2, &["is there already", "--force"]);
}

#[test]
fn config_show_names_the_source_of_each_value_and_hides_secrets() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "dwh.cfg",
        "[CLUSTER]\nDB_PASSWORD=hunter2\n[S3]\nLOG_DATA='s3://b/log_data'\nSONG_DATA=\"s3://b/song_data\"\n\
         [AWS]\nKEY=AKIAEXAMPLE\nSECRET=wJalrXUtnFEMI\n",
    );
    let mut command = sandbox.command(&["config", "show", "--format", "csv", "--warehouse", "w"]);
    command.env("DWH_S3_SONG_DATA", "s3://c/song_data");
    let run = Run::of(&mut command).succeeds();
    for line in [
        ",warehouse,w,--warehouse",
        ",target,embedded,default",
        "CLUSTER,DB_PASSWORD,****,dwh.cfg:2",
        "CLUSTER,DB_PORT,5439,default",
        "S3,LOG_DATA,s3://b/log_data,dwh.cfg:4",
        "S3,SONG_DATA,s3://c/song_data,DWH_S3_SONG_DATA",
        "S3,LOG_JSONPATH,,",
        "AWS,SECRET,****,dwh.cfg:8",
    ] {
        assert!(run.stdout.lines().any(|printed| printed == line), "{line} is not in\n{}", run.stdout);
    }
    for secret in ["hunter2", "AKIAEXAMPLE", "wJalrXUtnFEMI"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:#?}");
    }
    let json = sandbox.dwh(&["config", "show", "--format", "json"]).succeeds().stdout;
    assert!(
        json.contains("{\"section\": \"CLUSTER\", \"key\": \"DB_PASSWORD\", \"value\": \"****\""),
        "{json}"
    );
}

#[test]
fn wrong_configuration_gives_one_clear_message_and_exit_code_2() {
    let sandbox = Sandbox::new();
    let cases = [
        ("[S3]\nLOGDATA=x\n", &["dwh.cfg:2", "unknown key LOGDATA", "LOG_DATA"][..]),
        ("[CLUSTR]\n", &["dwh.cfg:1", "unknown section", "[CLUSTER]"]),
        ("[CLUSTER]\nDB_PORT=abc\n", &["DB_PORT", "dwh.cfg:2", "\"abc\" is no port"]),
        ("[S3]\nLOG_DATA=http://x/y\n", &["LOG_DATA", "dwh.cfg:2", "s3://bucket/prefix"]),
        ("[CLUSTER\n", &["dwh.cfg:1"]),
    ];
    for (text, parts) in cases {
        sandbox.write("dwh.cfg", text);
        let run = sandbox.dwh(&["etl"]).fails(2, parts);
        assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    sandbox.dwh(&["--config", "no.cfg", "config", "show"]).fails(2, &["cannot read", "no.cfg"]);
}

#[test]
fn a_location_that_is_not_there_or_not_set_is_said_with_its_name() {
    let sandbox = Sandbox::new();
    sandbox.dwh(&["etl"]).fails(2, &["LOG_DATA has no value", "[S3]", "dwh.cfg"]);
    assert!(!sandbox.path().join("warehouse").exists());
    sandbox.configure("nowhere");
    sandbox.dwh(&["etl"]).fails(2, &["nowhere/log_data"]);
    sandbox.generate(100);
    std::fs::remove_file(sandbox.path().join("data/log_json_path.json")).unwrap();
    sandbox.configure("data");
    sandbox.dwh(&["etl"]).fails(2, &["no JSONPaths file", "data/log_json_path.json"]);
}

#[test]
fn redshift_without_an_endpoint_is_refused_before_anything_is_opened() {
    let sandbox = Sandbox::new();
    for command in [&["query", "select 1"][..], &["tables", "list"], &["sql"], &["loads"]] {
        let args: Vec<&str> = ["--target", "redshift"].iter().chain(command).copied().collect();
        sandbox.dwh(&args).fails(2, &["[CLUSTER] HOST is empty", "dwh cluster create --wait"]);
    }
    sandbox.write("dwh.cfg", "[CLUSTER]\nHOST=c.abc123.us-west-2.redshift.amazonaws.com\n");
    assert!(!sandbox.path().join("warehouse").exists());
    let shown = sandbox.dwh(&["config", "show", "--format", "csv"]).succeeds().stdout;
    assert!(shown.contains(",target,redshift,dwh.cfg:2"), "{shown}");
}
