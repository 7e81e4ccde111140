//! A pipeline with its variables filled from the configuration, on a session of the warehouse.

use std::path::Path;

use dwh_pipeline::{Job, Pipeline, PipelineError, Variables};

use crate::args::PipelineArgs;
use crate::context::{Access, Context};
use crate::progress::RunProgress;
use crate::warehouse::WarehouseSession;

/// Name of the pipeline that is built in.
pub(crate) const BUILT_IN: &str = "sparkify";

/// What the commands around a pipeline need.
pub(crate) struct PipelineJob {
    pub(crate) pipeline: Pipeline,
    pub(crate) variables: Variables,
    pub(crate) warehouse: WarehouseSession,
    pub(crate) progress: RunProgress,
}

impl PipelineJob {
    /// Reads the pipeline, then opens the warehouse.
    ///
    /// # Errors
    /// A file of the pipeline is wrong or missing, or the warehouse cannot be opened.
    pub(crate) async fn open(args: &PipelineArgs, context: &Context, access: Access) -> anyhow::Result<Self> {
        Self::open_checked(args, context, access, |_, _| Ok(())).await
    }

    /// The same for a run: a warehouse that is not there yet is created only if the files could be used.
    ///
    /// # Errors
    /// As [`PipelineJob::open`], and a variable has no value or a file does not hold what it must.
    pub(crate) async fn open_to_run(args: &PipelineArgs, context: &Context) -> anyhow::Result<Self> {
        Self::open_checked(args, context, Access::Write, dwh_pipeline::check_files).await
    }

    async fn open_checked(
        args: &PipelineArgs,
        context: &Context,
        access: Access,
        check: impl FnOnce(&Pipeline, &Variables) -> Result<(), PipelineError>,
    ) -> anyhow::Result<Self> {
        let (pipeline, variables) = files(args, context, |_| None)?;
        check(&pipeline, &variables)?;
        let warehouse = context.warehouse(access).await?;
        Ok(Self::on(pipeline, variables, warehouse, context))
    }

    /// The same on a session that is open.
    pub(crate) fn on(
        pipeline: Pipeline,
        variables: Variables,
        warehouse: WarehouseSession,
        context: &Context,
    ) -> Self {
        let progress = RunProgress::new(context.printer, warehouse.copy_progress());
        Self { pipeline, variables, warehouse, progress }
    }

    /// The job as the pipeline crate takes it.
    pub(crate) fn job(&self) -> Job<'_> {
        Job {
            pipeline: &self.pipeline,
            variables: &self.variables,
            warehouse: self.warehouse.as_warehouse(),
            observer: &self.progress,
        }
    }
}

/// The pipeline, and its variables from the configuration; `instead` wins, given section and key.
///
/// # Errors
/// A file of the pipeline is wrong or missing.
pub(crate) fn files(
    args: &PipelineArgs,
    context: &Context,
    instead: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<(Pipeline, Variables)> {
    let pipeline = pipeline(args.pipeline.as_deref())?;
    let variables = Variables::resolve(&pipeline.variables, |variable| {
        let config_key = variable.config_key.as_deref()?;
        let (section, key) = config_key.split_once('.')?;
        instead(config_key).or_else(|| context.text(section, key).map(str::to_owned))
    });
    Ok((pipeline, variables))
}

fn pipeline(folder: Option<&Path>) -> anyhow::Result<Pipeline> {
    Ok(match folder {
        Some(folder) => Pipeline::open(folder)?,
        None => Pipeline::built_in(BUILT_IN)?,
    })
}
