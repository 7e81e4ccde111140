//! dwh-testkit
