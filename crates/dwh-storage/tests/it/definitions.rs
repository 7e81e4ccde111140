//! Changes to schemas, tables, columns and views are part of the transaction, and come back as they were.

use crate::fixtures::*;
use dwh_common::RedshiftType;
use dwh_storage::{
    Constraint, ConstraintKind, Distribution, ForeignKey, Identity, SortKey, StorageError, TableAttributes,
    TableDefinition, ViewDefinition, Warehouse,
};

fn view(name: &str, sql: &str) -> ViewDefinition {
    ViewDefinition {
        schema: "public".to_owned(),
        name: name.to_owned(),
        sql: sql.to_owned(),
        column_names: vec!["number".to_owned(), "the text".to_owned()],
        column_types: Vec::new(),
        late_binding: true,
        depends_on: vec![("public".to_owned(), "t".to_owned())],
        comment: None,
    }
}

/// A table with every attribute and type.
fn everything() -> TableDefinition {
    let types = [
        RedshiftType::SmallInt,
        RedshiftType::Integer,
        RedshiftType::BigInt,
        RedshiftType::Decimal { precision: 18, scale: 4 },
        RedshiftType::Decimal { precision: 38, scale: 10 },
        RedshiftType::Real,
        RedshiftType::Double,
        RedshiftType::Boolean,
        RedshiftType::Char(3),
        RedshiftType::Varchar(256),
        RedshiftType::Date,
        RedshiftType::Time,
        RedshiftType::Timestamp,
        RedshiftType::TimestampTz,
        RedshiftType::Super,
        RedshiftType::Varbyte(100),
    ];
    let mut columns: Vec<_> =
        types.iter().enumerate().map(|(index, data_type)| column(&format!("c{index}"), *data_type)).collect();
    columns[1].nullable = false;
    columns[2].identity = Some(Identity { seed: 5, step: -2, by_default: true });
    columns[9].default = Some("'it''s'::varchar".to_owned());
    columns[9].encoding = Some("zstd".to_owned());
    columns[9].case_insensitive = true;
    columns[9].comment = Some("a \"comment\"".to_owned());
    TableDefinition {
        attributes: TableAttributes {
            distribution: Distribution::Key("c1".to_owned()),
            sort_key: SortKey::Interleaved(vec!["c1".to_owned(), "c10".to_owned()]),
            constraints: vec![
                constraint("everything", ConstraintKind::PrimaryKey(vec!["c1".to_owned()])),
                constraint("two \"c\"", ConstraintKind::Unique(vec!["c2".to_owned(), "c3".to_owned()])),
                constraint("Every Thing_c9_key", ConstraintKind::Unique(vec!["c9".to_owned()])),
                constraint(
                    "f",
                    ConstraintKind::ForeignKey(ForeignKey {
                        columns: vec!["c2".to_owned()],
                        referenced_schema: "public".to_owned(),
                        referenced_table: "other \"table\"".to_owned(),
                        referenced_columns: vec!["id".to_owned()],
                    }),
                ),
            ],
            backup_no: true,
        },
        comment: Some("every attribute".to_owned()),
        ..definition("s", "Every Thing", columns)
    }
}

fn constraint(name: &str, kind: ConstraintKind) -> Constraint {
    Constraint { name: name.to_owned(), kind }
}

/// Closes and opens the warehouse; nothing may change by it.
fn reopened(warehouse: Warehouse) -> Warehouse {
    let dir = warehouse.dir().to_owned();
    let before = describe(&warehouse.snapshot().unwrap());
    drop(warehouse);
    let warehouse = open(&dir);
    assert_eq!(describe(&warehouse.snapshot().unwrap()), before);
    warehouse
}

#[tokio::test]
async fn a_new_warehouse_has_the_schema_public_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = open(dir.path()).snapshot().unwrap();
    assert_eq!(snapshot.schemas().map(|schema| schema.name.as_str()).collect::<Vec<_>>(), ["public"]);
    assert_eq!((snapshot.tables().count(), snapshot.views().count()), (0, 0));
}

#[tokio::test]
async fn every_attribute_and_type_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    transaction.create_schema("s").unwrap();
    transaction.set_schema_comment("s", Some("about s".to_owned())).unwrap();
    let created = transaction.create_table(everything()).unwrap();
    transaction.create_view(view("v", "SELECT n, s FROM public.t"), false).unwrap();
    transaction.set_view_comment("public", "v", Some("about v".to_owned())).unwrap();
    transaction.commit().await.unwrap();

    let warehouse = reopened(warehouse);
    let snapshot = warehouse.snapshot().unwrap();
    let table = snapshot.table("s", "Every Thing").unwrap();
    assert_eq!(table.definition, created.definition);
    let ids: Vec<i64> = table.definition.columns.iter().map(|column| column.id).collect();
    assert_eq!(ids, (1..=16).collect::<Vec<i64>>());
    let read = snapshot.view("public", "v").unwrap();
    let expected =
        ViewDefinition { comment: Some("about v".to_owned()), ..view("v", "SELECT n, s FROM public.t") };
    assert_eq!(read.definition, expected);
    assert_eq!(snapshot.schemas().find(|s| s.name == "s").unwrap().comment.as_deref(), Some("about s"));
}

#[tokio::test]
async fn columns_are_added_dropped_and_renamed_without_touching_files() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    append_file(&mut transaction, id, [1]);
    transaction.commit().await.unwrap();

    let mut transaction = begin(&warehouse);
    append(&mut transaction, id, [2]);
    let price = column("price", RedshiftType::Decimal { precision: 10, scale: 2 });
    transaction.add_column(id, price, Some("1.5".to_owned())).unwrap();
    transaction.add_column(id, column("note", RedshiftType::Varchar(10)), None).unwrap();
    transaction.rename_column(id, "n", "number").unwrap();
    transaction.drop_column(id, "s").unwrap();
    let seen = rows(&transaction.table_by_id(id).unwrap());
    assert_eq!(seen, [["1", "1.50", "∅"], ["2", "1.50", "∅"]]);
    transaction.commit().await.unwrap();

    let warehouse = reopened(warehouse);
    // A column of an old name is another column: the old values do not come back.
    let mut transaction = begin(&warehouse);
    transaction.add_column(id, column("s", RedshiftType::Varchar(20)), None).unwrap();
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    let snapshot = warehouse.snapshot().unwrap();
    let table = snapshot.table("public", "t").unwrap();
    assert_eq!(rows(table), [["1", "1.50", "∅", "∅"], ["2", "1.50", "∅", "∅"]]);
    let ids: Vec<i64> = table.definition.columns.iter().map(|column| column.id).collect();
    assert_eq!(ids, [1, 3, 4, 5]);
}

#[tokio::test]
async fn keys_follow_a_renamed_column_and_go_with_a_dropped_one() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    let mut table = numbers("t");
    table.attributes.distribution = Distribution::Key("n".to_owned());
    table.attributes.sort_key = SortKey::Compound(vec!["s".to_owned(), "n".to_owned()]);
    table.attributes.add(constraint("k", ConstraintKind::PrimaryKey(vec!["n".to_owned()])));
    let id = transaction.create_table(table).unwrap().id;
    transaction.rename_column(id, "n", "k").unwrap();
    let attributes = transaction.table_by_id(id).unwrap().definition.attributes.clone();
    assert_eq!(attributes.distribution, Distribution::Key("k".to_owned()));
    assert_eq!(attributes.sort_key, SortKey::Compound(vec!["s".to_owned(), "k".to_owned()]));
    transaction.drop_column(id, "k").unwrap();
    let attributes = transaction.table_by_id(id).unwrap().definition.attributes.clone();
    assert_eq!(attributes, TableAttributes::default());
    assert!(matches!(transaction.drop_column(id, "s"), Err(StorageError::LastColumn(_))));
}

#[tokio::test]
async fn only_the_length_of_a_varchar_can_change() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let mut transaction = begin(&warehouse);
    transaction.alter_column_type(id, "s", RedshiftType::Varchar(500)).unwrap();
    let refused = transaction.alter_column_type(id, "n", RedshiftType::BigInt).unwrap_err();
    assert!(matches!(refused, StorageError::ColumnTypeChange { .. }));
    transaction.set_encoding(id, "s", Some("lzo".to_owned())).unwrap();
    transaction.set_table_comment(id, Some("t".to_owned())).unwrap();
    transaction.set_column_comment(id, "s", Some("text".to_owned())).unwrap();
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    let snapshot = warehouse.snapshot().unwrap();
    let definition = &snapshot.table("public", "t").unwrap().definition;
    let column = definition.column("s").unwrap();
    assert_eq!(column.data_type, RedshiftType::Varchar(500));
    assert_eq!(column.encoding.as_deref(), Some("lzo"));
    assert_eq!((definition.comment.as_deref(), column.comment.as_deref()), (Some("t"), Some("text")));

    let mut transaction = begin(&warehouse);
    transaction.set_table_comment(id, None).unwrap();
    transaction.set_column_comment(id, "s", None).unwrap();
    transaction.commit().await.unwrap();
    let snapshot = reopened(warehouse).snapshot().unwrap();
    assert_eq!(snapshot.table("public", "t").unwrap().definition.comment, None);
}

#[tokio::test]
async fn names_can_be_dropped_created_and_swapped_in_one_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let ids = create(&warehouse, &["a", "b"]).await;
    let mut transaction = begin(&warehouse);
    append(&mut transaction, ids[0], [1]);
    append(&mut transaction, ids[1], [2]);
    transaction.commit().await.unwrap();

    let mut transaction = begin(&warehouse);
    transaction.rename_table(ids[0], "tmp").unwrap();
    transaction.rename_table(ids[1], "a").unwrap();
    transaction.rename_table(ids[0], "b").unwrap();
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!((committed(&snapshot, "a"), committed(&snapshot, "b")), (vec![2], vec![1]));

    let mut transaction = begin(&warehouse);
    transaction.drop_table(ids[1]).unwrap();
    let new = transaction.create_table(numbers("a")).unwrap();
    append(&mut transaction, new.id, [3]);
    assert!(matches!(transaction.create_table(numbers("b")), Err(StorageError::DuplicateRelation(_))));
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    assert_eq!(committed(&warehouse.snapshot().unwrap(), "a"), [3]);
}

#[tokio::test]
async fn a_schema_with_tables_is_dropped_only_with_cascade() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let mut transaction = begin(&warehouse);
    transaction.create_schema("s").unwrap();
    transaction.create_table(definition("s", "t", vec![column("c", RedshiftType::Integer)])).unwrap();
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    let refused = transaction.drop_schema("s", false).unwrap_err();
    assert!(matches!(&refused, StorageError::SchemaNotEmpty { contents, .. } if contents == "t"));
    transaction.drop_schema("s", true).unwrap();
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!((snapshot.schemas().count(), snapshot.tables().count()), (1, 0));
    let missing = begin(&warehouse).create_table(definition("s", "t", vec![])).unwrap_err();
    assert!(matches!(missing, StorageError::SchemaNotFound(_)));
}

#[tokio::test]
async fn a_view_is_replaced_only_when_that_is_said_and_shares_names_with_tables() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    create(&warehouse, &["t"]).await;
    let mut transaction = begin(&warehouse);
    assert!(matches!(transaction.create_view(view("t", "x"), true), Err(StorageError::DuplicateRelation(_))));
    let first = transaction.create_view(view("v", "SELECT 1, 2"), false).unwrap();
    assert!(matches!(
        transaction.create_view(view("v", "x"), false),
        Err(StorageError::DuplicateRelation(_))
    ));
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    let second = transaction.create_view(view("v", "SELECT 3, 4"), true).unwrap();
    assert_eq!(first.id, second.id);
    transaction.commit().await.unwrap();
    let warehouse = reopened(warehouse);
    assert_eq!(warehouse.snapshot().unwrap().view("public", "v").unwrap().definition.sql, "SELECT 3, 4");
    let mut transaction = begin(&warehouse);
    transaction.drop_view("public", "v").unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(reopened(warehouse).snapshot().unwrap().views().count(), 0);
}

#[tokio::test]
async fn definitions_roll_back_like_rows() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let id = create(&warehouse, &["t"]).await[0];
    let before = describe(&warehouse.snapshot().unwrap());
    let mut transaction = begin(&warehouse);
    transaction.rename_column(id, "n", "m").unwrap();
    transaction.create_schema("s").unwrap();
    transaction.drop_table(id).unwrap();
    assert!(transaction.table("public", "t").is_none());
    transaction.rollback();
    assert_eq!(describe(&warehouse.snapshot().unwrap()), before);
}
