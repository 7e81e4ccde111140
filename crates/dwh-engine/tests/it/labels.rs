//! Labels and types of result columns, as the guide's examples and PostgreSQL 8 print them (RS 4.2).

use dwh_common::RedshiftType;

use crate::support::Fixture;

const TABLE: &str = "CREATE TABLE sales (salesid INTEGER, pricepaid DECIMAL(8,2), qtysold SMALLINT, \
                     saletime TIMESTAMP, note VARCHAR(20), data SUPER, bits VARBYTE(8), likes BOOLEAN)";

/// An expression over the table, its label, its type as pg_catalog writes it.
const CASES: &[(&str, &str, &str)] = &[
    // Columns, and casts of them.
    ("pricepaid", "pricepaid", "numeric(8,2)"),
    ("cast(pricepaid as integer)", "pricepaid", "integer"),
    ("saletime::date", "saletime", "date"),
    ("convert(bigint, qtysold)", "qtysold", "bigint"),
    // Casts of literals are labelled by the type.
    ("cast(2008 as char(4))", "bpchar", "character(4)"),
    ("cast(109.652 as decimal(4,1))", "numeric", "numeric(4,1)"),
    ("'abc'::varbyte", "varbyte", "binary varying(64000)"),
    ("5::smallint", "int2", "smallint"),
    ("'1'::super", "super", "super"),
    ("date '2008-01-01'", "date", "date"),
    // Operators have no name.
    ("pricepaid + 1", "?column?", "numeric(13,2)"),
    ("'a' || 'b'", "?column?", "character varying(65535)"),
    ("1", "?column?", "integer"),
    ("note = 'a'", "?column?", "boolean"),
    // Functions are labelled by their name, some by another one.
    ("dateadd(day, 1, saletime)", "date_add", "timestamp without time zone"),
    ("datediff(day, saletime, saletime)", "date_diff", "bigint"),
    ("date_part(week, saletime)", "pgdate_part", "double precision"),
    ("extract(week from saletime)", "date_part", "integer"),
    ("trim('\"' from note)", "btrim", "character varying(65535)"),
    ("substring(note, 1, 2)", "substring", "character varying(65535)"),
    ("substr(note, 1, 2)", "substr", "character varying(65535)"),
    ("nvl(note, 'a')", "coalesce", "character varying(65535)"),
    ("decode(qtysold, 1, 'one')", "case", "character varying(65535)"),
    ("nvl2(note, 1, 2)", "case", "integer"),
    ("max(1)", "max", "integer"),
    ("decode(qtysold, 1, 10, 20)", "case", "integer"),
    ("case when likes then 1 else 2 end", "case", "integer"),
    ("trunc(saletime)", "trunc", "date"),
    ("sysdate", "timestamp", "timestamp without time zone"),
    ("current_date", "date", "date"),
    ("len(note)", "len", "integer"),
    ("sign(pricepaid)", "sign", "numeric(1,0)"),
    ("sign(1.5::float8)", "sign", "double precision"),
    // Aggregates and windows.
    ("row_number() over (order by salesid)", "row_number", "bigint"),
    ("sum(qtysold) over ()", "sum", "bigint"),
    ("sum(pricepaid) over ()", "sum", "numeric(38,2)"),
    ("avg(qtysold) over ()", "avg", "bigint"),
    ("ratio_to_report(qtysold) over ()", "ratio_to_report", "double precision"),
    // Paths into SUPER are labelled by their last attribute.
    ("data.\"items\"[0].price", "price", "super"),
    ("data[0]", "data", "super"),
    ("json_typeof(data)", "json_typeof", "character varying(65535)"),
];

#[tokio::test(flavor = "multi_thread")]
async fn result_columns_have_the_labels_and_types_of_the_guide() {
    let session = Fixture::new().session();
    session.execute(TABLE).await.expect("a table");
    let mut wrong = Vec::new();
    for (expression, label, data_type) in CASES {
        let answer = session.execute(&format!("SELECT {expression} FROM sales")).await;
        let results = match answer {
            Ok(results) => results,
            Err(error) => {
                wrong.push(format!("{expression}: {error}"));
                continue;
            }
        };
        let result = results.into_iter().next_back().and_then(|last| last.result).expect("rows");
        let field = result.schema.field(0);
        let found = RedshiftType::of_field(field).map(|known| known.to_string()).unwrap_or_default();
        if field.name() != label || found != *data_type {
            wrong.push(format!("{expression}: {} of {found}, not {label} of {data_type}", field.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
