//! An account of AWS on the stand-in, configured, and `dwh serve` as the database of its clusters.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use dwh_testkit::{AwsStandIn, TestCertificate};
use serde_json::json;

use crate::sandbox::{Run, Sandbox};

pub(crate) const BUCKET: &str = "song-plays";
pub(crate) const PASSWORD: &str = "Passw0rd";
pub(crate) const CIDR: &str = "203.0.113.7/32";

/// An account, its bucket, and a sandbox that is configured for it.
pub(crate) struct Account {
    pub(crate) aws: AwsStandIn,
    pub(crate) sandbox: Sandbox,
    pub(crate) server: Option<Server>,
}

/// `dwh serve`, ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// URL of its Data API.
    data_api: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Account {
    /// With 200 plays in the bucket; says so and returns `None` without the Python that it needs.
    pub(crate) fn new() -> Option<Self> {
        let aws = AwsStandIn::start()?;
        let sandbox = Sandbox::new();
        sandbox.generate(200);
        aws.put_folder(BUCKET, &sandbox.path().join("data"));
        Some(Self { aws, sandbox, server: None })
    }

    /// The classic file, filled in for this account, with more lines of `[DWH]`, `[REDSHIFT]` and others behind it.
    pub(crate) fn configure(&self, more: &str) {
        let port = self.server.as_ref().map_or(5439, |server| server.port);
        let authority = self.sandbox.path().join("authority.pem");
        let text = format!(
            "# mine\n[CLUSTER]\nHOST=''\nDB_NAME=dwh\nDB_USER=dwhuser\nDB_PASSWORD={PASSWORD}\nDB_PORT={port}\n\n\
             [IAM_ROLE]\nARN=''\n\n[S3]\nLOG_DATA='s3://{BUCKET}/log_data'\n\
             LOG_JSONPATH='s3://{BUCKET}/log_json_path.json'\nSONG_DATA='s3://{BUCKET}/song_data'\n\
             MANIFEST_PREFIX=s3://{BUCKET}/manifests\n\n[REDSHIFT]\nCA_FILE={}\n\n\
             [DWH]\nDWH_NUM_NODES=4\nDWH_NODE_TYPE=ra3.large\nDWH_IAM_ROLE_NAME=dwhRole\n\
             DWH_CLUSTER_IDENTIFIER=dwhCluster\nDWH_DB=dwh\nDWH_DB_USER=dwhuser\nDWH_DB_PASSWORD={PASSWORD}\n\
             DWH_PORT={port}\n{more}",
            authority.display()
        );
        self.write_config(&text);
    }

    pub(crate) fn write_config(&self, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.sandbox.write("dwh.cfg", text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn config(&self) -> String {
        std::fs::read_to_string(self.sandbox.path().join("dwh.cfg")).unwrap()
    }

    /// dwh with the credentials of the account.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.sandbox.command(args);
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.aws.url()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("AWS_REGION", "us-west-2"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        if let Some(server) = &self.server {
            command.env("AWS_ENDPOINT_URL_REDSHIFT_DATA", &server.data_api);
        }
        command
    }

    pub(crate) fn dwh(&self, args: &[&str]) -> Run {
        let run = Run::of(&mut self.command(args));
        for secret in [PASSWORD, "wJalrXUtnFEMI"] {
            assert!(!run.stderr.contains(secret) && !run.stdout.contains(secret), "{args:?}: {run:#?}");
        }
        run
    }

    /// Starts the database of the clusters to come, for this user.
    pub(crate) fn serve(&mut self, user: &str) {
        let certificate = TestCertificate::write(self.sandbox.path(), "localhost");
        let file = |path: &PathBuf| path.display().to_string();
        let args = [
            "serve",
            "--warehouse",
            "served",
            "--listen",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--require-tls",
            "--tls-cert",
            &file(&certificate.chain),
            "--tls-key",
            &file(&certificate.key),
        ];
        let mut child = self
            .command(&args)
            .env("DWH_CLUSTER_DB_PASSWORD", PASSWORD)
            .env("DWH_CLUSTER_DB_USER", user)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |start: &str| {
            lines.find_map(|line| line.unwrap().strip_prefix(start).map(str::to_owned)).unwrap()
        };
        let dsn = after("postgresql://");
        let data_api = after("AWS_ENDPOINT_URL_REDSHIFT_DATA=");
        let port = dsn.rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok()).unwrap();
        self.server = Some(Server { child, port, data_api });
        self.aws.set(&json!({"host": "localhost", "db_password": PASSWORD}));
    }

    pub(crate) fn csv(&self, sql: &str) -> String {
        let run = self.dwh(&["query", "--format", "csv", sql]).succeeds();
        run.stdout.split_once('\n').map(|(_, rows)| rows.trim_end().to_owned()).unwrap_or_default()
    }

    /// The pipeline's tables have as many rows as the embedded warehouse makes of the same files, and the commands
    /// around them answer.
    #[track_caller]
    pub(crate) fn assert_loaded_as_embedded(&self) {
        let embedded = Sandbox::new();
        embedded.configure(self.sandbox.path().join("data").to_str().unwrap());
        embedded.dwh(&["etl"]).succeeds();
        for table in ["songplays", "users", "songs", "artists", "time", "staging_events", "staging_songs"] {
            let sql = format!("select count(*) from {table}");
            assert_eq!(self.csv(&sql), embedded.csv(&sql), "{table}");
        }
        self.dwh(&["check"]).succeeds();
        self.dwh(&["tables", "list"]).succeeds();
        self.dwh(&["tables", "describe", "songplays"]).succeeds();
        assert!(self.dwh(&["loads"]).succeeds().stdout.contains(&format!("s3://{BUCKET}/log_data/")));
        self.dwh(&["loads", "errors"]).succeeds();
    }

    /// Kills an ephemeral run while its cluster is being created.
    pub(crate) fn kill_ephemeral_run(&self) {
        self.aws.set(&json!({"looks": 1000}));
        let mut child =
            self.command(&["etl", "--ephemeral", "--cidr", CIDR]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        lines.find(|line| line.contains("creating")).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Deletes what an ephemeral run has left, as `status --all` says.
    pub(crate) fn delete_left_over(&self) {
        let listed = self.dwh(&["cluster", "status", "--all", "--format", "csv"]).succeeds();
        assert!(
            listed.stdout.contains("dwh-ephemeral-") && listed.stdout.contains("left over"),
            "{listed:#?}"
        );
        let hint = listed.stderr.lines().find(|line| line.contains("dwh cluster delete")).unwrap();
        let mut delete = self.command(&["cluster", "delete", "--yes"]);
        for setting in hint.split_whitespace().filter(|word| word.starts_with("DWH_DWH_")) {
            let (name, value) = setting.split_once('=').unwrap();
            delete.env(name, value);
        }
        Run::of(&mut delete).succeeds();
    }

    /// Nothing that costs is there, nor anything around it.
    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        let left = self.aws.left();
        for (kind, names) in left.as_object().unwrap() {
            assert!(*names == json!([]) || *names == json!(0), "{kind}: {left}");
        }
    }
}
