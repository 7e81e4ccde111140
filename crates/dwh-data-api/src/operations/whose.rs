//! What answers say of statements and sessions alike: whose they are, and in which warehouse.

use serde::{Deserialize, Serialize};

use crate::Inner;
use crate::identity::Target;

/// Whose a statement or session is, and where.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Whose {
    database: String,
    db_user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workgroup_name: Option<String>,
}

impl Inner {
    /// Whose something is that a user has begun. A request without a database means that of the warehouse.
    pub(super) fn whose(&self, target: &Target, user: &str) -> Whose {
        Whose {
            database: target.database.as_deref().unwrap_or(self.engine.database()).to_owned(),
            db_user: user.to_owned(),
            cluster_identifier: target.cluster_identifier.clone(),
            workgroup_name: target.workgroup_name.clone(),
        }
    }
}

/// Where what is listed must be; what is not said is anywhere.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Filter {
    database: Option<String>,
    cluster_identifier: Option<String>,
    workgroup_name: Option<String>,
}

impl Filter {
    pub(super) fn fits(&self, whose: &Whose) -> bool {
        fits(&self.database, Some(&whose.database))
            && fits(&self.cluster_identifier, whose.cluster_identifier.as_deref())
            && fits(&self.workgroup_name, whose.workgroup_name.as_deref())
    }
}

/// Whether a value is the one that was asked for, if one was.
pub(super) fn fits(asked: &Option<String>, value: Option<&str>) -> bool {
    asked.is_none() || asked.as_deref() == value
}

#[cfg(test)]
mod tests {
    use dwh_engine::{Engine, EngineOptions};

    use super::Filter;
    use crate::identity::Target;
    use crate::{DataApi, DataApiOptions};

    #[test]
    fn a_request_without_a_database_is_listed_under_the_warehouses() {
        let dir = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(EngineOptions::new(dir.path())).expect("a warehouse");
        let database = engine.database().to_owned();
        let options = DataApiOptions { owner: "awsuser".to_owned(), access_key: None };
        let api = DataApi::new(engine, options);
        let whose = api.inner.whose(&Target::default(), "awsuser");
        let of = |name: &str| Filter { database: Some(name.to_owned()), ..Filter::default() };
        assert!(of(&database).fits(&whose) && Filter::default().fits(&whose));
        assert!(!of("nowhere").fits(&whose));
        let of_cluster = Filter { cluster_identifier: Some("c".to_owned()), ..Filter::default() };
        assert!(!of_cluster.fits(&whose));
    }
}
