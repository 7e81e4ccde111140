//! `dwh generate`: synthetic logs and songs in a folder.

use std::path::Path;
use std::time::Instant;

use dwh_datagen::{FolderWriter, Scale, Summary};

use crate::args::GenerateArgs;
use crate::printer::Printer;
use crate::report::UsageError;

/// Writes the data set; what is not said is as in the demo's.
///
/// # Errors
/// The folder holds data already, the sizes cannot be, or a file cannot be written.
pub(crate) fn run(args: &GenerateArgs, printer: Printer) -> anyhow::Result<()> {
    refuse_old_data(&args.dir)?;
    let demo = Scale::demo();
    let scale = Scale {
        users: args.users.unwrap_or(demo.users),
        songs: args.songs.unwrap_or(demo.songs),
        events: args.events.unwrap_or(demo.events),
        days: args.days.unwrap_or(demo.days),
        start_date: args.start_date.unwrap_or(demo.start_date),
        seed: args.seed.unwrap_or(demo.seed),
    };
    let started = Instant::now();
    let summary = write(&scale, &args.dir)?;
    let dir = args.dir.display();
    printer.note(format_args!(
        "wrote {} to {dir} in {:.1} s; `dwh init --data {dir}` points dwh.cfg at it",
        described(&summary),
        started.elapsed().as_secs_f64(),
    ));
    Ok(())
}

/// Writes a data set under a folder.
///
/// # Errors
/// As [`run`].
pub(super) fn write(scale: &Scale, dir: &Path) -> anyhow::Result<Summary> {
    Ok(dwh_datagen::generate(scale, &mut FolderWriter::new(dir))?)
}

pub(super) fn described(summary: &Summary) -> String {
    let Summary { events, log_files, songs, bytes, .. } = summary;
    let megabytes = *bytes as f64 / 1e6;
    format!("{events} events in {log_files} log files and {songs} song files, {megabytes:.1} MB")
}

/// Files of another data set would be loaded with this one.
fn refuse_old_data(dir: &Path) -> Result<(), UsageError> {
    for prefix in [dwh_datagen::LOG_DATA_PREFIX, dwh_datagen::SONG_DATA_PREFIX] {
        let folder = dir.join(prefix);
        if folder.exists() {
            let message = format!("{} is there already", folder.display());
            return Err(UsageError::new(message, "name an empty folder, or remove the old data first"));
        }
    }
    Ok(())
}
