//! Where the prompt's input comes from: a line editor with history at a terminal, else plain lines.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use anyhow::Context as _;
use rustyline::completion::Completer;
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Context, Helper};

use super::names::Names;
use crate::printer::Printer;

const MAX_HISTORY_ENTRIES: usize = 10_000;

/// What was read.
pub(super) enum Input {
    /// A statement with its semicolon, or a command with its `\`.
    Text(String),
    /// Ctrl-C: what was typed is given up.
    Cancelled,
    End,
}

pub(super) enum Editor {
    Terminal { editor: Box<rustyline::Editor<SqlHelper, FileHistory>>, history: Option<PathBuf> },
    Lines,
}

impl Editor {
    /// An editor with the history of earlier prompts if stdin is a terminal.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub(super) fn open(printer: Printer) -> anyhow::Result<Self> {
        if !io::stdin().is_terminal() {
            return Ok(Self::Lines);
        }
        let mut editor = rustyline::Editor::new().context("cannot use the terminal")?;
        editor.set_max_history_size(MAX_HISTORY_ENTRIES).context("cannot keep a history")?;
        editor.set_completion_type(CompletionType::List);
        editor.set_helper(Some(SqlHelper::default()));
        let history = history_path();
        if let Some(path) = &history
            && let Err(error) = load_history(&mut editor, path)
        {
            printer.warning(format_args!("no history: {}: {error}", path.display()));
        }
        Ok(Self::Terminal { editor: Box::new(editor), history })
    }

    pub(super) fn is_interactive(&self) -> bool {
        matches!(self, Self::Terminal { .. })
    }

    /// Changes what Tab offers.
    pub(super) fn set_names(&mut self, names: Names) {
        if let Self::Terminal { editor, .. } = self {
            editor.set_helper(Some(SqlHelper { names }));
        }
    }

    /// The next statement or command.
    ///
    /// # Errors
    /// Stdin cannot be read.
    pub(super) fn read(&mut self) -> anyhow::Result<Input> {
        match self {
            Self::Terminal { editor, history } => read_terminal(editor, history.as_ref()),
            Self::Lines => read_lines(&mut io::stdin().lock()).context("cannot read stdin"),
        }
    }
}

fn read_terminal(
    editor: &mut rustyline::Editor<SqlHelper, FileHistory>,
    history: Option<&PathBuf>,
) -> anyhow::Result<Input> {
    let text = match editor.readline("dwh=> ") {
        Ok(text) => text,
        Err(ReadlineError::Interrupted) => return Ok(Input::Cancelled),
        Err(ReadlineError::Eof) => return Ok(Input::End),
        Err(error) => return Err(error).context("cannot read the terminal"),
    };
    if text.trim().is_empty() {
        return Ok(Input::Cancelled);
    }
    // A COPY with keys in it must not reach the disk.
    editor.add_history_entry(dwh_sql::redact::redact(&text)).context("cannot keep the history")?;
    if let Some(path) = history {
        // The history is a convenience: a full disk must not end the session.
        let _ = editor.append_history(path);
    }
    Ok(Input::Text(text))
}

/// Lines until a statement is whole; what is left at the end counts as whole.
fn read_lines(lines: &mut impl BufRead) -> io::Result<Input> {
    let mut text = String::new();
    loop {
        let at_end = lines.read_line(&mut text)? == 0;
        if text.trim().is_empty() {
            if at_end {
                return Ok(Input::End);
            }
            text.clear();
        } else if at_end || is_whole(&text) {
            return Ok(Input::Text(text.trim().to_owned()));
        }
    }
}

fn is_whole(text: &str) -> bool {
    text.trim_start().starts_with('\\') || dwh_sql::is_complete(text)
}

fn load_history(
    editor: &mut rustyline::Editor<SqlHelper, FileHistory>,
    path: &PathBuf,
) -> rustyline::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if path.exists() { editor.load_history(path) } else { Ok(()) }
}

/// `$XDG_DATA_HOME/dwh/history`, `~/.local/share/dwh/history` without that variable.
fn history_path() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))?;
    Some(data.join("dwh").join("history"))
}

/// Completion, and knowing when a statement is whole, for the line editor.
#[derive(Default)]
pub(super) struct SqlHelper {
    names: Names,
}

impl Completer for SqlHelper {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.names.complete(line, cursor))
    }
}

impl Validator for SqlHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let whole = text.trim().is_empty() || is_whole(text);
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for SqlHelper {
    type Hint = String;
}

impl Highlighter for SqlHelper {}

impl Helper for SqlHelper {}

#[cfg(test)]
mod tests {
    use super::{Input, read_lines};

    #[test]
    fn a_script_is_read_statement_by_statement() {
        let mut script = "\n\\timing\nselect 1,\n  ';';\n\nselect 2".as_bytes();
        let mut read = Vec::new();
        while let Input::Text(text) = read_lines(&mut script).unwrap() {
            read.push(text);
        }
        assert_eq!(read, ["\\timing", "select 1,\n  ';';", "select 2"]);
    }
}
