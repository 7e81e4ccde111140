//! What a cluster costs, by the prices of the configuration. An estimate: storage, snapshots and traffic are
//! not in it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::spec::Kind;

/// Prices in USD.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    /// Of a node for an hour, by node type.
    pub node_hour_usd: BTreeMap<String, f64>,
    /// Of a Redshift processing unit for an hour in which it computes.
    pub rpu_hour_usd: Option<f64>,
}

impl Prices {
    /// What an hour costs; `None` for a node type without a price. Serverless costs only while it computes, so
    /// that this is its most.
    pub fn hour_usd(&self, kind: &Kind) -> Option<f64> {
        match kind {
            Kind::Provisioned { node_type, nodes } => {
                Some(self.node_hour_usd.get(node_type)? * f64::from(*nodes))
            }
            Kind::Serverless { base_rpu } => Some(self.rpu_hour_usd? * f64::from(*base_rpu)),
        }
    }

    /// What so long has cost.
    pub fn cost_usd(&self, kind: &Kind, age: Duration) -> Option<f64> {
        Some(self.hour_usd(kind)? * age.as_secs_f64() / 3600.0)
    }

    /// How long a budget lasts.
    pub fn time_for(&self, kind: &Kind, budget_usd: f64) -> Option<Duration> {
        let hours = budget_usd / self.hour_usd(kind)?;
        Duration::try_from_secs_f64(hours * 3600.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Prices;
    use crate::spec::Kind;

    #[test]
    fn cost_grows_with_nodes_and_time_and_a_budget_buys_time() {
        let prices =
            Prices { node_hour_usd: [("ra3.large".to_owned(), 0.5)].into(), rpu_hour_usd: Some(0.375) };
        let kind = Kind::Provisioned { node_type: "ra3.large".to_owned(), nodes: 4 };
        assert_eq!(prices.hour_usd(&kind), Some(2.0));
        assert_eq!(prices.cost_usd(&kind, Duration::from_secs(5400)), Some(3.0));
        assert_eq!(prices.time_for(&kind, 1.0), Some(Duration::from_secs(1800)));
        assert_eq!(prices.hour_usd(&Kind::Serverless { base_rpu: 8 }), Some(3.0));
        let unknown = Kind::Provisioned { node_type: "rx9.large".to_owned(), nodes: 1 };
        assert_eq!(prices.hour_usd(&unknown), None);
    }
}
