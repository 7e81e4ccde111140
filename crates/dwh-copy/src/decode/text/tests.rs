use proptest::prelude::*;

use super::super::csv::CsvReader;
use super::super::delimited::DelimitedReader;
use super::{Fields, RecordReader};
use crate::buffers::Buffers;
use crate::framing::Framing;
use crate::parts::PartReader;
use crate::records::Header;

const NULL_MARKER: &[u8] = br"\N";

/// The fields of every record, `None` for NULL; a broken record is its text.
fn records(reader: &impl RecordReader, bytes: &[u8]) -> Vec<Result<Vec<Option<String>>, String>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let mut fields = Fields::default();
        let record = reader.read(bytes, start, NULL_MARKER, &mut fields);
        assert!(record.next > start && record.end <= record.next, "records go forward");
        found.push(match record.fault {
            None => Ok(fields.places.iter().map(|place| fields.get(*place, bytes).map(text)).collect()),
            Some(_) => Err(text(&bytes[start..record.end])),
        });
        start = record.next;
    }
    found
}

fn cut(bytes: &[u8], framing: Framing, part_bytes: usize) -> Vec<Vec<u8>> {
    let mut reader = PartReader::new(bytes, framing, Header::new(0), part_bytes, &Buffers::default());
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part().expect("reads") {
        parts.push(part.bytes().to_vec());
    }
    parts
}

/// Pieces of which files are made, broken ones among them.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "\"",
        "\"\"",
        "'",
        ",",
        "|",
        "\n",
        "\r\n",
        "\\",
        "\\\\",
        " ",
        "\\N",
        "\u{e9}",
        "b,\"c\nd\",e\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_records(text in text(), part_bytes in 1_usize..60) {
        let csv = CsvReader::new(",", b'"');
        let whole = records(&csv, text.as_bytes());
        let parts = cut(text.as_bytes(), csv.framing(), part_bytes);
        prop_assert_eq!(parts.concat(), text.as_bytes());
        let cut_records: Vec<_> = parts.iter().flat_map(|part| records(&csv, part)).collect();
        prop_assert_eq!(whole, cut_records);
        for (escape, remove_quotes) in [(false, false), (true, false), (false, true), (true, true)] {
            let reader = DelimitedReader::new("|", escape, remove_quotes);
            let whole = records(&reader, text.as_bytes());
            let parts = cut(text.as_bytes(), reader.framing(), part_bytes);
            let cut_records: Vec<_> = parts.iter().flat_map(|part| records(&reader, part)).collect();
            prop_assert_eq!(whole, cut_records);
        }
    }

    /// What another implementation of RFC 4180 writes is read as it was meant.
    #[test]
    fn csv_of_another_writer_reads_back(
        rows in prop::collection::vec(prop::collection::vec("[a ,\"\n\r;é]{0,6}", 3), 1..6),
    ) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::NonNumeric).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("writes");
        }
        let bytes = writer.into_inner().expect("written");
        let read: Vec<Vec<String>> = records(&CsvReader::new(",", b'"'), &bytes)
            .into_iter()
            .map(|record| record.expect("valid").into_iter().map(|field| field.expect("no NULL")).collect())
            .collect();
        prop_assert_eq!(read, rows);
    }

    /// Escaped as RS 1.2 says, any text is read as it was meant.
    #[test]
    fn escaped_text_reads_back(
        rows in prop::collection::vec(prop::collection::vec("[aN|\\\\\n\"']{0,6}", 3), 1..6),
        delimiter in prop::sample::select(vec!["|", "||", "a|"]),
    ) {
        let escape = |field: &String| field.chars().fold(String::new(), |escaped, ch| escaped + "\\" + &ch.to_string());
        let lines: Vec<String> =
            rows.iter().map(|row| row.iter().map(escape).collect::<Vec<_>>().join(delimiter)).collect();
        // Every character is escaped, so that `N` behind a backslash would be NULL; it is written plain.
        let text = lines.join("\n").replace("\\N", "N") + "\n";
        let reader = DelimitedReader::new(delimiter, true, false);
        let read: Vec<Vec<String>> = records(&reader, text.as_bytes())
            .into_iter()
            // The text `\N` is NULL however it is written, says the guide; no other text is.
            .map(|record| record.expect("valid").into_iter().map(|field| field.unwrap_or("\\N".to_owned())).collect())
            .collect();
        prop_assert_eq!(read, rows);
    }
}
