//! A backup brings back what was waiting, and it goes on in its new place (RET-13).

use crate::harness::{House, Person};
use axum::{Router, http::StatusCode, routing::post};
use farol::{
    base::{Env, Timestamp},
    platform::backup::{Source, restore, write},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

const NUMBER: &str = "106540352242922";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const PASSPHRASE: &str = "correct horse battery";

const REFUSES: u8 = 0;
const WANTS_A_PAUSE: u8 = 1;
const TAKES: u8 = 2;

/// A provider in one of three moods.
struct Provider {
    mood: Arc<AtomicU8>,
    taken: Arc<AtomicUsize>,
    url: String,
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (mood, taken) = (Arc::new(AtomicU8::new(REFUSES)), Arc::new(AtomicUsize::new(0)));
        let own = (mood.clone(), taken.clone());
        let answer = move || {
            let (mood, taken) = own.clone();
            async move {
                let error = |code: i64| json!({"error": {"code": code, "message": "no", "type": "OAuthException"}}).to_string();
                match mood.load(SeqCst) {
                    REFUSES => (StatusCode::BAD_REQUEST, error(131_026)),
                    WANTS_A_PAUSE => (StatusCode::TOO_MANY_REQUESTS, error(130_429)),
                    _ => {
                        let id = format!("wamid.out.{}", taken.fetch_add(1, SeqCst));
                        (StatusCode::OK, json!({"messaging_product": "whatsapp", "messages": [{"id": id}]}).to_string())
                    }
                }
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/{number}/messages", post(answer))).await });
        Self { mood, taken, url }
    }
}

/// Sends a text and waits until its message stands so.
async fn sends(house: &House, owner: &Person, conversation: &str, text: &str, status: &str) -> String {
    let body = json!({"conversationId": conversation, "content": text});
    let sent = house.post(owner, "/messages/send", body).await.is(201);
    let id = sent["id"].as_str().unwrap().to_owned();
    house.until(owner, &format!("/messages/{id}"), |message| message["status"] == status).await;
    id
}

fn count(list: &Value) -> usize {
    list["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_at_the_backup_waits_in_the_restored_box_and_then_runs() {
    let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 3);
    let provider = Provider::start().await;
    let house = House::start_at(tempfile::tempdir().unwrap(), env.clone()).await;
    let owner = house.found("Reboques Exemplo").await;
    let config = json!({"phoneNumberId": NUMBER, "businessAccountId": "102290129340398", "accessToken": "token",
        "appSecret": SECRET, "verifyToken": "verify", "baseUrl": provider.url});
    house.post(&owner, "/channels", json!({"kind": "whatsapp_cloud", "name": "WhatsApp", "config": config})).await.is(201);
    assert_eq!(house.customer_says(NUMBER, SECRET, "351912345678", "wamid.in.1", "Bom dia").await, 200);
    let list = house.until(&owner, "/conversations?tab=all", |list| count(list) == 1).await;
    let conversation = list["items"][0]["id"].as_str().unwrap().to_owned();

    // A dead letter, a delivery that waits for its next try, a timer for next week.
    let dead = sends(&house, &owner, &conversation, "Primeira", "FAILED").await;
    let letters = house.until(&owner, "/deadletters", |list| count(list) == 1).await;
    assert_eq!(letters["items"][0]["subject"], dead);
    provider.mood.store(WANTS_A_PAUSE, SeqCst);
    let waiting = sends(&house, &owner, &conversation, "Segunda", "PENDING").await;
    let tried = |list: &Value| count(list) == 1 && list["items"][0]["attempts"] == 1 && list["items"][0]["state"] == "WAITING";
    let deliveries = house.until(&owner, "/deliveries", tried).await;
    house.post(&owner, "/invitations", json!({"email": "zoe@example.com", "role": "AGENT"})).await.is(201);
    let timers = house.get(&owner, "/timers").await.is(200);
    // The end of the invitation, and the next look for templates.
    assert_eq!(count(&timers), 2, "{timers}");

    let data = house.data();
    let (store, key_file) = (house.kit.store().clone(), data.join("keys/secrets.key"));
    let folder = tempfile::tempdir().unwrap();
    let (into, now) = (folder.path().to_owned(), env.now());
    let made = tokio::task::spawn_blocking(move || {
        write(Source { store: &store, data: &data, key_file: &key_file, beside: &[] }, &into, now, Some(PASSPHRASE)).unwrap()
    });
    let made = made.await.unwrap();
    // What happens afterwards is none of the backup's.
    sends(&house, &owner, &conversation, "Terceira", "PENDING").await;
    house.stop().await;

    let elsewhere = tempfile::tempdir().unwrap();
    let (target, at) = (elsewhere.path().to_owned(), env.clone());
    tokio::task::spawn_blocking(move || restore(&made.path, &target, Some(PASSPHRASE), at).unwrap()).await.unwrap();
    let house = House::start_at(elsewhere, env).await;
    let owner = house.sign_in("marina@example.com", None).await;
    assert_eq!(house.get(&owner, "/timers").await.is(200), timers);
    let again = house.get(&owner, "/deliveries").await.is(200);
    assert_eq!((count(&again), &again["items"][0]["id"]), (1, &deliveries["items"][0]["id"]));
    assert_eq!(house.get(&owner, "/deadletters").await.is(200)["items"][0]["id"], letters["items"][0]["id"]);
    assert_eq!(provider.taken.load(SeqCst), 0);

    // The delivery goes out at its next try.
    provider.mood.store(TAKES, SeqCst);
    clock.advance(Duration::from_secs(600));
    let sent = |message: &Value| message["status"] == "SENT";
    house.until(&owner, &format!("/messages/{waiting}"), sent).await;
    house.until(&owner, "/deliveries", |list| count(list) == 0).await;
    // The letter, when somebody says so.
    let letter = letters["items"][0]["id"].as_str().unwrap();
    assert_eq!(house.post(&owner, &format!("/deadletters/{letter}/retry"), json!({})).await.is(200)["state"], "RETRIED");
    house.until(&owner, &format!("/messages/{dead}"), sent).await;
    assert_eq!(provider.taken.load(SeqCst), 2);
    // And the timer, when its time has come.
    clock.advance(Duration::from_secs(30 * 86_400));
    let owner = house.sign_in("marina@example.com", None).await;
    // The look for templates sets its own next turn.
    house.until(&owner, "/timers", |list| count(list) == 1 && list["items"][0]["purpose"] == "templates.sync").await;
    house.until(&owner, "/invitations", |list| count(list) == 0).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_and_sessions_come_back_byte_for_byte() {
    use farol::simulator::props::{TYRE, VOICE};
    let env = Env::system();
    let house = House::start().await;
    let owner = house.found("Reboques Exemplo").await;
    let waha = farol::simulator::waha::Waha::start(env.clone(), "waha-key").await.unwrap();
    // Two files of a session, one of them in a folder below.
    let sessions = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(sessions.path().join("default/keys")).unwrap();
    std::fs::write(sessions.path().join("default/creds.json"), b"{\"paired\":true}").unwrap();
    std::fs::write(sessions.path().join("default/keys/1.bin"), [7u8; 4096]).unwrap();
    let config = json!({"baseUrl": waha.base_url(), "apiKey": "waha-key", "session": "default",
        "sessionFolder": sessions.path().to_str().unwrap()});
    let channel = house.post(&owner, "/channels", json!({"kind": "waha", "name": "Mobile", "config": config})).await.is(201);
    let channel = channel["id"].as_str().unwrap().to_owned();
    house.post(&owner, &format!("/channels/{channel}/actions/start"), json!({})).await.is(200);
    waha.scan("default", "5511900000001", "Reboques");
    house.until(&owner, &format!("/channels/{channel}"), |c| c["status"] == "CONNECTED").await;
    waha.sends("default", ("5511999990001", "Ana"), "image", (TYRE.mime, TYRE.bytes.into()), "Aqui");
    waha.sends("default", ("5511999990001", "Ana"), "ptt", (VOICE.mime, VOICE.bytes.into()), "");
    let list = house.until(&owner, "/conversations?tab=all", |list| count(list) == 1).await;
    let path = format!("/conversations/{}/messages", list["items"][0]["id"].as_str().unwrap());
    let here = |thread: &Value| {
        let all = thread["messages"].as_array().unwrap();
        all.len() == 2 && all.iter().all(|m| m["media"]["state"] == "READY")
    };
    let thread = house.until(&owner, &path, here).await;
    let ids: Vec<String> = thread["messages"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect();

    let data = house.data();
    let (store, key_file) = (house.kit.store().clone(), data.join("keys/secrets.key"));
    let folder = tempfile::tempdir().unwrap();
    let (into, now) = (folder.path().to_owned(), env.now());
    let made = tokio::task::spawn_blocking(move || {
        let beside = farol::channels::session_folders(&store, None).unwrap();
        let from = Source { store: &store, data: &data, key_file: &key_file, beside: &beside };
        // Without a passphrase nobody's account goes along.
        let open = write(from, &into, now, None).unwrap();
        assert!(!open.manifest.parts.keys().any(|part| part.starts_with("beside/")));
        write(from, &into, now, Some(PASSPHRASE)).unwrap()
    });
    let made = made.await.unwrap();
    house.stop().await;

    let elsewhere = tempfile::tempdir().unwrap();
    let (target, at, file) = (elsewhere.path().to_owned(), env.clone(), made.path.clone());
    let restored = tokio::task::spawn_blocking(move || restore(&file, &target, Some(PASSPHRASE), at).unwrap()).await.unwrap();
    let session = restored.folder.join("beside/waha").join(&channel).join("default");
    assert_eq!(std::fs::read(session.join("creds.json")).unwrap(), b"{\"paired\":true}");
    assert_eq!(std::fs::read(session.join("keys/1.bin")).unwrap(), [7u8; 4096]);
    let house = House::start_at(elsewhere, env).await;
    let owner = house.sign_in("marina@example.com", None).await;
    for id in ids {
        let message = house.get(&owner, &format!("/messages/{id}")).await.is(200);
        let bytes = if message["type"] == "IMAGE" { TYRE.bytes } else { VOICE.bytes };
        let url = format!("{}{}", house.url, message["media"]["url"].as_str().unwrap());
        let answer = house.http.get(url).bearer_auth(&owner.token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.bytes().await.unwrap() == bytes, "byte for byte");
    }
    house.stop().await;
}
