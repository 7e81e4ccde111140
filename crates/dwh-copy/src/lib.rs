//! dwh-copy
