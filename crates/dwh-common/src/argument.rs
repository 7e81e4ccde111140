use std::fmt;
use std::str::FromStr;

use crate::types::{RedshiftType, TypeError};

/// How an argument of a procedure takes part in a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ArgumentMode {
    /// The caller gives it.
    #[default]
    In,
    /// The caller gets it.
    Out,
    /// Both.
    InOut,
}

impl ArgumentMode {
    /// As SQL writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
            Self::InOut => "INOUT",
        }
    }

    /// The mode of that name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::In, Self::Out, Self::InOut].into_iter().find(|mode| mode.name().eq_ignore_ascii_case(name))
    }

    /// Whether the caller gives a value.
    pub fn is_input(self) -> bool {
        self != Self::Out
    }

    /// Whether the caller gets a value.
    pub fn is_output(self) -> bool {
        self != Self::In
    }
}

/// The type of a procedure's argument: that of a column, or a cursor. Lengths, precision and scale say nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgumentType {
    /// A value.
    Value(RedshiftType),
    /// `refcursor`: the name of a cursor.
    RefCursor,
}

impl ArgumentType {
    /// The type of the values that it takes: any length of text, and cursors by their names.
    pub fn value_type(self) -> RedshiftType {
        match self {
            Self::Value(RedshiftType::Varchar(_)) | Self::RefCursor => RedshiftType::MAX_VARCHAR,
            Self::Value(data_type) => data_type,
        }
    }

    /// Whether both are the same to tell procedures apart.
    pub fn is_same(self, other: Self) -> bool {
        self.name() == other.name()
    }

    /// The type's name without length.
    pub fn name(self) -> String {
        let full = self.to_string();
        full.split('(').next().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for ArgumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(data_type) => data_type.fmt(f),
            Self::RefCursor => f.write_str("refcursor"),
        }
    }
}

impl FromStr for ArgumentType {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, TypeError> {
        match text {
            "refcursor" => Ok(Self::RefCursor),
            text => text.parse().map(Self::Value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ArgumentType;

    #[test]
    fn lengths_do_not_tell_procedures_apart() {
        let type_of = |text: &str| text.parse::<ArgumentType>().expect(text);
        assert!(type_of("varchar(20)").is_same(type_of("character varying(256)")));
        assert!(type_of("numeric(10,2)").is_same(type_of("decimal")));
        assert!(!type_of("refcursor").is_same(type_of("varchar")));
        assert_eq!(type_of("refcursor").to_string(), "refcursor");
        assert_eq!(type_of("timestamp with time zone").name(), "timestamp with time zone");
    }
}
