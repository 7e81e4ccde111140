use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use dwh_common::env_vars;

use super::file::{ConfigFile, unquote};
use super::keys::{self, KEYS, Key};
use super::{ConfigError, FILE_NAME, Origin, Sourced, Value};
use crate::args::{GlobalArgs, Target};

/// The variables of the environment, taken once, so that nothing else depends on the process.
#[derive(Debug, Default)]
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of a variable.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.0.get(&OsString::from(name)) {
            None => Ok(None),
            Some(value) => value
                .to_str()
                .map(Some)
                .ok_or_else(|| ConfigError::VariableNotText { variable: name.to_owned() }),
        }
    }

    /// A folder or file named by a variable; empty counts as unset.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(&OsString::from(name)).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// Variables that look like keys of `dwh.cfg` and are none: most likely typing mistakes.
    fn unknown_keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|name| name.to_str()).filter(|name| {
            let is_section = keys::sections().any(|section| {
                let rest =
                    name.strip_prefix(env_vars::DWH_PREFIX).and_then(|rest| rest.strip_prefix(section));
                rest.is_some_and(|rest| rest.starts_with('_'))
            });
            is_section && !KEYS.iter().any(|key| key.variable() == **name)
        })
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// What becomes of sections and keys of the file that dwh has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownKeys {
    /// They are mistakes.
    Refuse,
    /// They may be another program's, which reads the same file: told and ignored.
    Ignore,
}

/// What the file and the environment say, the environment over the file. Everything is optional.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    pub(crate) warehouse: Option<Sourced<PathBuf>>,
    pub(crate) target: Option<Sourced<Target>>,
    /// Values of keys; an empty variable hides the file's value.
    pub(crate) values: Vec<(&'static Key, Sourced<Value>)>,
    /// What looks wrong but stops nothing.
    pub(crate) warnings: Vec<String>,
}

impl Options {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// A file that was asked for is missing or unreadable; a file or variable that says nonsense.
    pub(crate) fn collect(
        args: &GlobalArgs,
        environment: &Environment,
        unknown: UnknownKeys,
    ) -> Result<Self, ConfigError> {
        let mut options = Self::default();
        let named = args.config.clone().or_else(|| environment.path(env_vars::DWH_CONFIG));
        if let Some(path) = named.or_else(|| Some(PathBuf::from(FILE_NAME)).filter(|path| path.exists())) {
            let file = ConfigFile::read(&path)?;
            options.take_file(file, unknown)?;
        }
        options.take_environment(environment)?;
        Ok(options)
    }

    fn take_file(&mut self, file: ConfigFile, unknown: UnknownKeys) -> Result<(), ConfigError> {
        for error in file.unknown {
            match unknown {
                UnknownKeys::Refuse => return Err(error),
                UnknownKeys::Ignore => self.warnings.push(format!("{error}; it is ignored")),
            }
        }
        let holds_secrets = file.entries.iter().any(|entry| entry.key.is_secret());
        if holds_secrets && readable_by_all(&file.path) {
            let path = file.path.display();
            self.warnings.push(format!(
                "{path} holds secrets and every user of this machine can read it; chmod 600 {path}"
            ));
        }
        for entry in file.entries {
            let origin = Origin::File { path: file.path.clone(), line: entry.line };
            self.values.push((entry.key, Sourced { value: entry.value, origin }));
        }
        self.file = Some(file.path);
        Ok(())
    }

    fn take_environment(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for key in KEYS {
            let variable = key.variable();
            if let Some(text) = environment.text(&variable)? {
                self.values.retain(|(earlier, _)| *earlier != key);
                let text = unquote(text.trim());
                if !text.is_empty() {
                    let origin = Origin::Variable(variable);
                    self.values.push((key, Sourced { value: Value::new(key, text), origin }));
                }
            }
        }
        if let Some(path) = environment.path(env_vars::DWH_WAREHOUSE) {
            let origin = Origin::Variable(env_vars::DWH_WAREHOUSE.to_owned());
            self.warehouse = Some(Sourced { value: path, origin });
        }
        if let Some(text) = environment.text(env_vars::DWH_TARGET)?.filter(|text| !text.is_empty()) {
            let origin = Origin::Variable(env_vars::DWH_TARGET.to_owned());
            let value = Target::from_str(text, true).map_err(|_| ConfigError::Value {
                what: "target".to_owned(),
                origin: origin.clone(),
                reason: format!("{text:?} is neither embedded nor redshift"),
            })?;
            self.target = Some(Sourced { value, origin });
        }
        self.take_aws_region(environment)?;
        for name in environment.unknown_keys() {
            let variables: Vec<String> = KEYS.iter().map(Key::variable).collect();
            let nearest = keys::nearest(name, variables.iter().map(String::as_str));
            let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
            self.warnings.push(format!("the variable {name} is not read{hint}"));
        }
        Ok(())
    }

    /// The standard variables stand in where dwh's own configuration names no region.
    fn take_aws_region(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        let Some(key) = keys::find("AWS", "REGION") else {
            return Ok(());
        };
        if self.values.iter().any(|(given, _)| *given == key) {
            return Ok(());
        }
        for variable in [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION] {
            if let Some(text) = environment.text(variable)?.filter(|text| !text.is_empty()) {
                let origin = Origin::Variable(variable.to_owned());
                self.values.push((key, Sourced { value: Value::new(key, text), origin }));
                break;
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_MAY_READ: u32 = 0o004;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & OTHERS_MAY_READ != 0)
}

#[cfg(not(unix))]
fn readable_by_all(_path: &Path) -> bool {
    false
}
