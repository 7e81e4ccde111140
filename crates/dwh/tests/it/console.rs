//! The console without a browser; the tests of its page are in `crates/dwh-console/ui/tests`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::sandbox::Sandbox;

struct Console {
    child: Child,
    /// Host and port.
    host: String,
    token: String,
}

impl Console {
    fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
        let args = ["console", "--listen", "127.0.0.1:0"].iter().chain(args).copied().collect::<Vec<_>>();
        let mut child = sandbox.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no address: {line}"));
        let (host, token) = rest.split_once("/#token=").unwrap_or((rest.trim_end_matches('/'), ""));
        Self { child, host: host.to_owned(), token: token.to_owned() }
    }

    /// Status line and body.
    fn ask(&self, request: &str, headers: &str, body: &str) -> (String, String) {
        let host = &self.host;
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_token_is_traded_once_for_a_cookie_that_runs_sql() {
    let sandbox = Sandbox::new();
    let console = Console::start(&sandbox, &[]);
    let login = format!("{{\"token\": \"{}\"}}", console.token);
    let (head, _) = console.ask("POST /api/v1/login", "", &login);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let (again, _) = console.ask("POST /api/v1/login", "", &login);
    assert!(again.starts_with("HTTP/1.1 401"), "{again}");

    let (_, started) =
        console.ask("POST /api/v1/runs", &cookie, "{\"sql\": \"SELECT 6 * 7 AS n\", \"tab\": \"t\"}");
    let id = started.split('"').nth(3).unwrap();
    let (_, run) = console.ask(&format!("GET /api/v1/runs/{id}?wait_ms=10000"), &cookie, "");
    assert!(run.contains("\"state\":\"done\""), "{run}");
    let (_, rows) = console.ask(&format!("GET /api/v1/runs/{id}/results/0/rows"), &cookie, "");
    assert_eq!(rows, "{\"offset\":0,\"columns\":[[\"42\"]]}");
    let (head, _) = console.ask(&format!("GET /api/v1/runs/{id}"), "", "");
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
}

#[test]
fn passwords_must_be_configured_where_they_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox
        .dwh(&["console", "--listen", "127.0.0.1:0", "--password"])
        .fails(2, &["none is configured", "DB_PASSWORD"]);
    sandbox.dwh(&["console", "--listen", "127.0.0.1:0", "--read-only"]).fails(2, &[]);
}

#[test]
fn options_that_cannot_be_are_refused_before_anything_is_served() {
    let sandbox = Sandbox::new();
    let refused = |args: &[&str], parts: &[&str]| {
        let args = [args, &["--listen", "127.0.0.1:0"]].concat();
        sandbox.dwh(&args).fails(2, parts);
    };
    refused(&["serve", "--local-files", "nowhere"], &["there is no folder nowhere"]);
    refused(&["serve", "--max-connections", "18446744073709551615"], &["--max-connections"]);
    refused(&["serve", "--target", "redshift"], &["on the embedded warehouse only", "--target"]);
    refused(&["serve", "--tls-cert", "no.pem", "--tls-key", "no.pem"], &["cannot serve on", "no.pem"]);
    sandbox.write("dwh.cfg", "[CLUSTER]\nHOST=localhost\nDB_PASSWORD=Passw0rd\n");
    let args = ["console", "--password", "--local-files", "."];
    refused(&args, &["--local-files is of the embedded warehouse"]);
}
