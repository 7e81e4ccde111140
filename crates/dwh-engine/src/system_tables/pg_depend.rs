//! pg_depend: which tables and columns each bound view reads, through its rule in pg_rewrite, and on which index a
//! foreign key depends (PostgreSQL's chapter "pg_depend").

use dwh_common::RedshiftType::{BigInt, Char, Integer};
use dwh_common::SqlError;

use super::catalog::Catalog;
use super::key_index::KeyIndex;
use super::pg_rewrite::rule_oid;
use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_depend",
    columns: &[
        ("classid", BigInt),
        ("objid", BigInt),
        ("objsubid", Integer),
        ("refclassid", BigInt),
        ("refobjid", BigInt),
        ("refobjsubid", Integer),
        ("deptype", Char(1)),
    ],
    rows,
};

const PG_CLASS: i64 = 1259;
const PG_CONSTRAINT: i64 = 2606;
const PG_REWRITE: i64 = 2618;

fn rows(view: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let catalog = Catalog::new(view);
    let row = |class: i64, object: i64, of: i64, kind: &str| {
        vec![class.into(), object.into(), 0.into(), PG_CLASS.into(), of.into(), 0.into(), kind.into()]
    };
    let mut rows = Vec::new();
    for relation in &catalog.relations {
        for constraint in &relation.constraints {
            let Some((table, columns)) = &constraint.references else { continue };
            let of_key = |index: &KeyIndex| index.is_of(*table, columns);
            let index = catalog.relations.iter().find(|other| other.index.as_ref().is_some_and(of_key));
            rows.extend(index.map(|index| row(PG_CONSTRAINT, constraint.oid, index.oid, "n")));
        }
        let Some(stored) = &relation.view else { continue };
        let rule = rule_oid(relation.oid);
        // The rule belongs to its view.
        rows.push(row(PG_REWRITE, rule, relation.oid, "i"));
        rows.push(row(PG_REWRITE, rule, relation.oid, "n"));
        for (schema, name) in &stored.definition.depends_on {
            let read = catalog.relations.iter().find(|read| read.schema == *schema && read.name == *name);
            rows.extend(read.map(|read| row(PG_REWRITE, rule, read.oid, "n")));
        }
    }
    Ok(rows)
}
