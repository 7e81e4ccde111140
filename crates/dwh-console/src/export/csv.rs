//! RFC 4180 with a header line. NULL is an empty field, an empty text `""`. Unless told otherwise, a text that a
//! spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection"); numbers stay.

use dwh_common::{RedshiftType, csv_field};

use super::Formulas;
use crate::runs::StatementRows;
use crate::warehouse::{Column, text};

pub(super) fn write(rows: &StatementRows, formulas: Formulas) -> Vec<u8> {
    let columns = rows.columns.as_deref().unwrap_or_default();
    let mut out = String::new();
    let labels = columns.iter().map(|column| field(&column.name, formulas == Formulas::Text));
    out.push_str(&labels.collect::<Vec<_>>().join(","));
    out.push_str("\r\n");
    let guarded: Vec<bool> =
        columns.iter().map(|column| formulas == Formulas::Text && may_be_formula(column)).collect();
    for batch in &rows.batches {
        for row in 0..batch.first().map_or(0, arrow::array::Array::len) {
            for (index, (column, guarded)) in batch.iter().zip(&guarded).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                if let Some(text) = text(column, row) {
                    out.push_str(&field(text, *guarded));
                }
            }
            out.push_str("\r\n");
        }
    }
    out.into_bytes()
}

/// Numbers, dates and truth values are no formulas, whatever sign they begin with.
fn may_be_formula(column: &Column) -> bool {
    column.data_type.is_none_or(|data_type| {
        matches!(data_type, RedshiftType::Char(_) | RedshiftType::Varchar(_) | RedshiftType::Super)
    })
}

fn field(text: &str, guarded: bool) -> String {
    match guarded && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => csv_field(&format!("'{text}")).into_owned(),
        false => csv_field(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;
    use dwh_common::RedshiftType;

    use super::{Formulas, write};
    use crate::runs::StatementRows;
    use crate::warehouse::Column;

    #[test]
    fn formulas_become_texts_and_numbers_stay() {
        let column = |name: &str, data_type| Column { name: name.to_owned(), data_type: Some(data_type) };
        let columns: Arc<[Column]> =
            [column("=note", RedshiftType::MAX_VARCHAR), column("n", RedshiftType::Integer)].into();
        let notes = StringArray::from(vec![Some("=1+2"), Some("@a,b"), Some(""), None]);
        let numbers = StringArray::from(vec![Some("-1"), None, Some("2"), Some("3")]);
        let rows = StatementRows {
            columns: Some(columns),
            batches: vec![vec![notes, numbers].into()],
            row_count: 4,
            ..StatementRows::default()
        };
        let csv = |formulas| String::from_utf8(write(&rows, formulas)).expect("text");
        assert_eq!(csv(Formulas::Text), "'=note,n\r\n'=1+2,-1\r\n\"'@a,b\",\r\n\"\",2\r\n,3\r\n");
        assert_eq!(csv(Formulas::Raw), "=note,n\r\n=1+2,-1\r\n\"@a,b\",\r\n\"\",2\r\n,3\r\n");
    }
}
