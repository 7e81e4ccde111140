//! UNLOAD back to text: for logs with secrets masked, for execution with them.

use std::fmt;

use dwh_common::Secret;

use crate::copy_text::AuthorizationText;
use crate::keywords::{quote_ident, quote_literal};
use crate::statement::{Unload, UnloadCompression, UnloadEncryption, UnloadFormat, UnloadManifest};

const MB: f64 = (1 << 20) as f64;

impl Unload {
    /// The statement with its secrets, to be executed and never to be logged.
    pub fn to_sql_with_secrets(&self) -> String {
        Printer { unload: self, secret: |secret| secret.expose().to_owned() }.to_string()
    }
}

/// The statement with secrets masked; it parses back to the same UNLOAD but for them.
impl fmt::Display for Unload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { unload: self, secret: |secret| secret.to_string() }.fmt(f)
    }
}

struct Printer<'a> {
    unload: &'a Unload,
    secret: fn(&Secret) -> String,
}

impl fmt::Display for Printer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unload = self.unload;
        write!(f, "UNLOAD ({})", quote_literal(&unload.query_text))?;
        write!(f, " TO {}", quote_literal(&unload.destination))?;
        write!(f, "{}", AuthorizationText { authorization: &unload.authorization, secret: self.secret })?;
        format(f, &unload.format)?;
        match unload.compression {
            UnloadCompression::None => {}
            UnloadCompression::Gzip => f.write_str(" GZIP")?,
            UnloadCompression::Bzip2 => f.write_str(" BZIP2")?,
            UnloadCompression::Zstd => f.write_str(" ZSTD")?,
        }
        if let Some(partitions) = &unload.partitions {
            let columns: Vec<_> = partitions.columns.iter().map(|column| quote_ident(column)).collect();
            write!(f, " PARTITION BY ({})", columns.join(", "))?;
            flag(f, "INCLUDE", partitions.include)?;
        }
        match unload.manifest {
            UnloadManifest::None => {}
            UnloadManifest::Plain => f.write_str(" MANIFEST")?,
            UnloadManifest::Verbose => f.write_str(" MANIFEST VERBOSE")?,
        }
        text(f, "REGION", unload.region.as_deref())?;
        text(f, "EXTENSION", unload.extension.as_deref())?;
        size(f, "MAXFILESIZE", unload.max_file_bytes)?;
        flag(f, "ALLOWOVERWRITE", unload.allow_overwrite)?;
        flag(f, "CLEANPATH", unload.clean_path)?;
        flag(f, "PARALLEL OFF", !unload.parallel)?;
        match &unload.encryption {
            UnloadEncryption::None => Ok(()),
            UnloadEncryption::Bucket => f.write_str(" ENCRYPTED AUTO"),
            UnloadEncryption::KmsKey(key) => write!(f, " KMS_KEY_ID {} ENCRYPTED", quote_literal(key)),
        }
    }
}

fn format(f: &mut fmt::Formatter<'_>, format: &UnloadFormat) -> fmt::Result {
    match format {
        UnloadFormat::Delimited { delimiter, header, add_quotes, escape, null_as } => {
            write!(f, " DELIMITER {}", quote_literal(&delimiter.to_string()))?;
            flag(f, "HEADER", *header)?;
            flag(f, "ADDQUOTES", *add_quotes)?;
            flag(f, "ESCAPE", *escape)?;
            text(f, "NULL AS", null_as.as_deref())
        }
        UnloadFormat::FixedWidth { columns, null_as } => {
            let columns: Vec<_> =
                columns.iter().map(|column| format!("{}:{}", column.label, column.width_chars)).collect();
            write!(f, " FIXEDWIDTH {}", quote_literal(&columns.join(",")))?;
            text(f, "NULL AS", null_as.as_deref())
        }
        UnloadFormat::Csv { delimiter, header, null_as } => {
            write!(f, " FORMAT AS CSV DELIMITER {}", quote_literal(&delimiter.to_string()))?;
            flag(f, "HEADER", *header)?;
            text(f, "NULL AS", null_as.as_deref())
        }
        UnloadFormat::Json => f.write_str(" FORMAT AS JSON"),
        UnloadFormat::Parquet { row_group_bytes } => {
            f.write_str(" FORMAT AS PARQUET")?;
            size(f, "ROWGROUPSIZE", *row_group_bytes)
        }
    }
}

fn flag(f: &mut fmt::Formatter<'_>, option: &str, given: bool) -> fmt::Result {
    if given { write!(f, " {option}") } else { Ok(()) }
}

fn text(f: &mut fmt::Formatter<'_>, option: &str, value: Option<&str>) -> fmt::Result {
    match value {
        Some(value) => write!(f, " {option} {}", quote_literal(value)),
        None => Ok(()),
    }
}

fn size(f: &mut fmt::Formatter<'_>, option: &str, bytes: Option<u64>) -> fmt::Result {
    match bytes {
        Some(bytes) => write!(f, " {option} {} MB", bytes as f64 / MB),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;
    use crate::statement::{Statement, Unload};

    fn unload(sql: &str) -> Unload {
        match parse(sql).expect("UNLOAD parses").remove(0).statement {
            Statement::Unload(unload) => *unload,
            other => panic!("not an UNLOAD: {other:?}"),
        }
    }

    const EVERYTHING: [&str; 5] = [
        r#"UNLOAD ('select ''a\\b'' as c, 1 as "User" from t') TO 's3://b/it''s' ALLOWOVERWRITE
            ACCESS_KEY_ID 'AK' SECRET_ACCESS_KEY 'sec\\ret' SESSION_TOKEN 'tok' REGION 'us-west-2'
            MANIFEST VERBOSE HEADER DELIMITER AS '\t' ADDQUOTES ESCAPE NULL AS '\\N' GZIP PARALLEL OFF
            MAXFILESIZE AS 6.2 GB EXTENSION 'csv.gz' ENCRYPTED AUTO"#,
        "UNLOAD ('select 1 as a, 2 as b') TO '/x' CSV PARTITION BY (b) INCLUDE NULL 'n' BZIP2 CLEANPATH",
        "UNLOAD ('select 1 as a') TO '/x' FIXEDWIDTH AS 'a:5,b:30' ZSTD MANIFEST PARALLEL ON",
        "UNLOAD ('select 1 as a') TO '/x' FORMAT JSON MAXFILESIZE 5.5",
        "UNLOAD ('select 1 as a') TO '/x' FORMAT AS PARQUET ROWGROUPSIZE 64 MB",
    ];

    #[test]
    fn an_unload_parses_back_to_itself_with_its_secrets() {
        for sql in EVERYTHING {
            let first = unload(sql);
            let printed = first.to_sql_with_secrets();
            assert_eq!(unload(&printed).to_sql_with_secrets(), printed);
            assert_eq!(first.query.to_string(), unload(&printed).query.to_string());
        }
    }

    #[test]
    fn a_printed_unload_shows_no_secret() {
        let printed = unload(EVERYTHING[0]).to_string();
        assert!(printed.contains("SECRET_ACCESS_KEY '****'"), "{printed}");
        for secret in ["'AK'", "ret'", "'tok'"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
