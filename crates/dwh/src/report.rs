//! Errors for people: what was wrong, where in the SQL, and what to do.

use std::error::Error;
use std::fmt::Write as _;

use anyhow::Chain;
use dwh_cluster::ClusterError;
use dwh_common::{ErrorKind, SqlError};
use dwh_pipeline::PipelineError;
use dwh_sql::redact::redact;

use crate::config::ConfigError;

/// A statement failed; keeps its text to show the place.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct SqlFailure {
    pub(crate) error: SqlError,
    /// The SQL as submitted.
    pub(crate) sql: String,
    /// File that the SQL came from, or `sql`.
    pub(crate) name: String,
}

/// A command was used wrongly, or something around it is not as it must be: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct UsageError {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl UsageError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// The warehouse cannot be opened: exit code 2, whatever the SQLSTATE is.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CannotOpen(#[source] pub(crate) SqlError);

/// The data, the SQL or the checks were not as they should be, and it has been said: exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WorkFailed(pub(crate) String);

/// The work ended with an error that has been said already; what is left to say, and that error's exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ToldBefore {
    pub(crate) message: String,
    pub(crate) exit_code: u8,
}

const LOAD_ERRORS: &str = "`dwh loads errors` shows the records that were rejected";

pub(crate) const EXIT_DONE: u8 = 0;
pub(crate) const EXIT_FAILED: u8 = 1;
pub(crate) const EXIT_ENVIRONMENT: u8 = 2;

/// The exit code of an error: 1 if the data, SQL or checks failed, 2 for usage, configuration and
/// environment, and 0 if only the reader of stdout went away.
pub(crate) fn exit_code(error: &(dyn Error + 'static)) -> u8 {
    for cause in Chain::new(error) {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            let broken_pipe = io.kind() == std::io::ErrorKind::BrokenPipe;
            return if broken_pipe { EXIT_DONE } else { EXIT_ENVIRONMENT };
        }
        if let Some(told) = cause.downcast_ref::<ToldBefore>() {
            return told.exit_code;
        }
        if cause.is::<WorkFailed>() {
            return EXIT_FAILED;
        }
        if cause.is::<UsageError>() || cause.is::<ConfigError>() || cause.is::<CannotOpen>() {
            return EXIT_ENVIRONMENT;
        }
        if let Some(error) = sql_error_of(cause) {
            return code_of(error.kind());
        }
    }
    // Among them what a pipeline's files and configuration lack.
    EXIT_ENVIRONMENT
}

/// What the warehouse said, if this error is or carries it.
fn sql_error_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a SqlError> {
    let of_failure = || error.downcast_ref::<SqlFailure>().map(|failure| &failure.error);
    let of_pipeline = || error.downcast_ref::<PipelineError>().and_then(PipelineError::sql_error);
    error.downcast_ref::<SqlError>().or_else(of_failure).or_else(of_pipeline)
}

fn code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::Unavailable | ErrorKind::InvalidConfiguration => {
            EXIT_ENVIRONMENT
        }
        ErrorKind::Syntax
        | ErrorKind::Unsupported
        | ErrorKind::UndefinedObject
        | ErrorKind::DuplicateObject
        | ErrorKind::InvalidData
        | ErrorKind::LoadFailed
        | ErrorKind::Conflict
        | ErrorKind::Cancelled
        | ErrorKind::Internal => EXIT_FAILED,
    }
}

/// The whole error as text, its last line ended.
pub(crate) fn render(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("error: {error}");
    let failure = Chain::new(error).find_map(|cause| cause.downcast_ref::<SqlFailure>());
    let sql_error = Chain::new(error).find_map(sql_error_of);
    let mut before = error.to_string();
    for cause in Chain::new(error).skip(1).map(ToString::to_string) {
        // Libraries repeat the cause's text in their own.
        if !before.contains(&cause) {
            let _ = write!(text, "\n  because: {cause}");
            before = cause;
        }
    }
    if let Some(sql_error) = sql_error {
        let _ = write!(text, " [{}]", sql_error.state.code());
    }
    text.push('\n');
    if let Some((failure, position)) = failure.and_then(|f| Some((f, f.error.position?))) {
        text.push_str(&place(&failure.name, &failure.sql, position));
    }
    for (label, note) in [
        ("detail", sql_error.and_then(|error| error.detail.as_deref())),
        ("context", sql_error.and_then(|error| error.context.as_deref())),
        ("hint", sql_error.and_then(|error| error.hint.as_deref())),
        (
            "hint",
            Chain::new(error)
                .find_map(|cause| cause.downcast_ref::<UsageError>())
                .map(|usage| usage.hint.as_str()),
        ),
        ("hint", sql_error.filter(|error| error.kind() == ErrorKind::LoadFailed).map(|_| LOAD_ERRORS)),
        (
            "hint",
            Chain::new(error)
                .find_map(|cause| cause.downcast_ref::<ClusterError>())
                .and_then(ClusterError::hint)
                .as_deref(),
        ),
    ] {
        if let Some(note) = note {
            let _ = writeln!(text, "  = {label}: {note}");
        }
    }
    text
}

/// The line of SQL that holds the 1-based character position, the word there underlined, secrets masked.
fn place(name: &str, sql: &str, position: usize) -> String {
    let before: String = sql.chars().take(position.saturating_sub(1)).collect();
    let (before, sql) = (redact(&before), redact(sql));
    let line_number = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let line = sql.lines().nth(line_number - 1).unwrap_or_default();
    let width = word_chars(line, column);
    let number = line_number.to_string();
    let margin = " ".repeat(number.len());
    // A tab is as wide in the line of carets as in the line of SQL.
    let lead: String = line.chars().take(column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!(
        "{margin}--> {name}:{number}:{}\n{margin} |\n{number} | {line}\n{margin} | {lead}{}\n",
        column + 1,
        "^".repeat(width),
    )
}

/// How many characters from `column` (0-based) on belong to the word there; at least one.
fn word_chars(line: &str, column: usize) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '#';
    line.chars().skip(column).take_while(|c| is_word(*c)).count().max(1)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use dwh_common::{SqlError, SqlState};

    use super::{CannotOpen, SqlFailure, UsageError, exit_code, render};

    fn failure(sql: &str, error: SqlError) -> anyhow::Error {
        SqlFailure { error, sql: sql.to_owned(), name: "sql".to_owned() }.into()
    }

    #[test]
    fn a_sql_error_shows_the_line_with_the_word_underlined() {
        let error = SqlError::new(SqlState::UndefinedColumn, "column \"titel\" does not exist")
            .at(16)
            .with_hint("Did you mean \"title\"?");
        assert_eq!(
            render(failure("select song,\n  titel\nfrom songs", error).context("running the query").as_ref()),
            "error: running the query\n  because: column \"titel\" does not exist [42703]\n --> sql:2:3\n  |\n\
             2 |   titel\n  |   ^^^^^\n  = hint: Did you mean \"title\"?\n"
        );
    }

    #[test]
    fn a_position_past_the_end_points_behind_the_last_character() {
        let error = SqlError::new(SqlState::SyntaxError, "unexpected end of input").at(9);
        let text = render(failure("select 1", error).as_ref());
        assert!(text.ends_with("1 | select 1\n  |         ^\n"), "{text}");
    }

    #[test]
    fn the_line_of_sql_is_shown_without_its_secrets() {
        let sql = "copy t from 's3://b/x' access_key_id 'AKIAX' secret_access_key 'hunter2' jsn 'auto'";
        let position = sql.find("jsn").unwrap() + 1;
        let text = render(failure(sql, SqlError::new(SqlState::SyntaxError, "x").at(position)).as_ref());
        assert!(!text.contains("hunter2") && !text.contains("AKIAX"), "{text}");
        let (line, carets) = text.lines().skip(3).zip(text.lines().skip(4)).next().unwrap();
        assert_eq!(line.find("jsn"), carets.find("^^^"), "{text}");
    }

    #[test]
    fn exit_codes_tell_the_data_from_the_environment() {
        let sql = |state| failure("select", SqlError::new(state, "x"));
        let io = |kind| anyhow!(std::io::Error::from(kind)).context("x");
        let cases = [
            (sql(SqlState::SyntaxError), 1),
            (sql(SqlState::LoadFailed), 1),
            (sql(SqlState::InsufficientPrivilege), 2),
            (UsageError::new("x", "y").into(), 2),
            (CannotOpen(SqlError::new(SqlState::InvalidCatalogName, "x")).into(), 2),
            (io(std::io::ErrorKind::BrokenPipe), 0),
            (io(std::io::ErrorKind::NotFound), 2),
        ];
        for (error, code) in cases {
            assert_eq!(exit_code(error.as_ref()), code, "{error:?}");
        }
    }
}
