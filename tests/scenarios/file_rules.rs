//! Which files come in: by the firm's rules, by a channel's own, and what becomes of the others.

use super::app::{NUMBER, Running};
use crate::harness::wait_for;
use farol::simulator::{
    graph::Graph,
    props::{QUOTE, TYRE},
    wire::Person,
};
use serde_json::{Value, json};

async fn firm() -> (Running, String, Graph) {
    let (app, token) = Running::founded().await;
    let graph = app.graph(&token, "1", 100.0).await;
    (app, token, graph)
}

/// The media of the newest message from `name`, once they are settled.
async fn settled(app: &Running, token: &str, id: &str) -> Value {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    wait_for(&format!("the settling of {id}"), async || {
        let (status, message) = app.call(token, "GET", &format!("/api/v1/messages/{id}"), None).await;
        (status == 200 && message["media"]["state"] != "PENDING").then_some(message)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_takes_in_what_its_rules_allow_and_keeps_the_rest_back() {
    let (app, token, graph) = firm().await;
    let zoe = Person { wa_id: Some("33639900001".into()), user_id: None, name: "Zoé".into() };
    let picture = || graph.sends(NUMBER, &zoe, ("image", TYRE.mime), TYRE.bytes, json!({}));
    let paper = || graph.sends(NUMBER, &zoe, ("document", QUOTE.mime), QUOTE.bytes, json!({"filename": "quote.pdf"}));
    for id in [picture(), paper()] {
        assert_eq!(settled(&app, &token, &id).await["media"]["state"], "READY");
    }

    // The firm takes pictures alone: a file that came under another type is kept, and given to nobody.
    let firms = json!({"value": {"allowed": ["image/*"]}});
    assert!(app.call(&token, "PUT", "/api/v1/settings/channel.fileRules", Some(firms)).await.0 < 300);
    assert_eq!(settled(&app, &token, &picture()).await["media"]["state"], "READY");
    let kept_back = settled(&app, &token, &paper()).await;
    assert_eq!(
        (&kept_back["media"]["state"], &kept_back["media"]["reason"]),
        (&json!("QUARANTINED"), &json!("type_not_allowed"))
    );
    let id = kept_back["id"].as_str().unwrap();
    let (status, _, _) = app.fetch(&token, &format!("/api/v1/messages/{id}/media"), &[]).await;
    assert!(matches!(status, 403 | 404 | 409), "{status}");

    // The channel says otherwise for itself; a limit of its own is one too.
    let own = json!({"fileRules": {"allowed": [], "mediaMaxBytes": 1_000}});
    let (status, channel) = app.call(&token, "PATCH", "/api/v1/channels/1", Some(own)).await;
    assert_eq!((status, &channel["fileRules"]["mediaMaxBytes"]), (200, &json!(1_000)));
    assert_eq!(settled(&app, &token, &paper()).await["media"]["state"], "READY");
    let large = settled(&app, &token, &picture()).await;
    assert_eq!((&large["media"]["state"], &large["media"]["reason"]), (&json!("QUARANTINED"), &json!("too_large")));
    let path = format!("/api/v1/messages/{}/media", large["id"].as_str().unwrap());
    let (status, refused) = app.call(&token, "GET", &path, None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("media_too_large")));

    // Taken away, the firm's rules stand again: what was too large may be asked for once more.
    assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", Some(json!({"fileRules": null}))).await.0, 200);
    assert_eq!(app.call(&token, "POST", &format!("{path}/retry"), None).await.0, 200);
    assert_eq!(settled(&app, &token, large["externalId"].as_str().unwrap()).await["media"]["state"], "READY");
    let path = format!("/api/v1/messages/{id}/media/retry");
    assert_eq!(app.call(&token, "POST", &path, None).await.0, 409, "what it is does not change");
    assert_eq!(settled(&app, &token, &picture()).await["media"]["state"], "READY");
    assert_eq!(settled(&app, &token, &paper()).await["media"]["state"], "QUARANTINED");
    for (bad, field) in [
        (json!({"mediaMaxBytes": 0}), "fileRules.mediaMaxBytes"),
        (json!({"documentMaxBytes": 1_000_000_000_000_u64}), "fileRules.documentMaxBytes"),
        (json!({"allowed": ["everything"]}), "fileRules.allowed"),
    ] {
        let (status, refused) = app.call(&token, "PATCH", "/api/v1/channels/1", Some(json!({ "fileRules": bad }))).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (422, &json!(field)), "{refused}");
    }
    app.stop().await;
}
