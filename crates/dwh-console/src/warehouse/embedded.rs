//! The embedded warehouse: sessions of `dwh-engine`.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray, StringBuilder};
use arrow::error::ArrowError;
use async_trait::async_trait;
use dwh_common::{RedshiftType, SqlError};
use dwh_engine::{
    CancelHandle, ColumnText, Engine, Notice, Outcome, Session, SessionOptions, TextStyle, guarded,
};
use dwh_pipeline::EmbeddedWarehouse;
use dwh_sql::Parameters;

use super::{About, Column, Connection, Done, Output, PipelineConnection, Target, Warehouse};

/// The engine of this process, as one user may use it.
pub struct Embedded {
    engine: Engine,
    user: User,
}

enum User {
    /// Whoever can open the folder may do everything, under this name.
    Owner(String),
    /// A user that CREATE USER made, with the privileges granted.
    Created(String),
}

impl Embedded {
    /// For the owner of the warehouse.
    pub fn owner(engine: Engine, name: impl Into<String>) -> Self {
        Self { engine, user: User::Owner(name.into()) }
    }

    /// For a user that CREATE USER made and that has been authenticated.
    pub fn user(engine: Engine, name: impl Into<String>) -> Self {
        Self { engine, user: User::Created(name.into()) }
    }

    fn session(&self) -> Result<Session, SqlError> {
        let options = |name: &String| SessionOptions { user: name.clone(), ..SessionOptions::default() };
        match &self.user {
            User::Owner(name) => Ok(self.engine.session(options(name))),
            User::Created(name) => self.engine.session_as(options(name)),
        }
    }
}

#[async_trait]
impl Warehouse for Embedded {
    fn about(&self) -> About {
        let (User::Owner(user) | User::Created(user)) = &self.user;
        About {
            target: Target::Embedded,
            location: self.engine.dir().display().to_string(),
            database: self.engine.database().to_owned(),
            user: user.clone(),
        }
    }

    fn is_owner(&self) -> bool {
        matches!(self.user, User::Owner(_))
    }

    async fn connect(&self) -> Result<Arc<dyn Connection>, SqlError> {
        let session = self.session()?;
        Ok(Arc::new(EmbeddedConnection { cancel: session.cancel_handle(), session }))
    }

    async fn connect_pipeline(&self) -> Result<PipelineConnection, SqlError> {
        let session = Arc::new(self.session()?);
        Ok(PipelineConnection {
            progress: Arc::clone(session.copy_progress()),
            warehouse: Arc::new(EmbeddedWarehouse::new(session)),
        })
    }
}

struct EmbeddedConnection {
    session: Session,
    cancel: CancelHandle,
}

#[async_trait]
impl Connection for EmbeddedConnection {
    async fn run(&self, sql: &str, output: &mut dyn Output) -> Result<(), SqlError> {
        let ran = match guarded(self.run_all(sql, output)).await {
            Ok(ran) => ran,
            Err(error) => {
                self.session.fail_block().await;
                Err(error)
            }
        };
        self.session.end_implicit_block(ran.is_ok()).await?;
        ran
    }

    fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl EmbeddedConnection {
    async fn run_all(&self, sql: &str, output: &mut dyn Output) -> Result<(), SqlError> {
        let statements = self.session.parse(sql, Parameters::Values(&[])).await?;
        if statements.len() > 1 {
            self.session.begin_implicit_block(&statements).await;
        }
        for parsed in &statements {
            let ran = self.session.run_statement(parsed, sql).await;
            let outcome = ran.map_err(|error| with_notices(error, &self.session.notices_before_error()))?;
            tell(outcome, output).await?;
        }
        Ok(())
    }
}

/// What a procedure told before it failed, beside the error.
fn with_notices(error: SqlError, notices: &[Notice]) -> SqlError {
    notices.iter().fold(error, |error, notice| error.in_context(notice.to_string()))
}

async fn tell(outcome: Outcome, output: &mut dyn Output) -> Result<(), SqlError> {
    if let Some(mut rows) = outcome.rows {
        let column = |field: &arrow::datatypes::FieldRef| Column {
            name: field.name().clone(),
            data_type: RedshiftType::of_field(field),
        };
        output.columns(rows.schema.fields().iter().map(column).collect());
        while let Some(batch) = rows.next().await? {
            let texts = texts(&batch, &rows.style).map_err(|error| {
                SqlError::internal(format!("the result cannot be written as text: {error}"))
            })?;
            if batch.num_rows() > 0 && output.rows(texts) == ControlFlow::Break(()) {
                break;
            }
        }
    }
    output.done(Done {
        tag: outcome.tag,
        rows_affected: outcome.rows_affected,
        notices: outcome.notices.iter().map(Notice::to_string).collect(),
    });
    Ok(())
}

fn texts(batch: &RecordBatch, style: &TextStyle) -> Result<Vec<StringArray>, ArrowError> {
    let text = |array| {
        let column = ColumnText::new(array, style)?;
        let mut texts = StringBuilder::with_capacity(batch.num_rows(), batch.num_rows() * 8);
        for row in 0..batch.num_rows() {
            texts.append_option(column.get(row)?);
        }
        Ok(texts.finish())
    };
    batch.columns().iter().map(text).collect()
}
