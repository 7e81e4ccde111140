//! Reads `dwh.cfg` as Python's `configparser` does, because the scripts around it do: `key = value` or
//! `key: value`, comments on lines of their own, keys in any case, no comment behind a value.
//!
//! Stricter where a silent mistake would cost: continued values are errors, and unknown sections and keys
//! are told apart, for the reader to refuse. More tolerant in two: `%` is just a character, and quotes around a value are taken off.

use std::path::{Path, PathBuf};

use super::keys::{self, KEYS, Key};
use super::{ConfigError, Value};

/// A value as the file gives it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: &'static Key,
    pub(crate) value: Value,
    /// 1-based.
    pub(crate) line: usize,
}

/// What a file says; keys with an empty value are left out.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) entries: Vec<Entry>,
    /// Sections and keys that dwh has not: mistakes, or other programs'.
    pub(crate) unknown: Vec<ConfigError>,
}

impl ConfigFile {
    /// Reads and checks the file's form.
    ///
    /// # Errors
    /// Anything that is no section, key, comment or blank line, with its line.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes =
            std::fs::read(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let text = String::from_utf8(bytes).map_err(|_| ConfigError::NotText { path: path.to_owned() })?;
        let (entries, unknown) = parse(path, text.trim_start_matches('\u{feff}'))?;
        Ok(Self { path: path.to_owned(), entries, unknown })
    }
}

fn parse(path: &Path, text: &str) -> Result<(Vec<Entry>, Vec<ConfigError>), ConfigError> {
    let problem = |line, reason: String| ConfigError::Line { path: path.to_owned(), line, reason };
    let mut entries = Vec::new();
    let mut unknown = Vec::new();
    // `None` for a section that dwh has not.
    let mut sections: Vec<(Option<&'static str>, usize)> = Vec::new();
    let mut seen: Vec<(&'static Key, usize)> = Vec::new();
    let mut key_indent = None;
    for (index, raw) in text.lines().enumerate() {
        let line = index + 1;
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indent = raw.len() - raw.trim_start().len();
        if let (Some(key_indent), Some((key, _))) = (key_indent, seen.last())
            && indent > key_indent
        {
            let reason =
                format!("the line is indented, so it continues the value of {}; unindent it", key.name);
            return Err(problem(line, reason));
        }
        if let Some(rest) = trimmed.strip_prefix('[') {
            let name = rest
                .strip_suffix(']')
                .ok_or_else(|| problem(line, "a section must end with ]".to_owned()))?;
            let known = keys::sections().find(|known| *known == name);
            match (known, sections.iter().find(|(section, _)| section.is_some() && *section == known)) {
                (Some(_), Some((_, first_line))) => {
                    return Err(duplicate(path, line, *first_line, format!("[{name}]")));
                }
                (Some(_), None) => {}
                (None, _) => unknown.push(ConfigError::UnknownSection {
                    path: path.to_owned(),
                    line,
                    section: name.to_owned(),
                    nearest: keys::nearest(name, keys::sections()),
                }),
            }
            sections.push((known, line));
            key_indent = None;
            continue;
        }
        let Some((section, _)) = sections.last() else {
            return Err(problem(line, "a key before the first [section]".to_owned()));
        };
        let (name, value) = trimmed
            .split_once(['=', ':'])
            .ok_or_else(|| problem(line, "expected [SECTION], KEY = value or # comment".to_owned()))?;
        let Some(section) = section else { continue };
        let key = match known_key(path, line, section, name.trim()) {
            Ok(key) => key,
            Err(error) => {
                unknown.push(error);
                continue;
            }
        };
        if let Some((_, first_line)) = seen.iter().find(|(earlier, _)| *earlier == key) {
            return Err(duplicate(path, line, *first_line, key.name.to_owned()));
        }
        seen.push((key, line));
        key_indent = Some(indent);
        let value = unquote(value.trim());
        if !value.is_empty() {
            entries.push(Entry { key, value: Value::new(key, value), line });
        }
    }
    Ok((entries, unknown))
}

fn known_key(path: &Path, line: usize, section: &str, name: &str) -> Result<&'static Key, ConfigError> {
    keys::find(section, name).ok_or_else(|| {
        let in_section = KEYS.iter().filter(|key| key.section == section).map(|key| key.name);
        let elsewhere = KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name));
        let nearest = match elsewhere {
            Some(key) => Some(format!("{} in [{}]", key.name, key.section)),
            None => keys::nearest(name, in_section).map(str::to_owned),
        };
        let (section, key) = (section.to_owned(), name.to_owned());
        ConfigError::UnknownKey { path: path.to_owned(), line, section, key, nearest }
    })
}

fn duplicate(path: &Path, line: usize, first_line: usize, what: String) -> ConfigError {
    ConfigError::Duplicate { path: path.to_owned(), line, first_line, what }
}

/// Takes one pair of equal quotes off: `'s3://…'` and `"s3://…"` occur in the classic file.
pub(super) fn unquote(value: &str) -> &str {
    for quote in ['\'', '"'] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;

    fn values(text: &str) -> Vec<(String, String, usize)> {
        let (entries, _) = parse(Path::new("dwh.cfg"), text).unwrap();
        let value = |e: &super::Entry| (e.key.name.to_owned(), e.value.expose().to_owned(), e.line);
        entries.iter().map(value).collect()
    }

    fn error(text: &str) -> String {
        match parse(Path::new("dwh.cfg"), text) {
            Ok((_, unknown)) => unknown.first().expect("something is wrong").to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_forms_of_configparser_are_read() {
        let text = "# c\n; c\n[CLUSTER]\nhost = h.example\r\nDB_NAME:dwh\n  # c\nDB_PASSWORD=a%b=c#d ; e\n\n\
                    [S3]\n  LOG_DATA='s3://b/log_data'\n  SONG_DATA = \"s3://b/song\"\n  LOG_JSONPATH = ''\n";
        let expected = [
            ("HOST", "h.example", 4),
            ("DB_NAME", "dwh", 5),
            ("DB_PASSWORD", "a%b=c#d ; e", 7),
            ("LOG_DATA", "s3://b/log_data", 10),
            ("SONG_DATA", "s3://b/song", 11),
        ];
        assert_eq!(values(text), expected.map(|(k, v, l)| (k.to_owned(), v.to_owned(), l)));
    }

    #[test]
    fn mistakes_name_the_line_and_the_nearest_name() {
        let cases = [
            ("[S3]\nLOG_DTA=x", "dwh.cfg:2: unknown key LOG_DTA in [S3]; did you mean LOG_DATA?"),
            ("[S3]\nARN=x", "dwh.cfg:2: unknown key ARN in [S3]; did you mean ARN in [IAM_ROLE]?"),
            ("[S3]\nfrobnicate=x", "dwh.cfg:2: unknown key frobnicate in [S3]"),
            ("\n[Cluster]", "dwh.cfg:2: unknown section [Cluster]; did you mean [CLUSTER]?"),
            ("HOST=x", "dwh.cfg:1: a key before the first [section]"),
            ("[S3", "dwh.cfg:1: a section must end with ]"),
            ("[S3]\nLOG_DATA", "dwh.cfg:2: expected [SECTION], KEY = value or # comment"),
            ("[S3]\nLOG_DATA=a\nlog_data=b", "dwh.cfg:3: LOG_DATA is there already, on line 2; remove one"),
            ("[S3]\n[AWS]\n[S3]", "dwh.cfg:3: [S3] is there already, on line 1; remove one"),
            (
                "[S3]\nLOG_DATA=a\n  SONG_DATA=b",
                "dwh.cfg:3: the line is indented, so it continues the value of LOG_DATA; unindent it",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected, "{text}");
        }
    }
}
