//! AWS on loopback: the process of `tests/aws/stand_in.py`, which is moto and what moto lacks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running stand-in; dropping it ends it.
#[derive(Debug)]
pub struct AwsStandIn {
    child: Child,
    url: String,
}

impl AwsStandIn {
    /// Starts one with the Python of `DWH_TEST_PYTHON`; says so and returns `None` without that variable.
    ///
    /// # Panics
    /// The Python lacks moto.
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    pub fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("DWH_TEST_PYTHON") else {
            eprintln!("skipped: DWH_TEST_PYTHON names no Python with moto");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/aws/stand_in.py");
        let mut child = Command::new(python)
            .arg(script)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a Python that starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut url).expect("a line");
        assert!(url.starts_with("http://"), "the stand-in did not start: is moto[server] installed?");
        Some(Self { child, url: url.trim().to_owned() })
    }

    /// For `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.request("POST", "reset", &json!({}));
    }

    /// Sets `host` and `db_password` of the clusters, `looks` at which they are not yet ready, and
    /// `looks_deleting` at which a workgroup is not yet gone.
    pub fn set(&self, settings: &Value) {
        self.request("POST", "settings", settings);
    }

    /// Makes a bucket and puts the files of a folder into it.
    pub fn put_folder(&self, bucket: &str, folder: &Path) {
        self.request("POST", "bucket", &json!({"name": bucket, "folder": folder}));
    }

    /// The keys of a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let keys = self.request("POST", "keys", &json!({"name": bucket}));
        keys.as_array().into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)).collect()
    }

    /// Makes a namespace of somebody else, and a workgroup of another name in it.
    pub fn put_workgroup(&self, name: &str, namespace: &str) {
        self.request("POST", "workgroup", &json!({"workgroupName": name, "namespaceName": namespace}));
    }

    /// From now on, the call of this number (the first is 1) and those after it fail so many times: `throttled`,
    /// `denied`, `expired`, or `lost`, which is done and not answered.
    pub fn fail(&self, call: usize, kind: &str, times: usize) {
        self.request("POST", "faults", &json!({"call": call, "kind": kind, "times": times}));
    }

    /// The calls since [`AwsStandIn::fail`], as `service:Action`; those to S3 and the Data API are not counted.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.request("GET", "calls", &Value::Null);
        calls.as_array().into_iter().flatten().filter_map(|call| call.as_str().map(str::to_owned)).collect()
    }

    /// The names of all that is there, by kind.
    pub fn left(&self) -> Value {
        self.request("GET", "left", &Value::Null)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = self.url.trim_start_matches("http://");
        let body = body.to_string();
        let request = format!(
            "{method} /_stand_in/{path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).expect("the stand-in runs");
        stream.write_all(request.as_bytes()).expect("the stand-in listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the stand-in answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        assert!(head.contains(" 200 "), "{answer}");
        serde_json::from_str(body).expect("JSON")
    }
}

impl Drop for AwsStandIn {
    fn drop(&mut self) {
        // It ends with its stdin; waiting leaves no zombie.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
