//! `${NAME}` in the files of a pipeline.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::PipelineError;

/// A variable as `pipeline.toml` declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Name, as in `${NAME}`.
    pub name: String,
    /// Section and key of `dwh.cfg`, for example `S3.LOG_DATA`.
    pub config_key: Option<String>,
    /// What stands in where nothing is set; `None` must be set.
    pub default: Option<String>,
    /// What it is.
    pub description: String,
}

/// The values of a pipeline's variables. `Debug` shows names only: a value may be a secret.
#[derive(Clone, Default)]
pub struct Variables {
    declared: Vec<Variable>,
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Takes the value of each declared variable from `lookup`, which is given the variable, else from its
    /// default. An empty value counts as none. What stays without a value is an error only where it is used.
    pub fn resolve(declared: &[Variable], lookup: impl Fn(&Variable) -> Option<String>) -> Self {
        let values = declared.iter().filter_map(|variable| {
            let value =
                lookup(variable).filter(|value| !value.is_empty()).or_else(|| variable.default.clone());
            Some((variable.name.clone(), value?))
        });
        Self { declared: declared.to_vec(), values: values.collect() }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Replaces every `${NAME}` of a file. Values are written so that they may stand within a string literal:
    /// quotes doubled, backslashes too, because Redshift reads them as escapes (RS 3.4).
    pub(crate) fn substitute(&self, path: &str, text: &str) -> Result<String, PipelineError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            let name = &rest[start + 2..start + length];
            let line = 1 + text[..text.len() - rest.len() + start].matches('\n').count();
            out.push_str(&rest[..start]);
            for c in self.value(name, path, line)?.chars() {
                out.push(c);
                if matches!(c, '\'' | '\\') {
                    out.push(c);
                }
            }
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    fn value(&self, name: &str, path: &str, line: usize) -> Result<&str, PipelineError> {
        if let Some(value) = self.get(name) {
            return Ok(value);
        }
        let Some(variable) = self.declared.iter().find(|variable| variable.name == name) else {
            let known: Vec<&str> = self.declared.iter().map(|variable| variable.name.as_str()).collect();
            return Err(PipelineError::UnknownVariable {
                name: name.to_owned(),
                path: path.to_owned(),
                line,
                known: known.join(", "),
            });
        };
        let remedy = match variable.config_key.as_deref().and_then(|key| key.split_once('.')) {
            Some((section, key)) => format!("set {key} in section [{section}] of dwh.cfg"),
            None => "give it a default in pipeline.toml".to_owned(),
        };
        Err(PipelineError::UnsetVariable { name: name.to_owned(), path: path.to_owned(), line, remedy })
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Variable, Variables};
    use crate::error::PipelineError;

    fn variables(pairs: &[(&str, Option<&str>)]) -> Variables {
        let declared: Vec<Variable> = pairs
            .iter()
            .map(|(name, _)| Variable {
                name: (*name).to_owned(),
                config_key: Some(format!("S3.{name}")),
                default: None,
                description: String::new(),
            })
            .collect();
        Variables::resolve(&declared, |variable| {
            pairs
                .iter()
                .find(|(name, _)| *name == variable.name)
                .and_then(|(_, value)| value.map(str::to_owned))
        })
    }

    #[test]
    fn a_value_cannot_end_the_literal_that_it_stands_in() {
        let values = variables(&[("DATA", Some(r"s3://b/it's\x"))]);
        let text = values.substitute("load/a.sql", "COPY t FROM '${DATA}' x '${DATA}'").expect("set");
        assert_eq!(text, r"COPY t FROM 's3://b/it''s\\x' x 's3://b/it''s\\x'");
    }

    #[test]
    fn an_unset_variable_names_file_line_and_what_to_set() {
        let error = variables(&[("DATA", None)]).substitute("load/a.sql", "COPY t\nFROM '${DATA}'");
        let text = error.expect_err("unset").to_string();
        assert_eq!(text, "load/a.sql:2: DATA has no value; set DATA in section [S3] of dwh.cfg");
    }

    #[test]
    fn an_unknown_variable_names_the_known_ones() {
        let error =
            variables(&[("DATA", Some("x"))]).substitute("load/a.sql", "'${DATE}'").expect_err("unknown");
        assert!(
            matches!(&error, PipelineError::UnknownVariable { line: 1, known, .. } if known == "DATA"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_value_counts_as_none_and_the_default_stands_in() {
        let declared = [Variable {
            name: "REGION".to_owned(),
            config_key: None,
            default: Some("us-west-2".to_owned()),
            description: String::new(),
        }];
        assert_eq!(Variables::resolve(&declared, |_| Some(String::new())).get("REGION"), Some("us-west-2"));
        assert_eq!(
            Variables::resolve(&declared, |_| Some("eu-west-1".to_owned())).get("REGION"),
            Some("eu-west-1")
        );
    }

    #[test]
    fn debug_shows_names_and_never_values() {
        let shown = format!("{:?}", variables(&[("KEY", Some("wJalrXUtnFEMI"))]));
        assert_eq!(shown, r#"{"KEY"}"#);
    }
}
