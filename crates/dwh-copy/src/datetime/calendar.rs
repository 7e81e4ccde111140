use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Timestamp, civil};

/// The years that Redshift stores: 4713 BC, counted as -4712, to 294276 AD.
const YEARS: std::ops::RangeInclusive<i64> = -4712..=294_276;

/// English months in lower case; three letters of each are enough to tell them apart.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month of a name or its first three letters, 1 to 12.
pub(super) fn month_of(name: &str) -> Option<u32> {
    let name = name.to_ascii_lowercase();
    let is_month = |month: &str| month == name || (name.len() == 3 && month.starts_with(&name));
    let position =
        MONTHS.iter().position(|month| is_month(month)).or_else(|| (name == "sept").then_some(8))?;
    Some(position as u32 + 1)
}

/// The parts of a date and time while they are being read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) year: Option<i64>,
    /// Whether `year` is two digits without their century.
    is_short_year: bool,
    pub(super) month: Option<u32>,
    pub(super) day: Option<u32>,
    /// Day of the year, in place of month and day.
    pub(super) year_day: Option<u32>,
    /// Days since 1970-01-01, in place of all the others.
    pub(super) days: Option<i64>,
    pub(super) before_christ: bool,
    pub(super) hour: Option<u32>,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) micros: u32,
    pub(super) afternoon: Option<bool>,
    pub(super) offset_seconds: Option<i32>,
}

impl Fields {
    /// Two digits of a year: 70 to 99 are of the last century, unless it is one before Christ.
    pub(super) fn set_short_year(&mut self, two_digits: u32) {
        (self.year, self.is_short_year) = (Some(two_digits.into()), true);
    }

    pub(super) fn has_date(&self) -> bool {
        self.days.is_some() || self.year_day.is_some() || self.day.is_some()
    }

    /// Days since 1970-01-01, if the parts are a date.
    pub(super) fn days(&self) -> Option<i64> {
        if self.days.is_some() {
            return self.days;
        }
        let mut year = self.year?;
        if self.before_christ {
            if year < 1 {
                return None;
            }
            year = 1 - year;
        } else if self.is_short_year {
            year += if year >= 70 { 1900 } else { 2000 };
        }
        if !YEARS.contains(&year) {
            return None;
        }
        if let Some(year_day) = self.year_day {
            let last = 337 + civil::days_in_month(year as i32, 2);
            return (1..=last)
                .contains(&year_day)
                .then(|| days_from_civil(year, 1, 1) + i64::from(year_day) - 1);
        }
        let (month, day) = (self.month?, self.day?);
        let valid =
            (1..=12).contains(&month) && (1..=civil::days_in_month(year as i32, month)).contains(&day);
        valid.then(|| days_from_civil(year, month, day))
    }

    /// Microseconds since midnight; 24:00:00 is the end of the day.
    pub(super) fn micros_of_day(&self) -> Option<i64> {
        let hour = match (self.hour.unwrap_or(0), self.afternoon) {
            (hour, None) => hour,
            (12, Some(false)) => 0,
            (12, Some(true)) => 12,
            (hour @ 1..12, Some(afternoon)) => hour + if afternoon { 12 } else { 0 },
            _ => return None,
        };
        let seconds = i64::from(hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let micros = seconds * MICROS_PER_SECOND + i64::from(self.micros);
        // A 60th second is the next minute's first, as in PostgreSQL.
        (self.minute < 60 && self.second <= 60 && micros <= MICROS_PER_DAY).then_some(micros)
    }

    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        let local_micros = self.days()?.checked_mul(MICROS_PER_DAY)?.checked_add(self.micros_of_day()?)?;
        Some(Timestamp { local_micros, offset_seconds: self.offset_seconds })
    }
}

/// Days since 1970-01-01 of a date in the years that Redshift stores.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    civil::days(year as i32, month, day).into()
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::{Fields, days_from_civil};

    #[test]
    fn days_agree_with_an_independent_calendar() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
        for days in (-3_000_000..3_000_000).step_by(997) {
            let date = epoch + chrono::Duration::days(days);
            assert_eq!(days_from_civil(i64::from(date.year()), date.month(), date.day()), days, "{date}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        let date = |year, month, day| {
            Fields { year: Some(year), month: Some(month), day: Some(day), ..Fields::default() }.days()
        };
        assert_eq!(date(2018, 2, 29), None);
        assert!(date(2020, 2, 29).is_some());
        assert_eq!(date(294_277, 1, 1), None);
        assert_eq!(date(2018, 13, 1), None);
    }
}
