//! Date parts: bare or quoted, any case, any abbreviation → the canonical name as a string literal (RS 4.2).
//!
//! `DATEADD(mon, 1, d)` → `dateadd('month', 1, d)`; `EXTRACT(dw FROM ts)` → `__extract('dayofweek', ts)`.
//! The engine's functions get only the canonical names. Of a TIMETZ literal EXTRACT gets the text.

use dwh_common::{RedshiftType, SqlError, SqlState, date_part};
use sqlparser::ast::{CastKind, DateTimeField, Expr, Value};
use sqlparser::tokenizer::Span;

use super::build::{call, first_argument, literal_text, simple_name, text};

/// Functions whose first argument is a date part.
const FUNCTIONS: &[&str] =
    &["dateadd", "date_add", "datediff", "date_diff", "date_part", "datepart", "pgdate_part", "date_trunc"];

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    match expr {
        Expr::Extract { field, expr: from, .. } => {
            let part = match field {
                DateTimeField::Custom(ident) => canonical_or_error(&ident.value, ident.span)?,
                other => canonical_or_error(&other.to_string(), Span::empty())?,
            };
            *expr = match timetz_literal(from) {
                Some(literal) => call("__extract_of_timetz", vec![text(part), literal]),
                None => call("__extract", vec![text(part), (**from).clone()]),
            };
        }
        Expr::Function(function) => {
            let takes_part = simple_name(function).is_some_and(|name| FUNCTIONS.contains(&name));
            if takes_part && let Some(argument) = first_argument(function) {
                part_to_literal(argument)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The text of a TIMETZ literal, whose fields are those of its own zone.
fn timetz_literal(expr: &Expr) -> Option<Expr> {
    let (literal, data_type) = match expr {
        Expr::TypedString(typed) => (Expr::Value(typed.value.clone()), &typed.data_type),
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, .. } => {
            ((**expr).clone(), data_type)
        }
        _ => return None,
    };
    literal_text(&literal)?;
    let is_timetz = data_type.to_string().parse() == Ok(RedshiftType::TimeTz);
    is_timetz.then_some(literal)
}

/// A word or a string becomes the canonical literal; anything else is left to the function.
fn part_to_literal(argument: &mut Expr) -> Result<(), SqlError> {
    let part = match argument {
        Expr::Identifier(ident) => canonical_or_error(&ident.value, ident.span)?,
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(written) => canonical_or_error(written, value.span)?,
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    *argument = text(part);
    Ok(())
}

fn canonical_or_error(written: &str, span: Span) -> Result<&'static str, SqlError> {
    date_part::canonical(written).ok_or_else(|| {
        let mut error = SqlError::new(
            SqlState::InvalidParameterValue,
            format!("timestamp units \"{written}\" not recognized"),
        )
        .with_hint(
            "date parts are year, quarter, month, week, day, hour, minute, second, dow, doy, epoch, …",
        );
        error.position = usize::try_from(span.start.column).ok().filter(|&column| column > 0);
        error
    })
}
