//! Calls to the outside: one guarded way out for providers, webhooks and media links.
//!
//! A name is resolved once and the very addresses that were checked are connected to, so a name
//! that changes its mind between check and call gains nothing. Redirects are followed by hand, each
//! hop checked again. Every call has a time-out and a limit on the answer's size; hosts that keep
//! failing are left alone for a while, by each purpose.

mod breaker;
mod call;
mod file;
mod guard;
#[cfg(test)]
mod tests;

pub use call::{Answer, Call, CallError, Incoming, Retry};
pub use file::{Encoding, FileBody};
pub use guard::{Guard, Refusal};

use crate::base::{Env, Error, time::Stopwatch};
use arc_swap::ArcSwap;
use breaker::Breaker;
use bytes::BytesMut;
use call::failure;
use guard::{PrivateHosts, Trust};
use http::{HeaderMap, Method, header};
use parking_lot::RwLock;
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// Redirects followed for one GET.
const HOPS_MAX: usize = 5;
/// Waiting longer for a connection has never helped.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Sets of connections kept at a time, one for each time-out in use; beyond it all but the default's begin anew.
const CLIENT_SETS_MAX: usize = 8;

/// Makes ring the one TLS provider of the process. Call first thing; later calls change nothing.
pub fn install_tls_provider() {
    // Err means that it stands already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// How names become addresses; tests hand over their own.
pub type Lookup = Arc<dyn Fn(String) -> futures_util::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The way out. Clones share connections and circuits.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

/// By trust; those of the second row never connect to this very process.
type Clients = [[Client; 3]; 2];

struct Inner {
    /// By the time a connection may take: the library knows one for each client.
    clients: RwLock<HashMap<Duration, Arc<Clients>>>,
    patience: ArcSwap<Patience>,
    lookup: Lookup,
    private: Arc<ArcSwap<PrivateHosts>>,
    several_firms: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    env: Env,
    breaker: Breaker,
    own: Arc<RwLock<Vec<SocketAddr>>>,
}

/// How the way out is built.
#[derive(Clone, Default)]
pub struct OutboundSettings {
    /// Instead of the system's resolver.
    pub lookup: Option<Lookup>,
    /// Host names, addresses and ranges inside the house that every firm on this box may call.
    pub private_hosts: Vec<String>,
    /// Does the box serve several firms? Then a firm's own addresses may be private only where listed.
    pub several_firms: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

/// How long calls may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// What differs, by a call's purpose (`whatsapp_cloud`), its host, or host and port. The host wins.
    pub by_name: BTreeMap<String, CallTimes>,
}

/// Where one provider or host differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTimes {
    /// Until a connection stands.
    pub connect: Option<Duration>,
    /// Until the whole answer is there, whatever the caller would allow.
    pub answer: Option<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, by_name: BTreeMap::new() }
    }
}

impl Patience {
    /// What holds for a call of `purpose` to `url`.
    fn of(&self, purpose: &str, url: &Url) -> CallTimes {
        let host = url.host_str().unwrap_or_default();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let named: Vec<&CallTimes> =
            [with_port.as_str(), host, purpose].iter().filter_map(|name| self.by_name.get(*name)).collect();
        CallTimes {
            connect: named.iter().find_map(|times| times.connect).or(Some(self.connect)),
            answer: named.iter().find_map(|times| times.answer),
        }
    }
}

impl Outbound {
    /// The way out.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a private host can't be read; [`Error::Internal`] when TLS can't be set up.
    pub fn new(env: Env, settings: OutboundSettings) -> Result<Self, Error> {
        install_tls_provider();
        let lookup = settings.lookup.unwrap_or_else(system_lookup);
        let private = Arc::new(ArcSwap::from_pointee(PrivateHosts::parse(&settings.private_hosts)?));
        let own: Arc<RwLock<Vec<SocketAddr>>> = Arc::default();
        let outbound = Self(Arc::new(Inner {
            clients: RwLock::default(),
            patience: ArcSwap::default(),
            lookup,
            private,
            several_firms: settings.several_firms,
            env,
            breaker: Breaker::default(),
            own,
        }));
        outbound.clients(CONNECT_TIMEOUT)?;
        Ok(outbound)
    }

    /// How long calls may take, from the next one on.
    pub fn set_patience(&self, patience: Patience) {
        self.0.patience.store(Arc::new(patience));
    }

    /// The clients whose connections may take so long.
    fn clients(&self, connect: Duration) -> Result<Arc<Clients>, Error> {
        if let Some(known) = self.0.clients.read().get(&connect) {
            return Ok(known.clone());
        }
        let mut all = self.0.clients.write();
        if all.len() >= CLIENT_SETS_MAX {
            all.retain(|time, _| *time == CONNECT_TIMEOUT);
        }
        let made = Arc::new([self.make(connect, None)?, self.make(connect, Some(&self.0.own))?]);
        Ok(all.entry(connect).or_insert(made).clone())
    }

    fn make(&self, connect: Duration, own: Option<&Arc<RwLock<Vec<SocketAddr>>>>) -> Result<[Client; 3], Error> {
        let Inner { lookup, private, .. } = &*self.0;
        let client = |trust: Trust| {
            let (lookup, private, own) = (lookup.clone(), private.clone(), own.cloned());
            let builder = Client::builder()
                .user_agent(concat!("Farol/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(connect)
                .pool_max_idle_per_host(8)
                .referer(false)
                .no_proxy()
                .dns_resolver(GuardedResolver { lookup, trust, private, own });
            builder.build().map_err(|e| Error::internal(format_args!("setting up outgoing TLS: {e}")))
        };
        let [public, listed, owner] = [Trust::Public, Trust::Listed, Trust::Owner].map(client);
        Ok([public?, listed?, owner?])
    }

    /// Clock and chance, for whoever paces calls.
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// Addresses this process listens on, so that nobody makes it call itself.
    pub fn set_own(&self, own: Vec<SocketAddr>) {
        *self.0.own.write() = own;
    }

    /// Other hosts inside the house, from the next call on.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the entry that is no host, address or range.
    pub fn set_private_hosts(&self, hosts: &[String]) -> Result<(), Error> {
        self.0.private.store(Arc::new(PrivateHosts::parse(hosts)?));
        Ok(())
    }

    fn judge(&self, url: &Url, guard: &Guard) -> Result<Trust, Refusal> {
        let private = self.0.private.load();
        let shared = self.0.several_firms.as_ref().is_some_and(|several| several());
        let trust = guard.trust(url, shared, &private);
        guard::check_url(url, trust, &private, &self.0.own.read())?;
        Ok(trust)
    }

    /// Would this address be called? For forms that take one; the call itself checks again.
    ///
    /// # Errors
    /// [`CallError::Refused`] or [`CallError::Malformed`].
    pub fn check(&self, url: &str, guard: &Guard) -> Result<(), CallError> {
        let url = Url::parse(url).map_err(|e| CallError::Malformed(e.to_string()))?;
        Ok(self.judge(&url, guard).map(drop)?)
    }

    /// Calls and reads the whole answer.
    ///
    /// # Errors
    /// See [`CallError`]; an answer with a bad status is an [`Answer`].
    pub async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let url = Url::parse(&call.url).ok();
        let set = url.and_then(|url| self.0.patience.load().of(call.purpose, &url).answer);
        let timeout = set.unwrap_or(call.timeout);
        let whole = async {
            let mut incoming = self.begin(call).await?;
            let mut body = BytesMut::new();
            while let Some(chunk) = incoming.chunk().await? {
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status: incoming.status, headers: incoming.headers, body: body.freeze() })
        };
        tokio::time::timeout(timeout, whole).await.unwrap_or(Err(CallError::Timeout(timeout)))
    }

    /// Calls and hands over the answer while its body is still coming. The call's time is up when its head is not here by then.
    ///
    /// # Errors
    /// See [`CallError`]; an answer with a bad status is an [`Incoming`].
    pub async fn open(&self, call: Call) -> Result<Incoming, CallError> {
        let timeout = call.timeout;
        tokio::time::timeout(timeout, self.begin(call)).await.unwrap_or(Err(CallError::Timeout(timeout)))
    }

    async fn begin(&self, call: Call) -> Result<Incoming, CallError> {
        if let Some(broken) = call.broken.clone() {
            return Err(CallError::Malformed(broken));
        }
        let mut url = Url::parse(&call.url).map_err(|e| CallError::Malformed(e.to_string()))?;
        let mut headers = call.headers.clone();
        let limit = call.answer_bytes_max;
        for _ in 0..=HOPS_MAX {
            let trust = self.judge(&url, &call.guard).inspect_err(|_| {
                metrics::counter!("farol_outbound_refused_total", "purpose" => call.purpose).increment(1);
            })?;
            let response = self.hop(&call, &url, &headers, trust).await?;
            match next_hop(&call.method, &url, &response)? {
                None => {
                    if response.content_length().is_some_and(|length| length > limit as u64) {
                        return Err(CallError::TooLarge(limit));
                    }
                    let (status, headers) = (response.status(), response.headers().clone());
                    return Ok(Incoming { status, headers, response, left: limit, limit });
                }
                Some(next) => {
                    if next.origin() != url.origin() {
                        // What was meant for one host is not shown to another.
                        headers.remove(header::AUTHORIZATION);
                        headers.remove(header::COOKIE);
                        headers.retain_public();
                    }
                    url = next;
                }
            }
        }
        Err(CallError::Redirects)
    }

    async fn hop(&self, call: &Call, url: &Url, headers: &HeaderMap, trust: Trust) -> Result<reqwest::Response, CallError> {
        let purpose = call.purpose;
        let Inner { own, env, breaker, patience, .. } = &*self.0;
        let connect = patience.load().of(purpose, url).connect.unwrap_or(CONNECT_TIMEOUT);
        // Made before; a new one fails only where the first would have.
        let clients = self.clients(connect).map_err(|e| CallError::Malformed(e.to_string()))?;
        // Each purpose by itself: what a tenant's webhook runs into must not close a channel's way to the same host.
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let host = format!("{purpose} {host}:{port}");
        breaker.admit(&host, env.now()).map_err(CallError::Resting)?;
        // A name is compared with our own addresses only where the port is ours; elsewhere on this machine may be others.
        let ours = own.read().iter().any(|own| own.port() == port);
        let client = &clients[usize::from(ours)][trust as usize];
        let mut request = client.request(call.method.clone(), url.clone()).headers(headers.clone());
        if let Some(file) = &call.file {
            request = request.body(file.stream());
        } else if !call.body.is_empty() {
            request = request.body(call.body.clone());
        }
        let mut trial = Trial { outbound: &self.0, host, purpose, watch: Stopwatch::start(), ended: false };
        let outcome = request.send().await.map_err(|error| failure(&error));
        match &outcome {
            Ok(response) => trial.end(response.status().as_str(), !response.status().is_server_error()),
            // The guard's no says nothing about the host's health.
            Err(CallError::Refused(_)) => trial.end("refused", true),
            Err(CallError::Unreachable(_)) => trial.end("unreachable", false),
            Err(_) => trial.end("broken", false),
        }
        outcome
    }
}

/// One attempt at a host. Dropped without an end, it was given up by its caller's time-out.
struct Trial<'a> {
    outbound: &'a Inner,
    host: String,
    purpose: &'static str,
    watch: Stopwatch,
    ended: bool,
}

impl Trial<'_> {
    fn end(&mut self, status: &str, ok: bool) {
        self.ended = true;
        self.outbound.breaker.note(&self.host, ok, self.outbound.env.now());
        metrics::histogram!("farol_outbound_request_seconds", "purpose" => self.purpose, "status" => status.to_owned())
            .record(self.watch.elapsed().as_secs_f64());
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.end("timeout", false);
        }
    }
}

trait RetainPublic {
    fn retain_public(&mut self);
}

impl RetainPublic for HeaderMap {
    /// Keeps only headers that mean the same to everybody; providers put keys into headers of their own.
    fn retain_public(&mut self) {
        let kept = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::RANGE, header::USER_AGENT];
        let names: Vec<_> = self.keys().filter(|name| !kept.contains(name)).cloned().collect();
        for name in names {
            self.remove(name);
        }
    }
}

/// Where a redirect leads, if this is one that is followed: only what was merely read is read elsewhere.
fn next_hop(method: &Method, url: &Url, response: &reqwest::Response) -> Result<Option<Url>, CallError> {
    let follows = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) && method.is_safe();
    let Some(location) = response.headers().get(header::LOCATION).filter(|_| follows) else { return Ok(None) };
    let location = location.to_str().map_err(|_| CallError::Malformed("the redirect's address".to_owned()))?;
    url.join(location).map(Some).map_err(|e| CallError::Malformed(format!("the redirect's address: {e}")))
}

/// Resolves a name once and passes on only what may be called.
struct GuardedResolver {
    lookup: Lookup,
    trust: Trust,
    private: Arc<ArcSwap<PrivateHosts>>,
    /// Addresses not to be called, where the port is one of ours.
    own: Option<Arc<RwLock<Vec<SocketAddr>>>>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, trust, private) = ((self.lookup)(name.as_str().to_owned()), self.trust, self.private.load_full());
        let own = self.own.as_ref().map(|own| own.read().clone()).unwrap_or_default();
        Box::pin(async move {
            let addresses = found.await?;
            // One forbidden address among allowed ones is an attempt, not a mistake.
            for address in &addresses {
                guard::check_address(*address, trust, &private)?;
                if own.iter().any(|own| guard::is_served_at(own, *address)) {
                    return Err(Refusal::Own.into());
                }
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

fn system_lookup() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) }))
}
