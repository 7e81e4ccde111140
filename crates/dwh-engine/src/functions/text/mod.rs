//! Text functions (RS 4.3): lengths and positions count characters, never bytes, unless said so.

mod aliases;
mod concat;
mod length;
mod position;
mod quote;
mod regexp;
mod rtrim_blanks;
mod similar_to;
mod strtol;
mod substring;

use datafusion::logical_expr::ScalarUDF;

use super::function::Function;

pub(crate) use rtrim_blanks::rtrim_blanks;
pub(crate) use similar_to::similar_to_regex;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![
        concat::FUNCTION,
        length::LEN,
        length::OCTET_LENGTH,
        position::STRPOS,
        position::CHARINDEX,
        quote::QUOTE_IDENT,
        quote::QUOTE_LITERAL,
        regexp::REPLACE,
        regexp::SUBSTR,
        regexp::INSTR,
        regexp::COUNT,
        strtol::FUNCTION,
        substring::SUBSTRING,
        substring::LEFT,
        substring::RIGHT,
        substring::SPLIT_PART,
    ]
}

/// DataFusion's functions under Redshift's names.
pub(super) fn aliased() -> Vec<ScalarUDF> {
    aliases::functions()
}
