//! Serverless: a namespace has the data, a workgroup computes.

use aws_sdk_redshiftserverless::Client;
use aws_sdk_redshiftserverless::types::Tag;
use dwh_common::Secret;

use super::error::call;
use super::{endpoint, moment};
use crate::api::{Namespace, NewNamespace, NewWorkgroup, Tags, TemporaryCredentials, Workgroup};
use crate::error::{ApiError, ApiErrorKind, or_none};

const SERVICE: &str = "redshift-serverless";

fn to_tags(tags: &Tags) -> Result<Vec<Tag>, ApiError> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map_err(|error| ApiError {
        service: SERVICE,
        operation: "TagResource",
        kind: ApiErrorKind::Other,
        code: String::new(),
        message: error.to_string(),
    })
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn namespace_of(found: &aws_sdk_redshiftserverless::types::Namespace) -> Namespace {
    Namespace {
        name: text(found.namespace_name()),
        arn: text(found.namespace_arn()),
        status: found.status().map(|status| status.as_str().to_ascii_lowercase()).unwrap_or_default(),
        database: text(found.db_name()),
        user: text(found.admin_username()),
        roles: found.iam_roles().to_vec(),
        created_at: found.creation_date().and_then(moment),
    }
}

fn workgroup_of(found: &aws_sdk_redshiftserverless::types::Workgroup) -> Workgroup {
    let at = found.endpoint();
    Workgroup {
        name: text(found.workgroup_name()),
        arn: text(found.workgroup_arn()),
        namespace: text(found.namespace_name()),
        status: found.status().map(|status| status.as_str().to_ascii_lowercase()).unwrap_or_default(),
        endpoint: at.and_then(|at| endpoint(at.address(), at.port())),
        base_rpu: found.base_capacity().and_then(|rpu| u32::try_from(rpu).ok()).unwrap_or_default(),
        vpc_id: at.and_then(|at| at.vpc_endpoints().first()?.vpc_id().map(str::to_owned)),
        created_at: found.creation_date().and_then(moment),
    }
}

pub(super) async fn namespace(client: &Client, name: &str) -> Result<Option<Namespace>, ApiError> {
    let found = client.get_namespace().namespace_name(name).send().await;
    or_none(found.map_err(call(SERVICE, "GetNamespace")).map(|found| found.namespace().map(namespace_of)))
}

pub(super) async fn namespaces(client: &Client) -> Result<Vec<Namespace>, ApiError> {
    let pages = client.list_namespaces().into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.map_err(call(SERVICE, "ListNamespaces"))?;
    Ok(found.iter().map(namespace_of).collect())
}

pub(super) async fn create_namespace(client: &Client, new: &NewNamespace<'_>) -> Result<(), ApiError> {
    let mut request = client
        .create_namespace()
        .namespace_name(new.name)
        .db_name(new.database)
        .admin_username(new.user)
        .iam_roles(new.role_arn)
        .default_iam_role_arn(new.role_arn)
        .set_tags(Some(to_tags(new.tags)?));
    request = match new.password {
        Some(password) => request.admin_user_password(password.expose()),
        None => request.manage_admin_password(true),
    };
    request.send().await.map(drop).map_err(call(SERVICE, "CreateNamespace"))
}

pub(super) async fn delete_namespace(
    client: &Client,
    name: &str,
    snapshot: Option<&str>,
) -> Result<(), ApiError> {
    let request =
        client.delete_namespace().namespace_name(name).set_final_snapshot_name(snapshot.map(str::to_owned));
    request.send().await.map(drop).map_err(call(SERVICE, "DeleteNamespace"))
}

pub(super) async fn workgroup(client: &Client, name: &str) -> Result<Option<Workgroup>, ApiError> {
    let found = client.get_workgroup().workgroup_name(name).send().await;
    or_none(found.map_err(call(SERVICE, "GetWorkgroup")).map(|found| found.workgroup().map(workgroup_of)))
}

pub(super) async fn workgroups(client: &Client) -> Result<Vec<Workgroup>, ApiError> {
    let pages = client.list_workgroups().into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.map_err(call(SERVICE, "ListWorkgroups"))?;
    Ok(found.iter().map(workgroup_of).collect())
}

pub(super) async fn create_workgroup(client: &Client, new: &NewWorkgroup<'_>) -> Result<(), ApiError> {
    let request = client
        .create_workgroup()
        .workgroup_name(new.name)
        .namespace_name(new.name)
        .base_capacity(i32::try_from(new.base_rpu).unwrap_or(i32::MAX))
        .port(i32::from(new.port))
        .set_subnet_ids(Some(new.subnet_ids.to_vec()))
        .security_group_ids(new.security_group_id)
        .publicly_accessible(new.is_public)
        .set_tags(Some(to_tags(new.tags)?));
    request.send().await.map(drop).map_err(call(SERVICE, "CreateWorkgroup"))
}

pub(super) async fn delete_workgroup(client: &Client, name: &str) -> Result<(), ApiError> {
    let request = client.delete_workgroup().workgroup_name(name);
    request.send().await.map(drop).map_err(call(SERVICE, "DeleteWorkgroup"))
}

pub(super) async fn tags(client: &Client, arn: &str) -> Result<Tags, ApiError> {
    let request = client.list_tags_for_resource().resource_arn(arn);
    let found = request.send().await.map_err(call(SERVICE, "ListTagsForResource"))?;
    Ok(found.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
}

pub(super) async fn credentials(
    client: &Client,
    name: &str,
    database: &str,
) -> Result<TemporaryCredentials, ApiError> {
    let request = client.get_credentials().workgroup_name(name).db_name(database);
    let found = request.send().await.map_err(call(SERVICE, "GetCredentials"))?;
    Ok(TemporaryCredentials {
        user: found.db_user().unwrap_or_default().to_owned(),
        password: Secret::new(found.db_password().unwrap_or_default()),
    })
}
