//! COPY: an unordered bag of options behind the source (RS 1.1, 1.2).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::copy_credentials::AuthorizationInProgress;
use crate::cursor::Cursor;
use crate::nearest::nearest;
use crate::statement::{Authorization, Copy, CopyCompression, CopyFormat, Statement};

const MAX_MAXERROR: i64 = 100_000;

/// `COPY table [(columns)] FROM 'source' option…`.
pub(super) fn copy(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["copy"])?;
    let table = cursor.table_name()?;
    let columns = cursor.optional_column_list()?;
    cursor.expect(&["from"])?;
    let source_position = cursor.position();
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
    let Some(rest) = source.strip_prefix("s3://") else { return Ok(()) };
    if rest.is_empty() || rest.starts_with('/') {
        return Err(SqlError::new(SqlState::InvalidParameterValue, format!("'{source}' names no bucket"))
            .with_hint("write 's3://bucket/prefix'"));
    }
    Ok(())
}

/// Options that this version parses only to refuse them, with the argument that follows.
const UNSUPPORTED: &[(&str, Argument)] = &[
    ("delimiter", Argument::Text),
    ("quote", Argument::Text),
    ("fixedwidth", Argument::Text),
    ("escape", Argument::None),
    ("removequotes", Argument::None),
    ("fillrecord", Argument::None),
    ("ignoreblanklines", Argument::None),
    ("null", Argument::Text),
    ("readratio", Argument::Number),
    ("encrypted", Argument::None),
    ("bzip2", Argument::None),
    ("lzop", Argument::None),
    ("zstd", Argument::None),
    ("ignoreallerrors", Argument::None),
    ("serializetojson", Argument::None),
    ("ssh", Argument::None),
];

/// Options that work, to recognise a misspelled one.
const OPTIONS: &[&str] = &[
    "ACCEPTANYDATE",
    "ACCEPTINVCHARS",
    "ACCESS_KEY_ID",
    "BLANKSASNULL",
    "COMPROWS",
    "COMPUPDATE",
    "CREDENTIALS",
    "CSV",
    "DATEFORMAT",
    "EMPTYASNULL",
    "ENCODING",
    "EXPLICIT_IDS",
    "FORMAT",
    "GZIP",
    "IAM_ROLE",
    "IGNOREHEADER",
    "JSON",
    "MANIFEST",
    "MAXERROR",
    "NOLOAD",
    "REGION",
    "ROUNDEC",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "STATUPDATE",
    "TIMEFORMAT",
    "TRIMBLANKS",
    "TRUNCATECOLUMNS",
];

/// Options that Redshift itself refuses together with JSON (RS 1.2).
const NOT_WITH_JSON: &[&str] = &[
    "csv",
    "delimiter",
    "escape",
    "fillrecord",
    "fixedwidth",
    "ignoreblanklines",
    "null",
    "quote",
    "readratio",
    "removequotes",
];

#[derive(Clone, Copy, PartialEq)]
enum Argument {
    None,
    Text,
    Number,
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
        Self { copy, authorization: AuthorizationInProgress::default(), seen: Vec::new() }
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
            "json" | "csv" | "parquet" | "orc" | "shapefile" => {
                return self.read_format_name(cursor, position);
            }
            "manifest" => copy.manifest = flag(cursor),
            "gzip" => {
                cursor.advance();
                copy.compression = CopyCompression::Gzip;
            }
            "region" => copy.region = Some(text_argument(cursor)?),
            "maxerror" => copy.max_errors = number_argument(cursor, 0, MAX_MAXERROR)?,
            "noload" => copy.no_load = flag(cursor),
            "timeformat" => copy.time_format = Some(text_argument(cursor)?),
            "dateformat" => copy.date_format = Some(text_argument(cursor)?),
            "truncatecolumns" => copy.truncate_columns = flag(cursor),
            "blanksasnull" => copy.blanks_as_null = flag(cursor),
            "emptyasnull" => copy.empty_as_null = flag(cursor),
            "trimblanks" => copy.trim_blanks = flag(cursor),
            "acceptinvchars" => copy.accept_invalid_chars = Some(replacement(cursor)?),
            "acceptanydate" => copy.accept_any_date = flag(cursor),
            "roundec" => copy.round_decimals = flag(cursor),
            "explicit_ids" => copy.explicit_ids = flag(cursor),
            "ignoreheader" => copy.ignore_header_lines = number_argument(cursor, 0, i64::MAX)?,
            "encoding" => encoding(cursor)?,
            "compupdate" | "statupdate" => {
                let written = switch(cursor, &option)?;
                copy.storage_options.push(written);
            }
            "comprows" => {
                let rows = number_argument(cursor, 1000, i64::from(i32::MAX))?;
                copy.storage_options.push(format!("COMPROWS {rows}"));
            }
            "job" => return Err(SqlError::unsupported("COPY JOB").at(position)),
            _ => return skip_unsupported(cursor, &option),
        }
        Ok(())
    }

    /// `FORMAT [AS] name …`.
    fn read_format(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        cursor.expect(&["format"])?;
        cursor.eat(&["as"]);
        let position = cursor.position();
        let Some(name) = cursor.peek_word().map(str::to_owned) else {
            return cursor.expected("a format: JSON or CSV");
        };
        self.remember(&name, position)?;
        if UNSUPPORTED.iter().any(|(option, _)| *option == name) {
            return skip_unsupported(cursor, &name);
        }
        self.read_format_name(cursor, position)
    }

    fn read_format_name(&mut self, cursor: &mut Cursor<'_>, position: usize) -> Result<(), SqlError> {
        let format = match cursor.eat_one_of(&["json", "csv", "parquet", "orc", "avro", "shapefile"]) {
            Some("json") => json_format(cursor)?,
            Some("csv") => CopyFormat::Csv,
            Some(other) => {
                let name = other.to_ascii_uppercase();
                return Err(SqlError::unsupported(format!("COPY FORMAT {name}")).at(position));
            }
            None => return cursor.expected("a format: JSON or CSV"),
        };
        if self.copy.format != CopyFormat::Delimited {
            return Err(conflict("COPY takes one format").at(position));
        }
        self.copy.format = format;
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

    /// The whole, if its options go together.
    fn finish(self, source_position: usize) -> Result<Copy, SqlError> {
        let is_json = matches!(
            self.copy.format,
            CopyFormat::JsonAuto
                | CopyFormat::JsonAutoIgnoreCase
                | CopyFormat::JsonNoShred
                | CopyFormat::JsonPaths(_)
        );
        for (option, position) in &self.seen {
            let name = option.to_ascii_uppercase();
            if is_json && NOT_WITH_JSON.contains(&option.as_str()) {
                let message = format!("{name} argument is not supported for JSON based COPY");
                return Err(SqlError::new(SqlState::FeatureNotSupported, message).at(*position));
            }
            if UNSUPPORTED.iter().any(|(unsupported, _)| unsupported == option) {
                return Err(SqlError::unsupported(format!("COPY option {name}")).at(*position));
            }
        }
        if let (Some(_), Some(position)) = (self.position_of("comprows"), self.position_of("compupdate"))
            && self.copy.storage_options.iter().any(|option| option == "COMPUPDATE OFF")
        {
            return Err(conflict("COMPROWS cannot be combined with COMPUPDATE OFF").at(position));
        }
        let mut copy = self.copy;
        copy.authorization = self.authorization.finish()?;
        if copy.source.starts_with("s3://") && matches!(copy.authorization, Authorization::None) {
            return Err(SqlError::new(
                SqlState::SyntaxError,
                "COPY from Amazon S3 needs an authorization clause",
            )
            .at(source_position)
            .with_hint("add IAM_ROLE default, IAM_ROLE 'arn:aws:iam::…:role/…', or CREDENTIALS '…'"));
        }
        Ok(copy)
    }
}

fn conflict(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::SyntaxError, message)
}

/// Takes the option's word and the AS that most take.
fn option_word(cursor: &mut Cursor<'_>) {
    cursor.advance();
    cursor.eat(&["as"]);
}

fn flag(cursor: &mut Cursor<'_>) -> bool {
    cursor.advance();
    true
}

fn text_argument(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    option_word(cursor);
    cursor.string()
}

fn number_argument(cursor: &mut Cursor<'_>, min: i64, max: i64) -> Result<u64, SqlError> {
    let name = cursor.peek_word().unwrap_or_default().to_ascii_uppercase();
    option_word(cursor);
    let position = cursor.position();
    let number = cursor.integer()?;
    match u64::try_from(number) {
        Ok(value) if (min..=max).contains(&number) => Ok(value),
        _ => Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("{name} must be between {min} and {max}, got {number}"),
        )
        .at(position)),
    }
}

/// `JSON [AS] ['auto' | 'auto ignorecase' | 'noshred' | jsonpaths]`; alone it means 'auto'.
fn json_format(cursor: &mut Cursor<'_>) -> Result<CopyFormat, SqlError> {
    let named = cursor.eat(&["as"]);
    let position = cursor.position();
    let option = match cursor.eat_string() {
        Some(option) => option,
        None if named => return cursor.expected("'auto', 'auto ignorecase', 'noshred' or a JSONPaths file"),
        None => return Ok(CopyFormat::JsonAuto),
    };
    Ok(match option.to_ascii_lowercase().as_str() {
        "auto" => CopyFormat::JsonAuto,
        "auto ignorecase" => CopyFormat::JsonAutoIgnoreCase,
        "noshred" => CopyFormat::JsonNoShred,
        "" => {
            return Err(SqlError::new(SqlState::InvalidParameterValue, "the JSON option is empty")
                .at(position)
                .with_hint("write 'auto', 'auto ignorecase' or the path of a JSONPaths file"));
        }
        _ => CopyFormat::JsonPaths(option),
    })
}

/// `ACCEPTINVCHARS [AS] ['c']`.
fn replacement(cursor: &mut Cursor<'_>) -> Result<char, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let Some(text) = cursor.eat_string() else { return Ok('?') };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(ch), None) if ch.is_ascii() && ch != '\0' => Ok(ch),
        _ => Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "ACCEPTINVCHARS takes one ASCII character other than NUL",
        )
        .at(position)),
    }
}

/// Only UTF-8 is read.
fn encoding(cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let name = match cursor.eat_string() {
        Some(name) => name,
        None => cursor.any_word()?,
    };
    match name.to_ascii_uppercase().as_str() {
        "UTF8" => Ok(()),
        other => Err(SqlError::unsupported(format!("COPY option ENCODING {other}")).at(position)),
    }
}

/// `COMPUPDATE [PRESET | ON | OFF | TRUE | FALSE]`, `STATUPDATE [ON | OFF | TRUE | FALSE]`.
fn switch(cursor: &mut Cursor<'_>, option: &str) -> Result<String, SqlError> {
    cursor.advance();
    let name = option.to_ascii_uppercase();
    if option == "compupdate" && cursor.eat(&["preset"]) {
        return Ok(format!("{name} PRESET"));
    }
    Ok(match cursor.eat_one_of(&["on", "true", "off", "false"]) {
        Some("on" | "true") => format!("{name} ON"),
        Some(_) => format!("{name} OFF"),
        None => name,
    })
}

/// Reads over an option that is refused at the end, when it is known whether JSON is in play.
fn skip_unsupported(cursor: &mut Cursor<'_>, option: &str) -> Result<(), SqlError> {
    let Some((_, argument)) = UNSUPPORTED.iter().find(|(name, _)| *name == option) else {
        let error = cursor.syntax_error();
        return Err(match nearest(option, OPTIONS) {
            Some(near) => error.with_hint(format!("did you mean {near}?")),
            None => error.with_detail("no such COPY option"),
        });
    };
    option_word(cursor);
    match argument {
        Argument::None => Ok(()),
        Argument::Text => cursor.string().map(drop),
        Argument::Number => match cursor.peek() {
            Token::Number(..) => cursor.integer().map(drop),
            _ => cursor.expected("a number"),
        },
    }
}
