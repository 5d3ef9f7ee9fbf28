//! The doctor of a number at Meta: what it finds, why, and what its buttons mend.

use super::app::{NUMBER, Running};
use farol::simulator::graph::Graph;
use serde_json::{Value, json};

const ACCOUNT: &str = "200000000000001";

async fn firm() -> (Running, String, Graph) {
    let (app, token) = Running::founded().await;
    let graph = app.graph(&token, ACCOUNT, 100.0).await;
    (app, token, graph)
}

async fn post(app: &Running, token: &str, path: &str) -> (u16, Value) {
    app.call(token, "POST", &format!("/api/v1/channels/1/{path}"), Some(json!({}))).await
}

fn item(answer: &Value, code: &str) -> Value {
    answer["checks"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"))
        .iter()
        .find(|c| c["code"] == code)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_not_subscribed_is_subscribed_by_a_button() {
    let (app, token, graph) = firm().await;
    let (_, found) = post(&app, &token, "check").await;
    for code in ["reachable", "token", "number", "quality", "tier", "app_secret", "business_account", "signature", "inbound"] {
        assert_eq!(item(&found, code)["ok"], true, "{code}: {found}");
    }
    assert_eq!(item(&found, "tier")["params"]["tier"], "TIER_1K");
    let ill = item(&found, "subscription");
    assert_eq!((&ill["ok"], &ill["reason"], &ill["repair"]), (&json!(false), &json!("not_subscribed"), &json!("subscribe")));
    let (status, mended) = post(&app, &token, "repair/subscribe").await;
    assert_eq!((status, &item(&mended, "subscription")["ok"]), (200, &json!(true)), "{mended}");

    // Events go elsewhere; some fields are missing; the account is another one's.
    graph.subscribed(ACCOUNT, "https://elsewhere.example.com/hook", &["messages"]);
    let (_, found) = post(&app, &token, "check").await;
    if item(&found, "public_address")["reason"] != "not_set" {
        assert_eq!(item(&found, "subscription")["reason"], "other_address", "{found}");
    }
    let other = json!({"config": {"businessAccountId": "999"}});
    assert_eq!(app.call(&token, "PATCH", "/api/v1/channels/1", Some(other)).await.0, 200);
    let (_, found) = post(&app, &token, "check").await;
    assert_eq!(item(&found, "business_account")["ok"], false, "{found}");

    // What this kind of channel does not have can't be mended, and what nobody knows is no address.
    let (status, refused) = post(&app, &token, "repair/session").await;
    assert_eq!((status, &refused["code"]), (409, &json!("nothing_to_repair")));
    assert!(matches!(post(&app, &token, "repair/everything").await.0, 400 | 404 | 422));
    let agent = app.colleague(&token, "Rui", "AGENT", &[]).await;
    assert_eq!(post(&app, &agent, "repair/subscribe").await.0, 403);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_good_and_the_last_bad_signature_are_told() {
    let (app, token, _graph) = firm().await;
    app.hears("33639980009", "Léa", "wamid.first", "Bonjour").await;
    let (_, found) = post(&app, &token, "check").await;
    let signature = item(&found, "signature");
    assert!(signature["ok"] == true && signature["params"]["goodAt"].is_string() && signature["params"]["badAt"].is_null());
    assert!(item(&found, "inbound")["params"]["at"].is_string(), "{found}");
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"metadata": {"phone_number_id": NUMBER}, "messages": []}}]}]});
    let channel = app.get(&token, "/api/v1/channels/1").await["id"].as_str().unwrap().to_owned();
    let posted = async |door: &str, signature: Option<&str>| {
        let mut call = reqwest::Client::new().post(format!("{}/webhooks/whatsapp{door}", app.url())).body(body.to_string());
        if let Some(signature) = signature {
            call = call.header("x-hub-signature-256", signature);
        }
        assert_eq!(call.send().await.unwrap().status().as_u16(), 401);
    };
    let (own, wrong) = (format!("/{channel}"), format!("sha256={}", "0".repeat(64)));
    // Whoever on the net signs nothing, or knows only the door of all, makes nothing look ill while good ones come.
    for (door, signature) in [("", None), (own.as_str(), None), (own.as_str(), Some("sha256=short")), ("", Some(wrong.as_str()))]
    {
        posted(door, signature).await;
        let (_, found) = post(&app, &token, "check").await;
        assert_eq!(item(&found, "signature")["ok"], true, "{door} {signature:?}: {found}");
    }
    let (_, found) = post(&app, &token, "check").await;
    assert_eq!(item(&found, "signature")["params"]["refused"], "1", "{found}");
    // At the address that only the provider was given, another secret is the provider's.
    posted(&own, Some(&wrong)).await;
    let (_, found) = post(&app, &token, "check").await;
    let signature = item(&found, "signature");
    assert_eq!((&signature["ok"], &signature["reason"]), (&json!(false), &json!("bad_signature")), "{found}");
    app.hears("33639980009", "Léa", "wamid.second", "Toujours là").await;
    let (_, found) = post(&app, &token, "check").await;
    assert_eq!(item(&found, "signature")["ok"], true, "a good one after it: {found}");
    app.stop().await;
}
