//! The data model as DBML (dbml.org), which drawing and documentation tools read.

use std::fmt::Write as _;

use super::model::DataModel;

impl DataModel {
    /// Tables with notes, and references.
    pub fn dbml(&self) -> String {
        let mut text = String::new();
        for table in &self.tables {
            let relation = &table.relation;
            let _ = writeln!(text, "Table {} {{", dotted(&table.name));
            for column in &relation.columns {
                let mut settings = Vec::new();
                if relation.primary_key == [column.name.clone()] {
                    settings.push("pk".to_owned());
                }
                if column.not_null {
                    settings.push("not null".to_owned());
                }
                settings
                    .extend(column.comment.as_deref().map(|comment| format!("note: {}", literal(comment))));
                let settings =
                    if settings.is_empty() { String::new() } else { format!(" [{}]", settings.join(", ")) };
                let _ = writeln!(text, "  {} {}{settings}", name(&column.name), name(&column.data_type));
            }
            if relation.primary_key.len() > 1 {
                let columns: Vec<String> = relation.primary_key.iter().map(|column| name(column)).collect();
                let _ = writeln!(text, "  indexes {{\n    ({}) [pk]\n  }}", columns.join(", "));
            }
            let storage = table.storage();
            let note: Vec<&str> = relation.comment.as_deref().into_iter().chain([storage.as_str()]).collect();
            let _ = writeln!(text, "  Note: {}\n}}\n", literal(note.join(" ").trim()));
        }
        for table in &self.tables {
            for key in &table.relation.foreign_keys {
                let columns = |columns: &[String]| {
                    let names: Vec<String> = columns.iter().map(|column| name(column)).collect();
                    if names.len() == 1 { names.join("") } else { format!("({})", names.join(", ")) }
                };
                let _ = writeln!(
                    text,
                    "Ref: {}.{} > {}.{}",
                    dotted(&table.name),
                    columns(&key.columns),
                    dotted(&super::model::target(key)),
                    columns(&key.target_columns)
                );
            }
        }
        text
    }
}

/// `schema.table`, each part quoted.
fn dotted(full_name: &str) -> String {
    full_name.splitn(2, '.').map(name).collect::<Vec<_>>().join(".")
}

/// A name in quotes; DBML has no escape for a quote within.
fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'").replace(char::is_control, " "))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace(char::is_control, " "))
}
