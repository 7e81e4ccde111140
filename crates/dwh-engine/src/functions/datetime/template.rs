//! The date and time templates of TO_CHAR, TO_DATE and TO_TIMESTAMP: PostgreSQL's patterns (RS 4.2).

/// One pattern of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era {
        dots: bool,
    },
    Meridiem {
        dots: bool,
    },
    Century,
    DayName,
    DayAbbreviation,
    DayOfYear,
    DayOfMonth,
    DayOfWeek,
    Hour24,
    Hour12,
    IsoDayOfYear,
    IsoDayOfWeek,
    IsoWeek,
    /// Digits of the ISO year, 4 to 1.
    IsoYear(usize),
    JulianDay,
    Minute,
    Month,
    MonthName,
    MonthAbbreviation,
    Millisecond,
    Microsecond,
    ZoneOffset,
    ZoneName,
    Quarter,
    RomanMonth,
    SecondOfDay,
    Second,
    WeekOfYear,
    WeekOfMonth,
    YearWithComma,
    /// Digits of the year, 4 to 1.
    Year(usize),
}

impl Field {
    /// How many digits the field has where another digit follows it.
    pub(super) fn digits(self) -> usize {
        match self {
            Self::Year(digits) | Self::IsoYear(digits) => digits,
            Self::DayOfYear | Self::IsoDayOfYear | Self::Millisecond => 3,
            Self::Microsecond => 6,
            Self::JulianDay => 7,
            Self::SecondOfDay => 5,
            Self::DayOfWeek | Self::IsoDayOfWeek | Self::Quarter | Self::WeekOfMonth => 1,
            _ => 2,
        }
    }
}

/// How a name is written, told from the pattern's own letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Title,
    Lower,
}

impl Case {
    fn of(pattern: &str) -> Self {
        let mut letters = pattern.chars().filter(|c| c.is_alphabetic());
        match (letters.next().is_some_and(char::is_uppercase), letters.next().is_some_and(char::is_uppercase))
        {
            (true, true) => Self::Upper,
            (true, false) => Self::Title,
            _ => Self::Lower,
        }
    }

    /// A lower-case name in this case.
    pub(super) fn apply(self, name: &str) -> String {
        match self {
            Self::Upper => name.to_uppercase(),
            Self::Lower => name.to_owned(),
            Self::Title => {
                let mut letters = name.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            }
        }
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A value.
    Field {
        field: Field,
        case: Case,
        /// FM: no padding.
        fill: bool,
        /// TH or th: an ordinal's ending.
        ordinal: Option<Case>,
    },
    /// A character as it is.
    Literal(char),
}

/// Patterns, longer ones before those they begin with.
const PATTERNS: &[(&str, Field)] = &[
    ("A.D.", Field::Era { dots: true }),
    ("B.C.", Field::Era { dots: true }),
    ("A.M.", Field::Meridiem { dots: true }),
    ("P.M.", Field::Meridiem { dots: true }),
    ("AD", Field::Era { dots: false }),
    ("BC", Field::Era { dots: false }),
    ("AM", Field::Meridiem { dots: false }),
    ("PM", Field::Meridiem { dots: false }),
    ("CC", Field::Century),
    ("DAY", Field::DayName),
    ("DDD", Field::DayOfYear),
    ("DD", Field::DayOfMonth),
    ("DY", Field::DayAbbreviation),
    ("D", Field::DayOfWeek),
    ("HH24", Field::Hour24),
    ("HH12", Field::Hour12),
    ("HH", Field::Hour12),
    ("IDDD", Field::IsoDayOfYear),
    ("ID", Field::IsoDayOfWeek),
    ("IW", Field::IsoWeek),
    ("IYYY", Field::IsoYear(4)),
    ("IYY", Field::IsoYear(3)),
    ("IY", Field::IsoYear(2)),
    ("I", Field::IsoYear(1)),
    ("J", Field::JulianDay),
    ("MI", Field::Minute),
    ("MM", Field::Month),
    ("MONTH", Field::MonthName),
    ("MON", Field::MonthAbbreviation),
    ("MS", Field::Millisecond),
    ("OF", Field::ZoneOffset),
    ("Q", Field::Quarter),
    ("RM", Field::RomanMonth),
    ("SSSSS", Field::SecondOfDay),
    ("SSSS", Field::SecondOfDay),
    ("SS", Field::Second),
    ("TZ", Field::ZoneName),
    ("US", Field::Microsecond),
    ("WW", Field::WeekOfYear),
    ("W", Field::WeekOfMonth),
    ("Y,YYY", Field::YearWithComma),
    ("YYYY", Field::Year(4)),
    ("YYY", Field::Year(3)),
    ("YY", Field::Year(2)),
    ("Y", Field::Year(1)),
];

/// Months in Roman numerals, January first.
pub(super) const ROMAN_MONTHS: [&str; 12] =
    ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/// Reads a template. What is no pattern is literal; text in double quotes always is.
pub(super) fn parse(template: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = template;
    let mut fill = false;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = without_prefix(rest, "FM") {
            fill = true;
            rest = after;
        } else if let Some(after) = without_prefix(rest, "FX").or_else(|| without_prefix(rest, "TM")) {
            rest = after;
        } else if let Some((pattern, field)) =
            PATTERNS.iter().find(|(pattern, _)| without_prefix(rest, pattern).is_some())
        {
            let (written, after) = rest.split_at(pattern.len());
            let ordinal = without_prefix(after, "TH").map(|_| Case::of(after));
            items.push(Item::Field { field: *field, case: Case::of(written), fill, ordinal });
            rest = if ordinal.is_some() { after.split_at(2).1 } else { after };
            fill = false;
        } else if character == '"' {
            let quoted = rest.get(1..).unwrap_or_default();
            let end = quoted.find('"').unwrap_or(quoted.len());
            items.extend(quoted.chars().take(quoted.split_at(end).0.chars().count()).map(Item::Literal));
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            items.push(Item::Literal(character));
            rest = rest.split_at(character.len_utf8()).1;
        }
    }
    items
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
