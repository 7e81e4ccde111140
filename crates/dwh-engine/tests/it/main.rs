//! The engine through its public face: sessions, statements, rows.

mod dialect;
mod support;

mod statements;
