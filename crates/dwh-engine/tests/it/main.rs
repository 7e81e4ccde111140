//! The engine through its public face: sessions, statements, rows.

mod compat;
mod compat_types;
mod copy;
mod copy_text;
mod dialect;
mod labels;
mod slt;
mod support;
mod system_tables;

mod sessions;
mod statements;
mod unload;
