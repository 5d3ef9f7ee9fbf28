//! Two contacts that are one person: noticed, joined, written with, taken apart.

use super::house::House;
use axum::http::StatusCode;
use farol::{
    contacts::Lookalikes,
    conversations::{ContactCards, OlderCards},
    platform::{jobs::Jobs, journal::Reactions},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

const ANA: &str = "33639980001";
const ALSO_ANA: &str = "33639980002";

/// The house with what runs behind it.
async fn house() -> (House, watch::Sender<bool>) {
    let house = House::founded().await;
    let (stop, stopping) = watch::channel(false);
    let mut reactions = Reactions::new();
    reactions.on(ContactCards).on(Lookalikes);
    let mut jobs = Jobs::new();
    jobs.kind(OlderCards);
    tokio::spawn(Arc::new(reactions).run(house.store.clone(), house.env.clone(), stopping.clone()));
    tokio::spawn(Arc::new(jobs).run(house.store.clone(), house.env.clone(), stopping));
    (house, stop)
}

impl House {
    /// Asks until the answer is as wanted.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        crate::harness::until(async || self.get("agent 2", path).await.body, path, wanted).await
    }
}

fn ids(list: &Value) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item["number"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_numbers_of_one_person_are_one_contact_until_taken_apart() {
    let (house, stop) = house().await;
    house.says(ANA, "wamid.1", "hello").await;
    house.clock.advance(Duration::from_secs(1));
    house.says(ALSO_ANA, "wamid.2", "me again").await;
    let other = house.get("agent 2", "/contacts/2").await.body["id"].clone();
    let one = house.get("agent 2", "/contacts/1").await.body["id"].clone();

    let body = json!({ "contactIds": [other] });
    assert_eq!(house.post("client 9", "/contacts/1/merge", body.clone()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.post("agent 2", "/contacts/99/merge", body.clone()).await.status, StatusCode::NOT_FOUND);
    let empty = house.post("agent 2", "/contacts/1/merge", json!({ "contactIds": [] })).await;
    assert_eq!(empty.field(), ("contactIds", "range"));
    let merged = house.post("agent 2", "/contacts/1/merge", body).await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.body);
    assert_eq!((&merged.body["id"], &merged.body["mergedContacts"]), (&one, &json!([other])));
    assert_eq!(house.get("agent 2", "/contacts/2").await.body["id"], one, "its number leads on");
    assert_eq!(house.get("agent 2", "/contacts").await.each("id"), std::slice::from_ref(&one));

    // Both threads are the one contact's, and what comes in goes on where the number belongs.
    house.clock.advance(Duration::from_secs(1));
    let came = house.says(ALSO_ANA, "wamid.3", "and again").await;
    assert_eq!((came.conversation.number, json!(came.conversation.contact.id)), (2, one.clone()));
    assert_eq!(ids(&house.get("agent 2", "/contacts/1/conversations").await.body), [2, 1]);
    assert_eq!(ids(&house.get("agent 2", "/contacts/2/conversations").await.body), [2, 1]);
    let first = house.get("agent 2", "/contacts/1/conversations?limit=1").await;
    let next = first.body["nextCursor"].as_str().unwrap();
    let rest = house.get("agent 2", &format!("/contacts/1/conversations?limit=1&cursor={next}")).await;
    assert_eq!((ids(&first.body), ids(&rest.body)), (vec![json!(2)], vec![json!(1)]));
    assert_eq!(house.get("agent 2", "/conversations?tab=all&q=0639980001").await.each("number").len(), 2);

    let merges = house.get("agent 2", "/contacts/2/merges").await.body;
    let merge = &merges["items"][0];
    assert_eq!((&merge["contacts"][0]["number"], &merge["contactId"]), (&json!(2), &one));
    assert_eq!(merge["contacts"][0]["identities"].as_array().unwrap().len(), 2, "{merge}");
    let back = json!({ "mergeId": merge["id"] });
    assert_eq!(house.post("client 9", "/contacts/1/unmerge", back.clone()).await.status, StatusCode::FORBIDDEN);
    let apart = house.post("agent 2", "/contacts/1/unmerge", back).await;
    assert_eq!((apart.status, &apart.body["restored"][0]["id"]), (StatusCode::OK, &other), "{}", apart.body);
    assert_eq!(ids(&house.get("agent 2", "/contacts/2/conversations").await.body), [2]);
    assert_eq!(ids(&house.get("agent 2", "/contacts/1/conversations").await.body), [1]);
    house.until("/conversations/2", |conversation| conversation["contact"]["id"] == other).await;
    assert!(house.get("agent 2", "/contacts/1/merges").await.body["items"][0]["undoneAt"].is_string());
    // Who was taken apart by hand is not suggested again, alike as the names are.
    let named = house.get("agent 2", &format!("/contacts/suggestions?contactId={}", one.as_str().unwrap())).await;
    assert_eq!(named.body["items"], json!([]));
    stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_conversations_show_who_they_are_with_now() {
    let (house, stop) = house().await;
    house.says(ALSO_ANA, "wamid.1", "hello").await;
    house.says(ANA, "wamid.2", "hello").await;
    let other = house.get("agent 2", "/contacts/1").await.body["id"].clone();
    house.post("agent 2", "/contacts/2/merge", json!({ "contactIds": [other] })).await;
    let one = house.get("agent 2", "/contacts/2").await.body["id"].clone();
    house.until("/conversations/1", |conversation| conversation["contact"]["id"] == one).await;
    house.post("agent 2", "/contacts/2", json!({})).await;
    house.ask("agent 2", axum::http::Method::PATCH, "/contacts/1", Some(json!({ "name": "Ana Lima" }))).await;
    house.until("/conversations/1", |conversation| conversation["customerName"] == "Ana Lima").await;
    stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_like_somebody_known_is_suggested_until_somebody_decides() {
    let (house, stop) = house().await;
    for (name, email) in [("Ana Lima", "ana@example.com"), ("A.", "ana+loja@example.com"), ("Ana Lime", "other@example.com")] {
        house.post("agent 2", "/contacts", json!({ "name": name, "email": email })).await;
        house.clock.advance(Duration::from_secs(1));
    }
    let found = house.until("/contacts/suggestions", |list| list["items"].as_array().is_some_and(|all| !all.is_empty())).await;
    let first = &found["items"][0];
    assert_eq!(
        (found["items"].as_array().unwrap().len(), &first["reason"], &first["score"]),
        (1, &json!("same_email"), &json!(90))
    );
    let of = format!("/contacts/suggestions?contactId={}", first["contacts"][0]["id"].as_str().unwrap());
    let asked = house.get("agent 2", &of).await;
    assert_eq!(asked.each("reason"), ["same_email", "name"], "{}", asked.body);
    let dismiss = format!("/contacts/suggestions/{}/dismiss", first["id"].as_str().unwrap());
    assert_eq!(house.post("client 9", &dismiss, json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.post("agent 2", &dismiss, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.get("agent 2", "/contacts/suggestions").await.body["items"], json!([]));
    let namesake = house.get("agent 2", &of).await;
    assert_eq!(namesake.each("reason"), ["name"]);
    let dismiss = format!("/contacts/suggestions/{}/dismiss", namesake.body["items"][0]["id"].as_str().unwrap());
    assert_eq!(house.post("agent 2", &dismiss, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.get("agent 2", &of).await.body["items"], json!([]));
    assert_eq!(house.post("agent 2", "/contacts/suggestions/x/dismiss", json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("client 9", "/contacts/suggestions").await.body["items"], json!([]));
    stop.send_replace(true);
}
