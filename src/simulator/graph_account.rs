//! Apps of the made-up Graph API: to which business accounts they are subscribed, and where their events go.

use super::graph::{Inner, bearer, json_answer, refuse};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

/// The one app there is.
pub const APP_ID: &str = "300000000000001";
const CHALLENGE: &str = "1158201444";

/// What the app is subscribed to.
#[derive(Debug, Default)]
pub(super) struct Apps {
    /// Business accounts.
    pub accounts: std::collections::HashSet<String>,
    /// By object: address and fields.
    pub objects: HashMap<String, (String, Vec<String>)>,
}

fn no_token() -> Response {
    refuse(401, 190, "Invalid OAuth access token - Cannot parse access token")
}

/// `GET /app`: the app whose token this is.
pub(super) async fn app(State(graph): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let known = graph.served.lock().values().any(|served| bearer(&headers) == Some(&served.number.token));
    if known { json_answer(&json!({"id": APP_ID, "name": "Farol"})) } else { no_token() }
}

fn opens_account(graph: &Inner, headers: &HeaderMap, account: &str) -> bool {
    let served = graph.served.lock();
    served.values().any(|s| s.number.line.business_account_id == account && bearer(headers) == Some(&s.number.token))
}

/// `GET /{business account}/subscribed_apps`.
pub(super) async fn subscribed(
    State(graph): State<Arc<Inner>>,
    Path((_, account)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !opens_account(&graph, &headers, &account) {
        return no_token();
    }
    let there = graph.apps.lock().accounts.contains(&account);
    let apps: Vec<Value> =
        there.then(|| json!({"whatsapp_business_api_data": {"id": APP_ID, "name": "Farol"}})).into_iter().collect();
    json_answer(&json!({ "data": apps }))
}

/// `POST /{business account}/subscribed_apps`.
pub(super) async fn subscribe(
    State(graph): State<Arc<Inner>>,
    Path((_, account)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !opens_account(&graph, &headers, &account) {
        return no_token();
    }
    graph.apps.lock().accounts.insert(account);
    json_answer(&json!({"success": true}))
}

fn opens_app(graph: &Inner, headers: &HeaderMap, app: &str) -> bool {
    let served = graph.served.lock();
    let keys: Vec<String> = served.values().map(|s| format!("{APP_ID}|{}", s.number.app_secret)).collect();
    app == APP_ID && bearer(headers).is_some_and(|given| keys.iter().any(|key| key == given))
}

/// `GET /{app}/subscriptions`, with the app's own token.
pub(super) async fn subscriptions(
    State(graph): State<Arc<Inner>>,
    Path((_, app)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !opens_app(&graph, &headers, &app) {
        return no_token();
    }
    let apps = graph.apps.lock();
    let all = apps.objects.iter().map(|(object, (url, fields))| {
        let fields: Vec<Value> = fields.iter().map(|name| json!({"name": name, "version": "v21.0"})).collect();
        json!({"object": object, "callback_url": url, "active": true, "fields": fields})
    });
    let all: Vec<Value> = all.collect();
    json_answer(&json!({ "data": all }))
}

/// `POST /{app}/subscriptions`: the address must prove itself by the handshake.
pub(super) async fn set_subscription(
    State(graph): State<Arc<Inner>>,
    Path((_, app)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !opens_app(&graph, &headers, &app) {
        return no_token();
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (url, token) = (text("callback_url"), text("verify_token"));
    let query = [("hub.mode", "subscribe"), ("hub.verify_token", token.as_str()), ("hub.challenge", CHALLENGE)];
    let asked = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let answer = graph.http.get(format!("{url}?{asked}")).send().await;
    let proved = match answer {
        Ok(answer) => answer.text().await.is_ok_and(|said| said == CHALLENGE),
        Err(_) => false,
    };
    if !proved {
        return refuse(400, 2_200, "Callback verification failed");
    }
    let fields = text("fields").split(',').map(str::to_owned).collect();
    graph.apps.lock().objects.insert(text("object"), (url, fields));
    json_answer(&json!({"success": true}))
}
