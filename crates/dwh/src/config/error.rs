use std::path::PathBuf;

use super::Origin;

/// What is wrong with the configuration: where, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: the configuration file is not UTF-8 text", path.display())]
    NotText { path: PathBuf },
    #[error("{}:{line}: {reason}", path.display())]
    Line { path: PathBuf, line: usize, reason: String },
    #[error("{}:{line}: unknown section [{section}]{}", path.display(), did_you_mean("[", nearest, "]"))]
    UnknownSection { path: PathBuf, line: usize, section: String, nearest: Option<&'static str> },
    #[error("{}:{line}: unknown key {key} in [{section}]{}", path.display(), did_you_mean("", nearest, ""))]
    UnknownKey { path: PathBuf, line: usize, section: String, key: String, nearest: Option<String> },
    #[error("{}:{line}: {what} is there already, on line {first_line}; remove one", path.display())]
    Duplicate { path: PathBuf, line: usize, first_line: usize, what: String },
    /// The value itself is part of `reason` where it is no secret.
    #[error("{what} ({origin}): {reason}")]
    Value { what: String, origin: Origin, reason: String },
    #[error("the value of {variable} is not UTF-8 text")]
    VariableNotText { variable: String },
    #[error(
        "this works on the embedded warehouse only, but the target is Amazon Redshift ({origin}); \
         use --target embedded"
    )]
    RedshiftTarget { origin: Origin },
}

fn did_you_mean(before: &str, nearest: &Option<impl std::fmt::Display>, after: &str) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean {before}{name}{after}?"))
}
