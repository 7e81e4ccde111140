//! What the user of a statement may do (the guide's chapter "Managing database security").
//!
//! `rights` answers questions about one user; `authorize` asks them for each kind of statement before it
//! runs, and the planner for each relation that it reads; `password` makes what passwords are checked
//! against.

pub(crate) mod acl;
mod authorize;
mod describe;
pub(crate) mod password;
mod rights;

pub(crate) use authorize::{authorize, check_language, language_name, readable};
pub(crate) use describe::{describe, identity, signature};
pub(crate) use rights::{LANGUAGE_PLPGSQL, LANGUAGE_SQL, Rights, allow, denied, must_be_owner};
