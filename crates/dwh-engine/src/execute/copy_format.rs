//! What COPY says of its objects, in the words of `dwh-copy`.

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_copy::{Compression, DataFormat, Encoding, JsonFormat, TextFormat, TextLayout};
use dwh_sql::statement::{Copy, CopyCompression, CopyEncoding, CopyFormat};
use dwh_storage::ColumnDefinition;

/// NULL AS of text files when nothing is said (RS 1.2).
const DEFAULT_NULL_AS: &str = r"\N";
const DEFAULT_DELIMITER: &str = "|";
const DEFAULT_CSV_DELIMITER: &str = ",";
const DEFAULT_QUOTE: char = '"';

pub(super) fn data_format(copy: &Copy, columns: &[ColumnDefinition]) -> Result<DataFormat, SqlError> {
    let delimiter = |default: &str| copy.delimiter.clone().unwrap_or_else(|| default.to_owned());
    let layout = match &copy.format {
        CopyFormat::JsonAuto => return Ok(DataFormat::Json(JsonFormat::Auto)),
        CopyFormat::JsonAutoIgnoreCase => return Ok(DataFormat::Json(JsonFormat::AutoIgnoreCase)),
        CopyFormat::JsonNoShred => return no_shred(columns).map(DataFormat::Json),
        CopyFormat::JsonPaths(url) => return Ok(DataFormat::Json(JsonFormat::JsonPaths(url.clone()))),
        CopyFormat::AvroAuto => return Ok(DataFormat::Avro(JsonFormat::Auto)),
        CopyFormat::AvroAutoIgnoreCase => return Ok(DataFormat::Avro(JsonFormat::AutoIgnoreCase)),
        CopyFormat::AvroPaths(url) => return Ok(DataFormat::Avro(JsonFormat::JsonPaths(url.clone()))),
        CopyFormat::Parquet => return Ok(DataFormat::Parquet),
        CopyFormat::Orc => return Ok(DataFormat::Orc),
        CopyFormat::Delimited => TextLayout::Delimited {
            delimiter: delimiter(DEFAULT_DELIMITER),
            escape: copy.escape,
            remove_quotes: copy.remove_quotes,
        },
        CopyFormat::Csv => TextLayout::Csv {
            delimiter: delimiter(DEFAULT_CSV_DELIMITER),
            quote: copy.quote.unwrap_or(DEFAULT_QUOTE),
        },
        CopyFormat::FixedWidth(fields) => TextLayout::FixedWidth {
            widths_chars: fields.iter().map(|field| field.width_chars).collect(),
            remove_quotes: copy.remove_quotes,
        },
    };
    Ok(DataFormat::Text(TextFormat {
        layout,
        null_as: copy.null_as.clone().unwrap_or_else(|| DEFAULT_NULL_AS.to_owned()),
        fill_record: copy.fill_record,
        ignore_blank_lines: copy.ignore_blank_lines,
    }))
}

pub(super) fn compression(copy: &Copy) -> Compression {
    match copy.compression {
        CopyCompression::None => Compression::None,
        CopyCompression::Gzip => Compression::Gzip,
        CopyCompression::Bzip2 => Compression::Bzip2,
        CopyCompression::Lzop => Compression::Lzop,
        CopyCompression::Zstd => Compression::Zstd,
    }
}

pub(super) fn encoding(copy: &Copy) -> Encoding {
    match copy.encoding {
        CopyEncoding::Utf8 => Encoding::Utf8,
        CopyEncoding::Utf16 => Encoding::Utf16,
        CopyEncoding::Utf16Le => Encoding::Utf16Le,
        CopyEncoding::Utf16Be => Encoding::Utf16Be,
        CopyEncoding::Iso88591 => Encoding::Iso88591,
    }
}

fn no_shred(columns: &[ColumnDefinition]) -> Result<JsonFormat, SqlError> {
    match columns {
        [column] if column.data_type == RedshiftType::Super => Ok(JsonFormat::NoShred),
        _ => Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "JSON 'noshred' loads into exactly one column of type SUPER",
        )),
    }
}
