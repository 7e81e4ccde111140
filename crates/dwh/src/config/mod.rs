//! Configuration: flag over environment over `dwh.cfg` over default, resolved in one place.
//!
//! Three types: [`GlobalArgs`](crate::args::GlobalArgs) is what was typed, [`Options`] is what the file
//! and the environment say (all optional), [`Settings`] is what holds.

pub(crate) mod edit;
mod error;
mod file;
pub(crate) mod keys;
mod location;
mod options;
mod settings;

use std::fmt;
use std::path::PathBuf;

use dwh_common::Secret;

pub(crate) use error::ConfigError;
pub(crate) use options::{Environment, Options, UnknownKeys};
pub(crate) use settings::Settings;

use keys::Key;

/// Name of the configuration file in the current folder.
pub(crate) const FILE_NAME: &str = "dwh.cfg";

/// A configured value; a secret one shows as asterisks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Secret(Secret),
}

impl Value {
    fn new(key: &Key, text: &str) -> Self {
        if key.is_secret() { Self::Secret(Secret::new(text)) } else { Self::Text(text.to_owned()) }
    }

    /// The value itself, secret or not.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}
