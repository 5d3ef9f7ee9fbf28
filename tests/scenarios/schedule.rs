//! Messages that go out later: at their time, once, in their place, or not at all and said so (MSG-42, JOB-05).

use crate::harness::{Answer, House, Person, until, until_so};
use farol::{
    base::Env,
    simulator::{
        graph::{Graph, Number},
        post::Roughness,
        wire,
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub const NUMBER: &str = "106540352242922";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A firm with one number at the made-up Graph API.
pub struct OnNumber {
    pub house: House,
    pub owner: Person,
    pub graph: Graph,
}

impl OnNumber {
    pub async fn start() -> Self {
        let house = House::start_with(&[("outbound.private_hosts", "127.0.0.1")]).await;
        let owner = house.found("Dépannage Exemple").await;
        let graph = Graph::start(Env::system(), Roughness::NONE, 20.0).await.unwrap();
        let config = json!({"phoneNumberId": NUMBER, "businessAccountId": "102290129340398", "accessToken": "EAAG-test-token",
            "appSecret": SECRET, "verifyToken": "verify", "baseUrl": graph.base_url()});
        let body = json!({"kind": "whatsapp_cloud", "name": "Main", "config": config});
        house.post(&owner, "/channels", body).await.is(201);
        graph.connect(Number {
            line: wire::Line {
                phone_number_id: NUMBER.into(),
                display_number: "15550783881".into(),
                business_account_id: "102290129340398".into(),
            },
            verified_name: "Dépannage Exemple".into(),
            token: "EAAG-test-token".into(),
            app_secret: SECRET.into(),
            webhook: format!("{}/webhooks/whatsapp", house.url),
        });
        Self { house, owner, graph }
    }
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        self.house.call(method, &format!("/api/v1{path}"), Some(&self.owner.token), Some(&body)).await
    }
    pub async fn get(&self, path: &str) -> Value {
        self.house.get(&self.owner, path).await.is(200)
    }
    /// Zoé writes: the conversation and the provider's id.
    pub async fn hears(&self, text: &str) -> (String, String) {
        self.hears_from("33639980001", text).await
    }
    pub async fn hears_from(&self, number: &str, text: &str) -> (String, String) {
        let person = wire::Person { wa_id: Some(number.into()), name: "Zoé".into(), user_id: None };
        let wamid = self.graph.writes(NUMBER, &person, text);
        let plus = format!("+{number}");
        let is_theirs = |c: &Value| c["customerPhone"] == plus.as_str();
        let found = |list: &Value| list["items"].as_array().and_then(|all| all.iter().find(|c| is_theirs(c)).cloned());
        let list = until(|| self.get("/conversations?tab=all"), "the arrival", |list| found(list).is_some()).await;
        (found(&list).unwrap()["id"].as_str().unwrap().to_owned(), wamid)
    }
    pub async fn sends(&self, conversation: &str, text: &str) -> String {
        let sent = self.call(Method::POST, "/messages/send", json!({"conversationId": conversation, "content": text})).await;
        sent.is(201)["id"].as_str().unwrap().to_owned()
    }
    pub async fn until_message(&self, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/messages/{id}");
        until(|| self.get(&path), "the message's state", fits).await
    }
    /// The message of this provider's id, once its file is here.
    pub async fn fetched(&self, wamid: &str) -> Value {
        let named: String = form_urlencoded::byte_serialize(wamid.as_bytes()).collect();
        let path = format!("/messages/{named}");
        let ask = || async { serde_json::from_str(&self.house.get(&self.owner, &path).await.text).unwrap_or_default() };
        until(ask, "the file", |message: &Value| message["media"]["state"] == "READY").await
    }
    pub async fn until_thread(&self, conversation: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let path = format!("/conversations/{conversation}/messages");
        let all = |thread: &Value| thread["messages"].as_array().cloned().unwrap_or_default();
        all(&until(|| self.get(&path), "the thread", |thread| fits(&all(thread))).await)
    }
    /// Plans a message in so many milliseconds from now.
    async fn plans(&self, conversation: &str, text: &str, in_ms: u64) -> Value {
        let at = self.house.kit.env().now().plus(Duration::from_millis(in_ms));
        let body = json!({"conversationId": conversation, "content": text, "scheduledFor": at});
        self.call(Method::POST, "/messages/send", body).await.is(201)
    }
    async fn planned(&self) -> Vec<String> {
        let list = self.get("/messages/scheduled").await;
        list["items"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap().to_owned()).collect()
    }
}

const HOUR: u64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_message_waits_outside_the_thread_and_goes_out_in_its_time() {
    let firm = OnNumber::start().await;
    let (conversation, _) = firm.hears("Bonjour").await;
    let soon = firm.plans(&conversation, "À demain", 1_200).await;
    assert_eq!(soon["status"], "PENDING");
    assert!(soon["scheduledFor"].is_string());
    assert_eq!(firm.planned().await, ["À demain"]);
    let in_place = firm.get(&format!("/messages/scheduled?conversationId={conversation}")).await;
    assert_eq!(in_place["items"][0]["id"], soon["id"]);
    let now = firm.sends(&conversation, "On arrive").await;
    let shown = |all: &[Value]| all.iter().map(|m| m["content"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
    let thread = firm.until_thread(&conversation, |all| all.len() == 2).await;
    assert_eq!(shown(&thread), ["Bonjour", "On arrive"]);
    let list = firm.get("/conversations?tab=all").await;
    assert_eq!(list["items"][0]["lastMessage"]["preview"], "On arrive");

    let out = firm.until_message(soon["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
    assert!(out["scheduledFor"].is_null(), "{out}");
    assert!(out["createdAt"].as_str() > Some(thread[1]["createdAt"].as_str().unwrap()), "it takes its place when it goes out");
    assert_eq!(shown(&firm.until_thread(&conversation, |all| all.len() == 3).await), ["Bonjour", "On arrive", "À demain"]);
    assert!(firm.planned().await.is_empty());
    let timeline = firm.get(&format!("/messages/{}/timeline", out["id"].as_str().unwrap())).await;
    assert!(timeline["items"].as_array().unwrap().iter().any(|i| i["kind"] == "SCHEDULED"), "{timeline}");
    firm.until_message(&now, |m| m["status"] == "DELIVERED").await;
    let texts: Vec<String> = firm.graph.taken().into_iter().map(|(a, _)| a.body).collect();
    assert_eq!(texts, ["On arrive", "À demain"]);
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_are_changed_cancelled_and_hurried() {
    let firm = OnNumber::start().await;
    let (conversation, _) = firm.hears("Bonjour").await;
    let id = |m: &Value| m["id"].as_str().unwrap().to_owned();
    let (one, two) = (id(&firm.plans(&conversation, "un", HOUR).await), id(&firm.plans(&conversation, "deux", 2 * HOUR).await));
    assert_eq!(firm.planned().await, ["un", "deux"]);

    let later = firm.house.kit.env().now().plus(Duration::from_millis(3 * HOUR));
    let change = json!({"scheduledFor": later, "content": "un, plus tard"});
    firm.call(Method::PATCH, &format!("/messages/{one}/schedule"), change).await.is(200);
    assert_eq!(firm.planned().await, ["deux", "un, plus tard"]);
    for (when, code) in [("2001-01-01T00:00:00Z", "past"), ("2999-01-01T00:00:00Z", "too_far")] {
        let no = firm.call(Method::PATCH, &format!("/messages/{one}/schedule"), json!({"scheduledFor": when})).await.is(422);
        assert_eq!((&no["errors"][0]["field"], &no["errors"][0]["code"]), (&json!("scheduledFor"), &json!(code)));
        let body = json!({"conversationId": conversation, "content": "x", "scheduledFor": when});
        firm.call(Method::POST, "/messages/send", body).await.is(422);
    }

    let gone = firm.call(Method::DELETE, &format!("/messages/{two}/schedule"), json!({})).await.is(200);
    assert_eq!((&gone["error"]["code"], &gone["revokedBy"]), (&json!("schedule_cancelled"), &json!(firm.owner.id)));
    let no = firm.call(Method::DELETE, &format!("/messages/{two}/schedule"), json!({})).await.is(409);
    assert_eq!(no["code"], "not_scheduled");
    firm.call(Method::POST, &format!("/messages/{two}/retry"), json!({})).await.is(409);

    firm.call(Method::POST, &format!("/messages/{one}/schedule/now"), json!({})).await.is(200);
    firm.until_message(&one, |m| m["status"] == "DELIVERED").await;
    assert!(firm.planned().await.is_empty());
    let texts: Vec<String> = firm.graph.taken().into_iter().map(|(a, _)| a.body).collect();
    assert_eq!(texts, ["un, plus tard"]);
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_then_is_said_and_what_does_not_is_none() {
    let firm = OnNumber::start().await;
    let (resolved, _) = firm.hears("Bonjour").await;
    let kept = firm.plans(&resolved, "comme promis", 900).await;
    firm.call(Method::POST, &format!("/conversations/{resolved}/resolve"), json!({})).await.is(200);
    firm.until_message(kept["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
    let conversation = firm.get(&format!("/conversations/{resolved}")).await;
    let entity = if conversation["conversation"].is_object() { &conversation["conversation"] } else { &conversation };
    assert_eq!(entity["status"], "RESOLVED", "a promise opens nothing again");

    let (blocked, _) = firm.hears_from("33639980002", "Allô").await;
    let planned = firm.plans(&blocked, "jamais", 900).await;
    let contact = firm.get(&format!("/conversations/{blocked}")).await;
    let contact =
        contact.pointer("/contact/id").or(contact.pointer("/conversation/contact/id")).unwrap().as_str().unwrap().to_owned();
    firm.call(Method::PATCH, &format!("/contacts/{contact}"), json!({"isBlocked": true})).await.is(200);
    let failed = firm.until_message(planned["id"].as_str().unwrap(), |m| m["status"] == "FAILED").await;
    assert_eq!((&failed["error"]["code"], &failed["error"]["nextStep"]), (&json!("contact_blocked"), &json!("check_recipient")));
    assert!(failed["scheduledFor"].is_null());
    firm.until_thread(&blocked, |all| all.iter().any(|m| m["status"] == "FAILED")).await;
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_can_be_planned() {
    let firm = OnNumber::start().await;
    let (conversation, _) = firm.hears("Bonjour").await;
    let place = json!({"latitude": 48.8606, "longitude": 2.3376, "name": "Le dépôt"});
    let card = json!([{"name": "Rui Alves", "phones": [{"number": "+351912345678"}], "emails": []}]);
    let buttons = json!({"kind": "BUTTONS", "buttons": [{"id": "y", "title": "Oui"}, {"id": "n", "title": "Non"}]});
    let planned = [
        ("location", json!({"location": place})),
        ("contacts", json!({"contacts": card})),
        ("interactive", json!({"content": "On vient ?", "interactive": buttons})),
    ];
    let at = firm.house.kit.env().now().plus(Duration::from_millis(1_200));
    let mut ids = Vec::new();
    for (_, what) in &planned {
        let mut body = json!({"conversationId": conversation, "scheduledFor": at});
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let laid_by = firm.call(Method::POST, "/messages/send", body).await.is(201);
        assert_eq!((&laid_by["status"], laid_by["scheduledFor"].is_string()), (&json!("PENDING"), true), "{laid_by}");
        ids.push(laid_by["id"].as_str().unwrap().to_owned());
    }
    // What has no words gets none, and another time all the same.
    let no = firm.call(Method::PATCH, &format!("/messages/{}/schedule", ids[0]), json!({"content": "là"})).await.is(409);
    assert_eq!(no["code"], "not_editable");
    firm.call(
        Method::PATCH,
        &format!("/messages/{}/schedule", ids[0]),
        json!({"scheduledFor": at.plus(Duration::from_millis(5))}),
    )
    .await
    .is(200);
    assert_eq!(firm.get("/messages/scheduled").await["items"].as_array().unwrap().len(), 3);
    for (id, (kind, _)) in ids.iter().zip(&planned) {
        let out = firm.until_message(id, |m| m["status"] == "DELIVERED").await;
        let (_, request) =
            firm.graph.taken().into_iter().find(|(taken, _)| taken.id == out["externalId"].as_str().unwrap()).unwrap();
        assert_eq!(request["type"], *kind);
    }
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_go_out_when_due_counts_as_any_failure() {
    let firm = OnNumber::start().await;
    let set = json!({"value": 1});
    firm.call(Method::PUT, "/settings/messaging.failureAlarm", set).await.is(200);
    let (conversation, _) = firm.hears("Bonjour").await;
    let contact = firm.get(&format!("/conversations/{conversation}")).await["contact"]["id"].as_str().unwrap().to_owned();
    let planned = [firm.plans(&conversation, "un", 900).await, firm.plans(&conversation, "deux", 900).await];
    firm.call(Method::PATCH, &format!("/contacts/{contact}"), json!({"isBlocked": true})).await.is(200);
    for message in &planned {
        firm.until_message(message["id"].as_str().unwrap(), |m| m["status"] == "FAILED").await;
    }
    let channel = firm.get("/channels/1").await;
    assert_eq!(channel["figures"]["failedToday"], 2, "{channel}");
    assert!(channel["statusReason"].as_str().unwrap().starts_with("many_failures: contact_blocked"), "{channel}");
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_counts_on_the_day_it_goes_out() {
    let firm = OnNumber::start().await;
    let (conversation, _) = firm.hears("Bonjour").await;
    firm.call(Method::PATCH, "/channels/1", json!({"limitsOwn": {"perDay": 2}})).await.is(200);
    let tomorrow = firm.plans(&conversation, "demain", 30 * HOUR).await;
    let soon = firm.plans(&conversation, "tout de suite", 1_500).await;
    let late = firm.plans(&conversation, "trop tard", 2_500).await;
    firm.sends(&conversation, "le premier").await;
    firm.until_message(soon["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
    let failed = firm.until_message(late["id"].as_str().unwrap(), |m| m["status"] == "FAILED").await;
    assert_eq!((&failed["error"]["code"], &failed["error"]["nextStep"]), (&json!("channel_day_limit"), &json!("wait_a_day")));
    // Today is full; tomorrow is another day.
    let now = format!("/messages/{}/schedule/now", tomorrow["id"].as_str().unwrap());
    assert_eq!(firm.call(Method::POST, &now, json!({})).await.is(409)["code"], "channel_day_limit");
    firm.plans(&conversation, "demain aussi", 31 * HOUR).await;
    assert_eq!(firm.planned().await, ["demain", "demain aussi"]);
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_outlives_a_restart() {
    let firm = OnNumber::start().await;
    let (conversation, _) = firm.hears("Bonjour").await;
    let planned = firm.plans(&conversation, "après la pause", 1_500).await;
    let OnNumber { house, owner, graph } = firm;
    let house = house.restart().await;
    let owner = house.sign_in("marina@example.com", Some(&owner.tenant)).await;
    let path = format!("/messages/{}", planned["id"].as_str().unwrap());
    house.until(&owner, &path, |m| m["status"] != "PENDING").await;
    until_so("its sending", || !graph.taken().is_empty()).await;
    let texts: Vec<String> = graph.taken().into_iter().map(|(a, _)| a.body).collect();
    assert_eq!(texts, ["après la pause"]);
    house.stop().await;
}
