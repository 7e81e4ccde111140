//! Files of columns in a wrapping: their directory is at their end, so they are unpacked as a whole, into a file
//! that has no name and ends with the COPY.

use std::io::{self, BufReader, Seek};

use crate::compression::Wrapping;
use crate::ranges::RangeReader;
use crate::state::ObjectState;

/// Enough of a file to know it by.
const BEGINNING_BYTES: u64 = 16;

/// A reader of the file within, if there is a wrapping. Blocks.
///
/// # Errors
/// Reading, unpacking, no room for the unpacked file, and that the COPY has stopped.
pub(super) fn unwrapped(object: &ObjectState, reader: RangeReader) -> io::Result<RangeReader> {
    let Some(wrapping) = Wrapping::of_name(&object.url) else { return Ok(reader) };
    let beginning = reader.read(0..reader.size_bytes().min(BEGINNING_BYTES))?;
    if !Wrapping::is_wrapped(&beginning) {
        return Ok(reader);
    }
    let whole = reader.for_stretches(std::slice::from_ref(&(0..reader.size_bytes())));
    let mut file = tempfile::tempfile()?;
    let unpacked = wrapping.unpack(&beginning, BufReader::new(whole.read_from(0)));
    let size_bytes = io::copy(&mut reader.stopping(unpacked), &mut file)?;
    file.rewind()?;
    Ok(reader.of_file(file, size_bytes))
}
