//! Arguments of `dwh diagram`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PipelineArgs;

#[derive(Debug, Args)]
pub(crate) struct DiagramArgs {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    /// What to draw
    #[arg(value_enum, default_value_t = Picture::Model)]
    pub(crate) picture: Picture,
    /// As what it is written; DBML of the data model only
    #[arg(long = "as", value_enum, value_name = "FORMAT", default_value_t = PictureFormat::Svg)]
    pub(crate) picture_format: PictureFormat,
    /// Dark colours
    #[arg(long)]
    pub(crate) dark: bool,
    /// Write to this file [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What `dwh diagram` draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// Tables with their columns and keys, from the live catalog
    Model,
    /// Sources, warehouse, pipeline and the ways in, from the configuration
    Architecture,
}

/// As what a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    /// A drawing
    Svg,
    /// Text that Mermaid draws
    Mermaid,
    /// Text of dbml.org
    Dbml,
}
