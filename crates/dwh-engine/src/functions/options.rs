//! Session settings that change what functions and casts give, as an extension of DataFusion's options.

use datafusion::common::config::{ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::extensions_options;

use super::datetime::style::{DateStyle, IntervalStyle, TextStyle};
use super::datetime::zone::Zone;

extensions_options! {
    /// Redshift's parameters of these names (RS 4.6; guide, "SUPER configurations").
    pub struct RedshiftOptions {
        /// A path that leads nowhere is NULL; else an error.
        pub navigate_super_null_on_error: bool, default = true
        /// A SUPER value that has no such conversion becomes NULL; else an error.
        pub cast_super_null_on_error: bool, default = true
        /// JSON_PARSE of what is no JSON is NULL; else an error.
        pub parse_super_null_on_error: bool, default = false
        /// JSON_PARSE keeps the last of equal attributes; else an error.
        pub json_parse_dedup_attributes: bool, default = false
        /// JSON_PARSE cuts over-long texts; else an error.
        pub json_parse_truncate_strings: bool, default = false
        /// Casts of NUMERIC to fewer decimals round; else they cut.
        pub enable_numeric_rounding: bool, default = true
        /// Months in an interval of days and seconds are an error; else they are left out.
        pub interval_forbid_composite_literals: bool, default = true
        /// NULL is an element like any other in array searches.
        pub default_array_search_null_handling: bool, default = true
        /// The session's time zone.
        pub timezone: String, default = "UTC".to_owned()
        /// How dates are written and read.
        pub datestyle: String, default = "ISO, MDY".to_owned()
        /// How intervals are written.
        pub intervalstyle: String, default = "postgres".to_owned()
        /// Digits of floats beyond those that are always right.
        pub extra_float_digits: String, default = "0".to_owned()
    }
}

impl ConfigExtension for RedshiftOptions {
    const PREFIX: &'static str = "redshift";
}

impl RedshiftOptions {
    /// Whether all are as in a new session.
    pub(crate) fn are_default(&self) -> bool {
        let values =
            |options: &Self| options.entries().into_iter().map(|entry| entry.value).collect::<Vec<_>>();
        values(self) == values(&Self::default())
    }

    /// What a plan runs with.
    pub(crate) fn of(options: &ConfigOptions) -> Self {
        options.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The options that a session's settings, given by name, ask for.
    pub(crate) fn from_settings<'s>(is_on: impl Fn(&str) -> bool, value: impl Fn(&str) -> &'s str) -> Self {
        Self {
            navigate_super_null_on_error: is_on("navigate_super_null_on_error"),
            cast_super_null_on_error: is_on("cast_super_null_on_error"),
            parse_super_null_on_error: is_on("parse_super_null_on_error"),
            json_parse_dedup_attributes: is_on("json_parse_dedup_attributes"),
            json_parse_truncate_strings: is_on("json_parse_truncate_strings"),
            enable_numeric_rounding: is_on("enable_numeric_rounding"),
            interval_forbid_composite_literals: is_on("interval_forbid_composite_literals"),
            default_array_search_null_handling: is_on("default_array_search_null_handling"),
            timezone: value("timezone").to_owned(),
            datestyle: value("datestyle").to_owned(),
            intervalstyle: value("intervalstyle").to_owned(),
            extra_float_digits: value("extra_float_digits").to_owned(),
        }
    }

    /// How text is written and read. SET has checked the values.
    pub(crate) fn text_style(&self) -> TextStyle {
        TextStyle {
            zone: Zone::of_session(&self.timezone).unwrap_or(Zone::UTC),
            dates: DateStyle::of_setting(&self.datestyle),
            intervals: IntervalStyle::of_setting(&self.intervalstyle).unwrap_or_default(),
            extra_float_digits: self.extra_float_digits.trim().parse().unwrap_or(0),
        }
    }
}
