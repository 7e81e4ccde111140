//! pg_cast: which types become which, and where by themselves (the guide, "Type compatibility and conversion"). A cast of
//! the engine is no function that could be called; texts become each other as they are. Behind what Redshift has is a
//! column of later PostgreSQL that psql asks for; `*` leaves it out.

use dwh_common::RedshiftType::{BigInt, Char};
use dwh_common::SqlError;

use super::rows::Value;
use super::{PG_CATALOG, SystemTable, SystemView};

pub(super) const TABLE: SystemTable = SystemTable {
    schema: PG_CATALOG,
    name: "pg_cast",
    columns: &[
        ("oid", BigInt),
        ("castsource", BigInt),
        ("casttarget", BigInt),
        ("castfunc", BigInt),
        ("castcontext", Char(1)),
        ("castmethod", Char(1)),
        ("tableoid", BigInt),
    ],
    rows,
};

const FIRST_OID: i64 = 10_000;

const BOOL: i64 = 16;
const INT8: i64 = 20;
const INT2: i64 = 21;
const INT4: i64 = 23;
const TEXT: i64 = 25;
const FLOAT4: i64 = 700;
const FLOAT8: i64 = 701;
const BPCHAR: i64 = 1042;
const VARCHAR: i64 = 1043;
const DATE: i64 = 1082;
const TIME: i64 = 1083;
const TIMESTAMP: i64 = 1114;
const TIMESTAMPTZ: i64 = 1184;
const TIMETZ: i64 = 1266;
const NUMERIC: i64 = 1700;

/// Each becomes those behind it in any expression, and those before it where it is assigned.
const NUMBERS: [i64; 6] = [INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8];
const TEXTS: [i64; 3] = [TEXT, BPCHAR, VARCHAR];
/// What becomes CHAR and VARCHAR by itself, beside numbers.
const SHOWN: [i64; 3] = [DATE, TIMESTAMP, TIMESTAMPTZ];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// In any expression.
    Implicit,
    /// Where a value goes into a column.
    Assignment,
    /// Where CAST says so.
    Explicit,
}

use Context::{Assignment, Explicit, Implicit};

/// Between times, and those from and to BOOLEAN.
const OTHERS: &[(i64, i64, Context)] = &[
    (BOOL, INT2, Explicit),
    (BOOL, INT4, Explicit),
    (BOOL, INT8, Explicit),
    (INT2, BOOL, Assignment),
    (INT4, BOOL, Assignment),
    (INT8, BOOL, Assignment),
    (DATE, TIMESTAMP, Implicit),
    (DATE, TIMESTAMPTZ, Implicit),
    (TIME, VARCHAR, Implicit),
    (TIME, TIMETZ, Implicit),
    (TIMESTAMP, DATE, Assignment),
    (TIMESTAMP, TIME, Assignment),
    (TIMESTAMP, TIMESTAMPTZ, Implicit),
    (TIMESTAMPTZ, DATE, Assignment),
    (TIMESTAMPTZ, TIMESTAMP, Assignment),
    (TIMESTAMPTZ, TIMETZ, Assignment),
    (TIMETZ, TIME, Assignment),
    (TIMETZ, VARCHAR, Implicit),
];

fn all() -> Vec<(i64, i64, Context)> {
    let mut all = Vec::new();
    for (place, source) in NUMBERS.into_iter().enumerate() {
        for (other, target) in NUMBERS.into_iter().enumerate().filter(|(other, _)| *other != place) {
            all.push((source, target, if other > place { Implicit } else { Assignment }));
        }
    }
    let shown = NUMBERS.into_iter().chain(SHOWN);
    all.extend(shown.flat_map(|source| [BPCHAR, VARCHAR].map(|target| (source, target, Implicit))));
    for source in TEXTS {
        all.extend(
            TEXTS.into_iter().filter(|target| *target != source).map(|target| (source, target, Implicit)),
        );
    }
    all.extend_from_slice(OTHERS);
    all
}

fn rows(_: &SystemView<'_>) -> Result<Vec<Vec<Value>>, SqlError> {
    let row = |(oid, (source, target, context)): (i64, (i64, i64, Context))| {
        let is_text = TEXTS.contains(&source) && TEXTS.contains(&target);
        vec![
            oid.into(),
            source.into(),
            target.into(),
            0.into(),
            match context {
                Implicit => "i",
                Assignment => "a",
                Explicit => "e",
            }
            .into(),
            if is_text { "b" } else { "f" }.into(),
            2605.into(),
        ]
    };
    Ok((FIRST_OID..).zip(all()).map(row).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::all;

    #[test]
    fn no_pair_is_listed_twice() {
        let pairs: HashSet<_> = all().into_iter().map(|(source, target, _)| (source, target)).collect();
        assert_eq!(pairs.len(), all().len());
    }
}
