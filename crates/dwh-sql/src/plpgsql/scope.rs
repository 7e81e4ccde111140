//! Which variable a name means: those of the innermost block first; labels tell blocks apart.

use std::collections::HashMap;

use super::ast::VariableId;

/// The blocks and loops that are open.
#[derive(Debug, Default)]
pub(super) struct Scopes(Vec<Scope>);

#[derive(Debug)]
struct Scope {
    label: Option<String>,
    kind: ScopeKind,
    names: HashMap<String, VariableId>,
}

/// What EXIT and CONTINUE may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Block,
    Loop,
    /// The statements of EXCEPTION.
    Handler,
}

impl Scopes {
    pub(super) fn open(&mut self, kind: ScopeKind, label: Option<String>) {
        self.0.push(Scope { label, kind, names: HashMap::new() });
    }

    pub(super) fn close(&mut self) {
        self.0.pop();
    }

    /// Names a variable of the innermost block; false if it has one of that name.
    pub(super) fn add(&mut self, name: &str, variable: VariableId) -> bool {
        match self.0.last_mut() {
            Some(scope) => scope.names.insert(name.to_owned(), variable).is_none(),
            None => false,
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<VariableId> {
        self.0.iter().rev().find_map(|scope| scope.names.get(name).copied())
    }

    /// `label.name`.
    pub(super) fn find_in(&self, label: &str, name: &str) -> Option<VariableId> {
        let labelled = self.0.iter().rev().filter(|scope| scope.label.as_deref() == Some(label));
        labelled.into_iter().find_map(|scope| scope.names.get(name).copied())
    }

    pub(super) fn is_label(&self, label: &str) -> bool {
        self.0.iter().any(|scope| scope.label.as_deref() == Some(label))
    }

    pub(super) fn is_loop_label(&self, label: &str) -> bool {
        self.0.iter().any(|scope| scope.kind == ScopeKind::Loop && scope.label.as_deref() == Some(label))
    }

    pub(super) fn in_loop(&self) -> bool {
        self.0.iter().any(|scope| scope.kind == ScopeKind::Loop)
    }

    pub(super) fn in_handler(&self) -> bool {
        self.0.iter().any(|scope| scope.kind == ScopeKind::Handler)
    }
}
