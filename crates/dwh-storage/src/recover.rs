//! The sweep: removes what no commit refers to.
//!
//! When the warehouse is opened to write, all data files that the catalog does not know are left-overs of
//! transactions that never committed. Files that commits stopped using stay in the catalog, with the
//! snapshot that ended them, for the grace period; then the catalog forgets them and they go.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use chrono::{DateTime, TimeDelta, Utc};

use crate::catalog::Catalog;
use crate::data_file::Token;
use crate::error::StorageError;
use crate::snapshot::Contents;
use crate::warehouse::Inner;

/// Sweeps a warehouse that was just opened to write.
pub(crate) fn sweep(catalog: &Catalog, data_dir: &Path, temporary_dir: &Path) -> Result<(), StorageError> {
    if temporary_dir.exists() {
        fs::remove_dir_all(temporary_dir).map_err(StorageError::io(temporary_dir))?;
    }
    let referenced: HashSet<PathBuf> = catalog.referenced_files()?.into_iter().collect();
    let mut removed = 0_usize;
    sweep_folder(data_dir, &referenced, &mut removed)?;
    if removed > 0 {
        tracing::info!(files = removed, "removed data files of transactions that never committed");
    }
    Ok(())
}

/// Removes unknown Parquet files, and folders that are empty then. Other files are not ours.
fn sweep_folder(
    folder: &Path,
    referenced: &HashSet<PathBuf>,
    removed: &mut usize,
) -> Result<(), StorageError> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(StorageError::io(folder))? {
        let entry = entry.map_err(StorageError::io(folder))?;
        let path = entry.path();
        if entry.file_type().map_err(StorageError::io(&path))?.is_dir() {
            sweep_folder(&path, referenced, removed)?;
            // Fails, as it should, if something is in it.
            let _ = fs::remove_dir(&path);
        } else if path.extension().is_some_and(|extension| extension == "parquet")
            && !referenced.contains(&path)
        {
            fs::remove_file(&path).map_err(StorageError::io(&path))?;
            *removed += 1;
        }
    }
    Ok(())
}

/// The moment before which unused files may go.
pub(crate) fn end_of_grace(now: DateTime<Utc>, grace_period: std::time::Duration) -> DateTime<Utc> {
    let grace = TimeDelta::from_std(grace_period).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(grace).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Files that commits of this process stopped using, with a sign whether anyone in this process may
/// still read them: a long query may outlive the grace period.
#[derive(Debug, Default)]
pub(crate) struct Retired {
    used: Vec<(PathBuf, Weak<Token>)>,
    /// No longer in the catalog, but still used when that was so.
    waiting: Vec<PathBuf>,
}

impl Retired {
    /// Notes the data and delete files of `old` that `new` has no more.
    pub(crate) fn note(&mut self, old: &Contents, new: &Contents) {
        for (id, before) in &old.tables {
            let after = new.tables.get(id);
            if after.is_some_and(|after| Arc::ptr_eq(before, after)) {
                continue;
            }
            let kept: HashSet<&Path> =
                after.into_iter().flat_map(|table| &table.files).flat_map(|file| file.paths()).collect();
            for file in &before.files {
                let used = file.paths().zip(file.tokens()).filter(|(path, _)| !kept.contains(path));
                self.used.extend(used.map(|(path, token)| (path.to_owned(), Arc::downgrade(&token))));
            }
        }
    }

    fn in_use(&self, path: &Path) -> bool {
        self.used.iter().any(|(used, token)| used == path && token.strong_count() > 0)
    }

    /// Of the files that the catalog forgot, now or before, those that nobody uses.
    fn removable(&mut self, forgotten: Vec<PathBuf>) -> Vec<PathBuf> {
        let all = std::mem::take(&mut self.waiting).into_iter().chain(forgotten);
        let (waiting, removable): (Vec<_>, Vec<_>) = all.partition(|path| self.in_use(path));
        self.waiting = waiting;
        self.used.retain(|(_, token)| token.strong_count() > 0);
        removable
    }
}

/// Removes files whose grace period is over, while the warehouse is in use.
pub(crate) fn expire(warehouse: &Inner) -> Result<(), StorageError> {
    let before = end_of_grace(warehouse.clock.now(), warehouse.grace_period);
    let removable = {
        let mut writer = warehouse.writer()?;
        let forgotten = writer.catalog.expire(before)?;
        writer.retired.removable(forgotten)
    };
    for path in removable {
        if let Err(error) = fs::remove_file(&path) {
            tracing::debug!(path = %path.display(), %error, "unused file is left to the next sweep");
        }
    }
    Ok(())
}
