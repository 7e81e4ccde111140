//! Policies: who may take the role, what the role may read, and what the person who runs dwh needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::spec::{ClusterSpec, EPHEMERAL_PREFIX, Kind, S3Prefix, TAG_CLUSTER, group_name};

/// Path of the roles that dwh creates, by which they are found again.
pub(crate) const ROLE_PATH: &str = "/dwh/";
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

/// What the person or machine that runs dwh must be allowed, narrowed to this cluster's names and tags and to those
/// of clusters for one run. `secret_arn` is the secret that the Data API logs in with.
pub fn operator(spec: &ClusterSpec, region: &str, account: &str, secret_arn: Option<&str>) -> Value {
    let any_ephemeral = format!("{EPHEMERAL_PREFIX}*");
    let ids = [spec.identifier.as_str(), &any_ephemeral];
    let of_service = |service: &str, what: &str| format!("arn:aws:{service}:{region}:{account}:{what}");
    let roles = [spec.role_name.as_str(), &any_ephemeral]
        .map(|name| format!("arn:aws:iam::{account}:role{ROLE_PATH}{name}"));
    let groups = of_service("ec2", "security-group/*");
    let mut statements = vec![
        json!({"Sid": "WhoAmI", "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}),
        json!({
            "Sid": "Role", "Effect": "Allow",
            "Action": [
                "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:ListRoleTags",
                "iam:PutRolePolicy", "iam:TagRole",
            ],
            "Resource": roles,
        }),
        json!({"Sid": "Roles", "Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}),
        json!({
            "Sid": "PassRole", "Effect": "Allow", "Action": "iam:PassRole", "Resource": roles,
            "Condition": {"StringEquals": {"iam:PassedToService": [
                "redshift.amazonaws.com", "redshift-serverless.amazonaws.com",
            ]}},
        }),
        // Redshift looks with the caller's rights, too, and makes its own role when an account first uses it (both as
        // in AWS's policy AmazonRedshiftFullAccess).
        json!({
            "Sid": "LookAtTheNetwork", "Effect": "Allow",
            "Action": [
                "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "FirstUse", "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole",
            "Resource": format!("arn:aws:iam::{account}:role/aws-service-role/redshift.amazonaws.com/*"),
            "Condition": {"StringEquals": {"iam:AWSServiceName": "redshift.amazonaws.com"}},
        }),
        json!({
            "Sid": "CreateTheGroup", "Effect": "Allow", "Action": ["ec2:CreateSecurityGroup"],
            "Resource": [groups, of_service("ec2", "vpc/*")],
        }),
        json!({
            "Sid": "TagTheGroup", "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": groups,
            "Condition": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}},
        }),
        json!({
            "Sid": "ChangeTheGroup", "Effect": "Allow",
            "Action": [
                "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupIngress",
            ],
            "Resource": groups,
            "Condition": {"StringLike": {format!("aws:ResourceTag/{TAG_CLUSTER}"): ids}},
        }),
        // `dwh cluster status --all` lists both kinds.
        json!({
            "Sid": "LookAtClusters", "Effect": "Allow",
            "Action": ["redshift:DescribeClusterSubnetGroups", "redshift:DescribeClusters"],
            "Resource": "*",
        }),
        json!({
            "Sid": "LookAtWorkgroups", "Effect": "Allow",
            "Action": [
                "redshift-serverless:ListNamespaces", "redshift-serverless:ListTagsForResource",
                "redshift-serverless:ListWorkgroups",
            ],
            "Resource": "*",
        }),
    ];
    match spec.kind {
        Kind::Provisioned { .. } => {
            let each = |what: &dyn Fn(&str) -> String| ids.map(|id| of_service("redshift", &what(id)));
            let clusters = [
                each(&|id| format!("cluster:{id}")),
                each(&|id| format!("snapshot:{id}/*")),
                each(&|id| format!("subnetgroup:{}", group_name(id))),
            ];
            let logins = [
                each(&|id| format!("dbuser:{id}/{}", spec.user)),
                each(&|id| format!("dbname:{id}/{}", spec.database)),
            ];
            statements.extend([
                json!({
                    "Sid": "Cluster", "Effect": "Allow",
                    "Action": [
                        "redshift:CreateCluster", "redshift:CreateClusterSnapshot",
                        "redshift:CreateClusterSubnetGroup", "redshift:CreateTags", "redshift:DeleteCluster",
                        "redshift:DeleteClusterSubnetGroup", "redshift:PauseCluster", "redshift:ResumeCluster",
                    ],
                    "Resource": clusters.concat(),
                }),
                json!({
                    "Sid": "LogIn", "Effect": "Allow", "Action": "redshift:GetClusterCredentials",
                    "Resource": logins.concat(),
                }),
            ]);
        }
        // Their ARNs end in ids that AWS gives, so that names cannot narrow them.
        Kind::Serverless { .. } => statements.push(json!({
            "Sid": "Workgroup", "Effect": "Allow",
            "Action": [
                "redshift-serverless:CreateNamespace", "redshift-serverless:CreateSnapshot",
                "redshift-serverless:CreateWorkgroup", "redshift-serverless:DeleteNamespace",
                "redshift-serverless:DeleteWorkgroup", "redshift-serverless:GetCredentials",
                "redshift-serverless:GetNamespace", "redshift-serverless:GetWorkgroup",
                "redshift-serverless:TagResource",
            ],
            "Resource": (["namespace/*", "workgroup/*"].map(|what| of_service("redshift-serverless", what))),
        })),
    }
    let managed = of_service("secretsmanager", "secret:redshift!*");
    if spec.password.is_none() {
        statements.push(json!({
            "Sid": "ManagedPassword", "Effect": "Allow",
            "Action": [
                "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret",
                "secretsmanager:RotateSecret", "secretsmanager:TagResource", "secretsmanager:UpdateSecret",
            ],
            "Resource": managed,
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
    if let Some(secret) = secret_arn.or(spec.password.is_none().then_some(managed.as_str())) {
        let action = "secretsmanager:GetSecretValue";
        statements
            .push(json!({"Sid": "LogInBySecret", "Effect": "Allow", "Action": action, "Resource": secret}));
    }
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
        let policy = operator(&classic(), "us-west-2", "123456789012", None);
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
        let text = policy.to_string();
        for part in ["cluster:dwhcluster", "cluster:dwh-ephemeral-*", "subnetgroup:dwh-dwh-ephemeral-*"] {
            assert!(text.contains(part), "{part}: {policy}");
        }
    }

    /// The names that IAM has for the calls of `status --all`, whatever kind is configured.
    #[test]
    fn both_kinds_are_looked_at() {
        let mut spec = classic();
        for kind in [spec.kind.clone(), Kind::Serverless { base_rpu: 8 }] {
            spec.kind = kind;
            let text = operator(&spec, "us-west-2", "123456789012", None).to_string();
            for action in ["redshift:DescribeClusters", "redshift-serverless:ListWorkgroups", "iam:ListRoles"]
            {
                assert!(text.contains(action), "{action}: {text}");
            }
        }
    }

    #[test]
    fn a_secret_is_read_only_where_one_is_used() {
        let mut spec = classic();
        let secret = |spec: &_, arn| {
            let policy = operator(spec, "us-west-2", "123456789012", arn);
            let statements = policy["Statement"].as_array().expect("a list");
            let found = statements.iter().find(|one| one["Action"] == "secretsmanager:GetSecretValue");
            found.map(|one| one["Resource"].clone())
        };
        assert_eq!(secret(&spec, None), None);
        let ours = "arn:aws:secretsmanager:us-west-2:123456789012:secret:ours-AbCdEf";
        assert_eq!(secret(&spec, Some(ours)), Some(json!(ours)));
        spec.password = None;
        let managed = json!("arn:aws:secretsmanager:us-west-2:123456789012:secret:redshift!*");
        assert_eq!(secret(&spec, None), Some(managed));
    }

    #[test]
    fn nothing_to_read_is_a_policy_without_statements() {
        let mut spec = classic();
        spec.reads.clear();
        assert_eq!(role(&spec)["Statement"], json!([]));
    }
}
