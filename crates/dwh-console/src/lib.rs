//! The web console: schema tree, query editor, charts, the pipeline's dashboard, its loads, and pictures of the data
//! model and of what runs where.
//!
//! For: people with a browser. Not for: the PostgreSQL wire, and not the place of any SQL rule: whatever the page
//! shows it has asked a [`Warehouse`] in SQL, so that it shows the embedded warehouse and Redshift alike.
//!
//! 1. [`router`] makes an axum router of a page and a JSON API, described by `openapi.json`;
//! 2. `security` lets only the console's own page in: Host and Origin are checked, a [`SignIn`] is traded for a cookie;
//! 3. a text is a run (`runs`): it works in a task, its rows are kept as text, up to a limit, and the page fetches, sorts
//!    and draws them, or downloads them as a file (`export`);
//! 4. `dashboard`, `loads` and `etl` are the pages around a pipeline; `catalog` and `diagram` know the tables.
//!
//! The page is in `ui/`: TypeScript, bundled by esbuild into `assets/`, which is committed and carried by the binary.

mod assets;
pub mod catalog;
pub mod diagram;
mod error;
mod etl;
mod export;
mod extract;
mod language;
mod read_only;
mod routes;
mod runs;
mod security;
mod state;
mod warehouse;

pub use routes::router;
pub use security::{AllowedHosts, SignIn};
pub use state::{Options, PipelineFiles};
pub use warehouse::{
    About, Accounts, Column, Connection, Done, Embedded, EmbeddedAccounts, Output, PipelineConnection,
    Redshift, Target, Warehouse,
};
