//! Values of parameters as clients send them, in text or binary.

mod foreign;

use bytes::Bytes;
use dwh_common::{RedshiftType, SqlError, SqlState, hex};
use dwh_sql::ParameterValue;

use crate::encode::{EPOCH_DAYS, EPOCH_US, numeric};
use crate::message::{Format, utf8};

/// A parameter's value in the form that the statement takes. `oid` is the type that the client knows it by.
///
/// # Errors
/// 22021 for text that is no UTF-8, 22P03 for bytes that are no value of the type.
pub(crate) fn value(
    oid: u32,
    data_type: RedshiftType,
    format: Format,
    bytes: Option<Bytes>,
) -> Result<ParameterValue, SqlError> {
    let Some(bytes) = bytes else {
        return Ok(ParameterValue { data_type: untyped_text(data_type), text: None });
    };
    let text = match format {
        Format::Text => foreign::written(oid, from_text(data_type, &bytes)?),
        Format::Binary => match foreign::text(oid, &bytes)? {
            Some(text) => text,
            None => from_binary(data_type, bytes)?,
        },
    };
    if text.contains('\0') {
        return Err(SqlError::new(
            SqlState::CharacterNotInRepertoire,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ));
    }
    Ok(ParameterValue { data_type: untyped_text(data_type), text: Some(text) })
}

/// Text takes the type of its place, as Redshift converts it.
fn untyped_text(data_type: RedshiftType) -> Option<RedshiftType> {
    (!data_type.is_text() && data_type != RedshiftType::Super).then_some(data_type)
}

fn from_text(data_type: RedshiftType, bytes: &[u8]) -> Result<String, SqlError> {
    let text = utf8(bytes)?;
    Ok(match data_type {
        // bytea's text: \x and hex digits.
        RedshiftType::Varbyte(_) => match text.strip_prefix("\\x") {
            Some(digits) => digits.to_owned(),
            None => hex::encode(text),
        },
        _ => text.to_owned(),
    })
}

fn from_binary(data_type: RedshiftType, bytes: Bytes) -> Result<String, SqlError> {
    Ok(match data_type {
        RedshiftType::Boolean => if exact::<1>(&bytes, data_type)? == [0] { "f" } else { "t" }.to_owned(),
        RedshiftType::SmallInt => i16::from_be_bytes(exact(&bytes, data_type)?).to_string(),
        RedshiftType::Integer => i32::from_be_bytes(exact(&bytes, data_type)?).to_string(),
        // OID has four bytes.
        RedshiftType::BigInt if bytes.len() == 4 => u32::from_be_bytes(exact(&bytes, data_type)?).to_string(),
        RedshiftType::BigInt => i64::from_be_bytes(exact(&bytes, data_type)?).to_string(),
        RedshiftType::Real => float_text(f64::from(f32::from_be_bytes(exact(&bytes, data_type)?))),
        RedshiftType::Double => float_text(f64::from_be_bytes(exact(&bytes, data_type)?)),
        RedshiftType::Decimal { .. } => numeric::decode(bytes)?,
        RedshiftType::Date => {
            let days = i32::from_be_bytes(exact(&bytes, data_type)?).checked_add(EPOCH_DAYS);
            date_text(i64::from(days.ok_or_else(|| invalid(data_type))?))
        }
        RedshiftType::Time => {
            let micros = i64::from_be_bytes(exact(&bytes, data_type)?);
            if !(0..=86_400_000_000).contains(&micros) {
                return Err(invalid(data_type));
            }
            time_text(micros)
        }
        RedshiftType::TimeTz => {
            let [micros, west] = split::<12>(&bytes, data_type)?;
            let utc = (micros + west * 1_000_000).rem_euclid(86_400_000_000);
            format!("{}+00", time_text(utc))
        }
        // PostgreSQL's: microseconds, days, months.
        RedshiftType::Interval(_) if bytes.len() == 16 => {
            let [micros, days] = split::<12>(&bytes[..12], data_type)?;
            let months = i32::from_be_bytes(exact(&bytes[12..], data_type)?);
            let months = if months == 0 { String::new() } else { format!("{months} months ") };
            format!("{months}{days} days {micros} microseconds")
        }
        RedshiftType::Interval(unit) if unit.is_year_to_month() => {
            format!("{} months", i32::from_be_bytes(exact(&bytes, data_type)?))
        }
        RedshiftType::Interval(_) => {
            format!("{} microseconds", i64::from_be_bytes(exact(&bytes, data_type)?))
        }
        RedshiftType::Timestamp | RedshiftType::TimestampTz => {
            let micros = i64::from_be_bytes(exact(&bytes, data_type)?).checked_add(EPOCH_US);
            let micros = micros.ok_or_else(|| invalid(data_type))?;
            let zone = if data_type == RedshiftType::TimestampTz { "+00" } else { "" };
            let date = date_text(micros.div_euclid(86_400_000_000));
            format!("{date} {}{zone}", time_text(micros.rem_euclid(86_400_000_000)))
        }
        RedshiftType::Varbyte(_) => hex::encode(&bytes),
        RedshiftType::Char(_)
        | RedshiftType::Varchar(_)
        | RedshiftType::Super
        | RedshiftType::HllSketch
        | RedshiftType::Geometry => utf8(&bytes)?.to_owned(),
    })
}

/// A number of eight bytes and one of four behind it.
fn split<const N: usize>(bytes: &[u8], data_type: RedshiftType) -> Result<[i64; 2], SqlError> {
    let bytes = exact::<N>(bytes, data_type)?;
    let (first, last) = bytes.split_at(8);
    Ok([i64::from_be_bytes(exact(first, data_type)?), i64::from(i32::from_be_bytes(exact(last, data_type)?))])
}

fn exact<const N: usize>(bytes: &[u8], data_type: RedshiftType) -> Result<[u8; N], SqlError> {
    bytes.try_into().map_err(|_| invalid(data_type))
}

fn invalid(data_type: RedshiftType) -> SqlError {
    SqlError::new(
        SqlState::InvalidBinaryRepresentation,
        format!("incorrect binary data format for a parameter of type {data_type}"),
    )
}

fn float_text(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    format!("{value:e}")
}

/// The civil date of a day since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date_text(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{:04}-{month:02}-{day:02} BC", 1 - year)
    }
}

fn time_text(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    format!("{:02}:{:02}:{:02}.{:06}", seconds / 3600, seconds / 60 % 60, seconds % 60, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dwh_common::{IntervalUnit, RedshiftType};

    use super::value;
    use crate::message::Format;

    fn binary(data_type: RedshiftType, bytes: &[u8]) -> Option<String> {
        value(0, data_type, Format::Binary, Some(Bytes::copy_from_slice(bytes))).ok()?.text
    }

    /// PostgreSQL counts dates and timestamps from 2000-01-01.
    #[test]
    fn binary_values_become_their_text() {
        assert_eq!(binary(RedshiftType::Integer, &(-7_i32).to_be_bytes()).as_deref(), Some("-7"));
        assert_eq!(binary(RedshiftType::Boolean, &[1]).as_deref(), Some("t"));
        assert_eq!(binary(RedshiftType::Date, &0_i32.to_be_bytes()).as_deref(), Some("2000-01-01"));
        assert_eq!(binary(RedshiftType::Date, &(-1_i32).to_be_bytes()).as_deref(), Some("1999-12-31"));
        assert_eq!(binary(RedshiftType::Date, &8_825_i32.to_be_bytes()).as_deref(), Some("2024-02-29"));
        let moment = 86_400_000_000_i64 + 3_723_000_001;
        assert_eq!(
            binary(RedshiftType::TimestampTz, &moment.to_be_bytes()).as_deref(),
            Some("2000-01-02 01:02:03.000001+00")
        );
        assert_eq!(binary(RedshiftType::Double, &1.5_f64.to_be_bytes()).as_deref(), Some("1.5e0"));
        assert_eq!(binary(RedshiftType::Varbyte(9), b"\x01\xff").as_deref(), Some("01ff"));
        let interval = [&7_i64.to_be_bytes()[..], &2_i32.to_be_bytes(), &0_i32.to_be_bytes()].concat();
        let data_type = RedshiftType::Interval(IntervalUnit::MICROSECOND);
        assert_eq!(binary(data_type, &interval).as_deref(), Some("2 days 7 microseconds"));
    }

    #[test]
    fn values_of_a_wrong_length_are_refused() {
        for data_type in
            [RedshiftType::Integer, RedshiftType::Date, RedshiftType::Double, RedshiftType::Boolean]
        {
            assert_eq!(binary(data_type, b"\0\0\0"), None);
        }
    }
}
