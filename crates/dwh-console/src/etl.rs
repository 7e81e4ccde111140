//! Runs of the pipeline that the page starts and watches: one at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use dwh_engine::{Progress, ProgressCounts, guarded};
use dwh_pipeline::{Job, LoadReport, RunEvent, RunObserver, RunOptions, RunReport};
use serde::Serialize;
use tokio::sync::Notify;

use crate::error::{ApiError, Problem};
use crate::security::Login;
use crate::state::PipelineFiles;
use crate::warehouse::PipelineConnection;

/// The run of now or the last one.
#[derive(Default)]
pub(crate) struct Etl(Mutex<Option<Current>>);

struct Current {
    /// Who began it.
    user: String,
    status: Status,
    started: Instant,
    cancel: Arc<Notify>,
    progress: Arc<Progress>,
    /// The counters when the COPY began.
    before: ProgressCounts,
}

/// How a run stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Status {
    pub(crate) state: State,
    pub(crate) full_refresh: bool,
    pub(crate) elapsed_ms: u64,
    /// In the order in which they began.
    pub(crate) steps: Vec<Step>,
    /// The run's id in the ledger, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Running,
    Committed,
    NothingNew,
    Failed,
    Cancelled,
}

/// One step: a listing, a COPY, a transform, or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) name: String,
    pub(crate) done: bool,
    /// What there is to say, in words.
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) counts: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) elapsed_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepKind {
    List,
    Copy,
    Transform,
    Note,
}

/// How far a COPY is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) objects: u64,
    pub(crate) objects_done: u64,
    pub(crate) bytes: u64,
    pub(crate) bytes_done: u64,
    pub(crate) rows: u64,
    pub(crate) rows_rejected: u64,
}

impl Etl {
    /// How the run of now, or the last one, stands; others' runs that have ended are nobody's business.
    ///
    /// # Errors
    /// 403 while one of somebody else is under way.
    pub(crate) fn status(&self, login: &Login) -> Result<Option<Status>, ApiError> {
        let mut current = self.current();
        let Some(current) = of(&mut current, login)? else { return Ok(None) };
        if current.status.state == State::Running {
            current.status.elapsed_ms = milliseconds(current.started.elapsed());
            let counted = current.progress.counts().since(&current.before);
            if let Some(step) = current.status.steps.last_mut()
                && step.kind == StepKind::Copy
                && !step.done
                && let Some(counts) = &mut step.counts
            {
                *counts = Counts {
                    objects_done: counted.objects_done,
                    bytes_done: counted.bytes_done,
                    rows: counted.rows,
                    rows_rejected: counted.errors,
                    ..*counts
                };
            }
        }
        Ok(Some(current.status.clone()))
    }

    /// Starts a run in a task of its own; `false` if one runs already.
    pub(crate) fn start(
        self: &Arc<Self>,
        files: Arc<PipelineFiles>,
        connection: PipelineConnection,
        login: &Login,
        options: RunOptions,
    ) -> bool {
        let cancel = Arc::new(Notify::new());
        {
            let mut current = self.current();
            if current.as_ref().is_some_and(|current| current.status.state == State::Running) {
                return false;
            }
            *current = Some(Current {
                user: login.user().to_owned(),
                status: Status {
                    state: State::Running,
                    full_refresh: options.full_refresh,
                    elapsed_ms: 0,
                    steps: Vec::new(),
                    run_id: None,
                    error: None,
                },
                started: Instant::now(),
                cancel: Arc::clone(&cancel),
                progress: connection.progress,
                before: ProgressCounts::default(),
            });
        }
        let (etl, warehouse) = (Arc::clone(self), connection.warehouse);
        tokio::spawn(async move {
            let job = Job {
                pipeline: &files.pipeline,
                variables: &files.variables,
                warehouse: &*warehouse,
                observer: &*etl,
            };
            let ran = tokio::select! {
                ran = guarded(dwh_pipeline::run(job, options)) => Some(ran),
                () = cancel.notified() => None,
            };
            etl.finish(ran.map(|ran| match ran {
                Ok(ran) => ran.map_err(|error| Problem::of_pipeline(&error)),
                Err(error) => Err(Problem::of_sql(&error)),
            }));
        });
        true
    }

    /// Ends the run of now, which changes nothing then.
    ///
    /// # Errors
    /// 403 if it is somebody else's.
    pub(crate) fn cancel(&self, login: &Login) -> Result<(), ApiError> {
        if let Some(current) = of(&mut self.current(), login)? {
            current.cancel.notify_one();
        }
        Ok(())
    }

    /// `None` is a run that was cancelled.
    fn finish(&self, ran: Option<Result<RunReport, Problem>>) {
        let mut current = self.current();
        let Some(current) = current.as_mut() else { return };
        let status = &mut current.status;
        status.elapsed_ms = milliseconds(current.started.elapsed());
        match ran {
            None => status.state = State::Cancelled,
            Some(Ok(report)) => {
                status.state = if report.has_changes() { State::Committed } else { State::NothingNew };
                status.run_id = Some(report.run_id);
            }
            Some(Err(problem)) => {
                status.state = State::Failed;
                status.error = Some(problem);
            }
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run is shown to whoever began it and to the warehouse's owner.
fn of<'a>(current: &'a mut Option<Current>, login: &Login) -> Result<Option<&'a mut Current>, ApiError> {
    let Some(current) = current else { return Ok(None) };
    let is_theirs = login.warehouse.is_owner() || current.user == login.user();
    match current.status.state {
        _ if is_theirs => Ok(Some(current)),
        State::Running => {
            Err(ApiError::new(StatusCode::FORBIDDEN, "another user's run of the pipeline is under way"))
        }
        _ => Ok(None),
    }
}

impl RunObserver for Etl {
    fn event(&self, event: RunEvent<'_>) {
        let mut current = self.current();
        let Some(current) = current.as_mut() else { return };
        let before = current.progress.counts();
        let steps = &mut current.status.steps;
        match event {
            RunEvent::Listing { load, source_url } => steps.push(Step::new(StepKind::List, load, source_url)),
            RunEvent::TableCreated { table } => steps.push(Step::note(format!("created table {table}"))),
            RunEvent::Refreshing => {
                steps.push(Step::note("emptied the tables to load everything anew".to_owned()));
            }
            RunEvent::Compared(load) => compared(steps, load),
            RunEvent::CopyStarted { load, objects, bytes } => {
                current.before = before;
                let counts = Counts { objects, bytes, ..Counts::default() };
                steps.push(Step { counts: Some(counts), ..Step::new(StepKind::Copy, load, "") });
            }
            RunEvent::CopyFinished(load) => copied(steps, load),
            RunEvent::TransformStarted { transform } => {
                steps.push(Step::new(StepKind::Transform, transform, ""));
            }
            RunEvent::TransformFinished(report) => {
                let step = steps.iter_mut().rev().find(|step| step.kind == StepKind::Transform);
                if let Some(step) = step {
                    step.done = true;
                    step.text = format!("{} rows changed", report.rows_affected);
                    step.elapsed_ms = Some(milliseconds(report.elapsed));
                }
            }
            RunEvent::Repeating { reason } => {
                steps.push(Step::note(format!("{reason}; nothing is half done, and the run begins anew")));
            }
            RunEvent::Committed { .. } => steps.push(Step::note("committed".to_owned())),
            RunEvent::NothingNew => steps.push(Step::note("nothing new; nothing was changed".to_owned())),
        }
    }
}

fn compared(steps: &mut [Step], load: &LoadReport) {
    let step = steps.iter_mut().rev().find(|step| step.kind == StepKind::List && step.name == load.load);
    let Some(step) = step else { return };
    step.done = true;
    step.text = format!("{} new of {} objects in {}", load.objects_new, load.objects_listed, load.source_url);
    if !load.changed.is_empty() {
        step.text += &format!("; {} changed since and stay as loaded", load.changed.len());
    }
    if !load.vanished.is_empty() {
        step.text += &format!("; {} gone from the source", load.vanished.len());
    }
}

fn copied(steps: &mut [Step], load: &LoadReport) {
    let step = steps.iter_mut().rev().find(|step| step.kind == StepKind::Copy && step.name == load.load);
    let Some(step) = step else { return };
    step.done = true;
    step.text = format!("{} rows loaded, {} rejected", load.rows_loaded, load.rows_rejected);
    step.elapsed_ms = Some(milliseconds(load.elapsed));
    step.counts = Some(Counts {
        objects: load.objects_new,
        objects_done: load.objects_new,
        bytes: load.bytes_new,
        bytes_done: load.bytes_new,
        rows: load.rows_loaded,
        rows_rejected: load.rows_rejected,
    });
}

impl Step {
    fn new(kind: StepKind, name: &str, text: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            done: false,
            text: text.to_owned(),
            counts: None,
            elapsed_ms: None,
        }
    }

    fn note(text: String) -> Self {
        Self { done: true, ..Self::new(StepKind::Note, "", &text) }
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
