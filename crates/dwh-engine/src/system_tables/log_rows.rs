//! What the tables of the log share: the entries that the user may see, and texts cut into rows.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use dwh_common::SqlError;
use dwh_sql::plpgsql::RaiseLevel;
use dwh_storage::{
    MaintenanceRecord, ProcedureMessageRecord, SessionRecord, StatementClass, StatementRecord, StepRecord,
};

use super::SystemView;
use super::rows::Value;
use crate::statement_log::Running;

/// Bytes of a text in one row.
const SLICE_BYTES: usize = 200;
/// The first queue that is for users (the guide's page "WLM service class IDs").
pub(super) const DEFAULT_QUEUE: i64 = 100;
pub(super) const DEFAULT_QUEUE_NAME: &str = "Default queue";

/// Statements that have ended.
pub(super) fn ended(view: &SystemView<'_>) -> Result<Vec<StatementRecord>, SqlError> {
    let mut all = view.engine.warehouse().query_log().statements()?;
    all.retain(|statement| view.sees(statement.user_id));
    Ok(all)
}

/// Statements of one class that have ended.
pub(super) fn of_class(
    view: &SystemView<'_>,
    class: StatementClass,
) -> Result<Vec<StatementRecord>, SqlError> {
    let mut all = ended(view)?;
    all.retain(|statement| statement.class == class);
    Ok(all)
}

/// Queries that have ended; those that a leader node answers by itself are not logged (RS 5.3).
pub(super) fn queries(view: &SystemView<'_>) -> Result<Vec<StatementRecord>, SqlError> {
    let mut all = of_class(view, StatementClass::Query)?;
    all.retain(|query| !query.on_leader);
    Ok(all)
}

/// Calls of procedures that have ended.
pub(super) fn calls(view: &SystemView<'_>) -> Result<Vec<StatementRecord>, SqlError> {
    let mut all = of_class(view, StatementClass::Utility)?;
    all.retain(|statement| {
        let word = statement.text.split(|ch: char| !ch.is_ascii_alphanumeric()).find(|word| !word.is_empty());
        word.is_some_and(|word| word.eq_ignore_ascii_case("call"))
    });
    Ok(all)
}

/// Messages of procedures whose calls have ended, each with its call.
pub(super) fn procedure_messages(
    view: &SystemView<'_>,
) -> Result<Vec<(StatementRecord, ProcedureMessageRecord)>, SqlError> {
    let calls: HashMap<i64, StatementRecord> =
        calls(view)?.into_iter().map(|call| (call.query_id, call)).collect();
    let messages = view.engine.warehouse().query_log().procedure_messages()?;
    let with_call = |message: ProcedureMessageRecord| Some((calls.get(&message.query_id)?.clone(), message));
    Ok(messages.into_iter().filter_map(with_call).collect())
}

/// The name of a message's level.
pub(super) fn level_name(level: i64) -> &'static str {
    let known = RaiseLevel::ALL.into_iter().find(|known| known.number() == level);
    known.unwrap_or(RaiseLevel::Log).name()
}

/// Statements that run.
pub(super) fn running(view: &SystemView<'_>) -> Vec<Arc<Running>> {
    let mut all = view.engine.activity().running();
    all.retain(|statement| view.sees(statement.user_id()));
    all
}

/// Steps of queries that have ended, each with its query.
pub(super) fn steps(view: &SystemView<'_>) -> Result<Vec<(StatementRecord, StepRecord)>, SqlError> {
    let queries: HashMap<i64, StatementRecord> =
        queries(view)?.into_iter().map(|query| (query.query_id, query)).collect();
    let steps = view.engine.warehouse().query_log().steps()?;
    Ok(steps.into_iter().filter_map(|step| Some((queries.get(&step.query_id)?.clone(), step))).collect())
}

/// A step as its label names it: with the table that it reads or writes.
pub(super) fn step_label(step: &StepRecord) -> String {
    match (&step.table_id, &step.table_name) {
        (Some(id), Some(name)) => format!("{:<6} tbl={id} name={name}", step.name),
        _ => step.name.clone(),
    }
}

/// Whether a step wrote to disk, as a letter.
pub(super) fn is_diskbased(step: &StepRecord) -> Value {
    if step.is_spilled { "t" } else { "f" }.into()
}

/// So many a second while a query ran; NULL where it took no time.
pub(super) fn rate(amount: Option<i64>, query: &StatementRecord) -> Value {
    let seconds = micros(query.started_at, query.ended_at) as f64 / 1_000_000.0;
    amount.filter(|_| seconds > 0.0).map(|amount| amount as f64 / seconds).into()
}

/// Sessions. One that neither has ended nor is open here was another process's, or died with it.
pub(super) fn sessions(view: &SystemView<'_>) -> Result<Vec<SessionRecord>, SqlError> {
    let mut all = view.engine.warehouse().query_log().sessions()?;
    all.retain(|session| view.sees(session.user_id));
    Ok(all)
}

/// What VACUUM did, oldest first.
pub(super) fn vacuums(view: &SystemView<'_>) -> Result<Vec<MaintenanceRecord>, SqlError> {
    maintenance(view, true)
}

/// What ANALYZE looked at, oldest first.
pub(super) fn analyses(view: &SystemView<'_>) -> Result<Vec<MaintenanceRecord>, SqlError> {
    maintenance(view, false)
}

fn maintenance(view: &SystemView<'_>, is_vacuum: bool) -> Result<Vec<MaintenanceRecord>, SqlError> {
    let mut all = view.engine.warehouse().query_log().maintenance()?;
    all.retain(|done| done.is_vacuum == is_vacuum && view.sees(done.user_id));
    Ok(all)
}

/// A row for each slice of each statement's text. Line ends are shown as `\n` (the guide's page
/// STL_QUERYTEXT).
pub(super) fn sliced(
    statements: &[StatementRecord],
    row: impl Fn(&StatementRecord, i64, String) -> Vec<Value>,
) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for statement in statements {
        let text = statement.text.replace('\r', "\\r").replace('\n', "\\n");
        let mut rest = text.as_str();
        let mut sequence = 0;
        while !rest.is_empty() || sequence == 0 {
            let (slice, behind) = rest.split_at(slice_end(rest));
            rows.push(row(statement, sequence, slice.to_owned()));
            rest = behind;
            sequence += 1;
        }
    }
    rows
}

/// Where the first row of a text ends: not inside of `\\n` (the guide's page STL_QUERYTEXT).
fn slice_end(text: &str) -> usize {
    let end = text.floor_char_boundary(SLICE_BYTES);
    let cuts_line_end = text[..end].ends_with('\\') && text[end..].starts_with(['n', 'r']);
    if cuts_line_end { end - 1 } else { end }
}

/// A row of stl_ddltext and stl_utilitytext.
pub(super) fn labelled_slice(statement: &StatementRecord, sequence: i64, text: String) -> Vec<Value> {
    vec![
        statement.user_id.into(),
        statement.transaction_id.into(),
        statement.session_id.into(),
        statement.label.clone().into(),
        statement.started_at.into(),
        statement.ended_at.into(),
        sequence.into(),
        text.into(),
    ]
}

/// Microseconds between two times.
pub(super) fn micros(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    (to - from).num_microseconds().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::slice_end;

    /// The text of the guide's page STL_QUERYTEXT: 199 bytes come before the last line end.
    #[test]
    fn a_line_end_is_not_cut() {
        let text = format!("{}\\nFROM stl_querytext;", "a".repeat(199));
        assert_eq!(&text[slice_end(&text)..], "\\nFROM stl_querytext;");
        assert_eq!(slice_end(&"b".repeat(300)), 200);
    }
}
