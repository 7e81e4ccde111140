//! The PostgreSQL wire protocol, version 3, as Amazon Redshift speaks it (RS 5), over sessions of the engine.
//!
//! For: psql, psycopg, redshift_connector, JDBC and what is built on them. Not for: SQL, which is the
//! engine's, as are users and privileges; HTTP. The flow of a connection:
//!
//! 1. `server` accepts it within a limit and gives it a task;
//! 2. `connection::handshake` answers requests for TLS, asks for the password (`auth`), starts a session;
//! 3. `connection::session` reads a message after the other (`message`);
//! 4. `connection::simple` and `connection::extended` let the session run statements, and
//!    `connection::results` sends their rows batch by batch (`encode`), waiting for the client;
//! 5. a cancel request (`cancel`), a client that goes, or a panic ends one statement and nothing else.
//!
//! The codec is our own: the published one panics on messages that are cut.

mod auth;
mod cancel;
mod connection;
mod encode;
mod message;
mod parameters;
mod server;
mod tls;
mod types;

pub use auth::{AuthMethod, Owner};
pub use server::{Server, ServerOptions};
pub use tls::{Certificate, Identity, TlsError};
