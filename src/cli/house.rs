//! What verbs act on, whether a server runs around it or not.

use super::Outcome;
use crate::{
    base::Env,
    config::Config,
    identity::{Above, Cost, Identity, IdentityOptions},
    platform::{deadletters::DeadLetters, secrets::Keyring, store::Store},
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
    /// The address people reach it under.
    pub url: String,
    /// People and firms.
    pub identity: Arc<Identity>,
    /// How each kind of dead letter is retried.
    pub dead_letters: Arc<DeadLetters>,
}

impl House {
    /// Opens the house without a server.
    pub fn open(config: &Config) -> Outcome<Self> {
        super::reach::must_exist(config)?;
        let env = Env::system();
        let store = Store::open(&config.data, &config.store(), env.clone())?;
        let keyring = Keyring::open(&config.data, config.key_file.as_deref())?;
        let options = IdentityOptions {
            data: config.data.clone(),
            jwt_secret: config.jwt_secret.as_ref().map(|secret| secret.expose().to_owned()),
            access_lifetime: None,
            cost: Cost::FLOOR,
        };
        let identity = Arc::new(Identity::new(store.clone(), env.clone(), &keyring, options, Above::default())?);
        let dead_letters = Arc::new(DeadLetters::new());
        Ok(Self { store, env, url: address(config), config: Arc::new(config.clone()), identity, dead_letters })
    }

    /// Where backups go.
    pub fn backups(&self) -> PathBuf {
        self.config.backups()
    }
}

/// The address people reach the box under, as far as the configuration knows.
pub fn address(config: &Config) -> String {
    let own = || format!("{}://{}", if config.has_tls() { "https" } else { "http" }, config.listen);
    config.public_url.as_ref().map_or_else(own, |url| url.as_str().to_owned())
}
