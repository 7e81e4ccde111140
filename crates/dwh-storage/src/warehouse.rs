//! A warehouse: a folder with a catalog and data files, opened by one writer or any number of readers.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::catalog::{Catalog, Commit, Loaded};
use crate::clock::Clock;
use crate::definition::{ColumnId, Identity, TableId};
use crate::error::StorageError;
use crate::load_log::LoadLog;
use crate::lock_file::WriterLock;
use crate::query_log::QueryLog;
use crate::recover::{self, Retired};
use crate::snapshot::{Contents, Snapshot, Table};
use crate::table_writer::sync_folder;
use crate::temporary::TemporaryTables;
use crate::transaction::{IdentityValues, LockTable, TableLock, Transaction};

/// The schema that every new warehouse has.
pub const DEFAULT_SCHEMA: &str = "public";

const CATALOG_FILE: &str = "catalog.sqlite";
const DATA_FOLDER: &str = "data";

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

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new(Mode::ReadWrite)
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

    /// The same, for a transaction that has its number already.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub fn begin_numbered(&self, id: u64, temporary: TemporaryTables) -> Result<Transaction, StorageError> {
        let base = self.inner.refresh()?;
        Ok(Transaction::numbered(id, Arc::clone(&self.inner), base, temporary))
    }

    /// A number for a transaction, unlike those of other processes.
    pub fn next_transaction_id(&self) -> u64 {
        self.inner.next_transaction_id()
    }

    /// Write locks of this process's transactions, held and waited for.
    pub fn locks(&self) -> Vec<TableLock> {
        self.inner.locks.list()
    }

    /// The history of COPY.
    pub fn load_log(&self) -> LoadLog {
        self.inner.load_log.clone()
    }

    /// What has run.
    pub fn query_log(&self) -> QueryLog {
        self.inner.query_log.clone()
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
    access: Access,
    load_log: LoadLog,
    query_log: QueryLog,
    next_object_id: AtomicI64,
    next_file_id: AtomicI64,
    next_temporary_id: AtomicI64,
}

/// The catalog as each mode has it.
#[derive(Debug)]
enum Access {
    /// Locked over a whole commit: commits are one after another.
    Write(Mutex<Writer>),
    Read(Mutex<Catalog>),
}

/// What only the writing process has.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) catalog: Catalog,
    pub(crate) retired: Retired,
    last_expired: DateTime<Utc>,
    _lock: WriterLock,
}

impl Inner {
    fn open(dir: &Path, options: OpenOptions) -> Result<Self, StorageError> {
        let dir = std::path::absolute(dir).map_err(StorageError::io(dir))?;
        match options.mode {
            Mode::ReadWrite => Self::open_to_write(dir, options),
            Mode::ReadOnly => Self::open_to_read(dir, options),
        }
    }

    fn open_to_write(dir: PathBuf, options: OpenOptions) -> Result<Self, StorageError> {
        let data_dir = dir.join(DATA_FOLDER);
        std::fs::create_dir_all(&data_dir).map_err(StorageError::io(&data_dir))?;
        let now = options.clock.now();
        let lock = WriterLock::acquire(&dir, now)?;
        let path = dir.join(CATALOG_FILE);
        let mut catalog = Catalog::open(&path, &data_dir, now)?;
        sync_folder(&dir)?;
        for expired in catalog.expire(recover::end_of_grace(now, options.grace_period))? {
            tracing::debug!(path = %expired.display(), "the sweep removes a file past its grace period");
        }
        let temporary_dir = data_dir.join(".temporary");
        recover::sweep(&catalog, &data_dir, &temporary_dir)?;
        let loaded = catalog.read(None)?;
        let load_log = LoadLog::open(&path)?;
        let writer = Writer { catalog, retired: Retired::default(), last_expired: now, _lock: lock };
        Self::new(dir, temporary_dir, options, loaded, Access::Write(Mutex::new(writer)), load_log)
    }

    fn open_to_read(dir: PathBuf, options: OpenOptions) -> Result<Self, StorageError> {
        let path = dir.join(CATALOG_FILE);
        let Some(catalog) = Catalog::open_read_only(&path, &dir.join(DATA_FOLDER))? else {
            return Err(StorageError::NoWarehouse { dir });
        };
        let loaded = catalog.read(None)?;
        let load_log = LoadLog::open_read_only(&path)?;
        // The data folder may not be writable, and is not this process's to write.
        let temporary_dir = std::env::temp_dir().join(format!("dwh-{}", Uuid::now_v7()));
        Self::new(dir, temporary_dir, options, loaded, Access::Read(Mutex::new(catalog)), load_log)
    }

    fn new(
        dir: PathBuf,
        temporary_dir: PathBuf,
        options: OpenOptions,
        loaded: Loaded,
        access: Access,
        load_log: LoadLog,
    ) -> Result<Self, StorageError> {
        let first_query_id = load_log.last_query_id()?.saturating_add(1);
        let query_log = QueryLog::open(&dir, options.mode, first_query_id)?;
        Ok(Self {
            data_dir: dir.join(DATA_FOLDER),
            dir,
            temporary_dir,
            mode: options.mode,
            grace_period: options.grace_period,
            clock: options.clock,
            locks: Arc::default(),
            latest: RwLock::new(Arc::new(loaded.snapshot)),
            identities: Mutex::new(loaded.identities),
            access,
            load_log,
            query_log,
            next_object_id: AtomicI64::new(loaded.next_object_id),
            next_file_id: AtomicI64::new(loaded.next_file_id),
            next_temporary_id: AtomicI64::new(-1),
        })
    }

    /// The latest snapshot that this process knows.
    pub(crate) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.latest.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, snapshot: Arc<Snapshot>) {
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// The latest snapshot; a reader looks whether the writing process has committed since.
    fn refresh(&self) -> Result<Arc<Snapshot>, StorageError> {
        let Access::Read(catalog) = &self.access else { return Ok(self.latest()) };
        let catalog = catalog.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.latest();
        if catalog.newest_snapshot_id()? == known.id() {
            return Ok(known);
        }
        let newest = Arc::new(catalog.read(Some(&known))?.snapshot);
        self.publish(Arc::clone(&newest));
        Ok(newest)
    }

    /// The writer's part, locked.
    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Writer>, StorageError> {
        match &self.access {
            Access::Write(writer) => Ok(writer.lock().unwrap_or_else(PoisonError::into_inner)),
            Access::Read(_) => Err(StorageError::ReadOnly),
        }
    }

    pub(crate) fn next_transaction_id(&self) -> u64 {
        self.query_log.next_transaction_id().unsigned_abs()
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
    ///
    /// `keep_files` is called once the catalog may refer to the new files: even a commit that SQLite
    /// reports as failed may be in its journal, so from then on only the sweep removes them.
    pub(crate) fn commit(
        &self,
        identities: &IdentityValues,
        merge: impl FnOnce(&Contents) -> Result<Contents, StorageError>,
        keep_files: impl FnOnce(),
    ) -> Result<Vec<TableId>, StorageError> {
        let mut writer = self.writer()?;
        let newest = self.latest();
        let mut next = Snapshot {
            id: newest.id + 1,
            committed_at: self.clock.now(),
            schema_version: newest.schema_version,
            contents: merge(&newest.contents)?,
        };
        if Commit::defines(&newest, &next) {
            next.schema_version += 1;
        }
        keep_files();
        writer.catalog.commit(&Commit {
            previous: &newest,
            next: &next,
            identities,
            next_object_id: self.next_object_id.load(Ordering::Relaxed),
            next_file_id: self.next_file_id.load(Ordering::Relaxed),
        })?;
        writer.retired.note(&newest.contents, &next.contents);
        let changed = |(id, table): &(&TableId, &Arc<Table>)| {
            !newest.table_by_id(**id).is_some_and(|old| Arc::ptr_eq(old, table))
        };
        let changed = next.contents.tables.iter().filter(changed).map(|(id, _)| *id).collect();
        self.publish(Arc::new(next));
        Ok(changed)
    }

    /// Whether unused files were last looked at a while ago; if so, notes that it is done now.
    pub(crate) fn is_time_to_expire(&self) -> bool {
        let Ok(mut writer) = self.writer() else { return false };
        let now = self.clock.now();
        if writer.last_expired > recover::end_of_grace(now, self.grace_period) {
            return false;
        }
        writer.last_expired = now;
        true
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.mode == Mode::ReadOnly {
            // There only if a temporary table had a file; those removed themselves.
            let _ = std::fs::remove_dir(&self.temporary_dir);
        }
    }
}
