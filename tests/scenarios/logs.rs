//! What the real server writes to its log while people and providers use it (MON-02, SEC-16).

use crate::appliance::{Appliance, EMAIL, PASSWORD, SECRET};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const WRONG_PASSWORD: &str = "a guess that is not right";
const HEARD: &str = "o carro avariou na ponte velha";
const SAID: &str = "ja vai um reboque a caminho";
const NOTE: &str = "cliente muito nervoso, tratar com calma";
const KEY: &str = "EAAG-another-access-token";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_is_one_object_that_says_where_and_who_and_no_line_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let data = folder.path().join("data");
    let errors = std::fs::File::create(&log).unwrap();
    let (server, code) = Appliance::start_telling(&data, errors.into(), &[("FAROL_LOG_LEVEL", "debug")]).await;
    let code = code.unwrap();
    let owner = server.found(&code).await;
    let (status, _) =
        server.ask("POST", "/auth/login", None, Some(json!({"email": EMAIL, "password": WRONG_PASSWORD}))).await.unwrap();
    assert_eq!(status, 401);
    let login = server.get_done("POST", "/auth/login", None, Some(json!({"email": EMAIL, "password": PASSWORD}))).await;
    let secret = |pointer: &str| login.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}")).to_owned();
    let (token, refresh) = (secret("/token"), secret("/refreshToken"));
    let me = server.get_done("GET", "/auth/me", Some(&token), None).await;
    // A second number with keys of its own, and one that is refused with the keys in hand.
    let config = json!({"phoneNumberId": "106540352242923", "accessToken": KEY, "appSecret": "fedcba9876543210fedcba9876543210",
        "verifyToken": "verify-me-please"});
    let body = json!({"kind": "whatsapp_cloud", "name": "Second", "config": config});
    server.get_done("POST", "/channels", Some(&token), Some(body.clone())).await;
    let (status, _) = server.ask("POST", "/channels", Some(&token), Some(body)).await.unwrap();
    assert!(status >= 400, "a number is there once");
    assert!(server.webhook(15_550_100_001, "wamid.log.1", HEARD).await);
    let conversation = loop {
        let list = server.get_done("GET", "/conversations?tab=all", Some(&token), None).await;
        if let Some(id) = list["items"][0]["id"].as_str() {
            break id.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let answer = json!({"conversationId": conversation, "content": SAID, "clientId": "0198a5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f"});
    server.get_done("POST", "/messages/send", Some(&token), Some(answer)).await;
    server.get_done("POST", &format!("/conversations/{conversation}/notes"), Some(&token), Some(json!({"content": NOTE}))).await;
    server.get_done("GET", &format!("/search?q={}", "reboque"), Some(&token), None).await;
    let invitation = json!({"email": "zoe@example.com", "role": "AGENT"});
    let invitation = server.get_done("POST", "/invitations", Some(&token), Some(invitation)).await;
    let invited = invitation["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    server.get_done("GET", &format!("/invitations/accept/{invited}"), None, None).await;
    // Wrong ways to show what one holds: in the query, with a body that can't be read, with a forged signature.
    for (method, path, body) in [
        ("GET", format!("/auth/me?token={token}"), None),
        ("POST", "/auth/refresh".to_owned(), Some(json!({"refreshToken": format!("{refresh}x")}))),
        ("POST", "/auth/login".to_owned(), Some(json!({"email": EMAIL, "password": [WRONG_PASSWORD]}))),
        ("PUT", "/settings/system.logLevel".to_owned(), Some(json!({"value": KEY, "level": "global"}))),
    ] {
        let (status, _) = server.ask(method, &path, None, body).await.unwrap();
        assert!(status >= 400, "{method} {path}");
    }
    assert!(!server.forged_webhook(HEARD).await);
    let refreshed = server.get_done("POST", "/auth/refresh", None, Some(json!({"refreshToken": refresh}))).await;
    server.get_done("POST", "/auth/logout", Some(&token), Some(json!({"refreshToken": refreshed["refreshToken"]}))).await;
    server.stop();

    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let mut levels = BTreeSet::new();
    for line in &lines {
        let word = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {line}"));
        assert!(farol::base::Timestamp::parse(word("timestamp")).is_some(), "{line}");
        assert!(word("target").contains(|c: char| c.is_ascii_alphabetic()), "the module: {line}");
        levels.insert(word("level").to_owned());
    }
    assert!(levels.iter().all(|level| ["ERROR", "WARN", "INFO", "DEBUG"].contains(&level.as_str())), "{levels:?}");
    let answered: Vec<&Value> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert!(answered.len() > 15 && answered.iter().all(|line| line["span"]["request_id"].as_str().is_some()), "{answered:?}");
    let ids: BTreeSet<&str> = answered.iter().filter_map(|line| line["span"]["request_id"].as_str()).collect();
    assert_eq!(ids.len(), answered.len(), "each request has an id of its own");
    let mine = answered.iter().find(|line| line["path"] == "/api/v1/messages/send").unwrap();
    assert_eq!(mine["span"]["user"], me["id"]);
    assert_eq!(mine["span"]["tenant"], me["tenant"]["id"]);

    let of_channel = ["EAAG-test-token", KEY, SECRET, "fedcba9876543210fedcba9876543210", "verify-me-please"];
    let of_people = [PASSWORD, WRONG_PASSWORD, &owner, &token, &refresh, &code, &invited];
    let texts = [HEARD, SAID, NOTE, "Sheena", "15550100001"];
    for hidden in of_channel.iter().chain(&of_people).chain(&texts) {
        let told: Vec<&str> = text.lines().filter(|line| line.contains(hidden)).collect();
        assert!(told.is_empty(), "{hidden} stands in the log: {told:?}");
    }
    // Nor a part of a token, from which the rest is one guess away.
    for whole in [&token, &refresh, &invited] {
        assert!(!text.contains(&whole[whole.len() / 2..]), "half of a token stands in the log");
    }
}
