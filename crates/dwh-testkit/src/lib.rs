//! What tests of dwh share: an S3-compatible server and a stand-in for AWS on loopback, a proxy that cuts
//! connections, a clock that never waits, temporary folders, and the public sample data.
//!
//! For tests only; nothing that ships depends on it. The server is s3s, so signatures, errors and
//! listings are another project's reading of the protocol and not ours; `s3` puts an in-memory store
//! behind it and a layer of faults in front.

mod aws;
mod certificates;
mod clock;
mod cut;
mod files;
mod s3;
mod sample;

pub use aws::AwsStandIn;
pub use certificates::TestCertificate;
pub use clock::ManualClock;
pub use cut::CutProxy;
pub use files::folder_of;
pub use s3::{ACCESS_KEY_ID, Fault, LoggedRequest, LoopbackS3, SECRET_ACCESS_KEY};
pub use sample::sample_data;
