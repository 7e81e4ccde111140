//! COPY from end to end: local folders and an S3-compatible server on loopback.

mod any_bytes;
mod cases;
mod columnar;
mod compact;
mod facts;
mod faults;
mod json_suite;
mod limits;
mod properties;
mod read_back;
mod s3;
mod sparkify;
mod support;
mod unload;
mod unload_readers;
mod unload_s3;
