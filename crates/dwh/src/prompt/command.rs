//! The prompt's own commands, named as in psql.

use crate::report::UsageError;

pub(super) const HELP: &str = "\
\\d TABLE     columns of a table or view
\\d, \\dt      tables
\\dv          views
\\dn          schemas
\\i FILE      run the SQL of a file
\\timing      show how long statements take, on or off
\\x           one line a value, on or off
\\q           leave
\\?           this list
Statements end with a semicolon and may span lines. Tab completes keywords, tables and columns.
Ctrl-C gives up the line or cancels the statement, Ctrl-D leaves.";

/// Names to complete.
pub(super) const NAMES: &[&str] = &["\\d", "\\dn", "\\dt", "\\dv", "\\i", "\\q", "\\timing", "\\x", "\\?"];

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Describe(String),
    Tables,
    Views,
    Schemas,
    Include(String),
    Timing,
    Expanded,
    Help,
    Quit,
}

impl Command {
    /// Reads a line that begins with `\`; a closing semicolon does not matter.
    ///
    /// # Errors
    /// There is no such command, or its argument is missing.
    pub(super) fn parse(text: &str) -> Result<Self, UsageError> {
        let text = text.trim().trim_end_matches(';');
        let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match (name, argument.trim()) {
            ("\\d", "") | ("\\dt", _) => Ok(Self::Tables),
            ("\\d", table) => Ok(Self::Describe(table.to_owned())),
            ("\\dv", _) => Ok(Self::Views),
            ("\\dn", _) => Ok(Self::Schemas),
            ("\\i", "") => Err(UsageError::new("\\i needs a file", "write \\i FILE")),
            ("\\i", path) => Ok(Self::Include(path.to_owned())),
            ("\\timing", _) => Ok(Self::Timing),
            ("\\x", _) => Ok(Self::Expanded),
            ("\\?" | "\\h" | "\\help", _) => Ok(Self::Help),
            ("\\q", _) => Ok(Self::Quit),
            (name, _) => {
                Err(UsageError::new(format!("there is no command {name}"), "\\? lists the commands"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn commands_are_read_as_psql_reads_them() {
        assert_eq!(Command::parse("\\d").unwrap(), Command::Tables);
        assert_eq!(Command::parse("\\d  public.songs ;").unwrap(), Command::Describe("public.songs".into()));
        assert_eq!(Command::parse("\\i my file.sql").unwrap(), Command::Include("my file.sql".into()));
        assert_eq!(Command::parse("\\q").unwrap(), Command::Quit);
        assert!(Command::parse("\\frob").unwrap_err().to_string().contains("\\frob"));
        assert!(Command::parse("\\i").is_err());
    }
}
