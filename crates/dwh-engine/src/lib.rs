//! dwh-engine
