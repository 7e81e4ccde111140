//! COPY: an unordered bag of options behind the source (RS 1.1, 1.2).

use dwh_common::{SqlError, SqlState};

use super::copy_arguments::{
    avro_format, delimiter, encoding, fixed_width, flag, json_format, null_marker, number, quote,
    replacement, switch, text,
};
use super::copy_credentials::AuthorizationInProgress;
use super::copy_options::{REFUSED, check, copy_clause_words, copy_option_words};
use crate::cursor::Cursor;
use crate::nearest::nearest;
use crate::statement::{Copy, CopyCompression, CopyFormat, Statement};

const MAX_MAXERROR: i64 = 100_000;
const FORMATS: &str = "a format: JSON, CSV, DELIMITER, FIXEDWIDTH, PARQUET, ORC or AVRO";

/// `COPY table [(columns)] FROM 'source' option…`.
pub(super) fn copy(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["copy"])?;
    let table = cursor.table_name()?;
    let columns = cursor.optional_column_list()?;
    cursor.expect(&["from"])?;
    let source_position = cursor.position();
    if cursor.peek_word() == Some("stdin") {
        // Redshift's words.
        let message =
            "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)";
        return Err(SqlError::new(SqlState::FeatureNotSupported, message).at(source_position));
    }
    let source = cursor.string()?;
    check_source(&source).map_err(|error| error.at(source_position))?;
    let mut options = Options::new(Copy { columns, ..Copy::new(table, source) });
    while !cursor.at_end() {
        options.read_one(cursor)?;
    }
    options.finish(source_position).map(|copy| Statement::Copy(Box::new(copy)))
}

fn check_source(source: &str) -> Result<(), SqlError> {
    for (scheme, name) in
        [("dynamodb://", "COPY from DynamoDB"), ("emr://", "COPY from EMR"), ("ssh://", "COPY over SSH")]
    {
        if source.starts_with(scheme) {
            return Err(SqlError::unsupported(name));
        }
    }
    check_bucket(source)
}

/// An `s3://` URL names a bucket.
pub(super) fn check_bucket(url: &str) -> Result<(), SqlError> {
    let Some(rest) = url.strip_prefix("s3://") else { return Ok(()) };
    if rest.is_empty() || rest.starts_with('/') {
        return Err(SqlError::new(SqlState::InvalidParameterValue, format!("'{url}' names no bucket"))
            .with_hint("write 's3://bucket/prefix'"));
    }
    Ok(())
}

/// A COPY whose options are being read.
struct Options {
    copy: Copy,
    authorization: AuthorizationInProgress,
    /// Names and positions of the options seen, to refuse repetition and bad company.
    seen: Vec<(String, usize)>,
}

impl Options {
    fn new(copy: Copy) -> Self {
        Self { copy, authorization: AuthorizationInProgress::new("COPY"), seen: Vec::new() }
    }

    fn read_one(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        // WITH is noise before CREDENTIALS (RS 1.1).
        if cursor.at(&["with", "credentials"]) {
            cursor.advance();
        }
        let position = cursor.position();
        let Some(option) = cursor.peek_word().map(str::to_owned) else {
            return cursor.expected("a COPY option");
        };
        if self.authorization.read(cursor, &option)? {
            return Ok(());
        }
        if option == "format" {
            return self.read_format(cursor);
        }
        if option == "avro" {
            // Without FORMAT it is a syntax error on the real server (RS 1.1).
            return Err(cursor.syntax_error().with_hint("write FORMAT AS AVRO"));
        }
        self.remember(&option, position)?;
        let copy = &mut self.copy;
        match option.as_str() {
            "json" | "csv" | "fixedwidth" | "parquet" | "orc" | "shapefile" => {
                return self.read_format_name(cursor, position);
            }
            "manifest" => copy.manifest = flag(cursor),
            "gzip" | "bzip2" | "lzop" | "zstd" => {
                cursor.advance();
                let compression = match option.as_str() {
                    "gzip" => CopyCompression::Gzip,
                    "bzip2" => CopyCompression::Bzip2,
                    "lzop" => CopyCompression::Lzop,
                    _ => CopyCompression::Zstd,
                };
                return self.compressed(compression, position);
            }
            "region" => copy.region = Some(text(cursor)?),
            "encoding" => copy.encoding = encoding(cursor)?,
            "delimiter" => copy.delimiter = Some(delimiter(cursor)?),
            "quote" => copy.quote = Some(quote(cursor)?),
            "escape" => copy.escape = flag(cursor),
            "removequotes" => copy.remove_quotes = flag(cursor),
            "fillrecord" => copy.fill_record = flag(cursor),
            "ignoreblanklines" => copy.ignore_blank_lines = flag(cursor),
            "null" => copy.null_as = Some(null_marker(cursor)?),
            "maxerror" => copy.max_errors = number(cursor, 0, MAX_MAXERROR)?,
            "ignoreallerrors" => copy.ignore_all_errors = flag(cursor),
            "noload" => copy.no_load = flag(cursor),
            "timeformat" => copy.time_format = Some(text(cursor)?),
            "dateformat" => copy.date_format = Some(text(cursor)?),
            "truncatecolumns" => copy.truncate_columns = flag(cursor),
            "blanksasnull" => copy.blanks_as_null = flag(cursor),
            "emptyasnull" => copy.empty_as_null = flag(cursor),
            "trimblanks" => copy.trim_blanks = flag(cursor),
            "acceptinvchars" => copy.accept_invalid_chars = Some(replacement(cursor)?),
            "acceptanydate" => copy.accept_any_date = flag(cursor),
            "roundec" => copy.round_decimals = flag(cursor),
            "explicit_ids" => copy.explicit_ids = flag(cursor),
            "ignoreheader" => copy.ignore_header_lines = number(cursor, 0, i64::MAX)?,
            "compupdate" | "statupdate" => copy.storage_options.push(switch(cursor, &option)),
            "comprows" => {
                let rows = number(cursor, 1000, i64::from(i32::MAX))?;
                copy.storage_options.push(format!("COMPROWS {rows}"));
            }
            "serializetojson" => copy.serialize_to_json = flag(cursor),
            "job" => return Err(SqlError::unsupported("COPY JOB").at(position)),
            _ => return Err(refuse(cursor, &option, position)),
        }
        Ok(())
    }

    /// `FORMAT [AS] name …`.
    fn read_format(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        cursor.expect(&["format"])?;
        cursor.eat(&["as"]);
        let position = cursor.position();
        let Some(name) = cursor.peek_word().map(str::to_owned) else {
            return cursor.expected(FORMATS);
        };
        self.remember(&name, position)?;
        if name == "delimiter" {
            self.copy.delimiter = Some(delimiter(cursor)?);
            return Ok(());
        }
        self.read_format_name(cursor, position)
    }

    fn read_format_name(&mut self, cursor: &mut Cursor<'_>, position: usize) -> Result<(), SqlError> {
        let names = ["json", "csv", "fixedwidth", "parquet", "orc", "avro", "shapefile"];
        let format = match cursor.eat_one_of(&names) {
            Some("json") => json_format(cursor)?,
            Some("csv") => CopyFormat::Csv,
            Some("avro") => avro_format(cursor)?,
            Some("parquet") => CopyFormat::Parquet,
            Some("orc") => CopyFormat::Orc,
            Some("fixedwidth") => CopyFormat::FixedWidth(fixed_width(cursor)?),
            Some(other) => {
                let name = other.to_ascii_uppercase();
                return Err(SqlError::unsupported(format!("COPY FORMAT {name}")).at(position));
            }
            None => return cursor.expected(FORMATS),
        };
        if self.copy.format != CopyFormat::Delimited {
            return Err(conflict("COPY takes one format").at(position));
        }
        self.copy.format = format;
        Ok(())
    }

    fn compressed(&mut self, compression: CopyCompression, position: usize) -> Result<(), SqlError> {
        if self.copy.compression != CopyCompression::None {
            return Err(conflict("COPY takes one compression").at(position));
        }
        self.copy.compression = compression;
        Ok(())
    }

    fn remember(&mut self, option: &str, position: usize) -> Result<(), SqlError> {
        if self.seen.iter().any(|(seen, _)| seen == option) {
            let name = option.to_ascii_uppercase();
            return Err(conflict(format!("{name} is given more than once")).at(position));
        }
        self.seen.push((option.to_owned(), position));
        Ok(())
    }

    fn position_of(&self, option: &str) -> Option<usize> {
        self.seen.iter().find(|(seen, _)| seen == option).map(|(_, position)| *position)
    }

    /// Options that exclude each other.
    fn check_company(&self) -> Result<(), SqlError> {
        if let (Some(_), Some(position)) = (self.position_of("maxerror"), self.position_of("ignoreallerrors"))
        {
            return Err(conflict("IGNOREALLERRORS cannot be combined with MAXERROR").at(position));
        }
        if let (Some(_), Some(position)) = (self.position_of("comprows"), self.position_of("compupdate"))
            && self.copy.storage_options.iter().any(|option| option == "COMPUPDATE OFF")
        {
            return Err(conflict("COMPROWS cannot be combined with COMPUPDATE OFF").at(position));
        }
        let copy = &self.copy;
        let (quote, delimiter) = (copy.quote.unwrap_or('"'), copy.delimiter.as_deref().unwrap_or(","));
        if copy.format == CopyFormat::Csv && delimiter.contains(quote) {
            let position = self.position_of("delimiter").or(self.position_of("quote")).unwrap_or(1);
            return Err(conflict("DELIMITER and QUOTE must differ").at(position));
        }
        Ok(())
    }

    /// The whole, if its options go together.
    fn finish(self, source_position: usize) -> Result<Copy, SqlError> {
        for (option, position) in &self.seen {
            check(option, &self.copy.format).map_err(|error| error.at(*position))?;
        }
        self.check_company()?;
        let mut copy = self.copy;
        copy.authorization = self.authorization.finish((&copy.source, source_position))?;
        Ok(copy)
    }
}

pub(super) fn conflict(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::SyntaxError, message)
}

/// An option that is refused by name, or is none.
fn refuse(cursor: &Cursor<'_>, option: &str, position: usize) -> SqlError {
    let name = option.to_ascii_uppercase();
    if REFUSED.contains(&name.as_str()) {
        return SqlError::unsupported(format!("COPY option {name}")).at(position);
    }
    let error = cursor.syntax_error();
    let words: Vec<&str> = copy_option_words().chain(copy_clause_words()).collect();
    match nearest(option, &words) {
        Some(near) => error.with_hint(format!("did you mean {near}?")),
        None => error.with_detail("no such COPY option"),
    }
}
