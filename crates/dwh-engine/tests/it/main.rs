//! The engine through its public face: sessions, statements, rows.

mod compat;
mod compat_types;
mod copy;
mod copy_rules;
mod copy_text;
mod dialect;
mod guide_copy;
mod guide_unload;
mod join_order;
mod labels;
mod slt;
mod support;
mod system_tables;

mod procedures;
mod repeated_scans;
mod sessions;
mod shared_subqueries;
mod statements;
mod unload;
