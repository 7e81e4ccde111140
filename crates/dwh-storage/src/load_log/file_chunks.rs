//! The files of loads, some thousand a row: 50,000 rows of SQLite for a COPY of as many tiny files would take a
//! quarter of its time.
//!
//! A chunk is its files one after another. Of each, numbers are varints (seven bits a byte, the lowest first; signed
//! ones zigzag):
//!
//! | field | as |
//! |---|---|
//! | name | bytes that it shares with the name before; bytes that follow; these |
//! | entity tag | 0 for none, else its length and one; its bytes |
//! | size, rows, lines, rejected records, slice | numbers |
//! | started, transferred, finished | microseconds since the same of the file before; 0 and one more for none |

use std::sync::Arc;

use chrono::DateTime;
use rusqlite::{Row, Transaction, params};

use super::records::LoadFileRecord;

/// Files in a chunk.
const CHUNK_FILES: usize = 4096;

/// Writes the files of one load.
pub(super) fn put(
    transaction: &Transaction<'_>,
    query_id: i64,
    files: impl Iterator<Item = LoadFileRecord>,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_load_files(query_id, files, data) VALUES (?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    let mut files = files.peekable();
    while files.peek().is_some() {
        let mut chunk = Writer::default();
        let mut count = 0;
        for file in files.by_ref().take(CHUNK_FILES) {
            chunk.file(&file);
            count += 1;
        }
        statement.execute(params![query_id, count, chunk.bytes])?;
    }
    Ok(())
}

/// The files of one row.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Vec<LoadFileRecord>> {
    let query_id = row.get("query_id")?;
    let count: u32 = row.get("files")?;
    let data = row.get_ref("data")?.as_blob()?;
    let damaged = || {
        let reason = format!("the files of load {query_id} are damaged");
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, reason.into())
    };
    let mut reader = Reader { bytes: data, name: String::new(), times: [0; 3] };
    (0..count).map(|_| reader.file(query_id).ok_or_else(damaged)).collect()
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    name: Arc<str>,
    times: [i64; 3],
}

impl Writer {
    fn file(&mut self, file: &LoadFileRecord) {
        let same =
            self.name.bytes().zip(file.file_name.bytes()).take_while(|(before, now)| before == now).count();
        let same = file.file_name.floor_char_boundary(same);
        self.number(same as u64);
        self.text(&file.file_name[same..]);
        self.name = Arc::clone(&file.file_name);
        match &file.etag {
            None => self.number(0),
            Some(etag) => {
                self.number(etag.len() as u64 + 1);
                self.bytes.extend_from_slice(etag.as_bytes());
            }
        }
        let slice = u64::try_from(file.slice).unwrap_or_default();
        for number in [file.bytes, file.rows, file.lines_scanned, file.errors, slice] {
            self.number(number);
        }
        let times = [file.started_at, file.transferred_at, Some(file.finished_at)];
        for (index, time) in times.into_iter().enumerate() {
            match time.map(|time| time.timestamp_micros()) {
                None => self.number(0),
                Some(micros) => {
                    let since = micros - self.times[index];
                    self.times[index] = micros;
                    self.number(((since << 1) ^ (since >> 63)) as u64 + 1);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    name: String,
    times: [i64; 3],
}

impl Reader<'_> {
    /// `None` for what no writer has written.
    fn file(&mut self, query_id: i64) -> Option<LoadFileRecord> {
        let same = usize::try_from(self.number()?).ok()?;
        if !self.name.is_char_boundary(same) {
            return None;
        }
        let length = self.number()?;
        let rest = self.text(length)?;
        self.name.truncate(same);
        self.name.push_str(&rest);
        let etag = match self.number()? {
            0 => None,
            length => Some(self.text(length - 1)?.into()),
        };
        let mut numbers = [0; 5];
        for number in &mut numbers {
            *number = self.number()?;
        }
        let [bytes, rows, lines_scanned, errors, slice] = numbers;
        let mut times = [None; 3];
        for (index, time) in times.iter_mut().enumerate() {
            if let Some(since) = self.number()?.checked_sub(1) {
                self.times[index] =
                    self.times[index].checked_add((since >> 1) as i64 ^ -((since & 1) as i64))?;
                *time = Some(DateTime::from_timestamp_micros(self.times[index])?);
            }
        }
        Some(LoadFileRecord {
            query_id,
            file_name: self.name.as_str().into(),
            bytes,
            etag,
            rows,
            lines_scanned,
            errors,
            slice: i32::try_from(slice).ok()?,
            started_at: times[0],
            transferred_at: times[1],
            finished_at: times[2]?,
        })
    }

    fn text(&mut self, length: u64) -> Option<String> {
        let (text, rest) = self.bytes.split_at_checked(usize::try_from(length).ok()?)?;
        self.bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{LoadFileRecord, Reader, Writer};

    fn file(name: &str, micros: i64, number: u64) -> LoadFileRecord {
        LoadFileRecord {
            query_id: 7,
            file_name: name.into(),
            bytes: number,
            etag: number.is_multiple_of(2).then(|| "\"tag\"".into()),
            rows: number,
            lines_scanned: number + 1,
            errors: 0,
            slice: 1,
            started_at: DateTime::from_timestamp_micros(micros),
            transferred_at: number
                .is_multiple_of(3)
                .then(|| DateTime::from_timestamp_micros(micros + 5))
                .flatten(),
            finished_at: DateTime::from_timestamp_micros(micros + 10).expect("a time"),
        }
    }

    #[test]
    fn files_come_back_as_they_were_written_and_nothing_else_is_taken_for_them() {
        let files = [
            file("s3://b/data/é1.json", 1_700_000_000_000_000, 0),
            file("s3://b/data/è.json", 1_700_000_000_000_001, u64::MAX >> 1),
            file("s3://b/data/è.json.gz", -5, 300),
            file("", 0, 3),
        ];
        let mut writer = Writer::default();
        files.iter().for_each(|file| writer.file(file));
        let read = |bytes: &[u8]| {
            let mut reader = Reader { bytes, name: String::new(), times: [0; 3] };
            (0..files.len()).map(|_| reader.file(7)).collect::<Option<Vec<_>>>()
        };
        assert_eq!(read(&writer.bytes).as_deref(), Some(&files[..]));
        for length in 0..writer.bytes.len() {
            assert_eq!(read(&writer.bytes[..length]), None);
        }
        for index in 0..writer.bytes.len() {
            let mut bytes = writer.bytes.clone();
            bytes[index] ^= 0xFF;
            // Another file or none, but no panic.
            let _ = read(&bytes);
        }
    }
}
