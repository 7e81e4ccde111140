//! The engine through its public face: sessions, statements, rows.

mod copy;
mod dialect;
mod support;

mod statements;
