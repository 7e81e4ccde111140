//! Arguments of `dwh tables`, `etl`, `verify` and `loads`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dwh_cluster::Cidr;

/// Which pipeline a command works with.
#[derive(Debug, Args)]
pub(crate) struct PipelineArgs {
    /// Folder of the pipeline [default: the built-in song play pipeline]
    #[arg(long, value_name = "DIR")]
    pub(crate) pipeline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TablesArgs {
    #[command(subcommand)]
    pub(crate) command: TablesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TablesCommand {
    /// Create the pipeline's tables that are missing
    Create(PipelineArgs),
    /// Drop the pipeline's tables with all their rows
    Drop {
        #[command(flatten)]
        pipeline: PipelineArgs,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// List the warehouse's tables with their rows
    List,
    /// Show a table's columns
    Describe {
        /// Table, or schema.table
        table: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EtlArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// Forget what was loaded and load everything again, in one transaction
    #[arg(long)]
    pub(crate) full_refresh: bool,
    /// Keep running: look for new objects again and again until Ctrl-C or SIGTERM
    #[arg(long)]
    pub(crate) watch: bool,
    /// Seconds between two looks of --watch
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "watch",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) interval: u64,
    /// Create a cluster of section [DWH] for this run, load, verify, and always delete it
    #[arg(long, conflicts_with = "watch")]
    pub(crate) ephemeral: bool,
    /// Delete the cluster of --ephemeral when it has cost about so much, by the prices of section [PRICES]
    #[arg(long, value_name = "USD", requires = "ephemeral", value_parser = budget)]
    pub(crate) budget: Option<f64>,
    /// Who may reach the cluster of --ephemeral [default: this machine's address]
    #[arg(long, value_name = "CIDR", requires = "ephemeral")]
    pub(crate) cidr: Option<Cidr>,
    /// After the run of --ephemeral, UNLOAD the star schema as Parquet below this s3:// prefix
    #[arg(long, value_name = "PREFIX", requires = "ephemeral")]
    pub(crate) unload: Option<String>,
}

fn budget(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(usd) if usd > 0.0 && usd.is_finite() => Ok(usd),
        _ => Err("give an amount in USD, such as 2.50".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// Folder of expected results, one <query>.csv each [default: those of the data set that is loaded]
    #[arg(long, value_name = "DIR")]
    pub(crate) expected: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LoadsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LoadsCommand>,
    /// The most recent objects to show
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub(crate) limit: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoadsCommand {
    /// Show rejected records: file, line, column, reason, raw text
    Errors {
        /// The most recent errors to show
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: u64,
    },
}
