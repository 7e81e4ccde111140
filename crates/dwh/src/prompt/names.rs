//! What Tab offers: keywords, and the warehouse's tables and columns.

use std::collections::BTreeMap;

use super::command;
use crate::run_sql;
use crate::warehouse::WarehouseSession;

const COLUMNS: &str = "SELECT table_schema, table_name, column_name FROM svv_columns \
     ORDER BY table_schema, table_name, ordinal_position";

/// Tables and views with their columns.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// `songs` and `public.songs` both, in lower case.
    columns_by_table: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Reads the names that the session sees. None are offered where they cannot be read, as in a failed
    /// transaction.
    pub(super) async fn read(session: &WarehouseSession) -> Self {
        let mut names = Self::default();
        let Ok(results) = run_sql::execute(session, COLUMNS, "names").await else {
            return names;
        };
        for rows in results.iter().filter_map(|result| result.rows.as_ref()) {
            let read = rows.for_each(|row| {
                if let [Some(schema), Some(table), Some(column)] = row {
                    names.add(schema, table, column);
                }
                Ok(())
            });
            if read.is_err() {
                return Self::default();
            }
        }
        names
    }

    fn add(&mut self, schema: &str, table: &str, column: &str) {
        for name in [table.to_owned(), format!("{schema}.{table}")] {
            self.columns_by_table.entry(name).or_default().push(column.to_owned());
        }
    }

    /// Where the word before the cursor begins, in bytes, and what it may become.
    pub(super) fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | '.' | '\\' | '?');
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_word(*c))
            .last()
            .map_or(cursor, |(index, _)| index);
        let word = &before[start..];
        if word.starts_with('\\') {
            let names = command::NAMES.iter().filter(|name| name.starts_with(word));
            return (start, names.map(|name| (*name).to_owned()).collect());
        }
        if let Some((qualifier, beginning)) = word.rsplit_once('.')
            && let Some(columns) = self.columns_of(qualifier, line)
        {
            let columns = columns.iter().filter(|column| starts_with(column, beginning));
            return (start + qualifier.len() + 1, columns.cloned().collect());
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        (start, self.beginning_with(word))
    }

    /// Columns of a table named so, or of the table that has this alias in the line.
    fn columns_of(&self, qualifier: &str, line: &str) -> Option<&Vec<String>> {
        let qualifier = qualifier.to_ascii_lowercase();
        if let Some(columns) = self.columns_by_table.get(&qualifier) {
            return Some(columns);
        }
        let line = line.to_ascii_lowercase();
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'))
            .filter(|word| !word.is_empty() && *word != "as")
            .collect();
        words.windows(2).find(|pair| pair[1] == qualifier).and_then(|pair| self.columns_by_table.get(pair[0]))
    }

    fn beginning_with(&self, word: &str) -> Vec<String> {
        let tables = self.columns_by_table.keys().filter(|table| starts_with(table, word)).cloned();
        let columns =
            self.columns_by_table.values().flatten().filter(|column| starts_with(column, word)).cloned();
        let lower = word.chars().all(|c| !c.is_ascii_uppercase());
        let keywords = dwh_sql::keywords::COMPLETIONS
            .iter()
            .filter(|keyword| starts_with(keyword, word))
            .map(|keyword| if lower { keyword.to_ascii_lowercase() } else { (*keyword).to_owned() });
        let mut all: Vec<String> = tables.chain(columns).chain(keywords).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn starts_with(name: &str, beginning: &str) -> bool {
    name.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

#[cfg(test)]
mod tests {
    use super::Names;

    fn names() -> Names {
        let mut names = Names::default();
        for column in ["song_id", "title", "year"] {
            names.add("public", "songs", column);
        }
        names.add("public", "songplays", "songplay_id");
        names
    }

    fn complete(line: &str) -> (usize, Vec<String>) {
        names().complete(line, line.len())
    }

    #[test]
    fn tables_columns_and_keywords_are_offered() {
        assert_eq!(complete("select tit"), (7, vec!["title".into()]));
        assert_eq!(complete("SELECT * FRO"), (9, vec!["FROM".into()]));
        let (start, tables) = complete("select * from songp");
        assert_eq!((start, tables), (14, vec!["songplay_id".into(), "songplays".into()]));
        assert_eq!(complete("select * from public.songs"), (14, vec!["public.songs".into()]));
    }

    #[test]
    fn a_table_or_its_alias_offers_its_columns() {
        assert_eq!(complete("select songs.t"), (13, vec!["title".into()]));
        let line = "select s.y from songs as s";
        assert_eq!(names().complete(line, 10), (9, vec!["year".into()]));
        assert_eq!(complete("\\d"), (0, ["\\d", "\\dn", "\\dt", "\\dv"].map(String::from).to_vec()));
    }
}
