//! What every crate of dwh needs, kept tiny: the kinds of error, the SQL error that a client sees,
//! Redshift's types, secrets, the clock, and the one list of environment variables.
//!
//! Nothing here does I/O and nothing here knows SQL text, Parquet or sockets.

mod clock;
pub mod env_vars;
mod error;
mod secret;
mod types;

pub use clock::{Clock, Sleep};
pub use error::{ErrorKind, SqlError, SqlState};
pub use secret::Secret;
pub use types::{RedshiftType, TYPE_METADATA_KEY, TypeError};
