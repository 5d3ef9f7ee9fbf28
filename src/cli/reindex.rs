//! `farol reindex`: the search index, built anew from the records.

use super::{
    Options, Outcome,
    admin::{Tell, Verbs},
    house::House,
    reach,
};
use crate::base::{Error, Result};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Runs it. Without a server the old index is only put aside: the next start builds the new one.
pub fn run(options: &Options) -> Outcome {
    reach::ask(options, "reindex", json!({}), |line| match line["documents"].as_u64() {
        Some(documents) => println!("{documents} documents"),
        None => println!("the old index is gone; the next start of the server builds it anew"),
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
    let Some(search) = &house.search else {
        let folder = house.config.data.join("search");
        match std::fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::internal(format!("remove {}: {e}", folder.display())));
            }
            _ => return tell.line(json!({"documents": null})).await,
        }
    };
    search.rebuild();
    // The indexer takes the wish up at its next turn.
    tokio::time::sleep(Duration::from_millis(500)).await;
    while search.is_rebuilding() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if let Some(trouble) = search.trouble() {
        return Err(Error::unavailable(format!("the index could not be built: {trouble}")));
    }
    let documents = search.size().map(|(documents, _)| documents).unwrap_or_default();
    tell.line(json!({"documents": documents})).await
}
