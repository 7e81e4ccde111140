//! Synthetic input for the song play warehouse: activity logs and a song catalog, the same bytes for the
//! same [`Scale`] on every machine and in every version of this crate.
//!
//! ```text
//! log_json_path.json                        JSONPaths of the events (RS 1.6)
//! song_data/A/B/C/TRABC….json               one song a file
//! log_data/2018/11/2018-11-01-events.json   one file a day, one event a line
//! ```
//!
//! The shapes are those of the public sample: the same keys in the same order, numbers and escapes spelled
//! as there, all thirteen pages in about their shares, and its oddities: events of logged-out users (empty
//! `userId`, nulls), users who change their level, user agents with escaped quotes and slashes, titles that
//! are JSON numbers, artists that occur with different names, places and coordinates, songs of year 0.
//! Part of the plays name a song of the catalog; some of those miss it by length or by artist.
//!
//! The crate knows nothing of warehouses: it hands named objects to an [`ObjectWriter`].

mod catalog;
mod events;
mod json;
mod random;
mod scale;
mod sessions;
mod users;
mod words;
mod writer;

pub use scale::{GenerateError, Scale};
pub use writer::{FolderWriter, ObjectWriter};

use catalog::Catalog;
use events::EventWriter;
use random::Random;
use sessions::Sessions;

/// Name of the JSONPaths object.
pub const JSONPATHS_NAME: &str = "log_json_path.json";
/// Folder, or key prefix, of the activity logs.
pub const LOG_DATA_PREFIX: &str = "log_data/";
/// Folder, or key prefix, of the song catalog.
pub const SONG_DATA_PREFIX: &str = "song_data/";

/// The JSONPaths of the events: one path for each key, in the order of `staging_events`.
pub const JSONPATHS: &str = r#"{
  "jsonpaths": [
    "$['artist']",
    "$['auth']",
    "$['firstName']",
    "$['gender']",
    "$['itemInSession']",
    "$['lastName']",
    "$['length']",
    "$['level']",
    "$['location']",
    "$['method']",
    "$['page']",
    "$['registration']",
    "$['sessionId']",
    "$['song']",
    "$['status']",
    "$['ts']",
    "$['userAgent']",
    "$['userId']"
  ]
}
"#;

/// What [`generate`] wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects in all, the JSONPaths file included.
    pub objects: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Song files.
    pub songs: u64,
    /// Log files.
    pub log_files: u64,
    /// Events in the log files.
    pub events: u64,
    /// Events with page = 'NextSong'.
    pub plays: u64,
}

/// Writes the JSONPaths file, the catalog and the logs of `scale`, in that order.
///
/// # Errors
/// [`GenerateError::Scale`] for a scale that cannot be, [`GenerateError::Write`] with the object's name when
/// the writer refuses it.
pub fn generate(scale: &Scale, writer: &mut dyn ObjectWriter) -> Result<Summary, GenerateError> {
    scale.validate()?;
    let mut counted = CountingWriter { writer, summary: Summary::default() };
    counted.write(JSONPATHS_NAME, JSONPATHS.as_bytes())?;

    let catalog = Catalog::new(scale, Random::stream(scale.seed, 1));
    let mut object = Vec::with_capacity(512);
    for song in &catalog.songs {
        object.clear();
        song.write_json(&mut object);
        counted.write(&song.object_name(), &object)?;
        counted.summary.songs += 1;
    }

    let mut sessions = Sessions::new(scale, &catalog);
    let mut text = EventWriter::new();
    for day in 0..scale.days {
        let events = sessions.day(day);
        if events.is_empty() {
            continue;
        }
        let date = scale.date(day);
        let name = format!("{LOG_DATA_PREFIX}{}-events.json", date.format("%Y/%m/%Y-%m-%d"));
        counted.write(&name, text.write_all(&events, &sessions))?;
        counted.summary.log_files += 1;
        counted.summary.events += events.len() as u64;
        counted.summary.plays += events.iter().filter(|event| event.play.is_some()).count() as u64;
    }
    Ok(counted.summary)
}

struct CountingWriter<'a> {
    writer: &'a mut dyn ObjectWriter,
    summary: Summary,
}

impl CountingWriter<'_> {
    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), GenerateError> {
        self.writer
            .write(name, content)
            .map_err(|source| GenerateError::Write { name: name.to_owned(), source })?;
        self.summary.objects += 1;
        self.summary.bytes += content.len() as u64;
        Ok(())
    }
}
