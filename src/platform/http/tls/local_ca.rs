//! A certificate authority of our own, for addresses no public one will certify: names inside the
//! house, private IP addresses. People install it once on each device (the trust page helps).
//!
//! The authority binds itself to private networks and to the names it was made for, so whoever
//! installs it trusts it with nothing else, and a stolen key opens nobody's bank.

use super::certificates::{Loaded, Pair, PairPaths};
use crate::{
    base::{Error, Result, Timestamp},
    platform::private,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use serde::{Deserialize, Serialize};
use std::{fs, net::IpAddr, path::Path};

/// The authority's life. Installing it again is a walk to every device.
const CA_YEARS: i16 = 10;
/// Days before its end from which the owner is told at each start …
const CA_TOLD_DAYS: i64 = 365;
/// … and from which a start makes a new one: leaves can't outlive their authority.
const CA_SPARE_DAYS: i64 = 30;
/// Apple refuses leaves that live longer than 398 days.
const LEAF_DAYS: i64 = 397;
/// Names that never leave a house (RFC 6762, RFC 8375, ICANN's reservation of .internal, and what routers use).
const LOCAL_SUFFIXES: [&str; 5] = ["local", "home.arpa", "internal", "lan", "home"];

/// The box itself under its own roof: for checks and programs on the same machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "::1", "localhost"];

/// The authority and where its leaf lies.
#[derive(Debug)]
pub(super) struct LocalCa {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
    leaf: PairPaths,
    names: Vec<String>,
    ends: Date,
    knows_localhost: bool,
}

/// What must be known to sign again: `rcgen` writes certificates but does not read them.
#[derive(Debug, Serialize, Deserialize)]
struct Birth {
    common_name: String,
    names: Vec<String>,
    from: Date,
    to: Date,
    /// May it certify `localhost`?
    #[serde(default)]
    localhost: bool,
}

impl LocalCa {
    /// Opens the authority in `keys`, or makes one that may certify `names` (host names and IP addresses).
    ///
    /// # Errors
    /// [`Error::Invalid`] when a name can't stand in a certificate; [`Error::Internal`] when the disk refuses.
    pub fn open_or_create(keys: &Path, names: &[String], now: Timestamp) -> Result<Self> {
        if names.is_empty() {
            return Err(Error::invalid("tls.lan_name", "required", "give the name or address people type, e.g. farol.lan"));
        }
        let birth_path = keys.join("ca.json");
        let paths = PairPaths::named(keys, "ca");
        let today = day(now);
        let lasts = |birth: &Birth| today.saturating_add(CA_SPARE_DAYS.days()) < birth.to;
        let known = read_birth(&birth_path)?.filter(|birth| covers(birth, names) && lasts(birth)).zip(paths.read()?);
        let (birth, pair) = match known {
            Some((birth, pair)) => (birth, pair),
            None => create(keys, &birth_path, &paths, names, now)?,
        };
        if today.saturating_add(CA_TOLD_DAYS.days()) >= birth.to {
            let ends = birth.to;
            tracing::warn!(%ends, "the certificate authority for the local network ends soon; a new one takes its place at a start in its last month, and devices must install that one from /trust");
        }
        let key = KeyPair::from_pem(&pair.key).map_err(|e| broken("reading ca.key.pem", &e))?;
        let params = authority(&birth)?;
        let der = pair.load()?.certified.cert.first().map(|der| der.to_vec()).unwrap_or_default();
        Ok(Self {
            params,
            key,
            der,
            leaf: PairPaths::named(keys, "lan"),
            names: names.to_vec(),
            ends: birth.to,
            knows_localhost: birth.localhost,
        })
    }

    /// The certificate that devices install.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The leaf in store if it is still good at `now`, else a fresh one.
    pub fn leaf(&self, now: Timestamp) -> Result<Loaded> {
        let names = self.leaf.chain.with_extension("names");
        if let Some(pair) = self.leaf.read()?
            && fs::read_to_string(&names).is_ok_and(|held| held == self.certified().join("\n"))
            && let Ok(loaded) = pair.load()
            && loaded.renew_at() > now
            && loaded.certified.cert.get(1).is_some_and(|issuer| issuer.as_ref() == self.der)
        {
            return Ok(loaded);
        }
        let pair = self.sign(now)?;
        self.leaf.write(&pair)?;
        private::write(&names, self.certified().join("\n"))?;
        pair.load()
    }

    /// The names of the leaf: those asked for, and this machine's own. An authority made before `localhost` was
    /// among what it may certify would break its whole leaf by naming it.
    fn certified(&self) -> Vec<String> {
        let own = LOOPBACK.iter().filter(|name| self.knows_localhost || name.parse::<IpAddr>().is_ok());
        let own = own.map(|name| (*name).to_owned()).filter(|name| !self.names.contains(name));
        self.names.iter().cloned().chain(own).collect()
    }

    fn sign(&self, now: Timestamp) -> Result<Pair> {
        let mut params = CertificateParams::new(self.certified())
            .map_err(|e| Error::invalid("tls.lan_name", "format", format!("{e}: give host names and IP addresses")))?;
        let today = day(now);
        // Devices refuse a chain with an end behind them, so a leaf that says more than its authority misleads us.
        let to = today.saturating_add((LEAF_DAYS - 1).days()).min(self.ends);
        set_life(&mut params, today.saturating_sub(1.days()), to);
        params.distinguished_name = named(&self.names[0]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(|e| broken("making a key", &e))?;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let leaf = params.signed_by(&key, &issuer).map_err(|e| broken("signing the LAN certificate", &e))?;
        let ca = pem("CERTIFICATE", &self.der);
        Ok(Pair { chain: leaf.pem() + &ca, key: key.serialize_pem() })
    }
}

fn create(keys: &Path, birth_path: &Path, paths: &PairPaths, names: &[String], now: Timestamp) -> Result<(Birth, Pair)> {
    let today = day(now);
    let birth = Birth {
        common_name: format!("Farol {}", names[0]),
        names: names.to_vec(),
        from: today.saturating_sub(1.days()),
        to: today.saturating_add(CA_YEARS.years()),
        localhost: true,
    };
    let key = KeyPair::generate().map_err(|e| broken("making a key", &e))?;
    let made = authority(&birth)?.self_signed(&key).map_err(|e| broken("making the authority", &e))?;
    let pair = Pair { chain: made.pem(), key: key.serialize_pem() };
    private::make_folder(keys).map_err(|e| Error::internal(format_args!("creating {}: {e}", keys.display())))?;
    paths.write(&pair)?;
    let text = serde_json::to_vec_pretty(&birth).map_err(|e| Error::internal(format_args!("writing ca.json: {e}")))?;
    private::write(birth_path, text)?;
    tracing::info!(names = ?names, "made a certificate authority for the local network; devices install it from /trust");
    Ok((birth, pair))
}

fn authority(birth: &Birth) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&birth.common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_life(&mut params, birth.from, birth.to);
    let mut permitted: Vec<GeneralSubtree> =
        LOCAL_SUFFIXES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned())).collect();
    if birth.localhost {
        permitted.push(GeneralSubtree::DnsName("localhost".to_owned()));
    }
    permitted.extend(PRIVATE.iter().map(|net| GeneralSubtree::IpAddress(subnet(net))));
    for name in &birth.names {
        permitted.push(match name.parse::<IpAddr>() {
            Ok(address) => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, if address.is_ipv4() { 32 } else { 128 }))
            }
            Err(_) => GeneralSubtree::DnsName(name.clone()),
        });
    }
    params.name_constraints = Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    Ok(params)
}

/// Networks that no router outside carries (RFC 1918, 4193, 3927, 4291, loopback).
const PRIVATE: [&str; 8] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128"];

fn subnet(net: &str) -> CidrSubnet {
    let net: ipnet::IpNet = net.parse().expect("the constants above are networks");
    CidrSubnet::from_addr_prefix(net.addr(), net.prefix_len())
}

/// May this authority certify all of `names`?
fn covers(birth: &Birth, names: &[String]) -> bool {
    names.iter().all(|name| {
        let private = || {
            PRIVATE.iter().any(|net| {
                let net: Result<ipnet::IpNet, _> = net.parse();
                net.ok().zip(name.parse::<IpAddr>().ok()).is_some_and(|(net, address)| net.contains(&address))
            })
        };
        birth.names.contains(name) || private() || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(&format!(".{suffix}")))
    })
}

fn read_birth(path: &Path) -> Result<Option<Birth>> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::internal(format_args!("reading {}: {e}", path.display()))),
    }
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn day(at: Timestamp) -> Date {
    at.in_zone(&TimeZone::UTC).date()
}

/// A certificate good from the beginning of one day to the beginning of another.
fn set_life(params: &mut CertificateParams, from: Date, to: Date) {
    let at = |day: Date| rcgen::date_time_ymd(i32::from(day.year()), day.month() as u8, day.day() as u8);
    (params.not_before, params.not_after) = (at(from), at(to));
}

fn broken(attempt: &str, error: &rcgen::Error) -> Error {
    Error::internal(format_args!("{attempt}: {error}"))
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
    use std::{sync::Arc, time::Duration};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// Would a device that installed the authority accept this leaf under this name?
    fn trusts(ca: &LocalCa, leaf: &Loaded, name: &str, now: Timestamp) -> bool {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(ca.der().to_vec())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let chain = &leaf.certified.cert;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.0 as u64));
        rustls::client::danger::ServerCertVerifier::verify_server_cert(&*verifier, &chain[0], &chain[1..], &name, &[], now)
            .is_ok()
    }

    #[test]
    fn a_device_that_installed_the_authority_trusts_the_leaf_and_nothing_foreign() {
        let folder = tempfile::tempdir().unwrap();
        let now = at("2026-11-22T08:00:00Z");
        let names = ["farol.lan".to_owned(), "192.168.1.10".to_owned()];
        let ca = LocalCa::open_or_create(folder.path(), &names, now).unwrap();
        let leaf = ca.leaf(now).unwrap();
        assert!(trusts(&ca, &leaf, "farol.lan", now));
        assert!(trusts(&ca, &leaf, "192.168.1.10", now));
        for own in LOOPBACK {
            assert!(trusts(&ca, &leaf, own, now), "{own}");
        }
        assert!(!trusts(&ca, &leaf, "other.lan", now));
        assert!(!trusts(&ca, &leaf, "farol.lan", at("2028-06-01T00:00:00Z")), "leaves end");
        let abused =
            LocalCa { names: vec!["bank.example.com".to_owned()], leaf: PairPaths::named(folder.path(), "abused"), ..ca };
        let stolen = abused.leaf(now).unwrap();
        assert!(!trusts(&abused, &stolen, "bank.example.com", now), "the authority is bound to the house");
    }

    #[test]
    fn a_restart_keeps_authority_and_leaf_and_two_thirds_of_a_life_renew_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let names = ["farol.lan".to_owned()];
        let open = |now| LocalCa::open_or_create(folder.path(), &names, now).unwrap();
        let (start, soon, later) = (at("2026-11-22T08:00:00Z"), at("2027-07-01T00:00:00Z"), at("2027-09-01T00:00:00Z"));
        let (first, first_leaf) = (open(start).der().to_vec(), open(start).leaf(start).unwrap());
        assert_eq!(open(soon).der(), first);
        assert_eq!(open(soon).leaf(soon).unwrap().certified.cert, first_leaf.certified.cert);
        let renewed = open(later).leaf(later).unwrap();
        assert_ne!(renewed.certified.cert[0], first_leaf.certified.cert[0]);
        assert!(trusts(&open(later), &renewed, "farol.lan", later));
        for entry in fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        }
    }

    #[test]
    fn no_leaf_outlives_its_authority_and_in_its_last_month_a_new_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let open = |now| LocalCa::open_or_create(folder.path(), &["farol.lan".to_owned()], now).unwrap();
        let first = open(at("2026-11-22T08:00:00Z")).der().to_vec();
        let late = at("2036-06-01T08:00:00Z");
        let ca = open(late);
        assert_eq!(ca.der(), first);
        let leaf = ca.leaf(late).unwrap();
        assert!(trusts(&ca, &leaf, "farol.lan", late));
        assert!(leaf.not_after <= at("2036-11-22T00:00:00Z"), "{:?}", leaf.not_after);
        let last_month = at("2036-11-01T08:00:00Z");
        let next = open(last_month);
        assert_ne!(next.der(), first);
        assert!(trusts(&next, &next.leaf(last_month).unwrap(), "farol.lan", at("2037-06-01T08:00:00Z")));
    }

    #[test]
    fn another_name_inside_the_house_keeps_the_authority_and_one_outside_makes_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let now = at("2026-11-22T08:00:00Z");
        let der = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            LocalCa::open_or_create(folder.path(), &names, now).unwrap().der().to_vec()
        };
        let first = der(&["farol.lan"]);
        assert_eq!(der(&["desk.lan", "10.1.2.3"]), first);
        assert_ne!(der(&["farol.example.com"]), first);
    }
}
