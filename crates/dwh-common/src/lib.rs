//! What every crate of dwh needs, kept tiny: the kinds of error, the SQL error that a client sees,
//! Redshift's types, the text of intervals, hexadecimal digits, fields of CSV, secrets, the clock, waits between
//! tries, and the one list of environment variables.
//!
//! Nothing here does I/O and nothing here knows SQL text, Parquet or sockets.

mod argument;
mod backoff;
mod clock;
mod csv;
pub mod date_part;
pub mod env_vars;
mod error;
pub mod hex;
pub mod interval;
mod interval_unit;
mod secret;
mod types;

pub use argument::{ArgumentMode, ArgumentType};
pub use backoff::Backoff;
pub use clock::{Clock, Sleep};
pub use csv::csv_field;
pub use error::{ErrorKind, SqlError, SqlState};
pub use interval_unit::IntervalUnit;
pub use secret::Secret;
pub use types::{RedshiftType, TYPE_METADATA_KEY, TypeError};
