//! The catalog as the page shows it: schemas, tables and views with columns, keys, distribution, rows and sizes.
//!
//! Read from PostgreSQL's catalog tables, which Redshift and the embedded warehouse both have, one query
//! a table of them, joined here; sizes from svv_table_info, which not every user may read.

use std::collections::{BTreeMap, HashMap};

use dwh_common::SqlError;
use serde::Serialize;

use crate::warehouse::{Connection, Table};

const SCHEMAS: &str = "SELECT oid, nspname FROM pg_namespace \
     WHERE nspname NOT LIKE 'pg!_temp%' ESCAPE '!' AND nspname NOT LIKE 'pg!_toast%' ESCAPE '!' \
     AND nspname <> 'pg_internal' AND nspname <> 'pg_automv' ORDER BY nspname";
const RELATIONS: &str = "SELECT oid, relnamespace, relname, relkind, reldiststyle FROM pg_class \
     WHERE relkind IN ('r', 'v', 'm') ORDER BY relname";
const COLUMNS: &str = "SELECT attrelid, attnum, attname, format_type(atttypid, atttypmod) AS type, attnotnull, \
     attisdistkey, attsortkeyord FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum";
const CONSTRAINTS: &str = "SELECT conrelid, contype, conkey, confrelid, confkey FROM pg_constraint WHERE contype IN ('p', 'u', 'f')";
const COMMENTS: &str = "SELECT objoid, objsubid, description FROM pg_description";
const SIZES: &str = "SELECT \"schema\", \"table\", diststyle, size, tbl_rows FROM svv_table_info";

/// Schemas that are the system's.
const SYSTEM: [&str; 2] = ["information_schema", "pg_catalog"];

/// All schemas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Catalog {
    /// By name.
    pub schemas: Vec<Schema>,
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// Name.
    pub name: String,
    /// Whether it is the system's; its relations come without columns.
    pub system: bool,
    /// Tables and views by name.
    pub relations: Vec<Relation>,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// COMMENT ON TABLE.
    pub comment: Option<String>,
    /// `EVEN`, `ALL`, `KEY(column)`, `AUTO(…)`; of tables.
    pub distribution: Option<String>,
    /// Columns of the sort key, in order.
    pub sort_key: Vec<String>,
    /// Whether the sort key is interleaved.
    pub interleaved: bool,
    /// Columns of the primary key.
    pub primary_key: Vec<String>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Rows, where the user may know.
    pub row_count: Option<u64>,
    /// Size in blocks of 1 MB, as Redshift counts, where the user may know.
    pub size_mb: Option<u64>,
    /// Columns in order.
    pub columns: Vec<CatalogColumn>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogColumn {
    /// Name.
    pub name: String,
    /// Type as the catalog writes it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether NULL is kept out.
    pub not_null: bool,
    /// COMMENT ON COLUMN.
    pub comment: Option<String>,
}

/// A foreign key; Redshift does not enforce it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignKey {
    /// Referring columns.
    pub columns: Vec<String>,
    /// Schema of the table referred to.
    pub schema: String,
    /// The table referred to.
    pub table: String,
    /// Its columns.
    pub target_columns: Vec<String>,
}

/// A row's texts.
type Row = Vec<Option<String>>;

impl Catalog {
    /// Reads it through a connection of its own or one that is idle.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn read(connection: &dyn Connection) -> Result<Self, SqlError> {
        let schemas = Table::query(connection, SCHEMAS).await?.rows;
        let relations = Table::query(connection, RELATIONS).await?.rows;
        let columns = Table::query(connection, COLUMNS).await?.rows;
        let constraints = Table::query(connection, CONSTRAINTS).await?.rows;
        let comments = Table::query(connection, COMMENTS).await?.rows;
        // Only superusers and those granted see it on Redshift; the rest is worth showing without.
        let sizes = match Table::query(connection, SIZES).await {
            Ok(sizes) => sizes.rows,
            Err(error) => {
                tracing::info!(%error, "the tables' sizes cannot be read");
                Vec::new()
            }
        };
        Ok(Parts::new(&schemas, columns, constraints, comments, sizes).join(relations))
    }

    /// The relations that are not the system's, with their schemas.
    pub(crate) fn user_relations(&self) -> impl Iterator<Item = (&Schema, &Relation)> {
        let schemas = self.schemas.iter().filter(|schema| !schema.system);
        schemas.flat_map(|schema| schema.relations.iter().map(move |relation| (schema, relation)))
    }
}

/// The catalog's tables, by what joins them.
struct Parts {
    schemas: BTreeMap<String, (String, Schema)>,
    columns: HashMap<String, Vec<Row>>,
    constraints: HashMap<String, Vec<Row>>,
    comments: HashMap<(String, String), String>,
    sizes: HashMap<(String, String), Row>,
    /// Schema and name of each relation.
    names: HashMap<String, (String, String)>,
}

impl Parts {
    fn new(
        schemas: &[Row],
        columns: Vec<Row>,
        constraints: Vec<Row>,
        comments: Vec<Row>,
        sizes: Vec<Row>,
    ) -> Self {
        let schema = |row: &Row| {
            let name = value(row, 1);
            let system = SYSTEM.contains(&name.as_str());
            (value(row, 0), (name.clone(), Schema { name, system, relations: Vec::new() }))
        };
        let comment = |row: Row| ((value(&row, 0), value(&row, 1)), value(&row, 2));
        Self {
            schemas: schemas.iter().map(schema).collect(),
            columns: by_first(columns),
            constraints: by_first(constraints),
            comments: comments.into_iter().map(comment).collect(),
            sizes: sizes.into_iter().map(|row| ((value(&row, 0), value(&row, 1)), row)).collect(),
            names: HashMap::new(),
        }
    }

    fn join(mut self, relations: Vec<Row>) -> Catalog {
        for row in &relations {
            if let Some((schema, _)) = self.schemas.get(&value(row, 1)) {
                self.names.insert(value(row, 0), (schema.clone(), value(row, 2)));
            }
        }
        let mut schemas = std::mem::take(&mut self.schemas);
        for row in &relations {
            if let Some((_, schema)) = schemas.get_mut(&value(row, 1)) {
                let relation = self.relation(row, &schema.name, schema.system);
                schema.relations.push(relation);
            }
        }
        let mut schemas: Vec<Schema> = schemas.into_values().map(|(_, schema)| schema).collect();
        // The user's first; of them `public`, which everybody has.
        schemas.sort_by(|a, b| {
            let rank = |schema: &Schema| (schema.system, schema.name != "public", schema.name.clone());
            rank(a).cmp(&rank(b))
        });
        Catalog { schemas }
    }

    fn relation(&self, row: &Row, schema: &str, system: bool) -> Relation {
        let (oid, name) = (value(row, 0), value(row, 2));
        let kind = match value(row, 3).as_str() {
            "v" => RelationKind::View,
            "m" => RelationKind::MaterializedView,
            _ => RelationKind::Table,
        };
        let size = self.sizes.get(&(schema.to_owned(), name.clone()));
        let columns = self.columns.get(&oid).map_or(&[][..], Vec::as_slice);
        let is_table = kind == RelationKind::Table && !system;
        let mut sorted: Vec<(i32, String)> = columns
            .iter()
            .map(|column| (number(column, 6) as i32, value(column, 2)))
            .filter(|(position, _)| *position != 0)
            .collect();
        sorted.sort_by_key(|(position, _)| position.abs());
        let constraints = self.constraints.get(&oid).map_or(&[][..], Vec::as_slice);
        let of_kind = |kind: &'static str| constraints.iter().filter(move |row| value(row, 1) == kind);
        let distribution = || {
            let key = columns.iter().find(|column| is_true(column, 5)).map(|column| value(column, 2));
            distribution(number(row, 4), key.as_deref())
        };
        Relation {
            kind,
            comment: self.comments.get(&(oid.clone(), "0".to_owned())).cloned(),
            distribution: is_table.then(|| size.map_or_else(distribution, |size| value(size, 2))),
            interleaved: sorted.iter().any(|(position, _)| *position < 0),
            sort_key: sorted.into_iter().map(|(_, name)| name).collect(),
            primary_key: of_kind("p").flat_map(|row| self.named(&oid, &value(row, 2))).collect(),
            foreign_keys: of_kind("f").filter_map(|row| self.foreign_key(&oid, row)).collect(),
            row_count: match size {
                Some(size) => Some(number(size, 4).max(0) as u64),
                // svv_table_info leaves out empty tables; without it nothing is known.
                None => (is_table && !self.sizes.is_empty()).then_some(0),
            },
            size_mb: size.map(|size| number(size, 3).max(0) as u64),
            columns: match system {
                true => Vec::new(),
                false => columns.iter().map(|column| self.column(&oid, column)).collect(),
            },
            name,
        }
    }

    fn column(&self, oid: &str, row: &Row) -> CatalogColumn {
        CatalogColumn {
            name: value(row, 2),
            data_type: value(row, 3),
            not_null: is_true(row, 4),
            comment: self.comments.get(&(oid.to_owned(), value(row, 1))).cloned(),
        }
    }

    fn foreign_key(&self, oid: &str, row: &Row) -> Option<ForeignKey> {
        let target = value(row, 3);
        let (schema, table) = self.names.get(&target)?.clone();
        Some(ForeignKey {
            columns: self.named(oid, &value(row, 2)),
            schema,
            table,
            target_columns: self.named(&target, &value(row, 4)),
        })
    }

    /// The columns of a relation whose numbers are listed so: `{1,2}`.
    fn named(&self, oid: &str, numbers: &str) -> Vec<String> {
        let Some(columns) = self.columns.get(oid) else { return Vec::new() };
        let numbers = numbers.trim_matches(['{', '}']).split([',', ' ']);
        numbers
            .filter_map(|number| columns.iter().find(|row| value(row, 1) == number))
            .map(|row| value(row, 2))
            .collect()
    }
}

fn by_first(rows: Vec<Row>) -> HashMap<String, Vec<Row>> {
    let mut found: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        found.entry(value(&row, 0)).or_default().push(row);
    }
    found
}

fn value(row: &Row, index: usize) -> String {
    row.get(index).cloned().flatten().unwrap_or_default()
}

fn is_true(row: &Row, index: usize) -> bool {
    row.get(index).is_some_and(|text| text.as_deref() == Some("t"))
}

/// A count that may have a fraction.
fn number(row: &Row, index: usize) -> i64 {
    value(row, index).split('.').next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What pg_class.reldiststyle means.
fn distribution(style: i64, key: Option<&str>) -> String {
    match style {
        0 => "EVEN".to_owned(),
        1 => format!("KEY({})", key.unwrap_or_default()),
        8 => "ALL".to_owned(),
        11 => "AUTO(EVEN)".to_owned(),
        12 => format!("AUTO(KEY({}))", key.unwrap_or_default()),
        _ => "AUTO(ALL)".to_owned(),
    }
}
