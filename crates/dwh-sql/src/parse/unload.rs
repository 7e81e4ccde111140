//! UNLOAD: a query in a literal, a destination, and an unordered bag of options (RS 6.1).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::copy::{check_bucket, conflict};
use super::copy_arguments::{fixed_width, flag, null_marker, option_word, text};
use super::copy_credentials::AuthorizationInProgress;
use super::unload_arguments::{extension, file_bytes, one_delimiter, partitions, row_group_bytes};
use super::unload_query::literal_query;
use crate::cursor::Cursor;
use crate::nearest::nearest;
use crate::statement::{
    FixedWidthField, Statement, Unload, UnloadCompression, UnloadEncryption, UnloadFormat, UnloadManifest,
    UnloadPartitions,
};

/// Options, to recognise a misspelled one and to hold the documentation to.
const OPTIONS: &[&str] = &[
    "ACCESS_KEY_ID",
    "ADDQUOTES",
    "ALLOWOVERWRITE",
    "BZIP2",
    "CLEANPATH",
    "CREDENTIALS",
    "CSV",
    "DELIMITER",
    "ENCRYPTED",
    "ESCAPE",
    "EXTENSION",
    "FIXEDWIDTH",
    "FORMAT",
    "GZIP",
    "HEADER",
    "IAM_ROLE",
    "JSON",
    "KMS_KEY_ID",
    "MANIFEST",
    "MASTER_SYMMETRIC_KEY",
    "MAXFILESIZE",
    "NULL",
    "PARALLEL",
    "PARQUET",
    "PARTITION",
    "REGION",
    "ROWGROUPSIZE",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "ZSTD",
];

/// Formats with the options that Redshift refuses beside them (RS 6.1).
const NOT_WITH: &[(&str, &[&str])] = &[
    ("csv", &["fixedwidth", "addquotes", "escape"]),
    (
        "parquet",
        &["delimiter", "fixedwidth", "addquotes", "escape", "null", "header", "gzip", "bzip2", "zstd"],
    ),
    ("json", &["delimiter", "header", "fixedwidth", "addquotes", "escape", "null"]),
    ("fixedwidth", &["delimiter", "header", "addquotes", "escape"]),
];

/// `UNLOAD ('query') TO 'destination' option…`.
pub(super) fn unload(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["unload"])?;
    cursor.expect_token(&Token::LParen)?;
    let query = literal_query(cursor)?;
    cursor.expect_token(&Token::RParen)?;
    cursor.expect(&["to"])?;
    let destination_position = cursor.position();
    let destination = cursor.string()?;
    check_destination(&destination).map_err(|error| error.at(destination_position))?;
    let mut options = Options::default();
    let mut authorization = AuthorizationInProgress::new("UNLOAD");
    while !cursor.at_end() {
        options.read_one(cursor, &mut authorization)?;
    }
    options.check(&destination)?;
    Ok(Statement::Unload(Box::new(Unload {
        format: options.format(),
        query: query.query,
        query_text: query.text,
        authorization: authorization.finish((&destination, destination_position))?,
        destination,
        region: options.region,
        compression: options.compression,
        partitions: options.partitions,
        manifest: options.manifest,
        allow_overwrite: options.allow_overwrite,
        clean_path: options.clean_path,
        parallel: !options.serial,
        max_file_bytes: options.max_file_bytes,
        extension: options.extension,
        encryption: options.encryption,
    })))
}

fn check_destination(destination: &str) -> Result<(), SqlError> {
    if destination.is_empty() {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "UNLOAD names no destination")
            .with_hint("write 's3://bucket/prefix', or the path of a folder"));
    }
    check_bucket(destination)
}

/// What has been read of the options.
struct Options {
    /// Names and positions of the options seen, to refuse repetition and bad company.
    seen: Vec<(String, usize)>,
    region: Option<String>,
    delimiter: Option<char>,
    null_as: Option<String>,
    fixed_width: Vec<FixedWidthField>,
    row_group_bytes: Option<u64>,
    compression: UnloadCompression,
    partitions: Option<UnloadPartitions>,
    manifest: UnloadManifest,
    allow_overwrite: bool,
    clean_path: bool,
    serial: bool,
    max_file_bytes: Option<u64>,
    extension: Option<String>,
    /// What ENCRYPTED and KMS_KEY_ID said so far.
    encryption: UnloadEncryption,
    is_encrypted_auto: bool,
    /// Where CREDENTIALS is.
    credentials: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seen: Vec::new(),
            region: None,
            delimiter: None,
            null_as: None,
            fixed_width: Vec::new(),
            row_group_bytes: None,
            compression: UnloadCompression::None,
            partitions: None,
            manifest: UnloadManifest::None,
            allow_overwrite: false,
            clean_path: false,
            serial: false,
            max_file_bytes: None,
            extension: None,
            encryption: UnloadEncryption::None,
            is_encrypted_auto: false,
            credentials: None,
        }
    }
}

impl Options {
    fn read_one(
        &mut self,
        cursor: &mut Cursor<'_>,
        authorization: &mut AuthorizationInProgress,
    ) -> Result<(), SqlError> {
        // WITH is noise before CREDENTIALS (RS 1.4).
        if cursor.at(&["with", "credentials"]) {
            cursor.advance();
        }
        if cursor.at(&["format"]) {
            option_word(cursor);
            if !["csv", "json", "parquet"].iter().any(|format| cursor.at(&[format])) {
                return cursor.expected("a format: CSV, JSON or PARQUET");
            }
        }
        let position = cursor.position();
        let Some(option) = cursor.peek_word().map(str::to_owned) else {
            return cursor.expected("an UNLOAD option");
        };
        if authorization.read(cursor, &option)? {
            if option == "credentials" {
                self.credentials = Some(position);
            }
            return Ok(());
        }
        self.remember(&option, position)?;
        match option.as_str() {
            "csv" | "json" | "parquet" | "header" | "addquotes" | "escape" => {
                cursor.advance();
            }
            "gzip" => self.compress(cursor, UnloadCompression::Gzip, position)?,
            "bzip2" => self.compress(cursor, UnloadCompression::Bzip2, position)?,
            "zstd" => self.compress(cursor, UnloadCompression::Zstd, position)?,
            "delimiter" => self.delimiter = Some(one_delimiter(cursor)?),
            "fixedwidth" => {
                cursor.advance();
                self.fixed_width = fixed_width(cursor)?;
            }
            "null" => self.null_as = Some(null_marker(cursor)?),
            "region" => self.region = Some(text(cursor)?),
            "extension" => self.extension = Some(extension(cursor)?),
            "partition" => self.partitions = Some(partitions(cursor)?),
            "manifest" => {
                cursor.advance();
                let verbose = cursor.eat(&["verbose"]);
                self.manifest = if verbose { UnloadManifest::Verbose } else { UnloadManifest::Plain };
            }
            "allowoverwrite" => self.allow_overwrite = flag(cursor),
            "cleanpath" => self.clean_path = flag(cursor),
            "parallel" => {
                cursor.advance();
                let given = cursor.eat_one_of(&["on", "true", "off", "false"]);
                self.serial = matches!(given, Some("off" | "false"));
            }
            "maxfilesize" => self.max_file_bytes = Some(file_bytes(cursor)?),
            "rowgroupsize" => self.row_group_bytes = Some(row_group_bytes(cursor)?),
            "encrypted" => {
                // Without a key of one's own both are the encryption of S3 itself.
                cursor.advance();
                self.is_encrypted_auto = cursor.eat(&["auto"]);
                if self.encryption == UnloadEncryption::None {
                    self.encryption = UnloadEncryption::Bucket;
                }
            }
            "kms_key_id" => self.encryption = UnloadEncryption::KmsKey(text(cursor)?),
            _ => return Err(unknown(cursor, &option)),
        }
        Ok(())
    }

    fn compress(
        &mut self,
        cursor: &mut Cursor<'_>,
        compression: UnloadCompression,
        position: usize,
    ) -> Result<(), SqlError> {
        cursor.advance();
        if self.compression != UnloadCompression::None {
            return Err(conflict("UNLOAD takes one compression").at(position));
        }
        self.compression = compression;
        Ok(())
    }

    fn remember(&mut self, option: &str, position: usize) -> Result<(), SqlError> {
        if self.has(option) {
            let name = option.to_ascii_uppercase();
            return Err(conflict(format!("{name} is given more than once")).at(position));
        }
        self.seen.push((option.to_owned(), position));
        Ok(())
    }

    fn has(&self, option: &str) -> bool {
        self.position_of(option).is_some()
    }

    fn position_of(&self, option: &str) -> Option<usize> {
        self.seen.iter().find(|(seen, _)| seen == option).map(|(_, position)| *position)
    }

    /// Whether the options go together.
    fn check(&self, destination: &str) -> Result<(), SqlError> {
        let formats: Vec<_> = ["csv", "json", "parquet"].iter().filter_map(|f| self.position_of(f)).collect();
        if let [_, second, ..] = formats[..] {
            return Err(conflict("UNLOAD takes one format").at(second));
        }
        for (format, refused) in NOT_WITH.iter().filter(|(format, _)| self.has(format)) {
            if let Some((option, position)) =
                self.seen.iter().find(|(option, _)| refused.contains(&option.as_str()))
            {
                return Err(not_with(format, option).at(*position));
            }
        }
        if let (true, Some(position)) = (!self.has("parquet"), self.position_of("rowgroupsize")) {
            return Err(conflict("ROWGROUPSIZE is only for FORMAT PARQUET").at(position));
        }
        if let (true, Some(position)) = (self.clean_path, self.position_of("allowoverwrite")) {
            return Err(conflict("ALLOWOVERWRITE cannot be combined with CLEANPATH").at(position));
        }
        self.check_kms_key()?;
        if let (false, Some(position)) = (destination.starts_with("s3://"), self.position_of("encrypted")) {
            return Err(conflict("ENCRYPTED is for Amazon S3; files are not encrypted").at(position));
        }
        Ok(())
    }

    /// The company of KMS_KEY_ID, as the guide has it.
    fn check_kms_key(&self) -> Result<(), SqlError> {
        let Some(position) = self.position_of("kms_key_id") else { return Ok(()) };
        if self.position_of("encrypted").is_none() {
            return Err(conflict("KMS_KEY_ID needs ENCRYPTED").at(position));
        }
        if self.is_encrypted_auto {
            return Err(conflict("KMS_KEY_ID cannot be combined with ENCRYPTED AUTO").at(position));
        }
        if let Some(credentials) = self.credentials {
            return Err(conflict("KMS_KEY_ID cannot be combined with CREDENTIALS")
                .at(credentials)
                .with_hint("authorize with IAM_ROLE, or ACCESS_KEY_ID and SECRET_ACCESS_KEY"));
        }
        Ok(())
    }

    fn format(&mut self) -> UnloadFormat {
        let (header, null_as) = (self.has("header"), self.null_as.take());
        if self.has("parquet") {
            UnloadFormat::Parquet { row_group_bytes: self.row_group_bytes }
        } else if self.has("json") {
            UnloadFormat::Json
        } else if self.has("csv") {
            UnloadFormat::Csv { delimiter: self.delimiter.unwrap_or(','), header, null_as }
        } else if self.has("fixedwidth") {
            UnloadFormat::FixedWidth { columns: std::mem::take(&mut self.fixed_width), null_as }
        } else {
            UnloadFormat::Delimited {
                delimiter: self.delimiter.unwrap_or('|'),
                header,
                add_quotes: self.has("addquotes"),
                escape: self.has("escape"),
                null_as,
            }
        }
    }
}

fn not_with(format: &str, option: &str) -> SqlError {
    let (format, option) = (format.to_ascii_uppercase(), option.to_ascii_uppercase());
    SqlError::new(
        SqlState::FeatureNotSupported,
        format!("{option} argument is not supported for {format} based UNLOAD"),
    )
}

fn unknown(cursor: &Cursor<'_>, option: &str) -> SqlError {
    let error = cursor.syntax_error();
    match nearest(option, OPTIONS) {
        Some(near) => error.with_hint(format!("did you mean {near}?")),
        None => error.with_detail("no such UNLOAD option"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dwh_common::SqlState;

    use super::OPTIONS;
    use crate::parse;

    #[test]
    fn the_page_on_unload_says_what_the_parser_does() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/unload.md");
        let page = std::fs::read_to_string(path).expect("the page can be read");
        let mut explained = Vec::new();
        let table = page.lines().skip_while(|line| !line.starts_with("| option"));
        let table = table.take_while(|line| line.starts_with('|'));
        for row in table.filter_map(|line| line.strip_prefix("| ")).skip(1) {
            let [option, example, here, ..] = row.split(" | ").collect::<Vec<_>>()[..] else {
                panic!("a row of three cells: {row}");
            };
            explained.push(option);
            let example = example.trim_matches('`');
            let names_who =
                ["IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID"].iter().any(|who| example.starts_with(who));
            let authorization = if names_who { "" } else { "IAM_ROLE default" };
            let sql = format!("UNLOAD ('select 1 as a, 2 as b') TO 's3://b/k' {authorization} {example}");
            match (parse(&sql), here.starts_with("refused")) {
                (Ok(_), false) => {}
                (Err(error), true) => {
                    assert_eq!(error.state, SqlState::FeatureNotSupported, "{sql}: {error}")
                }
                (other, _) => panic!("{here}, says the page; {sql} is {other:?}"),
            }
        }
        explained.dedup();
        let mut expected = OPTIONS.to_vec();
        expected.sort_unstable();
        explained.sort_unstable();
        assert_eq!(explained, expected);
    }
}
