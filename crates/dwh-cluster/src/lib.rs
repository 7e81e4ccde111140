//! The life of a Redshift cluster, or Serverless workgroup, on AWS: create, wait, open the port, look, pause,
//! resume, delete.
//!
//! It knows nothing of SQL: it makes the warehouse that a pipeline then runs on. Every operation can be run again
//! after any failure and goes on where the last one stopped, because each first looks at what is there:
//!
//! 1. a [`ClusterSpec`] says what shall be;
//! 2. a [`Lifecycle`] compares it with what [`AwsApi`] shows, and makes, changes or removes the difference;
//! 3. what it does is told to an [`Observer`]; in a dry run, what it would do.
//!
//! [`AwsApi`] is the seam: [`Aws`] is the official SDK behind it, tests put a fake there, and a
//! [`Clock`](dwh_common::Clock) that never makes them wait. Everything created carries the tag
//! [`TAG_CLUSTER`], and nothing without it is ever changed or removed.

mod api;
mod cidr;
mod create;
mod data_api;
mod delete;
mod error;
mod found;
mod lifecycle;
mod node_type;
mod pause;
mod policy;
mod port;
mod price;
mod spec;
mod status;
mod wait;

pub use api::aws::{Aws, AwsOptions};
pub use api::{
    AwsApi, Caller, Cluster, Namespace, NewCluster, NewNamespace, NewWorkgroup, Role, SecurityGroup, Subnet,
    SubnetGroup, Tags, TemporaryCredentials, Workgroup,
};
pub use cidr::Cidr;
pub use data_api::{DataApi, DataApiOutput, DataApiPage, DataApiTarget, TakePage};
pub use error::{ApiError, ApiErrorKind, ClusterError};
pub use found::Found;
pub use lifecycle::{Event, Lifecycle, Observer};
pub use policy::operator as operator_policy;
pub use price::Prices;
pub use spec::{ClusterSpec, EPHEMERAL_PREFIX, Kind, S3Prefix, TAG_CLUSTER};
pub use status::Resource;
