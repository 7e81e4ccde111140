//! The role that Redshift reads S3 with.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;

use super::error::call;
use crate::api::{Role, Tags};
use crate::error::{ApiError, ApiErrorKind, or_none};
use crate::policy::ROLE_PATH;

fn tags_of(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn role_of(role: &aws_sdk_iam::types::Role) -> Role {
    Role { name: role.role_name().to_owned(), arn: role.arn().to_owned(), tags: tags_of(role.tags()) }
}

pub(super) async fn role(client: &Client, name: &str) -> Result<Option<Role>, ApiError> {
    let found = client.get_role().role_name(name).send().await.map_err(call("iam", "GetRole"));
    or_none(found.map(|found| found.role().map(role_of)))
}

pub(super) async fn roles(client: &Client) -> Result<Vec<Role>, ApiError> {
    let pages = client.list_roles().path_prefix(ROLE_PATH).into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.map_err(call("iam", "ListRoles"))?;
    Ok(found.iter().map(role_of).collect())
}

pub(super) async fn role_tags(client: &Client, name: &str) -> Result<Tags, ApiError> {
    let found = client.list_role_tags().role_name(name).send().await.map_err(call("iam", "ListRoleTags"))?;
    Ok(tags_of(found.tags()))
}

pub(super) async fn create_role(
    client: &Client,
    name: &str,
    trust: &str,
    tags: &Tags,
) -> Result<Role, ApiError> {
    let mut request = client
        .create_role()
        .role_name(name)
        .path(ROLE_PATH)
        .assume_role_policy_document(trust)
        .description("Lets Amazon Redshift read S3; created by dwh");
    for (key, value) in tags {
        let tag = Tag::builder().key(key).value(value).build();
        request = request.tags(tag.map_err(|error| unbuilt(&error))?);
    }
    let created = request.send().await.map_err(call("iam", "CreateRole"))?;
    created.role().map(role_of).ok_or_else(|| unbuilt(&"the answer has no role"))
}

fn unbuilt(reason: &dyn std::fmt::Display) -> ApiError {
    ApiError {
        service: "iam",
        operation: "CreateRole",
        kind: ApiErrorKind::Other,
        code: String::new(),
        message: reason.to_string(),
    }
}

pub(super) async fn put_role_policy(
    client: &Client,
    role: &str,
    policy: &str,
    document: &str,
) -> Result<(), ApiError> {
    let request = client.put_role_policy().role_name(role).policy_name(policy).policy_document(document);
    request.send().await.map(drop).map_err(call("iam", "PutRolePolicy"))
}

pub(super) async fn delete_role_policy(client: &Client, role: &str, policy: &str) -> Result<(), ApiError> {
    let request = client.delete_role_policy().role_name(role).policy_name(policy);
    request.send().await.map(drop).map_err(call("iam", "DeleteRolePolicy"))
}

pub(super) async fn delete_role(client: &Client, name: &str) -> Result<(), ApiError> {
    client.delete_role().role_name(name).send().await.map(drop).map_err(call("iam", "DeleteRole"))
}
