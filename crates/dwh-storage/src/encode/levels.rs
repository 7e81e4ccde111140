use std::ops::Range;

use arrow::buffer::NullBuffer;

use super::bits::write_varint;

/// Appends the definition levels of some rows of a nullable column: 1 for a value, 0 for NULL, in the RLE
/// hybrid with its length before it.
pub(super) fn write(out: &mut Vec<u8>, nulls: Option<&NullBuffer>, rows: &Range<usize>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    let nulls = nulls.map(|nulls| nulls.slice(rows.start, rows.len()));
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => {
            write_varint(out, (rows.len() as u64) << 1);
            out.push(1);
        }
        Some(nulls) if nulls.null_count() == rows.len() => {
            write_varint(out, (rows.len() as u64) << 1);
            out.push(0);
        }
        // One bit a row, the lowest first: what Arrow keeps is what Parquet wants.
        Some(nulls) => {
            let groups = rows.len().div_ceil(8);
            write_varint(out, (groups as u64) << 1 | 1);
            let bits = nulls.inner().sliced();
            out.extend_from_slice(&bits.as_slice()[..groups]);
        }
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Rows of a range that are not NULL.
pub(super) fn valid_rows(nulls: Option<&NullBuffer>, rows: Range<usize>) -> impl Iterator<Item = usize> {
    rows.filter(move |row| nulls.is_none_or(|nulls| nulls.is_valid(*row)))
}
