//! Fragments from tokens: which of the names in SQL are variables.
//!
//! PostgreSQL 8 puts a variable's value wherever its name stands. Here it stays a name where no value can be: behind a
//! dot or AS, in front of a parenthesis, as the name of a table, in the column lists of INSERT and CREATE TABLE and
//! left of `=` in SET; there Redshift has a syntax error.

use std::ops::Range;

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{Target, VariableId, VariableKind};
use super::fragment::{Fragment, Piece, Reference};
use super::reader::{Reader, word};

/// Commands whose names are all those of objects.
const WITHOUT_VALUES: &[&str] =
    &["drop", "alter", "grant", "revoke", "truncate", "analyze", "vacuum", "lock", "comment", "refresh"];

impl Reader<'_> {
    /// The tokens of these ranges as one fragment.
    pub(super) fn fragment(&self, ranges: &[Range<usize>]) -> Fragment {
        let mut builder = Builder::default();
        let mut places = Places::default();
        for (index, range) in ranges.iter().enumerate() {
            if index > 0 {
                builder.pieces.push(Piece::Text(" ".to_owned()));
                builder.blank = true;
            }
            let mut at = range.start;
            while at < range.end {
                let lexeme = &self.lexemes[at];
                if at > range.start {
                    let between = &self.source[self.lexemes[at - 1].end..lexeme.start];
                    builder.between(between);
                }
                let takes_value = places.takes_value(self, at);
                let (reference, length) = match takes_value {
                    true => self.reference(at, range.end),
                    false => (None, 1),
                };
                let end = self.lexemes[at + length - 1].end;
                match reference {
                    Some(reference) => builder.variable(reference),
                    None => builder.text(&self.source[lexeme.start..end]),
                }
                for passed in at..at + length {
                    places.pass(&self.lexemes[passed].token);
                }
                at += length;
            }
        }
        builder.finish()
    }

    /// The variable that starts at a token, and how many tokens name it; of a name that is none all its parts.
    fn reference(&self, at: usize, end: usize) -> (Option<Reference>, usize) {
        let token = |ahead: usize| (at + ahead < end).then(|| &self.lexemes[at + ahead].token);
        let name = match token(0) {
            Some(Token::Word(word)) => &word.value,
            Some(Token::Placeholder(text)) => {
                let argument = self.scopes.find(text);
                let reference = argument.map(|variable| Reference { variable, field: None });
                return (reference, 1);
            }
            _ => return (None, 1),
        };
        let mut parts = vec![name.as_str()];
        while token(parts.len() * 2 - 1) == Some(&Token::Period)
            && let Some(Token::Word(word)) = token(parts.len() * 2)
        {
            parts.push(&word.value);
        }
        let length = parts.len() * 2 - 1;
        let is_called = token(length) == Some(&Token::LParen);
        match self.named(&parts) {
            Some(reference) if !is_called => (Some(reference), length),
            // `rec.*` and the like stay as they are.
            _ => (None, length),
        }
    }

    /// `variable`, `record.field`, `label.variable`, `label.record.field`.
    fn named(&self, parts: &[&str]) -> Option<Reference> {
        let whole = |variable| Reference { variable, field: None };
        match parts {
            [name] => self.scopes.find(name).map(whole),
            [first, second] => match self.scopes.find(first).filter(|id| self.has_fields(*id)) {
                Some(variable) => Some(Reference { variable, field: Some((*second).to_owned()) }),
                None => self.scopes.find_in(first, second).map(whole),
            },
            [label, record, field] => {
                let variable = self.scopes.find_in(label, record).filter(|id| self.has_fields(*id))?;
                Some(Reference { variable, field: Some((*field).to_owned()) })
            }
            _ => None,
        }
    }

    fn has_fields(&self, variable: VariableId) -> bool {
        matches!(self.variables[variable].kind, VariableKind::Record | VariableKind::Row(_))
    }

    /// The variable or field that comes next, if one does: where a value goes.
    pub(super) fn eat_target(&mut self) -> Option<Target> {
        let (reference, length) = self.reference(self.at, self.lexemes.len());
        let Reference { variable, field } = reference?;
        self.at += length;
        Some(Target { variable, field })
    }

    /// As [`Self::eat_target`], or an error.
    pub(super) fn target(&mut self) -> Result<Target, SqlError> {
        let at = self.at;
        match self.eat_target() {
            Some(target) => {
                let variable = &self.variables[target.variable];
                if variable.constant {
                    let message = format!("\"{}\" is declared CONSTANT", variable.name);
                    return Err(self.error_at(at, SqlState::ErrorInAssignment, message));
                }
                Ok(target)
            }
            None => match self.word(0) {
                Some(name) => {
                    let message = format!("\"{name}\" is not a known variable");
                    Err(self.error_at(at, SqlState::SyntaxError, message))
                }
                None => self.expected("a variable"),
            },
        }
    }

    /// Targets with commas between them. A record stands alone.
    pub(super) fn targets(&mut self) -> Result<Vec<Target>, SqlError> {
        let mut targets = vec![self.target()?];
        let is_record =
            |reader: &Self, target: &Target| target.field.is_none() && reader.has_fields(target.variable);
        while self.is(0, &Token::Comma) && !is_record(self, &targets[0]) {
            self.at += 1;
            let at = self.at;
            let target = self.target()?;
            if is_record(self, &target) {
                let message = "a record cannot be part of a list of variables";
                return Err(self.error_at(at, SqlState::SyntaxError, message));
            }
            targets.push(target);
        }
        Ok(targets)
    }
}

/// Follows a command to tell names of objects from values.
#[derive(Default)]
struct Places {
    /// The first word, to recognise the command.
    first: Option<String>,
    before: Option<Token>,
    before_that: Option<Token>,
    /// For each open parenthesis: what stands in it.
    open: Vec<Open>,
    /// The list behind the table's name of INSERT, COPY and CREATE TABLE is still to come.
    list_to_come: bool,
    in_set: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Names of columns, or definitions.
    Columns,
    /// Arguments of EXTRACT, SUBSTRING, TRIM and the like, which have FROM inside.
    WordsOfFunction,
    Other,
}

impl Places {
    fn takes_value(&self, reader: &Reader<'_>, at: usize) -> bool {
        if self.open.contains(&Open::Columns) {
            return false;
        }
        if let Some(first) = self.first.as_deref()
            && WITHOUT_VALUES.contains(&first)
        {
            return false;
        }
        let Some(before) = &self.before else { return true };
        match before {
            Token::Period => false,
            before => match word(before) {
                Some("as") => self.open.last() == Some(&Open::WordsOfFunction),
                Some("from") => {
                    self.open.last() == Some(&Open::WordsOfFunction)
                        || self.before_that.as_ref().and_then(word) == Some("distinct")
                }
                Some("join" | "into" | "table") => false,
                Some("update") => self.first.as_deref() != Some("update"),
                Some("set") => false,
                _ if self.in_set && *before == Token::Comma && self.open.is_empty() => {
                    reader.lexemes.get(at + 1).is_none_or(|next| next.token != Token::Eq)
                }
                _ => true,
            },
        }
    }

    fn pass(&mut self, token: &Token) {
        let unquoted = word(token);
        if self.first.is_none() {
            self.first = Some(unquoted.unwrap_or_default().to_owned());
            self.list_to_come = matches!(unquoted, Some("insert" | "copy" | "merge"));
        } else if self.open.is_empty() {
            match unquoted {
                Some("table") if self.first.as_deref() == Some("create") => self.list_to_come = true,
                Some("set") => self.in_set = true,
                Some("where" | "from") => self.in_set = false,
                Some("insert") if self.first.as_deref() == Some("merge") => self.list_to_come = true,
                Some("as" | "values" | "select" | "with" | "default" | "using" | "like") => {
                    self.list_to_come = false;
                }
                _ => {}
            }
        }
        match token {
            Token::LParen => {
                let of_function = self.before.as_ref().and_then(word);
                let open = match of_function {
                    Some("extract" | "substring" | "trim" | "overlay" | "position" | "cast") => {
                        Open::WordsOfFunction
                    }
                    _ if self.list_to_come && self.open.is_empty() => Open::Columns,
                    _ => Open::Other,
                };
                self.list_to_come = self.list_to_come && open != Open::Columns;
                self.open.push(open);
            }
            Token::RParen => drop(self.open.pop()),
            _ => {}
        }
        self.before_that = self.before.replace(token.clone());
    }
}

/// Collects pieces and the text that is shown.
#[derive(Default)]
struct Builder {
    pieces: Vec<Piece>,
    shown: String,
    seen: Vec<Reference>,
    blank: bool,
}

impl Builder {
    fn between(&mut self, between: &str) {
        if !between.is_empty() {
            self.push_text(between);
            self.blank = true;
        }
    }

    fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    fn show(&mut self, text: &str) {
        if std::mem::take(&mut self.blank) && !self.shown.is_empty() && !self.shown.ends_with(' ') {
            self.shown.push(' ');
        }
        self.shown.push_str(text);
    }

    fn text(&mut self, text: &str) {
        self.push_text(text);
        self.show(text);
    }

    fn variable(&mut self, reference: Reference) {
        let number = match self.seen.iter().position(|seen| *seen == reference) {
            Some(at) => at + 1,
            None => {
                self.seen.push(reference.clone());
                self.seen.len()
            }
        };
        self.blank = true;
        self.show(&format!("${number}"));
        self.blank = true;
        self.pieces.push(Piece::Variable(reference));
    }

    fn finish(self) -> Fragment {
        Fragment { pieces: self.pieces, shown: self.shown.trim().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::{Variable, VariableKind};
    use super::super::reader::Reader;
    use super::super::scope::ScopeKind;

    /// Which names of a command become `$n` where `a`, `b` and the record `r` are variables.
    fn shown(sql: &str) -> String {
        let mut reader = Reader::new(sql, "p", false, false).expect("lexes");
        reader.scopes.open(ScopeKind::Block, Some("p".to_owned()));
        for (id, name) in ["a", "b", "r"].into_iter().enumerate() {
            let kind = if name == "r" { VariableKind::Record } else { VariableKind::Argument };
            let (constant, not_null) = (false, false);
            reader.variables.push(Variable { name: name.to_owned(), kind, constant, not_null });
            reader.scopes.add(name, id);
        }
        let all = 0..reader.lexemes.len();
        reader.fragment(&[all]).shown
    }

    #[test]
    fn values_stand_where_values_can_stand() {
        for (sql, expected) in [
            ("INSERT INTO test_table_a values (a)", "INSERT INTO test_table_a values ( $1 )"),
            ("insert into t (a, b) values (b, a, b)", "insert into t (a, b) values ( $1 , $2 , $1 )"),
            (
                "select a as b,\n  t.a, r.x -- why\nfrom a where a=b",
                "select $1 as b, t.a, $2 from a where $1 = $3",
            ),
            ("update t set a = a, b = b where a = 1", "update t set a = $1 , b = $2 where $1 = 1"),
            ("create temp table t (a int, b int)", "create temp table t (a int, b int)"),
            ("create table a as select b", "create table a as select $1"),
            (
                "select extract(year from a), a(b), p.a, cast(a as int)",
                "select extract(year from $1 ), a( $2 ), $1 , cast( $1 as int)",
            ),
            ("drop table if exists a", "drop table if exists a"),
            ("select a is distinct from b", "select $1 is distinct from $2"),
        ] {
            assert_eq!(shown(sql), expected, "{sql}");
        }
    }
}
