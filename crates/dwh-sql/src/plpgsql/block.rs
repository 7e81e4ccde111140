//! Blocks with their handlers, and which statement comes next.

use dwh_common::{SqlError, SqlState};
use sqlparser::tokenizer::Token;

use super::ast::{Block, Handler, Loop, Statement, StatementKind, VariableKind};
use super::reader::{Reader, Stop};
use super::scope::ScopeKind;

impl Reader<'_> {
    /// The outermost block; nothing may stand behind it.
    pub(super) fn body(&mut self) -> Result<Block, SqlError> {
        let label = self.label()?;
        let block = self.block(label)?;
        self.eat_token(&Token::SemiColon);
        if self.at < self.lexemes.len() {
            return Err(self.syntax_error());
        }
        Ok(block)
    }

    /// `<<label>>`, if one comes next.
    fn label(&mut self) -> Result<Option<String>, SqlError> {
        if !self.eat_token(&Token::ShiftLeft) {
            return Ok(None);
        }
        let label = self.name()?;
        self.expect_token(&Token::ShiftRight)?;
        Ok(Some(label))
    }

    /// `[DECLARE …] BEGIN … [EXCEPTION …] END [label]`.
    fn block(&mut self, label: Option<String>) -> Result<Block, SqlError> {
        self.scopes.open(ScopeKind::Block, label.clone());
        let declarations = if self.eat(&["declare"]) { self.declarations()? } else { Vec::new() };
        self.expect(&["begin"])?;
        let body = self.statements(&["exception", "end"])?;
        let handler = if self.eat(&["exception"]) { Some(self.handler()?) } else { None };
        self.expect(&["end"])?;
        self.end_label(label.as_deref())?;
        self.scopes.close();
        Ok(Block { label, declarations, body, handler })
    }

    fn handler(&mut self) -> Result<Handler, SqlError> {
        let at = self.at;
        let continues = self.eat(&["continue_handler"]);
        if continues {
            self.only_nonatomic(at, "CONTINUE_HANDLER")?;
        } else if self.eat(&["exit_handler"]) {
            self.only_nonatomic(at, "EXIT_HANDLER")?;
        }
        self.expect(&["when"])?;
        if !self.at_words(&["others"]) {
            let condition = self.word(0).unwrap_or_default().to_owned();
            let hint = "Redshift has one condition: OTHERS";
            return Err(self.unsupported(&format!("exception condition \"{condition}\"")).with_hint(hint));
        }
        self.expect(&["others", "then"])?;
        self.scopes.open(ScopeKind::Handler, None);
        let sqlstate = self.declare("sqlstate", VariableKind::Argument)?;
        let sqlerrm = self.declare("sqlerrm", VariableKind::Argument)?;
        let body = self.statements(&["end", "when"])?;
        if self.at_words(&["when"]) {
            return Err(self.unsupported("more than one exception condition"));
        }
        self.scopes.close();
        Ok(Handler { continues, sqlstate, sqlerrm, body })
    }

    /// The label behind END must be that of the beginning.
    fn end_label(&mut self, label: Option<&str>) -> Result<(), SqlError> {
        if !matches!(self.token(0), Some(Token::Word(_))) {
            return Ok(());
        }
        let at = self.at;
        let name = self.name()?;
        if label == Some(name.as_str()) {
            return Ok(());
        }
        let message = match label {
            Some(label) => format!("end label \"{name}\" differs from block's label \"{label}\""),
            None => format!("end label \"{name}\" specified for unlabelled block"),
        };
        Err(self.error_at(at, SqlState::SyntaxError, message))
    }

    /// Statements up to one of these words, which is not taken.
    pub(super) fn statements(&mut self, ends: &[&str]) -> Result<Vec<Statement>, SqlError> {
        let mut found = Vec::new();
        loop {
            if self.at >= self.lexemes.len() {
                return Err(self.syntax_error());
            }
            let ends_here = self.word(0).is_some_and(|word| ends.contains(&word));
            // Names of variables may be such words.
            if ends_here && !self.at_assignment() {
                return Ok(found);
            }
            let line = self.line();
            let kind = self.nested(Self::statement)?;
            found.push(Statement { line, kind });
        }
    }

    fn statement(&mut self) -> Result<StatementKind, SqlError> {
        let label = self.label()?;
        if label.is_some() || self.at_words(&["loop"]) {
            return self.labelled(label);
        }
        if self.at_assignment() {
            return self.assignment();
        }
        // The word is cloned so that the reader is free to move.
        let first = self.word(0).unwrap_or_default().to_owned();
        match first.as_str() {
            "declare" | "begin" | "while" | "for" => self.labelled(None),
            "if" => self.if_statement(),
            "case" => self.case_statement(),
            "exit" | "continue" => self.jump(),
            "return" => self.return_statement(),
            "raise" => self.raise(),
            "execute" => self.execute(),
            "perform" => self.perform(),
            "call" => self.call(),
            "get" => self.get_diagnostics(),
            "open" => self.open(),
            "fetch" => self.fetch(),
            "move" => Err(self.unsupported("MOVE")),
            "close" => self.close_cursor(),
            "null" => {
                self.at += 1;
                self.end_statement()?;
                Ok(StatementKind::Null)
            }
            "commit" | "rollback" => self.end_transaction(),
            "start" => {
                self.only_nonatomic(self.at, "START TRANSACTION")?;
                self.expect(&["start", "transaction"])?;
                self.end_statement()?;
                Ok(StatementKind::StartTransaction)
            }
            _ => self.sql(),
        }
    }

    /// What may have a label.
    fn labelled(&mut self, label: Option<String>) -> Result<StatementKind, SqlError> {
        match self.word(0) {
            Some("declare" | "begin") => {
                let block = self.block(label)?;
                self.end_statement()?;
                Ok(StatementKind::Block(block))
            }
            Some("loop") => {
                self.scopes.open(ScopeKind::Loop, label.clone());
                let body = self.loop_body(label)?;
                Ok(StatementKind::Loop(body))
            }
            Some("while") => self.while_loop(label),
            Some("for") => self.for_loop(label),
            _ => Err(self.syntax_error()),
        }
    }

    /// `LOOP … END LOOP [label];`, its scope is open.
    pub(super) fn loop_body(&mut self, label: Option<String>) -> Result<Loop, SqlError> {
        self.expect(&["loop"])?;
        let body = self.statements(&["end"])?;
        self.expect(&["end", "loop"])?;
        self.end_label(label.as_deref())?;
        self.end_statement()?;
        self.scopes.close();
        Ok(Loop { label, body })
    }

    fn end_transaction(&mut self) -> Result<StatementKind, SqlError> {
        let kind = if self.at_words(&["commit"]) { StatementKind::Commit } else { StatementKind::Rollback };
        self.at += 1;
        if !self.eat(&["work"]) {
            self.eat(&["transaction"]);
        }
        self.end_statement()?;
        Ok(kind)
    }

    /// `RETURN`: what is returned are the output arguments.
    fn return_statement(&mut self) -> Result<StatementKind, SqlError> {
        self.expect(&["return"])?;
        if !self.is(0, &Token::SemiColon) {
            let message = "RETURN cannot have a parameter in a procedure";
            return Err(self
                .error_at(self.at, SqlState::SyntaxError, message)
                .with_hint("Assign to an OUT or INOUT argument."));
        }
        self.end_statement()?;
        Ok(StatementKind::Return)
    }

    /// An expression up to `;`, which is taken.
    pub(super) fn last_expression(&mut self) -> Result<super::Fragment, SqlError> {
        let range = self.until(&[Stop::Semicolon])?;
        if range.is_empty() {
            return Err(self.syntax_error());
        }
        self.end_statement()?;
        Ok(self.fragment(&[range]))
    }
}
