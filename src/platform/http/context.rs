//! What the door knows of a request before anybody reads it: id, true address, scheme, host.

use super::{kit::Kit, settings::HttpSettings};
use crate::base::{ActorRef, Origin, env::uuid_v7};
use axum::http::{HeaderMap, HeaderName, header, request::Parts, uri::Authority};
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Ties answer, log lines and journal together.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Who is at the other end of the wire; put on the request by the listener.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The socket's far end.
    pub address: SocketAddr,
    /// Did they come over our own TLS?
    pub tls: bool,
}

/// One request, as far as the door knows it. In the request's extensions from the outermost layer on.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// As `X-Request-Id` shows it.
    pub id: Arc<str>,
    /// The socket's far end: a proxy, perhaps.
    pub peer: IpAddr,
    /// The client, as far as trusted proxies vouch for it.
    pub address: IpAddr,
    /// Did the client speak HTTPS, to us or to a trusted proxy?
    pub secure: bool,
    /// Host and port the client addressed.
    pub host: Option<Arc<str>>,
}

impl RequestContext {
    /// Reads the request's head.
    pub(super) fn of(parts: &Parts, kit: &Kit) -> Self {
        let settings = kit.settings();
        // Without a listener (a router under test) the request comes from this very machine.
        let peer = parts.extensions.get::<Peer>().copied();
        let peer = peer.unwrap_or(Peer { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), tls: false });
        let socket = unmapped(peer.address.ip());
        let trusted = is_trusted(&settings.trusted_proxies, socket);
        if !trusted && [&FORWARDED_FOR, &FORWARDED_PROTO, &FORWARDED_HOST].iter().any(|name| parts.headers.contains_key(*name)) {
            kit.note_untrusted_proxy(socket);
        }
        let forwarded = |name: HeaderName| if trusted { last_value(&parts.headers, &name) } else { None };
        let secure = peer.tls || forwarded(FORWARDED_PROTO).is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        let host = forwarded(FORWARDED_HOST)
            .or_else(|| last_value(&parts.headers, &header::HOST))
            .or_else(|| parts.uri.authority().map(Authority::as_str))
            .filter(|host| host.parse::<Authority>().is_ok_and(|a| !a.as_str().contains('@')))
            .map(|host| Arc::from(host.to_ascii_lowercase()));
        let id = last_value(&parts.headers, &REQUEST_ID).filter(|id| sane_id(id)).map(Arc::from);
        let id = id.unwrap_or_else(|| Arc::from(uuid_v7(kit.env().now(), kit.env().chance.as_ref()).to_string()));
        Self { id, peer: socket, address: client(&settings, socket, &parts.headers), secure, host }
    }

    /// For the journal: nobody known yet.
    pub fn origin(&self) -> Origin {
        Origin { actor: ActorRef::Anonymous, address: Some(self.address), request: Some(self.id.clone()) }
    }

    /// The origin a page of ours has in this client's browser, e.g. `https://farol.example.com`.
    pub fn own_origin(&self) -> Option<String> {
        let host = self.host.as_deref()?;
        Some(if self.secure {
            format!("https://{}", host.strip_suffix(":443").unwrap_or(host))
        } else {
            format!("http://{}", host.strip_suffix(":80").unwrap_or(host))
        })
    }
}

/// The client's address: from the socket outwards, right to left, as long as the hop that said it is trusted.
/// What stands left of the first untrusted hop was written by that hop and proves nothing.
fn client(settings: &HttpSettings, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = peer;
    let values = headers.get_all(&FORWARDED_FOR).iter().rev();
    let hops = values.flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
    for hop in hops {
        if !is_trusted(&settings.trusted_proxies, address) {
            break;
        }
        match parse_hop(hop) {
            Some(next) => address = next,
            None => break,
        }
    }
    address
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(with_port).or_else(bracketed).map(unmapped)
}

pub(super) fn is_trusted(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|net| net.contains(&address))
}

pub(super) fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn last_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next().map(str::trim).filter(|text| !text.is_empty())
}

/// An inbound id goes into logs and answers, so it must be short and plain.
fn sane_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resolve(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let settings =
            HttpSettings { trusted_proxies: proxies.iter().map(|net| net.parse().unwrap()).collect(), ..HttpSettings::default() };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        client(&settings, unmapped(peer.parse().unwrap()), &headers).to_string()
    }

    #[test]
    fn nobody_talks_themselves_into_another_address() {
        const PROXY: &[&str] = &["10.0.0.0/8"];
        const LOCAL: &[&str] = &["127.0.0.1/32", "::1/128"];
        const CHAIN: &[&str] = &["10.0.0.0/8", "198.51.100.0/24"];
        const V6: &[&str] = &["2001:db8:aa::/48"];
        let rows: &[(&[&str], &str, &[&str], &str)] = &[
            // No proxy declared: headers count for nothing.
            (&[], "203.0.113.5", &[], "203.0.113.5"),
            (&[], "203.0.113.5", &["1.1.1.1"], "203.0.113.5"),
            (&[], "203.0.113.5", &["127.0.0.1"], "203.0.113.5"),
            (&[], "127.0.0.1", &["1.1.1.1"], "127.0.0.1"),
            (&[], "10.0.0.1", &["1.1.1.1, 2.2.2.2"], "10.0.0.1"),
            (&[], "::1", &["1.1.1.1"], "::1"),
            // One declared proxy.
            (PROXY, "10.0.0.1", &[], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &[" 203.0.113.5 "], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["203.0.113.5:51234"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["127.0.0.1, 203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["10.0.0.9, 203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["1.1.1.1, 203.0.113.5, 10.0.0.2"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["203.0.113.5", "10.0.0.2"], "203.0.113.5"),
            (PROXY, "203.0.113.5", &["10.0.0.1"], "203.0.113.5"),
            (PROXY, "203.0.113.5", &["1.1.1.1, 10.0.0.1"], "203.0.113.5"),
            (PROXY, "11.0.0.1", &["1.1.1.1"], "11.0.0.1"),
            // Garbage stops the walk at the last hop that vouched.
            (PROXY, "10.0.0.1", &["unknown"], "10.0.0.1"),
            (PROXY, "10.0.0.1", &[""], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["1.1.1.1, "], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["1.1.1.1, garbage, 10.0.0.2"], "10.0.0.2"),
            (PROXY, "10.0.0.1", &["999.1.1.1"], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["1.1.1.1;2.2.2.2"], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["0x7f000001"], "10.0.0.1"),
            (PROXY, "10.0.0.1", &["for=1.1.1.1"], "10.0.0.1"),
            // Every hop trusted: the leftmost is the best there is.
            (PROXY, "10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // A chain of two declared proxies.
            (CHAIN, "10.0.0.1", &["203.0.113.5, 198.51.100.7"], "203.0.113.5"),
            (CHAIN, "10.0.0.1", &["1.1.1.1, 203.0.113.5, 198.51.100.7"], "203.0.113.5"),
            (CHAIN, "198.51.100.7", &["203.0.113.5"], "203.0.113.5"),
            (CHAIN, "10.0.0.1", &["198.51.100.7, 203.0.113.5"], "203.0.113.5"),
            // A proxy on this machine.
            (LOCAL, "127.0.0.1", &["203.0.113.5"], "203.0.113.5"),
            (LOCAL, "127.0.0.1", &["127.0.0.1"], "127.0.0.1"),
            (LOCAL, "::1", &["203.0.113.5"], "203.0.113.5"),
            (LOCAL, "127.0.0.2", &["203.0.113.5"], "127.0.0.2"),
            // IPv6, brackets and mapped addresses.
            (V6, "2001:db8:aa::1", &["2001:db8:bb::9"], "2001:db8:bb::9"),
            (V6, "2001:db8:aa::1", &["[2001:db8:bb::9]:443"], "2001:db8:bb::9"),
            (V6, "2001:db8:aa::1", &["[2001:db8:bb::9]"], "2001:db8:bb::9"),
            (V6, "2001:db8:ab::1", &["2001:db8:bb::9"], "2001:db8:ab::1"),
            (PROXY, "::ffff:10.0.0.1", &["203.0.113.5"], "203.0.113.5"),
            (PROXY, "10.0.0.1", &["1.1.1.1, ::ffff:10.0.0.2"], "1.1.1.1"),
        ];
        assert!(rows.len() >= 40);
        for (proxies, peer, forwarded, expected) in rows {
            assert_eq!(resolve(proxies, peer, forwarded), *expected, "{proxies:?} {peer} {forwarded:?}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_left_of_an_untrusted_hop_never_counts(lies in proptest::collection::vec("[0-9a-f.:, ]{0,20}", 0..4)) {
            let said = format!("{},203.0.113.5", lies.join(","));
            prop_assert_eq!(resolve(&["10.0.0.0/8"], "10.0.0.1", &[&said]), "203.0.113.5");
            prop_assert_eq!(resolve(&[], "203.0.113.9", &[&said]), "203.0.113.9");
        }
    }

    #[test]
    fn only_plain_ids_are_taken_over() {
        for (id, sane) in [
            ("0190b5a4-5f2e", true),
            ("short", false),
            ("with space in it", false),
            ("a\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", false),
        ] {
            assert_eq!(sane_id(id), sane, "{id}");
        }
        assert!(!sane_id(&"a".repeat(65)));
    }
}
