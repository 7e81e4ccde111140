//! The embedded warehouse's engine: sessions that run Redshift SQL on DataFusion over a storage
//! transaction.
//!
//! What it is not: it knows neither the wire protocol nor HTTP nor AWS. The flow of one statement:
//!
//! 1. `dwh-sql` parses the text and rewrites the AST where Redshift's syntax differs;
//! 2. `names` resolves relations in the transaction of the `session`: tables, views, `system_tables`;
//! 3. `plan` lets DataFusion plan the AST with Redshift's `functions` and `typing` rules;
//! 4. `execute` runs the plan; statements that change rows stage files in the transaction (`scan` gives
//!    them the addresses of the rows they replace);
//! 5. the session commits, or rolls back on an error.

mod access;
mod activity;
mod aggregate_filters;
mod catalog_functions;
mod column_text;
mod context;
mod cooperation;
mod decorrelate;
mod engine;
mod error;
mod estimate;
mod execute;
mod explain;
mod filter_conditions;
mod filter_pushdown;
pub mod functions;
mod guarded;
mod guarded_filters;
mod join_order;
mod join_statistics;
mod literal_sides;
mod lost_orders;
mod memory_reuse;
mod named;
mod names;
mod node_rules;
mod parameter_types;
mod plan;
mod policies;
mod procedure;
mod property_barriers;
mod result;
mod runtime_filters;
mod scan;
mod session;
mod session_functions;
mod settings;
mod shared_subplans;
mod statement_log;
mod system_tables;
pub mod typing;
mod union_names;
mod user_functions;
mod varying_in_lists;

pub use column_text::ColumnText;
pub use engine::{Engine, EngineOptions};
pub use execute::s3_access;
pub use guarded::guarded;
pub use result::{Notice, Outcome, ResultSet, Rows, Severity, StatementResult};
pub use session::{CancelHandle, Description, Session, SessionOptions, TransactionStatus};

pub use dwh_copy::{Progress, ProgressCounts};
pub use dwh_storage::{Client, Mode, PasswordVerifiers, User};
pub use functions::cast::text_of;
pub use functions::datetime::style::TextStyle;
