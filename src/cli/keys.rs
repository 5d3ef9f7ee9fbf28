//! `farol new-keys`: goes on after the key file was lost.

use super::{Outcome, options::Options, reach};
use crate::{
    base::Env,
    platform::{secrets::Keyring, store::Store},
};

/// Takes the key file as it is, or a new one, for the one to seal with from now on. No server may run.
pub fn renew(options: &Options) -> Outcome {
    let config = options.load()?;
    reach::must_exist(&config)?;
    let store = Store::open(&config.data, &config.store(), Env::system())?;
    let trouble = Keyring::trouble(&store, &config.data, config.key_file.as_deref())?;
    let keyring = Keyring::open(&config.data, config.key_file.as_deref())?;
    reach::runtime()?.block_on(keyring.note(&store))?;
    store.release();
    let file = Keyring::file(&config.data, config.key_file.as_deref());
    println!("secrets are sealed with {} from now on", file.display());
    if trouble.is_some() {
        println!("what was sealed before does not open: give every channel its tokens again; everybody signs in anew");
    }
    Ok(())
}
