//! Redshift SQL as types: text in, [`statement::Statement`] out, or one precise error.
//!
//! For: tokens, statements, COPY options, the rewrites that turn Redshift's meaning into an AST that a
//! query planner of the DataFusion kind understands, keywords for a prompt, and masking of secrets.
//! Not for: I/O, planning, execution, the catalog.
//!
//! The flow:
//! 1. `lex`: text → tokens with absolute character positions, names folded, statements split;
//! 2. [`parse()`]: tokens → [`statement::Statement`], one file a statement, expressions and queries by sqlparser;
//! 3. [`plpgsql`]: the body of a stored procedure → a tree of statements with SQL in them;
//! 4. [`rewrite`]: an ordered list of rules on the AST, one file a rule, before planning;
//! 5. [`redact`]: what may be logged of a statement.
//!
//! Follows the Amazon Redshift Database Developer Guide; facts are cited as `RS n.n` from the project's
//! reference sheet.

mod binary_varying;
mod copy_text;
mod cursor;
mod dialect;
pub mod keywords;
mod lex;
mod limited;
mod nearest;
mod object_transform;
mod parameters;
mod parse;
pub mod plpgsql;
pub mod redact;
pub mod rewrite;
pub mod statement;
mod text;
mod unload_text;
mod unpivot_path;
mod unsupported;

pub use limited::limited;
pub use object_transform::{KEEP_MARK, SET_MARK};
pub use parameters::{ParameterValue, Parameters};
pub use parse::{
    ParseOptions, bind_parameters, copy_clause_words, copy_option_words, is_complete, parameter_count, parse,
    parse_expression, parse_with, parse_with_parameters, single_value, table_name_of,
};
pub use rewrite::{NameResolver, strip_label_marker};
pub use text::{to_sql, words};
