//! Golden statements, and what must hold for any text.

mod any_text;
mod compat;
mod golden;
mod print;
