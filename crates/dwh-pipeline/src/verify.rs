//! Verification: the queries' results against those of an independent engine.

use std::fmt;

use dwh_sql::keywords::quote_literal;

use crate::error::PipelineError;
use crate::expected::{ExpectedSet, InputSize};
use crate::ledger::LEDGER_TABLE;
use crate::pipeline::Pipeline;
use crate::sql_file::SqlFile;
use crate::variables::Variables;
use crate::warehouse::{ResultSet, Warehouse};

/// Differences kept of one query; the rest is only counted.
const MAX_DIFFERENCES: usize = 10;

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The set of expected results.
    pub expected_set: String,
    /// Each query that the set has a result for.
    pub queries: Vec<QueryComparison>,
    /// Names of queries that the set has no result for.
    pub not_compared: Vec<String>,
}

/// A query's result compared with the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryComparison {
    /// Name of the query's file.
    pub query: String,
    /// The question, from the comment that the file begins with.
    pub description: String,
    /// What the query returned.
    pub result: ResultSet,
    /// The first differences, in order of the rows.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub difference_count: usize,
}

/// One difference. `Display` says it in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The columns are not those expected.
    Columns {
        /// Expected labels.
        expected: Vec<String>,
        /// Labels of the result.
        got: Vec<String>,
    },
    /// A value is not the expected one.
    Value {
        /// 1-based row.
        row: usize,
        /// Label.
        column: String,
        /// Expected value.
        expected: String,
        /// Value of the result.
        got: String,
    },
    /// The result ends before this row.
    MissingRow {
        /// 1-based row.
        row: usize,
        /// Its expected values.
        expected: Vec<String>,
    },
    /// The result has a row too many.
    ExtraRow {
        /// 1-based row.
        row: usize,
        /// Its values.
        got: Vec<String>,
    },
}

impl VerifyReport {
    /// Whether all results are as expected.
    pub fn is_equal(&self) -> bool {
        self.queries.iter().all(QueryComparison::is_equal)
    }
}

impl QueryComparison {
    /// Whether the result is as expected.
    pub fn is_equal(&self) -> bool {
        self.difference_count == 0
    }

    fn new(file: &SqlFile, expected: &ResultSet, result: ResultSet) -> Self {
        let mut differences = Vec::new();
        let mut difference_count = 0;
        compare(expected, &result, |difference| {
            difference_count += 1;
            if differences.len() < MAX_DIFFERENCES {
                differences.push(difference);
            }
        });
        Self {
            query: file.name.clone(),
            description: file.description(),
            result,
            differences,
            difference_count,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { expected, got } => {
                write!(f, "columns: expected {}, got {}", expected.join(", "), got.join(", "))
            }
            Self::Value { row, column, expected, got } => {
                write!(f, "row {row}, {column}: expected {expected:?}, got {got:?}")
            }
            Self::MissingRow { row, expected } => {
                write!(f, "row {row} is missing: expected {}", expected.join(", "))
            }
            Self::ExtraRow { row, got } => write!(f, "row {row} is not expected: got {}", got.join(", ")),
        }
    }
}

/// Runs the queries and compares them with `expected`, or else with the pipeline's set for the input that the
/// ledger says was loaded.
///
/// # Errors
/// [`PipelineError::NoExpectedResults`] if no set belongs to the input, [`PipelineError::Statement`] for a
/// query that cannot be run; a difference is no error.
pub async fn verify(
    pipeline: &Pipeline,
    variables: &Variables,
    warehouse: &dyn Warehouse,
    expected: Option<&ExpectedSet>,
) -> Result<VerifyReport, PipelineError> {
    let set = match expected {
        Some(set) => set,
        None => known_set(pipeline, warehouse).await?,
    };
    let mut report =
        VerifyReport { expected_set: set.name.clone(), queries: Vec::new(), not_compared: Vec::new() };
    for file in &pipeline.queries {
        let Some(expected) = set.results.get(&file.name) else {
            report.not_compared.push(file.name.clone());
            continue;
        };
        let sql = file.sql(variables)?;
        let result = warehouse.query(&sql).await.map_err(|error| file.error(&sql, error))?;
        report.queries.push(QueryComparison::new(file, expected, result));
    }
    Ok(report)
}

async fn known_set<'a>(
    pipeline: &'a Pipeline,
    warehouse: &dyn Warehouse,
) -> Result<&'a ExpectedSet, PipelineError> {
    let sql = format!(
        "SELECT load_name, COUNT(*) AS objects, SUM(size_bytes) AS bytes FROM public.{LEDGER_TABLE} \
         WHERE pipeline = {} GROUP BY load_name ORDER BY load_name",
        quote_literal(&pipeline.name)
    );
    let found = warehouse.query(&sql).await.map_err(PipelineError::warehouse("reading the ledger"))?;
    let number =
        |value: &Option<String>| value.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut input: Vec<InputSize> = found
        .rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [Some(load), objects, bytes] => {
                Some(InputSize { load: load.clone(), objects: number(objects), bytes: number(bytes) })
            }
            _ => None,
        })
        .collect();
    input.sort();
    pipeline.expected.iter().find(|set| set.input == input).ok_or_else(|| {
        let sizes =
            input.iter().map(|size| format!("{}: {} objects, {} bytes", size.load, size.objects, size.bytes));
        let input: Vec<String> = sizes.collect();
        let known: Vec<&str> = pipeline.expected.iter().map(|set| set.name.as_str()).collect();
        PipelineError::NoExpectedResults {
            input: if input.is_empty() { "nothing is loaded".to_owned() } else { input.join("; ") },
            known: known.join(", "),
        }
    })
}

/// Compares row by row: the queries order their rows totally. NULL and the empty text are the same, because
/// CSV cannot tell them apart.
fn compare(expected: &ResultSet, got: &ResultSet, mut report: impl FnMut(Difference)) {
    if expected.columns != got.columns {
        report(Difference::Columns { expected: expected.columns.clone(), got: got.columns.clone() });
        return;
    }
    for row in 0..expected.rows.len().max(got.rows.len()) {
        match (expected.rows.get(row), got.rows.get(row)) {
            (Some(expected_row), Some(got_row)) => {
                for (column, (expected, got)) in
                    expected.columns.iter().zip(texts(expected_row).into_iter().zip(texts(got_row)))
                {
                    if expected != got {
                        report(Difference::Value { row: row + 1, column: column.clone(), expected, got });
                    }
                }
            }
            (Some(expected), None) => {
                report(Difference::MissingRow { row: row + 1, expected: texts(expected) })
            }
            (None, Some(got)) => report(Difference::ExtraRow { row: row + 1, got: texts(got) }),
            (None, None) => {}
        }
    }
}

fn texts(row: &[Option<String>]) -> Vec<String> {
    row.iter().map(|value| value.clone().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Difference, QueryComparison};
    use crate::sql_file::SqlFile;
    use crate::warehouse::ResultSet;

    fn result(columns: &[&str], rows: &[&[Option<&str>]]) -> ResultSet {
        ResultSet {
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect(),
        }
    }

    fn differences(expected: &ResultSet, got: ResultSet) -> Vec<String> {
        let file = SqlFile::new("queries/q.sql", "SELECT 1");
        QueryComparison::new(&file, expected, got).differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_changed_value_is_told_by_row_and_column() {
        let expected = result(&["level", "plays"], &[&[Some("free"), Some("3")], &[Some("paid"), Some("5")]]);
        let got = result(&["level", "plays"], &[&[Some("free"), Some("3")], &[Some("paid"), Some("6")]]);
        assert_eq!(differences(&expected, got), [r#"row 2, plays: expected "5", got "6""#]);
    }

    #[test]
    fn missing_and_extra_rows_and_other_columns_are_told() {
        let expected = result(&["a"], &[&[Some("1")], &[Some("2")]]);
        assert_eq!(differences(&expected, result(&["a"], &[&[Some("1")]])), ["row 2 is missing: expected 2"]);
        let longer = result(&["a"], &[&[Some("1")], &[Some("2")], &[None]]);
        assert_eq!(differences(&expected, longer), ["row 3 is not expected: got "]);
        let other = result(&["b"], &[]);
        assert_eq!(differences(&expected, other), ["columns: expected a, got b"]);
    }

    #[test]
    fn null_equals_the_empty_field_of_a_csv_file() {
        let expected = result(&["a"], &[&[Some("")]]);
        assert_eq!(differences(&expected, result(&["a"], &[&[None]])), Vec::<String>::new());
    }

    #[test]
    fn all_differences_are_counted_and_the_first_are_kept() {
        let expected = result(&["a"], &[]);
        let got = ResultSet { columns: vec!["a".to_owned()], rows: vec![vec![Some("x".to_owned())]; 50] };
        let comparison = QueryComparison::new(&SqlFile::new("queries/q.sql", ""), &expected, got);
        assert_eq!((comparison.differences.len(), comparison.difference_count), (10, 50));
        assert!(matches!(comparison.differences[0], Difference::ExtraRow { row: 1, .. }));
    }
}
