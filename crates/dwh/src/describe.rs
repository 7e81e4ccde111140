//! Lists of tables, views and schemas, and a table's columns, read from the system tables as any client
//! would (RS 5.3).

use dwh_common::{SqlError, SqlState};
use dwh_pipeline::Warehouse as _;
use dwh_sql::keywords::quote_literal;

use crate::output::Rows;
use crate::run_sql;
use crate::warehouse::WarehouseSession;

/// Tables that are not the system's, on the embedded warehouse.
/// Empty tables are not in svv_table_info.
const TABLES: &str = "SELECT t.table_schema AS \"schema\", t.table_name AS \"table\", \
     NVL(i.tbl_rows, 0) AS \"rows\", t.remarks AS description \
     FROM svv_tables t LEFT JOIN svv_table_info i ON i.\"schema\" = t.table_schema AND i.\"table\" = t.table_name \
     WHERE t.table_type = 'BASE TABLE' AND t.table_schema NOT IN ('pg_catalog', 'information_schema') \
     ORDER BY 1, 2";

/// The same in two parts: on a cluster svv_tables is the leader node's, which is not joined with what the other
/// nodes know.
const NAMES_ON_CLUSTER: &str = "SELECT table_schema AS \"schema\", table_name AS \"table\", remarks AS description \
     FROM svv_tables WHERE table_type = 'BASE TABLE' \
     AND table_schema NOT IN ('pg_catalog', 'information_schema', 'pg_internal') ORDER BY 1, 2";
const ROWS_ON_CLUSTER: &str = "SELECT \"schema\", \"table\", tbl_rows FROM svv_table_info";

/// Views that are not the system's.
pub(crate) const VIEWS: &str = "SELECT table_schema AS \"schema\", table_name AS \"view\", remarks AS description \
     FROM svv_tables WHERE table_type = 'VIEW' \
     AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2";

/// All schemas.
pub(crate) const SCHEMAS: &str =
    "SELECT schema_name AS \"schema\" FROM information_schema.schemata ORDER BY 1";

/// The tables with their rows.
///
/// # Errors
/// The warehouse cannot be read.
pub(crate) async fn tables(session: &WarehouseSession) -> anyhow::Result<Rows> {
    let WarehouseSession::Redshift(warehouse) = session else {
        let results = run_sql::execute(session, TABLES, "tables").await?;
        let rows = results.into_iter().find_map(|result| result.rows);
        return Ok(rows.unwrap_or_else(|| Rows::of_text(TABLE_LABELS, [])));
    };
    let names = warehouse.query(NAMES_ON_CLUSTER).await?;
    let counts = warehouse.query(ROWS_ON_CLUSTER).await?.rows;
    let row = |name: Vec<Option<String>>| {
        let count = counts.iter().find(|count| count[..2] == name[..2]).and_then(|count| count[2].clone());
        [name[0].clone(), name[1].clone(), count.or_else(|| Some("0".to_owned())), name[2].clone()]
    };
    Ok(Rows::of_text(TABLE_LABELS, names.rows.into_iter().map(row)))
}

const TABLE_LABELS: [&str; 4] = ["schema", "table", "rows", "description"];

/// The columns of a table or view: name, type, attributes, comment.
///
/// # Errors
/// There is no such table.
pub(crate) async fn table(session: &WarehouseSession, name: &str) -> anyhow::Result<Rows> {
    let sql = columns_of(name);
    let results = run_sql::execute(session, &sql, name).await?;
    match results.into_iter().find_map(|result| result.rows) {
        Some(rows) if rows.row_count() > 0 => Ok(rows),
        _ => Err(SqlError::new(SqlState::UndefinedTable, format!("relation \"{name}\" does not exist"))
            .with_hint("`dwh tables list` lists the tables, \\dt in the prompt")
            .into()),
    }
}

/// `table` is sought in the current schema and among the tables of the search path, temporary ones
/// included; `schema.table` there. What only pg_table_def knows is NULL for tables off the search path.
fn columns_of(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let (schema, table) = match lower.split_once('.') {
        Some((schema, table)) => (Some(quote_literal(schema)), quote_literal(table)),
        None => (None, quote_literal(&lower)),
    };
    let in_schema = match schema {
        Some(schema) => format!("c.table_schema = {schema}"),
        None => format!(
            "(c.table_schema = current_schema() OR c.table_schema IN \
             (SELECT schemaname FROM pg_table_def WHERE tablename = {table}))"
        ),
    };
    format!(
        "SELECT c.column_name AS \"column\", \
         CASE WHEN c.data_type = 'numeric' \
         THEN c.data_type || '(' || c.numeric_precision || ',' || c.numeric_scale || ')' \
         WHEN c.character_maximum_length IS NOT NULL \
         THEN c.data_type || '(' || c.character_maximum_length || ')' \
         ELSE c.data_type END AS \"type\", \
         c.is_nullable AS nullable, c.column_default AS \"default\", \
         d.encoding, d.distkey, d.sortkey, c.remarks AS description \
         FROM svv_columns c LEFT JOIN pg_table_def d \
         ON d.schemaname = c.table_schema AND d.tablename = c.table_name AND d.\"column\" = c.column_name \
         WHERE c.table_name = {table} AND {in_schema} ORDER BY c.ordinal_position"
    )
}
