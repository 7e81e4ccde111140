//! Pictures as SVG, and as text for other tools: the data model from the live catalog, and what runs where.
//!
//! SVG is written here, because the layout of a star schema is known (the fact in the middle, its
//! dimensions on both sides, staging below) and no drawing program must be installed.

mod architecture;
mod dbml;
mod mermaid;
mod model;
mod svg;

use serde::Deserialize;

pub use architecture::{Architecture, Door};
pub use model::DataModel;

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}
