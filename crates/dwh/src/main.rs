//! `dwh`: the cloud data warehouse for song plays, as one command.
//!
//! Arguments and configuration become [`config::Settings`]; a command gets them and a
//! [`printer::Printer`], and gives back nothing or an error; [`report`] turns the error into text and an
//! exit code. What the warehouse, the pipeline and the generator do is in their own crates.

mod architecture;
mod args;
mod aws;
mod clock;
mod commands;
mod config;
mod confirm;
mod context;
mod describe;
mod http;
mod output;
mod pipeline_job;
mod printer;
mod progress;
mod prompt;
mod report;
mod run_sql;
mod signals;
mod warehouse;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use dwh_common::env_vars;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

use args::{Cli, Command, ConfigCommand, GlobalArgs};
use config::{Environment, Settings, UnknownKeys};
use context::Context;
use printer::Printer;

/// Stack of a thread: a statement is planned by recursion, and views and functions nest in it.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(&cli.global);
    match run(&cli, printer) {
        Ok(()) => ExitCode::from(report::EXIT_DONE),
        Err(error) => {
            let code = report::exit_code(error.as_ref());
            if code != report::EXIT_DONE {
                printer.error(error.as_ref());
            }
            ExitCode::from(code)
        }
    }
}

fn run(cli: &Cli, printer: Printer) -> anyhow::Result<()> {
    let environment = Environment::of_process();
    start_log(&cli.global, &environment)?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
        .context("cannot start threads")?;
    // The scripts beside the server read the same file, and more of it.
    let unknown = match &cli.command {
        Command::Serve(_) => UnknownKeys::Ignore,
        _ => UnknownKeys::Refuse,
    };
    let context = || load(&cli.global, environment, unknown, printer);
    match &cli.command {
        Command::Demo(args) => runtime.block_on(commands::demo::run(args, &cli.global, printer)),
        Command::Init(args) => commands::init::run(args, cli.global.config.as_deref(), printer),
        Command::Generate(args) => commands::generate::run(args, printer),
        Command::Compact(args) => runtime.block_on(commands::compact::run(args, &context()?)),
        Command::Config(ConfigCommand::Show) => commands::config::show(&context()?),
        Command::Cluster(args) => runtime.block_on(commands::cluster::run(&args.command, &context()?)),
        Command::Tables(args) => runtime.block_on(commands::tables::run(&args.command, &context()?)),
        Command::Etl(args) => runtime.block_on(commands::etl::run(args, &context()?)),
        Command::Verify(args) => runtime.block_on(commands::verify::run(args, &context()?)),
        Command::Check(args) => runtime.block_on(commands::check::run(args, &context()?)),
        Command::Loads(args) => runtime.block_on(commands::loads::run(args, &context()?)),
        Command::Query(args) => runtime.block_on(commands::query::run(args, &context()?)),
        Command::Sql(args) => commands::sql::run(args, &context()?, &runtime),
        Command::Console(args) => runtime.block_on(commands::console::run(args, &context()?)),
        Command::Diagram(args) => runtime.block_on(commands::diagram::run(args, &context()?)),
        Command::Serve(args) => runtime.block_on(commands::serve::run(args, &context()?)),
    }
}

/// Resolves the configuration, for the commands that work with it.
fn load(
    args: &GlobalArgs,
    environment: Environment,
    unknown: UnknownKeys,
    printer: Printer,
) -> anyhow::Result<Context> {
    let settings = Settings::load(args, &environment, unknown)?;
    for warning in &settings.warnings {
        printer.warning(warning);
    }
    Ok(Context { settings, environment, printer })
}

/// The log goes to stderr: warnings, with --verbose what is done, with DWH_LOG whatever it says.
fn start_log(args: &GlobalArgs, environment: &Environment) -> anyhow::Result<()> {
    // The SDK warns of each link of the credential chain that has nothing, and then of the chain.
    let default = if args.verbose { "info" } else { "warn,aws_config=error" };
    let filter = environment.text(env_vars::DWH_LOG)?.filter(|filter| !filter.is_empty()).unwrap_or(default);
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("{} is no filter such as dwh=debug", env_vars::DWH_LOG))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
    Ok(())
}
