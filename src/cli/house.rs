//! What verbs act on, whether a server runs around it or not.

use super::Outcome;
use crate::{
    base::Env,
    config::Config,
    identity::{Cost, Identity, IdentityOptions},
    platform::{deadletters::DeadLetters, http::Kit, search::Search, secrets::Keyring, store::Store},
};
use std::{path::PathBuf, sync::Arc};

/// The parts of the house that the command line can reach.
#[derive(Clone)]
pub struct House {
    /// The store.
    pub store: Store,
    /// Clock and chance.
    pub env: Env,
    /// The configuration the house was opened with.
    pub config: Arc<Config>,
    /// The address it has without a public one.
    pub own_url: String,
    /// People and firms.
    pub identity: Arc<Identity>,
    /// Opens and seals secrets.
    pub keyring: Arc<Keyring>,
    /// Why secrets would not open, and what helps.
    pub key_trouble: Option<String>,
    /// How each kind of dead letter is retried.
    pub dead_letters: Arc<DeadLetters>,
    /// The search index, where a server keeps one.
    pub search: Option<Arc<Search>>,
    /// What the server's routes reach, where one runs.
    pub kit: Option<Kit>,
}

impl House {
    /// Opens the house without a server.
    pub fn open(config: &Config) -> Outcome<Self> {
        super::reach::must_exist(config)?;
        let env = Env::system();
        let store = Store::open(&config.data, &config.store(), env.clone())?;
        let key_trouble = Keyring::trouble(&store, &config.data, config.key_file.as_deref())?;
        // Whoever mends the box can look at everything but its secrets; no other key takes the lost one's place.
        let keyring = match key_trouble {
            Some(_) => Keyring::ephemeral(),
            None => Keyring::open(&config.data, config.key_file.as_deref())?,
        };
        let options = IdentityOptions {
            data: config.data.clone(),
            jwt_secret: config.jwt_secret.as_ref().map(|secret| secret.expose().to_owned()),
            session_secret: config.session_secret.as_ref().map(|secret| secret.expose().to_owned()),
            access_lifetime: None,
            session_lifetime: None,
            cost: Cost::FLOOR,
        };
        let identity =
            Identity::new(store.clone(), env.clone(), &keyring, options, crate::app::above_identity(config, &keyring))?;
        Ok(Self {
            store,
            env,
            own_url: own_address(config),
            config: Arc::new(config.clone()),
            identity: Arc::new(identity),
            keyring: Arc::new(keyring),
            key_trouble,
            dead_letters: Arc::new(crate::app::dead_letters()),
            search: None,
            kit: None,
        })
    }

    /// The address the outside world is told: by the configuration, or by the owner in the app.
    pub fn public_url(&self) -> Option<String> {
        match &self.kit {
            Some(kit) => kit.settings().public_url.clone(),
            None => crate::app::doors(&self.config, &self.store).ok()?.public_url,
        }
    }

    /// The address people reach it under.
    pub fn url(&self) -> String {
        self.public_url().unwrap_or_else(|| self.own_url.clone())
    }

    /// Where backups go.
    pub fn backups(&self) -> PathBuf {
        self.config.backups()
    }
}

/// Where it will listen, as far as the configuration knows.
fn own_address(config: &Config) -> String {
    reachable(config, &format!("{}://{}", if config.has_tls() { "https" } else { "http" }, config.listen))
}

/// `bound` as somebody could type it: nobody reaches 0.0.0.0, but a name of the certificate or this machine.
pub fn reachable(config: &Config, bound: &str) -> String {
    if !config.listen.ip().is_unspecified() {
        return bound.to_owned();
    }
    let name = config.tls_acme_domain.iter().chain(&config.tls_lan_name).next();
    let port = bound.rsplit(':').next().unwrap_or_default();
    let scheme = if bound.starts_with("https") { "https" } else { "http" };
    format!("{scheme}://{}:{port}", name.map_or("127.0.0.1", String::as_str))
}
