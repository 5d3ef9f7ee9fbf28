//! The inbox through the door: lists by reach, threads, sending, the words of both APIs.

use super::house::{Answer, House, user};
use axum::http::{Method, StatusCode};
use farol::platform::journal;
use serde_json::{Value, json};
use std::time::Duration;

const ANA: &str = "33639980001";
const BEA: &str = "33639980002";

#[tokio::test]
async fn a_day_in_the_inbox() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "My car won't start").await;
    house.clock.advance(Duration::from_secs(1));
    house.says(BEA, "wamid.2", "Where is my truck?").await;
    let inbox = house.get("agent 2", "/conversations?tab=unassigned").await;
    assert_eq!(inbox.each("customerName"), ["Customer 02", "Customer 01"], "newest activity first");
    let row = &inbox.body["items"][1];
    assert_eq!(row["protocol"], "202622111030051", "day before month, on the clocks of Paris, then the number");
    assert_eq!((&row["status"], &row["unread"], &row["flowState"]), (&json!("OPEN"), &json!(1), &json!("GREETING")));
    assert_eq!(row["lastMessage"]["preview"], "My car won't start");
    assert_eq!((&row["queueId"], &row["departmentId"]), (&json!(house.queue), &json!(house.queue)));
    assert_eq!(row["sendWindow"]["kinds"], json!(["text", "media", "template"]));
    let counters = json!({ "mine": 0, "unassigned": 2, "unread": 2, "unreadMine": 0 });
    assert_eq!(house.get("agent 2", "/counters").await.body, counters);

    let taken = house.ask("agent 2", Method::POST, "/conversations/1/assign", None).await;
    assert_eq!((&taken.body["status"], &taken.body["assignedTo"]), (&json!("ASSIGNED"), &json!(user(2))), "{}", taken.body);
    let late = house.post("agent 3", "/conversations/1/assign", json!({})).await;
    assert_eq!((late.status.as_u16(), late.code()), (409, "already_assigned"));
    house.post("agent 2", "/conversations/1/read", json!({})).await;
    let counters = json!({ "mine": 1, "unassigned": 1, "unread": 1, "unreadMine": 0 });
    assert_eq!(house.get("agent 2", "/counters").await.body, counters);
    assert_eq!(house.get("agent 2", "/conversations?tab=mine").await.each("number"), [1]);

    let reply =
        json!({ "conversationId": "1", "content": "We are on our way", "clientId": "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f" });
    let sent = house.post("agent 2", "/messages/send", reply.clone()).await;
    assert_eq!((sent.status, &sent.body["status"]), (StatusCode::CREATED, &json!("PENDING")), "{}", sent.body);
    assert_eq!((&sent.body["id"], &sent.body["senderName"]), (&reply["clientId"], &json!("agent 2")));
    let again = house.post("agent 2", "/messages/send", reply).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &sent.body));
    let note = house.post("agent 2", "/conversations/1/notes", json!({ "content": "She waits at the station" })).await;
    assert_eq!((note.status, &note.body["note"]["isPrivate"]), (StatusCode::CREATED, &json!(true)));
    let thread = house.get("agent 2", "/conversations/1").await;
    let contents: Vec<&Value> = thread.body["messages"].as_array().unwrap().iter().map(|m| &m["content"]).collect();
    assert_eq!(contents, ["My car won't start", "We are on our way", "She waits at the station"]);
    assert_eq!(thread.body["messages"][0]["status"], "READ");
    assert_eq!(house.get("agent 2", "/conversations/1/notes").await.each("content"), ["She waits at the station"]);

    let resolved = house.post("agent 2", "/conversations/1/resolve", json!({})).await;
    assert_eq!((&resolved.body["status"], &resolved.body["flowState"]), (&json!("RESOLVED"), &json!("RESOLVED")));
    let history = house.get("agent 2", "/conversations/1/assignments").await;
    assert_eq!(history.each("reason"), ["taken"]);
    assert!(history.body["items"][0]["endedAt"].is_string());
    assert_eq!(house.get("agent 2", "/conversations?tab=resolved").await.each("number"), [1]);
    let next = house.says(ANA, "wamid.3", "Thank you").await.conversation;
    assert_eq!((next.number, next.last_attendant), (3, Some(user(2))));
    assert_eq!(house.get("agent 2", "/contacts/1/conversations").await.each("number"), [3, 1]);
}

#[tokio::test]
async fn filters_say_what_they_do_not_know_and_archived_ones_hide() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "a").await;
    house.says(BEA, "wamid.2", "b").await;
    house.post("admin 1", "/conversations/1/resolve", json!({})).await;
    let early = house.post("admin 1", "/conversations/2/archive", json!({})).await;
    assert_eq!((early.status.as_u16(), early.code()), (409, "not_resolved"));
    house.post("admin 1", "/conversations/1/archive", json!({})).await;
    let list = |query: &'static str| {
        let house = &house;
        async move { house.get("admin 1", &format!("/conversations{query}")).await }
    };
    let numbers = |answer: &Answer| answer.each("number");
    assert_eq!(numbers(&list("").await), [2]);
    assert_eq!(numbers(&list("?status=archived").await), [1]);
    assert_eq!(numbers(&list("?status=OPEN,ARCHIVED").await).len(), 2);
    assert_eq!(numbers(&list("?assignedTo=none").await), [2]);
    assert_eq!(numbers(&list("?search=customer%2002").await), [2]);
    assert_eq!(numbers(&list("?q=0639980002&status=OPEN").await), [2]);
    assert_eq!(numbers(&list("?q=2026221110300").await), [2], "the protocol number's beginning");
    let unknown = list("?status=OPEN,PENDING").await;
    assert_eq!((unknown.status, unknown.field()), (StatusCode::BAD_REQUEST, ("status", "unknown")));
    assert!(unknown.body["detail"].as_str().unwrap().contains("PENDING"));
    let tickets = house.get("admin 1", "/tickets?status=closed").await;
    assert_eq!((tickets.each("status"), tickets.each("number")), (vec![json!("CLOSED")], vec![json!(1)]));
    assert_eq!(house.get("admin 1", "/tickets?status=RESOLVED").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_ticket_words_send_and_read_too() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    let pending = house.get("agent 2", "/tickets/1").await.body;
    assert_eq!((&pending["status"], &pending["unreadMessages"]), (&json!("PENDING"), &json!(1)));
    let sent =
        house.post("agent 2", "/api/messages", json!({ "ticketId": pending["id"], "body": "hi", "isPrivate": false })).await;
    assert_eq!((sent.status, &sent.body["content"]), (StatusCode::CREATED, &json!("hi")));
    let thread = house.get("agent 2", "/tickets/1/messages").await;
    assert_eq!(thread.each("body"), ["hello", "hi"]);
    assert_eq!(thread.each("status"), ["READ", "PENDING"]);
    let empty = house.post("agent 2", "/messages", json!({ "ticketId": pending["id"] })).await;
    assert_eq!((empty.status.as_u16(), empty.field()), (422, ("content", "required")));
}

#[tokio::test]
async fn pages_of_lists_and_threads_hold_everything_once() {
    let house = House::founded().await;
    for n in 0..7 {
        house.clock.advance(Duration::from_secs(1));
        house.says(&format!("3363998001{n}"), &format!("wamid.{n}"), "hi").await;
        house.says(ANA, &format!("wamid.a{n}"), &n.to_string()).await;
    }
    for who in ["admin 1", "agent 2"] {
        let (mut seen, mut query) = (Vec::new(), "/conversations?limit=3".to_owned());
        loop {
            let page = house.get(who, &query).await;
            seen.extend(page.each("number"));
            let Some(next) = page.body["nextCursor"].as_str() else { break };
            query = format!("/conversations?limit=3&cursor={next}");
        }
        assert_eq!(seen.len(), 8, "{who}: {seen:?}");
        assert_eq!(seen.iter().map(Value::to_string).collect::<std::collections::BTreeSet<_>>().len(), 8, "{who}");
    }
    let texts = |page: &Answer| {
        let messages = page.body["messages"].as_array().unwrap();
        messages.iter().map(|m| m["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ana = house.get("admin 1", "/conversations?q=customer%2001").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let last = house.get("admin 1", &format!("/conversations/{ana}/messages?limit=3")).await;
    assert_eq!(texts(&last), ["4", "5", "6"], "the end of the thread, oldest first");
    let next = last.body["nextCursor"].as_str().unwrap();
    let before = house.get("admin 1", &format!("/conversations/{ana}/messages?limit=3&cursor={next}")).await;
    assert_eq!(texts(&before), ["1", "2", "3"]);
    let newer = house.get("admin 1", &format!("/conversations/{ana}/messages?limit=3&direction=newer")).await;
    assert_eq!(texts(&newer), ["0", "1", "2"]);
}

#[tokio::test]
async fn who_may_not_see_contacts_sees_masked_numbers() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "hello").await;
    house.post("admin 1", "/conversations/1/assign", json!({ "userId": user(3) })).await;
    let full = house.get("agent 3", "/conversations/1").await.body;
    let masked = house.get("client 3", "/conversations/1").await.body;
    assert_eq!((&full["customerPhone"], &masked["customerPhone"]), (&json!("+33639980001"), &json!("+33•••••••01")));
    assert_eq!(masked["contact"]["phoneNumber"], "+33•••••••01");
    assert_eq!(house.get("client 4", "/conversations/1").await.status, StatusCode::NOT_FOUND);
    let id = full["messages"][0]["id"].as_str().unwrap();
    assert_eq!(house.get("agent 3", &format!("/messages/{id}")).await.body["raw"], json!({ "id": "wamid.1" }));
    assert_eq!(house.get("client 3", &format!("/messages/{id}")).await.body.get("raw"), None);
    let foreign = house.post("client 4", "/messages/send", json!({ "conversationId": full["id"], "content": "x" })).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_journal_carries_ids_and_facts_but_no_words_of_people() {
    let house = House::founded().await;
    house.says(ANA, "wamid.1", "a very private matter").await;
    house.post("agent 2", "/messages/send", json!({ "conversationId": "1", "content": "our secret answer" })).await;
    let events = journal::read_tenant_after(&house.store, house.tenant, 0, 100).unwrap();
    let text = serde_json::to_string(&events).unwrap();
    for word in ["private matter", "secret answer", "33639980001", "Customer 01"] {
        assert!(!text.contains(word), "{word} stands in the journal");
    }
}
