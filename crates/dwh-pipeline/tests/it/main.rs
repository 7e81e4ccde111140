//! Pipelines from the outside: the built-in files, and runs on a warehouse.

mod built_in;
mod embedded;
mod fake;
mod redshift;
mod run;
