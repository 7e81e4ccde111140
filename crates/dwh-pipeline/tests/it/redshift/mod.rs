//! The Redshift side of the pipeline, on `dwh-server` as the cluster's database and a loopback S3.

mod cluster;
mod connection;
mod cuts;
mod recorded;
mod runs;
