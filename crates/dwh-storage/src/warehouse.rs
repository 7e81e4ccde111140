//! A warehouse: a folder with a catalog and data files, opened by one writer or any number of readers.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Clock;
use crate::definition::{ColumnId, Identity, TableId};
use crate::error::StorageError;
use crate::snapshot::{Contents, Snapshot};
use crate::temporary::TemporaryTables;
use crate::transaction::{IdentityValues, LockTable, Transaction};

/// The schema that every new warehouse has.
pub const DEFAULT_SCHEMA: &str = "public";

/// How long a file stays after the commit that stopped using it: longer than any query of another
/// process that may still read it.
pub const DEFAULT_GRACE_PERIOD: Duration = Duration::from_secs(600);

/// How to open a warehouse.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Writing or reading.
    pub mode: Mode,
    /// How long files stay that nothing refers to any more; [`DEFAULT_GRACE_PERIOD`].
    pub grace_period: Duration,
    /// Where the time comes from; tests set it.
    pub clock: Clock,
}

impl OpenOptions {
    /// The defaults for a mode.
    pub fn new(mode: Mode) -> Self {
        Self { mode, grace_period: DEFAULT_GRACE_PERIOD, clock: Clock::System }
    }
}

/// Whether a warehouse is opened to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The one writing process; creates the warehouse if there is none.
    ReadWrite,
    /// One of any number of readers; temporary tables can be written.
    ReadOnly,
}

/// An open warehouse. Cheap to clone; closed when the last clone and its transactions are gone.
#[derive(Debug, Clone)]
pub struct Warehouse {
    inner: Arc<Inner>,
}

impl Warehouse {
    /// Opens the warehouse in `dir`.
    ///
    /// # Errors
    /// [`StorageError::Locked`] if another process writes to it, [`StorageError::NoWarehouse`] if it is to
    /// be read and is not there, [`StorageError::UnsupportedCatalog`], and those of the disk.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Self, StorageError> {
        Ok(Self { inner: Arc::new(Inner::open(dir, options)?) })
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// How it was opened.
    pub fn mode(&self) -> Mode {
        self.inner.mode
    }

    /// The latest commit, of whichever process.
    ///
    /// # Errors
    /// [`StorageError::Catalog`] if the catalog cannot be read.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, StorageError> {
        self.inner.refresh()
    }

    /// Begins a transaction on the latest commit, for a session with these temporary tables.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub fn begin(&self, temporary: TemporaryTables) -> Result<Transaction, StorageError> {
        let base = self.inner.refresh()?;
        Ok(Transaction::new(Arc::clone(&self.inner), base, temporary))
    }
}

/// What a warehouse's clones and transactions share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) temporary_dir: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) grace_period: Duration,
    pub(crate) clock: Clock,
    pub(crate) locks: Arc<LockTable>,
    latest: RwLock<Arc<Snapshot>>,
    /// Next number of each IDENTITY column used so far.
    identities: Mutex<HashMap<(TableId, ColumnId), i64>>,
    /// Held over a whole commit: commits are one after another.
    committing: Mutex<()>,
    next_object_id: AtomicI64,
    next_file_id: AtomicI64,
    next_temporary_id: AtomicI64,
    next_transaction_id: AtomicU64,
}

impl Inner {
    fn open(dir: &Path, options: OpenOptions) -> Result<Self, StorageError> {
        let data_dir = dir.join("data");
        let temporary_dir = match options.mode {
            Mode::ReadWrite => data_dir.join(".temporary"),
            Mode::ReadOnly => std::env::temp_dir().join(format!("dwh-{}", Uuid::now_v7())),
        };
        let mut contents = Contents::default();
        let uuid = Uuid::now_v7().to_string();
        contents.put_schema(Arc::new(crate::snapshot::Schema {
            id: 0,
            name: DEFAULT_SCHEMA.to_owned(),
            comment: None,
            folder: crate::snapshot::Folder::below(&data_dir, DEFAULT_SCHEMA, &uuid),
            uuid,
        }));
        let snapshot = Snapshot { id: 0, committed_at: options.clock.now(), schema_version: 0, contents };
        Ok(Self {
            dir: dir.to_owned(),
            data_dir,
            temporary_dir,
            mode: options.mode,
            grace_period: options.grace_period,
            clock: options.clock,
            locks: Arc::default(),
            latest: RwLock::new(Arc::new(snapshot)),
            identities: Mutex::default(),
            committing: Mutex::default(),
            next_object_id: AtomicI64::new(1),
            next_file_id: AtomicI64::new(0),
            next_temporary_id: AtomicI64::new(-1),
            next_transaction_id: AtomicU64::new(1),
        })
    }

    /// The latest snapshot that this process knows.
    pub(crate) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.latest.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn refresh(&self) -> Result<Arc<Snapshot>, StorageError> {
        Ok(self.latest())
    }

    pub(crate) fn next_transaction_id(&self) -> u64 {
        self.next_transaction_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_object_id(&self) -> i64 {
        self.next_object_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_file_id(&self) -> i64 {
        self.next_file_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_temporary_id(&self) -> i64 {
        self.next_temporary_id.fetch_sub(1, Ordering::Relaxed)
    }

    /// A path as the catalog has it: below the data folder, with forward slashes.
    pub(crate) fn relative_to_data(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.data_dir).unwrap_or(path);
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    fn identities(&self) -> MutexGuard<'_, HashMap<(TableId, ColumnId), i64>> {
        self.identities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first of `count` numbers; `None` past the range of BIGINT.
    pub(crate) fn reserve_identity(
        &self,
        key: (TableId, ColumnId),
        identity: Identity,
        count: u64,
    ) -> Option<i64> {
        let mut identities = self.identities();
        let next = identities.entry(key).or_insert(identity.seed);
        let first = *next;
        let distance = i64::try_from(count).ok()?.checked_mul(identity.step)?;
        *next = first.checked_add(distance)?;
        Some(first)
    }

    pub(crate) fn identity_values(&self, keys: &BTreeSet<(TableId, ColumnId)>) -> IdentityValues {
        let identities = self.identities();
        keys.iter().filter_map(|key| identities.get(key).map(|next| (*key, *next))).collect()
    }

    /// Commits what `merge` makes of the newest contents and returns the ids of the tables that changed.
    pub(crate) fn commit(
        &self,
        _transaction: u64,
        _identities: &IdentityValues,
        merge: impl FnOnce(&Contents) -> Result<Contents, StorageError>,
    ) -> Result<Vec<TableId>, StorageError> {
        let _committing = self.committing.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.latest();
        let contents = merge(&newest.contents)?;
        let changed = contents
            .tables
            .iter()
            .filter(|(id, table)| !newest.contents.tables.get(id).is_some_and(|old| Arc::ptr_eq(old, table)))
            .map(|(id, _)| *id)
            .collect();
        let next = Snapshot {
            id: newest.id + 1,
            committed_at: self.clock.now(),
            schema_version: newest.schema_version,
            contents,
        };
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(changed)
    }
}
