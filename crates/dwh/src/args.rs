//! What was typed: the command tree. Doc comments are the help; nothing is opened or looked up here.

// The help is plain text, in which brackets are no links and angle brackets no tags.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dwh_cluster::Cidr;
use dwh_server::Certificate;

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

/// Which pipeline a command works with.
#[derive(Debug, Args)]
pub(crate) struct PipelineArgs {
    /// Folder of the pipeline [default: the built-in song play pipeline]
    #[arg(long, value_name = "DIR")]
    pub(crate) pipeline: Option<PathBuf>,
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

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder to write log_data/, song_data/ and log_json_path.json to
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Log events in all
    #[arg(long, value_name = "COUNT")]
    pub(crate) events: Option<u64>,
    /// Song files
    #[arg(long, value_name = "COUNT")]
    pub(crate) songs: Option<u32>,
    /// Users
    #[arg(long, value_name = "COUNT")]
    pub(crate) users: Option<u32>,
    /// Days, one log file each
    #[arg(long, value_name = "COUNT")]
    pub(crate) days: Option<u32>,
    /// First day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) start_date: Option<chrono::NaiveDate>,
    /// Seed; equal seeds and sizes give equal bytes
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    /// Prefix of the objects, s3://bucket/prefix or a path, as COPY reads it; nothing in it is changed
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// Folder for the new objects and their manifest, s3://bucket/folder or a path, outside the source
    #[arg(value_name = "TARGET")]
    pub(crate) destination: String,
    /// JSON in one new object, before compression: a number with KB, MB or GB
    #[arg(long, value_name = "SIZE", default_value = "64MB")]
    pub(crate) size: ByteSize,
    /// Slices of the cluster; the number of new objects is a multiple of it
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["node_type", "nodes"],
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) slices: Option<u32>,
    /// Node type to take the slices of [default: DWH_NODE_TYPE of dwh.cfg]
    #[arg(long, value_name = "TYPE")]
    pub(crate) node_type: Option<String>,
    /// Nodes of the cluster [default: DWH_NUM_NODES of dwh.cfg]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: Option<u32>,
    /// Compression of the new objects; the COPY names it
    #[arg(long, value_enum, default_value_t = ObjectCompression::Gzip)]
    pub(crate) compression: ObjectCompression,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Compression of objects that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectCompression {
    /// GZIP
    Gzip,
    /// Zstandard
    Zstd,
    /// BZIP2
    Bzip2,
    /// Plain objects
    None,
}

/// A number of bytes as one types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

impl FromStr for ByteSize {
    type Err = String;

    /// Units are powers of 1024, as in Redshift's MAXFILESIZE.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
            "KB" => 1 << 10,
            "MB" => 1 << 20,
            "GB" => 1_u64 << 30,
            _ => return Err("give a number with KB, MB or GB, such as 64MB".to_owned()),
        };
        let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        number.map(Self).ok_or_else(|| "the number is a whole one, such as 64MB".to_owned())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each value and where it came from, secrets as asterisks
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    #[command(subcommand)]
    pub(crate) command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// Create the role, the network and the cluster, whatever of it is missing
    Create {
        /// Print what would be created, and create nothing
        #[arg(long)]
        dry_run: bool,
        /// Wait until it is available, and write HOST and ARN into dwh.cfg
        #[arg(long)]
        wait: bool,
    },
    /// Wait until the cluster is available, and write HOST and ARN into dwh.cfg
    Wait,
    /// Show the cluster: endpoint, role, network, nodes, state, age, estimated cost
    Status {
        /// List everything that dwh has created in the region, leftovers of --ephemeral too
        #[arg(long)]
        all: bool,
    },
    /// Let a range of addresses reach the database's port
    OpenPort {
        /// The range, such as 203.0.113.7/32 [default: this machine's address]
        #[arg(long, value_name = "CIDR")]
        cidr: Option<Cidr>,
        /// Allow 0.0.0.0/0 and ::/0: every machine of the internet may try passwords
        #[arg(long)]
        allow_whole_internet: bool,
        /// Print what would be opened, and open nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Take back what open-port gave
    ClosePort {
        /// The range [default: all of them]
        #[arg(long, value_name = "CIDR")]
        cidr: Option<Cidr>,
        /// Print what would be closed, and close nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Stop the nodes: only storage costs until resume
    Pause {
        /// Print what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Start a paused cluster again
    Resume {
        /// Print what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete the cluster and all that dwh created around it, and wait until it is gone
    Delete {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Keep the data in a final snapshot, which costs until it is deleted
        #[arg(long)]
        final_snapshot: bool,
        /// Print what would be deleted, and delete nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the least permissions that running these commands needs, as an IAM policy
    Policy {
        /// Print the policy of the role that Redshift takes instead
        #[arg(long)]
        role: bool,
    },
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

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 is any free one [default: 127.0.0.1 and DB_PORT of dwh.cfg]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve an empty warehouse on a free port, removed at the end, and print one line of JSON with host,
    /// port, database, user, password and the URL of the Data API
    #[arg(long)]
    pub(crate) ephemeral: bool,
    /// Let COPY read and UNLOAD write local files under this folder [default: S3 only]
    #[arg(long, value_name = "DIR")]
    pub(crate) local_files: Option<PathBuf>,
    /// Address and port of the console, over HTTP; port 0 is any free one [default: the port 8439 beside the
    /// first address, or a free one if --listen or --ephemeral is given or it is taken]. The Redshift Data API is
    /// answered there, too, if --http or --ephemeral is given and only this machine can connect, or if [HTTP] in
    /// dwh.cfg has a key that requests must be signed with
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8439",
          conflicts_with = "no_http")]
    pub(crate) http: Option<SocketAddr>,
    /// No HTTP port
    #[arg(long)]
    pub(crate) no_http: bool,
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    #[command(flatten)]
    pub(crate) console: ConsoleLimits,
    /// How passwords are asked for
    #[arg(long, value_enum, default_value_t = PasswordMethod::Md5)]
    pub(crate) auth: PasswordMethod,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    /// Refuse connections without TLS; the HTTP port speaks TLS too where other machines can connect to it
    #[arg(long)]
    pub(crate) require_tls: bool,
    /// The HTTP port speaks TLS, with the same certificate
    #[arg(long, conflicts_with = "no_http")]
    pub(crate) https: bool,
    /// Connections at once
    #[arg(long, value_name = "COUNT", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) max_connections: u16,
    /// End sessions that say nothing for so many seconds [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) idle_timeout: Option<u64>,
    /// Seconds that running statements have to finish when the server stops
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) shutdown_timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// Address and port to listen on; port 0 is any free one. Beyond loopback one signs in with user and
    /// password
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8439")]
    pub(crate) listen: SocketAddr,
    /// Ask for user and password on loopback too, instead of a link that works once
    #[arg(long)]
    pub(crate) password: bool,
    /// Where one signs in with a password: let COPY read and UNLOAD write local files under this folder
    /// [default: S3 only]
    #[arg(long, value_name = "DIR")]
    pub(crate) local_files: Option<PathBuf>,
    /// Speak TLS, with --tls-cert and --tls-key or a certificate made at start
    #[arg(long)]
    pub(crate) https: bool,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    #[command(flatten)]
    pub(crate) limits: ConsoleLimits,
}

/// The certificate of a server.
#[derive(Debug, Args)]
pub(crate) struct CertificateArgs {
    /// Certificate chain in PEM [default: one made at start, which clients cannot check]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

impl CertificateArgs {
    /// The files that are given.
    pub(crate) fn files(&self) -> Option<Certificate> {
        let (chain, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(Certificate::Files { chain, key })
    }
}

/// What the console lets people do.
#[derive(Debug, Args)]
pub(crate) struct ConsoleLimits {
    /// Another name that the console answers to, as browsers see it
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// The console runs queries only
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Rows that a statement may give in the console
    #[arg(long, value_name = "COUNT", default_value_t = 1_000_000)]
    pub(crate) max_rows: usize,
    /// Seconds that a text of statements may take in the console [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct DiagramArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// What to draw
    #[arg(value_enum, default_value_t = Picture::Model)]
    pub(crate) picture: Picture,
    /// As what it is written; DBML of the data model only
    #[arg(long = "as", value_enum, value_name = "FORMAT", default_value_t = PictureFormat::Svg)]
    pub(crate) picture_format: PictureFormat,
    /// Dark colours
    #[arg(long)]
    pub(crate) dark: bool,
    /// Write to this file [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What `dwh diagram` draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// Tables with their columns and keys, from the live catalog
    Model,
    /// Sources, warehouse, pipeline and the ways in, from the configuration
    Architecture,
}

/// As what a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    /// A drawing
    Svg,
    /// Text that Mermaid draws
    Mermaid,
    /// Text of dbml.org
    Dbml,
}

/// How passwords are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PasswordMethod {
    /// As Redshift does; every driver answers it
    Md5,
    /// Stronger; drivers of the last years answer it
    #[value(name = "scram-sha-256")]
    ScramSha256,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{ByteSize, Cli};

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        assert_eq!("64MB".parse(), Ok(ByteSize(64 << 20)));
        assert_eq!("1gb".parse(), Ok(ByteSize(1 << 30)));
        for wrong in ["64", "MB", "1.5MB", "-1MB", "64 MB", "99999999999GB"] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }
}
