//! Node types: which can be created, with how many nodes, and what stands in for those that cannot (RS 7.2).

use crate::error::ClusterError;
use crate::spec::refuse;

struct NodeType {
    name: &'static str,
    min_nodes: u32,
    /// For a type that AWS creates no more.
    replacement: Option<&'static str>,
}

const fn current(name: &'static str, min_nodes: u32) -> NodeType {
    NodeType { name, min_nodes, replacement: None }
}

const fn retired(name: &'static str, replacement: &'static str) -> NodeType {
    NodeType { name, min_nodes: 1, replacement: Some(replacement) }
}

const NODE_TYPES: &[NodeType] = &[
    current("ra3.large", 1),
    current("ra3.xlplus", 1),
    current("ra3.4xlarge", 2),
    current("ra3.16xlarge", 2),
    current("rg.xlarge", 1),
    current("rg.4xlarge", 2),
    retired("dc1.large", "ra3.large"),
    retired("dc1.8xlarge", "ra3.4xlarge"),
    retired("dc2.large", "ra3.large"),
    retired("dc2.8xlarge", "ra3.4xlarge"),
    retired("ds2.xlarge", "ra3.xlplus"),
    retired("ds2.8xlarge", "ra3.4xlarge"),
];

/// Checks a node type and a number of nodes. A type that is not known is left to AWS, which may be newer.
pub(crate) fn validate(name: &str, nodes: u32) -> Result<(), ClusterError> {
    let Some(known) = NODE_TYPES.iter().find(|known| known.name == name) else {
        return Ok(());
    };
    if let Some(replacement) = known.replacement {
        return refuse(
            "[DWH] DWH_NODE_TYPE",
            format!("AWS creates no more {name} nodes; use {replacement}, which takes its place"),
        );
    }
    if nodes < known.min_nodes {
        return refuse(
            "[DWH] DWH_NUM_NODES",
            format!("a cluster of {name} has at least {} nodes, not {nodes}", known.min_nodes),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::validate;

    #[test]
    fn retired_types_name_their_replacement() {
        let error = validate("dc2.large", 4).expect_err("retired").to_string();
        assert_eq!(
            error,
            "[DWH] DWH_NODE_TYPE: AWS creates no more dc2.large nodes; use ra3.large, which takes its place"
        );
        assert!(validate("ra3.16xlarge", 1).expect_err("too few").to_string().contains("at least 2 nodes"));
        validate("ra3.large", 1).expect("current");
        validate("rx9.large", 1).expect("left to AWS");
    }
}
