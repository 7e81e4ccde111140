//! Plans of statements, and what their steps did.

use rusqlite::{Row, Transaction, params};

/// A node of a statement's plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanNodeRecord {
    /// The statement.
    pub query_id: i64,
    /// Number in the plan from 1, parents first.
    pub node_id: i64,
    /// The parent's number, 0 for the first.
    pub parent_id: i64,
    /// Its line as EXPLAIN shows it.
    pub text: String,
    /// Conditions and keys, as the lines below it.
    pub info: String,
}

/// What one step of a statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepRecord {
    /// The statement.
    pub query_id: i64,
    /// The pipeline that it belongs to, from 0: those that feed others come first.
    pub segment: i64,
    /// Its place in the pipeline, from 0.
    pub step: i64,
    /// What it does: `scan`, `hashjoin`, `aggregate`, ….
    pub name: String,
    /// The table that it reads.
    pub table_id: Option<i64>,
    /// The table's name.
    pub table_name: Option<String>,
    /// Rows that came out of it.
    pub rows: Option<i64>,
    /// Bytes of these rows.
    pub bytes: Option<i64>,
    /// Processor time spent in it, in microseconds.
    pub elapsed_us: Option<i64>,
    /// Whether it wrote to disk.
    pub is_spilled: bool,
}

pub(super) fn put_nodes(transaction: &Transaction<'_>, plan: &[PlanNodeRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO plan_node(query_id, node_id, parent_id, text, info)
               VALUES (?, ?, ?, ?, ?)";
    for node in plan {
        let values = params![node.query_id, node.node_id, node.parent_id, node.text, node.info];
        transaction.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

pub(super) fn put_steps(transaction: &Transaction<'_>, steps: &[StepRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO step(query_id, segment, step, name, table_id, table_name, rows, bytes,
                   elapsed_us, is_spilled)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for step in steps {
        transaction.prepare_cached(sql)?.execute(params![
            step.query_id,
            step.segment,
            step.step,
            step.name,
            step.table_id,
            step.table_name,
            step.rows,
            step.bytes,
            step.elapsed_us,
            step.is_spilled,
        ])?;
    }
    Ok(())
}

pub(in crate::query_log) fn read_node(row: &Row<'_>) -> rusqlite::Result<PlanNodeRecord> {
    Ok(PlanNodeRecord {
        query_id: row.get("query_id")?,
        node_id: row.get("node_id")?,
        parent_id: row.get("parent_id")?,
        text: row.get("text")?,
        info: row.get("info")?,
    })
}

pub(in crate::query_log) fn read_step(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    Ok(StepRecord {
        query_id: row.get("query_id")?,
        segment: row.get("segment")?,
        step: row.get("step")?,
        name: row.get("name")?,
        table_id: row.get("table_id")?,
        table_name: row.get("table_name")?,
        rows: row.get("rows")?,
        bytes: row.get("bytes")?,
        elapsed_us: row.get("elapsed_us")?,
        is_spilled: row.get("is_spilled")?,
    })
}
