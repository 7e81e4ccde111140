//! Ranges of addresses that a port is opened for.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::ClusterError;

/// `203.0.113.7/32`, `2001:db8::/64`. Host bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    address: IpAddr,
    prefix_bits: u8,
}

impl Cidr {
    /// One address.
    pub fn of_address(address: IpAddr) -> Self {
        Self { address, prefix_bits: width(address) }
    }

    /// Whether it is all addresses of its family.
    pub fn is_whole_internet(self) -> bool {
        self.prefix_bits == 0
    }

    /// Whether it is a range of IPv6.
    pub fn is_ipv6(self) -> bool {
        self.address.is_ipv6()
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether bits behind the prefix are set.
fn has_host_bits(address: IpAddr, prefix_bits: u8) -> bool {
    let bits = match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    };
    bits.checked_shl(u32::from(prefix_bits)).is_some_and(|rest| rest != 0)
}

impl FromStr for Cidr {
    type Err = ClusterError;

    fn from_str(text: &str) -> Result<Self, ClusterError> {
        let problem = |reason| ClusterError::Cidr { text: text.to_owned(), reason };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| problem("it begins with no IP address"))?;
        let prefix_bits = match bits {
            None => width(address),
            Some(bits) => bits
                .parse()
                .ok()
                .filter(|bits| *bits <= width(address))
                .ok_or_else(|| problem("the number behind the slash is at most 32, for IPv6 128"))?,
        };
        if has_host_bits(address, prefix_bits) {
            return Err(problem("bits of the address behind the prefix are set"));
        }
        Ok(Self { address, prefix_bits })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    fn read(text: &str) -> String {
        text.parse::<Cidr>().map_or_else(|error| error.to_string(), |cidr| cidr.to_string())
    }

    #[test]
    fn ranges_and_single_addresses_are_read() {
        assert_eq!(read("203.0.113.7"), "203.0.113.7/32");
        assert_eq!(read("203.0.113.0/24"), "203.0.113.0/24");
        assert_eq!(read("2001:db8::/64"), "2001:db8::/64");
        assert!("0.0.0.0/0".parse::<Cidr>().expect("a range").is_whole_internet());
        assert!("::/0".parse::<Cidr>().expect("a range").is_whole_internet());
    }

    #[test]
    fn what_is_no_range_is_explained() {
        assert!(read("example.org").contains("no IP address"));
        assert!(read("203.0.113.7/33").contains("at most 32"));
        assert!(read("203.0.113.7/24").contains("behind the prefix"));
    }
}
