//! One file a command: settings in, output through the printer, an error for every exit code but 0.

pub(crate) mod check;
pub(crate) mod cluster;
pub(crate) mod compact;
pub(crate) mod config;
pub(crate) mod console;
pub(crate) mod demo;
pub(crate) mod diagram;
pub(crate) mod etl;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod loads;
pub(crate) mod query;
pub(crate) mod serve;
pub(crate) mod sql;
pub(crate) mod tables;
pub(crate) mod verify;
