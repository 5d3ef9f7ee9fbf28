//! Open screens of a running house: what they see, when, and what they never see (RTE-01, 04, 11–14, 17–19, 27).

use super::app::Running;
use serde_json::{Value, json};

fn text<'v>(frame: &'v Value, pointer: &str) -> &'v str {
    frame.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {frame}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_reaches_open_screens_once_as_a_get_shows_it() {
    let (app, owner) = Running::founded().await;
    let (_, seq, _) = app.call_with_seq(&owner, "GET", "/api/v1/conversations", None).await;
    let mut screen = app.screen(&owner, &format!("?after={seq}")).await;
    app.hears("351912345678", "Rita", "wamid.1", "Bom dia, o carro avariou").await;

    let received = screen.sees("message.received").await;
    let conversation = text(&received, "/data/conversation/id").to_owned();
    assert_eq!(text(&received, "/data/message/content"), "Bom dia, o carro avariou");
    let message = app.get(&owner, &format!("/api/v1/messages/{}", text(&received, "/data/message/id"))).await;
    assert_eq!(received["data"]["message"]["rev"], message["rev"]);

    let (status, _) = app.call(&owner, "POST", &format!("/api/v1/conversations/{conversation}/assign"), Some(json!({}))).await;
    assert_eq!(status, 200);
    let assigned = screen.sees("conversation.assigned").await;
    let shown = app.get(&owner, &format!("/api/v1/conversations/{conversation}")).await;
    let entity = if shown["conversation"].is_object() { &shown["conversation"] } else { &shown };
    for field in ["id", "number", "protocol", "status", "assignedTo", "unread", "rev"] {
        assert_eq!(assigned["data"][field], entity[field], "{field}");
    }

    let sent = json!({"conversationId": conversation, "content": "Já vamos", "clientId": "0198a5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f"});
    let (status, answer) = app.call(&owner, "POST", "/api/v1/messages/send", Some(sent)).await;
    assert_eq!(status, 201, "{answer}");
    let created = screen.sees("message.created").await;
    assert_eq!(created["data"]["message"]["id"], answer["id"]);
    let updated = screen.sees("message.updated").await;
    assert_eq!(updated["data"]["message"]["id"], answer["id"]);
    let (status, _) = app.call(&owner, "POST", &format!("/api/v1/conversations/{conversation}/resolve"), Some(json!({}))).await;
    assert_eq!(status, 200);
    screen.sees("conversation.resolved").await;

    // Every event once, in rising order; and a screen that was away all the time is told the same.
    let mut late = app.screen(&owner, &format!("?after={seq}")).await;
    let seqs: Vec<u64> = late.rest().await.iter().filter_map(|frame| frame["seq"].as_u64()).collect();
    assert!(seqs.len() >= 6 && seqs.windows(2).all(|two| two[0] < two[1]), "{seqs:?}");
    assert!(seqs.contains(&received["seq"].as_u64().unwrap()) && seqs.contains(&assigned["seq"].as_u64().unwrap()));
    app.stop().await;
    let end = loop {
        let frame = screen.next().await;
        if frame["type"] == "close" {
            break frame;
        }
    };
    assert_eq!(end["code"], 1012);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn colleagues_see_their_own_and_lose_sight_with_their_rights() {
    let (app, owner) = Running::founded().await;
    let queues = app.get(&owner, "/api/v1/queues").await;
    let queue = text(&queues, "/items/0/id").to_owned();
    let inside = app.colleague(&owner, "Rui", "AGENT", std::slice::from_ref(&queue)).await;
    let outside = app.colleague(&owner, "Zoe", "AGENT", &[]).await;
    let (mut sees, mut blind) = (app.screen(&inside, "").await, app.screen(&outside, "").await);
    app.hears("351912345678", "Rita", "wamid.1", "segredo").await;
    let received = sees.sees("message.received").await;
    let conversation = text(&received, "/data/conversation/id").to_owned();
    let seen = blind.rest().await;
    assert!(!seen.iter().any(|frame| frame.to_string().contains("segredo")), "{seen:?}");

    // Presence: who looks at the conversation is told to those who may see it, and to nobody else.
    let mut boss = app.screen(&owner, "").await;
    blind.says(json!({"type": "typing", "conversationId": conversation})).await;
    sees.says(json!({"type": "typing", "conversationId": conversation, "on": true})).await;
    let typing = boss.sees("typing").await;
    assert_eq!(text(&typing, "/data/name"), "Rui");

    // The owner takes it: for one who sees their queues nothing is lost, for the outsider nothing is won.
    let me = app.get(&owner, "/api/v1/auth/me").await;
    let take = json!({"userId": me["id"]});
    let (status, answer) = app.call(&owner, "POST", &format!("/api/v1/conversations/{conversation}/assign"), Some(take)).await;
    assert_eq!(status, 200, "{answer}");
    sees.sees("conversation.assigned").await;

    // Out of the queue: told to fetch anew, then silent about it. Signed out: closed at once.
    let rui = app.get(&inside, "/api/v1/auth/me").await;
    let path = format!("/api/v1/users/{}", text(&rui, "/id"));
    let (status, answer) = app.call(&owner, "PATCH", &path, Some(json!({"queueIds": []}))).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(sees.sees("resync").await["reason"], "rights");
    sees.rest().await;
    app.hears("351912345678", "Rita", "wamid.2", "mais um segredo").await;
    let seen = sees.rest().await;
    assert!(!seen.iter().any(|frame| frame.to_string().contains("segredo")), "{seen:?}");
    let (status, answer) = app.call(&owner, "PATCH", &path, Some(json!({"isActive": false}))).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        loop {
            let frame = sees.next().await;
            if frame["type"] == "close" {
                break frame["code"].clone();
            }
        },
        4401
    );
    let (status, _) = app.call(&outside, "POST", "/api/v1/auth/logout", Some(json!({}))).await;
    assert!(status < 300, "{status}");
    assert_eq!(
        loop {
            let frame = blind.next().await;
            if frame["type"] == "close" {
                break frame["code"].clone();
            }
        },
        4401
    );
    app.stop().await;
}
