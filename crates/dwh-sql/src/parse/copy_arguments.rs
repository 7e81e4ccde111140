//! The arguments of the options of COPY and UNLOAD (RS 1.2, 6.1). Each function takes the option's word and what follows it.

use dwh_common::{SqlError, SqlState};

use crate::cursor::Cursor;
use crate::statement::{CopyEncoding, CopyFormat, FixedWidthField};

/// An option that is there or not.
pub(super) fn flag(cursor: &mut Cursor<'_>) -> bool {
    cursor.advance();
    true
}

/// `OPTION [AS] 'text'`.
pub(super) fn text(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    option_word(cursor);
    cursor.string()
}

/// `OPTION [AS] n`.
pub(super) fn number(cursor: &mut Cursor<'_>, min: i64, max: i64) -> Result<u64, SqlError> {
    let name = cursor.peek_word().unwrap_or_default().to_ascii_uppercase();
    option_word(cursor);
    let position = cursor.position();
    let number = cursor.integer()?;
    match u64::try_from(number) {
        Ok(value) if (min..=max).contains(&number) => Ok(value),
        _ => Err(invalid(format!("{name} must be between {min} and {max}, got {number}")).at(position)),
    }
}

/// `JSON [AS] ['auto' | 'auto ignorecase' | 'noshred' | jsonpaths]`, behind JSON; alone it means 'auto'.
pub(super) fn json_format(cursor: &mut Cursor<'_>) -> Result<CopyFormat, SqlError> {
    let named = cursor.eat(&["as"]);
    let position = cursor.position();
    let option = match cursor.eat_string() {
        Some(option) => option,
        None if named => return cursor.expected("'auto', 'auto ignorecase', 'noshred' or a JSONPaths file"),
        None => return Ok(CopyFormat::JsonAuto),
    };
    Ok(match option.to_ascii_lowercase().as_str() {
        "auto" => CopyFormat::JsonAuto,
        "auto ignorecase" => CopyFormat::JsonAutoIgnoreCase,
        "noshred" => CopyFormat::JsonNoShred,
        "" => {
            return Err(invalid("the JSON option is empty")
                .at(position)
                .with_hint("write 'auto', 'auto ignorecase' or the path of a JSONPaths file"));
        }
        _ => CopyFormat::JsonPaths(option),
    })
}

/// `AVRO [AS] ['auto' | 'auto ignorecase' | jsonpaths]`, behind AVRO: what it means for JSON.
pub(super) fn avro_format(cursor: &mut Cursor<'_>) -> Result<CopyFormat, SqlError> {
    let position = cursor.position();
    Ok(match json_format(cursor)? {
        CopyFormat::JsonAutoIgnoreCase => CopyFormat::AvroAutoIgnoreCase,
        CopyFormat::JsonPaths(paths) => CopyFormat::AvroPaths(paths),
        CopyFormat::JsonNoShred => {
            return Err(invalid("AVRO takes 'auto', 'auto ignorecase' or a JSONPaths file").at(position));
        }
        _ => CopyFormat::AvroAuto,
    })
}

/// `FIXEDWIDTH [AS] 'label:width,…'`, behind FIXEDWIDTH. Labels are free text.
pub(super) fn fixed_width(cursor: &mut Cursor<'_>) -> Result<Vec<FixedWidthField>, SqlError> {
    cursor.eat(&["as"]);
    let position = cursor.position();
    let spec = cursor.string()?;
    let field = |part: &str| {
        let (label, width) = part.rsplit_once(':')?;
        let width_chars = width.trim().parse().ok().filter(|width: &usize| *width > 0)?;
        Some(FixedWidthField { label: label.trim().to_owned(), width_chars })
    };
    let fields: Option<Vec<_>> = spec.split(',').map(field).collect();
    fields.ok_or_else(|| {
        invalid(format!("invalid FIXEDWIDTH specification '{spec}'"))
            .at(position)
            .with_hint("write 'label:width,label:width,…', each width a number of characters")
    })
}

/// `DELIMITER [AS] 'characters'`; `\t` and octal `\ddd` may be written with a doubled backslash.
pub(super) fn delimiter(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let text = cursor.string()?;
    let delimiter = match text.as_str() {
        r"\t" => "\t".to_owned(),
        _ => octal(&text).map_or(text, String::from),
    };
    if delimiter.is_empty() || delimiter.contains(['\n', '\r', '\0']) {
        return Err(
            invalid("DELIMITER must be one or more characters, without line ends and NUL").at(position)
        );
    }
    Ok(delimiter)
}

/// `QUOTE [AS] 'c'`.
pub(super) fn quote(cursor: &mut Cursor<'_>) -> Result<char, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let text = cursor.string()?;
    match one_ascii(&text).filter(|quote| !matches!(quote, '\n' | '\r')) {
        Some(quote) => Ok(quote),
        None => Err(invalid("QUOTE takes one ASCII character, no line end").at(position)),
    }
}

/// `NULL [AS] 'text'`. Backslashes that mean nothing to SQL stay, so that `'\N'` is what it says; `'\0'` and
/// `'\000'` are NUL.
pub(super) fn null_marker(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let text = cursor.string()?;
    let written = cursor.slice(position, cursor.position()).trim();
    match text.as_str() {
        _ if written == r"'\N'" => Ok(r"\N".to_owned()),
        r"\0" | r"\000" => Ok("\0".to_owned()),
        "\n" | r"\n" => Err(invalid("NULL AS cannot be '\\n', which ends a line").at(position)),
        _ => Ok(text),
    }
}

/// `ACCEPTINVCHARS [AS] ['c']`.
pub(super) fn replacement(cursor: &mut Cursor<'_>) -> Result<char, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let Some(text) = cursor.eat_string() else { return Ok('?') };
    one_ascii(&text)
        .ok_or_else(|| invalid("ACCEPTINVCHARS takes one ASCII character other than NUL").at(position))
}

/// `ENCODING [AS] name`, in quotes or not.
pub(super) fn encoding(cursor: &mut Cursor<'_>) -> Result<CopyEncoding, SqlError> {
    option_word(cursor);
    let position = cursor.position();
    let name = match cursor.eat_string() {
        Some(name) => name,
        None => cursor.any_word()?,
    };
    Ok(match name.to_ascii_uppercase().as_str() {
        "UTF8" => CopyEncoding::Utf8,
        "UTF16" => CopyEncoding::Utf16,
        "UTF16LE" => CopyEncoding::Utf16Le,
        "UTF16BE" => CopyEncoding::Utf16Be,
        "ISO88591" => CopyEncoding::Iso88591,
        other => {
            return Err(SqlError::unsupported(format!("COPY option ENCODING {other}"))
                .at(position)
                .with_hint("UTF8, UTF16, UTF16LE, UTF16BE and ISO88591 are read"));
        }
    })
}

/// `COMPUPDATE [PRESET | ON | OFF | TRUE | FALSE]`, `STATUPDATE [ON | OFF | TRUE | FALSE]`, as printed.
pub(super) fn switch(cursor: &mut Cursor<'_>, option: &str) -> String {
    cursor.advance();
    let name = option.to_ascii_uppercase();
    if option == "compupdate" && cursor.eat(&["preset"]) {
        return format!("{name} PRESET");
    }
    match cursor.eat_one_of(&["on", "true", "off", "false"]) {
        Some("on" | "true") => format!("{name} ON"),
        Some(_) => format!("{name} OFF"),
        None => name,
    }
}

/// Takes the option's word and the AS that most take.
pub(super) fn option_word(cursor: &mut Cursor<'_>) {
    cursor.advance();
    cursor.eat(&["as"]);
}

fn one_ascii(text: &str) -> Option<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(ch), None) if ch.is_ascii() && ch != '\0' => Some(ch),
        _ => None,
    }
}

/// The character of `\ddd`.
fn octal(text: &str) -> Option<char> {
    let digits = text.strip_prefix('\\').filter(|digits| digits.len() == 3)?;
    u8::from_str_radix(digits, 8).ok().filter(u8::is_ascii).map(char::from)
}

fn invalid(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::InvalidParameterValue, message)
}
