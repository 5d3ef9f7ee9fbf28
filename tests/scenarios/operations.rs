//! What the box says of itself and does to go on working: room on its disk, readiness, settings of the whole box.

use super::app::Running;
use serde_json::{Value, json};
use std::time::Duration;

/// Sets a value for the whole box.
async fn set(app: &Running, token: &str, key: &str, value: Value) -> (u16, Value) {
    app.call(token, "PUT", &format!("/api/v1/settings/{key}"), Some(json!({"value": value, "level": "global"}))).await
}

#[tokio::test]
async fn a_disk_that_fills_up_is_told_of_and_only_messages_go_on() {
    let (app, token) = Running::founded().await;
    app.hears("33639980001", "Zoé", "wamid.DISK.1", "Bonjour, ma voiture ne démarre plus").await;
    let conversations = app.get(&token, "/api/v1/conversations?tab=all").await;
    let conversation = conversations["items"][0]["id"].as_str().unwrap().to_owned();
    let mut screen = app.screen(&token, "").await;

    for (low, full, refused) in [(10, 5, true), (10, 63, true), (4_000_000_000u32, 64, false)] {
        let (status, body) = set(&app, &token, "system.disk", json!({"lowMb": low, "fullMb": full})).await;
        assert_eq!(status, if refused { 422 } else { 200 }, "{low} {full}: {body}");
    }
    screen.sees("system.updated").await;
    let warnings = app.get(&token, "/api/v1/system").await["warnings"].clone();
    assert_eq!(warnings[0]["code"], "disk_low", "{warnings}");
    let queue = |name: &str| Some(json!({"name": name, "color": "#335577"}));
    assert_eq!(app.call(&token, "POST", "/api/v1/queues", queue("Low")).await.0, 201, "low refuses only files");

    set(&app, &token, "system.disk", json!({"lowMb": 4_000_000_000u32, "fullMb": 4_000_000_000u32})).await;
    screen.sees("system.updated").await;
    let (status, problem) = app.call(&token, "POST", "/api/v1/queues", queue("Full")).await;
    assert_eq!((status, &problem["code"]), (507, &json!("disk_full")), "{problem}");
    let message = json!({"conversationId": conversation, "content": "On arrive", "clientId": uuid::Uuid::now_v7()});
    let sent = app.call(&token, "POST", "/api/v1/messages/send", Some(message)).await;
    assert_eq!(sent.0, 201, "{}", sent.1);
    app.hears("33639980001", "Zoé", "wamid.DISK.2", "Merci").await;
    app.login("ana@example.com").await;
    let (status, problem) = app.call("", "GET", "/readyz", None).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (503, &json!("disk")), "{problem}");
    assert_eq!(app.call("", "GET", "/healthz", None).await.0, 200);
    let warnings = app.get(&token, "/api/v1/system").await["warnings"].clone();
    assert_eq!(warnings.as_array().unwrap().iter().map(|w| &w["code"]).collect::<Vec<_>>(), [&json!("disk_full")]);

    assert_eq!(set(&app, &token, "system.disk", Value::Null).await.0, 200);
    screen.sees("system.updated").await;
    assert_eq!(app.call(&token, "POST", "/api/v1/queues", queue("Room")).await.0, 201);
    assert_eq!(app.call("", "GET", "/readyz", None).await.0, 200);
    tokio::time::timeout(Duration::from_secs(10), app.stop()).await.unwrap();
}
