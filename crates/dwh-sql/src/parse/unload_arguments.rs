//! What stands behind the words of UNLOAD's options (RS 6.1).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::copy_arguments::{delimiter, option_word, text};
use crate::cursor::Cursor;
use crate::statement::UnloadPartitions;

const MB: f64 = (1 << 20) as f64;
/// The bounds of MAXFILESIZE: 5 MB and 6.2 GB.
const FILE_MB: (f64, f64) = (5.0, 6.2 * 1024.0);
/// The bounds of ROWGROUPSIZE.
const ROW_GROUP_MB: (f64, f64) = (32.0, 128.0);

/// `DELIMITER [AS] 'c'`: one ASCII character (RS 6.1), and none that quotes or escapes.
pub(super) fn one_delimiter(cursor: &mut Cursor<'_>) -> Result<char, SqlError> {
    let position = cursor.position();
    let text = delimiter(cursor)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(ch), None) if ch.is_ascii() && !matches!(ch, '"' | '\\') => Ok(ch),
        _ => Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "DELIMITER takes one ASCII character other than '\"' and '\\'",
        )
        .at(position)),
    }
}

/// `EXTENSION 'x'`: a part of a name, not of a path.
pub(super) fn extension(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let text = text(cursor)?;
    if text.contains(['/', '\\', '\0']) {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            "EXTENSION is the end of a name and has no '/' in it",
        ));
    }
    Ok(text)
}

/// `PARTITION BY (a, b) [INCLUDE]`.
pub(super) fn partitions(cursor: &mut Cursor<'_>) -> Result<UnloadPartitions, SqlError> {
    cursor.expect(&["partition", "by"])?;
    if !cursor.at_parenthesis() {
        return cursor.expected("a list of columns in parentheses");
    }
    let columns = cursor.column_list()?;
    Ok(UnloadPartitions { columns, include: cursor.eat(&["include"]) })
}

/// `MAXFILESIZE [AS] n [MB | GB]`, decimals allowed, MB if not said.
pub(super) fn file_bytes(cursor: &mut Cursor<'_>) -> Result<u64, SqlError> {
    size_bytes(cursor, FILE_MB)
}

/// `ROWGROUPSIZE [AS] n [MB | GB]`, likewise.
pub(super) fn row_group_bytes(cursor: &mut Cursor<'_>) -> Result<u64, SqlError> {
    size_bytes(cursor, ROW_GROUP_MB)
}

fn size_bytes(cursor: &mut Cursor<'_>, (min_mb, max_mb): (f64, f64)) -> Result<u64, SqlError> {
    let name = cursor.peek_word().unwrap_or_default().to_ascii_uppercase();
    option_word(cursor);
    let position = cursor.position();
    let Token::Number(digits, _) = cursor.peek() else { return cursor.expected("a number") };
    let Ok(number) = digits.parse::<f64>() else { return cursor.expected("a number") };
    cursor.advance();
    let mb = match cursor.eat_one_of(&["mb", "gb"]) {
        Some("gb") => number * 1024.0,
        _ => number,
    };
    if !(min_mb..=max_mb).contains(&mb) {
        let max = if max_mb > 1024.0 { "6.2 GB".to_owned() } else { format!("{max_mb} MB") };
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("{name} must be between {min_mb} MB and {max}"),
        )
        .at(position));
    }
    Ok((mb * MB) as u64)
}
