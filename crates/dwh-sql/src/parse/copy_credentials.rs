//! The authorization clause of COPY and UNLOAD, in all its spellings (RS 1.4): exactly one family.

use dwh_common::{Secret, SqlError, SqlState};

use crate::cursor::Cursor;
use crate::statement::Authorization;

const CREDENTIALS_FORMAT: &str = "Invalid credentials. Must be of the format: credentials \
    'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'";

/// What has been read of it.
pub(super) struct AuthorizationInProgress {
    /// COPY or UNLOAD, for errors.
    statement: &'static str,
    /// IAM_ROLE or CREDENTIALS.
    clause: Option<Authorization>,
    access_key_id: Option<Secret>,
    secret_access_key: Option<Secret>,
    session_token: Option<Secret>,
    position: Option<usize>,
}

impl AuthorizationInProgress {
    /// Nothing yet of the clause of a statement, COPY or UNLOAD.
    pub(super) fn new(statement: &'static str) -> Self {
        Self {
            statement,
            clause: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            position: None,
        }
    }

    /// Reads the option if it is one of these; says whether it was.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>, option: &str) -> Result<bool, SqlError> {
        let position = cursor.position();
        match option {
            "iam_role" => {
                argument(cursor);
                let role = if cursor.eat(&["default"]) {
                    Authorization::IamRoleDefault
                } else {
                    role(cursor.string()?).map_err(|error| error.at(position))?
                };
                self.set_clause(role, position)?;
            }
            "credentials" => {
                argument(cursor);
                let clause =
                    credentials(&cursor.string()?, self.statement).map_err(|error| error.at(position))?;
                self.set_clause(clause, position)?;
            }
            "access_key_id" => {
                argument(cursor);
                set_key(&mut self.access_key_id, cursor.string()?, option, position)?;
            }
            "secret_access_key" => {
                argument(cursor);
                set_key(&mut self.secret_access_key, cursor.string()?, option, position)?;
            }
            "session_token" | "token" => {
                argument(cursor);
                set_key(&mut self.session_token, cursor.string()?, option, position)?;
            }
            "master_symmetric_key" => {
                return Err(master_symmetric_key(self.statement).at(position));
            }
            _ => return Ok(false),
        }
        self.position.get_or_insert(position);
        Ok(true)
    }

    fn set_clause(&mut self, clause: Authorization, position: usize) -> Result<(), SqlError> {
        if self.clause.replace(clause).is_some() {
            return Err(one_family(self.statement).at(position));
        }
        Ok(())
    }

    /// The clause, if it is whole and only one; S3 cannot do without. `location` is what the statement
    /// reads or writes, and where it is named.
    pub(super) fn finish(self, location: (&str, usize)) -> Result<Authorization, SqlError> {
        let (statement, (location, at)) = (self.statement, location);
        let authorization = self.whole()?;
        if location.starts_with("s3://") && matches!(authorization, Authorization::None) {
            let direction = if statement == "COPY" { "from" } else { "to" };
            return Err(SqlError::new(
                SqlState::SyntaxError,
                format!("{statement} {direction} Amazon S3 needs an authorization clause"),
            )
            .at(at)
            .with_hint("add IAM_ROLE default, IAM_ROLE 'arn:aws:iam::…:role/…', or CREDENTIALS '…'"));
        }
        Ok(authorization)
    }

    fn whole(self) -> Result<Authorization, SqlError> {
        let at = self.position.unwrap_or(1);
        let any_key =
            self.access_key_id.is_some() || self.secret_access_key.is_some() || self.session_token.is_some();
        match (self.clause, any_key) {
            (Some(_), true) => Err(one_family(self.statement).at(at)),
            (Some(clause), false) => Ok(clause),
            (None, false) => Ok(Authorization::None),
            (None, true) => match (self.access_key_id, self.secret_access_key) {
                (Some(access_key_id), Some(secret_access_key)) => Ok(Authorization::Keys {
                    access_key_id,
                    secret_access_key,
                    session_token: self.session_token,
                }),
                _ => Err(SqlError::new(
                    SqlState::SyntaxError,
                    "ACCESS_KEY_ID and SECRET_ACCESS_KEY must be given together",
                )
                .at(at)),
            },
        }
    }
}

fn master_symmetric_key(statement: &str) -> SqlError {
    SqlError::unsupported(format!("{statement} option MASTER_SYMMETRIC_KEY"))
}

fn one_family(statement: &str) -> SqlError {
    SqlError::new(SqlState::SyntaxError, format!("{statement} takes one authorization clause"))
        .with_hint("keep one of IAM_ROLE, CREDENTIALS, or ACCESS_KEY_ID with SECRET_ACCESS_KEY")
}

/// Takes the option's word and an AS.
fn argument(cursor: &mut Cursor<'_>) {
    cursor.advance();
    cursor.eat(&["as"]);
}

fn set_key(slot: &mut Option<Secret>, value: String, option: &str, position: usize) -> Result<(), SqlError> {
    if slot.replace(Secret::new(value)).is_some() {
        let message = format!("{} is given more than once", option.to_ascii_uppercase());
        return Err(SqlError::new(SqlState::SyntaxError, message).at(position));
    }
    Ok(())
}

/// `IAM_ROLE 'aws_iam_role=…'` mixes two spellings; a cluster tries to assume a role of that name.
fn role(arn: String) -> Result<Authorization, SqlError> {
    if let Some(rest) = arn.strip_prefix("aws_iam_role=") {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("not authorized to assume IAM Role aws_iam_role={rest}"),
        )
        .with_hint("write IAM_ROLE 'arn:…', or CREDENTIALS 'aws_iam_role=arn:…'"));
    }
    Ok(Authorization::IamRole(arn))
}

/// `key=value;key=value`, case-sensitive, no blanks.
fn credentials(text: &str, statement: &str) -> Result<Authorization, SqlError> {
    let malformed = || SqlError::new(SqlState::InvalidParameterValue, CREDENTIALS_FORMAT);
    let mut role_arn = None;
    let (mut access_key_id, mut secret_access_key, mut session_token) = (None, None, None);
    for pair in text.trim_end_matches(';').split(';') {
        let (key, value) = pair.split_once('=').ok_or_else(malformed)?;
        if value.is_empty() || pair.contains(char::is_whitespace) {
            return Err(malformed());
        }
        let slot = match key {
            "aws_iam_role" => {
                role_arn = Some(value.to_owned());
                continue;
            }
            "aws_access_key_id" => &mut access_key_id,
            "aws_secret_access_key" => &mut secret_access_key,
            "token" => &mut session_token,
            "master_symmetric_key" => {
                return Err(master_symmetric_key(statement));
            }
            _ => return Err(malformed()),
        };
        *slot = Some(Secret::new(value));
    }
    match (role_arn, access_key_id, secret_access_key) {
        (Some(arn), None, None) if session_token.is_none() => Ok(Authorization::IamRole(arn)),
        (None, Some(access_key_id), Some(secret_access_key)) => {
            Ok(Authorization::Keys { access_key_id, secret_access_key, session_token })
        }
        _ => Err(malformed()),
    }
}
