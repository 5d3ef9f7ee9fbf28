//! The real server killed with `kill -9` while replies are on their way: nothing leaves twice, nothing that left is
//! called unsent, and nothing is called sent that never left.

use crate::{
    appliance::{Appliance, NUMBER},
    tally::Tally,
};
use axum::{Json, Router, extract::State, routing::post};
use farol::{
    base::Env,
    conversations::{Direction, Message, MessageStatus},
    platform::store::{KeyRange, Read, Store, StoreOptions},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const CUSTOMERS: u64 = 8;
/// Together slower than a number may send, so that the kill meets messages on their way and not a queue.
const SENDERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(80);

/// What the provider took, by text, and how often.
#[derive(Clone)]
struct Provider {
    taken: Arc<Mutex<BTreeMap<String, u32>>>,
    env: Env,
}

async fn take(State(provider): State<Provider>, Json(body): Json<Value>) -> Json<Value> {
    // Read receipts come here too.
    let Some(text) = body["text"]["body"].as_str().map(str::to_owned) else { return Json(json!({"success": true})) };
    let wait = |up_to| Duration::from_millis(provider.env.chance.below(up_to));
    tokio::time::sleep(wait(30)).await;
    *provider.taken.lock().entry(text.clone()).or_default() += 1;
    tokio::time::sleep(wait(60)).await;
    Json(json!({"messaging_product": "whatsapp", "messages": [{"id": format!("wamid.{text}")}]}))
}

impl Provider {
    async fn start(env: Env) -> (Self, String) {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/v21.0", listener.local_addr().unwrap());
        let provider = Self { taken: Arc::default(), env };
        let router = Router::new().route("/{version}/{id}/messages", post(take)).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (provider, url)
    }
}

/// Sends replies until the server is gone; gives the texts it acknowledged.
async fn replies(appliance: Arc<Appliance>, token: Arc<str>, threads: Arc<[String]>, next: Arc<AtomicU64>) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let text = format!("reply {n}");
        let body = json!({"conversationId": threads[n as usize % threads.len()], "content": text, "clientId": text});
        match appliance.ask("POST", "/messages/send", Some(&token), Some(body)).await {
            Ok((201, _)) => acknowledged.insert(text),
            Ok(other) => panic!("a reply was refused: {other:?}"),
            Err(_) => return acknowledged,
        };
        tokio::time::sleep(PAUSE).await;
    }
}

/// Customers of this round write; their conversations. New ones, because an attempt that was cut off holds up what is
/// said to the same customer.
async fn threads(appliance: &Appliance, token: &str, round: usize) -> Arc<[String]> {
    let first = 15_550_100_000 + round as u64 * CUSTOMERS;
    for customer in first..first + CUSTOMERS {
        assert!(appliance.webhook(customer, &format!("wamid.in.{customer}"), "o carro não pega").await);
    }
    loop {
        let list = appliance.get_done("GET", &format!("/conversations?tab=all&limit={CUSTOMERS}"), Some(token), None).await;
        let is_new = |thread: &&Value| {
            let phone = thread["customerPhone"].as_str().unwrap().trim_start_matches('+').parse::<u64>();
            phone.is_ok_and(|phone| (first..first + CUSTOMERS).contains(&phone))
        };
        let new: Vec<_> = list["items"].as_array().unwrap().iter().filter(is_new).collect();
        if new.len() == CUSTOMERS as usize {
            return new.iter().map(|thread| thread["id"].as_str().unwrap().to_owned()).collect();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_of_the_server_in_the_middle_of_sends_sends_nothing_twice() {
    let rounds = if std::env::var("FAROL_LONG").is_ok_and(|long| long == "1") { 200 } else { 10 };
    let env = Env::system();
    let (provider, url) = Provider::start(env.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let (first, code) = Appliance::start(folder.path()).await;
    let token = first.found(&code.expect("a box without owner says how to claim it")).await;
    let config = json!({"config": {"phoneNumberId": NUMBER, "baseUrl": url, "accessToken": "EAAG-crash"}});
    first.get_done("PATCH", "/channels/1", Some(&token), Some(config)).await;
    first.stop();
    let next = Arc::new(AtomicU64::new(0));
    let mut acknowledged = BTreeSet::new();
    let mut tally = Tally::of("server killed in the middle of sends");
    for round in 0..rounds {
        let (appliance, _) = Appliance::start(folder.path()).await;
        let token = appliance.sign_in().await;
        let threads = threads(&appliance, &token, round).await;
        let (appliance, token): (_, Arc<str>) = (Arc::new(appliance), token.into());
        let sending: Vec<_> = (0..SENDERS)
            .map(|_| tokio::spawn(replies(appliance.clone(), token.clone(), threads.clone(), next.clone())))
            .collect();
        tokio::time::sleep(Duration::from_millis(150 + env.chance.below(500))).await;
        appliance.kill_now();
        for replies in sending {
            acknowledged.extend(replies.await.unwrap());
        }
        (tally.rounds, tally.acknowledged) = (tally.rounds + 1, acknowledged.len());
    }
    // What may still leave leaves now; what stands behind an attempt of unknown end waits for minutes.
    let (last, _) = Appliance::start(folder.path()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    last.stop();
    let store = Store::open(folder.path(), &StoreOptions::default(), env).unwrap();
    let view = store.read(store.tenants()[0]).unwrap();
    let mut stored: BTreeMap<String, Vec<MessageStatus>> = BTreeMap::new();
    for row in view.all::<Message>(KeyRange::all()).unwrap() {
        let message = row.unwrap().0;
        if message.direction == Direction::Outbound {
            stored.entry(message.content).or_default().push(message.status);
        }
    }
    let taken = provider.taken.lock().clone();
    let lost: Vec<_> = acknowledged.iter().filter(|text| !stored.contains_key(*text)).collect();
    let doubled: Vec<_> = taken
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(text, _)| text)
        .chain(stored.iter().filter(|(_, all)| all.len() > 1).map(|(text, _)| text))
        .collect();
    let unknown = stored.values().flatten().filter(|status| **status == MessageStatus::Unknown).count();
    (tally.lost, tally.doubled, tally.more) =
        (lost.len(), doubled.len(), format!("{} stored, {} taken by the provider, {unknown} unknown", stored.len(), taken.len()));
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(doubled.is_empty(), "doubled: {doubled:?}");
    for (text, statuses) in &stored {
        let truthful = match (statuses[0], taken.contains_key(text)) {
            (MessageStatus::Sent, left) => left,
            (MessageStatus::Unknown, _) => true,
            // It waits, or its attempt was cut off before it was told.
            (_, left) => !left,
        };
        assert!(truthful, "{text} is {:?}, and the provider has it: {}", statuses[0], taken.contains_key(text));
    }
    assert!(taken.len() > 2 * rounds && unknown > 0, "messages left, and kills met some on their way");
}
