//! A ticket's life as both APIs tell it, and many who reach for it at once (MSG-02, 05, 08; TKT-10–12, 26, 30, 34; CON-03, 09).

use super::house::{House, user};
use crate::harness::until;
use axum::http::{Method, StatusCode};
use farol::{
    base::{Clock, ConversationId, MessageId, Origin},
    contacts::IdentityKind,
    conversations::{self, ContactCards, MessageStatus, OlderCards, SendOutcome, StatusNews},
    platform::{
        jobs::Jobs,
        journal::Reactions,
        store::{Lane, Tx},
    },
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const ANA: &str = "33639980001";

impl House {
    async fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_, '_>) -> farol::base::Result<T> + Send + 'static,
    ) -> T {
        self.store.write(self.tenant, Lane::People, Origin::system(), command).await.unwrap()
    }
}

#[tokio::test]
async fn a_ticket_tells_when_it_was_attended_to_and_closed() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    let fresh = house.get("agent 2", "/tickets/1").await.body;
    assert_eq!((&fresh["startedAt"], &fresh["closedAt"]), (&Value::Null, &Value::Null));
    house.clock.advance(Duration::from_secs(60));
    let started = house.clock.now();
    house.post("agent 2", "/conversations/1/assign", json!({})).await;
    house.clock.advance(Duration::from_secs(60));
    house.says(ANA, "wamid.2", "still there?").await;
    let last = house.clock.now();
    house.clock.advance(Duration::from_secs(600));
    let closed = house.clock.now();
    house.post("agent 2", "/conversations/1/resolve", json!({})).await;
    let ticket = house.get("agent 2", "/tickets/1").await.body;
    assert_eq!(
        (&ticket["startedAt"], &ticket["lastMessageAt"], &ticket["closedAt"], &ticket["status"]),
        (&json!(started), &json!(last), &json!(closed), &json!("CLOSED"))
    );
    let conversation = house.get("agent 2", "/conversations/1").await.body;
    assert_eq!((&conversation["assignedAt"], &conversation["resolvedAt"]), (&json!(started), &json!(closed)));
}

#[tokio::test]
async fn null_puts_a_conversation_back_and_nothing_takes_it() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    let taken = house.post("agent 2", "/conversations/1/assign", json!({})).await.body;
    assert_eq!((&taken["status"], &taken["assignedTo"]), (&json!("ASSIGNED"), &json!(user(2))));
    let back = house.post("agent 2", "/conversations/1/assign", json!({ "userId": null })).await;
    assert_eq!((back.status, &back.body["status"], &back.body["assignedTo"]), (StatusCode::OK, &json!("OPEN"), &Value::Null));
    assert_eq!(house.get("agent 2", "/conversations?assignedTo=none").await.each("number"), [1]);
    let history = house.get("agent 2", "/conversations/1/assignments").await.body;
    assert!(history["items"][0]["endedAt"].is_string());
    let again = house.post("agent 2", "/conversations/1/assign", json!({ "userId": null })).await;
    assert_eq!(again.status, StatusCode::OK, "who has none can't be taken away");
    let ticket = house.get("agent 2", "/tickets/1").await.body;
    assert_eq!((&ticket["status"], &ticket["userId"]), (&json!("PENDING"), &Value::Null));
}

#[tokio::test]
async fn notes_and_robots_are_told_apart_and_received_stands_for_delivered() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    let ticket = house.get("agent 2", "/tickets/1").await.body["id"].clone();
    let inbound = house.get("agent 2", "/tickets/1/messages").await.body["items"][0].clone();
    assert_eq!((&inbound["status"], &inbound["direction"]), (&json!("RECEIVED"), &json!("INBOUND")));

    // A note by the ticket's own call: seen by colleagues, sent to nobody, and the customer's words stay unread.
    let note =
        house.post("agent 2", "/messages", json!({ "ticketId": ticket, "body": "waits outside", "isPrivate": true })).await;
    assert_eq!((note.status, &note.body["isPrivate"], &note.body["status"]), (StatusCode::CREATED, &json!(true), &json!("SENT")));
    assert_eq!(house.get("agent 2", "/conversations/1/notes").await.each("content"), ["waits outside"]);
    let waiting = house.store.view(house.tenant, |view| farol::platform::outbox::list(view, None, 10)).unwrap();
    assert!(waiting.is_empty(), "{waiting:?}");
    assert_eq!(house.get("agent 2", "/tickets/1").await.body["unreadMessages"], 1);

    // A program's words: flagged, and no person has read or answered.
    let bot = json!({ "conversationId": ticket, "content": "You are number 3", "isBot": true });
    let bot = house.post("agent 2", "/messages/send", bot).await;
    assert_eq!((bot.status, &bot.body["isBot"], &bot.body["isPrivate"]), (StatusCode::CREATED, &json!(true), &json!(false)));
    let after = house.get("agent 2", "/conversations/1").await.body;
    assert_eq!((&after["unread"], &after["firstReplyAt"]), (&json!(1), &Value::Null));

    // How far it got, in both APIs' words.
    let id: MessageId = bot.body["id"].as_str().unwrap().parse().unwrap();
    let (channel, at) = (house.channel, house.clock.now());
    house
        .write(move |tx| {
            conversations::settle_send(tx, id, SendOutcome::Sent { external_id: "wamid.out".into(), at })?;
            let external_id = "wamid.out".to_owned();
            let status = MessageStatus::Delivered;
            conversations::apply_status(tx, StatusNews { channel, external_id, callback: None, status, at, error: None })
        })
        .await;
    let last = |answer: &Value| answer["items"].as_array().unwrap().last().unwrap()["status"].clone();
    assert_eq!(last(&house.get("agent 2", "/tickets/1/messages").await.body), "RECEIVED");
    assert_eq!(house.get("agent 2", &format!("/messages/{id}")).await.body["status"], "DELIVERED");
}

#[tokio::test]
async fn a_contact_shows_every_identity_the_sources_name() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    let contact = house.get("agent 2", "/contacts/1").await.body;
    for (field, expected) in [
        ("pushname", json!("Customer 01")),
        ("isWAContact", json!(true)),
        ("telegramId", Value::Null),
        ("messengerId", Value::Null),
        ("instagramPK", Value::Null),
    ] {
        assert_eq!(contact.get(field), Some(&expected), "{field}: {contact}");
    }
    house
        .write(|tx| {
            let at = [(IdentityKind::Telegram, "77"), (IdentityKind::Messenger, "88"), (IdentityKind::Instagram, "99")];
            let seen: Vec<_> = at.into_iter().map(|(kind, id)| farol::contacts::Observed::new(kind, id)).collect();
            farol::contacts::relink(tx, &[farol::contacts::Observed::new(IdentityKind::Whatsapp, ANA)], &seen)
        })
        .await;
    let contact = house.get("agent 2", "/contacts/1").await.body;
    assert_eq!(
        (&contact["telegramId"], &contact["messengerId"], &contact["instagramPK"]),
        (&json!("77"), &json!("88"), &json!("99"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_contact_shows_in_all_its_conversations_however_many() {
    let house = House::founded().await;
    const MANY: usize = 120;
    for n in 0..MANY {
        let id = house.says(ANA, &format!("wamid.{n}"), "hello").await.conversation.id;
        house.write(move |tx| conversations::resolve(tx, &everything(tx), id)).await;
        house.clock.advance(Duration::from_secs(1));
    }
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let mut reactions = Reactions::new();
    reactions.on(ContactCards);
    let mut jobs = Jobs::new();
    jobs.kind(OlderCards);
    tokio::spawn(Arc::new(reactions).run(house.store.clone(), house.env.clone(), stopping.clone()));
    tokio::spawn(Arc::new(jobs).run(house.store.clone(), house.env.clone(), stopping));
    let named = house.ask("admin 1", Method::PATCH, "/contacts/1", Some(json!({ "name": "Ana Lima" }))).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    let oldest = async || house.get("admin 1", "/conversations/1").await.body;
    until(oldest, "the new name in the oldest", |conversation| conversation["customerName"] == "Ana Lima").await;
    for number in 1..=MANY {
        assert_eq!(house.get("admin 1", &format!("/conversations/{number}")).await.body["customerName"], "Ana Lima", "{number}");
    }
    let jobs = house.store.view(house.tenant, |view| farol::platform::jobs::list(view, None, 10)).unwrap();
    assert!(jobs.len() == 1 && jobs[0].0.done > 1, "in steps: {jobs:?}");
    stop.send_replace(true);
}

/// Who may do all things, in a command of the test's own.
fn everything(tx: &Tx<'_, '_>) -> farol::base::Actor {
    farol::base::Actor {
        user: user(1),
        name: "admin 1".into(),
        session: farol::base::SessionId(user(1).0),
        tenant: tx.tenant(),
        grants: farol::identity::BuiltIn::Admin.grants(),
        queues: Arc::new([]),
        origin: Origin::system(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_reach_for_one_conversation_each_finds_it_whole() {
    let house = Arc::new(House::founded().await);
    for (n, external) in (0..8).map(|n| (n, format!("wamid.{n}"))) {
        house.says(&format!("3363998000{n}"), &external, "hello").await;
    }
    let night = house.post("admin 1", "/queues", json!({ "name": "Nuit" })).await.body["id"].clone();
    // Of those who take what nobody has, one gets it.
    let takes = (0..50).map(|n| {
        let house = house.clone();
        tokio::spawn(async move { house.post(&format!("agent {}", 2 + n % 2), "/conversations/1/assign", json!({})).await })
    });
    let outcomes: Vec<_> = futures_util::future::join_all(takes).await.into_iter().map(Result::unwrap).collect();
    let holder = house.get("admin 1", "/conversations/1").await.body["assignedTo"].clone();
    for answer in &outcomes {
        // Taking again what one has changes nothing.
        assert!(answer.status == StatusCode::OK && answer.body["assignedTo"] == holder || answer.code() == "already_assigned");
    }
    assert!(outcomes.iter().any(|answer| answer.code() == "already_assigned"));
    assert_eq!(house.get("admin 1", "/conversations/1/assignments").await.body["items"].as_array().unwrap().len(), 1);

    // Two people do all that can be done to all of them at once.
    let verbs = [("assign", json!({})), ("assign", json!({ "userId": null })), ("resolve", json!({})), ("reopen", json!({}))];
    let mut deeds = Vec::new();
    for n in 0..200usize {
        let (verb, body) = match n % 5 {
            4 => ("transfer", json!({ "queueId": night, "userId": user(2 + n as u64 % 2) })),
            other => verbs[other].clone(),
        };
        let (house, number) = (house.clone(), 1 + (n / 5) % 8);
        let path = format!("/conversations/{number}/{verb}");
        deeds.push(tokio::spawn(async move { house.post(["admin 1", "agent 2", "agent 3"][n % 3], &path, body).await }));
    }
    for outcome in futures_util::future::join_all(deeds).await {
        let answer = outcome.unwrap();
        // 404: it left the queue one works in.
        assert!([200, 404, 409].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
    }
    let (mut waiting, mut attending) = (0, 0);
    for number in 1..=8 {
        let c = house.get("admin 1", &format!("/conversations/{number}")).await.body;
        let id: ConversationId = c["id"].as_str().unwrap().parse().unwrap();
        let stretches = house.get("admin 1", &format!("/conversations/{id}/assignments?limit=200")).await.body["items"].clone();
        let stretches = stretches.as_array().unwrap();
        let open: Vec<_> = stretches.iter().filter(|stretch| stretch["endedAt"].is_null()).collect();
        match c["status"].as_str().unwrap() {
            "OPEN" => {
                waiting += 1;
                assert!(c["assignedTo"].is_null() && open.is_empty(), "{c} {open:?}");
            }
            "ASSIGNED" => {
                attending += 1;
                assert!(open.len() == 1 && open[0]["userId"] == c["assignedTo"], "{c} {open:?}");
            }
            status => assert!(status == "RESOLVED" && open.is_empty(), "{c} {open:?}"),
        }
    }
    let listed = async |query: &str| {
        house.get("admin 1", &format!("/conversations?{query}")).await.body["items"].as_array().unwrap().len()
    };
    assert_eq!((listed("status=OPEN").await, listed("status=ASSIGNED").await), (waiting, attending));
    assert_eq!(house.get("admin 1", "/counters").await.body["unassigned"], waiting);
}
