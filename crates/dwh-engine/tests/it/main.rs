//! The engine through its public face: sessions, statements, rows.

mod support;

mod statements;
