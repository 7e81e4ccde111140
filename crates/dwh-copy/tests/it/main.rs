//! COPY from end to end: local folders and an S3-compatible server on loopback.

mod sparkify;
mod support;
