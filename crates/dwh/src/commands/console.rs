//! `dwh console`: the web console, until Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use dwh_common::Secret;
use dwh_console::diagram::{Architecture, Door};
use dwh_console::{
    Accounts, AllowedHosts, Embedded, EmbeddedAccounts, Options, PipelineFiles, SignIn, Warehouse,
};
use dwh_server::{Certificate, Identity, TlsError};

use crate::args::{ConsoleArgs, ConsoleLimits, PipelineArgs, Target};
use crate::context::{Access, Context};
use crate::http::HttpPort;
use crate::report::UsageError;
use crate::signals::Signals;
use crate::{architecture, pipeline_job};

/// Where the console is unless told otherwise.
pub(super) const CONSOLE_PORT: u16 = 8439;

/// Serves the console until Ctrl-C or SIGTERM. Its address is printed on stdout, with the token if there is one.
///
/// # Errors
/// The warehouse cannot be opened, the address is taken, or passwords are needed and none is configured.
pub(crate) async fn run(args: &ConsoleArgs, context: &Context) -> anyhow::Result<()> {
    let with_password = args.password || !args.listen.ip().is_loopback();
    let sign_in = match with_password {
        true => SignIn::Password(accounts(args, context)?),
        false => SignIn::with_token(warehouse(&args.limits, context).await?),
    };
    let port = HttpPort::bind(args.listen, identity(args)?.as_ref()).await?;
    let fragment = sign_in.token().map(|token| format!("#token={}", token.expose())).unwrap_or_default();
    let doors = vec![door(url(&port))];
    let options = options(sign_in, &port, &args.limits, &args.pipeline, doors, context)?;
    let router = dwh_console::router(options);
    context.printer.note(format_args!("console on {}; end with Ctrl-C", port.address));
    context.printer.line(format_args!("{}{fragment}", url(&port)))?;
    let mut signals = Signals::new()?;
    port.serve(router, async move {
        let _ = signals.next().await;
    })
    .await
}

/// The certificate of the page; `None` for plain HTTP.
fn identity(args: &ConsoleArgs) -> Result<Option<Identity>, TlsError> {
    let given = args.certificate.files();
    let made = args.https.then(|| Certificate::Generated { names: args.limits.host.clone() });
    given.or(made).map(|certificate| certificate.load()).transpose()
}

/// What whoever has the link may use.
async fn warehouse(limits: &ConsoleLimits, context: &Context) -> anyhow::Result<Arc<dyn Warehouse>> {
    if context.settings.target.value == Target::Redshift {
        return Ok(Arc::new(context.redshift_for_console(limits.max_rows).await?));
    }
    let engine = match limits.read_only {
        true => context.open(Access::Read)?,
        false => context.engine_to_explore()?,
    };
    Ok(Arc::new(Embedded::owner(engine, context.owner())))
}

/// Who may sign in with a password.
fn accounts(args: &ConsoleArgs, context: &Context) -> anyhow::Result<Arc<dyn Accounts>> {
    if context.settings.target.value == Target::Redshift {
        if args.local_files.is_some() {
            let hint = "leave it out: COPY and UNLOAD of a cluster use S3";
            return Err(UsageError::new("--local-files is of the embedded warehouse", hint).into());
        }
        return Ok(Arc::new(context.redshift_users(args.limits.max_rows)?));
    }
    let access = if args.limits.read_only { Access::Read } else { Access::Write };
    let password = configured_password(context)?;
    let engine = context.open_for_others(access, args.local_files.as_deref())?;
    Ok(Arc::new(EmbeddedAccounts::new(engine, Some((context.owner(), password)))))
}

fn configured_password(context: &Context) -> anyhow::Result<Secret> {
    let password = context.text("CLUSTER", "DB_PASSWORD").ok_or_else(|| {
        let hint = "set [CLUSTER] DB_PASSWORD in dwh.cfg, or DWH_CLUSTER_DB_PASSWORD";
        UsageError::new("the console asks for a password here, and none is configured", hint)
    })?;
    Ok(Secret::new(password))
}

/// How a console on an address is run, for `dwh serve` too.
///
/// # Errors
/// A file of the pipeline is wrong or missing.
pub(super) fn options(
    sign_in: SignIn,
    port: &HttpPort,
    limits: &ConsoleLimits,
    pipeline: &PipelineArgs,
    doors: Vec<Door>,
    context: &Context,
) -> anyhow::Result<Options> {
    let (pipeline, variables) = pipeline_job::files(pipeline, context, |_| None)?;
    let mut architecture: Architecture = architecture::of_pipeline(&pipeline, &variables, context)?;
    architecture.doors.splice(0..0, doors);
    Ok(Options {
        sign_in,
        hosts: AllowedHosts::new(port.address, &limits.host),
        port: port.address.port(),
        is_tls: port.is_tls(),
        read_only: limits.read_only,
        max_rows: limits.max_rows,
        max_time: limits.max_seconds.map(Duration::from_secs),
        pipeline: Some(PipelineFiles { pipeline, variables }),
        architecture,
    })
}

/// The console as a way in.
pub(super) fn door(url: String) -> Door {
    Door { name: "Console".to_owned(), address: url, clients: "browsers".to_owned() }
}

/// Where a browser on this machine finds it.
pub(super) fn url(port: &HttpPort) -> String {
    format!("{}/", port.origin())
}
