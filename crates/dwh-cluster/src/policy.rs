//! Policies: who may take the role, what the role may read, and what the person who runs dwh needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::spec::{ClusterSpec, Kind, S3Prefix, TAG_CLUSTER};

/// Path of the roles that dwh creates, by which they are found again.
pub const ROLE_PATH: &str = "/dwh/";
/// Name of the role's one inline policy.
pub(crate) const ROLE_POLICY_NAME: &str = "dwh-s3";

/// Lets Redshift, and nobody else, take the role (RS 8.1).
pub(crate) fn trust(kind: &Kind) -> Value {
    let services = match kind {
        Kind::Provisioned { .. } => json!("redshift.amazonaws.com"),
        Kind::Serverless { .. } => json!(["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]),
    };
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}],
    })
}

/// What COPY needs of the prefixes that are read and UNLOAD of those that are written, and no more (RS 8.1).
pub(crate) fn role(spec: &ClusterSpec) -> Value {
    let mut statements = Vec::new();
    let objects = |prefix: &S3Prefix| format!("arn:aws:s3:::{}/{}*", prefix.bucket, prefix.prefix);
    let reads: BTreeSet<String> = spec.reads.iter().map(objects).collect();
    let writes: BTreeSet<String> = spec.writes.iter().map(objects).collect();
    if !reads.is_empty() {
        statements
            .push(json!({"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": reads}));
    }
    if !writes.is_empty() {
        let action = "s3:PutObject";
        statements.push(json!({"Sid": "Write", "Effect": "Allow", "Action": action, "Resource": writes}));
    }
    let mut prefixes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for prefix in spec.reads.iter().chain(&spec.writes) {
        prefixes.entry(&prefix.bucket).or_default().insert(format!("{}*", prefix.prefix));
    }
    for (index, (bucket, prefixes)) in prefixes.into_iter().enumerate() {
        let bucket = format!("arn:aws:s3:::{bucket}");
        statements.push(json!({
            "Sid": format!("List{index}"),
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": prefixes}},
        }));
        let action = "s3:GetBucketLocation";
        statements.push(
            json!({"Sid": format!("Locate{index}"), "Effect": "Allow", "Action": action, "Resource": bucket}),
        );
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What the person or machine that runs dwh must be allowed, narrowed to this cluster's names and tags.
pub fn operator(spec: &ClusterSpec, region: &str, account: &str) -> Value {
    let id = &spec.identifier;
    let role = format!("arn:aws:iam::{account}:role{ROLE_PATH}{}", spec.role_name);
    let redshift = |what: &str| format!("arn:aws:redshift:{region}:{account}:{what}");
    let mut statements = vec![
        json!({"Sid": "WhoAmI", "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}),
        json!({
            "Sid": "Role", "Effect": "Allow",
            "Action": [
                "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:ListRoleTags",
                "iam:PutRolePolicy", "iam:TagRole",
            ],
            "Resource": role,
        }),
        json!({"Sid": "Roles", "Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}),
        json!({
            "Sid": "PassRole", "Effect": "Allow", "Action": "iam:PassRole", "Resource": role,
            "Condition": {"StringEquals": {"iam:PassedToService": [
                "redshift.amazonaws.com", "redshift-serverless.amazonaws.com",
            ]}},
        }),
        json!({
            "Sid": "LookAtTheNetwork", "Effect": "Allow",
            "Action": ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
            "Resource": "*",
        }),
        json!({
            "Sid": "CreateTheGroup", "Effect": "Allow", "Action": ["ec2:CreateSecurityGroup"],
            "Resource": [
                format!("arn:aws:ec2:{region}:{account}:security-group/*"),
                format!("arn:aws:ec2:{region}:{account}:vpc/*"),
            ],
        }),
        json!({
            "Sid": "TagTheGroup", "Effect": "Allow", "Action": "ec2:CreateTags",
            "Resource": format!("arn:aws:ec2:{region}:{account}:security-group/*"),
            "Condition": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}},
        }),
        json!({
            "Sid": "ChangeTheGroup", "Effect": "Allow",
            "Action": [
                "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupIngress",
            ],
            "Resource": format!("arn:aws:ec2:{region}:{account}:security-group/*"),
            "Condition": {"StringEquals": {format!("aws:ResourceTag/{TAG_CLUSTER}"): id}},
        }),
    ];
    match spec.kind {
        Kind::Provisioned { .. } => statements.extend([
            json!({
                "Sid": "LookAtClusters", "Effect": "Allow",
                "Action": ["redshift:DescribeClusterSubnetGroups", "redshift:DescribeClusters"],
                "Resource": "*",
            }),
            json!({
                "Sid": "Cluster", "Effect": "Allow",
                "Action": [
                    "redshift:CreateCluster", "redshift:CreateClusterSnapshot", "redshift:CreateClusterSubnetGroup",
                    "redshift:CreateTags", "redshift:DeleteCluster", "redshift:DeleteClusterSubnetGroup",
                    "redshift:PauseCluster", "redshift:ResumeCluster",
                ],
                "Resource": [
                    redshift(&format!("cluster:{id}")),
                    redshift(&format!("snapshot:{id}/*")),
                    redshift(&format!("subnetgroup:{}", spec.group_name())),
                ],
            }),
            json!({
                "Sid": "LogIn", "Effect": "Allow", "Action": "redshift:GetClusterCredentials",
                "Resource": [
                    redshift(&format!("dbuser:{id}/{}", spec.user)),
                    redshift(&format!("dbname:{id}/{}", spec.database)),
                ],
            }),
        ]),
        Kind::Serverless { .. } => statements.extend([
            json!({
                "Sid": "LookAtWorkgroups", "Effect": "Allow",
                "Action": [
                    "redshift-serverless:ListNamespaces", "redshift-serverless:ListTagsForResource",
                    "redshift-serverless:ListWorkgroups",
                ],
                "Resource": "*",
            }),
            // Their ARNs end in ids that AWS gives, so that names cannot narrow them.
            json!({
                "Sid": "Workgroup", "Effect": "Allow",
                "Action": [
                    "redshift-serverless:CreateNamespace", "redshift-serverless:CreateSnapshot",
                    "redshift-serverless:CreateWorkgroup", "redshift-serverless:DeleteNamespace",
                    "redshift-serverless:DeleteWorkgroup", "redshift-serverless:GetCredentials",
                    "redshift-serverless:GetNamespace", "redshift-serverless:GetWorkgroup",
                    "redshift-serverless:TagResource",
                ],
                "Resource": [
                    format!("arn:aws:redshift-serverless:{region}:{account}:namespace/*"),
                    format!("arn:aws:redshift-serverless:{region}:{account}:workgroup/*"),
                ],
            }),
        ]),
    }
    if spec.password.is_none() {
        statements.push(json!({
            "Sid": "ManagedPassword", "Effect": "Allow",
            "Action": [
                "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret",
                "secretsmanager:RotateSecret", "secretsmanager:TagResource", "secretsmanager:UpdateSecret",
            ],
            "Resource": format!("arn:aws:secretsmanager:{region}:{account}:secret:redshift!*"),
        }));
    }
    statements.push(json!({
        "Sid": "DataApi", "Effect": "Allow",
        "Action": [
            "redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:ExecuteStatement",
            "redshift-data:GetStatementResult",
        ],
        "Resource": "*",
    }));
    statements.extend(objects_of_operator(spec));
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// dwh itself lists the sources and writes the manifests, below one of the prefixes that the cluster reads.
fn objects_of_operator(spec: &ClusterSpec) -> Vec<Value> {
    let Value::Array(mut statements) = role(spec)["Statement"].take() else { return Vec::new() };
    if let Some(manifests) = &spec.manifest_prefix {
        statements.push(json!({
            "Sid": "WriteManifests", "Effect": "Allow", "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{}/{}*", manifests.bucket, manifests.prefix),
        }));
    }
    statements
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{operator, role, trust};
    use crate::spec::tests::classic;
    use crate::spec::{Kind, S3Prefix};

    fn prefix(bucket: &str, prefix: &str) -> S3Prefix {
        S3Prefix { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
    }

    #[test]
    fn the_role_reads_exactly_the_configured_prefixes() {
        let mut spec = classic();
        spec.reads = vec![prefix("b", "log_data"), prefix("b", "song_data"), prefix("m", "manifests/")];
        spec.writes = vec![prefix("out", "stars/")];
        let policy = role(&spec);
        assert_eq!(
            policy["Statement"][0]["Resource"],
            json!(["arn:aws:s3:::b/log_data*", "arn:aws:s3:::b/song_data*", "arn:aws:s3:::m/manifests/*"])
        );
        assert_eq!(policy["Statement"][1]["Resource"], json!(["arn:aws:s3:::out/stars/*"]));
        assert_eq!(
            policy["Statement"][2]["Condition"]["StringLike"]["s3:prefix"],
            json!(["log_data*", "song_data*"])
        );
        assert!(!policy.to_string().contains("s3:*") && !policy.to_string().contains("\"*\""), "{policy}");
    }

    #[test]
    fn only_redshift_may_take_the_role() {
        let kind = Kind::Serverless { base_rpu: 8 };
        assert_eq!(
            trust(&kind)["Statement"][0]["Principal"]["Service"],
            json!(["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"])
        );
        assert_eq!(
            trust(&classic().kind)["Statement"][0]["Principal"]["Service"],
            json!("redshift.amazonaws.com")
        );
    }

    #[test]
    fn what_changes_something_is_narrowed_to_the_cluster() {
        let policy = operator(&classic(), "us-west-2", "123456789012");
        for statement in policy["Statement"].as_array().expect("a list") {
            let text = statement.to_string();
            let reads_only = ["Describe", "List", "Get", "redshift-data:"];
            let changes = statement["Action"].as_array().map_or_else(
                || statement["Action"].as_str().into_iter().collect::<Vec<_>>(),
                |actions| actions.iter().filter_map(|action| action.as_str()).collect(),
            );
            if changes.iter().any(|action| !reads_only.iter().any(|word| action.contains(word))) {
                assert_ne!(statement["Resource"], json!("*"), "{text}");
            }
        }
        assert!(policy.to_string().contains("cluster:dwhcluster"), "{policy}");
    }
}
