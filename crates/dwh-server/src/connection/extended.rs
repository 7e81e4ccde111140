//! The extended query protocol: prepared statements, portals, and the messages up to Sync.

use std::collections::HashMap;

use arrow::datatypes::SchemaRef;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_engine::{Session, TransactionStatus};
use dwh_sql::Parameters;
use dwh_sql::keywords::quote_ident;
use dwh_sql::statement::{ParsedStatement, Statement};

use super::Failure;
use super::channel::Output;
use super::results::{Sending, Sent, run_telling, tell};
use crate::message::frontend::{Bind, Frontend, Target};
use crate::message::{Format, backend, protocol_violation};
use crate::parameters;
use crate::types::{WireType, declared};

/// The tag of DEALLOCATE.
pub(super) const DEALLOCATE: &str = "DEALLOCATE";
/// So many a session may have of each; more would be a leak of the client's.
const MAX_STATEMENTS: usize = 10_000;
const MAX_PORTALS: usize = 10_000;

/// A session's prepared statements and portals. The name of the unnamed ones is empty.
#[derive(Default)]
pub(super) struct Extended {
    statements: HashMap<String, Prepared>,
    portals: HashMap<String, Portal>,
    status: Option<TransactionStatus>,
    /// After an error everything up to Sync is skipped.
    skipping: bool,
}

struct Prepared {
    sql: String,
    parameters: Vec<(u32, RedshiftType)>,
    rows: Option<SchemaRef>,
}

struct Portal {
    sql: String,
    /// `None` for an empty text.
    parsed: Option<ParsedStatement>,
    rows: Option<SchemaRef>,
    formats: Vec<Format>,
    state: State,
}

enum State {
    New,
    Sending { sending: Box<Sending>, tag: String },
    Done { tag: String },
}

impl Extended {
    /// Whether a message is one to skip.
    pub(super) fn skips(&self, message: &Frontend) -> bool {
        self.skipping && !matches!(message, Frontend::Sync | Frontend::Terminate)
    }

    pub(super) fn skip_to_sync(&mut self) {
        self.skipping = true;
    }

    /// DEALLOCATE of a statement that Parse has made; true if there is nothing left to do. ALL goes on to the
    /// statements that PREPARE has made. In SQL the name was folded, quoted or not (RS 3.4), in Parse it was not.
    pub(super) fn deallocates(&mut self, statement: &Statement) -> bool {
        match statement {
            Statement::Deallocate(Some(name)) => {
                let known = self.statements.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
                known.is_some_and(|known| self.statements.remove(&known).is_some())
            }
            Statement::Deallocate(None) => {
                self.statements.clear();
                false
            }
            _ => false,
        }
    }

    /// A simple query ends the unnamed statement and portal.
    pub(super) fn forget_unnamed(&mut self) {
        self.statements.remove("");
        self.portals.remove("");
    }

    /// Portals end with their transaction.
    pub(super) fn transaction_is(&mut self, status: TransactionStatus) {
        if status != TransactionStatus::InBlock {
            self.portals.clear();
        }
        self.status = Some(status);
    }

    pub(super) async fn parse(
        &mut self,
        session: &Session,
        name: String,
        sql: String,
        types: &[u32],
        output: &mut Output,
    ) -> Result<(), Failure> {
        if !name.is_empty() && self.statements.contains_key(&name) {
            return Err(SqlError::new(
                SqlState::DuplicatePreparedStatement,
                format!("prepared statement \"{name}\" already exists"),
            )
            .into());
        }
        if self.statements.len() >= MAX_STATEMENTS {
            return Err(too_many("prepared statements", MAX_STATEMENTS));
        }
        self.statements.remove(&name);
        let known: Vec<_> = types.iter().map(|oid| declared(*oid)).collect();
        let description = session.describe(&sql, &known).await?;
        let (parameters, rows) =
            description.map_or_else(Default::default, |known| (known.parameters, known.rows));
        // The client's own name of a type goes back to it.
        let oid_of = |(index, data_type): (usize, RedshiftType)| {
            let given = types.get(index).copied().filter(|oid| !matches!(oid, 0 | 705));
            (given.unwrap_or(WireType::of(data_type).oid), data_type)
        };
        let parameters = parameters.into_iter().enumerate().map(oid_of).collect();
        self.statements.insert(name, Prepared { sql, parameters, rows });
        backend::parse_complete(&mut output.buffer);
        Ok(())
    }

    pub(super) async fn bind(
        &mut self,
        session: &Session,
        bind: Bind,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let statement = self.statements.get(&bind.statement).ok_or_else(|| no_statement(&bind.statement))?;
        let expected = statement.parameters.len();
        if bind.parameters.len() != expected {
            return Err(protocol_violation(format!(
                "bind message supplies {} parameters, but prepared statement \"{}\" requires {expected}",
                bind.parameters.len(),
                bind.statement
            ))
            .into());
        }
        if !bind.portal.is_empty() && self.portals.contains_key(&bind.portal) {
            return Err(SqlError::new(
                SqlState::DuplicateCursor,
                format!("portal \"{}\" already exists", bind.portal),
            )
            .into());
        }
        if self.portals.len() >= MAX_PORTALS {
            return Err(too_many("portals", MAX_PORTALS));
        }
        let formats = Format::spread(&bind.parameter_formats, expected, "parameter")?;
        let values = statement.parameters.iter().zip(formats).zip(bind.parameters);
        let values = values
            .map(|(((oid, data_type), format), bytes)| parameters::value(*oid, *data_type, format, bytes));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let parsed = session.parse(&statement.sql, Parameters::Values(&values)).await?.pop();
        let rows = match &parsed {
            // Without parameters the rows are those of the statement.
            Some(parsed) if !values.is_empty() => session.describe_rows(parsed, &statement.sql).await?,
            _ => statement.rows.clone(),
        };
        let width = rows.as_ref().map_or(0, |rows| rows.fields().len());
        let formats = Format::spread(&bind.result_formats, width, "column");
        let formats = if rows.is_some() { formats? } else { Vec::new() };
        check_unchanged(statement.rows.as_ref(), rows.as_ref())?;
        let portal = Portal { sql: statement.sql.clone(), parsed, rows, formats, state: State::New };
        self.portals.insert(bind.portal, portal);
        backend::bind_complete(&mut output.buffer);
        Ok(())
    }

    pub(super) async fn describe(
        &mut self,
        session: &Session,
        target: Target,
        name: &str,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let (rows, formats) = match target {
            Target::Statement => {
                let statement = self.statements.get(name).ok_or_else(|| no_statement(name))?;
                let oids: Vec<u32> = statement.parameters.iter().map(|(oid, _)| *oid).collect();
                backend::parameter_description(&mut output.buffer, &oids);
                let width = statement.rows.as_ref().map_or(0, |rows| rows.fields().len());
                (statement.rows.clone(), vec![Format::Text; width])
            }
            Target::Portal => {
                match self.portals.get(name) {
                    Some(portal) => (portal.rows.clone(), portal.formats.clone()),
                    // A cursor is a portal too.
                    None => {
                        let rows = cursor_rows(session, name).await?;
                        let width = rows.as_ref().map_or(0, |rows| rows.fields().len());
                        (rows, vec![Format::Text; width])
                    }
                }
            }
        };
        match rows {
            Some(rows) => backend::row_description(&mut output.buffer, &rows, &formats),
            None => backend::no_data(&mut output.buffer),
        }
        Ok(())
    }

    /// Runs a portal, or sends more of its rows. Unless a Sync follows at once (`sync_follows`), the
    /// statements up to it are one transaction.
    pub(super) async fn execute(
        &mut self,
        session: &Session,
        name: &str,
        max_rows: usize,
        sync_follows: bool,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let portal = self.portals.get(name).ok_or_else(|| no_portal(name))?;
        let Some(parsed) = &portal.parsed else {
            backend::empty_query(&mut output.buffer);
            return Ok(());
        };
        if let Statement::Deallocate(_) = &parsed.statement {
            let statement = parsed.statement.clone();
            if self.deallocates(&statement) {
                backend::command_complete(&mut output.buffer, DEALLOCATE);
                return Ok(());
            }
        }
        let portal = self.portals.get_mut(name).ok_or_else(|| no_portal(name))?;
        let Some(parsed) = &portal.parsed else { return Ok(()) };
        if matches!(portal.state, State::New) {
            if !sync_follows {
                session.begin_implicit_block(std::slice::from_ref(parsed)).await;
            }
            let outcome = run_telling(session, parsed, &portal.sql, output).await?;
            tell(&outcome.notices, output);
            portal.state = match outcome.rows {
                Some(rows) => {
                    check_unchanged(portal.rows.as_ref(), Some(&rows.schema))?;
                    let sending = Box::new(Sending::new(rows, portal.formats.clone()));
                    State::Sending { sending, tag: outcome.tag }
                }
                None => {
                    backend::command_complete(&mut output.buffer, &outcome.tag);
                    State::Done { tag: outcome.tag }
                }
            };
            if matches!(portal.state, State::Done { .. }) {
                return Ok(());
            }
        }
        match &mut portal.state {
            State::Sending { sending, tag } => match sending.send(max_rows, output).await? {
                Sent::Limit => backend::portal_suspended(&mut output.buffer),
                Sent::All => {
                    backend::command_complete(&mut output.buffer, tag);
                    portal.state = State::Done { tag: std::mem::take(tag) };
                }
            },
            State::Done { tag } if portal.rows.is_some() => {
                backend::command_complete(&mut output.buffer, tag)
            }
            State::Done { .. } | State::New => {
                return Err(SqlError::new(
                    SqlState::ObjectNotInPrerequisiteState,
                    format!("portal \"{name}\" cannot be run"),
                )
                .into());
            }
        }
        Ok(())
    }

    pub(super) fn close(&mut self, target: Target, name: &str, output: &mut Output) {
        match target {
            Target::Statement => drop(self.statements.remove(name)),
            Target::Portal => drop(self.portals.remove(name)),
        }
        backend::close_complete(&mut output.buffer);
    }

    /// Ends the implicit transaction of the messages before it.
    ///
    /// # Errors
    /// The commit fails.
    pub(super) async fn sync(&mut self, session: &Session) -> Result<(), SqlError> {
        let failed = std::mem::take(&mut self.skipping);
        session.end_implicit_block(!failed).await
    }
}

/// The rows of a cursor that DECLARE has opened.
async fn cursor_rows(session: &Session, name: &str) -> Result<Option<SchemaRef>, Failure> {
    let fetch = format!("FETCH NEXT FROM {}", quote_ident(name));
    let described = match session.parse(&fetch, Parameters::Values(&[])).await?.pop() {
        Some(parsed) => session.describe_rows(&parsed, &fetch).await,
        None => Ok(None),
    };
    match described {
        Err(error) if error.state == SqlState::InvalidCursorName => Err(no_portal(name).into()),
        described => Ok(described?),
    }
}

/// A table changed between Parse and Execute: the client would read the rows wrongly.
fn check_unchanged(told: Option<&SchemaRef>, now: Option<&SchemaRef>) -> Result<(), SqlError> {
    let oids = |rows: &SchemaRef| {
        rows.fields().iter().map(|field| WireType::of_field(field).oid).collect::<Vec<_>>()
    };
    match (told, now) {
        (Some(told), Some(now)) if oids(told) != oids(now) => {
            Err(SqlError::new(SqlState::FeatureNotSupported, "cached plan must not change result type")
                .with_hint("Prepare the statement again."))
        }
        _ => Ok(()),
    }
}

fn no_statement(name: &str) -> SqlError {
    let message = match name {
        "" => "unnamed prepared statement does not exist".to_owned(),
        name => format!("prepared statement \"{name}\" does not exist"),
    };
    SqlError::new(SqlState::InvalidSqlStatementName, message)
}

fn no_portal(name: &str) -> SqlError {
    SqlError::new(SqlState::InvalidCursorName, format!("portal \"{name}\" does not exist"))
}

fn too_many(what: &str, limit: usize) -> Failure {
    let message = format!("a session has at most {limit} {what}");
    SqlError::new(SqlState::ProgramLimitExceeded, message).with_hint("Close those that are not used.").into()
}
