//! Provisioned clusters.

use aws_sdk_redshift::Client;
use aws_sdk_redshift::types::Tag;
use dwh_common::Secret;

use super::error::call;
use super::{endpoint, moment};
use crate::api::{Cluster, NewCluster, SubnetGroup, Tags, TemporaryCredentials};
use crate::error::{ApiError, or_none};

const SERVICE: &str = "redshift";

fn tags_of(tags: &[Tag]) -> Tags {
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(tag).collect()
}

fn to_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn subnet_group_of(group: &aws_sdk_redshift::types::ClusterSubnetGroup) -> SubnetGroup {
    SubnetGroup {
        name: group.cluster_subnet_group_name().unwrap_or_default().to_owned(),
        vpc_id: group.vpc_id().unwrap_or_default().to_owned(),
        tags: tags_of(group.tags()),
    }
}

fn cluster_of(cluster: &aws_sdk_redshift::types::Cluster) -> Cluster {
    let roles = cluster.iam_roles().iter().map(|role| {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        (text(role.iam_role_arn()), text(role.apply_status()))
    });
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Cluster {
        identifier: text(cluster.cluster_identifier()),
        status: text(cluster.cluster_status()),
        endpoint: cluster.endpoint().and_then(|found| endpoint(found.address(), found.port())),
        node_type: text(cluster.node_type()),
        nodes: cluster.number_of_nodes().and_then(|nodes| u32::try_from(nodes).ok()).unwrap_or_default(),
        database: text(cluster.db_name()),
        user: text(cluster.master_username()),
        vpc_id: cluster.vpc_id().filter(|id| !id.is_empty()).map(str::to_owned),
        roles: roles.collect(),
        created_at: cluster.cluster_create_time().and_then(moment),
        tags: tags_of(cluster.tags()),
    }
}

pub(super) async fn subnet_group(client: &Client, name: &str) -> Result<Option<SubnetGroup>, ApiError> {
    let request = client.describe_cluster_subnet_groups().cluster_subnet_group_name(name);
    let found = request.send().await.map_err(call(SERVICE, "DescribeClusterSubnetGroups"));
    or_none(found.map(|found| found.cluster_subnet_groups().first().map(subnet_group_of)))
}

pub(super) async fn subnet_groups_tagged(client: &Client, key: &str) -> Result<Vec<SubnetGroup>, ApiError> {
    let pages = client.describe_cluster_subnet_groups().tag_keys(key).into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.map_err(call(SERVICE, "DescribeClusterSubnetGroups"))?;
    Ok(found.iter().map(subnet_group_of).collect())
}

pub(super) async fn create_subnet_group(
    client: &Client,
    name: &str,
    subnet_ids: &[String],
    tags: &Tags,
) -> Result<(), ApiError> {
    let request = client
        .create_cluster_subnet_group()
        .cluster_subnet_group_name(name)
        .description("Subnets of a cluster; created by dwh")
        .set_subnet_ids(Some(subnet_ids.to_vec()))
        .set_tags(Some(to_tags(tags)));
    request.send().await.map(drop).map_err(call(SERVICE, "CreateClusterSubnetGroup"))
}

pub(super) async fn delete_subnet_group(client: &Client, name: &str) -> Result<(), ApiError> {
    let request = client.delete_cluster_subnet_group().cluster_subnet_group_name(name);
    request.send().await.map(drop).map_err(call(SERVICE, "DeleteClusterSubnetGroup"))
}

pub(super) async fn cluster(client: &Client, identifier: &str) -> Result<Option<Cluster>, ApiError> {
    let request = client.describe_clusters().cluster_identifier(identifier);
    let found = request.send().await.map_err(call(SERVICE, "DescribeClusters"));
    or_none(found.map(|found| found.clusters().first().map(cluster_of)))
}

pub(super) async fn clusters_tagged(client: &Client, key: &str) -> Result<Vec<Cluster>, ApiError> {
    let pages = client.describe_clusters().tag_keys(key).into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.map_err(call(SERVICE, "DescribeClusters"))?;
    Ok(found.iter().map(cluster_of).collect())
}

pub(super) async fn create_cluster(client: &Client, new: &NewCluster<'_>) -> Result<(), ApiError> {
    let mut request = client
        .create_cluster()
        .cluster_identifier(new.identifier)
        .node_type(new.node_type)
        .db_name(new.database)
        .master_username(new.user)
        .port(i32::from(new.port))
        .iam_roles(new.role_arn)
        .default_iam_role_arn(new.role_arn)
        .cluster_subnet_group_name(new.subnet_group)
        .vpc_security_group_ids(new.security_group_id)
        .publicly_accessible(new.is_public)
        .encrypted(true)
        .set_tags(Some(to_tags(new.tags)));
    request = match new.nodes {
        1 => request.cluster_type("single-node"),
        nodes => request.cluster_type("multi-node").number_of_nodes(i32::try_from(nodes).unwrap_or(i32::MAX)),
    };
    request = match new.password {
        Some(password) => request.master_user_password(password.expose()),
        None => request.manage_master_password(true),
    };
    request.send().await.map(drop).map_err(call(SERVICE, "CreateCluster"))
}

pub(super) async fn pause_cluster(client: &Client, identifier: &str) -> Result<(), ApiError> {
    let request = client.pause_cluster().cluster_identifier(identifier);
    request.send().await.map(drop).map_err(call(SERVICE, "PauseCluster"))
}

pub(super) async fn resume_cluster(client: &Client, identifier: &str) -> Result<(), ApiError> {
    let request = client.resume_cluster().cluster_identifier(identifier);
    request.send().await.map(drop).map_err(call(SERVICE, "ResumeCluster"))
}

pub(super) async fn delete_cluster(
    client: &Client,
    identifier: &str,
    snapshot: Option<&str>,
) -> Result<(), ApiError> {
    let request = client
        .delete_cluster()
        .cluster_identifier(identifier)
        .skip_final_cluster_snapshot(snapshot.is_none())
        .set_final_cluster_snapshot_identifier(snapshot.map(str::to_owned));
    request.send().await.map(drop).map_err(call(SERVICE, "DeleteCluster"))
}

pub(super) async fn credentials(
    client: &Client,
    identifier: &str,
    user: &str,
    database: &str,
) -> Result<TemporaryCredentials, ApiError> {
    let request = client
        .get_cluster_credentials()
        .cluster_identifier(identifier)
        .db_user(user)
        .db_name(database)
        .auto_create(false);
    let found = request.send().await.map_err(call(SERVICE, "GetClusterCredentials"))?;
    Ok(TemporaryCredentials {
        user: found.db_user().unwrap_or_default().to_owned(),
        password: Secret::new(found.db_password().unwrap_or_default()),
    })
}
