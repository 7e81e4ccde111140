//! What the server says, or that it says nothing any more, as a [`SqlError`].

use std::error::Error as _;

use dwh_common::{SqlError, SqlState};
use tokio_postgres::error::{DbError, ErrorPosition};

/// An error of a statement, or of the connection below it.
pub(super) fn sql_error(error: &tokio_postgres::Error) -> SqlError {
    match error.as_db_error() {
        Some(said) => of_server(said),
        None => {
            let mut text = error.to_string();
            if let Some(cause) = error.source() {
                text = format!("{text}: {cause}");
            }
            let message = format!("the connection to Redshift broke: {text}");
            SqlError::new(SqlState::ConnectionFailure, message)
        }
    }
}

/// An error of logging in.
pub(super) fn login_error(error: &tokio_postgres::Error) -> SqlError {
    let error = sql_error(error);
    match error.state {
        SqlState::InvalidPassword | SqlState::InvalidAuthorizationSpecification => error.with_hint(
            "check DB_USER and DB_PASSWORD in section [CLUSTER] of dwh.cfg, or set [REDSHIFT] CONNECTION to iam",
        ),
        SqlState::InvalidCatalogName => error.with_hint("check DB_NAME in section [CLUSTER] of dwh.cfg"),
        // A leader node that restarts, and all connections taken: another try may help.
        SqlState::CannotConnectNow | SqlState::TooManyConnections => {
            SqlError { state: SqlState::ConnectionFailure, ..error }
        }
        _ => error,
    }
}

fn of_server(said: &DbError) -> SqlError {
    let code = said.code().code();
    let mut error = SqlError::new(state_of(code, said.message()), said.message());
    error.detail = said.detail().map(|detail| detail.trim_end().to_owned());
    error.hint = said.hint().map(str::to_owned);
    error.context = said.where_().map(str::to_owned);
    if let Some(ErrorPosition::Original(position)) = said.position() {
        error.position = usize::try_from(*position).ok();
    }
    if error.state.code() != code {
        let note = format!("SQLSTATE {code}");
        error.detail = Some(error.detail.map_or(note.clone(), |detail| format!("{detail}\n{note}")));
    }
    error
}

/// The state of a code, or the nearest in its class for codes that dwh itself never sends.
fn state_of(code: &str, message: &str) -> SqlState {
    if code == SqlState::LoadFailed.code() {
        let is_load = message.starts_with("Load into table");
        return if is_load { SqlState::LoadFailed } else { SqlState::InternalError };
    }
    let known = SqlState::ALL.iter().copied().find(|state| state.code() == code);
    known.unwrap_or_else(|| match code.get(..2).unwrap_or_default() {
        "08" => SqlState::ConnectionFailure,
        "22" => SqlState::InvalidParameterValue,
        "23" => SqlState::NotNullViolation,
        "28" => SqlState::InvalidAuthorizationSpecification,
        "40" => SqlState::SerializationFailure,
        "42" => SqlState::SyntaxError,
        "53" | "57" | "58" => SqlState::CannotConnectNow,
        _ => SqlState::InternalError,
    })
}

#[cfg(test)]
mod tests {
    use dwh_common::SqlState;

    use super::state_of;

    #[test]
    fn codes_that_dwh_never_sends_keep_their_class() {
        assert_eq!(state_of("42P01", ""), SqlState::UndefinedTable);
        assert_eq!(state_of("42P99", ""), SqlState::SyntaxError);
        assert_eq!(state_of("57P03", ""), SqlState::CannotConnectNow);
        assert_eq!(state_of("XX000", "Load into table 't' failed."), SqlState::LoadFailed);
        assert_eq!(state_of("XX000", "something else"), SqlState::InternalError);
    }
}
