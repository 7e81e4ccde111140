//! SQL inside a body: its text in pieces, with places where the values of variables go (as PostgreSQL 8 does it:
//! wherever a variable's name stands, its value is meant).

use dwh_common::RedshiftType;

use super::ast::VariableId;
use crate::keywords::quote_literal;

/// An expression or a command.
#[derive(Debug, Clone)]
pub struct Fragment {
    pub(super) pieces: Vec<Piece>,
    /// As logs and contexts show it: `$1`, `$2`, … for the variables, white space as single blanks.
    pub shown: String,
}

#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Variable(Reference),
}

/// A variable, or a field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The variable.
    pub variable: VariableId,
    /// The field.
    pub field: Option<String>,
}

impl Fragment {
    /// The text with a value in the place of each variable.
    ///
    /// # Errors
    /// What `literal` says of a variable that has no value.
    pub fn bind<E>(&self, mut literal: impl FnMut(&Reference) -> Result<String, E>) -> Result<String, E> {
        let mut sql = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => sql.push_str(text),
                Piece::Variable(reference) => sql.push_str(&literal(reference)?),
            }
        }
        Ok(sql)
    }

    /// The variable, if the fragment is nothing else.
    pub fn as_variable(&self) -> Option<&Reference> {
        match &self.pieces[..] {
            [Piece::Variable(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text, if no variable is in it.
    pub fn as_text(&self) -> Option<&str> {
        match &self.pieces[..] {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// A value as SQL of its type. Text is a plain literal and gets its type from where it stands, as a parameter does.
pub fn value_literal(data_type: Option<RedshiftType>, text: Option<&str>) -> String {
    let Some(text) = text else {
        return data_type.map_or_else(|| "NULL".to_owned(), |data_type| format!("CAST(NULL AS {data_type})"));
    };
    let quoted = quote_literal(text);
    match data_type {
        None | Some(RedshiftType::Char(_) | RedshiftType::Varchar(_)) => quoted,
        Some(RedshiftType::Integer) if text.starts_with('-') => format!("({text})"),
        Some(RedshiftType::Integer) => text.to_owned(),
        Some(RedshiftType::Boolean) => if text == "t" { "TRUE" } else { "FALSE" }.to_owned(),
        Some(RedshiftType::Super) => format!("JSON_PARSE({quoted})"),
        Some(RedshiftType::Varbyte(_)) => format!("FROM_HEX({quoted})"),
        Some(RedshiftType::Geometry) => format!("ST_GeomFromEWKB({quoted})"),
        Some(data_type) => format!("CAST({quoted} AS {data_type})"),
    }
}
