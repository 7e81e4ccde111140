use std::path::{Path, PathBuf};

use super::keys::{KEYS, Key, ValueKind};
use super::{ConfigError, Environment, Options, Origin, Sourced, UnknownKeys, Value, location};
use crate::args::{GlobalArgs, Target};

const DEFAULT_WAREHOUSE: &str = "warehouse";

/// The configuration that holds: flag over environment over file over default, checked.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The configuration file that was read.
    pub(crate) file: Option<PathBuf>,
    /// Folder of the embedded warehouse.
    pub(crate) warehouse: Sourced<PathBuf>,
    /// Which warehouse commands work on.
    pub(crate) target: Sourced<Target>,
    /// What looks wrong but stops nothing.
    pub(crate) warnings: Vec<String>,
    values: Vec<(&'static Key, Sourced<Value>)>,
}

impl Settings {
    /// Reads all sources, merges and checks them.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what to do.
    pub(crate) fn load(
        args: &GlobalArgs,
        environment: &Environment,
        unknown: UnknownKeys,
    ) -> Result<Self, ConfigError> {
        let settings = Self::resolve(args, Options::collect(args, environment, unknown)?);
        settings.validate()
    }

    fn resolve(args: &GlobalArgs, options: Options) -> Self {
        let flag = |name| Origin::Flag(name);
        let warehouse = match (&args.warehouse, options.warehouse) {
            (Some(value), _) => Sourced { value: value.clone(), origin: flag("--warehouse") },
            (None, Some(sourced)) => sourced,
            (None, None) => Sourced { value: PathBuf::from(DEFAULT_WAREHOUSE), origin: Origin::Default },
        };
        let host = options.values.iter().find(|(key, _)| key.section == "CLUSTER" && key.name == "HOST");
        let target = match (args.target, options.target, host) {
            (Some(value), _, _) => Sourced { value, origin: flag("--target") },
            (None, Some(sourced), _) => sourced,
            (None, None, Some((_, host))) => Sourced { value: Target::Redshift, origin: host.origin.clone() },
            (None, None, None) => Sourced { value: Target::Embedded, origin: Origin::Default },
        };
        let mut given = options.values;
        let values = KEYS.iter().filter_map(|key| {
            let found = given.iter().position(|(other, _)| *other == key);
            let sourced = match found {
                Some(index) => given.swap_remove(index).1,
                None => Sourced { value: Value::new(key, key.default?), origin: Origin::Default },
            };
            Some((key, sourced))
        });
        Self { values: values.collect(), file: options.file, warehouse, target, warnings: options.warnings }
    }

    fn validate(mut self) -> Result<Self, ConfigError> {
        for (key, sourced) in &mut self.values {
            let base = match &sourced.origin {
                Origin::File { path, .. } => path.parent().unwrap_or(Path::new("")),
                _ => Path::new(""),
            };
            match checked(key, sourced.value.expose(), base) {
                Ok(None) => {}
                Ok(Some(text)) => sourced.value = Value::new(key, &text),
                Err(reason) => {
                    let what = format!("[{}] {}", key.section, key.name);
                    return Err(ConfigError::Value { what, origin: sourced.origin.clone(), reason });
                }
            }
        }
        self.validate_aws_keys()?;
        Ok(self)
    }

    fn validate_aws_keys(&self) -> Result<(), ConfigError> {
        for (given, missing) in [("KEY", "SECRET"), ("SECRET", "KEY")] {
            if let (Some(sourced), None) = (self.sourced("AWS", given), self.sourced("AWS", missing)) {
                return Err(ConfigError::Value {
                    what: format!("[AWS] {given}"),
                    origin: sourced.origin.clone(),
                    reason: format!(
                        "[AWS] {missing} is missing; give both, or neither to use the standard credential chain"
                    ),
                });
            }
        }
        Ok(())
    }

    fn sourced(&self, section: &str, name: &str) -> Option<&Sourced<Value>> {
        self.values.iter().find(|(key, _)| key.section == section && key.name == name).map(|(_, value)| value)
    }

    /// The value of a key, given or default; locations are absolute.
    pub(crate) fn get(&self, section: &str, name: &str) -> Option<&Value> {
        self.sourced(section, name).map(|sourced| &sourced.value)
    }

    /// Where the value of a key came from, by its names.
    pub(crate) fn origin_of(&self, section: &str, name: &str) -> Option<&Origin> {
        self.sourced(section, name).map(|sourced| &sourced.origin)
    }

    /// Where the value of a key came from.
    pub(crate) fn origin(&self, key: &Key) -> Option<&Origin> {
        self.sourced(key.section, key.name).map(|sourced| &sourced.origin)
    }

    /// Refuses Redshift as the target: this version has the embedded warehouse only.
    ///
    /// # Errors
    /// The target is Redshift.
    pub(crate) fn require_embedded(&self) -> Result<(), ConfigError> {
        match self.target.value {
            Target::Embedded => Ok(()),
            Target::Redshift => Err(ConfigError::RedshiftTarget { origin: self.target.origin.clone() }),
        }
    }
}

/// Checks a value; `Some` is the form to keep instead.
fn checked(key: &Key, text: &str, base: &Path) -> Result<Option<String>, String> {
    match key.kind {
        ValueKind::Text | ValueKind::Secret => Ok(None),
        ValueKind::Port => match text.parse::<u16>() {
            Ok(1..) => Ok(None),
            _ => Err(format!("{text:?} is no port; give a number from 1 to 65535, usually 5439")),
        },
        ValueKind::Count => match text.parse::<u32>() {
            Ok(1..) => Ok(None),
            _ => Err(format!("{text:?} is no count; give a whole number from 1 on")),
        },
        ValueKind::Choice(words) => match words.contains(&text) {
            true => Ok(None),
            false => Err(format!("{text:?} is not one of {}", words.join(", "))),
        },
        ValueKind::Price => match text.parse::<f64>() {
            Ok(price) if price >= 0.0 && price.is_finite() => Ok(None),
            _ => Err(format!("{text:?} is no price; give USD, such as 0.543")),
        },
        ValueKind::File => Ok(Some(base.join(text).display().to_string())),
        ValueKind::RoleArn => match text.starts_with("arn:") && text.contains(":role/") {
            true => Ok(None),
            false => {
                Err(format!("{text:?} is no role; it looks like arn:aws:iam::123456789012:role/dwhRole"))
            }
        },
        ValueKind::Location => location::resolve(text, base).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Settings;
    use crate::args::{Cli, Target};
    use crate::config::{ConfigError, Environment, Origin, UnknownKeys};

    fn load(
        text: &str,
        flags: &[&str],
        environment: impl Into<Environment>,
    ) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dwh.cfg");
        std::fs::write(&path, text).unwrap();
        let path = path.display().to_string();
        let args = ["dwh", "config", "show", "--config", &path].into_iter().chain(flags.iter().copied());
        Settings::load(&Cli::parse_from(args).global, &environment.into(), UnknownKeys::Refuse)
    }

    fn text(settings: &Settings, section: &str, name: &str) -> String {
        settings.get(section, name).map(|value| value.expose().to_owned()).unwrap_or_default()
    }

    #[test]
    fn flag_wins_over_environment_over_file_over_default() {
        let file = "[CLUSTER]\nDB_NAME=of_file\nDB_USER=of_file\n";
        let environment = [("DWH_CLUSTER_DB_NAME", "of_env"), ("DWH_WAREHOUSE", "env_dir")];
        let settings = load(file, &["--warehouse", "flag_dir"], environment).unwrap();
        assert_eq!(text(&settings, "CLUSTER", "DB_NAME"), "of_env");
        assert_eq!(text(&settings, "CLUSTER", "DB_USER"), "of_file");
        assert_eq!(text(&settings, "CLUSTER", "DB_PORT"), "5439");
        assert_eq!(settings.warehouse.value.to_str(), Some("flag_dir"));
        assert_eq!(settings.warehouse.origin, Origin::Flag("--warehouse"));
    }

    #[test]
    fn a_filled_host_means_redshift_and_an_empty_one_embedded() {
        let filled = "[CLUSTER]\nHOST=c.abc.us-west-2.redshift.amazonaws.com\n";
        assert_eq!(load(filled, &[], []).unwrap().target.value, Target::Redshift);
        assert_eq!(load("[CLUSTER]\nHOST=''\n", &[], []).unwrap().target.value, Target::Embedded);
        assert_eq!(load(filled, &["--target", "embedded"], []).unwrap().target.value, Target::Embedded);
        assert_eq!(load(filled, &[], [("DWH_CLUSTER_HOST", "")]).unwrap().target.value, Target::Embedded);
    }

    #[test]
    fn wrong_values_name_the_key_its_place_and_the_remedy() {
        let cases = [
            ("[CLUSTER]\nDB_PORT=abc\n", "[CLUSTER] DB_PORT", "dwh.cfg:2): \"abc\" is no port"),
            ("[DWH]\nDWH_NUM_NODES=0\n", "[DWH] DWH_NUM_NODES", "is no count"),
            ("[IAM_ROLE]\nARN=dwhRole\n", "[IAM_ROLE] ARN", "arn:aws:iam::"),
            ("[S3]\nLOG_DATA=http://b/x\n", "[S3] LOG_DATA", "s3://bucket/prefix"),
            ("[AWS]\nKEY=AKIAX\n", "[AWS] KEY", "[AWS] SECRET is missing"),
        ];
        for (file, what, reason) in cases {
            let message = load(file, &[], []).unwrap_err().to_string();
            assert!(message.starts_with(what) && message.contains(reason), "{message}");
            assert!(!message.contains("AKIAX"), "{message}");
        }
        let target = load("", &[], [("DWH_TARGET", "oracle")]).unwrap_err().to_string();
        assert_eq!(target, "target (DWH_TARGET): \"oracle\" is neither embedded nor redshift");
    }

    #[test]
    fn the_standard_region_variable_stands_in_for_a_missing_region() {
        let aws = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-north-1")];
        assert_eq!(text(&load("", &[], aws).unwrap(), "AWS", "REGION"), "eu-west-1");
        assert_eq!(text(&load("[AWS]\nREGION=us-east-2\n", &[], aws).unwrap(), "AWS", "REGION"), "us-east-2");
        assert_eq!(text(&load("", &[], []).unwrap(), "AWS", "REGION"), "us-west-2");
    }

    #[test]
    fn a_mistyped_variable_is_reported() {
        let settings = load("", &[], [("DWH_S3_LOGDATA", "x")]).unwrap();
        let expected = "the variable DWH_S3_LOGDATA is not read; did you mean DWH_S3_LOG_DATA?";
        assert_eq!(settings.warnings, [expected]);
    }

    #[cfg(unix)]
    #[test]
    fn secrets_that_all_can_read_are_reported() {
        let warnings = load("[CLUSTER]\nDB_PASSWORD=hunter2\n", &[], []).unwrap().warnings;
        assert!(warnings[0].contains("chmod 600") && !warnings[0].contains("hunter2"), "{warnings:?}");
        assert!(load("[CLUSTER]\nDB_USER=u\n", &[], []).unwrap().warnings.is_empty());
    }

    #[test]
    fn relative_locations_start_at_the_file() {
        let settings = load("[S3]\nLOG_DATA=data/log_data\n", &[], []).unwrap();
        let folder = settings.file.as_ref().and_then(|file| file.parent()).unwrap();
        let expected = folder.join("data/log_data").display().to_string();
        assert_eq!(text(&settings, "S3", "LOG_DATA"), expected);
    }
}
