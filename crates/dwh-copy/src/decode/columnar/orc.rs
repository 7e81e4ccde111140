//! ORC files: their stripes.

use std::ops::Range;

use arrow::error::ArrowError;
use orc_rust::ArrowReaderBuilder;
use orc_rust::schema::TimestampPrecision;

use super::{Batches, Layout, Unit};
use crate::ranges::RangeReader;

/// The stripes that have rows.
pub(super) fn units(reader: &RangeReader) -> Result<Vec<Unit>, ArrowError> {
    let builder = ArrowReaderBuilder::try_new(reader.clone())?;
    let mut units = Vec::new();
    let mut rows_before = 0;
    for stripe in builder.file_metadata().stripe_metadatas() {
        let rows = stripe.number_of_rows();
        if rows > 0 {
            let bytes = stripe.index_length() + stripe.data_length() + stripe.footer_length();
            let stretch = stripe.offset()..stripe.offset().saturating_add(bytes);
            units.push(Unit::new(Layout::Orc, rows_before, rows, UNPACKED * bytes, vec![stretch]));
        }
        rows_before += rows;
    }
    Ok(units)
}

/// How many times its size a stripe takes unpacked, about: the file does not say.
const UNPACKED: u64 = 4;

pub(super) fn batches(
    reader: &RangeReader,
    stretches: &[Range<u64>],
    batch_rows: usize,
) -> Result<Batches, ArrowError> {
    let stripe = stretches.first().map_or(0..0, |stretch| stretch.start as usize..stretch.end as usize);
    let batches = ArrowReaderBuilder::try_new(reader.clone())?
        .with_file_byte_range(stripe)
        .with_timestamp_precision(TimestampPrecision::Microsecond)
        .with_batch_size(batch_rows)
        .build();
    Ok(Box::new(batches))
}
