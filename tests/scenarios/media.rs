//! Files of messages: in from the provider, out to it, and over HTTP between.

use super::app::{NUMBER, Running};
use crate::harness::{until, wait_for};
use farol::simulator::{graph::Graph, graph_media::MediaTrouble, wire::Person};
use serde_json::{Value, json};

/// The smallest PNG: one pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90,
    0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 8, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d,
    0xb0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub(super) async fn firm() -> (Running, String, Graph, Person) {
    let (app, token) = Running::founded().await;
    let graph = app.graph(&token, "1", 100.0).await;
    (app, token, graph, Person { wa_id: Some("33639900001".into()), user_id: None, name: "Zoé".into() })
}

/// The newest message of the first conversation, once its media stand so.
async fn media_is(app: &Running, token: &str, state: &str) -> Value {
    let newest = async || {
        let (_, page) = app.call(token, "GET", "/api/v1/conversations/1/messages", None).await;
        page["messages"].as_array().and_then(|all| all.iter().max_by_key(|m| m["arrival"].as_u64())).cloned().unwrap_or_default()
    };
    until(newest, state, |message| message["media"]["state"] == state).await
}

#[tokio::test]
async fn a_picture_comes_in_and_is_shown_whole_in_part_and_to_its_own_firm_alone() {
    let (app, token, graph, zoe) = firm().await;
    graph.sends(NUMBER, &zoe, ("image", "image/png"), PNG, json!({"caption": "Here"}));
    let message = media_is(&app, &token, "READY").await;
    assert_eq!((&message["content"], &message["media"]["mime"]), (&json!("Here"), &json!("image/png")));
    let path = message["media"]["url"].as_str().unwrap().to_owned();
    let (status, headers, bytes) = app.fetch(&token, &path, &[]).await;
    assert_eq!((status, bytes.as_slice()), (200, PNG));
    assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (status, _, part) = app.fetch(&token, &path, &[("range", "bytes=1-3"), ("if-range", &tag)]).await;
    assert_eq!((status, part.as_slice()), (206, &PNG[1..4]));
    assert_eq!(app.fetch(&token, &path, &[("range", "bytes=9999-")]).await.0, 416);
    assert_eq!(app.fetch(&token, &path, &[("if-none-match", &tag)]).await.0, 304);
    let (status, _, small) = app.fetch(&token, message["media"]["thumbnailUrl"].as_str().unwrap(), &[]).await;
    assert!(status == 200 && !small.is_empty());
    assert_eq!(app.fetch("", &path, &[]).await.0, 401);
    assert_eq!(app.fetch(&token, "/api/v1/messages/0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f/media", &[]).await.0, 404);
}

#[tokio::test]
async fn what_may_do_harm_is_kept_back_and_says_why() {
    let (app, token, graph, zoe) = firm().await;
    graph.sends(NUMBER, &zoe, ("document", "application/pdf"), &b"MZ\x90\0program"[..], json!({"filename": "invoice.pdf"}));
    let message = media_is(&app, &token, "QUARANTINED").await;
    assert_eq!(message["media"]["reason"], "executable");
    assert_eq!(app.fetch(&token, &format!("/api/v1/messages/{}/media", message["id"].as_str().unwrap()), &[]).await.0, 409);
}

#[tokio::test]
async fn a_file_that_is_gone_is_said_to_be_and_can_be_asked_for_again() {
    let (app, token, graph, zoe) = firm().await;
    graph.says(NUMBER, &zoe, json!({"type": "image", "image": {"id": "12345", "mime_type": "image/png"}}));
    let message = media_is(&app, &token, "FAILED").await;
    assert_eq!(message["media"]["reason"], "media_gone");
    let again = format!("/api/v1/messages/{}/media/retry", message["id"].as_str().unwrap());
    let (status, body) = app.call(&token, "POST", &again, None).await;
    assert_eq!((status, &body["media"]["state"]), (200, &json!("PENDING")), "{body}");
}

#[tokio::test]
async fn a_file_goes_out_once_however_often_it_is_handed_in() {
    let (app, token, graph, zoe) = firm().await;
    graph.writes(NUMBER, &zoe, "Bonjour");
    wait_for("their first word", async || {
        (app.call(&token, "GET", "/api/v1/conversations/1", None).await.0 == 200).then_some(())
    })
    .await;
    let fields = [("conversationId", "1"), ("caption", "Le camion"), ("clientId", "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f")];
    let (status, sent) = app.form(&token, "/api/v1/messages/send-media", &fields, ("truck.png", "image/png", PNG)).await;
    assert_eq!((status, &sent["type"], &sent["media"]["state"]), (201, &json!("IMAGE"), &json!("READY")), "{sent}");
    let (status, _) = app.form(&token, "/api/v1/messages/send-media", &fields, ("truck.png", "image/png", PNG)).await;
    assert_eq!(status, 200);
    let (_, request) = wait_for("its sending", async || graph.taken().into_iter().next()).await;
    assert_eq!((&request["type"], &request["image"]["caption"]), (&json!("image"), &json!("Le camion")));
    let (bytes, mime) = graph.file(request["image"]["id"].as_str().unwrap()).unwrap();
    assert_eq!((bytes.as_ref(), mime.as_str()), (PNG, "image/png"));
    // What may do harm does not go out.
    let fields = [("conversationId", "1")];
    let (status, refused) =
        app.form(&token, "/api/v1/messages/send-media", &fields, ("a.png", "image/png", b"MZ\x90\0".as_slice())).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("executable")), "{refused}");
    assert_eq!(graph.taken().len(), 1);
}

#[tokio::test]
async fn a_download_that_breaks_off_is_not_taken_for_the_file() {
    let (app, token, graph, zoe) = firm().await;
    graph.media_trouble(MediaTrouble::Other);
    graph.sends(NUMBER, &zoe, ("image", "image/png"), PNG, json!({}));
    let message = media_is(&app, &token, "PENDING").await;
    assert!(message["media"]["url"].is_null());
}
