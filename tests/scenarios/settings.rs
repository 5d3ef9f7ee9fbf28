//! Settings as the owner meets them: what is fixed outside says so, and what changes here is live everywhere
//! (SET-01, SET-04, WHK-22).

use super::app::Screen;
use crate::harness::House;
use reqwest::Method;
use serde_json::{Value, json};

async fn put(house: &House, token: &str, key: &str, value: Value) -> (u16, Value) {
    let body = json!({"value": value, "level": "global"});
    let answer = house.call(Method::PUT, &format!("/api/v1/settings/{key}"), Some(token), Some(&body)).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap())
}

fn setting<'a>(list: &'a Value, key: &str) -> &'a Value {
    list["items"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap()
}

#[tokio::test]
async fn what_the_configuration_fixes_says_so_and_refuses_to_be_changed() {
    let options = [("public_url", "https://desk.example.com"), ("timeouts.upload", "10s"), ("jwt.expiry", "24h")];
    let house = House::start_with(&options).await;
    let owner = house.found("Reboques Exemplo").await;
    let list = house.get(&owner, "/settings?level=global&limit=200").await.is(200);
    let fixed = setting(&list, "http.publicUrl");
    assert_eq!((&fixed["fixedBy"], &fixed["fixedName"]), (&json!("flag"), &json!("--public-url")));
    assert_eq!((&fixed["value"], &fixed["origin"]), (&json!("https://desk.example.com"), &Value::Null));
    assert_eq!(setting(&list, "http.timeouts")["value"], json!({"connect": 30, "request": 60, "socket": 120, "upload": 10}));
    assert_eq!(setting(&list, "auth.accessTokenLifetime")["value"], "1d");
    assert_eq!(setting(&list, "http.cors")["fixedBy"], Value::Null);

    for (key, value) in [("http.publicUrl", json!("https://other.example.com")), ("http.publicUrl", Value::Null)] {
        let (status, problem) = put(&house, &owner.token, key, value).await;
        assert_eq!((status, &problem["code"]), (409, &json!("fixed_by_configuration")));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("--public-url") && detail.contains("start the server again"), "{detail}");
    }
    // At any level: the firm's own value would have no effect either.
    let body = json!({"value": "15m", "level": "tenant"});
    let answer = house.call(Method::PUT, "/api/v1/settings/auth.accessTokenLifetime", Some(&owner.token), Some(&body)).await;
    assert_eq!(answer.is(409)["code"], "fixed_by_configuration");
    // Who may not change anything learns nothing more by trying.
    let agent = house.hire(&owner, "Rui", "rui@example.com", "AGENT").await;
    assert_eq!(put(&house, &agent.token, "http.publicUrl", json!("https://other.example.com")).await.0, 403);
    // And what nothing fixes takes effect.
    let (status, saved) = put(&house, &owner.token, "http.bodies", json!({"requestKb": 2048, "uploadMb": 5})).await;
    assert_eq!((status, &saved["origin"], &saved["fixedBy"]), (200, &json!("global"), &Value::Null));
    assert_eq!(house.kit.settings().bodies.request, 2 << 20);
}

#[tokio::test]
async fn a_second_window_is_told_of_every_change_and_of_no_value() {
    let house = House::start().await;
    let owner = house.found("Reboques Exemplo").await;
    let agent = house.hire(&owner, "Rui", "rui@example.com", "AGENT").await;
    let mut windows = [Screen::open(&house.url, &owner.token, "").await, Screen::open(&house.url, &agent.token, "").await];
    let body = json!({"value": "1h", "level": "tenant"});
    house.call(Method::PUT, "/api/v1/settings/auth.accessTokenLifetime", Some(&owner.token), Some(&body)).await.is(200);
    assert_eq!(put(&house, &owner.token, "http.publicUrl", json!("https://desk.example.com")).await.0, 200);
    let mut heard = Vec::new();
    for window in &mut windows {
        let firm = window.sees("setting.changed").await;
        assert_eq!(firm["data"], json!({"key": "auth.accessTokenLifetime", "level": "tenant"}));
        // What the box is announces itself at once, the change when it is in the journal: either may come first.
        let mut is_told = false;
        let box_wide = loop {
            let frame = window.next().await;
            assert_ne!(frame["type"], "close", "{frame}");
            is_told |= frame["type"] == "system.updated";
            if frame["type"] == "setting.changed" {
                break frame;
            }
        };
        assert_eq!(box_wide["data"], json!({"key": "http.publicUrl", "level": "global"}));
        heard.push((firm["seq"].as_u64().unwrap(), box_wide["seq"].as_u64().unwrap()));
        if !is_told {
            window.sees("system.updated").await;
        }
    }
    assert_eq!(heard[0], heard[1]);
    // A window that was away is told as well.
    let mut late = Screen::open(&house.url, &agent.token, &format!("?after={}", heard[0].0)).await;
    assert_eq!(late.sees("setting.changed").await["data"]["key"], "http.publicUrl");
}

#[tokio::test]
async fn another_public_address_is_live_without_a_restart() {
    let house = House::start().await;
    let owner = house.found("Reboques Exemplo").await;
    let channel = house.connect(&owner, "106540352242922", "0123456789abcdef0123456789abcdef").await;
    assert!(channel["webhookUrl"].as_str().unwrap().starts_with(&house.url.trim_end_matches('/').to_owned()), "{channel}");
    for url in ["https://desk.example.com", "https://other.example.com"] {
        assert_eq!(put(&house, &owner.token, "http.publicUrl", json!(format!("{url}/"))).await.0, 200);
        assert_eq!(house.get(&owner, "/system").await.is(200)["publicUrl"], url);
        let shown = house.get(&owner, &format!("/channels/{}", channel["id"].as_str().unwrap())).await.is(200);
        assert!(shown["webhookUrl"].as_str().unwrap().starts_with(&format!("{url}/webhooks/whatsapp")), "{shown}");
        let guest = json!({"email": "zoe@example.com", "role": "AGENT"});
        let invitation = house.post(&owner, "/invitations", guest).await.is(201);
        assert!(invitation["url"].as_str().unwrap().starts_with(url), "{invitation}");
        let id = invitation["id"].as_str().unwrap().to_owned();
        house.call(Method::DELETE, &format!("/api/v1/invitations/{id}"), Some(&owner.token), None).await;
    }
    assert_eq!(put(&house, &owner.token, "http.publicUrl", Value::Null).await.0, 200);
    assert_eq!(house.get(&owner, "/system").await.is(200)["publicUrl"], Value::Null);
}
