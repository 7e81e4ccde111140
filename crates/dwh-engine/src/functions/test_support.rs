//! Expressions evaluated as the engine does it, for tests: lists of (SQL expression, expected text).

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringViewArray, cast::AsArray};
use arrow::datatypes::{DataType, Schema};
use datafusion::execution::SessionStateBuilder;
use datafusion::optimizer::Analyzer;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::Statement as PlannerStatement;
use dwh_common::{RedshiftType, SqlError};
use dwh_sql::rewrite::{NameResolver, rewrite_query};
use dwh_sql::statement::{Statement, TableName};
use sqlparser::ast;

use super::datetime::style::TextStyle;
use super::{aggregate_functions, cast, scalar_functions, window_functions};
use crate::error::from_datafusion;
use crate::typing;

/// A column of a test table: name, type, values as text.
pub(crate) type TestColumn<'a> = (&'a str, RedshiftType, &'a [Option<&'a str>]);

/// A planner with our functions, planners and rules, and tables in memory.
pub(crate) struct TestSession {
    context: SessionContext,
    columns: HashMap<String, Vec<String>>,
}

impl NameResolver for TestSession {
    fn columns(&self, table: &TableName) -> Option<Vec<String>> {
        self.columns.get(&table.name).cloned()
    }
}

impl TestSession {
    /// A session without tables.
    pub(crate) fn new() -> Self {
        let mut config = SessionConfig::new().with_target_partitions(1);
        let options = config.options_mut();
        options.sql_parser.parse_float_as_decimal = true;
        options.execution.time_zone = Some("UTC".to_owned());
        let mut builder = SessionStateBuilder::new().with_config(config).with_default_features();
        builder.expr_planners().get_or_insert_default().splice(0..0, typing::expr_planners());
        let builder = builder.with_type_planner(typing::type_planner());
        let mut rules = typing::analyzer_rules();
        rules.extend(Analyzer::new().rules);
        let context = SessionContext::new_with_state(builder.with_analyzer_rules(rules).build());
        for function in scalar_functions() {
            context.register_udf(Arc::unwrap_or_clone(function));
        }
        for function in aggregate_functions() {
            context.register_udaf(Arc::unwrap_or_clone(function));
        }
        for function in window_functions() {
            context.register_udwf(Arc::unwrap_or_clone(function));
        }
        Self { context, columns: HashMap::new() }
    }

    /// Adds a table; every text is converted to its column's type.
    pub(crate) fn with_table(mut self, table: &str, columns: &[TestColumn<'_>]) -> Self {
        let fields: Vec<_> = columns.iter().map(|(name, kind, _)| kind.planned_field(*name, true)).collect();
        let arrays = columns
            .iter()
            .map(|(_, kind, values)| {
                let texts: ArrayRef = Arc::new(values.iter().copied().collect::<StringViewArray>());
                cast::convert(&texts, *kind, cast::Rule::Assign).expect("test values fit their columns")
            })
            .collect();
        let batch =
            RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length");
        self.context.register_batch(table, batch).expect("a free table name");
        let names = columns.iter().map(|(name, _, _)| (*name).to_owned()).collect();
        self.columns.insert(table.to_owned(), names);
        self
    }

    /// The rows of a query, each as its values in text joined by `|`.
    pub(crate) fn rows(&self, sql: &str) -> Result<Vec<String>, SqlError> {
        let plan = async |query: Box<ast::Query>| {
            let statement = PlannerStatement::Statement(Box::new(ast::Statement::Query(query)));
            let plan = self.context.state().statement_to_plan(statement).await?;
            self.context.execute_logical_plan(plan).await?.collect().await
        };
        let batches = self.run(sql, plan)?;
        Ok(batches.iter().flat_map(batch_rows).collect())
    }

    /// The optimized plan of a query as text.
    pub(crate) fn plan(&self, sql: &str) -> Result<String, SqlError> {
        self.run(sql, async |query| {
            let statement = PlannerStatement::Statement(Box::new(ast::Statement::Query(query)));
            let plan = self.context.state().statement_to_plan(statement).await?;
            Ok(self.context.state().optimize(&plan)?.to_string())
        })
    }

    fn run<T>(
        &self,
        sql: &str,
        work: impl AsyncFnOnce(Box<ast::Query>) -> datafusion::error::Result<T>,
    ) -> Result<T, SqlError> {
        let statement = dwh_sql::parse(sql)?.pop().map(|parsed| parsed.statement);
        let Some(Statement::Query(mut query)) = statement else { panic!("{sql} is no query") };
        rewrite_query(&mut query, self)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(work(query)).map_err(|error| from_datafusion(&error, sql))
    }

    /// Checks a list of (expression, expected text).
    #[track_caller]
    pub(crate) fn assert_values(&self, cases: &[(&str, &str)]) {
        let wrong: Vec<String> = cases
            .iter()
            .filter_map(|(expression, expected)| {
                let found = match self.rows(&format!("SELECT {expression}")) {
                    Ok(rows) => rows.join("\n"),
                    Err(error) => format!("error: {}", error.message),
                };
                (found != *expected)
                    .then(|| format!("{expression}\n  expected {expected}\n  found    {found}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// [`TestSession::assert_values`] without tables.
#[track_caller]
pub(crate) fn assert_values(cases: &[(&str, &str)]) {
    TestSession::new().assert_values(cases);
}

fn batch_rows(batch: &RecordBatch) -> Vec<String> {
    let columns: Vec<Vec<String>> = batch.columns().iter().map(texts).collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join("|"))
        .collect()
}

/// Values as text, NULL as `NULL`, truth values as `t` and `f`.
pub(crate) fn texts(column: &ArrayRef) -> Vec<String> {
    let null = || "NULL".to_owned();
    if *column.data_type() == DataType::Boolean {
        let letter = |value: bool| if value { "t" } else { "f" }.to_owned();
        return column.as_boolean().iter().map(|value| value.map_or_else(null, letter)).collect();
    }
    let texts = cast::to_text(column, &TextStyle::default()).expect("every type but boolean has a text");
    texts.iter().map(|text| text.map_or_else(null, str::to_owned)).collect()
}
