//! Golden statements, and what must hold for any text.

mod any_text;
mod golden;
mod print;
