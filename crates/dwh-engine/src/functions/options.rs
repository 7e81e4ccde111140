//! Session settings that change what functions and casts give, as an extension of DataFusion's options.

use datafusion::common::config::{ConfigExtension, ConfigOptions};
use datafusion::common::extensions_options;

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
        /// NULL is an element like any other in array searches.
        pub default_array_search_null_handling: bool, default = true
    }
}

impl ConfigExtension for RedshiftOptions {
    const PREFIX: &'static str = "redshift";
}

impl RedshiftOptions {
    /// The names of all of them, as SET takes them.
    pub(crate) const NAMES: [&'static str; 6] = [
        "navigate_super_null_on_error",
        "cast_super_null_on_error",
        "parse_super_null_on_error",
        "json_parse_dedup_attributes",
        "json_parse_truncate_strings",
        "default_array_search_null_handling",
    ];

    /// Whether all are as in a new session.
    pub(crate) fn are_default(&self) -> bool {
        let flags = |options: &Self| {
            [
                options.navigate_super_null_on_error,
                options.cast_super_null_on_error,
                options.parse_super_null_on_error,
                options.json_parse_dedup_attributes,
                options.json_parse_truncate_strings,
                options.default_array_search_null_handling,
            ]
        };
        flags(self) == flags(&Self::default())
    }

    /// What a plan runs with.
    pub(crate) fn of(options: &ConfigOptions) -> Self {
        options.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The options that a session's settings ask for.
    pub(crate) fn from_settings(is_on: impl Fn(&str) -> bool) -> Self {
        let [navigate, cast, parse, dedup, truncate, search] = Self::NAMES.map(is_on);
        Self {
            navigate_super_null_on_error: navigate,
            cast_super_null_on_error: cast,
            parse_super_null_on_error: parse,
            json_parse_dedup_attributes: dedup,
            json_parse_truncate_strings: truncate,
            default_array_search_null_handling: search,
        }
    }
}
