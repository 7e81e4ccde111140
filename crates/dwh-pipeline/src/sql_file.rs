//! SQL files and their statements, each with its place.

use dwh_common::SqlError;
use dwh_sql::statement::Statement;

use crate::error::PipelineError;
use crate::variables::Variables;

/// One SQL file of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile {
    /// Name without folder and `.sql`.
    pub name: String,
    /// Path within the pipeline, for example `tables/users.sql`.
    pub path: String,
    /// The text, variables not yet filled in.
    pub text: String,
}

/// One statement of a file, variables filled in.
#[derive(Debug, Clone)]
pub struct FileStatement {
    /// File within the pipeline.
    pub path: String,
    /// 1-based number within the file.
    pub number: usize,
    /// 1-based line where it begins.
    pub line: usize,
    /// Its text, secrets included: to be executed, never to be shown.
    pub sql: String,
    /// What it says.
    pub statement: Statement,
}

impl SqlFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".sql");
        Self { name: name.to_owned(), path: path.to_owned(), text: text.to_owned() }
    }

    /// The comment that the file begins with, on one line.
    pub fn description(&self) -> String {
        let lines: Vec<&str> =
            self.text.lines().map_while(|line| line.strip_prefix("--")).map(str::trim).collect();
        lines.join(" ")
    }

    /// Fills in the variables and splits the text into its statements.
    ///
    /// # Errors
    /// A variable without a value, or a statement that does not parse, with file and line.
    pub fn statements(&self, variables: &Variables) -> Result<Vec<FileStatement>, PipelineError> {
        let text = variables.substitute(&self.path, &self.text)?;
        let parsed = dwh_sql::parse(&text).map_err(|error| self.syntax_error(&text, error))?;
        let mut starts: Vec<usize> = parsed.iter().map(|one| byte_of_char(&text, one.offset_chars)).collect();
        starts.push(text.len());
        let statements = parsed.into_iter().enumerate().map(|(index, one)| {
            let (start, end) = (starts[index], starts[index + 1]);
            FileStatement {
                path: self.path.clone(),
                number: index + 1,
                line: line_of_byte(&text, start),
                sql: text[start..end].to_owned(),
                statement: one.statement,
            }
        });
        Ok(statements.collect())
    }

    /// The whole file as one text, for queries and checks.
    ///
    /// # Errors
    /// A variable without a value, with file and line.
    pub fn sql(&self, variables: &Variables) -> Result<String, PipelineError> {
        variables.substitute(&self.path, &self.text)
    }

    /// An error of the whole text.
    pub(crate) fn error(&self, sql: &str, source: SqlError) -> PipelineError {
        let line = source.position.map_or(1, |position| line_of_char(sql, position));
        PipelineError::Statement { path: self.path.clone(), line, statement: 1, source: Box::new(source) }
    }

    fn syntax_error(&self, text: &str, source: SqlError) -> PipelineError {
        let position = source.position.unwrap_or(1);
        let before = &text[..byte_of_char(text, position.saturating_sub(1))];
        // The statements before the wrong one are those up to the last semicolon before the error.
        let whole = before.rfind(';').map_or("", |end| &before[..end]);
        let statement = dwh_sql::parse(whole).map_or(1, |parsed| parsed.len() + 1);
        PipelineError::Statement {
            path: self.path.clone(),
            line: line_of_char(text, position),
            statement,
            source: Box::new(source),
        }
    }
}

impl FileStatement {
    /// An error of this statement, at its line if the warehouse said where.
    pub(crate) fn error(&self, source: SqlError) -> PipelineError {
        let line =
            source.position.map_or(self.line, |position| self.line + line_of_char(&self.sql, position) - 1);
        PipelineError::Statement {
            path: self.path.clone(),
            line,
            statement: self.number,
            source: Box::new(source),
        }
    }
}

fn byte_of_char(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}

fn line_of_byte(text: &str, byte: usize) -> usize {
    1 + text[..byte].matches('\n').count()
}

/// 1-based line of a 1-based character position.
fn line_of_char(text: &str, position: usize) -> usize {
    line_of_byte(text, byte_of_char(text, position.saturating_sub(1)))
}
