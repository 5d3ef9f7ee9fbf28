//! `farol reindex`: the search index, built anew from the records.

use super::{
    Options, Outcome,
    admin::{Tell, Verbs},
    house::House,
    reach,
};
use crate::{
    base::{Error, Result},
    platform::search::{Search, SearchParts},
};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Runs it; without a server it builds the index itself.
pub fn run(options: &Options) -> Outcome {
    reach::ask(options, "reindex", json!({}), |line| {
        println!("{} documents", line["documents"].as_u64().unwrap_or_default());
    })
}

#[derive(Deserialize)]
struct NoArgs {}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let own = house.clone();
    verbs.add("reindex", move |_: NoArgs, tell| rebuild(own.clone(), tell));
}

async fn rebuild(house: House, tell: Tell) -> Result<()> {
    let Some(search) = &house.search else { return rebuild_alone(&house, tell).await };
    search.rebuild();
    // The indexer takes the wish up at its next turn.
    tokio::time::sleep(Duration::from_millis(500)).await;
    while search.is_rebuilding() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    told(search, &tell).await
}

/// The old index goes, so that the new one is made of the records and nothing else.
async fn rebuild_alone(house: &House, tell: Tell) -> Result<()> {
    let folder = house.config.data.join("search");
    match std::fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::internal(format!("remove {}: {e}", folder.display())));
        }
        _ => {}
    }
    let parts = SearchParts { store: house.store.clone(), folder, extractors: crate::app::extractors() };
    let search = Search::start(parts)?;
    let head = house.store.head();
    while search.trouble().is_none() && !search.reached(head, Duration::from_millis(200)).await {}
    // The last commit, and with it the number of documents, is made at the stop.
    let outcome = told(&search, &tell).await;
    search.stop();
    outcome
}

async fn told(search: &Search, tell: &Tell) -> Result<()> {
    if let Some(trouble) = search.trouble() {
        return Err(Error::unavailable(format!("the index could not be built: {trouble}")));
    }
    let documents = search.size().map(|(documents, _)| documents).unwrap_or_default();
    tell.line(json!({"documents": documents})).await
}
