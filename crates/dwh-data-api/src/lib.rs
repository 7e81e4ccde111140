//! The Amazon Redshift Data API (RS 7.4) over sessions of the engine: statements by HTTP, without a connection.
//!
//! For: `boto3.client("redshift-data", endpoint_url=…)`, the AWS CLI, Lambda functions, and awswrangler's
//! `data_api`. Not for: SQL, which is the engine's; listening, which is the caller's: [`DataApi::router`] joins
//! other routes of one port. The flow of a request:
//!
//! 1. `handler` reads the operation from `X-Amz-Target`, checks who asks (`signature`), and answers JSON or an
//!    error of the API (`error`);
//! 2. `operations` has one file an operation, with its request and its answer;
//! 3. a statement gets an id (`statements`) and a task (`running`), in a session of its user (`identity`), one
//!    transaction a request;
//! 4. its rows go to a file in pages (`pages`), as the fields of the API (`fields`), until they are fetched or
//!    a day has passed.
//!
//! Who may do what: the caller is trusted with the whole warehouse, as an AWS principal with
//! `redshift:GetClusterCredentials` is, and chooses the user: `DbUser`, the user that `SecretArn` is named
//! after, or the owner. With an [`AccessKey`] signatures are checked; without, every signature is taken, which
//! is for loopback only.

mod error;
mod fields;
mod handler;
mod identity;
mod operations;
mod pages;
mod parameters;
mod running;
mod sessions;
mod signature;
mod statements;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use dwh_engine::Engine;

pub use signature::AccessKey;

/// The longest request, in bytes: 40 statements of 100 KB (RS 7.4) and what JSON makes of them.
const MAX_REQUEST_BYTES: usize = 8 << 20;

/// How the API answers.
#[derive(Debug, Clone)]
pub struct DataApiOptions {
    /// The user of requests that name none: the warehouse's owner.
    pub owner: String,
    /// The key that requests must be signed with; `None` takes every signature.
    pub access_key: Option<AccessKey>,
}

/// The API over one warehouse. Cheap to clone.
#[derive(Clone)]
pub struct DataApi {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    options: DataApiOptions,
    statements: statements::Statements,
    sessions: sessions::Sessions,
}

impl DataApi {
    /// An API without statements.
    pub fn new(engine: Engine, options: DataApiOptions) -> Self {
        let inner = Inner {
            engine,
            options,
            statements: statements::Statements::default(),
            sessions: sessions::Sessions::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The routes: `POST /`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", post(handler::answer))
            .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
            .with_state(self.clone())
    }

    /// Lets statements finish, so long; then cancels them.
    pub async fn finish(&self, patience: Duration) {
        let statements = self.inner.statements.active();
        let ended = async {
            for statement in &statements {
                statement.ended().await;
            }
        };
        if tokio::time::timeout(patience, ended).await.is_err() {
            statements.iter().for_each(|statement| statement.cancel());
        }
    }
}
