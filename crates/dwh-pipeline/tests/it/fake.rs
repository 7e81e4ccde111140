//! A warehouse that keeps tables, a ledger and a log of what it was told; it computes nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use dwh_common::{SqlError, SqlState};
use dwh_pipeline::{CopiedObject, ResultSet, SourceObject, StatementSummary, Warehouse};
use dwh_sql::statement::{Copy, Statement};

#[derive(Default)]
pub(crate) struct FakeWarehouse {
    state: Mutex<State>,
}

#[derive(Clone, Default)]
struct State {
    /// What COMMIT keeps.
    committed: Data,
    current: Data,
    in_transaction: bool,
    objects: Vec<SourceObject>,
    files: HashMap<String, Vec<u8>>,
    last_copied: Vec<CopiedObject>,
    statements: Vec<String>,
    fail_on: Option<&'static str>,
}

#[derive(Clone, Default)]
struct Data {
    tables: Vec<String>,
    ledger: BTreeMap<(String, String), (u64, Option<String>)>,
}

impl FakeWarehouse {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the lock")
    }

    /// Puts an object into the store, or replaces it.
    pub(crate) fn put(&self, url: &str, size_bytes: u64, etag: &str) {
        let mut state = self.state();
        state.objects.retain(|object| object.url != url);
        state.objects.push(SourceObject {
            url: url.to_owned(),
            size_bytes,
            etag: Some(etag.to_owned()),
            last_modified: None,
        });
        state.objects.sort_by(|a, b| a.url.cmp(&b.url));
    }

    pub(crate) fn remove(&self, url: &str) {
        self.state().objects.retain(|object| object.url != url);
    }

    /// Makes every statement that contains the text fail.
    pub(crate) fn fail_on(&self, text: Option<&'static str>) {
        self.state().fail_on = text;
    }

    /// The statements since the last call, each as its first words.
    pub(crate) fn take_statements(&self) -> Vec<String> {
        std::mem::take(&mut self.state().statements)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        String::from_utf8(self.state().files[name].clone()).expect("UTF-8")
    }

    pub(crate) fn committed_urls(&self) -> Vec<String> {
        self.state().committed.ledger.keys().map(|(_, url)| url.clone()).collect()
    }

    pub(crate) fn drop_table(&self, name: &str) {
        let mut state = self.state();
        state.committed.tables.retain(|table| table != name);
        state.current = state.committed.clone();
    }
}

impl State {
    fn run(&mut self, sql: &str) -> Result<(), SqlError> {
        if self.fail_on.is_some_and(|text| sql.contains(text)) {
            return Err(SqlError::new(SqlState::InternalError, "told to fail").at(1));
        }
        for parsed in dwh_sql::parse(sql)? {
            let words: Vec<&str> = parsed.text.split_whitespace().take(3).collect();
            self.statements.push(words.join(" "));
            match parsed.statement {
                Statement::Begin(_) => self.in_transaction = true,
                Statement::Commit => {
                    self.committed = self.current.clone();
                    self.in_transaction = false;
                }
                Statement::Rollback => {
                    self.current = self.committed.clone();
                    self.in_transaction = false;
                }
                Statement::CreateTable(create) if !create.temporary => {
                    self.current.tables.push(create.name.name)
                }
                Statement::Delete(delete) if delete.table.name == "dwh_loads" => self.current.ledger.clear(),
                Statement::Copy(copy) if copy.table.name == "dwh_loads" => self.load_ledger(&copy),
                Statement::Copy(copy) => self.copy(&copy),
                _ => {}
            }
        }
        Ok(())
    }

    fn copy(&mut self, copy: &Copy) {
        assert!(copy.manifest, "a load reads a manifest");
        let manifest = dwh_copy::parse_manifest(&self.files[&copy.source]).expect("a manifest");
        let copied = |entry: dwh_copy::ManifestEntry| CopiedObject {
            url: entry.url,
            rows_loaded: 3,
            rows_rejected: 1,
        };
        self.last_copied = manifest.entries.into_iter().map(copied).collect();
    }

    fn load_ledger(&mut self, copy: &Copy) {
        for line in self.files[&copy.source].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let row: serde_json::Value = serde_json::from_slice(line).expect("JSON");
            let text = |key: &str| row[key].as_str().expect("text").to_owned();
            let etag = row["etag"].as_str().map(str::to_owned);
            let size = row["size_bytes"].as_u64().expect("a number");
            self.current.ledger.insert((text("load_name"), text("object_url")), (size, etag));
        }
    }
}

#[async_trait]
impl Warehouse for FakeWarehouse {
    async fn execute(&self, sql: &str) -> Result<Vec<StatementSummary>, SqlError> {
        self.state().run(sql)?;
        Ok(vec![StatementSummary { rows_affected: Some(1), ..StatementSummary::default() }])
    }

    async fn query(&self, sql: &str) -> Result<ResultSet, SqlError> {
        let state = self.state();
        let rows = if sql.contains("information_schema.tables") {
            let row = |table: &String| vec![Some("public".to_owned()), Some(table.clone())];
            state.current.tables.iter().map(row).collect()
        } else {
            let wanted = |((load, _), _): &(&(String, String), &(u64, Option<String>))| {
                sql.contains(&format!("load_name = '{load}'"))
            };
            let row = |((_, url), (size, etag)): (&(String, String), &(u64, Option<String>))| {
                vec![Some(url.clone()), Some(size.to_string()), etag.clone()]
            };
            state.current.ledger.iter().filter(wanted).map(row).collect()
        };
        Ok(ResultSet { columns: Vec::new(), rows })
    }

    async fn list_objects(&self, copy: &Copy) -> Result<Vec<SourceObject>, SqlError> {
        let state = self.state();
        Ok(state.objects.iter().filter(|object| object.url.starts_with(&copy.source)).cloned().collect())
    }

    async fn write_file(&self, name: &str, content: Vec<u8>) -> Result<String, SqlError> {
        assert!(self.state().in_transaction, "two runs must not write the same file");
        self.state().files.insert(name.to_owned(), content);
        Ok(name.to_owned())
    }

    async fn copied_objects(&self) -> Result<Vec<CopiedObject>, SqlError> {
        Ok(self.state().last_copied.clone())
    }
}
