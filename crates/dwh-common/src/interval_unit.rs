use std::fmt;

/// The least unit that the values of an INTERVAL type have: what is smaller is cut (guide, "Interval data types").
///
/// Year and month make `interval year to month`, the others `interval day to second`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntervalUnit {
    /// Whole years.
    Year,
    /// Whole months.
    Month,
    /// Whole days.
    Day,
    /// Whole hours.
    Hour,
    /// Whole minutes.
    Minute,
    /// Seconds.
    Second {
        /// Digits of their fraction, 0 to 6.
        digits: u8,
    },
}

const MICROS_PER_SECOND: i64 = 1_000_000;

impl IntervalUnit {
    /// Seconds with all their digits.
    pub const MICROSECOND: Self = Self::Second { digits: 6 };

    /// The least unit of a qualifier: `year to month`, `hour`, `day to second`; `digits` are those in its parentheses.
    pub fn of_qualifier(qualifier: &str, digits: Option<u8>) -> Option<Self> {
        let words: Vec<&str> = qualifier.split_ascii_whitespace().collect();
        const UNITS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        let place = |word: &str| UNITS.iter().position(|unit| unit.eq_ignore_ascii_case(word));
        let least = match *words.as_slice() {
            [unit] => place(unit)?,
            [first, to, last] if to.eq_ignore_ascii_case("to") => {
                let (first, last) = (place(first)?, place(last)?);
                // Years and months do not mix with the others.
                if first >= last || (first < 2) != (last < 2) {
                    return None;
                }
                last
            }
            _ => return None,
        };
        let unit = match least {
            0 => Self::Year,
            1 => Self::Month,
            2 => Self::Day,
            3 => Self::Hour,
            4 => Self::Minute,
            _ => return Some(Self::Second { digits: digits.unwrap_or(6).min(6) }),
        };
        digits.is_none().then_some(unit)
    }

    /// Whether the type is `interval year to month`.
    pub fn is_year_to_month(self) -> bool {
        matches!(self, Self::Year | Self::Month)
    }

    /// What numbers without a unit count.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second { .. } => "second",
        }
    }

    /// A number of months without what is less than the unit.
    pub fn cut_months(self, months: i32) -> i32 {
        if self == Self::Year { months - months % 12 } else { months }
    }

    /// A number of microseconds without what is less than the unit. Fractions of seconds are rounded, as the guide's
    /// example and PostgreSQL do (`INTERVAL '1.234567' SECOND (3)` is 1.235 seconds).
    pub fn cut_micros(self, micros: i64) -> i64 {
        let step = match self {
            Self::Year | Self::Month | Self::Day => 86_400 * MICROS_PER_SECOND,
            Self::Hour => 3_600 * MICROS_PER_SECOND,
            Self::Minute => 60 * MICROS_PER_SECOND,
            Self::Second { digits } => 10_i64.pow(6 - u32::from(digits.min(6))),
        };
        match self {
            Self::Second { .. } => {
                let half = micros.signum() * (step / 2);
                let raised = micros.saturating_add(half);
                raised - raised % step
            }
            _ => micros - micros % step,
        }
    }
}

impl fmt::Display for IntervalUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year => "year",
            Self::Month => "year to month",
            Self::Day => "day",
            Self::Hour => "day to hour",
            Self::Minute => "day to minute",
            Self::Second { digits: 6 } => "day to second",
            Self::Second { digits } => return write!(f, "day to second({digits})"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::IntervalUnit;

    #[test]
    fn qualifiers_of_the_guide_have_a_least_unit() {
        let cases = [
            ("YEAR", "year"),
            ("MONTH", "year to month"),
            ("YEAR TO MONTH", "year to month"),
            ("DAY", "day"),
            ("HOUR", "day to hour"),
            ("DAY TO MINUTE", "day to minute"),
            ("HOUR TO SECOND", "day to second"),
            ("MINUTE TO SECOND", "day to second"),
        ];
        for (qualifier, shown) in cases {
            let unit = IntervalUnit::of_qualifier(qualifier, None).expect(qualifier);
            assert_eq!(unit.to_string(), shown);
            assert_eq!(IntervalUnit::of_qualifier(shown, None), Some(unit));
        }
        for nonsense in ["", "week", "month to year", "year to day", "day to day", "second to minute"] {
            assert_eq!(IntervalUnit::of_qualifier(nonsense, None), None, "{nonsense}");
        }
        assert_eq!(IntervalUnit::of_qualifier("hour", Some(3)), None);
        let millis = IntervalUnit::of_qualifier("second", Some(3)).expect("a unit");
        assert_eq!(
            (millis.to_string().as_str(), millis.cut_micros(-1_234_567)),
            ("day to second(3)", -1_235_000)
        );
    }
}
