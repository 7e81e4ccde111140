/// Node types and their slices (RS 7.2).
static SLICES: [(&str, u32); 6] = [
    ("dc2.large", 2),
    ("dc2.8xlarge", 16),
    ("ra3.large", 2),
    ("ra3.xlplus", 2),
    ("ra3.4xlarge", 4),
    ("ra3.16xlarge", 16),
];

/// The node types of [`slices_per_node`], for messages.
pub const KNOWN_NODE_TYPES: &str =
    "dc2.large, dc2.8xlarge, ra3.large, ra3.xlplus, ra3.4xlarge and ra3.16xlarge";

/// Default slices of one node (RS 7.2); after an elastic resize a cluster may have others.
pub fn slices_per_node(node_type: &str) -> Option<u32> {
    SLICES.iter().find(|(name, _)| name.eq_ignore_ascii_case(node_type)).map(|(_, slices)| *slices)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN_NODE_TYPES, SLICES, slices_per_node};

    #[test]
    fn slices_are_those_of_the_reference() {
        assert_eq!(slices_per_node("ra3.xlplus"), Some(2));
        assert_eq!(slices_per_node("RA3.16xlarge"), Some(16));
        assert_eq!(slices_per_node("rg.xlarge"), None);
        assert!(SLICES.iter().all(|(name, _)| KNOWN_NODE_TYPES.contains(name)));
    }
}
