//! The dashboard of a pipeline: `dashboard.toml` binds its queries to charts, and filters to their tables.
//!
//! A filter never changes a query's text. It puts a common table expression of the table's own name in front, which
//! shadows the table with those of its rows that the filter keeps; so every query can be filtered, on
//! Redshift as on the embedded warehouse.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use dwh_sql::keywords::{quote_ident, quote_literal};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::PipelineError;
use crate::files::Files;
use crate::sql_file::SqlFile;
use crate::variables::Variables;

/// The file that describes it; a pipeline may have none.
const FILE: &str = "dashboard.toml";
/// Values that a choice offers.
const MAX_CHOICES: usize = 200;

/// What `dashboard.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Heading of the page.
    pub title: String,
    /// What narrows the data, in the order shown.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// What is shown, in this order.
    pub panels: Vec<Panel>,
}

/// What narrows a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Name, unique in the dashboard.
    pub name: String,
    /// What the page calls it.
    pub label: String,
    /// How it narrows.
    pub kind: FilterKind,
    /// The table, in schema `public` unless it says otherwise.
    pub table: String,
    /// Its column.
    pub column: String,
}

/// How a filter narrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterKind {
    /// Days of a DATE or TIMESTAMP column, first and last included.
    Dates,
    /// One value of a text column.
    Choice,
}

/// What a filter is set to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum FilterValue {
    /// Of [`FilterKind::Dates`]; an end that is not given is open.
    Dates {
        /// First day.
        #[serde(default, deserialize_with = "day")]
        from: Option<NaiveDate>,
        /// Last day.
        #[serde(default, deserialize_with = "day")]
        until: Option<NaiveDate>,
    },
    /// Of [`FilterKind::Choice`].
    Choice(String),
}

/// A query, shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Heading.
    pub title: String,
    /// Name of a file of `queries/`.
    pub query: String,
    /// How it is drawn.
    pub chart: Chart,
    /// Column along the horizontal axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Columns along the vertical axis; of `number` the one shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// Column that splits the rows into series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Column that a heat map colours by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What stands behind a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What the whole numbers from 0 of a heat map's `y` are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Whether bars lie.
    #[serde(default)]
    pub horizontal: bool,
    /// Width in twelfths of the page.
    #[serde(default = "half")]
    pub width: u8,
}

/// How a panel is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// Points joined by lines.
    Line,
    /// Stacked areas.
    Area,
    /// Bars, stacked where there are series.
    Bar,
    /// Points.
    Scatter,
    /// Coloured cells.
    Heatmap,
    /// The rows.
    Table,
    /// The first row's value.
    Number,
}

fn half() -> u8 {
    6
}

/// `2018-11-30`; a year that a calendar of four digits does not have is none.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parse = |text: String| {
        NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .ok()
            .filter(|day| (1..=9999).contains(&day.year()))
            .ok_or_else(|| D::Error::custom(format!("\"{text}\" is no day such as 2018-11-30")))
    };
    text.map(parse).transpose()
}

impl Dashboard {
    pub(crate) fn of_pipeline(files: &Files, queries: &[SqlFile]) -> Result<Option<Self>, PipelineError> {
        let Some(text) = files.get(FILE) else { return Ok(None) };
        let wrong = |line, message| PipelineError::Definition { path: FILE.to_owned(), line, message };
        let line_of = |offset: usize| 1 + text[..offset].matches('\n').count();
        let dashboard: Self = toml::from_str(text).map_err(|error| {
            wrong(error.span().map_or(1, |span| line_of(span.start)), error.message().to_owned())
        })?;
        // What is wrong with a panel or filter is told at the line that has its heading or name.
        let at = |value: &str| text.find(&format!("\"{value}\"")).map_or(1, line_of);
        for panel in &dashboard.panels {
            if let Some(message) = panel.problem(queries) {
                return Err(wrong(at(&panel.title), format!("panel \"{}\": {message}", panel.title)));
            }
        }
        for (index, filter) in dashboard.filters.iter().enumerate() {
            if dashboard.filters[..index].iter().any(|other| other.name == filter.name) {
                return Err(wrong(at(&filter.name), format!("there are two filters \"{}\"", filter.name)));
            }
        }
        Ok(Some(dashboard))
    }

    /// The text of a panel's query with the filters set, for the warehouse.
    ///
    /// # Errors
    /// A variable of the query has no value, or a filter is set to what it cannot be; the latter is
    /// [`PipelineError::WrongFilter`].
    pub fn sql(
        &self,
        query: &SqlFile,
        values: &BTreeMap<String, FilterValue>,
        variables: &Variables,
    ) -> Result<String, PipelineError> {
        let sql = query.sql(variables)?;
        let mut conditions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, value) in values {
            let wrong = |message: &str| PipelineError::WrongFilter {
                name: name.clone(),
                message: message.to_owned(),
            };
            let filter = self.filters.iter().find(|filter| filter.name == *name);
            let filter = filter.ok_or_else(|| wrong("the dashboard has no such filter"))?;
            let found = filter.conditions(value).ok_or_else(|| {
                wrong(match filter.kind {
                    FilterKind::Dates => "it takes the days {\"from\": …, \"until\": …}",
                    FilterKind::Choice => "it takes one text",
                })
            })?;
            if !found.is_empty() {
                conditions.entry(&filter.table).or_default().extend(found);
            }
        }
        let narrowed = conditions.iter().map(|(table, conditions)| {
            let name = table.rsplit('.').next().unwrap_or(table);
            format!(
                "{} AS (SELECT * FROM {} WHERE {})",
                quote_ident(name),
                qualified(table),
                conditions.join(" AND ")
            )
        });
        Ok(with_tables(&sql, &narrowed.collect::<Vec<_>>()))
    }
}

impl Panel {
    /// What keeps it from being drawn.
    fn problem(&self, queries: &[SqlFile]) -> Option<String> {
        let needs = |what: &str| Some(format!("a {:?} needs {what}", self.chart).to_lowercase());
        if !queries.iter().any(|query| query.name == self.query) {
            return Some(format!("there is no queries/{}.sql", self.query));
        }
        if !(1..=12).contains(&self.width) {
            return Some("width is 1 to 12".to_owned());
        }
        match self.chart {
            Chart::Line | Chart::Area | Chart::Bar | Chart::Scatter if self.x.is_none() => needs("x"),
            Chart::Table => None,
            _ if self.y.is_empty() => needs("y"),
            Chart::Heatmap if self.x.is_none() || self.value.is_none() => needs("x and value"),
            _ => None,
        }
    }
}

impl Filter {
    /// A query for what the filter can be set to: the first and the last day, or the values, one a row.
    pub fn range_sql(&self) -> String {
        let (table, column) = (qualified(&self.table), quote_ident(&self.column));
        match self.kind {
            FilterKind::Dates => format!(
                "SELECT CAST(MIN({column}) AS DATE) AS first_day, CAST(MAX({column}) AS DATE) AS last_day FROM {table}"
            ),
            FilterKind::Choice => format!(
                "SELECT DISTINCT {column} AS choice FROM {table} WHERE {column} IS NOT NULL \
                 ORDER BY 1 LIMIT {MAX_CHOICES}"
            ),
        }
    }

    /// What holds of the rows that it keeps; `None` if it cannot be set to that.
    fn conditions(&self, value: &FilterValue) -> Option<Vec<String>> {
        let column = quote_ident(&self.column);
        match (self.kind, value) {
            (FilterKind::Dates, FilterValue::Dates { from, until }) => {
                let first = from.map(|day| format!("{column} >= DATE '{day}'"));
                let last = until.map(|day| format!("{column} < DATEADD(day, 1, DATE '{day}')"));
                Some(first.into_iter().chain(last).collect())
            }
            (FilterKind::Choice, FilterValue::Choice(choice)) => {
                Some(vec![format!("{column} = {}", quote_literal(choice))])
            }
            _ => None,
        }
    }
}

/// Inside the expression that shadows it the table needs its schema.
fn qualified(table: &str) -> String {
    let (schema, name) = table.split_once('.').unwrap_or(("public", table));
    format!("{}.{}", quote_ident(schema), quote_ident(name))
}

/// Puts common table expressions in front of a query, before those that it has.
fn with_tables(sql: &str, tables: &[String]) -> String {
    if tables.is_empty() {
        return sql.to_owned();
    }
    let start = start_of_statement(sql);
    let (before, query) = sql.split_at(start);
    let tables = tables.join(", ");
    match query.get(..4).filter(|word| word.eq_ignore_ascii_case("with")) {
        Some(_) => {
            let rest = &query[4..];
            let word = rest.trim_start();
            match word.get(..9).filter(|word| word.eq_ignore_ascii_case("recursive")) {
                Some(_) => format!("{before}WITH RECURSIVE {tables}, {}", word[9..].trim_start()),
                None => format!("{before}WITH {tables}, {word}"),
            }
        }
        None => format!("{before}WITH {tables}\n{query}"),
    }
}

/// Where the first word stands, behind blanks and comments.
fn start_of_statement(sql: &str) -> usize {
    let mut rest = sql;
    loop {
        rest = rest.trim_start();
        let comment = if rest.starts_with("--") {
            rest.find('\n').map(|end| end + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else {
            None
        };
        match comment {
            Some(end) => rest = &rest[end..],
            None => return sql.len() - rest.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Dashboard, FilterValue, with_tables};
    use crate::pipeline::Pipeline;
    use crate::sql_file::SqlFile;
    use crate::variables::Variables;

    fn sparkify() -> (Pipeline, Dashboard) {
        let pipeline = Pipeline::built_in("sparkify").expect("the built-in pipeline");
        let dashboard = pipeline.dashboard.clone().expect("its dashboard");
        (pipeline, dashboard)
    }

    fn sql(dashboard: &Dashboard, values: &str) -> Result<String, String> {
        let values: BTreeMap<String, FilterValue> = serde_json::from_str(values).expect("filter values");
        let query = SqlFile::new("queries/q.sql", "-- How many?\nSELECT COUNT(*) FROM songplays");
        dashboard.sql(&query, &values, &Variables::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn filters_shadow_their_table() {
        let (_, dashboard) = sparkify();
        let found =
            sql(&dashboard, r#"{"period": {"from": "2018-11-05", "until": "2018-11-06"}, "level": "paid"}"#);
        assert_eq!(
            found.as_deref(),
            Ok("-- How many?\nWITH songplays AS (SELECT * FROM public.songplays WHERE level = 'paid' AND \
                start_time >= DATE '2018-11-05' AND start_time < DATEADD(day, 1, DATE '2018-11-06'))\n\
                SELECT COUNT(*) FROM songplays")
        );
        assert_eq!(sql(&dashboard, "{}").as_deref(), Ok("-- How many?\nSELECT COUNT(*) FROM songplays"));
    }

    #[test]
    fn a_value_stays_within_its_literal() {
        let (_, dashboard) = sparkify();
        let found = sql(&dashboard, r#"{"level": "'; DROP TABLE songplays; --\\"}"#).expect("a query");
        assert!(found.contains(r"level = '''; DROP TABLE songplays; --\\')"), "{found}");
    }

    #[test]
    fn a_filter_is_set_to_what_it_takes() {
        let (_, dashboard) = sparkify();
        let wrong = sql(&dashboard, r#"{"period": "free"}"#).expect_err("no days");
        assert!(wrong.contains("period") && wrong.contains("from"), "{wrong}");
        let unknown = sql(&dashboard, r#"{"country": "free"}"#).expect_err("no filter");
        assert!(unknown.contains("no such filter"), "{unknown}");
    }

    #[test]
    fn tables_go_before_those_of_the_query() {
        let tables = ["t AS (SELECT 1)".to_owned()];
        assert_eq!(
            with_tables("with a as (select 2) select 3", &tables),
            "WITH t AS (SELECT 1), a as (select 2) select 3"
        );
        assert_eq!(
            with_tables("/* x */ WITH RECURSIVE a AS (SELECT 2) SELECT 3", &tables),
            "/* x */ WITH RECURSIVE t AS (SELECT 1), a AS (SELECT 2) SELECT 3"
        );
    }
}
