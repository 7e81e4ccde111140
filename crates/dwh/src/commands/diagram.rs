//! `dwh diagram`: the data model and the architecture, drawn.

use anyhow::Context as _;
use dwh_console::catalog::Catalog;
use dwh_console::diagram::{DataModel, Door, Theme};
use dwh_console::{Embedded, Warehouse};

use super::console::{self, CONSOLE_PORT};
use crate::args::{DiagramArgs, Picture, PictureFormat, Target};
use crate::context::{Access, Context};
use crate::report::UsageError;
use crate::{architecture, pipeline_job};

/// Writes the picture to stdout or a file.
///
/// # Errors
/// The warehouse or a file of the pipeline cannot be read, the file cannot be written, or the picture is not to be
/// had in that format.
pub(crate) async fn run(args: &DiagramArgs, context: &Context) -> anyhow::Result<()> {
    let theme = if args.dark { Theme::Dark } else { Theme::Light };
    let text = match (args.picture, args.picture_format) {
        (Picture::Architecture, PictureFormat::Dbml) => {
            let hint = "take --as svg or --as mermaid";
            return Err(UsageError::new("DBML holds tables, and the architecture is none", hint).into());
        }
        (Picture::Architecture, format) => {
            let (pipeline, variables) = pipeline_job::files(&args.pipeline, context, |_| None)?;
            let mut picture = architecture::of_pipeline(&pipeline, &variables, context)?;
            picture.doors.splice(0..0, doors(context));
            if format == PictureFormat::Svg { picture.svg(theme) } else { picture.mermaid() }
        }
        (Picture::Model, format) => {
            let model = model(context).await?;
            match format {
                PictureFormat::Svg => model.svg(theme),
                PictureFormat::Mermaid => model.mermaid(),
                PictureFormat::Dbml => model.dbml(),
            }
        }
    };
    match &args.output {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            context.printer.note(format_args!("wrote {}", path.display()));
        }
        None => context.printer.line(text.trim_end())?,
    }
    Ok(())
}

async fn model(context: &Context) -> anyhow::Result<DataModel> {
    let warehouse: Box<dyn Warehouse> = match context.settings.target.value {
        Target::Embedded => Box::new(Embedded::owner(context.open(Access::Read)?, context.owner())),
        Target::Redshift => Box::new(context.redshift_for_console(usize::MAX).await?),
    };
    let connection = warehouse.connect().await?;
    let model = DataModel::of_catalog(&Catalog::read(connection.as_ref()).await?);
    if model.is_empty() {
        context
            .printer
            .warning("there are no tables yet; `dwh tables create` or `dwh etl` makes the pipeline's");
    }
    Ok(model)
}

/// The ways in that `dwh serve` and `dwh console` open unless told otherwise.
fn doors(context: &Context) -> Vec<Door> {
    let port = context.text("CLUSTER", "DB_PORT").unwrap_or("5439");
    let wire = Door {
        name: "PostgreSQL wire".to_owned(),
        address: format!("127.0.0.1:{port}"),
        clients: "psql, drivers, dbt, BI tools".to_owned(),
    };
    vec![wire, console::door(format!("http://127.0.0.1:{CONSOLE_PORT}/"))]
}
