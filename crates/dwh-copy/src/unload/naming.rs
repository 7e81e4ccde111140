//! Names of the objects (RS 6.2): `<prefix>0003_part_00.gz`, or `<prefix>000.gz` when written serially.

use super::request::{UnloadFormat, UnloadRequest};

/// How the objects of an UNLOAD are named behind its prefix.
#[derive(Debug, Clone)]
pub(super) struct Naming {
    parallel: bool,
    /// With its dot, or empty.
    suffix: String,
}

impl Naming {
    pub(super) fn new(request: &UnloadRequest) -> Self {
        let suffix = match &request.extension {
            Some(extension) if extension.is_empty() || extension.starts_with('.') => extension.clone(),
            Some(extension) => format!(".{extension}"),
            None => {
                let format = match request.format {
                    UnloadFormat::Parquet { .. } => ".parquet",
                    _ => "",
                };
                format!("{format}{}", request.compression.suffix())
            }
        };
        Self { parallel: request.parallel, suffix }
    }

    /// The name of a slice's `part`-th file of one partition.
    pub(super) fn file(&self, slice: usize, part: usize) -> String {
        let suffix = &self.suffix;
        if self.parallel {
            format!("{slice:04}_part_{part:02}{suffix}")
        } else {
            format!("{part:03}{suffix}")
        }
    }
}
