//! DISTSTYLE, DISTKEY, SORTKEY, BACKUP, ENCODE AUTO: in any order, checked against each other (RS 3.1).

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use crate::cursor::Cursor;
use crate::statement::{AttributeSpec, DistributionSpec, SortKeySpec};

const MAX_SORT_COLUMNS: usize = 400;
const MAX_INTERLEAVED_COLUMNS: usize = 8;

/// What has been read so far; DISTSTYLE and DISTKEY may come apart, on columns or on the table.
#[derive(Default)]
pub(super) struct AttributesInProgress {
    style: Option<&'static str>,
    key: Option<String>,
    sort_key: Option<SortKeySpec>,
    /// Columns that carry SORTKEY themselves, in order.
    column_sort_keys: Vec<String>,
    backup: Option<bool>,
    encode_auto: bool,
}

impl AttributesInProgress {
    /// Whether a table attribute comes next.
    pub(super) fn at_attribute(cursor: &Cursor<'_>) -> bool {
        matches!(
            cursor.peek_word(),
            Some("backup" | "diststyle" | "distkey" | "sortkey" | "compound" | "interleaved" | "encode")
        )
    }

    /// Whether a key comes next as an element of the column list: `PRIMARY KEY(a), SORTKEY(b)`.
    pub(super) fn at_list_element(cursor: &Cursor<'_>) -> bool {
        let key = |ahead| {
            matches!(cursor.peek_nth_word(ahead), Some("distkey" | "sortkey"))
                && *cursor.peek_nth(ahead + 1) == Token::LParen
        };
        key(0)
            || (matches!(cursor.peek_word(), Some("compound" | "interleaved")) && key(1))
            || ["even", "all", "key", "auto"].iter().any(|style| cursor.at(&["diststyle", style]))
    }

    /// Reads every table attribute that comes next.
    pub(super) fn read_all(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        while Self::at_attribute(cursor) {
            self.read_one(cursor)?;
        }
        Ok(())
    }

    /// Reads one table attribute.
    pub(super) fn read_one(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        let position = cursor.position();
        let word = cursor.peek_word().unwrap_or_default().to_owned();
        match word.as_str() {
            "backup" => {
                cursor.advance();
                let yes = match cursor.eat_one_of(&["yes", "no"]) {
                    Some(answer) => answer == "yes",
                    None => return cursor.expected("YES or NO"),
                };
                once(&mut self.backup, yes, "BACKUP", position)
            }
            "encode" => {
                cursor.expect(&["encode", "auto"])?;
                self.encode_auto = true;
                Ok(())
            }
            "diststyle" => {
                cursor.advance();
                let Some(style) = cursor.eat_one_of(&["auto", "even", "key", "all"]) else {
                    return cursor.expected("AUTO, EVEN, KEY or ALL");
                };
                once(&mut self.style, style, "DISTSTYLE", position)
            }
            "distkey" => {
                cursor.advance();
                cursor.expect_token(&Token::LParen)?;
                let column = key_column(cursor)?;
                cursor.expect_token(&Token::RParen)?;
                self.set_key(column, position)
            }
            _ => self.read_sort_key(cursor),
        }
    }

    fn read_sort_key(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        let position = cursor.position();
        let kind = cursor.eat_one_of(&["compound", "interleaved"]);
        cursor.expect(&["sortkey"])?;
        if kind.is_none() && cursor.eat(&["auto"]) {
            return once(&mut self.sort_key, SortKeySpec::Auto, "SORTKEY", position);
        }
        cursor.expect_token(&Token::LParen)?;
        let columns = cursor.comma_separated(key_column)?;
        cursor.expect_token(&Token::RParen)?;
        let spec = sort_key(columns, kind == Some("interleaved")).map_err(|error| error.at(position))?;
        once(&mut self.sort_key, spec, "SORTKEY", position)
    }

    /// DISTKEY on a column, or of the table.
    pub(super) fn set_key(&mut self, column: String, position: usize) -> Result<(), SqlError> {
        once(&mut self.key, column, "DISTKEY", position)
    }

    /// SORTKEY on a column.
    pub(super) fn add_column_sort_key(&mut self, column: String) {
        self.column_sort_keys.push(column);
    }

    /// Whether anything was said.
    pub(super) fn is_empty(&self) -> bool {
        self.style.is_none()
            && self.key.is_none()
            && self.sort_key.is_none()
            && self.column_sort_keys.is_empty()
            && self.backup.is_none()
            && !self.encode_auto
    }

    /// The whole, if its parts go together.
    pub(super) fn finish(self) -> Result<AttributeSpec, SqlError> {
        let distribution = match (self.style, self.key) {
            (None | Some("key"), Some(column)) => Some(DistributionSpec::Key(column)),
            (Some("key"), None) => {
                return Err(contradiction("DISTSTYLE KEY needs a DISTKEY")
                    .with_hint("add DISTKEY to one column, or DISTKEY(column) behind the column list"));
            }
            (Some(style), Some(column)) => {
                return Err(contradiction(format!(
                    "DISTSTYLE {} cannot be combined with DISTKEY({column})",
                    style.to_ascii_uppercase()
                ))
                .with_hint("use DISTSTYLE KEY, or leave DISTSTYLE or DISTKEY out"));
            }
            (Some("auto"), None) => Some(DistributionSpec::Auto),
            (Some("even"), None) => Some(DistributionSpec::Even),
            (Some(_), None) => Some(DistributionSpec::All),
            (None, None) => None,
        };
        let sort_key = match (self.sort_key, self.column_sort_keys) {
            (Some(_), columns) if !columns.is_empty() => {
                return Err(contradiction("SORTKEY is given on a column and on the table")
                    .with_hint("keep one of them"));
            }
            (None, columns) if !columns.is_empty() => Some(sort_key(columns, false)?),
            (sort_key, _) => sort_key,
        };
        Ok(AttributeSpec { distribution, sort_key, backup_no: self.backup == Some(false) })
    }
}

/// A key column: its name, or in CREATE TABLE AS its 1-based number.
fn key_column(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    if matches!(cursor.peek(), Token::Number(..)) {
        return cursor.integer().map(|number| number.to_string());
    }
    cursor.name()
}

fn sort_key(columns: Vec<String>, interleaved: bool) -> Result<SortKeySpec, SqlError> {
    let (limit, kind) = if interleaved {
        (MAX_INTERLEAVED_COLUMNS, "an interleaved SORTKEY")
    } else {
        (MAX_SORT_COLUMNS, "a SORTKEY")
    };
    if columns.len() > limit {
        return Err(contradiction(format!("{kind} takes at most {limit} columns")));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(i, c)| columns[..*i].contains(c)) {
        return Err(SqlError::new(
            SqlState::DuplicateColumn,
            format!("column \"{}\" specified more than once", twice.1),
        ));
    }
    Ok(if interleaved { SortKeySpec::Interleaved(columns) } else { SortKeySpec::Compound(columns) })
}

fn once<T>(slot: &mut Option<T>, value: T, name: &str, position: usize) -> Result<(), SqlError> {
    if slot.is_some() {
        return Err(contradiction(format!("{name} is given more than once")).at(position));
    }
    *slot = Some(value);
    Ok(())
}

/// A table definition that contradicts itself.
pub(super) fn contradiction(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::InvalidTableDefinition, message)
}
