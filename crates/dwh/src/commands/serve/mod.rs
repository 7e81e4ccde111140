//! `dwh serve`: the embedded warehouse for every client of Redshift.

mod data_api;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use dwh_common::Secret;
use dwh_console::diagram::Door;
use dwh_console::{Accounts, EmbeddedAccounts, SignIn};
use dwh_engine::{Engine, EngineOptions};
use dwh_server::{AuthMethod, Certificate, Identity, Owner, Server, ServerOptions};
use serde_json::json;

use self::data_api::data_api;
use super::console::{self, CONSOLE_PORT};
use crate::args::{PasswordMethod, ServeArgs};
use crate::config::Origin;
use crate::context::{Context, local_files};
use crate::http::HttpPort;
use crate::report::CannotOpen;
use crate::signals::Signals;

/// The first user and the database of a fresh cluster.
const EPHEMERAL_USER: &str = "awsuser";
const EPHEMERAL_DATABASE: &str = "dev";

/// The first login: who is told how to connect.
struct FirstLogin {
    user: String,
    /// The owner's password; `None` if the user is another one of the warehouse, with a password of its own.
    password: Option<Secret>,
    /// Whether the password was made now, so that it must be shown.
    is_made: bool,
}

/// Serves until Ctrl-C or SIGTERM, then lets running statements finish; a second signal ends them.
///
/// # Errors
/// The target is told to be Redshift, the warehouse cannot be opened for writing, or the address is taken.
pub(crate) async fn run(args: &ServeArgs, context: &Context) -> anyhow::Result<()> {
    // A file's target is that of the commands beside the server, whose HOST may be the server itself.
    if matches!(context.settings.target.origin, Origin::Flag(_)) {
        context.settings.require_embedded()?;
    }
    let folder = args.ephemeral.then(tempfile::tempdir).transpose().context("cannot make a folder")?;
    let mut options = context.engine_options_to_serve();
    options.stores.local_files = local_files(args.local_files.as_deref())?;
    let mut login = match &folder {
        Some(folder) => {
            options = EngineOptions { dir: folder.path().join("warehouse"), ..options };
            options.database = EPHEMERAL_DATABASE.to_owned();
            made_up(EPHEMERAL_USER)
        }
        None => configured(context),
    };
    let database = options.database.clone();
    let engine = Engine::open(options).map_err(CannotOpen)?;
    // Names are folded like all identifiers (RS 3.4).
    login.user.make_ascii_lowercase();
    if !engine.name_owner(&login.user).await? {
        login = FirstLogin { password: None, is_made: false, ..login };
    }
    let address = address(args, context);
    let server = Server::bind(engine.clone(), address, server_options(args, &login))
        .await
        .with_context(|| format!("cannot serve on {address}"))?;
    let address = server.local_addr().context("the server has no address")?;
    let http = match args.no_http {
        true => None,
        false => Some(http_port(args, address, server.identity()).await?),
    };
    let data_api = match &http {
        Some(http) => data_api(args, context, &engine, http.address)?,
        None => None,
    };
    let data_api_url = http.as_ref().filter(|_| data_api.is_some()).map(HttpPort::origin);
    let mut signals = Signals::new()?;
    if args.ephemeral {
        context.printer.line(json!({
            "host": address.ip().to_string(),
            "port": address.port(),
            "http_port": http.as_ref().map(|http| http.address.port()),
            "data_api": data_api_url,
            "database": database,
            "user": login.user,
            "password": login.password.as_ref().map(Secret::expose),
        }))?;
    } else {
        announce(context, address, &database, &login)?;
        if let Some(http) = &http {
            context.printer.line(console::url(http))?;
        }
        if let Some(url) = data_api_url {
            context.printer.line(format_args!("AWS_ENDPOINT_URL_REDSHIFT_DATA={url}"))?;
        }
    }
    let mut router = match &http {
        Some(http) => router(args, context, engine, &login, address, http)?,
        None => Router::new(),
    };
    if let Some(data_api) = &data_api {
        router = router.merge(data_api.router());
    }
    let patience = Duration::from_secs(args.shutdown_timeout);
    // The first signal stops, the second kills.
    let (sender, mut received) = tokio::sync::watch::channel(0);
    let (mut seen, mut http_stop) = (received.clone(), received.clone());
    let watching = tokio::spawn(async move {
        loop {
            signals.next().await;
            sender.send_modify(|count| *count += 1);
        }
    });
    let stop = async { drop(received.wait_for(|count| *count >= 1).await) };
    let kill = async { drop(seen.wait_for(|count| *count >= 2).await) };
    let http = async move {
        match http {
            Some(http) => {
                let stop = async move {
                    drop(http_stop.wait_for(|count| *count >= 1).await);
                    if let Some(data_api) = data_api {
                        tokio::select! {
                            () = data_api.finish(patience) => {}
                            _ = http_stop.wait_for(|count| *count >= 2) => {}
                        }
                    }
                };
                http.serve(router, stop).await
            }
            None => Ok(()),
        }
    };
    let ((), served) = tokio::join!(server.serve(stop, kill), http);
    watching.abort();
    served
}

/// The HTTP port beside the first address; where that is taken and nobody has asked for it, another one.
async fn http_port(
    args: &ServeArgs,
    address: SocketAddr,
    identity: Option<&Identity>,
) -> anyhow::Result<HttpPort> {
    let bind = async |address: SocketAddr| {
        // What must not be read along on one port must not be on the other.
        let is_tls = args.https || (args.require_tls && !address.ip().is_loopback());
        HttpPort::bind(address, identity.filter(|_| is_tls)).await
    };
    if let Some(http) = args.http {
        return bind(http).await;
    }
    let any = SocketAddr::new(address.ip(), 0);
    if args.ephemeral || args.listen.is_some() {
        return bind(any).await;
    }
    match bind(SocketAddr::new(address.ip(), CONSOLE_PORT)).await {
        Ok(port) => Ok(port),
        Err(_) => bind(any).await,
    }
}

/// What the HTTP port serves.
fn router(
    args: &ServeArgs,
    context: &Context,
    engine: Engine,
    login: &FirstLogin,
    wire: SocketAddr,
    http: &HttpPort,
) -> anyhow::Result<Router> {
    let owner = login.password.clone().map(|password| (login.user.clone(), password));
    let accounts: Arc<dyn Accounts> = Arc::new(EmbeddedAccounts::new(engine, owner));
    let wire = Door {
        name: "PostgreSQL wire".to_owned(),
        address: wire.to_string(),
        clients: "psql, drivers, dbt, BI tools".to_owned(),
    };
    let doors = vec![wire, console::door(console::url(http))];
    let sign_in = SignIn::Password(accounts);
    Ok(dwh_console::router(console::options(sign_in, http, &args.console, &args.pipeline, doors, context)?))
}

/// The psql line and the DSN on stdout, everything else on stderr.
fn announce(
    context: &Context,
    address: SocketAddr,
    database: &str,
    login: &FirstLogin,
) -> anyhow::Result<()> {
    let (host, port, user) = (address.ip(), address.port(), &login.user);
    let host = if host.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { host };
    let made = login.password.as_ref().filter(|_| login.is_made).map(Secret::expose);
    let shown = made.unwrap_or("$DB_PASSWORD");
    context.printer.note(format_args!(
        "serving {} on {address}; end with Ctrl-C",
        context.settings.warehouse.value.display()
    ));
    context.printer.line(format_args!("PGPASSWORD={shown} psql -h {host} -p {port} -U {user} {database}"))?;
    let secret = made.map_or_else(String::new, |made| format!(":{made}"));
    let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
    context.printer.line(format_args!("postgresql://{user}{secret}@{host}:{port}/{database}"))?;
    Ok(())
}

/// DB_USER and DB_PASSWORD; without a password one is made.
fn configured(context: &Context) -> FirstLogin {
    let user = context.text("CLUSTER", "DB_USER").unwrap_or(EPHEMERAL_USER);
    match context.text("CLUSTER", "DB_PASSWORD") {
        Some(password) => {
            FirstLogin { user: user.to_owned(), password: Some(Secret::new(password)), is_made: false }
        }
        None => made_up(user),
    }
}

/// A user with a password that nobody has used before.
fn made_up(user: &str) -> FirstLogin {
    let password = Secret::new(uuid::Uuid::new_v4().simple().to_string());
    FirstLogin { user: user.to_owned(), password: Some(password), is_made: true }
}

fn address(args: &ServeArgs, context: &Context) -> SocketAddr {
    let port = match args.ephemeral {
        true => 0,
        false => context.number("CLUSTER", "DB_PORT").unwrap_or(5439),
    };
    args.listen.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
}

fn server_options(args: &ServeArgs, login: &FirstLogin) -> ServerOptions {
    let owner = |password: &Secret| Owner { name: login.user.clone(), password: password.clone() };
    let mut options = ServerOptions::new(login.password.as_ref().map(owner));
    options.auth_method = match args.auth {
        PasswordMethod::Md5 => AuthMethod::Md5,
        PasswordMethod::ScramSha256 => AuthMethod::ScramSha256,
    };
    let made = || Certificate::Generated { names: args.console.host.clone() };
    options.certificate = Some(args.certificate.files().unwrap_or_else(made));
    options.require_tls = args.require_tls;
    options.max_connections = args.max_connections.into();
    options.idle_timeout = args.idle_timeout.map(Duration::from_secs);
    options.shutdown_timeout = Duration::from_secs(args.shutdown_timeout);
    options
}
