//! Text functions (RS 4.3): lengths and positions count characters, never bytes, unless said so.

mod case;
mod characters;
mod collate;
mod compare;
mod concat;
mod length;
mod pad;
mod pattern;
mod position;
mod quote;
mod regexp;
mod replace;
mod rtrim_blanks;
mod similar_to;
mod soundex;
mod strtol;
mod substring;
mod trim;

use super::function::Function;

pub(crate) use case::lower;
pub(crate) use concat::concat;
pub(crate) use rtrim_blanks::rtrim_blanks;
pub(crate) use similar_to::similar_to_regex;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![
        case::UPPER,
        case::LOWER,
        case::INITCAP,
        characters::ASCII,
        characters::CHR,
        collate::FUNCTION,
        compare::BPCHARCMP,
        concat::FUNCTION,
        length::LEN,
        length::OCTET_LENGTH,
        pad::LPAD,
        pad::RPAD,
        pad::REPEAT,
        position::STRPOS,
        position::CHARINDEX,
        position::OCTETINDEX,
        quote::QUOTE_IDENT,
        quote::QUOTE_LITERAL,
        regexp::REPLACE,
        regexp::SUBSTR,
        regexp::INSTR,
        regexp::COUNT,
        replace::REPLACE,
        replace::TRANSLATE,
        replace::REVERSE,
        soundex::SOUNDEX,
        soundex::DIFFERENCE,
        strtol::FUNCTION,
        substring::SUBSTRING,
        substring::LEFT,
        substring::RIGHT,
        substring::SPLIT_PART,
        trim::LTRIM,
        trim::RTRIM,
        trim::BTRIM,
    ]
}
