//! Certificates on disk and in use: reading, writing, swapping while connections are open.

use crate::{
    base::{Error, Result, Timestamp},
    platform::private,
};
use arc_swap::ArcSwapOption;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A certificate chain with its key, in PEM.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// Leaf first.
    pub chain: String,
    /// PKCS #8 or SEC 1.
    pub key: String,
}

/// Where a pair lies.
#[derive(Debug, Clone)]
pub(super) struct PairPaths {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl PairPaths {
    /// `NAME.crt.pem` and `NAME.key.pem` in `folder`.
    pub fn named(folder: &Path, name: &str) -> Self {
        Self { chain: folder.join(format!("{name}.crt.pem")), key: folder.join(format!("{name}.key.pem")) }
    }
    /// Reads both; `None` if either is missing.
    pub fn read(&self) -> Result<Option<Pair>> {
        let read = |path: &Path| match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::invalid("tls", "unavailable", format!("cannot read {}: {e}", path.display()))),
        };
        Ok(read(&self.chain)?.zip(read(&self.key)?).map(|(chain, key)| Pair { chain, key }))
    }
    /// Writes both, readable by the owner alone. The key first: a chain without its key would not start.
    pub fn write(&self, pair: &Pair) -> Result<()> {
        private::write(&self.key, &pair.key)?;
        private::write(&self.chain, &pair.chain)
    }
}

impl Pair {
    /// Checks that chain and key belong together and makes them usable.
    ///
    /// # Errors
    /// [`Error::Invalid`] saying which file can't be used and why.
    pub fn load(&self) -> Result<Loaded> {
        let bad = |field: &'static str, why: String| Error::invalid(field, "format", why);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(self.chain.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|e| bad("tls.certificate", format!("not a PEM certificate: {e}")))?;
        let leaf = chain.first().ok_or_else(|| bad("tls.certificate", "the file holds no certificate".to_owned()))?;
        let (not_before, not_after) =
            validity(leaf).ok_or_else(|| bad("tls.certificate", "the certificate's dates can't be read".to_owned()))?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|e| bad("tls.key", format!("not a PEM private key: {e}")))?;
        let certified = CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider())
            .map_err(|e| bad("tls.key", format!("certificate and key do not belong together: {e}")))?;
        Ok(Loaded { certified: Arc::new(certified), not_before, not_after })
    }
}

/// A pair ready for handshakes.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub certified: Arc<CertifiedKey>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Loaded {
    /// Renewed from then on: at two thirds of its life.
    pub fn renew_at(&self) -> Timestamp {
        self.not_before.plus(self.not_after.since(self.not_before) / 3 * 2)
    }
}

/// The certificate in use; handshakes see a change at once.
#[derive(Debug, Default)]
pub(super) struct InUse(ArcSwapOption<Loaded>);

impl InUse {
    pub fn set(&self, loaded: Loaded) {
        self.0.store(Some(Arc::new(loaded)));
    }
    pub fn get(&self) -> Option<Arc<Loaded>> {
        self.0.load_full()
    }
}

impl ResolvesServerCert for InUse {
    /// One certificate for whoever asks: phones that type an address send no name.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.get().map(|loaded| loaded.certified.clone())
    }
}

/// `notBefore` and `notAfter` of an X.509 certificate (RFC 5280 section 4.1), and nothing else of it.
fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (body, _) = element(certificate, 0x30)?;
    let (mut rest, _) = element(body, 0x30)?;
    if rest.first() == Some(&0xa0) {
        rest = element(rest, 0xa0)?.1;
    }
    // Serial number, signature algorithm, issuer.
    for tag in [0x02, 0x30, 0x30] {
        rest = element(rest, tag)?.1;
    }
    let (dates, _) = element(rest, 0x30)?;
    let (first, after) = moment(dates)?;
    let (last, _) = moment(after)?;
    Some((first, last))
}

/// One DER element with this tag: its contents, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// UTCTime (years 1950 to 2049) or GeneralizedTime, both in `Z` as certificates must have them.
fn moment(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, rest, years) = match der.first()? {
        0x17 => element(der, 0x17).map(|(text, rest)| (text, rest, 2))?,
        _ => element(der, 0x18).map(|(text, rest)| (text, rest, 4))?,
    };
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, tail) = text.split_at_checked(years)?;
    if tail.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut year: u16 = year.parse().ok()?;
    if years == 2 {
        year += if year < 50 { 2000 } else { 1900 };
    }
    let part = |at: usize| &tail[at..at + 2];
    let rfc3339 = format!("{year:04}-{}-{}T{}:{}:{}Z", part(0), part(2), part(4), part(6), part(8));
    Timestamp::parse(&rfc3339).map(|at| (at, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_certificates_dates_are_read() {
        for (from, to) in [((2026, 1, 2), (2027, 2, 3)), ((1999, 12, 31), (2049, 12, 31)), ((2026, 1, 1), (2061, 6, 7))] {
            let mut params = rcgen::CertificateParams::new(vec!["a.example.com".to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
            params.not_after = rcgen::date_time_ymd(to.0, to.1, to.2);
            let made = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
            let day = |(y, m, d)| Timestamp::parse(&format!("{y:04}-{m:02}-{d:02}T00:00:00Z")).unwrap();
            assert_eq!(validity(made.der()), Some((day(from), day(to))));
        }
    }

    proptest! {
        #[test]
        fn rubbish_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = validity(&bytes);
            let _ = moment(&bytes);
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let make = || rcgen::generate_simple_self_signed(vec!["a.example.com".to_owned()]).unwrap();
        let (one, two) = (make(), make());
        let pair = Pair { chain: one.cert.pem(), key: two.signing_key.serialize_pem() };
        assert!(pair.load().unwrap_err().to_string().contains("do not belong together"));
        Pair { chain: one.cert.pem(), key: one.signing_key.serialize_pem() }.load().unwrap();
        for (chain, key) in [("", one.signing_key.serialize_pem()), ("rubbish", String::new())] {
            assert!(Pair { chain: chain.to_owned(), key }.load().is_err());
        }
    }
}
