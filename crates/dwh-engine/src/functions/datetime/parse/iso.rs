//! The common form of a timestamp.

use crate::functions::datetime::calendar::{self, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND};

/// The common form, without allocation: `YYYY-MM-DD[ HH:MM:SS[.ffffff]]`.
pub(super) fn iso(bytes: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| {
        bytes
            .get(from..to)?
            .iter()
            .try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    if !(is(4, b'-') && is(7, b'-')) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    if !(1..=12).contains(&month) || day == 0 || day > calendar::days_in_month(year, month) {
        return None;
    }
    let midnight = calendar::micros_of_days(calendar::days(year, month, day));
    if bytes.len() == 10 {
        return Some(midnight);
    }
    if !((is(10, b' ') || is(10, b'T')) && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match bytes.get(19..)? {
        [] => 0,
        [b'.', fraction @ ..] if !fraction.is_empty() && fraction.len() <= 6 => {
            number(20, bytes.len())? * 10u32.pow(6 - fraction.len() as u32)
        }
        _ => return None,
    };
    Some(
        midnight
            + i64::from(hour) * MICROS_PER_HOUR
            + i64::from(minute) * MICROS_PER_MINUTE
            + i64::from(second) * MICROS_PER_SECOND
            + i64::from(micros),
    )
}
