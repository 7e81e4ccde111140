//! Session parameters: SET, SHOW, RESET (RS 4.6).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use dwh_common::{SqlError, SqlState};
use dwh_sql::ParseOptions;
use dwh_sql::plpgsql::RaiseLevel;

use crate::functions::datetime::style::{DateStyle, IntervalStyle};
use crate::functions::datetime::zone::Zone;
use crate::functions::options::RedshiftOptions;
use crate::functions::system::random::Sequence;

/// The parameters that Redshift knows, with the value of a new session.
const KNOWN: &[(&str, &str)] = &[
    ("analyze_threshold_percent", "10"),
    ("application_name", ""),
    ("auto_analyze", "on"),
    ("auto_mv", "on"),
    ("autocommit", "on"),
    ("cast_super_null_on_error", "on"),
    ("client_encoding", "UTF8"),
    ("datestyle", "ISO, MDY"),
    ("default_array_search_null_handling", "on"),
    ("default_geometry_encoding", "1"),
    ("default_transaction_isolation", "serializable"),
    ("default_transaction_read_only", "off"),
    ("describe_field_name_in_uppercase", "off"),
    ("downcase_delimited_identifier", "on"),
    ("enable_case_sensitive_identifier", "off"),
    ("enable_case_sensitive_super_attribute", "off"),
    ("enable_numeric_rounding", "on"),
    ("enable_result_cache_for_session", "on"),
    ("enable_spectrum_oid", "on"),
    ("enable_vacuum_boost", "off"),
    ("error_on_nondeterministic_update", "off"),
    ("extra_float_digits", "0"),
    ("integer_datetimes", "on"),
    ("interval_forbid_composite_literals", "on"),
    ("intervalstyle", "postgres"),
    ("json_parse_dedup_attributes", "off"),
    ("json_parse_truncate_strings", "off"),
    ("json_serialization_enable", "off"),
    ("json_serialization_parse_nested_strings", "off"),
    ("max_concurrency_scaling_clusters", "1"),
    ("max_cursor_result_set_size", "0"),
    ("mv_enable_aqmv_for_session", "on"),
    ("navigate_super_null_on_error", "on"),
    ("parse_super_null_on_error", "off"),
    ("pg_federation_repeatable_read", "on"),
    ("query_group", "default"),
    ("readonly", "0"),
    ("require_ssl", "off"),
    ("search_path", "$user, public"),
    ("seed", ""),
    ("server_encoding", "UNICODE"),
    ("server_version", "8.0.2"),
    ("session_authorization", "awsuser"),
    ("spectrum_enable_pseudo_columns", "on"),
    ("spectrum_query_maxerror", "-1"),
    ("standard_conforming_strings", "off"),
    ("statement_timeout", "0"),
    ("stored_proc_log_min_messages", "LOG"),
    ("timezone", "UTC"),
    ("transaction_isolation", "serializable"),
    ("transaction_read_only", "off"),
    ("use_fips_ssl", "off"),
    ("wlm_query_slot_count", "1"),
];

/// Parameters that the server sets and a session only reads.
const READ_ONLY: &[&str] = &[
    "integer_datetimes",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "transaction_isolation",
];

/// The parameters of one session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Values that differ from the defaults; names with a point are session context variables.
    changed: BTreeMap<String, String>,
    /// What ALTER USER … SET made of the defaults.
    of_user: BTreeMap<String, String>,
    /// What SET LOCAL will put back at the end of the transaction.
    local: Vec<(String, Option<String>)>,
    /// RANDOM() after SET seed.
    random: Option<Sequence>,
}

/// What SET_CONFIG has asked for: the session does it before its next statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingRequests(Arc<Mutex<Vec<SettingRequest>>>);

/// One SET.
#[derive(Debug)]
pub(crate) struct SettingRequest {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it ends with the transaction.
    pub(crate) local: bool,
}

impl SettingRequests {
    pub(crate) fn push(&self, request: SettingRequest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    pub(crate) fn take(&self) -> Vec<SettingRequest> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Settings {
    /// The value of a parameter or context variable.
    pub(crate) fn get(&self, name: &str) -> Result<&str, SqlError> {
        if let Some(value) = self.changed.get(name).or_else(|| self.of_user.get(name)) {
            return Ok(value);
        }
        default(name).ok_or_else(|| unknown(name))
    }

    /// SET name TO value; `None` is DEFAULT.
    pub(crate) fn set(&mut self, name: &str, value: Option<String>, local: bool) -> Result<(), SqlError> {
        let custom = name.contains('.');
        if !custom && default(name).is_none() {
            return Err(unknown(name));
        }
        if READ_ONLY.contains(&name) {
            return Err(SqlError::new(
                SqlState::InvalidParameterValue,
                format!("parameter \"{name}\" cannot be changed"),
            ));
        }
        let value = value.map(|value| self.checked(name, value)).transpose()?;
        if name == "seed" {
            self.random = value.as_deref().and_then(|seed| seed.trim().parse().ok()).map(Sequence::seeded);
        }
        let before = match value {
            Some(value) => self.changed.insert(name.to_owned(), value),
            None => self.changed.remove(name),
        };
        if local {
            self.local.push((name.to_owned(), before));
        }
        Ok(())
    }

    /// What a session has made of a parameter, for [`Self::put_back`].
    pub(crate) fn changed(&self, name: &str) -> Option<String> {
        self.changed.get(name).cloned()
    }

    /// Makes a parameter what it was.
    pub(crate) fn put_back(&mut self, name: &str, before: Option<String>) {
        match before {
            Some(value) => self.changed.insert(name.to_owned(), value),
            None => self.changed.remove(name),
        };
    }

    /// The sequence of RANDOM(), if SET seed began one.
    pub(crate) fn random(&self) -> Option<Sequence> {
        self.random.clone()
    }

    /// The settings of a session of a user.
    pub(crate) fn of_user(of_user: &BTreeMap<String, String>) -> Self {
        Self { of_user: of_user.clone(), ..Self::default() }
    }

    /// Says whose rights statements have: `session_authorization` shows it.
    pub(crate) fn note_user(&mut self, user: &str) {
        self.of_user.insert("session_authorization".to_owned(), user.to_owned());
    }

    /// A value as SHOW will tell it.
    fn checked(&self, name: &str, value: String) -> Result<String, SqlError> {
        let number = || value.trim().parse::<i64>().ok();
        let valid = match name {
            "timezone" => return Zone::shown(&value).ok_or_else(|| invalid(name, &value)),
            "datestyle" => {
                let before = DateStyle::of_setting(self.get(name)?);
                let style = before.changed_by(&value).ok_or_else(|| invalid(name, &value))?;
                return Ok(style.to_string());
            }
            "stored_proc_log_min_messages" => {
                let level = RaiseLevel::from_name(value.trim());
                return level.map(|level| level.name().to_owned()).ok_or_else(|| invalid(name, &value));
            }
            "intervalstyle" => IntervalStyle::of_setting(&value).is_some(),
            "statement_timeout" | "wlm_query_slot_count" => number().is_some(),
            "extra_float_digits" => number().is_some_and(|digits| (-15..=3).contains(&digits)),
            "seed" => value.trim().parse::<f64>().is_ok_and(|seed| seed.abs() <= 1.0),
            // Every level is accepted by the parser and means this one (RS 3.7).
            "transaction_isolation" | "default_transaction_isolation" => value == "serializable",
            _ => true,
        };
        if valid { Ok(value) } else { Err(invalid(name, &value)) }
    }

    /// RESET name; `None` is ALL.
    pub(crate) fn reset(&mut self, name: Option<&str>) -> Result<(), SqlError> {
        match name {
            None => self.changed.clear(),
            Some(name) => self.set(name, None, false)?,
        }
        Ok(())
    }

    /// Every parameter and its value, by name, for SHOW ALL.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        KNOWN.iter().map(|(name, default)| (*name, self.get(name).unwrap_or(default)))
    }

    /// The same, with what each is where nobody has set it.
    pub(crate) fn all_with_defaults(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        KNOWN.iter().map(|(name, default)| (*name, self.get(name).unwrap_or(default), *default))
    }

    /// Undoes SET LOCAL.
    pub(crate) fn end_transaction(&mut self) {
        for (name, before) in std::mem::take(&mut self.local).into_iter().rev() {
            match before {
                Some(value) => self.changed.insert(name, value),
                None => self.changed.remove(&name),
            };
        }
    }

    /// Whether a boolean parameter is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Ok("on" | "true" | "1" | "yes" | "t"))
    }

    /// Whether transactions are READ ONLY unless they say otherwise.
    pub(crate) fn is_read_only(&self) -> bool {
        self.is_on("default_transaction_read_only") || self.is_on("readonly")
    }

    /// What changes the results of functions and casts.
    pub(crate) fn options(&self) -> RedshiftOptions {
        RedshiftOptions::from_settings(|name| self.is_on(name), |name| self.get(name).unwrap_or_default())
    }

    /// Whether attributes of SUPER values are found as they are written.
    pub(crate) fn attributes_keep_case(&self) -> bool {
        self.is_on("enable_case_sensitive_super_attribute")
    }

    /// How SQL is to be read.
    pub(crate) fn parse_options(&self) -> ParseOptions {
        ParseOptions { case_sensitive_identifiers: self.is_on("enable_case_sensitive_identifier") }
    }

    /// The schemas of `search_path` in order, `$user` as the given user.
    pub(crate) fn search_path(&self, user: &str) -> Vec<String> {
        let path = self.get("search_path").unwrap_or("public");
        path.split(',')
            .map(|schema| schema.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
            .filter(|schema| !schema.is_empty())
            .map(|schema| if schema == "$user" { user.to_owned() } else { schema })
            .collect()
    }

    /// `statement_timeout`; `None` is without limit.
    pub(crate) fn statement_timeout(&self) -> Option<std::time::Duration> {
        let millis: u64 = self.get("statement_timeout").ok()?.parse().ok()?;
        (millis > 0).then(|| std::time::Duration::from_millis(millis))
    }
}

fn default(name: &str) -> Option<&'static str> {
    KNOWN.binary_search_by_key(&name, |(known, _)| known).ok().map(|at| KNOWN[at].1)
}

fn unknown(name: &str) -> SqlError {
    SqlError::new(SqlState::UndefinedObject, format!("unrecognized configuration parameter \"{name}\""))
}

fn invalid(name: &str, value: &str) -> SqlError {
    SqlError::new(
        SqlState::InvalidParameterValue,
        format!("invalid value for parameter \"{name}\": \"{value}\""),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(KNOWN.is_sorted());
    }

    #[test]
    fn set_local_ends_with_the_transaction() {
        let mut settings = Settings::default();
        settings.set("query_group", Some("a".into()), false).expect("known");
        settings.set("query_group", Some("b".into()), true).expect("known");
        assert_eq!(settings.get("query_group"), Ok("b"));
        settings.end_transaction();
        assert_eq!(settings.get("query_group"), Ok("a"));
    }

    #[test]
    fn values_are_checked_and_shown_in_one_form() {
        let mut settings = Settings::default();
        let mut set = |name: &str, value: &str| -> Result<String, SqlState> {
            settings.set(name, Some(value.into()), false).map_err(|error| error.state)?;
            Ok(settings.get(name).expect("set").to_owned())
        };
        assert_eq!(set("timezone", "europe/berlin").as_deref(), Ok("Europe/Berlin"));
        assert_eq!(set("datestyle", "sql,dmy").as_deref(), Ok("SQL, DMY"));
        assert_eq!(set("datestyle", "ISO").as_deref(), Ok("ISO, DMY"));
        assert_eq!(set("intervalstyle", "iso_8601").as_deref(), Ok("iso_8601"));
        for (name, value) in [
            ("timezone", "Nowhere/Land"),
            ("timezone", "PST"),
            ("datestyle", "ISO, SQL"),
            ("intervalstyle", "roman"),
            ("extra_float_digits", "4"),
            ("seed", "2"),
        ] {
            assert_eq!(set(name, value), Err(SqlState::InvalidParameterValue), "{name} {value}");
        }
    }

    #[test]
    fn unknown_names_are_refused_and_context_variables_are_not() {
        let mut settings = Settings::default();
        let error = settings.set("no_such", Some("1".into()), false).expect_err("unknown");
        assert_eq!(error.state, SqlState::UndefinedObject);
        settings.set("app.tenant", Some("7".into()), false).expect("a context variable");
        assert_eq!(settings.get("app.tenant"), Ok("7"));
    }
}
