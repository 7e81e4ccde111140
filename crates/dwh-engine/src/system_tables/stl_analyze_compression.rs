//! stl_analyze_compression: what ANALYZE COMPRESSION proposed (the guide's page STL_ANALYZE_COMPRESSION). Made from the log
//! of statements and the tables as they are now.

use dwh_common::RedshiftType::{BigInt, Char, Integer, Timestamp};
use dwh_common::SqlError;
use dwh_sql::statement::{Statement, TableName};
use dwh_storage::{StatementRecord, StatementStatus, Table};

use super::catalog::relation_oid;
use super::log_rows::ended;
use super::relations::encoding_text;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};
use crate::execute::proposed_encoding;

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "stl_analyze_compression",
    columns: &[
        ("userid", Integer),
        ("start_time", Timestamp),
        ("xid", BigInt),
        ("tbl", Integer),
        ("tablename", Char(128)),
        ("col", Integer),
        ("old_encoding", Char(15)),
        ("new_encoding", Char(15)),
        ("mode", Char(14)),
        ("best_compression_encoding", Char(15)),
        ("recommended_bytes", Char(15)),
        ("best_compression_bytes", Char(15)),
        ("ndv", BigInt),
    ],
    rows,
};

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let analyses = ended(view)?.into_iter().filter(|statement| {
        statement.status == StatementStatus::Success && starts_with_analyze(&statement.text)
    });
    Ok(analyses.flat_map(|statement| of_statement(view, &statement)).collect())
}

fn starts_with_analyze(text: &str) -> bool {
    text.trim_start().get(..7).is_some_and(|word| word.eq_ignore_ascii_case("analyze"))
}

fn of_statement(view: &SystemView<'_>, statement: &StatementRecord) -> Vec<Vec<Value>> {
    let parsed = dwh_sql::parse(&statement.text).ok().and_then(|mut parsed| parsed.pop());
    let Some(Statement::AnalyzeCompression { table, columns }) = parsed.map(|parsed| parsed.statement) else {
        return Vec::new();
    };
    let is_meant = |known: &Table, name: &TableName| {
        let schema = name.schema.as_deref().unwrap_or("public");
        known.definition.name == name.name && known.definition.schema == schema
    };
    let mut rows = Vec::new();
    for known in view.transaction.tables() {
        if known.definition.temporary || table.as_ref().is_some_and(|name| !is_meant(&known, name)) {
            continue;
        }
        for (at, column) in known.definition.columns.iter().enumerate() {
            if !columns.is_empty() && !columns.contains(&column.name) {
                continue;
            }
            rows.push(vec![
                statement.user_id.into(),
                statement.started_at.into(),
                statement.transaction_id.into(),
                relation_oid(known.id).into(),
                known.definition.name.clone().into(),
                (at as i64).into(),
                encoding_text(&known, column).into(),
                proposed_encoding(column).into(),
                "ANALYZE ONLY".into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
            ]);
        }
    }
    rows
}
