//! Messages on their way out, through what a provider and a firm do to them; and who attends when somebody leaves.

use super::app::Running;
use axum::{Router, extract::State, http::StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

/// A provider that answers everything one way until told otherwise, and counts.
#[derive(Default)]
struct Provider {
    answer: parking_lot::Mutex<(u16, String)>,
    asked: AtomicU32,
}

impl Provider {
    fn answers(&self, status: u16, body: &str) {
        *self.answer.lock() = (status, body.to_owned());
    }
    fn asked(&self) -> u32 {
        self.asked.load(SeqCst)
    }
}

async fn answer(State(provider): State<Arc<Provider>>, asked: String) -> (StatusCode, String) {
    // That a customer's words were read is told beside the messages, and is none.
    if asked.contains(r#""status":"read""#) {
        return (StatusCode::OK, r#"{"success":true}"#.to_owned());
    }
    let n = provider.asked.fetch_add(1, SeqCst);
    let (status, body) = provider.answer.lock().clone();
    (StatusCode::from_u16(status).unwrap(), body.replace("{n}", &n.to_string()))
}

const TAKEN: &str = r#"{"messages":[{"id":"wamid.OUT.{n}"}]}"#;

/// A firm whose number is served by [`Provider`].
async fn firm() -> (Running, String, Arc<Provider>) {
    let provider = Arc::new(Provider::default());
    provider.answers(200, TAKEN);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v21.0", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let (app, token) = Running::founded().await;
    // Whoever may change the address must not read the token that is there by it.
    let elsewhere = json!({"config": {"baseUrl": url}});
    let (status, body) = app.call(&token, "PATCH", "/api/v1/channels/1", Some(elsewhere)).await;
    assert_eq!((status, &body["errors"][0]["field"]), (422, &json!("config.accessToken")), "{body}");
    let renamed = json!({"name": "Main", "config": {"baseUrl": "http://127.0.0.1:9/v22.0"}});
    assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", Some(renamed)).await.0, 200, "another path is no other place");
    let anew = json!({"config": {"baseUrl": url, "accessToken": "EAAG-test-token"}});
    assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", Some(anew)).await.0, 200);
    (app, token, provider)
}

async fn conversation(app: &Running, token: &str, n: usize) -> String {
    app.hears(&format!("336399{n:05}"), "Zoé", &format!("wamid.IN{n}.1"), "Bonjour").await;
    app.get(token, &format!("/api/v1/conversations/{n}")).await["id"].as_str().unwrap().to_owned()
}

async fn send(app: &Running, token: &str, conversation: &str) -> String {
    let message = json!({"conversationId": conversation, "content": "On arrive"});
    let (status, body) = app.call(token, "POST", "/api/v1/messages/send", Some(message)).await;
    assert_eq!(status, 201, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

/// Asks until `good` says yes.
async fn until(app: &Running, token: &str, path: &str, good: impl Fn(&Value) -> bool) -> Value {
    crate::harness::until(|| app.get(token, path), path, good).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_a_switched_off_channel_held_goes_on_and_ends_with_it() {
    const HELD: usize = 130;
    let (app, token, provider) = firm().await;
    let switch = |status: &str| Some(json!({"status": status}));
    let mut conversations = Vec::new();
    for n in 1..=HELD {
        conversations.push(conversation(&app, &token, n).await);
    }
    for then in ["on", "gone"] {
        assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", switch("DISABLED")).await.0, 200);
        let mut messages = Vec::new();
        for conversation in &conversations {
            messages.push(send(&app, &token, conversation).await);
        }
        let held = |list: &Value| list["items"].as_array().unwrap().iter().all(|d| d["state"] == "HELD");
        until(&app, &token, "/api/v1/deliveries?limit=200", held).await;
        let before = provider.asked();
        let (expected, code) = match then {
            "on" => {
                assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", switch("UNVERIFIED")).await.0, 200);
                ("SENT", Value::Null)
            }
            _ => {
                assert_eq!(app.call(&token, "DELETE", "/api/v1/channels/1", None).await.0, 204);
                ("FAILED", json!("channel_removed"))
            }
        };
        for message in &messages {
            let message = until(&app, &token, &format!("/api/v1/messages/{message}"), |m| m["status"] == expected).await;
            assert_eq!(message["error"]["code"], code, "{message}");
        }
        assert_eq!(provider.asked() - before, if then == "on" { HELD as u32 } else { 0 });
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_says_nothing_of_the_message_is_not_asked_for_twice() {
    let (app, token, provider) = firm().await;
    let first = conversation(&app, &token, 1).await;
    provider.answers(504, "<html>gateway time-out</html>");
    let message = send(&app, &token, &first).await;
    until(&app, &token, &format!("/api/v1/messages/{message}"), |m| m["status"] == "UNKNOWN").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(provider.asked(), 1);

    // A refusal without a code we know is one all the same: the channel is broken and says so.
    let second = conversation(&app, &token, 2).await;
    provider.answers(401, "");
    send(&app, &token, &second).await;
    let channel = until(&app, &token, "/api/v1/channels/1", |c| c["status"] == "BROKEN").await;
    assert!(channel["statusReason"].as_str().unwrap().starts_with("http_401"), "{channel}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_leaver_attended_to_waits_for_the_others() {
    let (app, token, _) = firm().await;
    let night = app.call(&token, "POST", "/api/v1/queues", Some(json!({"name": "Nuit"}))).await.1["id"].clone();
    for name in ["Rui", "Eva"] {
        app.colleague(&token, name, "AGENT", &[]).await;
    }
    let users = app.get(&token, "/api/v1/users").await;
    let id = |name: &str| users["items"].as_array().unwrap().iter().find(|u| u["name"] == name).unwrap()["id"].clone();
    for n in 1..=26 {
        let conversation = conversation(&app, &token, n).await;
        let to = json!({"userId": if n <= 24 { id("Rui") } else { id("Eva") }, "queueId": night});
        let path = format!("/api/v1/conversations/{conversation}/transfer");
        assert_eq!(app.call(&token, "POST", &path, Some(to)).await.0, 200);
    }
    for n in [25, 26] {
        assert_eq!(app.call(&token, "POST", &format!("/api/v1/conversations/{n}/resolve"), None).await.0, 200);
    }
    let user = |name: &str| format!("/api/v1/users/{}", id(name).as_str().unwrap());
    assert_eq!(app.call(&token, "PATCH", &user("Rui"), Some(json!({"isActive": false}))).await.0, 200);
    for n in 1..=24 {
        let waits = until(&app, &token, &format!("/api/v1/conversations/{n}"), |c| c["status"] == "OPEN").await;
        assert_eq!((&waits["assignedTo"], &waits["queueId"]), (&Value::Null, &night));
        assert_eq!(app.call(&token, "POST", &format!("/api/v1/conversations/{n}/resolve"), None).await.0, 200);
    }
    // What is opened again comes back neither to somebody who left nor into a queue that is gone.
    assert_eq!(app.call(&token, "DELETE", &user("Eva"), None).await.0, 204);
    let opened = app.call(&token, "POST", "/api/v1/conversations/25/reopen", None).await.1;
    assert_eq!((&opened["status"], &opened["assignedTo"]), (&json!("OPEN"), &Value::Null));
    assert_eq!(app.call(&token, "POST", "/api/v1/conversations/25/resolve", None).await.0, 200);
    let (status, body) = app.call(&token, "DELETE", "/api/v1/queues/2", None).await;
    assert_eq!(status, 204, "{body}");
    assert_eq!(app.call(&token, "POST", "/api/v1/conversations/26/reopen", None).await.0, 200);
    let default = app.get(&token, "/api/v1/queues/1").await["id"].clone();
    until(&app, &token, "/api/v1/conversations/26", |c| c["queueId"] == default).await;
    app.stop().await;
}
