//! COPY back to text: for logs with secrets masked, for execution with them.

use std::fmt;

use dwh_common::Secret;

use crate::keywords::{quote_ident, quote_literal};
use crate::statement::{Authorization, Copy, CopyCompression, CopyEncoding, CopyFormat, TableName};

impl Copy {
    /// The statement with its secrets, to be executed and never to be logged.
    pub fn to_sql_with_secrets(&self) -> String {
        Printer { copy: self, secret: |secret| secret.expose().to_owned() }.to_string()
    }
}

/// The statement with secrets masked; it parses back to the same COPY but for them.
impl fmt::Display for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { copy: self, secret: |secret| secret.to_string() }.fmt(f)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.database, &self.schema].into_iter().flatten() {
            write!(f, "{}.", quote_ident(part))?;
        }
        f.write_str(&quote_ident(&self.name))
    }
}

/// An authorization clause with a blank in front, its secrets as `secret` shows them.
pub(crate) struct AuthorizationText<'a> {
    pub(crate) authorization: &'a Authorization,
    pub(crate) secret: fn(&Secret) -> String,
}

impl fmt::Display for AuthorizationText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |secret| quote_literal(&(self.secret)(secret));
        match self.authorization {
            Authorization::None => Ok(()),
            Authorization::IamRole(arn) => write!(f, " IAM_ROLE {}", quote_literal(arn)),
            Authorization::IamRoleDefault => f.write_str(" IAM_ROLE DEFAULT"),
            Authorization::Keys { access_key_id, secret_access_key, session_token } => {
                write!(f, " ACCESS_KEY_ID {}", text(access_key_id))?;
                write!(f, " SECRET_ACCESS_KEY {}", text(secret_access_key))?;
                match session_token {
                    Some(token) => write!(f, " SESSION_TOKEN {}", text(token)),
                    None => Ok(()),
                }
            }
        }
    }
}

struct Printer<'a> {
    copy: &'a Copy,
    secret: fn(&Secret) -> String,
}

impl fmt::Display for Printer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let copy = self.copy;
        write!(f, "COPY {}", copy.table)?;
        if !copy.columns.is_empty() {
            let columns: Vec<_> = copy.columns.iter().map(|column| quote_ident(column)).collect();
            write!(f, " ({})", columns.join(", "))?;
        }
        write!(f, " FROM {}", quote_literal(&copy.source))?;
        write!(f, "{}", AuthorizationText { authorization: &copy.authorization, secret: self.secret })?;
        match &copy.format {
            CopyFormat::Delimited => {}
            CopyFormat::Csv => f.write_str(" FORMAT AS CSV")?,
            CopyFormat::FixedWidth(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|field| format!("{}:{}", field.label, field.width_chars)).collect();
                write!(f, " FIXEDWIDTH {}", quote_literal(&fields.join(",")))?;
            }
            CopyFormat::JsonAuto => f.write_str(" FORMAT AS JSON 'auto'")?,
            CopyFormat::JsonAutoIgnoreCase => f.write_str(" FORMAT AS JSON 'auto ignorecase'")?,
            CopyFormat::JsonNoShred => f.write_str(" FORMAT AS JSON 'noshred'")?,
            CopyFormat::AvroAuto => f.write_str(" FORMAT AS AVRO 'auto'")?,
            CopyFormat::AvroAutoIgnoreCase => f.write_str(" FORMAT AS AVRO 'auto ignorecase'")?,
            CopyFormat::AvroPaths(paths) => write!(f, " FORMAT AS AVRO {}", quote_literal(paths))?,
            CopyFormat::Parquet => f.write_str(" FORMAT AS PARQUET")?,
            CopyFormat::Orc => f.write_str(" FORMAT AS ORC")?,
            CopyFormat::JsonPaths(paths) => write!(f, " FORMAT AS JSON {}", quote_literal(paths))?,
        }
        match copy.compression {
            CopyCompression::None => {}
            CopyCompression::Gzip => f.write_str(" GZIP")?,
            CopyCompression::Bzip2 => f.write_str(" BZIP2")?,
            CopyCompression::Lzop => f.write_str(" LZOP")?,
            CopyCompression::Zstd => f.write_str(" ZSTD")?,
        }
        match copy.encoding {
            CopyEncoding::Utf8 => {}
            CopyEncoding::Utf16 => f.write_str(" ENCODING UTF16")?,
            CopyEncoding::Utf16Le => f.write_str(" ENCODING UTF16LE")?,
            CopyEncoding::Utf16Be => f.write_str(" ENCODING UTF16BE")?,
            CopyEncoding::Iso88591 => f.write_str(" ENCODING ISO88591")?,
        }
        self.texts(f)?;
        self.flags(f)?;
        copy.storage_options.iter().try_for_each(|option| write!(f, " {option}"))
    }
}

impl Printer<'_> {
    fn texts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let copy = self.copy;
        let replacement = copy.accept_invalid_chars.map(String::from);
        let quote = copy.quote.map(String::from);
        // NUL is written as the digits that COPY reads.
        let null_as = copy.null_as.clone().map(|text| if text == "\0" { r"\000".to_owned() } else { text });
        for (option, value) in [
            ("REGION", &copy.region),
            ("TIMEFORMAT", &copy.time_format),
            ("DATEFORMAT", &copy.date_format),
            ("ACCEPTINVCHARS", &replacement),
            ("DELIMITER", &copy.delimiter),
            ("QUOTE", &quote),
            ("NULL AS", &null_as),
        ] {
            if let Some(value) = value {
                write!(f, " {option} {}", quote_literal(value))?;
            }
        }
        for (option, number) in [("MAXERROR", copy.max_errors), ("IGNOREHEADER", copy.ignore_header_lines)] {
            if number > 0 {
                write!(f, " {option} {number}")?;
            }
        }
        Ok(())
    }

    fn flags(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let copy = self.copy;
        for (option, given) in [
            ("MANIFEST", copy.manifest),
            ("NOLOAD", copy.no_load),
            ("IGNOREALLERRORS", copy.ignore_all_errors),
            ("ESCAPE", copy.escape),
            ("REMOVEQUOTES", copy.remove_quotes),
            ("FILLRECORD", copy.fill_record),
            ("IGNOREBLANKLINES", copy.ignore_blank_lines),
            ("TRUNCATECOLUMNS", copy.truncate_columns),
            ("BLANKSASNULL", copy.blanks_as_null),
            ("EMPTYASNULL", copy.empty_as_null),
            ("TRIMBLANKS", copy.trim_blanks),
            ("ACCEPTANYDATE", copy.accept_any_date),
            ("ROUNDEC", copy.round_decimals),
            ("EXPLICIT_IDS", copy.explicit_ids),
            ("SERIALIZETOJSON", copy.serialize_to_json),
        ] {
            if given {
                write!(f, " {option}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;
    use crate::statement::{Copy, Statement};

    fn copy(sql: &str) -> Copy {
        match parse(sql).expect("COPY parses").remove(0).statement {
            Statement::Copy(copy) => *copy,
            other => panic!("not a COPY: {other:?}"),
        }
    }

    const EVERYTHING: &str = r#"COPY public.staging (a, b, "User") FROM 's3://b/it''s' MANIFEST ACCESS_KEY_ID 'AK'
        SECRET_ACCESS_KEY 'sec\\ret' SESSION_TOKEN 'tok' REGION 'us-west-2' JSON 's3://b/paths.json' GZIP
        MAXERROR 10 NOLOAD TIMEFORMAT 'epochmillisecs' DATEFORMAT 'auto' TRUNCATECOLUMNS BLANKSASNULL EMPTYASNULL
        TRIMBLANKS ACCEPTINVCHARS '^' ACCEPTANYDATE ROUNDEC EXPLICIT_IDS IGNOREHEADER 1 COMPUPDATE OFF
        STATUPDATE ON"#;

    const TEXT: &str = r"COPY t FROM '/data' DELIMITER AS '\t' NULL AS '\N' ESCAPE REMOVEQUOTES FILLRECORD
        IGNOREBLANKLINES IGNOREALLERRORS ENCODING AS UTF16LE LZOP";
    const CSV: &str =
        r"COPY t FROM '/data' FORMAT AS CSV QUOTE AS '''' DELIMITER ';' NULL '\0' ZSTD ENCODING UTF16";
    const FIXED: &str = "COPY t FROM '/data' FIXEDWIDTH AS 'a b:3, c:10' BZIP2 ENCODING 'iso88591'";

    #[test]
    fn a_copy_parses_back_to_itself_with_its_secrets() {
        for text in [EVERYTHING, TEXT, CSV, FIXED] {
            round_trip(text);
        }
        assert!(copy(EVERYTHING).to_sql_with_secrets().contains(r"SECRET_ACCESS_KEY 'sec\\ret'"));
    }

    fn round_trip(text: &str) {
        let first = copy(text);
        let second = copy(&first.to_sql_with_secrets());
        assert_eq!(first.to_sql_with_secrets(), second.to_sql_with_secrets());
        let positions_aside = |copy: &Copy| {
            let mut copy = copy.clone();
            copy.table.position = None;
            format!("{copy:?}")
        };
        assert_eq!(positions_aside(&first), positions_aside(&second));
    }

    #[test]
    fn a_copy_of_avro_or_columns_parses_back_to_itself() {
        for format in ["AVRO 'auto'", "AVRO 'auto ignorecase'", "AVRO 's3://b/paths.json'"] {
            let sql = format!("COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS {format} MAXERROR 2");
            assert_eq!(copy(&sql).to_string(), sql);
        }
        for format in ["PARQUET", "ORC"] {
            let sql = format!(
                "COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS {format} ACCEPTINVCHARS '?' MANIFEST \
                 FILLRECORD EXPLICIT_IDS SERIALIZETOJSON STATUPDATE ON"
            );
            assert_eq!(copy(&sql).to_string(), sql);
        }
    }

    #[test]
    fn a_printed_copy_shows_no_secret() {
        let printed = copy(EVERYTHING).to_string();
        assert!(printed.contains("SECRET_ACCESS_KEY '****'"), "{printed}");
        for secret in ["'AK'", "ret'", "'tok'"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
