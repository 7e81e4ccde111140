use super::{FieldError, Rules, Value, decimal};
use crate::datetime::{DateFormat, MICROS_PER_DAY, TimestampFormat, parse_time, parse_timestamp};
use crate::load_error::code;

/// The first microsecond that Redshift stores, of 4713 BC; the last is beyond 64 bits.
const FIRST_TIMESTAMP_MICROS: i64 = -210_863_520_000_000_000;

/// DATE, in days since 1970-01-01.
pub(super) fn convert_date(
    value: Value<'_>,
    rules: &Rules,
    buffer: &mut Vec<u8>,
) -> Result<Option<i32>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    let text = text.trim_ascii();
    match std::str::from_utf8(text).ok().and_then(|text| rules.dates.read(text)) {
        Some(days) => Ok(Some(days)),
        None if rules.accept_any_date => Ok(None),
        None if rules.dates == DateFormat::Default && text.len() < "YYYY-MM-DD".len() => {
            Err(FieldError::new(code::DATE, "Invalid Date Format - length must be 10 or more"))
        }
        None => {
            let format = rules.dates.describe();
            Err(FieldError::new(code::DATE, format!("Invalid date format or value [{format}]")))
        }
    }
}

/// TIMESTAMP, or TIMESTAMPTZ in UTC, in microseconds since 1970-01-01.
pub(super) fn convert_timestamp(
    value: Value<'_>,
    with_zone: bool,
    rules: &Rules,
    buffer: &mut Vec<u8>,
) -> Result<Option<i64>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    let micros = match &rules.timestamps {
        // As decimals, so that no microsecond is lost.
        TimestampFormat::EpochSeconds => epoch_micros(text, 6),
        TimestampFormat::EpochMilliseconds => epoch_micros(text, 3),
        format => std::str::from_utf8(text)
            .ok()
            .and_then(|text| format.read(text))
            // The default format of TIMESTAMP has no zone.
            .filter(|read| with_zone || *format != TimestampFormat::Default || read.offset_seconds.is_none())
            .map(|read| if with_zone { rules.clock.utc(read) } else { read.without_zone() }),
    };
    match micros.filter(|micros| *micros >= FIRST_TIMESTAMP_MICROS) {
        Some(micros) => Ok(Some(micros)),
        None if rules.accept_any_date => Ok(None),
        None => {
            let format = rules.timestamps.describe();
            Err(FieldError::new(code::TIMESTAMP, format!("Invalid timestamp format or value [{format}]")))
        }
    }
}

fn epoch_micros(text: &[u8], scale: i32) -> Option<i64> {
    decimal::parse(text, scale, false).ok().and_then(|micros| i64::try_from(micros).ok())
}

/// TIME, in microseconds since midnight.
pub(super) fn convert_time(value: Value<'_>, buffer: &mut Vec<u8>) -> Result<Option<i64>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    match std::str::from_utf8(text).ok().and_then(parse_time) {
        Some(micros) => Ok(Some(micros)),
        None => Err(FieldError::new(code::TIMESTAMP, "Invalid timestamp format or value [HH24:MI:SS]")),
    }
}

/// TIMETZ, in microseconds of the day in UTC.
pub(super) fn convert_timetz(
    value: Value<'_>,
    rules: &Rules,
    buffer: &mut Vec<u8>,
) -> Result<Option<i64>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    // On a day, so that a zone behind the time is read as that of a timestamp is.
    let on_a_day = std::str::from_utf8(text).ok().map(|text| format!("1970-01-01 {}", text.trim()));
    match on_a_day.as_deref().and_then(parse_timestamp) {
        Some(read) => Ok(Some(rules.clock.utc(read).rem_euclid(MICROS_PER_DAY))),
        None => Err(FieldError::new(code::TIMESTAMP, "Invalid timestamp format or value [HH24:MI:SSOF]")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FieldError, Number, Rules, Value};
    use super::{convert_date, convert_timestamp};
    use crate::request::CopyOptions;

    fn rules(time_format: Option<&str>) -> Rules {
        let options = CopyOptions { time_format: time_format.map(str::to_owned), ..CopyOptions::default() };
        Rules::new(&options).expect("valid options")
    }

    fn timestamp(value: Value<'_>, format: Option<&str>) -> Result<Option<i64>, FieldError> {
        convert_timestamp(value, false, &rules(format), &mut Vec::new())
    }

    /// RS 10.1 (6): 2018-11-30 17:31:24.796.
    #[test]
    fn epoch_formats_keep_milliseconds() {
        let expected = Ok(Some(1_543_599_084_796_000));
        let number = |token: &'static str| Value::Number(Number(token.as_bytes()));
        assert_eq!(timestamp(number("1543599084796"), Some("epochmillisecs")), expected);
        assert_eq!(timestamp(number("1543599084796.0"), Some("epochmillisecs")), expected);
        assert_eq!(timestamp(number("1543599084.796"), Some("epochsecs")), expected);
        assert_eq!(timestamp(Value::Text(b"1543599084796"), Some("epochmillisecs")), expected);
        assert_eq!(timestamp(Value::Text(b""), Some("epochmillisecs")), Ok(None));
    }

    #[test]
    fn an_epoch_number_without_timeformat_is_1206() {
        let error = timestamp(Value::Number(Number(b"1543599084796")), None).expect_err("RS 10.4");
        assert_eq!(error.code, 1206);
        assert_eq!(error.reason, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]");
    }

    #[test]
    fn short_dates_are_1205() {
        let error = convert_date(Value::Text(b"2018-1-1"), &rules(None), &mut Vec::new()).expect_err("short");
        assert_eq!(
            (error.code, error.reason.as_ref()),
            (1205, "Invalid Date Format - length must be 10 or more")
        );
    }

    #[test]
    fn acceptanydate_makes_bad_dates_null() {
        let rules = Rules { accept_any_date: true, ..rules(None) };
        assert_eq!(convert_date(Value::Text(b"soon"), &rules, &mut Vec::new()), Ok(None));
        assert_eq!(convert_timestamp(Value::Text(b"soon"), false, &rules, &mut Vec::new()), Ok(None));
    }
}
