//! The data, column by column, as Markdown, from the comments in the files of `tables/` and `load/`.

use std::fmt::Write as _;

use dwh_common::RedshiftType;
use dwh_sql::statement::{
    ColumnSpec, CommentTarget, ConstraintSpecKind, CreateTable, DistributionSpec, SortKeySpec, Statement,
    TableName,
};

use crate::error::PipelineError;
use crate::pipeline::Pipeline;
use crate::sql_file::{FileStatement, SqlFile};
use crate::variables::{Variable, Variables};

/// A page about the sources, staging tables, facts and dimensions of a pipeline.
///
/// # Errors
/// What is wrong in a file of `tables/` or `load/`, with its line.
pub fn data_markdown(pipeline: &Pipeline) -> Result<String, PipelineError> {
    // The page names the variables, so each stands for itself.
    let variables = Variables::resolve(&pipeline.variables, |variable: &Variable| {
        Some(format!("${{{}}}", variable.name))
    });
    let mut staging: Vec<(&SqlFile, TableName)> = Vec::new();
    for file in &pipeline.loads {
        for statement in file.statements(&variables)? {
            if let Statement::Copy(copy) = statement.statement {
                staging.push((file, copy.table));
            }
        }
    }
    let mut page = format!(
        "# The data of `{}`\n\n{}.\n\nThis page is made from `pipelines/{}/`; `DWH_UPDATE_DOCS=1 cargo test -p \
         dwh-pipeline` writes it anew.\n\n## Sources and staging tables\n\n",
        pipeline.name, pipeline.description, pipeline.name
    );
    for (load, table) in &staging {
        let _ = writeln!(page, "`{}`: {}\n", load.path, load.description());
        for file in &pipeline.tables {
            let statements = file.statements(&variables)?;
            if created(&statements).is_some_and(|create| create.name.name == table.name) {
                write_table(&mut page, &statements);
            }
        }
    }
    page.push_str("## Star schema\n\n");
    for file in pipeline.tables.iter().rev() {
        let statements = file.statements(&variables)?;
        let is_staging = created(&statements)
            .is_some_and(|create| staging.iter().any(|(_, table)| table.name == create.name.name));
        if !is_staging {
            write_table(&mut page, &statements);
        }
    }
    Ok(page.trim_end().to_owned() + "\n")
}

fn created(statements: &[FileStatement]) -> Option<&CreateTable> {
    statements.iter().find_map(|statement| match &statement.statement {
        Statement::CreateTable(create) => Some(create),
        _ => None,
    })
}

fn comment<'a>(statements: &'a [FileStatement], wanted: Option<&str>) -> &'a str {
    let text = statements.iter().find_map(|statement| match &statement.statement {
        Statement::Comment { on: CommentTarget::Table(_), text } if wanted.is_none() => text.as_deref(),
        Statement::Comment { on: CommentTarget::Column(_, column), text } if wanted == Some(column) => {
            text.as_deref()
        }
        _ => None,
    });
    text.unwrap_or_default()
}

fn write_table(page: &mut String, statements: &[FileStatement]) {
    let Some(create) = created(statements) else { return };
    let _ = writeln!(page, "### {}\n\n{}\n", create.name, comment(statements, None));
    let attributes = attributes(create);
    if !attributes.is_empty() {
        let _ = writeln!(page, "{attributes}.\n");
    }
    page.push_str("| column | type | null | meaning |\n|---|---|---|---|\n");
    for column in &create.columns {
        let null = if column.not_null || column.identity.is_some() { "no" } else { "yes" };
        let meaning = comment(statements, Some(&column.name)).replace('|', "\\|");
        let _ = writeln!(page, "| `{}` | {} | {null} | {meaning} |", column.name, type_name(column));
    }
    page.push('\n');
}

fn type_name(column: &ColumnSpec) -> String {
    let name = match column.data_type {
        RedshiftType::Varchar(bytes) => format!("varchar({bytes})"),
        RedshiftType::Timestamp => "timestamp".to_owned(),
        other => other.to_string(),
    };
    match column.identity {
        Some((seed, step, _)) => format!("{name} identity({seed}, {step})"),
        None => name,
    }
}

fn attributes(create: &CreateTable) -> String {
    let mut parts = Vec::new();
    let mut constraints: Vec<_> = create.constraints.iter().collect();
    constraints.sort_by_key(|constraint| !matches!(constraint.kind, ConstraintSpecKind::PrimaryKey));
    for constraint in constraints {
        let columns = constraint.columns.join(", ");
        match &constraint.kind {
            ConstraintSpecKind::PrimaryKey => parts.push(format!("primary key `{columns}`")),
            ConstraintSpecKind::References(table, _) => parts.push(format!("`{columns}` refers to {table}")),
            ConstraintSpecKind::Unique => {}
        }
    }
    parts.extend(create.attributes.distribution.as_ref().map(|distribution| match distribution {
        DistributionSpec::Auto => "distribution left to the warehouse".to_owned(),
        DistributionSpec::Even => "distributed evenly".to_owned(),
        DistributionSpec::All => "a copy on every node".to_owned(),
        DistributionSpec::Key(column) => format!("distributed by `{column}`"),
    }));
    parts.extend(create.attributes.sort_key.as_ref().map(|key| match key {
        SortKeySpec::Auto => "sorting left to the warehouse".to_owned(),
        SortKeySpec::Compound(columns) | SortKeySpec::Interleaved(columns) => {
            format!("sorted by `{}`", columns.join(", "))
        }
    }));
    let text = parts.join("; ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
