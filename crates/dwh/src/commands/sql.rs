//! `dwh sql`: the prompt.

use tokio::runtime::Runtime;

use crate::args::SqlArgs;
use crate::context::{Access, Context};
use crate::prompt::Prompt;

/// Opens the warehouse and the prompt.
///
/// # Errors
/// The warehouse cannot be opened, or a script on stdin failed.
pub(crate) fn run(args: &SqlArgs, context: &Context, runtime: &Runtime) -> anyhow::Result<()> {
    let session = runtime.block_on(async {
        match args.read_only {
            true => context.warehouse(Access::Read).await,
            false => context.warehouse_to_explore().await,
        }
    })?;
    Prompt::new(runtime, session, context.printer).run()
}
