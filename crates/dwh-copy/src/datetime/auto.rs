use super::calendar::{Fields, month_of};
use super::{MICROS_PER_DAY, Timestamp};

/// Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// Reads a timestamp in any of the forms of TIMEFORMAT 'auto' (RS 1.11): ISO 8601, `YYYYMMDD HHMISS`,
/// `YYYY.DDD`, `MM/DD/YYYY HH:MI:SS`, `DD Mon HH:MI:SS YYYY TZ`, `Jan-08-95 BC`, `J2451187`, … A date
/// alone is its midnight. Numbers since the epoch are not read.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    Reader::read(text)?.timestamp()
}

/// Reads a date in the same forms; a time is ignored. Days since 1970-01-01.
pub fn parse_date(text: &str) -> Option<i32> {
    let timestamp = Reader::read(text)?.timestamp()?;
    i32::try_from(timestamp.local_micros.div_euclid(MICROS_PER_DAY)).ok()
}

/// Reads a time of day, `HH:MI[:SS[.ffffff]] [AM|PM]` or `HHMI[SS]`; a date is ignored. Microseconds
/// since midnight.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    if matches!(text.len(), 4 | 6) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let mut fields = Fields::default();
        compact_time(text, &mut fields)?;
        return fields.micros_of_day();
    }
    let fields = Reader::read(text)?;
    fields.hour?;
    fields.micros_of_day()
}

/// Microseconds of the digits behind a point; digits past the sixth are cut.
pub(super) fn fraction(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let six = digits.get(..6).unwrap_or(digits);
    format!("{six:0<6}").parse().ok()
}

/// Seconds east of UTC of `+2`, `-08`, `+05:30`, `+0530`, `Z` or a common abbreviation.
pub(super) fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return named_zone(text),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "0"),
    };
    let (hours, minutes) = (whole(hours)?, whole(minutes)?);
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours <= 15 && minutes < 60).then_some(sign * seconds)
}

fn named_zone(name: &str) -> Option<i32> {
    const HOUR: i32 = 3600;
    Some(match name.to_ascii_lowercase().as_str() {
        "z" | "utc" | "gmt" | "ut" | "zulu" | "wet" => 0,
        "cet" | "met" | "bst" | "west" => HOUR,
        "cest" | "eet" | "sast" => 2 * HOUR,
        "eest" | "msk" => 3 * HOUR,
        "sgt" | "awst" => 8 * HOUR,
        "jst" | "kst" => 9 * HOUR,
        "aest" => 10 * HOUR,
        "aedt" => 11 * HOUR,
        "ast" => -4 * HOUR,
        "edt" => -4 * HOUR,
        "est" | "cdt" => -5 * HOUR,
        "cst" | "mdt" => -6 * HOUR,
        "mst" | "pdt" => -7 * HOUR,
        "pst" | "akdt" => -8 * HOUR,
        "akst" => -9 * HOUR,
        "hst" => -10 * HOUR,
        _ => return None,
    })
}

fn whole(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Reads word by word, as PostgreSQL does: what a word is follows from its form and from what is
/// known already.
#[derive(Default)]
struct Reader {
    fields: Fields,
}

impl Reader {
    fn read(text: &str) -> Option<Fields> {
        let mut reader = Self::default();
        let words = text.split(|character: char| character.is_ascii_whitespace() || character == ',');
        for word in words.filter(|word| !word.is_empty()) {
            reader.word(word)?;
        }
        Some(reader.fields)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        // 'T' between date and time, with a digit on both sides.
        if let Some((date, time)) = word.split_once(['T', 't'])
            && date.ends_with(|last: char| last.is_ascii_digit())
            && time.starts_with(|first: char| first.is_ascii_digit())
        {
            self.word(date)?;
            return self.time_with_zone(time);
        }
        if word.contains(':') && word.starts_with(|first: char| first.is_ascii_digit()) {
            return self.time_with_zone(word);
        }
        if self.fields.hour.is_some() && word.starts_with(['+', '-']) {
            return self.zone(word);
        }
        if word.starts_with(|first: char| first.is_ascii_digit()) || word.contains(['-', '/', '.']) {
            return self.date_or_number(word);
        }
        self.name(word)
    }

    /// `17:31:24.796+02`, `5:31PM`, `173124Z`.
    fn time_with_zone(&mut self, word: &str) -> Option<()> {
        let end = word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(word.len());
        let (time, rest) = word.split_at(end);
        if self.fields.hour.is_some() {
            return None;
        }
        if time.contains(':') {
            let mut parts = time.split(':');
            self.fields.hour = Some(whole(parts.next()?)?);
            self.fields.minute = whole(parts.next()?)?;
            if let Some(seconds) = parts.next() {
                let (seconds, decimals) = seconds.split_once('.').unwrap_or((seconds, ""));
                self.fields.second = whole(seconds)?;
                self.fields.micros = fraction(decimals)?;
            }
            if parts.next().is_some() {
                return None;
            }
        } else {
            compact_time(time, &mut self.fields)?;
        }
        match rest {
            "" => Some(()),
            _ if rest.starts_with(['+', '-']) => self.zone(rest),
            _ => self.name(rest),
        }
    }

    fn zone(&mut self, text: &str) -> Option<()> {
        let seconds = offset(text)?;
        self.fields.offset_seconds.replace(seconds).is_none().then_some(())
    }

    fn name(&mut self, word: &str) -> Option<()> {
        let fields = &mut self.fields;
        match word.to_ascii_lowercase().as_str() {
            "am" => fields.afternoon = Some(false),
            "pm" => fields.afternoon = Some(true),
            "bc" => fields.before_christ = true,
            "ad" => {}
            "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "monday" | "tuesday" | "wednesday"
            | "thursday" | "friday" | "saturday" | "sunday" => {}
            lower if lower.starts_with('j') && lower[1..].bytes().all(|byte| byte.is_ascii_digit()) => {
                fields.days = Some(lower[1..].parse::<i64>().ok()? - EPOCH_JULIAN_DAY);
            }
            lower => {
                if let Some(month) = month_of(lower) {
                    return fields.month.replace(month).is_none().then_some(());
                }
                return self.zone(lower);
            }
        }
        Some(())
    }

    fn date_or_number(&mut self, word: &str) -> Option<()> {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.digits(word);
        }
        // `173124.5` behind a date is a time; `2018.334` is a year and its day.
        if let Some((before, behind)) = word.split_once('.')
            && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !behind.contains('.')
        {
            if before.len() == 6 && self.fields.has_date() {
                compact_time(before, &mut self.fields)?;
                self.fields.micros = fraction(behind)?;
                return Some(());
            }
            if before.len() == 4 && behind.len() == 3 {
                self.fields.year = Some(whole(before)?.into());
                self.fields.year_day = Some(whole(behind)?);
                return Some(());
            }
        }
        let separator = word.find(['-', '/', '.']).map(|position| word.as_bytes()[position])?;
        let parts: Vec<&str> = word.split(char::from(separator)).collect();
        let [first, second, third] = parts[..] else { return None };
        self.date(first, second, third, separator)
    }

    fn date(&mut self, first: &str, second: &str, third: &str, separator: u8) -> Option<()> {
        let fields = &mut self.fields;
        if fields.has_date() || fields.month.is_some() {
            return None;
        }
        let (year, month, day) = if let Some(month) = month_of(first) {
            // Jan-08-95
            (third, Some(month), second)
        } else if let Some(month) = month_of(second) {
            // 08-Jan-1999, 1999-Jan-08
            if first.len() > 2 { (first, Some(month), third) } else { (third, Some(month), first) }
        } else if first.len() > 2 {
            (first, whole(second), third)
        } else if separator == b'.' && whole(second)? <= 12 {
            // DD.MM.YYYY; the guide's own example of it, 12.17.1997, can only be the other way round.
            (third, whole(second), first)
        } else {
            // MM/DD/YYYY, Redshift's DateStyle
            (third, whole(first), second)
        };
        match whole(year)? {
            two_digits if year.len() <= 2 => fields.set_short_year(two_digits),
            number => fields.year = Some(number.into()),
        }
        fields.month = Some(month?);
        fields.day = Some(whole(day)?);
        Some(())
    }

    fn digits(&mut self, word: &str) -> Option<()> {
        let fields = &mut self.fields;
        match word.len() {
            14 => {
                self.digits(&word[..8])?;
                compact_time(&word[8..], &mut self.fields)
            }
            8 if !fields.has_date() => {
                fields.year = Some(whole(&word[..4])?.into());
                fields.month = Some(whole(&word[4..6])?);
                fields.day = Some(whole(&word[6..])?);
                Some(())
            }
            6 if !fields.has_date() && fields.month.is_none() => {
                fields.set_short_year(whole(&word[..2])?);
                fields.month = Some(whole(&word[2..4])?);
                fields.day = Some(whole(&word[4..])?);
                Some(())
            }
            6 | 4 if fields.has_date() && fields.hour.is_none() && fields.year.is_some() => {
                compact_time(word, fields)
            }
            3.. if fields.month.is_some() && fields.year.is_none() => {
                fields.year = Some(whole(word)?.into());
                Some(())
            }
            // Beside a month's name: the day first, then a short year.
            1 | 2 if fields.day.is_none() => {
                fields.day = Some(whole(word)?);
                Some(())
            }
            2 if fields.month.is_some() && fields.year.is_none() => {
                fields.set_short_year(whole(word)?);
                Some(())
            }
            _ => None,
        }
    }
}

/// `HHMI` or `HHMISS`.
fn compact_time(digits: &str, fields: &mut Fields) -> Option<()> {
    if !matches!(digits.len(), 4 | 6) {
        return None;
    }
    fields.hour = Some(whole(digits.get(..2)?)?);
    fields.minute = whole(digits.get(2..4)?)?;
    fields.second = if digits.len() == 6 { whole(digits.get(4..)?)? } else { 0 };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{parse_date, parse_time, parse_timestamp};

    /// `date -u -d @…` prints the expected clock readings.
    fn micros(text: &str) -> Option<i64> {
        parse_timestamp(text).map(|timestamp| timestamp.without_zone())
    }

    /// The forms that RS 1.11 lists.
    #[test]
    fn auto_reads_every_listed_form() {
        let noon = |seconds: i64| Some(seconds * 1_000_000);
        for (text, expected) in [
            ("2019-02-11T05:09:12.195Z", Some(1_549_861_752_195_000)),
            ("2019-02-11 05:09:12", noon(1_549_861_752)),
            ("2019-02-11", noon(1_549_843_200)),
            ("J2451187", noon(915_753_600)),
            ("20190211 050912", noon(1_549_861_752)),
            ("190211 050912", noon(1_549_861_752)),
            ("20190211T050912", noon(1_549_861_752)),
            ("2019.042", noon(1_549_843_200)),
            ("11 Feb 05:09:12 2019 PST", noon(1_549_861_752)),
            ("02/11/2019 05:09:12.50 UTC", Some(1_549_861_752_500_000)),
            ("2019-02-11 05:09:12+05:30", noon(1_549_861_752)),
            ("11.02.2019 05:09:12 CET", noon(1_549_861_752)),
            ("Feb-11-19", noon(1_549_843_200)),
            ("February 11, 2019 5:09 AM", noon(1_549_861_740)),
            ("11-Feb-2019", noon(1_549_843_200)),
            ("Mon Feb 11 05:09:12 2019", noon(1_549_861_752)),
            ("2019-02-11 17:09:12 PM", None),
            ("1549861752195", None),
            ("1549861752", None),
            ("never", None),
            ("", None),
            ("2019-02-30", None),
        ] {
            assert_eq!(micros(text), expected, "{text}");
        }
    }

    #[test]
    fn zones_are_kept_for_timestamptz() {
        let utc = |text: &str| parse_timestamp(text).map(|timestamp| timestamp.in_utc());
        assert_eq!(utc("2019-02-11 05:09:12+05:30"), Some((1_549_861_752 - 19_800) * 1_000_000));
        assert_eq!(utc("2019-02-11 05:09:12 PST"), Some((1_549_861_752 + 28_800) * 1_000_000));
        assert_eq!(utc("2019-02-11 05:09:12"), Some(1_549_861_752_000_000));
    }

    #[test]
    fn years_before_christ_have_no_year_zero() {
        // PostgreSQL: SELECT '0001-01-01 BC'::date - '1970-01-01'::date.
        assert_eq!(parse_date("0001-01-01 BC"), Some(-719_528));
        assert_eq!(parse_date("0001-01-01"), Some(-719_162));
        // Two digits are the year itself there.
        assert_eq!(parse_date("Jan-08-95 BC"), parse_date("0095-01-08 BC"));
        assert_eq!(parse_date("1/8/95 BC"), parse_date("0095-01-08 BC"));
        assert_eq!(parse_date("Jan-08-95"), parse_date("1995-01-08"));
    }

    #[test]
    fn times_of_day_are_microseconds() {
        assert_eq!(parse_time("17:31:24.796"), Some(63_084_796_000));
        assert_eq!(parse_time("05:31 PM"), Some(63_060_000_000));
        assert_eq!(parse_time("173124"), Some(63_084_000_000));
        assert_eq!(parse_time("25:00"), None);
        assert_eq!(parse_time("2019-02-11"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            text: String,
            close in "[0-9TZJjanbcBC:./+ é-]{0,20}",
        ) {
            for text in [text, close] {
                let _ = (parse_timestamp(&text), parse_date(&text), parse_time(&text));
            }
        }

        #[test]
        fn every_clock_reading_is_read_back(seconds in -60_000_000_000_i64..200_000_000_000, fraction in 0_u32..1_000_000) {
            let time = chrono::DateTime::from_timestamp(seconds, fraction * 1000).expect("in range");
            let expected = Some(time.timestamp_micros());
            proptest::prop_assert_eq!(parse_timestamp(&time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()).map(|read| read.in_utc()), expected);
            proptest::prop_assert_eq!(micros(&time.format("%m/%d/%Y %I:%M:%S%.6f %p").to_string()), expected);
        }
    }
}
