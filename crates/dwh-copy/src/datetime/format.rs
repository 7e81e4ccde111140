use super::auto::{self, parse_date, parse_timestamp};
use super::calendar::{Fields, MONTHS, month_of};
use super::{MICROS_PER_DAY, Timestamp};

/// A format string that COPY does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It holds no token.
    #[error("'{0}' holds none of YY YYYY MM MON DD HH HH24 HH12 MI SS AM PM")]
    NoToken(String),
    /// Letters that are no token.
    #[error("'{token}' in '{format}' is none of YY YYYY MM MON DD HH HH24 HH12 MI SS AM PM")]
    UnknownToken {
        /// From the first letter that fits nothing.
        token: String,
        /// The whole.
        format: String,
    },
}

/// TIMEFORMAT of COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `YYYY-MM-DD HH:MI:SS` with up to six decimals, and an offset for TIMESTAMPTZ.
    Default,
    /// Whatever is recognised.
    Auto,
    /// Seconds since 1970, with decimals.
    EpochSeconds,
    /// Milliseconds since 1970, with decimals.
    EpochMilliseconds,
    /// A format string.
    Pattern(Pattern),
}

impl TimestampFormat {
    /// Reads the option; the three keywords are lower case (RS 1.2).
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn parse(option: Option<&str>) -> Result<Self, FormatError> {
        Ok(match option {
            None => Self::Default,
            Some("auto") => Self::Auto,
            Some("epochsecs") => Self::EpochSeconds,
            Some("epochmillisecs") => Self::EpochMilliseconds,
            Some(format) => Self::Pattern(Pattern::parse(format)?),
        })
    }

    /// The format as Redshift's error text shows it.
    pub fn describe(&self) -> &str {
        match self {
            Self::Default => "YYYY-MM-DD HH24:MI:SS",
            Self::Auto => "auto",
            Self::EpochSeconds => "epochsecs",
            Self::EpochMilliseconds => "epochmillisecs",
            Self::Pattern(pattern) => &pattern.format,
        }
    }

    /// Reads a timestamp that is text; the epoch formats are numbers and not read here.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        match self {
            Self::Default => read_default(text),
            Self::Auto => parse_timestamp(text),
            Self::EpochSeconds | Self::EpochMilliseconds => None,
            Self::Pattern(pattern) => match pattern.read(text)? {
                (fields, "") => fields.timestamp(),
                _ => None,
            },
        }
    }
}

fn read_default(text: &str) -> Option<Timestamp> {
    let mut scan = Scan(text.trim());
    let mut fields = Fields::default();
    scan.date(&mut fields)?;
    scan.character(' ')?;
    fields.hour = Some(scan.number(2)?);
    scan.character(':')?;
    fields.minute = scan.number(2)?;
    scan.character(':')?;
    fields.second = scan.number(2)?;
    if let Some(rest) = scan.0.strip_prefix('.') {
        let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        fields.micros = auto::fraction(&rest[..digits])?;
        scan.0 = &rest[digits..];
    }
    if scan.0.trim_start().starts_with(['+', '-']) {
        fields.offset_seconds = Some(auto::offset(scan.0.trim_start())?);
        scan.0 = "";
    }
    scan.0.is_empty().then(|| fields.timestamp())?
}

/// DATEFORMAT of COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// `YYYY-MM-DD`; a time behind it is ignored.
    Default,
    /// Whatever is recognised.
    Auto,
    /// A format string; a time behind it is ignored, too.
    Pattern(Pattern),
}

impl DateFormat {
    /// Reads the option.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn parse(option: Option<&str>) -> Result<Self, FormatError> {
        Ok(match option {
            None => Self::Default,
            Some("auto") => Self::Auto,
            Some(format) => Self::Pattern(Pattern::parse(format)?),
        })
    }

    /// The format as an error text shows it.
    pub fn describe(&self) -> &str {
        match self {
            Self::Default => "YYYY-MM-DD",
            Self::Auto => "auto",
            Self::Pattern(pattern) => &pattern.format,
        }
    }

    /// Days since 1970-01-01.
    pub fn read(&self, text: &str) -> Option<i32> {
        let days = match self {
            Self::Default => {
                let mut scan = Scan(text.trim());
                let mut fields = Fields::default();
                scan.date(&mut fields)?;
                if !is_time_of_day(scan.0) {
                    return None;
                }
                fields.days()?
            }
            Self::Auto => return parse_date(text),
            Self::Pattern(pattern) => {
                let (fields, rest) = pattern.read(text)?;
                if !is_time_of_day(rest) {
                    return None;
                }
                fields.timestamp()?.local_micros.div_euclid(MICROS_PER_DAY)
            }
        };
        i32::try_from(days).ok()
    }
}

/// A format string of COPY, in which HH is the hour of 24 (RS 1.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    format: String,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
    Meridiem,
    Literal(char),
}

/// Longer tokens first, where one begins another.
const TOKENS: [(&str, Item); 13] = [
    ("YYYY", Item::Year),
    ("YY", Item::ShortYear),
    ("MONTH", Item::MonthName),
    ("MON", Item::MonthName),
    ("MM", Item::Month),
    ("MI", Item::Minute),
    ("DD", Item::Day),
    ("HH24", Item::Hour),
    ("HH12", Item::Hour12),
    ("HH", Item::Hour),
    ("SS", Item::Second),
    ("AM", Item::Meridiem),
    ("PM", Item::Meridiem),
];

impl Pattern {
    /// # Errors
    /// [`FormatError`].
    fn parse(format: &str) -> Result<Self, FormatError> {
        let mut items = Vec::new();
        let mut rest = format;
        while let Some(first) = rest.chars().next() {
            let token = TOKENS.iter().find(|(token, _)| {
                rest.get(..token.len()).is_some_and(|start| start.eq_ignore_ascii_case(token))
            });
            let length = match token {
                Some((token, item)) => {
                    items.push(*item);
                    token.len()
                }
                // ISO 8601's separator is the one letter that stands for itself.
                None if first.is_ascii_alphabetic() && first != 'T' => {
                    return Err(FormatError::UnknownToken {
                        token: rest.to_owned(),
                        format: format.to_owned(),
                    });
                }
                None => {
                    items.push(Item::Literal(first));
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        if items.iter().all(|item| matches!(item, Item::Literal(_))) {
            return Err(FormatError::NoToken(format.to_owned()));
        }
        Ok(Self { format: format.to_owned(), items })
    }

    /// The parts that the format mentions, and the text behind them.
    fn read<'a>(&self, text: &'a str) -> Option<(Fields, &'a str)> {
        let mut scan = Scan(text.trim());
        let mut fields = Fields::default();
        for item in &self.items {
            match item {
                Item::Year => fields.year = Some(scan.number(4)?.into()),
                Item::ShortYear => fields.set_short_year(scan.number(2)?),
                Item::Month => fields.month = Some(scan.number(2)?),
                Item::MonthName => fields.month = Some(scan.month_name()?),
                Item::Day => fields.day = Some(scan.number(2)?),
                Item::Hour => fields.hour = Some(scan.number(2)?),
                Item::Hour12 => fields.hour = Some(scan.number(2).filter(|hour| (1..=12).contains(hour))?),
                Item::Minute => fields.minute = scan.number(2)?,
                Item::Second => {
                    fields.second = scan.number(2)?;
                    if let Some(rest) = scan.0.strip_prefix('.') {
                        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                        fields.micros = auto::fraction(&rest[..digits])?;
                        scan.0 = &rest[digits..];
                    }
                }
                Item::Meridiem => fields.afternoon = Some(scan.meridiem()?),
                Item::Literal(literal) => scan.character(*literal)?,
            }
        }
        // What the format does not mention is the first of its kind.
        fields.month = fields.month.or(Some(1));
        fields.day = fields.day.or(Some(1));
        Some((fields, scan.0))
    }
}

/// Whether what stands behind a date can be ignored as its time (RS 1.11).
fn is_time_of_day(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', 'T'])
}

/// The rest of a text being read.
struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn date(&mut self, fields: &mut Fields) -> Option<()> {
        let before = self.0.len();
        fields.year = Some(self.number(4)?.into());
        self.character('-')?;
        fields.month = Some(self.number(2)?);
        self.character('-')?;
        fields.day = Some(self.number(2)?);
        (before - self.0.len() == "YYYY-MM-DD".len()).then_some(())
    }

    fn number(&mut self, max_digits: usize) -> Option<u32> {
        let digits = self.0.bytes().take(max_digits).take_while(u8::is_ascii_digit).count();
        let number = self.0.get(..digits)?.parse().ok()?;
        self.0 = &self.0[digits..];
        Some(number)
    }

    fn character(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn meridiem(&mut self) -> Option<bool> {
        let (word, rest) = self.0.split_at_checked(2)?;
        self.0 = rest;
        match word.to_ascii_lowercase().as_str() {
            "am" => Some(false),
            "pm" => Some(true),
            _ => None,
        }
    }

    fn month_name(&mut self) -> Option<u32> {
        let lower = self.0.to_ascii_lowercase();
        let full = MONTHS.iter().find(|month| lower.starts_with(**month)).map(|month| month.len());
        let (word, rest) = self.0.split_at_checked(full.unwrap_or(3))?;
        self.0 = rest;
        month_of(word)
    }
}

#[cfg(test)]
mod tests {
    use super::{DateFormat, FormatError, Pattern, TimestampFormat};

    /// `date -u -d '2018-11-30 17:31:24' +%s`
    const SECONDS: i64 = 1_543_599_084;

    fn micros(format: Option<&str>, text: &str) -> Option<i64> {
        let format = TimestampFormat::parse(format).expect("valid");
        format.read(text).map(|timestamp| timestamp.without_zone())
    }

    #[test]
    fn the_default_timestamp_takes_a_fraction_but_no_iso_8601() {
        assert_eq!(micros(None, "2018-11-30 17:31:24"), Some(SECONDS * 1_000_000));
        assert_eq!(micros(None, "2018-11-30 17:31:24.796"), Some(SECONDS * 1_000_000 + 796_000));
        for text in [
            "2018-11-30T17:31:24",
            "2018-11-30 17:31:24Z",
            "1543599084796",
            "2018-11-30",
            "18-11-30 17:31:24",
        ] {
            assert_eq!(micros(None, text), None, "{text}");
        }
    }

    #[test]
    fn the_default_timestamptz_takes_an_offset() {
        let read = TimestampFormat::Default.read("2018-11-30 17:31:24+02").expect("reads");
        assert_eq!(read.in_utc(), (SECONDS - 7200) * 1_000_000);
    }

    #[test]
    fn hh_is_the_hour_of_24_in_copy() {
        let expected = Some(SECONDS * 1_000_000);
        assert_eq!(micros(Some("YYYY-MM-DD HH:MI:SS"), "2018-11-30 17:31:24"), expected);
        assert_eq!(micros(Some("MM/DD/YYYY HH12:MI:SS AM"), "11/30/2018 05:31:24 pm"), expected);
        assert_eq!(micros(Some("DD.MON.YY HH24MISS"), "30.Nov.18 173124"), expected);
        assert_eq!(micros(Some("YYYY-MM-DDTHH:MI:SS"), "2018-11-30T17:31:24"), expected);
        assert_eq!(micros(Some("YYYY-MM-DD HH:MI:SS"), "2018-11-30 17:31"), None);
        assert_eq!(micros(Some("YYYY-MM-DD HH:MI"), "2018-11-30 17:31:24"), None);
    }

    #[test]
    fn dates_ignore_a_time_and_need_ten_characters() {
        let read = |format: Option<&str>, text: &str| DateFormat::parse(format).expect("valid").read(text);
        assert_eq!(read(None, "1970-01-02"), Some(1));
        assert_eq!(read(None, "1970-01-02 23:59:59"), Some(1));
        assert_eq!(read(None, "1970-01-02x"), None);
        assert_eq!(read(Some("MM/DD/YYYY"), "01/03/1970"), Some(2));
        assert_eq!(read(Some("auto"), "Jan 3, 1970"), Some(2));
    }

    #[test]
    fn unknown_tokens_are_refused() {
        assert!(matches!(Pattern::parse("YYYY-QQ"), Err(FormatError::UnknownToken { .. })));
        assert_eq!(Pattern::parse("--"), Err(FormatError::NoToken("--".to_owned())));
    }
}
