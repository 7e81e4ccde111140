//! Names of the parts of dates and times (RS 4.2).

/// Canonical names, each with the other spellings that RS 4.2 and the AWS guide list. `m` is minutes.
const PARTS: &[(&str, &[&str])] = &[
    ("millennium", &["millennia", "mil", "mils"]),
    ("century", &["centuries", "c", "cent", "cents"]),
    ("decade", &["decades", "dec", "decs"]),
    ("year", &["years", "y", "yr", "yrs"]),
    ("quarter", &["quarters", "qtr", "qtrs"]),
    ("month", &["months", "mon", "mons"]),
    ("week", &["weeks", "w"]),
    ("day", &["days", "d"]),
    ("hour", &["hours", "h", "hr", "hrs"]),
    ("minute", &["minutes", "m", "min", "mins"]),
    ("second", &["seconds", "s", "sec", "secs"]),
    (
        "millisecond",
        &[
            "milliseconds",
            "ms",
            "msec",
            "msecs",
            "msecond",
            "mseconds",
            "millisec",
            "millisecs",
            "millisecon",
        ],
    ),
    (
        "microsecond",
        &[
            "microseconds",
            "us",
            "usec",
            "usecs",
            "usecond",
            "useconds",
            "microsec",
            "microsecs",
            "microsecon",
        ],
    ),
    ("dayofweek", &["dow", "dw", "weekday"]),
    ("dayofyear", &["doy", "dy", "yearday"]),
    ("epoch", &[]),
    ("timezone", &[]),
    ("timezone_hour", &[]),
    ("timezone_minute", &[]),
];

/// The canonical name of a date part.
pub fn canonical(part: &str) -> Option<&'static str> {
    let part = part.trim().to_ascii_lowercase();
    let known = |(name, others): &&(&str, &[&str])| *name == part || others.contains(&part.as_str());
    PARTS.iter().find(known).map(|(name, _)| *name)
}
