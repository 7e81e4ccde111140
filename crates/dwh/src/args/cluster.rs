//! Arguments of `dwh cluster`.

use clap::{Args, Subcommand};
use dwh_cluster::Cidr;

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
