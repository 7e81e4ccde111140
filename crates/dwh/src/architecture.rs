//! What runs where, as the configuration says, for the picture of it.

use dwh_console::diagram::{Architecture, Door};
use dwh_pipeline::{Pipeline, PipelineError, Variables};
use dwh_sql::statement::Statement;

use crate::context::Context;

/// The sources, tables and warehouse of a pipeline; the ways in are for the caller to add.
///
/// # Errors
/// A file of `load/` cannot be read as SQL.
pub(crate) fn of_pipeline(
    pipeline: &Pipeline,
    variables: &Variables,
    context: &Context,
) -> Result<Architecture, PipelineError> {
    let mut sources = Vec::new();
    let mut staging = Vec::new();
    for file in &pipeline.loads {
        match file.statements(variables) {
            Ok(statements) => {
                for statement in statements {
                    if let Statement::Copy(copy) = statement.statement {
                        sources.push((file.name.clone(), copy.source));
                        staging.push(copy.table.name);
                    }
                }
            }
            // Not configured yet: the picture shows what is to be filled in.
            Err(PipelineError::UnsetVariable { name, .. }) => {
                sources.push((file.name.clone(), format!("${{{name}}}")));
                staging.push(file.name.clone());
            }
            Err(error) => return Err(error),
        }
    }
    let is_star = |name: &&String| !staging.contains(name);
    let star = pipeline.tables.iter().map(|file| &file.name).filter(is_star).cloned().collect();
    let (warehouse, location) = warehouse(context);
    Ok(Architecture {
        sources,
        warehouse,
        location,
        pipeline: pipeline.name.clone(),
        staging,
        star,
        doors: vec![Door {
            name: "Command line".to_owned(),
            address: "dwh etl, query, sql, check".to_owned(),
            clients: "people, schedulers, CI".to_owned(),
        }],
    })
}

fn warehouse(context: &Context) -> (String, String) {
    let get = |name| context.text("CLUSTER", name).unwrap_or_default();
    match context.settings.require_embedded() {
        Ok(()) => {
            let folder = context.settings.warehouse.value.display();
            ("Embedded warehouse".to_owned(), folder.to_string())
        }
        Err(_) => {
            ("Amazon Redshift".to_owned(), format!("{}:{}/{}", get("HOST"), get("DB_PORT"), get("DB_NAME")))
        }
    }
}
