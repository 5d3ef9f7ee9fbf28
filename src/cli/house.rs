//! What verbs act on, whether a server runs around it or not.

use super::Outcome;
use crate::{
    base::Env,
    config::Config,
    identity::passwords::{Cost, Passwords},
    platform::{deadletters::DeadLetters, store::Store},
};
use std::{path::PathBuf, sync::Arc};

/// The parts of the house that the command line can reach.
#[derive(Clone)]
pub struct House {
    /// The store.
    pub store: Store,
    /// Clock and chance.
    pub env: Env,
    /// The data folder.
    pub data: PathBuf,
    /// Where backups go.
    pub backups: PathBuf,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// How each kind of dead letter is retried.
    pub dead_letters: Arc<DeadLetters>,
}

impl House {
    /// Opens the house without a server.
    pub fn open(config: &Config) -> Outcome<Self> {
        super::reach::must_exist(config)?;
        let env = Env::system();
        let store = Store::open(&config.data, &config.store(), env.clone())?;
        let (data, backups) = (config.data.clone(), config.backups());
        let dead_letters = Arc::new(DeadLetters::new());
        Ok(Self { store, env, data, backups, passwords: Passwords::new(Cost::FLOOR), dead_letters })
    }
}
