//! Opening and closing the port: rules of the cluster's security group.

use crate::api::SecurityGroup;
use crate::cidr::Cidr;
use crate::error::{ApiErrorKind, ClusterError};
use crate::lifecycle::{Lifecycle, unless};

impl Lifecycle<'_> {
    /// Lets a range of addresses reach the port; without one, this machine.
    ///
    /// # Errors
    /// The range is the whole internet and `allow_whole_internet` is not set, there is no security group of dwh,
    /// or AWS refuses.
    pub async fn open_port(
        &self,
        cidr: Option<Cidr>,
        allow_whole_internet: bool,
    ) -> Result<Cidr, ClusterError> {
        let cidr = self.range_to_open(cidr, allow_whole_internet).await?;
        let port = self.spec.port;
        for group in self.our_groups().await? {
            let what = rule_text(port, cidr, &group);
            if group.ingress.contains(&(port, cidr)) {
                self.kept(&what);
                continue;
            }
            self.act(("open", "opened"), &what, async {
                unless(ApiErrorKind::AlreadyExists, self.api.authorize_ingress(&group.id, port, cidr).await)
            })
            .await?;
        }
        if cidr.is_whole_internet() {
            self.warn(
                "every machine of the internet can now try passwords; close it with `dwh cluster close-port`",
            );
        }
        if !self.spec.is_public {
            self.warn(
                "the cluster has no public address, so that only machines of its network reach it; DWH_PUBLIC=true \
                 when it is created gives it one, and [REDSHIFT] CONNECTION=data-api needs none",
            );
        }
        Ok(cidr)
    }

    /// The range that [`Lifecycle::open_port`] would open.
    ///
    /// # Errors
    /// It is the whole internet and `allow_whole_internet` is not set, or this machine's address is not told.
    pub async fn range_to_open(
        &self,
        cidr: Option<Cidr>,
        allow_whole_internet: bool,
    ) -> Result<Cidr, ClusterError> {
        let cidr = match cidr {
            Some(cidr) => cidr,
            None => Cidr::of_address(self.api.own_address().await?),
        };
        match cidr.is_whole_internet() && !allow_whole_internet {
            true => Err(ClusterError::WholeInternet { cidr: cidr.to_string() }),
            false => Ok(cidr),
        }
    }

    /// Takes a range's access away; without one, everybody's. Returns the number of rules that allowed it.
    ///
    /// # Errors
    /// There is no security group of dwh, or AWS refuses.
    pub async fn close_port(&self, cidr: Option<Cidr>) -> Result<usize, ClusterError> {
        let mut closed = 0;
        for group in self.our_groups().await? {
            if cidr.is_none() && group.has_other_ingress {
                self.warn(&format!(
                    "security group {} ({}) has rules that dwh did not make; they stay",
                    group.name, group.id
                ));
            }
            let wanted = |rule: &&(u16, Cidr)| cidr.is_none_or(|cidr| rule.1 == cidr);
            for (port, cidr) in group.ingress.iter().filter(wanted) {
                self.act(("close", "closed"), &rule_text(*port, *cidr, &group), async {
                    unless(ApiErrorKind::NotFound, self.api.revoke_ingress(&group.id, *port, *cidr).await)
                })
                .await?;
                closed += 1;
            }
        }
        Ok(closed)
    }

    async fn our_groups(&self) -> Result<Vec<SecurityGroup>, ClusterError> {
        let name = self.spec.group_name();
        let mut groups = self.api.security_groups_named(&name).await?;
        groups.retain(|group| self.is_ours(&group.tags));
        if groups.is_empty() {
            return Err(ClusterError::NotFound {
                what: format!("security group {name} of dwh in {}", self.api.region()),
            });
        }
        Ok(groups)
    }
}

fn rule_text(port: u16, cidr: Cidr, group: &SecurityGroup) -> String {
    format!("port {port} for {cidr} in security group {} ({})", group.name, group.id)
}
