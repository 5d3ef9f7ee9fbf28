//! What every route may reach: the store, clock and chance, the services `app.rs` hands over, settings, hooks.

use super::{access::Authenticator, context::RequestContext, limits::RateLimits, settings::HttpSettings};
use crate::{
    base::{Actor, Env, Error, Origin, Result},
    platform::store::Store,
};
use arc_swap::ArcSwap;
use axum::http::{Request, header, request::Parts};
use std::time::Duration;
use std::{
    any::{Any, TypeId, type_name},
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, OnceLock},
};
use tokio::sync::watch;

/// The state of every handler (`State<Kit>`). Cheap to clone.
#[derive(Clone)]
pub struct Kit(Arc<Inner>);

/// Says what hinders readiness, or nothing.
pub type ReadinessCheck = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

struct Inner {
    store: Store,
    env: Env,
    settings: ArcSwap<HttpSettings>,
    services: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    authenticator: Option<Arc<dyn Authenticator>>,
    needs_setup: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    readiness: Vec<(&'static str, ReadinessCheck)>,
    limits: RateLimits,
    shutdown: watch::Sender<bool>,
    /// How many long-lived tasks the stop waits for.
    stays: watch::Sender<usize>,
    https_port: OnceLock<u16>,
    /// Peers that sent forwarding headers without being on the list of trusted proxies, for the owner's eyes.
    strangers: parking_lot::Mutex<BTreeSet<IpAddr>>,
}

/// Collects what the kit is made of; used once, in `app.rs` and in tests.
pub struct KitBuilder(Inner);

/// How many unlisted proxies are remembered: enough to name them, too few to fill memory.
const STRANGERS_MAX: usize = 32;

/// How long requests and sockets may go on after a stop was asked for; two seconds are left to close the store.
pub const DRAIN: Duration = Duration::from_secs(8);

impl Kit {
    /// A kit over `store` and `env`, to be filled.
    pub fn builder(store: Store, env: Env, settings: HttpSettings) -> KitBuilder {
        KitBuilder(Inner {
            store,
            env,
            limits: RateLimits::new(&settings),
            settings: ArcSwap::from_pointee(settings),
            services: HashMap::new(),
            authenticator: None,
            needs_setup: None,
            readiness: Vec::new(),
            shutdown: watch::Sender::new(false),
            stays: watch::Sender::new(0),
            https_port: OnceLock::new(),
            strangers: parking_lot::Mutex::default(),
        })
    }

    /// The service of this type.
    ///
    /// # Panics
    /// If `app.rs` handed none over: a mistake in the list there, met by the first request of any test.
    #[expect(clippy::panic, reason = "a missing service is a wiring mistake, not a state of the running house")]
    pub fn service<T: ?Sized + Send + Sync + 'static>(&self) -> Arc<T> {
        self.find_service().unwrap_or_else(|| panic!("no {} was handed to the kit", type_name::<T>()))
    }
    /// The service of this type, if one was handed over.
    pub fn find_service<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.services.get(&TypeId::of::<Arc<T>>())?.downcast_ref::<Arc<T>>().cloned()
    }
    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }
    /// Clock and chance.
    pub fn env(&self) -> &Env {
        &self.0.env
    }
    /// The settings in force now.
    pub fn settings(&self) -> Arc<HttpSettings> {
        self.0.settings.load_full()
    }
    /// Puts other settings in force, from the next request on.
    pub fn set_settings(&self, settings: HttpSettings) {
        self.0.limits.set(&settings);
        self.0.settings.store(Arc::new(settings));
    }
    /// Rate limits with their present counts.
    pub fn limits(&self) -> &RateLimits {
        &self.0.limits
    }
    /// Who sends this request, judged by its credentials. Takes microseconds: reads a snapshot, hashes nothing slow.
    pub fn authenticate(&self, parts: &Parts) -> Result<Actor> {
        let origin = parts.extensions.get::<RequestContext>().map_or_else(anonymous, RequestContext::origin);
        let authenticator = self.0.authenticator.as_ref().ok_or(Error::Unauthenticated("unauthenticated"))?;
        authenticator.authenticate(parts, &origin)
    }
    /// Who holds this access token, for doors where it travels in a frame instead of a header.
    pub fn authenticate_token(&self, token: &str, origin: &Origin) -> Result<Actor> {
        let authenticator = self.0.authenticator.as_ref().ok_or(Error::Unauthenticated("unauthenticated"))?;
        let request = Request::builder().header(header::AUTHORIZATION, format!("Bearer {token}")).body(());
        let (parts, ()) = request.map_err(|_| Error::Unauthenticated("unauthenticated"))?.into_parts();
        authenticator.authenticate(&parts, origin)
    }
    /// Is the box still without an owner?
    pub fn needs_setup(&self) -> bool {
        self.0.needs_setup.as_ref().is_some_and(|needs| needs())
    }
    /// What hinders readiness, by name; empty when ready.
    pub fn unreadiness(&self) -> Vec<(&'static str, String)> {
        let mut reasons: Vec<_> =
            self.0.readiness.iter().filter_map(|(name, check)| check().err().map(|why| (*name, why))).collect();
        if self.is_stopping() {
            reasons.push(("shutdown", "the process is stopping".to_owned()));
        }
        reasons
    }
    /// Turns true when the process stops; every long-lived task and socket watches it.
    pub fn shutdown(&self) -> watch::Receiver<bool> {
        self.0.shutdown.subscribe()
    }
    /// Is the process stopping?
    pub fn is_stopping(&self) -> bool {
        *self.0.shutdown.borrow()
    }
    /// Tells everybody that the process stops.
    pub fn stop(&self) {
        self.0.shutdown.send_replace(true);
    }
    /// Keeps the stop waiting (up to the drain time) until the answer is dropped: for sockets and other long tasks.
    pub fn stay(&self) -> Stay {
        self.0.stays.send_modify(|count| *count += 1);
        Stay(self.clone())
    }
    pub(super) async fn all_gone(&self) {
        let _ = self.0.stays.subscribe().wait_for(|count| *count == 0).await;
    }
    /// The port where this process itself speaks HTTPS.
    pub fn https_port(&self) -> Option<u16> {
        self.0.https_port.get().copied()
    }
    pub(super) fn set_https_port(&self, port: u16) {
        let _ = self.0.https_port.set(port);
    }
    /// Peers that speak like proxies but are not on the trusted list.
    pub fn untrusted_proxies(&self) -> Vec<IpAddr> {
        self.0.strangers.lock().iter().copied().collect()
    }
    pub(super) fn note_untrusted_proxy(&self, peer: IpAddr) {
        let mut strangers = self.0.strangers.lock();
        if strangers.len() < STRANGERS_MAX && strangers.insert(peer) {
            tracing::warn!(%peer, "ignored forwarding headers: add this address to the trusted proxies if it is one");
        }
    }
}

/// See [`Kit::stay`].
pub struct Stay(Kit);

impl Drop for Stay {
    fn drop(&mut self) {
        self.0.0.stays.send_modify(|count| *count -= 1);
    }
}

impl KitBuilder {
    /// Hands over a service; a second one of the same type replaces the first.
    #[must_use]
    pub fn provide<T: ?Sized + Send + Sync + 'static>(mut self, service: Arc<T>) -> Self {
        self.0.services.insert(TypeId::of::<Arc<T>>(), Box::new(service));
        self
    }
    /// Who recognises people.
    #[must_use]
    pub fn authenticator(mut self, authenticator: Arc<dyn Authenticator>) -> Self {
        self.0.authenticator = Some(authenticator);
        self
    }
    /// While this holds, only the wizard and the probes answer. Asked at every request: keep it an atomic read.
    #[must_use]
    pub fn needs_setup(mut self, needs: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.0.needs_setup = Some(Arc::new(needs));
        self
    }
    /// One more condition of `/readyz`.
    #[must_use]
    pub fn ready_if(mut self, name: &'static str, check: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.0.readiness.push((name, Arc::new(check)));
        self
    }
    /// The finished kit.
    pub fn build(self) -> Kit {
        Kit(Arc::new(self.0))
    }
}

fn anonymous() -> Origin {
    Origin { actor: crate::base::ActorRef::Anonymous, address: None, request: None }
}
