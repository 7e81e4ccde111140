//! Values of variables: text as it is written and read back without loss, and the type.

use datafusion::common::ScalarValue;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::value_literal;

use crate::column_text::ColumnText;
use crate::functions::datetime::style::TextStyle;
use crate::result::ResultSet;

/// A value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Value {
    /// Its type; `None` for a literal in quotes and NULL, which take the type of where they go.
    pub(crate) data_type: Option<RedshiftType>,
    /// ISO dates, floats with all their digits; `None` is NULL.
    pub(crate) text: Option<String>,
}

impl Value {
    pub(crate) fn new(data_type: RedshiftType, text: impl Into<String>) -> Self {
        Self { data_type: Some(data_type), text: Some(text.into()) }
    }

    pub(crate) fn boolean(value: bool) -> Self {
        Self::new(RedshiftType::Boolean, if value { "t" } else { "f" })
    }

    pub(crate) fn is_true(&self) -> bool {
        self.text.as_deref() == Some("t")
    }

    /// One value of Arrow's.
    pub(super) fn of_scalar(scalar: &ScalarValue, data_type: RedshiftType) -> Result<Self, SqlError> {
        let array = scalar.to_array().map_err(|error| SqlError::internal(error.to_string()))?;
        let texts = ColumnText::new(&array, &style()).and_then(|column| column.get(0));
        let text = texts.map_err(|error| SqlError::internal(error.to_string()))?;
        Ok(Self { data_type: Some(data_type), text })
    }

    /// As SQL.
    pub(crate) fn literal(&self) -> String {
        value_literal(self.data_type, self.text.as_deref())
    }

    /// As SQL that has the value's type, text too.
    pub(crate) fn literal_of_type(&self) -> String {
        match self.data_type {
            Some(data_type @ (RedshiftType::Varchar(_) | RedshiftType::Char(_))) if self.text.is_some() => {
                format!("CAST({} AS {data_type})", self.literal())
            }
            _ => self.literal(),
        }
    }
}

/// How values are kept as text.
fn style() -> TextStyle {
    TextStyle { extra_float_digits: 3, ..TextStyle::default() }
}

/// Rows as names and values of their columns.
pub(super) fn rows(result: &ResultSet) -> Result<Vec<Vec<(String, Value)>>, SqlError> {
    let fault = |error: arrow::error::ArrowError| SqlError::internal(error.to_string());
    let types: Vec<Option<RedshiftType>> =
        result.schema.fields().iter().map(|field| RedshiftType::of_field(field)).collect();
    let mut rows = Vec::with_capacity(result.row_count());
    for batch in &result.batches {
        let columns = batch.columns().iter().map(|column| ColumnText::new(column, &style()));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(fault)?;
        for row in 0..batch.num_rows() {
            let mut values = Vec::with_capacity(columns.len());
            for ((field, data_type), column) in result.schema.fields().iter().zip(&types).zip(&columns) {
                let text = column.get(row).map_err(fault)?;
                values.push((field.name().to_lowercase(), Value { data_type: *data_type, text }));
            }
            rows.push(values);
        }
    }
    Ok(rows)
}

/// The first row; NULL in every column if there is none.
pub(super) fn first_row(result: &ResultSet) -> Result<Vec<(String, Value)>, SqlError> {
    if let Some(batch) = result.batches.iter().find(|batch| batch.num_rows() > 0) {
        let first = ResultSet {
            schema: result.schema.clone(),
            style: result.style,
            batches: vec![batch.slice(0, 1)],
        };
        if let Some(row) = rows(&first)?.pop() {
            return Ok(row);
        }
    }
    let null = |field: &arrow::datatypes::FieldRef| {
        (field.name().to_lowercase(), Value { data_type: RedshiftType::of_field(field), text: None })
    };
    Ok(result.schema.fields().iter().map(null).collect())
}

/// What kind of values a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any, as it comes.
    Any,
    /// Of a type.
    Type(RedshiftType),
    /// NUMERIC of any precision.
    Numeric,
}

/// The value for a variable, where that is simple; otherwise SQL that converts it as an assignment does.
pub(super) enum Converted {
    Value(Value),
    Query(RedshiftType),
}

/// Converts what needs no query.
pub(super) fn convert(value: Value, kind: Kind) -> Result<Converted, SqlError> {
    let to = match kind {
        Kind::Any => return Ok(Converted::Value(value)),
        Kind::Type(to) => to,
        Kind::Numeric => {
            let numeric = match value.data_type {
                Some(RedshiftType::Decimal { .. }) => return Ok(Converted::Value(value)),
                _ => value.text.as_deref().map(str::trim).and_then(numeric_of),
            };
            return Ok(match (numeric, &value.text) {
                (Some(data_type), _) => {
                    let text = value.text.map(|text| text.trim().to_owned());
                    Converted::Value(Value { data_type: Some(data_type), text })
                }
                (None, None) => {
                    let data_type = Some(RedshiftType::Decimal { precision: 18, scale: 0 });
                    Converted::Value(Value { data_type, text: None })
                }
                (None, Some(_)) => Converted::Query(RedshiftType::Decimal { precision: 38, scale: 10 }),
            });
        }
    };
    let Some(text) = &value.text else {
        return Ok(Converted::Value(Value { data_type: Some(to), text: None }));
    };
    use RedshiftType::{BigInt, Boolean, Char, Integer, SmallInt, Varchar};
    let same = |text: String| Ok(Converted::Value(Value::new(to, text)));
    match (value.data_type, to) {
        (Some(SmallInt | Integer | BigInt), SmallInt | Integer | BigInt) => match integer_fits(text, to) {
            true => same(text.clone()),
            false => Ok(Converted::Query(to)),
        },
        (Some(SmallInt | Integer | BigInt | Varchar(_)) | None, Varchar(bytes))
            if text.len() <= bytes as usize =>
        {
            same(text.clone())
        }
        (Some(Boolean), Varchar(_) | Char(_)) => {
            let name = if text == "t" { "true" } else { "false" };
            convert(Value::new(RedshiftType::MAX_VARCHAR, name), kind)
        }
        (Some(from), to) if from == to && !matches!(to, Varchar(_) | Char(_)) => same(text.clone()),
        _ => Ok(Converted::Query(to)),
    }
}

fn integer_fits(text: &str, to: RedshiftType) -> bool {
    match to {
        RedshiftType::SmallInt => text.parse::<i16>().is_ok(),
        RedshiftType::Integer => text.parse::<i32>().is_ok(),
        _ => true,
    }
}

/// The NUMERIC of a number's own digits.
fn numeric_of(text: &str) -> Option<RedshiftType> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let digits = whole.len() + fraction.len();
    let fits = is_number(whole) && is_number(fraction) && (1..=38).contains(&digits) && fraction.len() < 38;
    let precision = u8::try_from(digits).ok()?.max(1);
    let scale = u8::try_from(fraction.len()).ok()?;
    fits.then_some(RedshiftType::Decimal { precision, scale })
}

/// A whole number for the bounds of a loop.
pub(super) fn integer(value: &Value, what: &str) -> Result<i64, SqlError> {
    let Some(text) = &value.text else {
        let message = format!("{what} of FOR loop cannot be null");
        return Err(SqlError::new(SqlState::NullValueNotAllowed, message));
    };
    text.parse().map_err(|_| {
        let message = format!("invalid input syntax for integer: \"{text}\"");
        SqlError::new(SqlState::InvalidTextRepresentation, message)
    })
}
