//! Where generated objects go.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Takes named objects, one after another. Names are relative, with `/` between their parts, and occur once.
pub trait ObjectWriter {
    /// Stores one object.
    ///
    /// # Errors
    /// Whatever keeps the object from being stored; generation stops there.
    fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()>;
}

/// Writes objects as files under a folder, which it creates.
#[derive(Debug)]
pub struct FolderWriter {
    root: PathBuf,
    created: HashSet<PathBuf>,
}

impl FolderWriter {
    /// A writer under `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), created: HashSet::new() }
    }

    fn create_parent(&mut self, path: &Path) -> io::Result<()> {
        if let Some(parent) = path.parent()
            && !self.created.contains(parent)
        {
            fs::create_dir_all(parent)?;
            self.created.insert(parent.to_owned());
        }
        Ok(())
    }
}

impl ObjectWriter for FolderWriter {
    fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.root.join(name);
        self.create_parent(&path)?;
        fs::write(path, content)
    }
}
