//! The warehouse as PostgreSQL's catalog numbers it: schemas, relations, columns and constraints with object
//! ids, from which the pg_ tables and functions are made (RS 5.5).

use std::sync::Arc;

use dwh_common::RedshiftType;
use dwh_storage::{Constraint, ConstraintKind, ForeignKey, OWNER_ID, Schema, Securable, Table, View};

use super::key_index::{KeyIndex, of_keys};
use super::relations::{default_text, encoding_text, sort_position};
use super::{INFORMATION_SCHEMA, PG_CATALOG, SystemView};
use crate::access::acl::column_text;

/// Ids of users' objects start here on a cluster, too.
const FIRST_OBJECT: i64 = 100_000;
/// Ids of system tables that PostgreSQL gives no well-known one.
const FIRST_SYSTEM_RELATION: i64 = 11_000;
/// Temporary tables are numbered below zero by the storage.
const FIRST_TEMPORARY: i64 = 90_000;
pub(crate) const PG_CATALOG_OID: i64 = 11;
const PUBLIC_OID: i64 = 2200;
const INFORMATION_SCHEMA_OID: i64 = 10_990;
const TEMPORARY_OID: i64 = 10_995;
/// The schema of a session's temporary tables.
pub(crate) const TEMPORARY_SCHEMA: &str = "pg_temp_1";
/// The database's own id.
pub(crate) const DATABASE_OID: i64 = 100_000;

/// Ids that programs know by heart.
const WELL_KNOWN: &[(&str, i64)] = &[
    ("pg_type", 1247),
    ("pg_attribute", 1249),
    ("pg_proc", 1255),
    ("pg_class", 1259),
    ("pg_database", 1262),
    ("pg_am", 2601),
    ("pg_attrdef", 2604),
    ("pg_cast", 2605),
    ("pg_constraint", 2606),
    ("pg_depend", 2608),
    ("pg_description", 2609),
    ("pg_index", 2610),
    ("pg_namespace", 2615),
];

/// A schema.
#[derive(Debug, Clone)]
pub(crate) struct CatalogSchema {
    pub(crate) oid: i64,
    pub(crate) name: String,
    /// The number of the user that it belongs to.
    pub(crate) owner: i64,
    /// Who was given what on it.
    pub(crate) acl: Option<String>,
    pub(crate) comment: Option<String>,
}

/// A table, a view, or the index that stands for a key.
#[derive(Debug, Clone)]
pub(crate) struct CatalogRelation {
    pub(crate) oid: i64,
    pub(crate) schema_oid: i64,
    pub(crate) schema: String,
    pub(crate) name: String,
    /// The number of the user that it belongs to.
    pub(crate) owner: i64,
    /// `r`, `v` or `i`.
    pub(crate) kind: char,
    pub(crate) comment: Option<String>,
    pub(crate) columns: Vec<CatalogColumn>,
    pub(crate) constraints: Vec<CatalogConstraint>,
    pub(crate) table: Option<Arc<Table>>,
    pub(crate) view: Option<Arc<View>>,
    pub(crate) index: Option<KeyIndex>,
}

impl CatalogRelation {
    /// Whether Redshift's own lists call it a view; a materialized view is one.
    pub(super) fn is_view(&self) -> bool {
        let fills = |table: &Arc<Table>| table.definition.materialized.is_some();
        self.kind == 'v' || self.table.as_ref().is_some_and(fills)
    }
}

/// A column; its number is its place from 1 on.
#[derive(Debug, Clone)]
pub(crate) struct CatalogColumn {
    pub(crate) name: String,
    pub(crate) data_type: RedshiftType,
    pub(crate) nullable: bool,
    pub(crate) default: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) is_dist_key: bool,
    pub(crate) sort_position: i32,
}

/// A constraint that is kept and not enforced.
#[derive(Debug, Clone)]
pub(crate) struct CatalogConstraint {
    pub(crate) oid: i64,
    pub(crate) name: String,
    /// `p`, `u` or `f`.
    pub(crate) kind: char,
    /// Numbers of the columns.
    pub(crate) columns: Vec<i64>,
    /// The referenced relation and the numbers of its columns.
    pub(crate) references: Option<(i64, Vec<i64>)>,
    /// As pg_get_constraintdef tells it.
    pub(crate) definition: String,
}

impl CatalogConstraint {
    /// Whether it is a primary or a unique key.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self.kind, 'p' | 'u')
    }
}

/// All of it, as a transaction sees it.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    pub(crate) schemas: Vec<CatalogSchema>,
    pub(crate) relations: Vec<CatalogRelation>,
    pub(crate) search_path: Vec<String>,
    /// Users by number, as the session shows their names.
    pub(crate) users: Vec<(i64, String)>,
}

/// The id of a stored schema.
pub(crate) fn schema_oid(schema: &Schema) -> i64 {
    if schema.name == "public" { PUBLIC_OID } else { FIRST_OBJECT + schema.id }
}

/// The id of a stored table or view.
pub(crate) fn relation_oid(id: i64) -> i64 {
    if id < 0 { FIRST_TEMPORARY - id } else { FIRST_OBJECT + id }
}

impl Catalog {
    pub(crate) fn new(view: &SystemView<'_>) -> Self {
        let access = view.transaction.access();
        let mut schemas = vec![
            system_schema(PG_CATALOG_OID, PG_CATALOG),
            system_schema(INFORMATION_SCHEMA_OID, INFORMATION_SCHEMA),
        ];
        schemas.extend(view.transaction.schemas().into_iter().map(|schema| CatalogSchema {
            oid: schema_oid(&schema),
            name: schema.name.clone(),
            owner: match access.owner(Securable::Schema(schema.id)) {
                // The system made it.
                OWNER_ID if schema.name == "public" => SYSTEM_USER,
                owner => owner,
            },
            acl: column_text(access, Securable::Schema(schema.id)),
            comment: schema.comment.clone(),
        }));
        let tables = view.transaction.tables();
        if tables.iter().any(|table| table.definition.temporary) {
            schemas.push(system_schema(TEMPORARY_OID, TEMPORARY_SCHEMA));
        }
        let oid_of_schema =
            |name: &str| schemas.iter().find(|schema| schema.name == name).map_or(0, |schema| schema.oid);
        let mut relations = Vec::new();
        for (index, system) in super::all().enumerate() {
            let known =
                WELL_KNOWN.iter().find(|(name, _)| *name == system.name && system.schema == PG_CATALOG);
            let shown = system.columns.iter().filter(|(name, _)| !system.hidden().contains(name));
            relations.push(CatalogRelation {
                oid: known.map_or(FIRST_SYSTEM_RELATION + index as i64, |(_, oid)| *oid),
                schema_oid: oid_of_schema(system.schema),
                schema: system.schema.to_owned(),
                name: system.name.to_owned(),
                owner: SYSTEM_USER,
                kind: if is_view(system) { 'v' } else { 'r' },
                comment: None,
                columns: shown.map(|(name, data_type)| plain_column(name, *data_type)).collect(),
                constraints: Vec::new(),
                table: None,
                view: None,
                index: None,
            });
        }
        for table in &tables {
            let schema = super::relations::schema_of(table);
            relations.push(CatalogRelation {
                oid: relation_oid(table.id),
                schema_oid: oid_of_schema(&schema),
                schema,
                name: table.definition.name.clone(),
                owner: access.owner(Securable::Relation(table.id)),
                kind: 'r',
                comment: table.definition.comment.clone(),
                columns: table_columns(table),
                constraints: constraints(table, &tables),
                table: Some(Arc::clone(table)),
                view: None,
                index: None,
            });
        }
        for stored in view.transaction.views() {
            let definition = &stored.definition;
            let columns = definition.column_names.iter().zip(&definition.column_types);
            relations.push(CatalogRelation {
                oid: relation_oid(stored.id),
                schema_oid: oid_of_schema(&definition.schema),
                schema: definition.schema.clone(),
                name: definition.name.clone(),
                owner: access.owner(Securable::Relation(stored.id)),
                kind: 'v',
                comment: definition.comment.clone(),
                columns: columns.map(|(name, data_type)| plain_column(name, *data_type)).collect(),
                constraints: Vec::new(),
                table: None,
                view: Some(Arc::clone(&stored)),
                index: None,
            });
        }
        // Behind all else, so that a name means a table before it means an index.
        let indexes: Vec<_> = relations.iter().flat_map(of_keys).collect();
        relations.extend(indexes);
        relations.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        Self {
            schemas,
            relations,
            search_path: view.search_path.to_vec(),
            users: std::iter::once((SYSTEM_USER, SYSTEM_USER_NAME.to_owned()))
                .chain(access.users.values().map(|user| (user.id, view.user_name(user).to_owned())))
                .collect(),
        }
    }

    pub(crate) fn relation(&self, oid: i64) -> Option<&CatalogRelation> {
        self.relations.iter().find(|relation| relation.oid == oid)
    }

    /// What SQL reads from.
    pub(crate) fn tables_and_views(self) -> impl Iterator<Item = CatalogRelation> {
        self.relations.into_iter().filter(|relation| relation.index.is_none())
    }

    pub(crate) fn schema(&self, oid: i64) -> Option<&CatalogSchema> {
        self.schemas.iter().find(|schema| schema.oid == oid)
    }

    /// The relation that a name as SQL writes it means: `t`, `s.t`, `"s"."t"`.
    pub(crate) fn named(&self, name: &str) -> Option<&CatalogRelation> {
        let mut parts = name.split('.').map(|part| part.trim().trim_matches('"').to_ascii_lowercase());
        let (first, second) = (parts.next()?, parts.next());
        let find = |schema: &str, name: &str| {
            self.relations.iter().find(|relation| relation.schema == schema && relation.name == name)
        };
        match second {
            Some(name) => find(&first, &name),
            None => self.visible_schemas().find_map(|schema| find(schema, &first)),
        }
    }

    /// Whether a relation is found by its name alone.
    pub(crate) fn is_visible(&self, relation: &CatalogRelation) -> bool {
        self.named(&relation.name).is_some_and(|found| found.oid == relation.oid)
    }

    /// The schemas in which a bare name is looked for, in order (RS 3.4).
    pub(crate) fn visible_schemas(&self) -> impl Iterator<Item = &str> {
        let path = self.search_path.iter().map(String::as_str);
        [TEMPORARY_SCHEMA, PG_CATALOG].into_iter().chain(path)
    }
}

fn system_schema(oid: i64, name: &str) -> CatalogSchema {
    CatalogSchema { oid, name: name.to_owned(), owner: SYSTEM_USER, acl: None, comment: None }
}

pub(super) fn plain_column(name: &str, data_type: RedshiftType) -> CatalogColumn {
    CatalogColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
        default: None,
        comment: None,
        encoding: None,
        is_dist_key: false,
        sort_position: 0,
    }
}

fn table_columns(table: &Arc<Table>) -> Vec<CatalogColumn> {
    let attributes = &table.definition.attributes;
    let dist_key = match &attributes.distribution {
        dwh_storage::Distribution::Key(column) => Some(column),
        _ => None,
    };
    let column = |column: &dwh_storage::ColumnDefinition| CatalogColumn {
        name: column.name.clone(),
        data_type: column.data_type,
        nullable: column.nullable,
        default: default_text(table, column),
        comment: column.comment.clone(),
        encoding: Some(encoding_text(table, column)),
        is_dist_key: dist_key == Some(&column.name),
        sort_position: sort_position(attributes, &column.name),
    };
    table.definition.columns.iter().map(column).collect()
}

fn constraints(table: &Arc<Table>, tables: &[Arc<Table>]) -> Vec<CatalogConstraint> {
    let oid = |place: usize| relation_oid(table.id) + 10_000_000 + 100_000 * place as i64;
    let constraints = table.definition.attributes.constraints.iter().enumerate();
    let of = |(index, constraint): (usize, &Constraint)| {
        let columns = constraint.columns().join(", ");
        let (kind, references, definition) = match &constraint.kind {
            ConstraintKind::PrimaryKey(_) => ('p', None, format!("PRIMARY KEY ({columns})")),
            ConstraintKind::Unique(_) => ('u', None, format!("UNIQUE ({columns})")),
            ConstraintKind::ForeignKey(key) => {
                let (references, target) = reference(tables, key);
                ('f', references, format!("FOREIGN KEY ({columns}) REFERENCES {target}"))
            }
        };
        CatalogConstraint {
            oid: oid(index),
            name: constraint.name.clone(),
            kind,
            columns: numbers(table, constraint.columns()),
            references,
            definition,
        }
    };
    constraints.map(of).collect()
}

/// The table and columns that a foreign key refers to, and how pg_get_constraintdef writes them.
fn reference(tables: &[Arc<Table>], key: &ForeignKey) -> (Option<(i64, Vec<i64>)>, String) {
    let is_target = |table: &&Arc<Table>| {
        table.definition.name == key.referenced_table && table.definition.schema == key.referenced_schema
    };
    let target = tables.iter().find(is_target);
    let columns = match (&key.referenced_columns[..], target) {
        ([], Some(target)) => target.definition.attributes.primary_key_columns(),
        (columns, _) => columns,
    };
    let shown = match key.referenced_schema.as_str() {
        "public" => key.referenced_table.clone(),
        schema => format!("{schema}.{}", key.referenced_table),
    };
    let references = target.map(|target| (relation_oid(target.id), numbers(target, columns)));
    (references, format!("{shown}({})", columns.join(", ")))
}

fn numbers(table: &Table, columns: &[String]) -> Vec<i64> {
    let number = |name: &String| table.definition.columns.iter().position(|column| column.name == *name);
    columns.iter().filter_map(|name| number(name).map(|index| index as i64 + 1)).collect()
}

/// A list of numbers as PostgreSQL prints an array.
pub(crate) fn array_text(numbers: &[i64]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("{{{}}}", texts.join(","))
}

/// The user that what the system has belongs to (the guide's page PG_USER).
pub(crate) const SYSTEM_USER: i64 = 1;
pub(crate) const SYSTEM_USER_NAME: &str = "rdsdb";

/// Views of the catalog that are called like its tables.
const VIEWS: &[&str] = &[
    "pg_class_info",
    "pg_database_info",
    "pg_get_late_binding_view_cols",
    "pg_indexes",
    "pg_locks",
    "pg_proc_info",
    "pg_roles",
    "pg_settings",
    "pg_stat_activity",
    "pg_table_def",
    "pg_tables",
    "pg_timezone_abbrevs",
    "pg_timezone_names",
    "pg_user",
    "pg_user_info",
    "pg_views",
];

/// Whether a system table is a view on a cluster.
fn is_view(system: &super::SystemTable) -> bool {
    !system.name.starts_with("pg_") || VIEWS.contains(&system.name)
}
