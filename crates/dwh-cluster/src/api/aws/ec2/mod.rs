//! The network around the cluster: VPC, subnets, security group. Seven actions of EC2's Query API.
//!
//! The SDK's crate for EC2 is a million lines and takes longer to compile than all other AWS crates together, so
//! that these few calls are made by hand ([`query`]): signed by the SDK's signer, with the SDK's credentials.

mod query;

use serde::Deserialize;

use crate::api::{SecurityGroup, Subnet, Tags};
use crate::cidr::Cidr;
use crate::error::ApiError;

pub(super) use query::Client;

/// Description of the rules, by which people recognise them.
const RULE: &str = "opened by dwh";

/// A list in an answer.
#[derive(Deserialize)]
struct Set<T> {
    #[serde(default = "Vec::new")]
    item: Vec<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { item: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vpcs {
    #[serde(default)]
    vpc_set: Set<Vpc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vpc {
    vpc_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subnets {
    #[serde(default)]
    subnet_set: Set<SubnetItem>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubnetItem {
    subnet_id: String,
    vpc_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    #[serde(default)]
    security_group_info: Set<Group>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    group_id: String,
    group_name: String,
    #[serde(default)]
    vpc_id: String,
    #[serde(default)]
    tag_set: Set<TagItem>,
    #[serde(default)]
    ip_permissions: Set<Permission>,
}

#[derive(Deserialize)]
struct TagItem {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    ip_protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    #[serde(default)]
    ip_ranges: Set<Range>,
    #[serde(default)]
    ipv6_ranges: Set<Range6>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    cidr_ip: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Range6 {
    cidr_ipv6: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedGroup {
    group_id: String,
}

/// An answer that says no more than that it was done.
#[derive(Deserialize)]
struct Done {}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn filter(name: &str, value: &str) -> Vec<(String, String)> {
    owned(&[("Filter.1.Name", name), ("Filter.1.Value.1", value)])
}

pub(super) async fn default_vpc(client: &Client) -> Result<Option<String>, ApiError> {
    let found: Vpcs = client.call("DescribeVpcs", filter("is-default", "true")).await?;
    Ok(found.vpc_set.item.into_iter().next().map(|vpc| vpc.vpc_id))
}

pub(super) async fn subnets_of_vpc(client: &Client, vpc_id: &str) -> Result<Vec<Subnet>, ApiError> {
    all_subnets(client, filter("vpc-id", vpc_id)).await
}

pub(super) async fn subnets(client: &Client, ids: &[String]) -> Result<Vec<Subnet>, ApiError> {
    let id = |(index, id): (usize, &String)| (format!("SubnetId.{}", index + 1), id.clone());
    all_subnets(client, ids.iter().enumerate().map(id).collect()).await
}

async fn all_subnets(client: &Client, parameters: Vec<(String, String)>) -> Result<Vec<Subnet>, ApiError> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let page: Subnets = client.call("DescribeSubnets", with_token(&parameters, next)).await?;
        let subnet = |item: SubnetItem| Subnet { id: item.subnet_id, vpc_id: item.vpc_id };
        all.extend(page.subnet_set.item.into_iter().map(subnet));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn with_token(parameters: &[(String, String)], token: Option<String>) -> Vec<(String, String)> {
    let token = token.map(|token| ("NextToken".to_owned(), token));
    parameters.iter().cloned().chain(token).collect()
}

pub(super) async fn security_groups(
    client: &Client,
    filter_name: &str,
    value: &str,
) -> Result<Vec<SecurityGroup>, ApiError> {
    let parameters = filter(filter_name, value);
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let page: Groups = client.call("DescribeSecurityGroups", with_token(&parameters, next)).await?;
        all.extend(page.security_group_info.item.into_iter().map(SecurityGroup::from));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(all);
        }
    }
}

impl From<Group> for SecurityGroup {
    fn from(group: Group) -> Self {
        let mut ingress = Vec::new();
        let mut has_other_ingress = false;
        for permission in group.ip_permissions.item {
            let rules = permission.rules();
            has_other_ingress |= rules.is_empty();
            ingress.extend(rules);
        }
        Self {
            id: group.group_id,
            name: group.group_name,
            vpc_id: group.vpc_id,
            tags: group.tag_set.item.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            ingress,
            has_other_ingress,
        }
    }
}

impl Permission {
    /// Ranges that may reach one TCP port; none for any other permission.
    fn rules(self) -> Vec<(u16, Cidr)> {
        let port = self.from_port.filter(|_| self.ip_protocol == "tcp" && self.from_port == self.to_port);
        let Some(port) = port.and_then(|port| u16::try_from(port).ok()) else { return Vec::new() };
        let v4 = self.ip_ranges.item.into_iter().map(|range| range.cidr_ip);
        let v6 = self.ipv6_ranges.item.into_iter().map(|range| range.cidr_ipv6);
        v4.chain(v6).filter_map(|range| Some((port, range.parse().ok()?))).collect()
    }
}

pub(super) async fn create_security_group(
    client: &Client,
    name: &str,
    vpc_id: &str,
    tags: &Tags,
) -> Result<String, ApiError> {
    let mut parameters = owned(&[
        ("GroupName", name),
        ("GroupDescription", "Who may reach a Redshift cluster - created by dwh"),
        ("VpcId", vpc_id),
        ("TagSpecification.1.ResourceType", "security-group"),
    ]);
    for (index, (key, value)) in tags.iter().enumerate() {
        let tag = format!("TagSpecification.1.Tag.{}", index + 1);
        parameters.push((format!("{tag}.Key"), key.clone()));
        parameters.push((format!("{tag}.Value"), value.clone()));
    }
    let created: CreatedGroup = client.call("CreateSecurityGroup", parameters).await?;
    Ok(created.group_id)
}

fn rule(group_id: &str, port: u16, cidr: Cidr) -> Vec<(String, String)> {
    let (ranges, range) = if cidr.is_ipv6() { ("Ipv6Ranges", "CidrIpv6") } else { ("IpRanges", "CidrIp") };
    let (port, cidr) = (port.to_string(), cidr.to_string());
    owned(&[
        ("GroupId", group_id),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", &port),
        ("IpPermissions.1.ToPort", &port),
        (&format!("IpPermissions.1.{ranges}.1.{range}"), &cidr),
        (&format!("IpPermissions.1.{ranges}.1.Description"), RULE),
    ])
}

pub(super) async fn authorize_ingress(
    client: &Client,
    group_id: &str,
    port: u16,
    cidr: Cidr,
) -> Result<(), ApiError> {
    let Done {} = client.call("AuthorizeSecurityGroupIngress", rule(group_id, port, cidr)).await?;
    Ok(())
}

pub(super) async fn revoke_ingress(
    client: &Client,
    group_id: &str,
    port: u16,
    cidr: Cidr,
) -> Result<(), ApiError> {
    let Done {} = client.call("RevokeSecurityGroupIngress", rule(group_id, port, cidr)).await?;
    Ok(())
}

pub(super) async fn delete_security_group(client: &Client, id: &str) -> Result<(), ApiError> {
    let Done {} = client.call("DeleteSecurityGroup", owned(&[("GroupId", id)])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Groups, SecurityGroup};

    /// The shape of the answer in EC2's API reference, DescribeSecurityGroups.
    const ANSWER: &str = r#"<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
        <requestId>1d62eae0-acdd-481d-88c9-example</requestId>
        <securityGroupInfo><item>
            <ownerId>123456789012</ownerId><groupName>dwh-c</groupName><groupId>sg-1</groupId>
            <groupDescription>x</groupDescription><vpcId>vpc-1</vpcId>
            <ipPermissions><item>
                <ipProtocol>tcp</ipProtocol><fromPort>5439</fromPort><toPort>5439</toPort><groups/>
                <ipRanges><item><cidrIp>203.0.113.7/32</cidrIp></item><item><cidrIp>198.51.100.0/24</cidrIp></item></ipRanges>
                <ipv6Ranges/><prefixListIds/>
            </item>MORE</ipPermissions>
            <ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/></item></ipPermissionsEgress>
            <tagSet><item><key>dwh:cluster</key><value>c</value></item></tagSet>
        </item></securityGroupInfo>
    </DescribeSecurityGroupsResponse>"#;

    fn groups(more: &str) -> Vec<SecurityGroup> {
        let found: Groups = quick_xml::de::from_str(&ANSWER.replace("MORE", more)).expect("reads");
        found.security_group_info.item.into_iter().map(SecurityGroup::from).collect()
    }

    #[test]
    fn an_answer_is_read() {
        let groups = groups("");
        assert_eq!((groups[0].id.as_str(), groups[0].vpc_id.as_str()), ("sg-1", "vpc-1"));
        let rules: Vec<String> =
            groups[0].ingress.iter().map(|(port, cidr)| format!("{port} {cidr}")).collect();
        assert_eq!(rules, ["5439 203.0.113.7/32", "5439 198.51.100.0/24"]);
        assert!(!groups[0].has_other_ingress);
        assert_eq!(groups[0].tags.get("dwh:cluster").map(String::as_str), Some("c"));
    }

    #[test]
    fn only_a_rule_for_one_tcp_port_counts_as_that_port() {
        let of_all = "<ipProtocol>-1</ipProtocol>";
        let of_udp = "<ipProtocol>udp</ipProtocol><fromPort>5439</fromPort><toPort>5439</toPort>";
        let of_range = "<ipProtocol>tcp</ipProtocol><fromPort>5439</fromPort><toPort>6000</toPort>";
        for what in [of_all, of_udp, of_range] {
            let ranges = "<ipRanges><item><cidrIp>192.0.2.0/24</cidrIp></item></ipRanges>";
            let groups = groups(&format!("<item>{what}{ranges}</item>"));
            assert_eq!(groups[0].ingress.len(), 2, "{what}");
            assert!(groups[0].has_other_ingress, "{what}");
        }
    }
}
