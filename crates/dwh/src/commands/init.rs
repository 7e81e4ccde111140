//! `dwh init`: writes `dwh.cfg`, and the pipeline's SQL files to edit.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

use crate::args::InitArgs;
use crate::config::FILE_NAME;
use crate::config::keys::KEYS;
use crate::pipeline_job::BUILT_IN;
use crate::printer::Printer;
use crate::report::UsageError;

/// Writes the files.
///
/// # Errors
/// A file is there already and `--force` was not given, or it cannot be written.
pub(crate) fn run(args: &InitArgs, config: Option<&Path>, printer: Printer) -> anyhow::Result<()> {
    let path = config.unwrap_or(Path::new(FILE_NAME));
    // With --pipeline, a configuration that is there already is most likely the one to use it with.
    if args.pipeline.is_none() || args.force || !path.exists() {
        write_new(path, &template(args.data.as_deref()), args.force)?;
        printer.note(format_args!("wrote {}", path.display()));
    }
    if let Some(folder) = &args.pipeline {
        let files = dwh_pipeline::init(BUILT_IN, folder, args.force)?;
        let dir = folder.display();
        printer.note(format_args!(
            "wrote {} files to {dir}; run them with `dwh etl --pipeline {dir}`",
            files.len()
        ));
    }
    Ok(())
}

/// The classic file, sections and keys in their order. `data` fills the three locations.
pub(super) fn template(data: Option<&str>) -> String {
    let mut text = String::from(
        "# Configuration of dwh. Every value can also be given as a variable DWH_<SECTION>_<KEY>.\n\
         # Keep the order of the keys in [CLUSTER]: scripts read them by position.\n",
    );
    for section in KEYS.chunk_by(|a, b| a.section == b.section) {
        text.push_str(&format!("\n[{}]\n", section[0].section));
        for key in section {
            let value = match (key.section, data) {
                ("S3", Some(data)) => location(key.name, data.trim_end_matches('/')),
                _ => key.default.unwrap_or_default().to_owned(),
            };
            text.push_str(&format!("# {}\n{}={value}\n", key.about, key.name));
        }
    }
    text
}

/// Where a key's data lies under the folder or prefix, in the layout of the public bucket.
fn location(key: &str, data: &str) -> String {
    let name = match key {
        "LOG_DATA" => "log_data",
        "LOG_JSONPATH" => "log_json_path.json",
        "SONG_DATA" => "song_data",
        _ => return String::new(),
    };
    format!("{data}/{name}")
}

/// Writes a file that only its owner can read, as it will hold secrets.
pub(super) fn write_new(path: &Path, text: &str, overwrite: bool) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!overwrite).create(overwrite).truncate(overwrite);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("{} is there already", path.display());
            return Err(UsageError::new(message, "edit it, or overwrite it with --force").into());
        }
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
