//! The real server killed with `kill -9` under webhooks and notes: whatever it answered with success is there
//! after the next start, once.

use crate::{appliance::Appliance, tally::Tally};
use farol::{
    base::Env,
    conversations::Message,
    platform::{
        deadletters,
        store::{KeyRange, Read, Store, StoreOptions},
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const CUSTOMERS: u64 = 20;
const SENDERS: u64 = 8;

async fn conversations(appliance: &Appliance, token: &str) -> Vec<String> {
    let list = appliance.get_done("GET", "/conversations?tab=all&limit=200", Some(token), None).await;
    list["items"].as_array().into_iter().flatten().filter_map(|c| c["id"].as_str().map(str::to_owned)).collect()
}

/// Sends webhooks, every one twice as providers do, and notes, until the server is gone; gives the texts it acknowledged.
async fn load(appliance: Arc<Appliance>, token: Arc<str>, threads: Arc<[String]>, next: Arc<AtomicU64>) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        if n.is_multiple_of(3) && !threads.is_empty() {
            let (text, thread) = (format!("note {n}"), &threads[n as usize % threads.len()]);
            let body: Value = json!({ "content": text });
            match appliance.ask("POST", &format!("/conversations/{thread}/notes"), Some(&token), Some(body)).await {
                Ok((200..300, _)) => acknowledged.insert(text),
                Ok(other) => panic!("a note was refused: {other:?}"),
                Err(_) => return acknowledged,
            };
        } else {
            let text = format!("message {n}");
            if !appliance.webhook(15_550_100_000 + n % CUSTOMERS, &format!("wamid.{n}"), &text).await {
                return acknowledged;
            }
            acknowledged.insert(text.clone());
            let _ = appliance.webhook(15_550_100_000 + n % CUSTOMERS, &format!("wamid.{n}"), &text).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_of_the_server_under_webhooks_loses_nothing_and_doubles_nothing() {
    let rounds = if std::env::var("FAROL_LONG").is_ok_and(|long| long == "1") { 200 } else { 10 };
    let folder = tempfile::tempdir().unwrap();
    let (first, code) = Appliance::start(folder.path()).await;
    first.found(&code.expect("a box without owner says how to claim it")).await;
    first.stop();
    let next = Arc::new(AtomicU64::new(0));
    let mut acknowledged = BTreeSet::new();
    let env = Env::system();
    let mut tally = Tally::of("server killed under webhooks and notes");
    for _ in 0..rounds {
        let (appliance, _) = Appliance::start(folder.path()).await;
        let token = appliance.sign_in().await;
        let threads = conversations(&appliance, &token).await;
        let appliance = Arc::new(appliance);
        let (token, threads): (Arc<str>, Arc<[String]>) = (token.into(), threads.into());
        let loads: Vec<_> =
            (0..SENDERS).map(|_| tokio::spawn(load(appliance.clone(), token.clone(), threads.clone(), next.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(100 + env.chance.below(900))).await;
        appliance.kill_now();
        for load in loads {
            acknowledged.extend(load.await.unwrap());
        }
        (tally.rounds, tally.acknowledged) = (tally.rounds + 1, acknowledged.len());
    }
    let (last, _) = Appliance::start(folder.path()).await;
    let token = last.sign_in().await;
    // What was kept but not yet read when it died is read now.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!conversations(&last, &token).await.is_empty());
    last.stop();
    let store = Store::open(folder.path(), &StoreOptions::default(), env).unwrap();
    let view = store.read(store.tenants()[0]).unwrap();
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    for row in view.all::<Message>(KeyRange::all()).unwrap() {
        *found.entry(row.unwrap().0.content).or_default() += 1;
    }
    let lost: Vec<_> = acknowledged.iter().filter(|text| !found.contains_key(*text)).collect();
    let doubled: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
    (tally.lost, tally.doubled, tally.more) = (lost.len(), doubled.len(), format!("{} stored", found.len()));
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(doubled.is_empty(), "doubled: {doubled:?}");
    assert!(deadletters::list(&view, None, None, 10).unwrap().is_empty());
}
