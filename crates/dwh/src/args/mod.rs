//! What was typed: the command tree. Doc comments are the help; nothing is opened or looked up here.

// The help is plain text, in which brackets are no links and angle brackets no tags.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

mod cluster;
mod data;
mod diagram;
mod pipeline;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use cluster::{ClusterArgs, ClusterCommand};
pub(crate) use data::{CompactArgs, GenerateArgs, ObjectCompression};
pub(crate) use diagram::{DiagramArgs, Picture, PictureFormat};
pub(crate) use pipeline::{
    EtlArgs, LoadsArgs, LoadsCommand, PipelineArgs, TablesArgs, TablesCommand, VerifyArgs,
};
pub(crate) use serve::{ConsoleArgs, ConsoleLimits, PasswordMethod, ServeArgs};

/// The cloud data warehouse for song plays: Amazon Redshift, or one embedded in this program.
///
/// Loads JSON from S3 or local folders into staging tables, turns it into a star schema, and answers the
/// analytics team's questions. `dwh demo` shows it all at once.
///
/// Exit codes: 0 done; 1 the data, SQL or checks failed; 2 usage, configuration or environment.
#[derive(Debug, Parser)]
#[command(name = "dwh", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Folder of the embedded warehouse [default: ./warehouse] [env: DWH_WAREHOUSE]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) warehouse: Option<PathBuf>,
    /// Configuration file [default: ./dwh.cfg, if it is there] [env: DWH_CONFIG]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// Which warehouse to work on [default: redshift if [CLUSTER] HOST is filled, else embedded]
    /// [env: DWH_TARGET]
    #[arg(long, global = true, value_enum, help_heading = "Global options")]
    pub(crate) target: Option<Target>,
    /// How results are printed on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, help_heading = "Global options")]
    pub(crate) format: Format,
    /// Print results, warnings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Print what is done in detail, on stderr [env: DWH_LOG, a filter such as dwh=debug]
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
}

/// Which warehouse commands work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// The warehouse in a local folder
    Embedded,
    /// The cluster of [CLUSTER] HOST
    Redshift,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Drawn table, fitted to the terminal
    Table,
    /// RFC 4180 with a header line; NULL is empty, an empty text is ""
    Csv,
    /// One array of objects a result; numbers keep all their digits
    Json,
    /// Table for documents and issues
    Markdown,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole job on generated data: tables, ETL, analytics, check against expected results
    Demo(DemoArgs),
    /// Write dwh.cfg, and with --pipeline the pipeline's SQL files, to edit
    Init(InitArgs),
    /// Make synthetic logs and songs, the same for the same seed
    Generate(GenerateArgs),
    /// Turn many tiny JSON objects into few larger ones and a manifest, for Redshift to load fast
    Compact(CompactArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Create, open, look at, pause and delete the Redshift cluster of section [DWH]
    Cluster(ClusterArgs),
    /// Create, drop, list and describe the pipeline's tables
    Tables(TablesArgs),
    /// Load what is new and bring the star schema up to date, in one transaction
    Etl(Box<EtlArgs>),
    /// Compare the analytics queries with their expected results
    Verify(VerifyArgs),
    /// Run the data tests: keys unique, no orphans, counts add up
    Check(PipelineArgs),
    /// Show what was loaded, and the records that were rejected
    Loads(LoadsArgs),
    /// Run SQL and print the results
    Query(QueryArgs),
    /// Open the SQL prompt
    Sql(SqlArgs),
    /// Open the web console: tables, query editor, dashboard, loads
    Console(ConsoleArgs),
    /// Draw the data model from the live catalog, or what runs where
    Diagram(DiagramArgs),
    /// Let psql, drivers and BI tools in: the embedded warehouse on the PostgreSQL wire, as Redshift speaks it
    Serve(Box<ServeArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder for the demo's data, configuration and warehouse
    #[arg(long, value_name = "DIR", default_value = "dwh-demo")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Folder or s3:// prefix that holds log_data/, song_data/ and log_json_path.json
    #[arg(long, value_name = "LOCATION")]
    pub(crate) data: Option<String>,
    /// Write the built-in pipeline's SQL files into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) pipeline: Option<PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each value and where it came from, secrets as asterisks
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// SQL, one or several statements; stdin if neither it nor --file is given
    #[arg(value_name = "SQL", conflicts_with = "file")]
    pub(crate) sql: Option<String>,
    /// Read the SQL from a file; - is stdin
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// Leave the warehouse to other writers; only temporary tables can be written
    #[arg(long)]
    pub(crate) read_only: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }
}
