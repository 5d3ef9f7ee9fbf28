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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leaves_ones_sight_is_gone_and_addresses_are_masked_for_who_may_not_see_them() {
    let (app, owner) = Running::founded().await;
    let first = text(&app.get(&owner, "/api/v1/queues").await, "/items/0/id").to_owned();
    let (status, second) = app.call(&owner, "POST", "/api/v1/queues", Some(json!({"name": "Noite"}))).await;
    assert_eq!(status, 201, "{second}");
    let agent = app.colleague(&owner, "Rui", "AGENT", &[first]).await;
    let client = app.colleague(&owner, "Cliente", "CLIENT", &[]).await;
    let (mut boss, mut desk, mut outside) =
        (app.screen(&owner, "").await, app.screen(&agent, "").await, app.screen(&client, "").await);
    app.hears("351912345678", "Rita", "wamid.1", "Bom dia").await;
    // A new ticket, then its first message, then a change of it (RTE-11, 17, 18).
    let created = desk.sees("conversation.created").await;
    let id = text(&created, "/data/id").to_owned();
    assert_eq!(created["data"]["customerPhone"], "+351912345678");
    desk.sees("message.received").await;
    let path = format!("/api/v1/conversations/{id}");
    assert_eq!(app.call(&owner, "PATCH", &path, Some(json!({"priority": "HIGH"}))).await.0, 200);
    let updated = desk.sees("conversation.updated").await;
    assert_eq!((text(&updated, "/data/id"), &updated["data"]["priority"]), (id.as_str(), &json!("HIGH")));

    // Into a queue that is none of theirs: gone from their screen.
    let move_on = json!({"queueId": second["id"]});
    assert_eq!(app.call(&owner, "POST", &format!("{path}/transfer"), Some(move_on)).await.0, 200);
    let gone = desk.sees("gone").await;
    assert_eq!((&gone["id"], &gone["of"]), (&json!(id), &json!("conversation")));

    // To a customer's own access: theirs to see, with addresses masked, while others get them whole.
    let them = app.get(&client, "/api/v1/auth/me").await;
    assert_eq!(app.call(&owner, "POST", &format!("{path}/assign"), Some(json!({"userId": them["id"]}))).await.0, 200);
    let mine = outside.sees("conversation.assigned").await;
    assert_eq!(mine["data"]["customerPhone"], "+35••••••••78", "{mine}");
    app.hears("351912345678", "Rita", "wamid.2", "Estou à espera").await;
    let masked = outside.sees("message.received").await;
    assert_eq!(text(&masked, "/data/message/content"), "Estou à espera");
    let whole = loop {
        let frame = boss.sees("message.received").await;
        if text(&frame, "/data/message/content") == "Estou à espera" {
            break frame;
        }
    };
    assert_eq!(whole["data"]["conversation"]["customerPhone"], "+351912345678");
    assert_eq!((&whole["seq"], &whole["data"]["message"]["id"]), (&masked["seq"], &masked["data"]["message"]["id"]));
    // In a replay, too; and taken away again it is gone.
    let mut late = app.screen(&client, &format!("?after={}", mine["seq"].as_u64().unwrap() - 1)).await;
    assert_eq!(late.sees("message.received").await["data"], masked["data"]);
    assert_eq!(app.call(&owner, "POST", &format!("{path}/assign"), Some(json!({"userId": null}))).await.0, 200);
    for screen in [&mut outside, &mut late] {
        assert_eq!(screen.sees("gone").await["id"], json!(id));
    }
    let after = outside.rest().await;
    for frame in [&mine, &masked].into_iter().chain(&after) {
        assert!(!frame.to_string().contains("351912345678"), "{frame}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_asks_for_a_fresh_start_only_where_rights_changed_and_wherever_they_did() {
    let (app, owner) = Running::founded().await;
    let rui = app.colleague(&owner, "Rui", "AGENT", &[]).await;
    let me = app.get(&rui, "/api/v1/auth/me").await;
    let after = async || app.call_with_seq(&rui, "GET", "/api/v1/auth/me", None).await.1;
    let told = async |since: u64| app.screen(&rui, &format!("?after={since}")).await.rest().await;

    // Signed in elsewhere, away for lunch, a new phone: one's own record changed, one's rights did not.
    let seq = after().await;
    app.login("rui@example.com").await;
    let pause = json!({"status": "AWAY", "phone": "+351912345679"});
    assert_eq!(app.call(&rui, "PATCH", "/api/v1/auth/me", Some(pause)).await.0, 200);
    let frames = told(seq).await;
    assert!(frames.iter().any(|f| f["type"] == "user.updated" && f["data"]["status"] == "AWAY"), "{frames:?}");
    assert!(!frames.iter().any(|f| f["type"] == "resync"), "{frames:?}");

    // Another role here.
    let seq = after().await;
    let path = format!("/api/v1/users/{}", text(&me, "/id"));
    assert_eq!(app.call(&owner, "PATCH", &path, Some(json!({"role": "SUPERVISOR"}))).await.0, 200);
    assert!(told(seq).await.iter().any(|f| f["type"] == "resync" && f["reason"] == "rights"));

    // Raised above firms in another one: what one sees here changed by what happened there.
    let firm = json!({"name": "Outra", "language": "fr", "timezone": "Europe/Paris", "country": "FR", "queue": "Accueil"});
    let firm = app.call(&owner, "POST", "/api/v1/tenants", Some(firm)).await.1;
    let login = json!({"email": "ana@example.com", "password": super::app::PASSWORD, "companyId": firm["id"]});
    let there = text(&app.call("", "POST", "/api/v1/auth/login", Some(login)).await.1, "/token").to_owned();
    let invitation = json!({"email": "rui@example.com", "role": "AGENT"});
    let invited = app.call(&there, "POST", "/api/v1/invitations", Some(invitation)).await.1;
    let link = text(&invited, "/url").rsplit('/').next().unwrap().to_owned();
    let accept = json!({"name": "Rui", "password": super::app::PASSWORD});
    let (status, joined) = app.call("", "POST", &format!("/api/v1/invitations/accept/{link}"), Some(accept)).await;
    assert_eq!(status, 200, "{joined}");
    let seq = after().await;
    let (status, raised) = app.call(&there, "PATCH", &path, Some(json!({"role": "SUPER_ADMIN"}))).await;
    assert_eq!(status, 200, "{raised}");
    assert!(told(seq).await.iter().any(|f| f["type"] == "resync" && f["reason"] == "rights"));
    assert_eq!(app.get(&rui, "/api/v1/auth/me").await["permissions"]["platform.manage"], "tenant");

    // And removed there: super administrator nowhere any more.
    let seq = after().await;
    assert_eq!(app.call(&there, "DELETE", &path, None).await.0, 204);
    assert!(told(seq).await.iter().any(|f| f["type"] == "resync" && f["reason"] == "rights"));
    assert_eq!(app.get(&rui, "/api/v1/auth/me").await["permissions"].get("platform.manage"), None);
    app.stop().await;
}
