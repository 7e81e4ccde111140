//! RAISE.

use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::{Fragment, RaiseLevel};

use super::interpreter::Interpreter;
use super::value::Value;

impl Interpreter<'_, '_> {
    /// Tells a message, or fails with it.
    pub(super) async fn raise(
        &mut self,
        level: RaiseLevel,
        format: &str,
        values: &[Fragment],
        line: usize,
    ) -> Result<(), SqlError> {
        let mut texts = Vec::with_capacity(values.len());
        for expression in values {
            let value = self.value(expression).await?;
            texts.push(self.shown(value).await?);
        }
        let message = filled(format, texts.into_iter());
        self.caller.raise(level, &message, line)?;
        match level {
            RaiseLevel::Exception => Err(SqlError::new(SqlState::RaiseException, message)),
            _ => Ok(()),
        }
    }

    /// A value as the session writes it.
    async fn shown(&mut self, value: Value) -> Result<String, SqlError> {
        use RedshiftType::{Date, Double, Interval, Real, TimeTz, Timestamp, TimestampTz};
        let Some(text) = value.text.clone() else { return Ok("<NULL>".to_owned()) };
        match value.data_type {
            Some(Date | Double | Interval(_) | Real | TimeTz | Timestamp | TimestampTz) => {
                Ok(self.cast(&value, "VARCHAR").await?.text.unwrap_or(text))
            }
            _ => Ok(text),
        }
    }
}

/// The format with a text for each `%`; `%%` is one.
fn filled(format: &str, mut texts: impl Iterator<Item = String>) -> String {
    let mut message = String::with_capacity(format.len());
    let mut chars = format.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '%' if chars.next_if_eq(&'%').is_some() => message.push('%'),
            '%' => message.push_str(&texts.next().unwrap_or_default()),
            ch => message.push(ch),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn two_percent_signs_are_one() {
        let texts = ["7", "%"].map(str::to_owned).into_iter();
        assert_eq!(filled("% of 100%% is %", texts), "7 of 100% is %");
    }
}
