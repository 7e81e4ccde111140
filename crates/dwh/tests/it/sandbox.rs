//! An empty folder to run dwh in, and the public samples to run it on.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// An empty folder that is also the home folder; the test's own environment does not reach dwh.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a run of dwh left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// dwh in this folder, not yet started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dwh"));
        command.args(args).current_dir(self.path()).env("HOME", self.path()).stdin(Stdio::null());
        let ours = |name: &OsStr| {
            name.to_str().is_some_and(|name| name.starts_with("DWH_") || name.starts_with("AWS_"))
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command.env_remove("XDG_DATA_HOME");
        command
    }

    pub(crate) fn dwh(&self, args: &[&str]) -> Run {
        Run::of(&mut self.command(args))
    }

    pub(crate) fn dwh_with_input(&self, args: &[&str], input: &str) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }

    /// The CSV of a query that must succeed, without its header.
    pub(crate) fn csv(&self, sql: &str) -> String {
        let run = self.dwh(&["query", "--format", "csv", sql]).succeeds();
        run.stdout.split_once('\n').map(|(_, rows)| rows.trim_end().to_owned()).unwrap_or_default()
    }

    /// A `dwh.cfg` that points at a folder or prefix of data.
    pub(crate) fn configure(&self, data: &str) {
        let text = format!(
            "[S3]\nLOG_DATA='{data}/log_data'\nLOG_JSONPATH='{data}/log_json_path.json'\nSONG_DATA='{data}/song_data'\n"
        );
        self.write("dwh.cfg", &text);
    }

    /// A small data set under `data/` of this folder, configured.
    pub(crate) fn generate(&self, events: u64) {
        let events = events.to_string();
        self.dwh(&["generate", "data", "--events", &events, "--songs", "20", "--users", "10", "--days", "3"])
            .succeeds();
        self.configure("data");
    }
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// The run ended with this exit code and its stderr has all these parts.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in the error:\n{}", self.stderr);
        }
        self
    }
}

impl From<std::process::Output> for Run {
    fn from(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Copies a folder with all its files.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            // Not fs::copy: the sample's files are read-only, and tests add to theirs.
            std::fs::write(&target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Those of the signals that end dwh. Below `nohup` SIGHUP is ignored, which is handed on, and dwh heeds it.
pub(crate) fn not_ignored(mut signals: Vec<&'static str>) -> Vec<&'static str> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim().to_owned();
    if u64::from_str_radix(&mask, 16).is_ok_and(|mask| mask & 1 == 1) {
        signals.retain(|signal| *signal != "-HUP");
    }
    signals
}
