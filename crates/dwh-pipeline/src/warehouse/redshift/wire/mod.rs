//! Redshift over the PostgreSQL protocol: TLS, a password or temporary credentials, simple queries.

mod error;
mod portion;
mod stream;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use dwh_common::{RedshiftType, Secret, SqlError, SqlState};
use futures::TryStreamExt as _;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, NoTls, SimpleQueryMessage};

use super::connection::{Collected, Connection, Connector, OutputColumn, StatementSink, Types};
use super::statements;
use crate::warehouse::StatementSummary;
use error::{login_error, sql_error};
use portion::Portion;
use stream::Dialer;

/// Where and how to log in.
#[derive(Clone)]
pub struct WireOptions {
    /// Endpoint, without the port.
    pub host: String,
    /// Port, 5439 by default.
    pub port: u16,
    /// Database.
    pub database: String,
    /// File of certificates in PEM, trusted beside those that this machine trusts.
    pub ca_file: Option<PathBuf>,
    /// For the socket, TLS and the login together.
    pub connect_timeout: Duration,
    /// How long a statement may run on the cluster; `None` is no limit.
    pub statement_timeout: Option<Duration>,
}

/// A database user and its password, made anew for each connection where they are temporary.
#[async_trait]
pub trait Login: Send + Sync {
    /// User and password.
    ///
    /// # Errors
    /// Temporary credentials are not to be had.
    async fn credentials(&self) -> Result<(String, Secret), SqlError>;
}

/// A user with a password that stays.
#[derive(Debug, Clone)]
pub struct PasswordLogin {
    /// User.
    pub user: String,
    /// Password.
    pub password: Secret,
}

#[async_trait]
impl Login for PasswordLogin {
    async fn credentials(&self) -> Result<(String, Secret), SqlError> {
        Ok((self.user.clone(), self.password.clone()))
    }
}

/// Opens sessions over the PostgreSQL protocol.
pub struct WireConnector {
    options: WireOptions,
    login: Box<dyn Login>,
    dialer: Dialer,
}

impl WireConnector {
    /// Reads the certificates; connects to nothing yet.
    ///
    /// # Errors
    /// The file of certificates cannot be used.
    pub fn new(options: WireOptions, login: Box<dyn Login>) -> Result<Self, SqlError> {
        let dialer =
            Dialer::new(&options.host, options.port, options.connect_timeout, options.ca_file.as_deref())?;
        Ok(Self { options, login, dialer })
    }
}

#[async_trait]
impl Connector for WireConnector {
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError> {
        let (user, password) = self.login.credentials().await?;
        let stream = self.dialer.dial().await?;
        let mut config = Config::new();
        config.user(user).password(password.expose()).dbname(&self.options.database).application_name("dwh");
        let login =
            tokio::time::timeout(self.options.connect_timeout, config.connect_raw(stream, NoTls)).await;
        let (client, mut connection) = match login {
            Ok(done) => done.map_err(|error| login_error(&error))?,
            Err(_) => {
                let message = format!("{} took too long to log in", self.dialer.address());
                return Err(SqlError::new(SqlState::ConnectionFailure, message));
            }
        };
        let notices = Notices::default();
        let collected = notices.clone();
        tokio::spawn(async move {
            while let Some(message) = std::future::poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notice(notice)) => {
                        collected.add(format!("{}:  {}", notice.severity(), notice.message()));
                    }
                    Ok(_) => {}
                    // The statement that waits gets the error.
                    Err(_) => break,
                }
            }
        });
        let session = WireConnection { client, notices, dialer: self.dialer.clone() };
        if let Some(limit) = self.options.statement_timeout {
            let sql = format!("SET statement_timeout TO {}", limit.as_millis());
            session.run(&sql, Types::Unwanted, &mut Collected::default()).await?;
        }
        Ok(Box::new(session))
    }
}

/// Notices of the statement that runs.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    fn add(&self, notice: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct WireConnection {
    client: Client,
    notices: Notices,
    dialer: Dialer,
}

#[async_trait]
impl Connection for WireConnection {
    async fn run(&self, sql: &str, types: Types, sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        // Without the types the values are text, which is no reason to fail.
        let (column_types, refused) = match types {
            Types::Wanted => match self.column_types(sql).await {
                Ok(column_types) => (column_types, None),
                Err(error) => (Vec::new(), Some(error)),
            },
            Types::Unwanted => (Vec::new(), None),
        };
        let mut cancel = CancelOnDrop { token: Some(self.client.cancel_token()), dialer: &self.dialer };
        let told = self.tell(sql, &column_types, sink).await;
        cancel.token = None;
        told.map_err(|error| match refused {
            // Asking for the types has ended the transaction block, and says why.
            Some(refused) if error.state == SqlState::InFailedSqlTransaction => refused,
            _ => error,
        })
    }
}

impl WireConnection {
    /// Sends a text and tells the answers as they come. While nobody takes them the socket is not read, so that the
    /// server waits.
    async fn tell(
        &self,
        sql: &str,
        column_types: &[Option<RedshiftType>],
        sink: &mut dyn StatementSink,
    ) -> Result<(), SqlError> {
        let texts: Vec<String> = match statements::parse(sql) {
            Some(parsed) => parsed.into_iter().map(|statement| statement.text).collect(),
            None => vec![sql.to_owned()],
        };
        let mut texts = texts.iter();
        let mut rows = Portion::default();
        let answers = self.client.simple_query_raw(sql).await.map_err(|error| sql_error(&error))?;
        let mut answers = std::pin::pin!(answers);
        while let Some(answer) = answers.try_next().await.map_err(|error| sql_error(&error))? {
            match answer {
                SimpleQueryMessage::RowDescription(columns) => {
                    let column = |(index, column): (usize, &tokio_postgres::SimpleColumn)| OutputColumn {
                        name: column.name().to_owned(),
                        data_type: column_types.get(index).copied().flatten(),
                    };
                    sink.columns(columns.iter().enumerate().map(column).collect());
                }
                SimpleQueryMessage::Row(row) => rows.add(&row, sink),
                SimpleQueryMessage::CommandComplete(count) => {
                    std::mem::take(&mut rows).finish(sink);
                    let summary = StatementSummary::of(texts.next().map_or(sql, String::as_str), count);
                    // Which statement a notice belongs to is not told.
                    sink.done(StatementSummary { notices: self.notices.take(), ..summary });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The types of a single query's columns.
    async fn column_types(&self, sql: &str) -> Result<Vec<Option<RedshiftType>>, SqlError> {
        let single =
            statements::parse(sql).is_some_and(|parsed| parsed.len() == 1) && statements::only_reads(sql);
        if !single {
            return Ok(Vec::new());
        }
        let prepared = self.client.prepare(sql).await.map_err(|error| sql_error(&error))?;
        let types = prepared.columns().iter();
        Ok(types.map(|column| RedshiftType::from_sql_name(column.type_().name(), &[]).ok()).collect())
    }
}

/// Cancels the statement on the cluster when nobody waits for it any more.
struct CancelOnDrop<'a> {
    token: Option<CancelToken>,
    dialer: &'a Dialer,
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        let (Some(token), dialer) = (self.token.take(), self.dialer.clone()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Without an answer there is nothing more to do: the statement ends with its connection.
                if let Ok(stream) = dialer.dial().await {
                    let _ = token.cancel_query_raw(stream, NoTls).await;
                }
            });
        }
    }
}
