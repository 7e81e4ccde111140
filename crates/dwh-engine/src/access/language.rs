//! Languages of functions and procedures.

use dwh_common::SqlError;
use dwh_storage::{Privilege, Securable};

use super::rights::{LANGUAGE_PLPGSQL, Rights, allow, denied};

/// USAGE on the language of a function or procedure that is created.
pub(crate) fn check_language(rights: &Rights<'_>, language: i64) -> Result<(), SqlError> {
    allow(rights.has(Securable::Language(language), Privilege::USAGE), || {
        denied("language", language_name(language))
    })
}

/// The name of a language by its number.
pub(crate) fn language_name(language: i64) -> &'static str {
    if language == LANGUAGE_PLPGSQL { "plpgsql" } else { "sql" }
}
