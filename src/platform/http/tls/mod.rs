//! HTTPS in the binary: certificate files, an authority of our own for the house, or ACME.

mod acme;
mod certificates;
mod local_ca;
mod trust;

pub use acme::{AcmeSettings, LETS_ENCRYPT};
pub(super) use trust::{asked_language, routes_of_trust};

use crate::base::{Env, Error, Result, Timestamp};
use acme::Acme;
use certificates::{InUse, Loaded, PairPaths};
use local_ca::LocalCa;
use parking_lot::Mutex;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::watch;

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum TlsMode {
    /// Files that somebody else renews; a change is noticed within half a minute.
    Files {
        /// Chain in PEM, leaf first.
        certificate: PathBuf,
        /// Private key in PEM.
        key: PathBuf,
    },
    /// Our own authority, for these names and addresses inside the house.
    Lan {
        /// What people type, e.g. `farol.lan` and `192.168.1.10`.
        names: Vec<String>,
    },
    /// A public authority.
    Acme(AcmeSettings),
}

/// How HTTPS stands, for the owner's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsStatus {
    /// `files`, `lan` or `acme`.
    pub mode: &'static str,
    /// End of the certificate in use.
    pub not_after: Option<Timestamp>,
    /// Is it only the placeholder before the first real one?
    pub placeholder: bool,
    /// What went wrong last, until something goes right.
    pub last_error: Option<String>,
}

/// HTTPS: the certificate in use and who renews it.
pub struct Tls {
    source: Source,
    in_use: Arc<InUse>,
    env: Env,
    state: Mutex<State>,
}

#[derive(Debug)]
enum Source {
    Files(PairPaths),
    Lan(Box<LocalCa>),
    Acme(Acme),
}

#[derive(Debug, Default)]
struct State {
    placeholder: bool,
    last_error: Option<String>,
}

/// How often files are compared with what is in use.
const FILES_EVERY: Duration = Duration::from_secs(30);
/// How often a certificate's age is looked at.
const AGE_EVERY: Duration = Duration::from_secs(3_600);
/// Warned of from then on.
pub const EXPIRY_WARNING: Duration = Duration::from_secs(14 * 24 * 3_600);

impl Tls {
    /// Makes HTTPS ready: reads, makes or (for ACME, until the first order is through) improvises a certificate.
    /// `keys` is the data folder's `keys`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the setting and the remedy.
    pub fn open(mode: TlsMode, keys: &std::path::Path, env: Env) -> Result<Arc<Self>> {
        let now = env.now();
        crate::platform::private::make_folder(keys)
            .map_err(|e| Error::internal(format_args!("creating {}: {e}", keys.display())))?;
        let in_use = Arc::new(InUse::default());
        let mut state = State::default();
        let source = match mode {
            TlsMode::Files { certificate, key } => {
                let paths = PairPaths { chain: certificate, key };
                in_use.set(read_files(&paths)?);
                Source::Files(paths)
            }
            TlsMode::Lan { names } => {
                let ca = LocalCa::open_or_create(keys, &names, now)?;
                in_use.set(ca.leaf(now)?);
                Source::Lan(Box::new(ca))
            }
            TlsMode::Acme(settings) => {
                let acme = Acme::new(keys, settings)?;
                match acme.stored().filter(|loaded| loaded.not_after > now) {
                    Some(loaded) => in_use.set(loaded),
                    None => {
                        state.placeholder = true;
                        in_use.set(placeholder(acme.domains())?);
                    }
                }
                Source::Acme(acme)
            }
        };
        Ok(Arc::new(Self { source, in_use, env, state: Mutex::new(state) }))
    }

    /// For [`super::Server::bind`].
    ///
    /// # Errors
    /// [`Error::Internal`] when TLS can't be set up at all.
    pub fn server_config(&self) -> Result<Arc<rustls::ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::internal(format_args!("setting up TLS: {e}")))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(self.in_use.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// How HTTPS stands.
    pub fn status(&self) -> TlsStatus {
        let state = self.state.lock();
        let mode = match self.source {
            Source::Files(_) => "files",
            Source::Lan(_) => "lan",
            Source::Acme(_) => "acme",
        };
        let not_after = self.in_use.get().map(|loaded| loaded.not_after);
        TlsStatus { mode, not_after, placeholder: state.placeholder, last_error: state.last_error.clone() }
    }

    /// Renews until the process stops. For ACME the ports must be open already.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut failures = 0;
        loop {
            let outcome = self.refresh().await;
            failures = if outcome.is_ok() { 0 } else { failures + 1 };
            let pause = match (&self.source, failures) {
                (Source::Files(_), _) => FILES_EVERY,
                (_, 0) => AGE_EVERY,
                (_, failures) => acme::pause(failures),
            };
            if let Err(error) = &outcome {
                tracing::error!(%error, again_in_secs = pause.as_secs(), "the certificate could not be renewed");
            }
            self.report();
            let env = &self.env;
            let due = env.now().plus(pause);
            tokio::select! {
                _ = stop.wait_for(|stopping| *stopping) => return,
                () = env.clock.sleep_until(due) => {}
            }
        }
    }

    /// Looks once whether a newer certificate is to be had, and puts it in use.
    async fn refresh(&self) -> Result<()> {
        let now = self.env.now();
        let due = self.in_use.get().is_none_or(|loaded| loaded.renew_at() <= now);
        let outcome = match &self.source {
            Source::Files(paths) => read_files(paths).map(Some),
            Source::Lan(ca) if due => ca.leaf(now).map(Some),
            Source::Acme(acme) if due || self.state.lock().placeholder => acme.obtain().await.map(Some),
            Source::Lan(_) | Source::Acme(_) => Ok(None),
        };
        let mut state = self.state.lock();
        state.last_error = outcome.as_ref().err().map(ToString::to_string);
        if let Some(loaded) = outcome? {
            let changed = self.in_use.get().is_none_or(|held| held.certified.cert != loaded.certified.cert);
            if changed {
                tracing::info!(until = %loaded.not_after, "a new certificate is in use");
                self.in_use.set(loaded);
            }
            state.placeholder = false;
        }
        Ok(())
    }

    fn report(&self) {
        let Some(loaded) = self.in_use.get() else { return };
        let left = loaded.not_after.since(self.env.now());
        metrics::gauge!("farol_tls_certificate_expires_in_seconds").set(left.as_secs_f64());
        if left < EXPIRY_WARNING && !self.state.lock().placeholder {
            tracing::warn!(until = %loaded.not_after, "the certificate ends soon");
        }
    }

    /// The authority of our own that devices install, if this is how HTTPS is had.
    pub fn ca_der(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Lan(ca) => Some(ca.der()),
            _ => None,
        }
    }

    fn challenge(&self, token: &str) -> Option<String> {
        match &self.source {
            Source::Acme(acme) => acme.answer(token),
            _ => None,
        }
    }
}

fn read_files(paths: &PairPaths) -> Result<Loaded> {
    let pair = paths.read()?.ok_or_else(|| {
        let (chain, key) = (paths.chain.display(), paths.key.display());
        Error::invalid("tls.certificate", "unknown", format!("{chain} or {key} does not exist"))
    })?;
    pair.load()
}

/// Stands in until the authority has answered; browsers warn, which is the truth.
fn placeholder(names: &[String]) -> Result<Loaded> {
    let made = rcgen::generate_simple_self_signed(names.to_vec());
    let made = made.map_err(|e| Error::invalid("tls.acme_domain", "format", format!("{e}: give host names")))?;
    certificates::Pair { chain: made.cert.pem(), key: made.signing_key.serialize_pem() }.load()
}
