//! The process-wide part: one warehouse, one DataFusion runtime, the functions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::optimizer::analyzer::Analyzer;
use datafusion::optimizer::{AnalyzerRule, Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;
use dwh_common::{Secret, SqlError, SqlState};
use dwh_copy::{StoreSettings, Stores};
use dwh_storage::{
    LogEntry, Mode, OWNER_ID, OWNER_NAME, OpenOptions, PrincipalId, SessionRecord, TemporaryTables, User,
    Warehouse,
};

use crate::access::password;
use crate::activity::{Activity, OpenSession};
use crate::cooperation::YieldingJoins;
use crate::decorrelate::Decorrelate;
use crate::filter_conditions::FilterConditions;
use crate::functions::options::RedshiftOptions;
use crate::guarded_filters::GuardedFilters;
use crate::join_order::{EarlySemiJoins, JoinOrder, LateOuterJoins};
use crate::literal_sides::LiteralSides;
use crate::lost_orders::LostOrders;
use crate::memory_reuse::keep_freed_memory;
use crate::property_barriers::{ConstantGroups, PropertyBarriers};
use crate::runtime_filters::{RuntimeFilters, UnusedRuntimeFilters};
use crate::scan::{CachedScans, ColumnCache};
use crate::session::{CancelHandle, Session, SessionOptions};
use crate::settings::Settings;
use crate::shared_subplans::SharedSubplans;
use crate::union_names::UnionNames;
use crate::varying_in_lists::VaryingInLists;
use crate::{aggregate_filters, filter_pushdown, functions, join_statistics, typing};

/// How an [`Engine`] opens its warehouse.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Folder of the warehouse.
    pub dir: PathBuf,
    /// Whether this process writes. One process may; any number may read.
    pub mode: Mode,
    /// Name of the database; `dev` on a fresh cluster.
    pub database: String,
    /// Memory for joins, sorts and aggregates before they spill to disk, in bytes.
    pub memory_bytes: usize,
    /// Memory for columns that queries read again and again, in bytes.
    pub cache_bytes: usize,
    /// Endpoint, region and credentials of S3 for COPY.
    pub stores: StoreSettings,
}

impl EngineOptions {
    /// A warehouse that this process writes; database `dev`, 4 GiB and 2 GiB of columns, S3 as the environment says.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            mode: Mode::ReadWrite,
            database: "dev".to_owned(),
            memory_bytes: 4 << 30,
            cache_bytes: 2 << 30,
            stores: StoreSettings::from_env(),
        }
    }

    /// The same, only reading.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.mode = Mode::ReadOnly;
        self
    }
}

/// An open warehouse that runs Redshift SQL. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    warehouse: Warehouse,
    database: String,
    state: SessionState,
    stores: Stores,
    activity: Activity,
}

impl Engine {
    /// Opens a warehouse; [`Mode::ReadWrite`] creates it if there is none.
    ///
    /// # Errors
    /// Another process writes it, it is damaged, or the folder cannot be used.
    pub fn open(options: EngineOptions) -> Result<Self, SqlError> {
        keep_freed_memory();
        let warehouse = Warehouse::open(&options.dir, OpenOptions::new(options.mode))?;
        let state = session_state(options.memory_bytes, options.cache_bytes)
            .map_err(|error| SqlError::internal(format!("the query engine did not start: {error}")))?;
        let inner = Inner {
            warehouse,
            database: options.database,
            state,
            stores: Stores::new(options.stores),
            activity: Activity::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts a session of the warehouse's owner, a superuser, under the name in `options`: whoever can
    /// open the folder may do everything.
    pub fn session(&self, options: SessionOptions) -> Session {
        let (session, open) = self.new_session(options, OWNER_ID, Settings::default(), 0);
        self.admit(open, u32::MAX);
        session
    }

    /// Starts a session of a user that CREATE USER made. Who asks for it has been authenticated: see
    /// [`Self::user`].
    ///
    /// # Errors
    /// 28000 if there is no such user, 53300 if the user has as many sessions as CONNECTION LIMIT allows.
    pub fn session_as(&self, options: SessionOptions) -> Result<Session, SqlError> {
        let user = self.user(&options.user)?.ok_or_else(|| {
            SqlError::new(
                SqlState::InvalidAuthorizationSpecification,
                format!("user \"{}\" does not exist", options.user),
            )
        })?;
        let timeout = user.session_timeout_seconds.unwrap_or_default();
        let (session, open) = self.new_session(options, user.id, Settings::of_user(&user.settings), timeout);
        let limit = user.connection_limit.filter(|_| !user.superuser).unwrap_or(u32::MAX);
        if !self.admit(open, limit) {
            return Err(SqlError::new(
                SqlState::TooManyConnections,
                format!("too many connections for user \"{}\"", user.name),
            ));
        }
        Ok(session)
    }

    /// The name of the warehouse's owner.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub fn owner_name(&self) -> Result<String, SqlError> {
        let snapshot = self.inner.warehouse.snapshot()?;
        let owner = snapshot.access().users.get(&OWNER_ID);
        Ok(owner.map_or_else(|| OWNER_NAME.to_owned(), |owner| owner.name.clone()))
    }

    /// Gives the warehouse's owner a name, and tells whether it has it now: another user may have it already.
    ///
    /// # Errors
    /// The catalog cannot be read or written.
    pub async fn name_owner(&self, name: &str) -> Result<bool, SqlError> {
        if let Some(user) = self.user(name)? {
            return Ok(user.id == OWNER_ID);
        }
        let mut transaction = self.inner.warehouse.begin(TemporaryTables::default())?;
        transaction.change_access(|access| {
            if let Some(owner) = access.users.get_mut(&OWNER_ID) {
                name.clone_into(&mut owner.name);
                // The name was the salt of the hash.
                if let Some(password) = &mut owner.password {
                    password.md5 = None;
                }
            }
        })?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The user of that name, to authenticate a client: its password's verifiers, and until when the
    /// password is valid.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub fn user(&self, name: &str) -> Result<Option<User>, SqlError> {
        Ok(self.inner.warehouse.snapshot()?.access().user(name).cloned())
    }

    /// Whether a user may come in with a clear password: there is such a user, it has that password, and the
    /// password is still valid.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub fn check_password(&self, name: &str, password: &Secret) -> Result<bool, SqlError> {
        let Some(user) = self.user(name)? else { return Ok(false) };
        let is_valid = user.valid_until.is_none_or(|until| Utc::now() < until);
        let matches = |kept| password::matches(kept, &user.name, password);
        Ok(is_valid && user.password.as_ref().map(matches).transpose()?.unwrap_or(false))
    }

    fn new_session(
        &self,
        options: SessionOptions,
        user_id: PrincipalId,
        settings: Settings,
        timeout_seconds: u32,
    ) -> (Session, OpenSession) {
        let id = i32::try_from(self.inner.warehouse.query_log().next_session_id()).unwrap_or(i32::MAX);
        let record = SessionRecord {
            session_id: id.into(),
            user_id,
            user_name: options.user.clone(),
            database: self.inner.database.clone(),
            started_at: Utc::now(),
            ended_at: None,
            timeout_s: timeout_seconds.into(),
            client: options.client.clone(),
        };
        let session = Session::new(self.clone(), id, options, user_id, settings);
        let cancel = session.cancel_handle();
        (session, OpenSession { id, cancel, user_id, record, transaction: None, cursor: None })
    }

    /// Counts a session among the open ones unless its user has `limit` of them.
    fn admit(&self, open: OpenSession, limit: u32) -> bool {
        let record = open.record.clone();
        let admitted = self.inner.activity.open(open, limit as usize);
        if admitted {
            self.log(LogEntry::Session(Box::new(record)));
        }
        admitted
    }

    /// The handle of another session of this engine, to cancel or terminate it; `None` if it has ended.
    pub fn cancel_handle(&self, session: i32) -> Option<CancelHandle> {
        self.inner.activity.session(session).map(|session| session.cancel)
    }

    /// The user that a session was opened for.
    pub(crate) fn session_user(&self, session: i32) -> Option<PrincipalId> {
        self.inner.activity.session(session).map(|session| session.user_id)
    }

    pub(crate) fn forget_session(&self, session: i32) {
        if let Some(record) = self.inner.activity.close(session) {
            self.log(LogEntry::Session(Box::new(SessionRecord { ended_at: Some(Utc::now()), ..record })));
        }
    }

    /// What the sessions are doing.
    pub(crate) fn activity(&self) -> &Activity {
        &self.inner.activity
    }

    pub(crate) fn log(&self, entry: LogEntry) {
        self.inner.warehouse.query_log().add(entry);
    }

    /// Folder of the warehouse.
    pub fn dir(&self) -> &Path {
        self.inner.warehouse.dir()
    }

    /// Where COPY reads and manifests are written.
    pub fn stores(&self) -> &Stores {
        &self.inner.stores
    }

    /// The stored data and the load history.
    pub fn warehouse(&self) -> &Warehouse {
        &self.inner.warehouse
    }

    /// Name of the database.
    pub fn database(&self) -> &str {
        &self.inner.database
    }

    pub(crate) fn state(&self) -> &SessionState {
        &self.inner.state
    }

    /// A state of its own for a session whose settings change results; `None` for the common case.
    pub(crate) fn state_for(&self, options: RedshiftOptions) -> Option<SessionState> {
        if options.are_default() {
            return None;
        }
        let mut state = self.inner.state.clone();
        state.config_mut().options_mut().extensions.insert(options);
        let options = Arc::clone(state.config_options());
        state.execution_props_mut().mark_start_execution(options);
        Some(state)
    }
}

fn session_state(memory_bytes: usize, cache_bytes: usize) -> datafusion::error::Result<SessionState> {
    let runtime =
        RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes))).build_arc()?;
    let mut config = SessionConfig::new().with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.execution.time_zone = Some("UTC".to_owned());
    // Files are immutable and local; their row groups are pruned by the footers that are read anyway.
    options.execution.collect_statistics = false;
    // So small a side is hashed once and asked by all threads, where else both sides would be handed around among them.
    options.optimizer.hash_join_single_partition_threshold = 32 << 20;
    options.optimizer.hash_join_single_partition_threshold_rows = 1_000_000;
    // A table of all keys between the least and the greatest, of 4 MiB at most, is asked faster than a hash table:
    // TPC-H 17 takes a quarter of the time.
    options.execution.perfect_hash_join_small_build_threshold = 1 << 20;
    options.optimizer.use_statistics_registry = true;
    // Redshift's types stand in the metadata of fields, which a union of aggregates may drop in one of the two
    // plans; the check takes that for another schema (TPC-DS 56).
    options.execution.skip_physical_aggregate_schema_check = true;

    let mut builder =
        SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features();
    // Ours come first: the first planner or rule that knows an expression decides.
    builder.expr_planners().get_or_insert_default().splice(0..0, typing::expr_planners());
    let builder =
        builder.with_relation_planners(typing::relation_planners()).with_type_planner(typing::type_planner());
    let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![Arc::new(Decorrelate)];
    rules.extend(typing::analyzer_rules());
    rules.extend(Analyzer::new().rules);
    let mut physical_rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> =
        vec![Arc::new(PropertyBarriers)];
    for rule in PhysicalOptimizer::new().rules {
        let joins_hand_down_filters = rule.name() == "FilterPushdown(Post)";
        if joins_hand_down_filters {
            physical_rules.push(Arc::new(RuntimeFilters));
        }
        if rule.name() == "SanityCheckPlan" {
            physical_rules.push(Arc::new(LostOrders));
        }
        physical_rules.push(filter_pushdown::guarded(rule));
        if joins_hand_down_filters {
            physical_rules.push(Arc::new(UnusedRuntimeFilters));
        }
    }
    physical_rules.push(Arc::new(ConstantGroups));
    physical_rules.push(Arc::new(YieldingJoins));
    physical_rules.push(Arc::new(CachedScans(Arc::new(ColumnCache::new(cache_bytes)))));
    physical_rules.push(Arc::new(FilterConditions));
    let mut logical_rules: Vec<Arc<dyn OptimizerRule + Send + Sync>> =
        vec![Arc::new(SharedSubplans), Arc::new(VaryingInLists), Arc::new(UnionNames)];
    for rule in Optimizer::new().rules {
        let moves_filters = rule.name() == "push_down_filter";
        if moves_filters {
            logical_rules.push(Arc::new(LiteralSides));
        }
        logical_rules.push(aggregate_filters::guarded(rule));
        if moves_filters {
            let joins =
                [Arc::new(EarlySemiJoins) as _, Arc::new(LateOuterJoins) as _, Arc::new(JoinOrder) as _];
            logical_rules.extend(joins);
        }
    }
    logical_rules.push(Arc::new(GuardedFilters));
    let builder = builder.with_optimizer_rules(logical_rules).with_physical_optimizer_rules(physical_rules);
    let builder = builder.with_statistics_registry(join_statistics::registry());
    let mut state = builder.with_analyzer_rules(rules).build();
    for function in functions::scalar_functions() {
        state.register_udf(function)?;
    }
    for function in functions::aggregate_functions() {
        state.register_udaf(function)?;
    }
    for function in functions::window_functions() {
        state.register_udwf(function)?;
    }
    Ok(state)
}
