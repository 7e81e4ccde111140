//! The pictures as Mermaid text (mermaid.js.org), which GitHub and others draw.

use std::fmt::Write as _;

use super::model::{DataModel, Role, short_type, target};

impl DataModel {
    /// An `erDiagram`.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("erDiagram\n");
        for table in &self.tables {
            let _ = writeln!(text, "    {} {{", entity(&table.name));
            for column in &table.relation.columns {
                let mut keys = Vec::new();
                if table.relation.primary_key.contains(&column.name) {
                    keys.push("PK");
                }
                if table.relation.foreign_keys.iter().any(|key| key.columns.contains(&column.name)) {
                    keys.push("FK");
                }
                let keys = if keys.is_empty() { String::new() } else { format!(" {}", keys.join(", ")) };
                let comment = column.comment.as_deref().map(quoted).unwrap_or_default();
                let _ = writeln!(
                    text,
                    "        {} {}{keys}{comment}",
                    word(&short_type(&column.data_type)),
                    word(&column.name)
                );
            }
            text.push_str("    }\n");
        }
        for table in &self.tables {
            for key in &table.relation.foreign_keys {
                let (to, from) = (entity(&target(key)), entity(&table.name));
                let _ = writeln!(text, "    {to} ||--o{{ {from} : {}", entity(&key.columns.join(", ")));
            }
        }
        // Staging is what the rest is derived from; Mermaid draws no line for that without a relation.
        let staging: Vec<&str> = self
            .tables
            .iter()
            .filter(|table| table.role == Role::Staging)
            .map(|table| table.name.as_str())
            .collect();
        if !staging.is_empty() {
            let _ = writeln!(text, "    %% staging: {}", word(&staging.join(" ")));
        }
        text
    }
}

/// A name in quotes; Mermaid has no escape for a quote within.
fn entity(name: &str) -> String {
    format!("\"{}\"", clean(name))
}

/// What stands unquoted may only hold letters, digits and a few signs.
fn word(text: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '(' | ')' | ' ') { c } else { '_' };
    text.chars().map(safe).collect::<String>().replace(' ', "_")
}

fn quoted(comment: &str) -> String {
    format!(" \"{}\"", clean(comment))
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '"' {
                '\''
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}
