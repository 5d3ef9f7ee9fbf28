//! A WAHA session as a channel: what is believed at the door, and what becomes of each event.

use super::paired::{CUSTOMER, Paired};
use crate::harness::{House, Person, until};
use farol::{
    channels::waha::signature::{ALGORITHM_HEADER, HEADER, HmacKey},
    simulator::waha::Trouble,
};
use serde_json::{Value, json};

const KEY: &str = "my-secret-key";

/// A firm with one WAHA session at a server nobody answers at.
struct Firm {
    house: House,
    owner: Person,
    channel: String,
}

impl Firm {
    async fn start() -> Self {
        let house = House::start().await;
        let owner = house.found("Reboques Exemplo").await;
        let config = json!({"baseUrl": "http://127.0.0.1:9", "apiKey": "waha-key-0001", "session": "default", "hmacKey": KEY});
        let body = json!({"kind": "waha", "name": "Mobile", "config": config});
        let channel = house.post(&owner, "/channels", body).await.is(201);
        let channel = channel["id"].as_str().unwrap().to_owned();
        Self { house, owner, channel }
    }
    async fn door(&self, path: &str, body: &Value, key: Option<&str>) -> u16 {
        let body = body.to_string();
        let mut call = self.house.http.post(format!("{}{path}", self.house.url)).header("content-type", "application/json");
        if let Some(key) = key {
            call = call.header(HEADER, HmacKey::new(key).sign(body.as_bytes())).header(ALGORITHM_HEADER, "sha512");
        }
        call.body(body).send().await.unwrap().status().as_u16()
    }
    async fn event(&self, event: &str, payload: Value) {
        let body = json!({"id": "evt_1", "timestamp": 1_700_000_000_000_i64, "event": event, "session": "default",
            "me": {"id": "5511900000001@c.us"}, "payload": payload, "engine": "NOWEB"});
        assert_eq!(self.door("/webhooks/waha", &body, Some(KEY)).await, 200);
    }
    async fn get(&self, path: &str) -> Value {
        self.house.get(&self.owner, path).await.is(200)
    }
    async fn until(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(|| self.get(path), what, fits).await
    }
    async fn conversations(&self) -> Vec<Value> {
        self.get("/conversations?tab=all").await["items"].as_array().unwrap().clone()
    }
    async fn messages(&self, conversation: &Value) -> Vec<Value> {
        let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap());
        self.get(&path).await["messages"].as_array().unwrap().clone()
    }
}

fn said(id: &str, from: &str, text: &str) -> Value {
    json!({"id": format!("false_{from}_{id}"), "timestamp": 1_700_000_000, "from": from, "fromMe": false, "source": "app",
        "body": text, "hasMedia": false, "media": null, "ack": 1, "_data": {"notifyName": "Ana Prado"}})
}

#[tokio::test]
async fn only_what_a_session_signed_is_believed() {
    let firm = Firm::start().await;
    let body = json!({"event": "message", "session": "default", "payload": said("A", "5511999999999@c.us", "Bom dia")});
    for key in [None, Some("another-key"), Some("")] {
        assert_eq!(firm.door("/webhooks/waha", &body, key).await, 401, "{key:?}");
    }
    assert!(firm.conversations().await.is_empty());
    assert_eq!(firm.door(&format!("/webhooks/waha/{}", firm.channel), &body, Some(KEY)).await, 200);
    assert_eq!(firm.conversations().await.len(), 1);
}

#[tokio::test]
async fn both_events_of_one_message_make_one_message() {
    let firm = Firm::start().await;
    for _ in 0..3 {
        firm.event("message.any", said("3EB0AA", "5511999999999@c.us", "Bom dia")).await;
        firm.event("message", said("3EB0AA", "5511999999999@c.us", "Bom dia")).await;
    }
    let conversations = firm.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0]["customerPhone"], "+5511999999999");
    assert_eq!(conversations[0]["contact"]["name"], "Ana Prado");
    let messages = firm.messages(&conversations[0]).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!((&messages[0]["content"], &messages[0]["externalId"]), (&json!("Bom dia"), &json!("3EB0AA")));
    assert_eq!(conversations[0]["sendWindow"]["until"], Value::Null, "a phone of one's own may always answer");
}

#[tokio::test]
async fn what_is_nothing_for_a_desk_is_left_alone() {
    let firm = Firm::start().await;
    for chat in ["123@newsletter", "status@broadcast"] {
        firm.event("message", said("B", chat, "news")).await;
    }
    let mut status = said("C", "5511999999999@c.us", "my status");
    status["id"] = "false_status@broadcast_CCCC_5511999999999@c.us".into();
    firm.event("message", status).await;
    for event in ["engine.event", "label.upsert", "chat.archive", "something.new"] {
        firm.event(event, json!({})).await;
    }
    assert!(firm.conversations().await.is_empty());
}

#[tokio::test]
async fn an_unknown_session_is_kept_where_people_see_it_and_read_once_it_is_connected() {
    let firm = Firm::start().await;
    let body = json!({"event": "message", "session": "second", "payload": said("D", "5511999999999@c.us", "Olá")});
    assert_eq!(firm.door("/webhooks/waha", &body, Some(KEY)).await, 200);
    let letters = firm.until("/deadletters?kind=inbound", "the letter", |found| found["items"][0]["id"].is_string()).await;
    assert_eq!(letters["items"][0]["code"], "unknown_session");
    let config = json!({"baseUrl": "http://127.0.0.1:9", "session": "second", "hmacKey": "yet-another"});
    let new = json!({"kind": "waha", "name": "Second", "config": config});
    firm.house.post(&firm.owner, "/channels", new).await.is(201);
    let retry = format!("/deadletters/{}/retry", letters["items"][0]["id"].as_str().unwrap());
    let retried = firm.house.post(&firm.owner, &retry, json!({})).await;
    assert!(retried.status < 300, "{}", retried.text);
    assert_eq!(firm.conversations().await.len(), 1);
}

#[tokio::test]
async fn a_session_is_made_paired_and_answers_under_its_number() {
    let firm = Paired::start().await;
    let channel = firm.until_channel("CONNECTED").await;
    assert_eq!(channel["config"]["sessionState"], "WORKING");
    assert_eq!(channel["config"]["phoneNumber"], "+5511900000001");
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    let answer = firm.sends(&conversation, "Bom dia, Ana").await;
    let read = firm.until_message(&answer, |m| m["status"] == "READ").await;
    let sent = firm.waha.sent();
    assert_eq!((sent.len(), sent[0].text.as_str()), (1, "Bom dia, Ana"));
    assert_eq!((sent[0].chat.as_str(), read["externalId"].as_str()), ("5511999990001@c.us", Some(sent[0].id.as_str())));
    assert_eq!(firm.waha.called(), ["sendSeen", "startTyping", "stopTyping", "sendText"]);
    // The echo of our own text is no second message.
    assert_eq!(firm.contents(&conversation).await, ["Bom dia", "Bom dia, Ana"]);
}

#[tokio::test]
async fn what_the_owner_writes_on_the_phone_stands_in_the_thread() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    firm.waha.owner_writes("default", CUSTOMER, "Já vou");
    let path = format!("/conversations/{conversation}/messages");
    let thread = firm.until(&path, "the echo", |t| t["messages"].as_array().is_some_and(|all| all.len() == 2)).await;
    let echo = thread["messages"].as_array().unwrap().iter().find(|m| m["content"] == "Já vou").unwrap();
    assert_eq!(echo["direction"], "OUTBOUND");
}

#[tokio::test]
async fn what_is_written_while_the_session_is_lost_goes_out_in_order_when_it_is_back() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    firm.waha.lose("default", "FAILED");
    firm.until_channel("BROKEN").await;
    let (one, two) = (firm.sends(&conversation, "um").await, firm.sends(&conversation, "dois").await);
    firm.until_message(&one, |m| m["status"] == "PENDING").await;
    assert!(firm.waha.sent().is_empty());
    firm.waha.scan("default", "5511900000001", "Reboques");
    for id in [one, two] {
        firm.until_message(&id, |m| matches!(m["status"].as_str(), Some("SENT" | "DELIVERED" | "READ"))).await;
    }
    let texts: Vec<String> = firm.waha.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["um", "dois"]);
}

#[tokio::test]
async fn a_lost_answer_sends_nothing_twice() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    firm.waha.trouble(Trouble::LoseAnswer);
    let lost = firm.sends(&conversation, "um").await;
    firm.until_message(&lost, |m| m["status"] == "READ").await;
    firm.waha.trouble(Trouble::Fail);
    let failed = firm.sends(&conversation, "dois").await;
    firm.until_message(&failed, |m| m["status"] == "READ").await;
    let texts: Vec<String> = firm.waha.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["um", "dois"]);
    assert_eq!(firm.contents(&conversation).await, ["Bom dia", "dois", "um"]);
}

#[tokio::test]
async fn what_no_webhook_told_is_caught_up_with_once() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    firm.waha.deafen(true);
    firm.waha.writes("default", CUSTOMER, "Ana", "Alguém aí?");
    firm.waha.deafen(false);
    firm.waha.lose("default", "STOPPED");
    firm.until_channel("BROKEN").await;
    firm.waha.scan("default", "5511900000001", "Reboques");
    let path = format!("/conversations/{conversation}/messages");
    firm.until(&path, "the missed message", |t| t["messages"].as_array().is_some_and(|all| all.len() == 2)).await;
    assert_eq!(firm.contents(&conversation).await, ["Alguém aí?", "Bom dia"]);
}

#[tokio::test]
async fn the_configuration_says_what_a_new_channel_is_and_whose_sessions_are_backed_up() {
    let house = House::start().await;
    let owner = house.found("Reboques Exemplo").await;
    let told = house.get(&owner, "/channels/defaults").await.is(200);
    assert_eq!(told, json!({"kind": "whatsapp_cloud", "wahaSession": "default", "hasWahaKey": false}));
    house.stop().await;

    let options = [
        ("whatsapp.provider", "waha"),
        ("waha.url", "http://127.0.0.1:9"),
        ("waha.api_key", "waha-key-0001"),
        ("waha.session", "main"),
        ("waha.session_folder", "/srv/waha/sessions"),
    ];
    let house = House::start_with(&options).await;
    let owner = house.found("Reboques Exemplo").await;
    let told = house.get(&owner, "/channels/defaults").await.is(200);
    assert_eq!((&told["kind"], &told["wahaSession"], &told["hasWahaKey"]), (&json!("waha"), &json!("main"), &json!(true)));
    assert!(told["wahaUrl"].as_str().unwrap().starts_with("http://127.0.0.1:9"), "{told}");
    // The firm has its session from the start, and no folder of its own: the server's joins the backup.
    let first = house.get(&owner, "/channels").await.is(200)["items"][0].clone();
    assert_eq!((&first["kind"], &first["config"]["session"]), (&json!("waha"), &json!("main")));
    assert_eq!((&first["config"]["sessionFolder"], &first["config"]["isBackedUp"]), (&Value::Null, &json!(true)));
    let elsewhere = json!({"baseUrl": "http://127.0.0.1:8", "session": "main"});
    let other = house.post(&owner, "/channels", json!({"kind": "waha", "name": "Other", "config": elsewhere})).await.is(201);
    assert_eq!(other["config"]["isBackedUp"], false);
    house.stop().await;
}
