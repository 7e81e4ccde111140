//! dwh-pipeline
