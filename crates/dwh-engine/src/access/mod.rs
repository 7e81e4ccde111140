//! What the user of a statement may do (the guide's chapter "Managing database security").
//!
//! `rights` answers questions about one user; `authorize` asks them for each kind of statement before it
//! runs, and the planner for each relation that it reads; `password` makes what passwords are checked
//! against.

pub(crate) mod acl;
mod authorize;
mod describe;
mod language;
pub(crate) mod password;
mod readable;
mod rights;

pub(crate) use authorize::authorize;
pub(crate) use describe::{describe, identity, signature};
pub(crate) use language::{check_language, language_name};
pub(crate) use readable::readable;
pub(crate) use rights::{LANGUAGE_PLPGSQL, LANGUAGE_SQL, Rights, allow, denied, must_be_owner};
