//! A pipeline with its variables filled from the configuration, on a session of the warehouse.

use std::path::Path;
use std::sync::Arc;

use dwh_engine::Session;
use dwh_pipeline::{EmbeddedWarehouse, Job, Pipeline, PipelineError, Variables};

use crate::args::PipelineArgs;
use crate::context::{Access, Context};
use crate::progress::RunProgress;

/// Name of the pipeline that is built in.
pub(crate) const BUILT_IN: &str = "sparkify";

/// What the commands around a pipeline need.
pub(crate) struct PipelineJob {
    pub(crate) pipeline: Pipeline,
    pub(crate) variables: Variables,
    pub(crate) warehouse: EmbeddedWarehouse,
    pub(crate) progress: RunProgress,
    /// The warehouse's session, for results with their types.
    pub(crate) session: Arc<Session>,
}

impl PipelineJob {
    /// Reads the pipeline, then opens the warehouse.
    ///
    /// # Errors
    /// A file of the pipeline is wrong or missing, or the warehouse cannot be opened.
    pub(crate) fn open(args: &PipelineArgs, context: &Context, access: Access) -> anyhow::Result<Self> {
        Self::open_checked(args, context, access, |_, _| Ok(()))
    }

    /// The same for a run: a warehouse that is not there yet is created only if the files could be used.
    ///
    /// # Errors
    /// As [`PipelineJob::open`], and a variable has no value or a file does not hold what it must.
    pub(crate) fn open_to_run(args: &PipelineArgs, context: &Context) -> anyhow::Result<Self> {
        Self::open_checked(args, context, Access::Write, dwh_pipeline::check_files)
    }

    fn open_checked(
        args: &PipelineArgs,
        context: &Context,
        access: Access,
        check: impl FnOnce(&Pipeline, &Variables) -> Result<(), PipelineError>,
    ) -> anyhow::Result<Self> {
        context.settings.require_embedded()?;
        let pipeline = pipeline(args.pipeline.as_deref())?;
        let variables = Variables::resolve(&pipeline.variables, |variable| {
            let (section, key) = variable.config_key.as_deref()?.split_once('.')?;
            context.settings.get(section, key).map(|value| value.expose().to_owned())
        });
        check(&pipeline, &variables)?;
        let session = Arc::new(context.session(access)?);
        let progress = RunProgress::new(context.printer, Arc::clone(session.copy_progress()));
        let warehouse = EmbeddedWarehouse::new(Arc::clone(&session));
        Ok(Self { pipeline, variables, warehouse, progress, session })
    }

    /// The job as the pipeline crate takes it.
    pub(crate) fn job(&self) -> Job<'_> {
        Job {
            pipeline: &self.pipeline,
            variables: &self.variables,
            warehouse: &self.warehouse,
            observer: &self.progress,
        }
    }
}

fn pipeline(folder: Option<&Path>) -> anyhow::Result<Pipeline> {
    Ok(match folder {
        Some(folder) => Pipeline::open(folder)?,
        None => Pipeline::built_in(BUILT_IN)?,
    })
}
