//! Certificates from a public authority by ACME (RFC 8555), proved over HTTP-01.

use super::certificates::{Loaded, Pair, PairPaths};
use crate::{
    base::{Error, Result},
    platform::private,
};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How a public certificate is had.
#[derive(Debug, Clone)]
pub struct AcmeSettings {
    /// The authority's directory; [`LETS_ENCRYPT`] unless told otherwise.
    pub directory: String,
    /// Host names that lead to this box from outside, on port 80.
    pub domains: Vec<String>,
    /// Where the authority writes when something is wrong.
    pub contact_email: Option<String>,
    /// The one authority to trust for the directory itself, in PEM; the system's list if none is given.
    pub directory_root: Option<PathBuf>,
}

/// First pause after a failure.
const PAUSE_FIRST: Duration = Duration::from_secs(60);
/// From the second failure on, so that no hour sees more than four tries.
const PAUSE_NEXT: Duration = Duration::from_secs(20 * 60);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// The authority gets this long to look at our answer, and again to sign.
const PATIENCE: Duration = Duration::from_secs(90);
/// A refused nonce says nothing against the request (RFC 8555, 6.5): it is sent again with the fresh one of the answer.
/// The library sends each thrice; authorities that restart, or stand behind several machines, need more patience.
const NONCE_TRIES: u32 = 8;
/// One try from beginning to end.
const TRY_MAX: Duration = Duration::from_secs(300);

/// Pause after so many failures in a row (1 for the first).
pub(super) fn pause(failures: u32) -> Duration {
    match failures {
        0 | 1 => PAUSE_FIRST,
        more => PAUSE_NEXT.saturating_mul(1 << (more - 2).min(10)).min(PAUSE_MAX),
    }
}

/// Awaits a request, and again as long as only its nonce was refused.
macro_rules! sent {
    ($attempt:literal, $request:expr) => {{
        let mut left = NONCE_TRIES;
        loop {
            left -= 1;
            match $request.await {
                Err(e) if left > 0 && is_bad_nonce(&e) => {}
                outcome => break outcome.map_err(|e| said($attempt, &e)),
            }
        }
    }};
}

/// The authority's customer: account, domains, open challenges.
#[derive(Debug)]
pub(super) struct Acme {
    settings: AcmeSettings,
    account_path: PathBuf,
    paths: PairPaths,
    challenges: Mutex<HashMap<String, String>>,
}

/// The account as it is kept: of which directory, and its key.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    directory: String,
    credentials: AccountCredentials,
}

impl Acme {
    /// A customer whose papers lie in `keys`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when no domain is given.
    pub fn new(keys: &Path, settings: AcmeSettings) -> Result<Self> {
        let named = !settings.domains.is_empty() && settings.domains.iter().all(|name| name.parse::<std::net::IpAddr>().is_err());
        if !named {
            let remedy = "give a public host name such as farol.example.com; for an address inside the house use tls.lan_name";
            return Err(Error::invalid("tls.acme_domain", "required", remedy));
        }
        let (account_path, paths) = (keys.join("acme-account.json"), PairPaths::named(keys, "acme"));
        Ok(Self { settings, account_path, paths, challenges: Mutex::default() })
    }

    /// The certificate in store, if it is for these domains.
    pub fn stored(&self) -> Option<Loaded> {
        let held = fs::read_to_string(self.paths.chain.with_extension("names")).ok()?;
        if held != self.settings.domains.join("\n") {
            return None;
        }
        self.paths.read().ok()??.load().ok()
    }

    /// The first domain, for the placeholder certificate.
    pub fn domains(&self) -> &[String] {
        &self.settings.domains
    }

    /// What stands at `/.well-known/acme-challenge/{token}` just now.
    pub fn answer(&self, token: &str) -> Option<String> {
        self.challenges.lock().get(token).cloned()
    }

    /// Orders, proves, fetches and stores a certificate.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the authority's words.
    pub async fn obtain(&self) -> Result<Loaded> {
        let outcome = tokio::time::timeout(TRY_MAX, self.order()).await;
        self.challenges.lock().clear();
        let pair = outcome.map_err(|_| Error::unavailable("the certificate authority took too long"))??;
        let loaded = pair.load()?;
        self.paths.write(&pair)?;
        private::write(&self.paths.chain.with_extension("names"), self.settings.domains.join("\n"))?;
        Ok(loaded)
    }

    async fn order(&self) -> Result<Pair> {
        let account = self.account().await?;
        let identifiers: Vec<_> = self.settings.domains.iter().map(|name| Identifier::Dns(name.clone())).collect();
        let mut order = sent!("ordering", account.new_order(&NewOrder::new(&identifiers)))?;
        // Read first, answered then: the list begins anew where a request fails, and keeps what it has read.
        sent!("reading an authorization", read_all(&mut order))?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|e| said("reading an authorization", &e))?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                other => return Err(Error::unavailable(format!("an authorization is {other:?}; a new order is needed"))),
            }
            let mut challenge = authorization
                .challenge(ChallengeType::Http01)
                .ok_or_else(|| Error::unavailable("the authority offers no HTTP-01 challenge for this name"))?;
            let answer = challenge.key_authorization().as_str().to_owned();
            self.challenges.lock().insert(challenge.token.clone(), answer);
            sent!("announcing the answer", challenge.set_ready())?;
        }
        let patience = RetryPolicy::default().timeout(PATIENCE);
        let status = sent!("waiting for the proof", order.poll_ready(&patience))?;
        if status != OrderStatus::Ready {
            return Err(Error::unavailable(refused(&mut order).await));
        }
        let broken = |e: rcgen::Error| Error::internal(format_args!("writing a certificate request: {e}"));
        let mut params = rcgen::CertificateParams::new(self.settings.domains.clone()).map_err(broken)?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        let key = rcgen::KeyPair::generate().map_err(broken)?;
        let request = params.serialize_request(&key).map_err(broken)?;
        sent!("sending the certificate request", order.finalize_csr(request.der()))?;
        let chain = sent!("fetching the certificate", order.poll_certificate(&patience))?;
        Ok(Pair { chain, key: key.serialize_pem() })
    }

    async fn account(&self) -> Result<Account> {
        let builder = || match &self.settings.directory_root {
            Some(root) => Account::builder_with_root(root),
            None => Account::builder(),
        };
        let setup = |e| Error::internal(format_args!("setting up the ACME client: {e}"));
        let kept = fs::read(&self.account_path).ok().and_then(|bytes| serde_json::from_slice::<KeptAccount>(&bytes).ok());
        if let Some(kept) = kept.filter(|kept| kept.directory == self.settings.directory) {
            let known = builder().map_err(setup)?.from_credentials(kept.credentials).await;
            return known.map_err(|e| said("reading the authority's directory", &e));
        }
        let contact: Vec<String> = self.settings.contact_email.iter().map(|email| format!("mailto:{email}")).collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let directory = self.settings.directory.clone();
        let (account, credentials) =
            sent!("opening an account", builder().map_err(setup)?.create(&new, directory.clone(), None))?;
        let kept = serde_json::to_vec(&KeptAccount { directory, credentials });
        let kept = kept.map_err(|e| Error::internal(format_args!("writing the ACME account: {e}")))?;
        private::write(&self.account_path, &kept)?;
        Ok(account)
    }
}

/// Why the authority did not believe us, in its own words where it gives them.
async fn refused(order: &mut instant_acme::Order) -> String {
    let mut words = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        let problems = authorization.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        words.extend(problems.map(|problem| format!("{name}: {problem}")));
    }
    if words.is_empty() {
        words.push("the authority could not reach this box on port 80".to_owned());
    }
    words.join("; ")
}

async fn read_all(order: &mut instant_acme::Order) -> Result<(), instant_acme::Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        authorization?;
    }
    Ok(())
}

fn is_bad_nonce(error: &instant_acme::Error) -> bool {
    let instant_acme::Error::Api(problem) = error else { return false };
    problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce")
}

fn said(attempt: &str, error: &instant_acme::Error) -> Error {
    Error::unavailable(format!("{attempt}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hour_sees_more_than_four_tries_and_no_pause_is_longer_than_a_day() {
        let mut tries = vec![0u64];
        for failures in 1..30 {
            tries.push(tries.last().unwrap() + pause(failures).as_secs());
        }
        for (i, at) in tries.iter().enumerate() {
            assert!(tries[i..].iter().take_while(|later| **later < at + 3_600).count() <= 4);
        }
        assert_eq!((pause(1).as_secs(), pause(29).as_secs()), (60, 86_400));
    }
}
