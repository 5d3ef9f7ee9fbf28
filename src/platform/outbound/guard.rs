//! Where calls may go. Addresses that strangers write (webhook targets, media links, flows) must not
//! lead into the house's own network; addresses the owner writes may.

use crate::base::{Error, Result as Outcome};
use ipnet::IpNet;
use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Host;

/// Whose address it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Guard {
    /// A stranger's or a tenant user's: public addresses only.
    #[default]
    Public,
    /// A stranger's, that may also name this host (the channel's own, say) wherever it lies.
    PublicOr(String),
    /// The firm's own (a channel's base URL, a mail server): private networks too while the box serves one
    /// firm, else what `outbound.private_hosts` lists. Never link-local, where clouds keep their keys, and
    /// never this very process.
    Owner,
}

/// How far one call is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Public addresses.
    Public,
    /// Those, and the listed networks.
    Listed,
    /// Private networks too.
    Owner,
}

/// Hosts and networks inside the house that every firm on this box may call.
#[derive(Debug, Default)]
pub(super) struct PrivateHosts {
    names: Vec<String>,
    nets: Vec<IpNet>,
}

impl PrivateHosts {
    /// From host names, addresses and ranges such as `waha.lan`, `192.168.1.20`, `10.1.0.0/16`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the entry that is none of them.
    pub fn parse(entries: &[String]) -> Outcome<Self> {
        let mut hosts = Self::default();
        for entry in entries.iter().map(|entry| entry.trim()) {
            if let Some(net) = entry.parse().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from)) {
                hosts.nets.push(net);
            } else if !entry.is_empty() && !entry.contains(['/', ':', '@', ' ']) {
                hosts.names.push(entry.to_ascii_lowercase());
            } else {
                let remedy = format!("`{entry}` is no host name, address or range such as 10.1.0.0/16");
                return Err(Error::invalid("outbound.private_hosts", "format", remedy));
            }
        }
        Ok(hosts)
    }
}

/// Why a call was not even tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not `http` or `https`.
    #[error("only http and https addresses can be called")]
    Scheme,
    /// A name and password inside the address.
    #[error("an address must not contain a user name or password")]
    Credentials,
    /// No host.
    #[error("the address names no host")]
    NoHost,
    /// Leads into a network the caller may not reach.
    #[error("{0} is not a public address")]
    Private(IpAddr),
    /// A name reserved for this machine.
    #[error("{0} names this machine")]
    Local(String),
    /// Would call ourselves.
    #[error("the address is this program's own")]
    Own,
}

impl Guard {
    /// How far `url` is trusted under this guard. `shared`: does the box serve several firms?
    pub(super) fn trust(&self, url: &Url, shared: bool, private: &PrivateHosts) -> Trust {
        let host = url.host_str().unwrap_or_default();
        let owners = match self {
            Guard::Public => false,
            Guard::PublicOr(named) => named.eq_ignore_ascii_case(host),
            Guard::Owner => true,
        };
        match (owners, shared) {
            (false, _) => Trust::Public,
            (true, false) => Trust::Owner,
            (true, true) if private.names.iter().any(|name| name.eq_ignore_ascii_case(host)) => Trust::Owner,
            (true, true) => Trust::Listed,
        }
    }
}

/// Checks everything an address shows without asking for its name. `own` are the ports we listen on.
pub(super) fn check_url(url: &Url, trust: Trust, private: &PrivateHosts, own: &[SocketAddr]) -> Result<(), Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    let address = match url.host().ok_or(Refusal::NoHost)? {
        Host::Ipv4(v4) => IpAddr::V4(v4),
        Host::Ipv6(v6) => IpAddr::V6(v6),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let local = name == "localhost" || name.ends_with(".localhost");
            if local && trust != Trust::Owner {
                return Err(Refusal::Local(name));
            }
            if local && own.iter().any(|own| Some(own.port()) == url.port_or_known_default()) {
                return Err(Refusal::Own);
            }
            return Ok(());
        }
    };
    check_address(address, trust, private)?;
    let is_own = |own: &SocketAddr| Some(own.port()) == url.port_or_known_default() && is_served_at(own, address);
    if own.iter().any(is_own) { Err(Refusal::Own) } else { Ok(()) }
}

/// Would a call to `address` end at what listens on `own`, the port being the same? An unspecified address listens
/// on every address of this machine.
pub(super) fn is_served_at(own: &SocketAddr, address: IpAddr) -> bool {
    let address = plain(address);
    address.is_loopback() || address == plain(own.ip()) || (own.ip().is_unspecified() && is_of_this_machine(address))
}

/// Only an address of this machine can be bound.
fn is_of_this_machine(address: IpAddr) -> bool {
    std::net::UdpSocket::bind((address, 0)).is_ok()
}

/// May a call go to this address?
pub(super) fn check_address(address: IpAddr, trust: Trust, private: &PrivateHosts) -> Result<(), Refusal> {
    let real = plain(address);
    let allowed = match trust {
        Trust::Public => is_public(real) && !is_forbidden_to_all(real),
        Trust::Listed if is_public(real) => !is_forbidden_to_all(real),
        Trust::Listed => private.nets.iter().any(|net| net.contains(&real)) && !is_forbidden_to_all(real),
        Trust::Owner => !is_forbidden_to_all(real),
    };
    if allowed { Ok(()) } else { Err(Refusal::Private(address)) }
}

/// An IPv4 address in whatever IPv6 dress (mapped, NAT64) as itself.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => IpAddr::V4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))),
        _ => address,
    }
}

/// Link-local holds the clouds' metadata services; unspecified means this machine on Linux.
fn is_forbidden_to_all(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                || v4 == Ipv4Addr::new(100, 100, 100, 200)
                // Azure's, in the midst of the public network.
                || v4 == Ipv4Addr::new(168, 63, 129, 16)
        }
        IpAddr::V6(v6) => {
            v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

/// Everything outside the IANA special-purpose registries (RFC 6890 and updates, read November 2026).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !matches!(
                (a, b, c),
                (0 | 10 | 127, _, _)
                    | (100, 64..=127, _)
                    | (169, 254, _)
                    | (172, 16..=31, _)
                    | (192, 0, 0 | 2)
                    | (192, 31, 196)
                    | (192, 52, 193)
                    | (192, 88, 99)
                    | (192, 168, _)
                    | (192, 175, 48)
                    | (198, 18..=19, _)
                    | (198, 51, 100)
                    | (203, 0, 113)
                    | (224..=255, _, _)
            )
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            // Global unicast is 2000::/3; of that, protocol assignments, documentation and 6to4 lead elsewhere.
            (0x2000..=0x3fff).contains(&a)
                && !(a == 0x2001 && b < 0x200)
                && !(a == 0x2001 && b == 0xdb8)
                && a != 0x2002
                && !(a == 0x3fff && b < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, owner: bool) -> Result<(), Refusal> {
        let own = ["0.0.0.0:8443".parse().unwrap(), "192.168.1.10:8080".parse().unwrap()];
        let trust = if owner { Trust::Owner } else { Trust::Public };
        check_url(&Url::parse(url).map_err(|_| Refusal::NoHost)?, trust, &PrivateHosts::default(), &own)
    }

    /// Address, may a stranger name it, may the owner.
    const VECTORS: &[(&str, bool, bool)] = &[
        // Public.
        ("https://example.com/hook", true, true),
        ("http://example.com:8080/", true, true),
        ("https://8.8.8.8/", true, true),
        ("https://[2606:4700:4700::1111]/", true, true),
        ("https://172.32.0.1/", true, true),
        ("https://192.169.0.1/", true, true),
        ("https://100.128.0.1/", true, true),
        ("https://localhost.example.com/", true, true),
        // This machine, in every spelling.
        ("http://127.0.0.1/", false, true),
        ("http://127.1/", false, true),
        ("http://127.255.255.254/", false, true),
        ("http://2130706433/", false, true),
        ("http://0x7f000001/", false, true),
        ("http://0x7f.0x0.0x0.0x1/", false, true),
        ("http://0177.0.0.1/", false, true),
        ("http://017700000001/", false, true),
        ("http://localhost/", false, true),
        ("http://LOCALHOST/", false, true),
        ("http://localhost./", false, true),
        ("http://a.localhost/", false, true),
        ("http://[::1]/", false, true),
        ("http://[::ffff:127.0.0.1]/", false, true),
        ("http://[::ffff:7f00:1]/", false, true),
        ("http://[64:ff9b::7f00:1]/", false, true),
        ("http://①②⑦.⓪.⓪.①/", false, true),
        ("http://0.0.0.0/", false, false),
        ("http://0/", false, false),
        ("http://0.1.2.3/", false, false),
        ("http://[::]/", false, false),
        // Private networks.
        ("http://10.0.0.1/", false, true),
        ("http://10.255.255.255/", false, true),
        ("http://172.16.0.1/", false, true),
        ("http://172.31.255.255/", false, true),
        ("http://192.168.0.1/", false, true),
        ("http://3232235521/", false, true),
        ("http://100.64.0.1/", false, true),
        ("http://[fc00::1]/", false, true),
        ("http://[fd12:3456::1]/", false, true),
        ("http://[::ffff:10.0.0.1]/", false, true),
        ("http://[64:ff9b::a00:1]/", false, true),
        ("http://[64:ff9b:1::1]/", false, true),
        ("http://[fec0::1]/", false, true),
        ("http://[::10.0.0.1]/", false, true),
        // Clouds' key cupboards.
        ("http://169.254.169.254/latest/meta-data/", false, false),
        ("http://2852039166/", false, false),
        ("http://0xa9fea9fe/", false, false),
        ("http://[::ffff:169.254.169.254]/", false, false),
        ("http://[64:ff9b::a9fe:a9fe]/", false, false),
        ("http://169.254.170.2/", false, false),
        ("http://100.100.100.200/", false, false),
        ("http://168.63.129.16/machine?comp=goalstate", false, false),
        ("http://[::ffff:168.63.129.16]/", false, false),
        ("http://[fd00:ec2::254]/", false, false),
        ("http://[fe80::1]/", false, false),
        // Documentation, benchmarks, multicast, reserved.
        ("http://192.0.2.1/", false, true),
        ("http://198.51.100.1/", false, true),
        ("http://203.0.113.1/", false, true),
        ("http://198.18.0.1/", false, true),
        ("http://224.0.0.1/", false, false),
        ("http://239.255.255.255/", false, false),
        ("http://255.255.255.255/", false, false),
        ("http://[ff02::1]/", false, false),
        ("http://[2001:db8::1]/", false, true),
        ("http://[2001::1]/", false, true),
        ("http://[2002:7f00:1::]/", false, true),
        ("http://[100::1]/", false, true),
        // No address of a web server at all.
        ("ftp://example.com/", false, false),
        ("file:///etc/passwd", false, false),
        ("gopher://example.com/", false, false),
        ("https://user:pass@example.com/", false, false),
        ("https://user@example.com/", false, false),
        ("javascript:alert(1)", false, false),
        ("https:///", false, false),
        // Ourselves.
        ("https://127.0.0.1:8443/", false, false),
        ("https://localhost:8443/", false, false),
        ("http://192.168.1.10:8080/", false, false),
        ("http://192.168.1.10:9090/", false, true),
    ];

    #[test]
    fn strangers_reach_only_the_public_network() {
        assert!(VECTORS.len() >= 60);
        for (url, stranger, owner) in VECTORS {
            assert_eq!(check(url, false).is_ok(), *stranger, "{url} by a stranger");
            assert_eq!(check(url, true).is_ok(), *owner, "{url} by the owner");
        }
    }

    #[test]
    fn a_channels_own_host_may_be_named_in_its_payloads_and_no_other() {
        let guard = Guard::PublicOr("waha.lan".to_owned());
        let trusts = |url: &str| guard.trust(&Url::parse(url).unwrap(), false, &PrivateHosts::default()) == Trust::Owner;
        assert!(trusts("http://WAHA.lan:3000/file/1"));
        assert!(!trusts("http://waha.lan.example.com/file/1"));
        assert!(!trusts("http://192.168.0.1/"));
    }

    #[test]
    fn with_several_firms_on_the_box_only_listed_hosts_inside_the_house_are_called() {
        let listed = ["waha.lan", "192.168.1.20", "10.1.0.0/16"].map(str::to_owned);
        let private = PrivateHosts::parse(&listed).unwrap();
        let passes = |url: &str, shared: bool| {
            let url = Url::parse(url).unwrap();
            check_url(&url, Guard::Owner.trust(&url, shared, &private), &private, &[]).is_ok()
        };
        for (url, several) in [
            ("https://example.com/", true),
            ("http://waha.lan:3000/", true),
            ("http://192.168.1.20/", true),
            ("http://10.1.2.3/", true),
            ("http://10.2.0.1/", false),
            ("http://192.168.1.21/", false),
            ("http://127.0.0.1:6379/", false),
            ("http://localhost/", false),
        ] {
            assert!(passes(url, false), "{url} with one firm");
            assert_eq!(passes(url, true), several, "{url} with several");
        }
        assert!(!passes("http://169.254.169.254/", false) && !passes("http://169.254.169.254/", true));
        assert!(PrivateHosts::parse(&["http://waha.lan".to_owned()]).is_err());
    }
}
