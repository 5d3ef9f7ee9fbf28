//! How a verb reaches the data: through the running server, or by opening the store itself.

use super::{Failure, Outcome, admin, house::House, options::Options};
use crate::config::Config;
use serde_json::Value;

/// Asks `verb` with `args`, wherever the data is at home now; `each` sees every line of the answer.
pub fn ask(options: &Options, verb: &str, args: Value, each: impl FnMut(Value)) -> Outcome {
    let config = options.load()?;
    runtime()?.block_on(async {
        match admin::connect(&config.data).await? {
            Some(server) => admin::ask(server, verb, args, each).await,
            None => {
                let house = House::open(&config)?;
                let outcome = super::verbs(&house).run(verb, args, each).await;
                house.store.close();
                Ok(outcome?)
            }
        }
    })
}

/// Is a server running on this data folder?
pub fn is_served(config: &Config) -> Outcome<bool> {
    runtime()?.block_on(async { Ok(admin::connect(&config.data).await?.is_some()) })
}

/// A runtime for one verb.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| Failure::new(format!("start the runtime: {e}")))
}

/// Refuses to make a new store where an existing one was meant.
pub fn must_exist(config: &Config) -> Outcome {
    if config.data.join("farol.redb").exists() {
        return Ok(());
    }
    let (folder, origin) = (config.data.display(), config.origin("data"));
    Err(Failure::usage(format!("data ({origin}): there is no store in {folder}: name its folder with --data")))
}
