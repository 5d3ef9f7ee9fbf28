//! How a verb reaches the data: through the running server, or by opening the store itself.

use super::{Exit, Failure, Outcome, admin, house::House, options::Options};
use crate::{
    base::Env,
    config::Config,
    platform::{backup, store::Store},
};
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

/// A runtime for one verb.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| Failure::new(format!("start the runtime: {e}")))
}

/// Makes an empty store where there is none.
pub fn make_store(config: &Config) -> Outcome {
    let store = Store::open(&config.data, &config.store(), Env::system())?;
    store.close();
    Ok(())
}

/// Refuses a folder that a restore or a disk left in pieces: starting in it would hide the loss.
pub fn must_be_whole(data: &std::path::Path) -> Outcome {
    backup::check_folder(data).map_err(|text| Failure { exit: Exit::Damaged, text })
}

/// Refuses to make a new store where an existing one was meant.
pub fn must_exist(config: &Config) -> Outcome {
    must_be_whole(&config.data)?;
    if config.data.join("farol.redb").exists() {
        return Ok(());
    }
    let (folder, origin) = (config.data.display(), config.origin("data"));
    Err(Failure::usage(format!("data ({origin}): there is no store in {folder}: name its folder with --data")))
}
