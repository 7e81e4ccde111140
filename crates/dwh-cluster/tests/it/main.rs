//! The life of a cluster against a stand-in for AWS: the SDK's own requests, no account, and no waiting.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]

mod account;
mod errors;
mod failures;
mod lifecycle;
mod serverless;
