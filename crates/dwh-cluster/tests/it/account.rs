//! An account on the stand-in, and a cluster to come.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_sts::config::{AsyncSleep, Sleep};
use dwh_cluster::{Aws, AwsOptions, ClusterSpec, Event, Kind, Lifecycle, Observer, S3Prefix};
use dwh_common::Secret;
use dwh_testkit::{AwsStandIn, ManualClock};
use serde_json::{Value, json};

/// The SDK's waits between its tries, which nobody waits for.
#[derive(Debug)]
struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}

/// What was told, one line an event.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn event(&self, event: Event<'_>) {
        let line = match event {
            Event::Kept { what } => format!("kept {what}"),
            Event::Would { action, what } => format!("would {action} {what}"),
            Event::Done { action, what } => format!("{action} {what}"),
            Event::State { what, status, .. } => format!("{what} is {status}"),
            Event::Warning(text) => format!("warning {text}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

pub(crate) struct Account {
    pub(crate) stand_in: AwsStandIn,
    pub(crate) api: Aws,
    pub(crate) spec: ClusterSpec,
    clock: ManualClock,
    told: Told,
}

impl Account {
    /// Says so and returns `None` without the Python that it needs.
    pub(crate) async fn new() -> Option<Self> {
        let stand_in = AwsStandIn::start()?;
        let keys = Some((Secret::new("AKIAIOSFODNN7EXAMPLE"), Secret::new("secret")));
        let endpoint_url = Some(stand_in.url().to_owned());
        let options = AwsOptions { region: "us-west-2".to_owned(), keys, endpoint_url, sleep: None };
        let api = Aws::new(options.with_sleep(NoSleep)).await;
        Some(Self { stand_in, api, spec: classic(), clock: ManualClock::default(), told: Told::default() })
    }

    pub(crate) fn cluster(&self) -> Lifecycle<'_> {
        Lifecycle {
            api: &self.api,
            clock: &self.clock,
            observer: &self.told,
            spec: &self.spec,
            dry_run: false,
        }
    }

    /// What was told since the last call.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.0.lock().unwrap())
    }

    /// All names that are there, without the kinds that have none.
    pub(crate) fn left(&self) -> Value {
        let Value::Object(mut left) = self.stand_in.left() else { panic!("an object") };
        left.retain(|_, names| *names != json!([]) && *names != json!(0));
        Value::Object(left)
    }

    pub(crate) fn never_fail(&self) {
        self.stand_in.fail(1, "denied", 0);
    }
}

/// Section `[DWH]` of the classic sample file, with a node type that can still be created.
pub(crate) fn classic() -> ClusterSpec {
    let prefix = |prefix: &str| S3Prefix { bucket: "udacity-dend".to_owned(), prefix: prefix.to_owned() };
    ClusterSpec {
        identifier: "dwhcluster".to_owned(),
        kind: Kind::Provisioned { node_type: "ra3.large".to_owned(), nodes: 4 },
        database: "dwh".to_owned(),
        user: "dwhuser".to_owned(),
        password: Some(Secret::new("Passw0rd")),
        port: 5439,
        role_name: "dwhRole".to_owned(),
        reads: vec![prefix("log_data"), prefix("song_data")],
        writes: Vec::new(),
        manifest_prefix: None,
        is_public: false,
        subnet_ids: Vec::new(),
        tags: BTreeMap::from([("team".to_owned(), "music".to_owned())]),
        is_ephemeral: false,
    }
}

/// What there is when the classic cluster is created and its port open for one range.
pub(crate) fn all_of_classic(rules: u32) -> Value {
    let mut all = json!({
        "clusters": ["dwhcluster"],
        "subnet_groups": ["dwh-dwhcluster"],
        "security_groups": ["dwh-dwhcluster"],
        "roles": ["dwhRole"],
    });
    if rules > 0 {
        all["rules"] = json!(rules);
    }
    all
}
