//! PARTITION BY: folders in Hive's layout, `year=2018/month=11/` (RS 6.1).

use std::fmt::Write;
use std::ops::Range;

use super::value::Values;

/// The folder of NULL, and of empty text as Hive has it.
const DEFAULT_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The columns that name a row's folder.
#[derive(Debug)]
pub(super) struct PartitionBy {
    /// Positions and labels, outermost folder first.
    pub(super) columns: Vec<(usize, String)>,
}

impl PartitionBy {
    /// The folder of a row, with its slash.
    fn folder(&self, columns: &[Values], row: usize, scratch: &mut String, out: &mut String) {
        out.clear();
        for (index, label) in &self.columns {
            let column = &columns[*index];
            escape(label, out);
            out.push('=');
            match column.is_null(row) {
                true => out.push_str(DEFAULT_PARTITION),
                false => match column.text(row, scratch) {
                    "" => out.push_str(DEFAULT_PARTITION),
                    text => escape(text, out),
                },
            }
            out.push('/');
        }
    }

    /// Rows one after another that share a folder.
    pub(super) fn runs(&self, columns: &[Values], rows: usize) -> Vec<(String, Range<usize>)> {
        let mut runs: Vec<(String, Range<usize>)> = Vec::new();
        let (mut scratch, mut folder) = (String::new(), String::new());
        for row in 0..rows {
            self.folder(columns, row, &mut scratch, &mut folder);
            match runs.last_mut() {
                Some((last, range)) if *last == folder => range.end = row + 1,
                _ => runs.push((folder.clone(), row..row + 1)),
            }
        }
        runs
    }
}

/// Hive's escapes: what would end a name, or be read as something else, as `%` and two digits.
fn escape(text: &str, out: &mut String) {
    const ESCAPED: &str = "\"#%'*/:=?\\{[]^\u{7f}";
    for ch in text.chars() {
        if ch < ' ' || ESCAPED.contains(ch) {
            let _ = write!(out, "%{:02X}", u32::from(ch));
        } else {
            out.push(ch);
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int32Array, StringViewArray};
    use dwh_common::RedshiftType;
    use std::sync::Arc;

    use super::PartitionBy;
    use crate::unload::value::Values;

    #[test]
    fn rows_are_cut_where_the_folder_changes() {
        let years: ArrayRef = Arc::new(Int32Array::from(vec![Some(2018), Some(2018), None]));
        let names: ArrayRef = Arc::new(StringViewArray::from(vec!["a/b", "a/b", ""]));
        let columns = [
            Values::new(&years, RedshiftType::Integer).expect("integers"),
            Values::new(&names, RedshiftType::Varchar(9)).expect("texts"),
        ];
        let by = PartitionBy { columns: vec![(0, "year".to_owned()), (1, "name".to_owned())] };
        let null = "__HIVE_DEFAULT_PARTITION__";
        assert_eq!(
            by.runs(&columns, 3),
            [("year=2018/name=a%2Fb/".to_owned(), 0..2), (format!("year={null}/name={null}/"), 2..3)]
        );
    }
}
