//! Generated from the contract: every operation with another firm's real ids, with a lower role, and with
//! no token, on both mounts. Nothing of the other firm may come back, be it in a list, an error or a frame.

use crate::harness::{House, Person};
use farol::app::openapi;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A word that only the first firm's records hold.
const CANARY: &str = "quetzalcanary";
const SECRET: &str = "app-secret-of-the-first-firm";

/// The first firm's real ids, by the noun that path parameters are named after.
async fn first_firm(house: &House, owner: &Person) -> HashMap<&'static str, String> {
    let id = |value: Value| value["id"].as_str().unwrap().to_owned();
    let channel = id(house.connect(owner, "106540352242922", SECRET).await);
    let said = house.customer_says("106540352242922", SECRET, "33639981234", "wamid.canary1", &format!("{CANARY} bonjour")).await;
    assert_eq!(said, 200);
    let queue = id(house.post(owner, "/queues", json!({"name": format!("{CANARY} queue")})).await.is(201));
    let user = house.hire(owner, &format!("{CANARY} agent"), "canary.agent@example.com", "AGENT").await.id;
    let invited =
        house.post(owner, "/invitations", json!({"email": "canary.invited@example.com", "role": "AGENT"})).await.is(201);
    let role =
        house.post(owner, "/roles", json!({"key": "CANARY_ROLE", "name": format!("{CANARY} role"), "permissions": {}})).await;
    let mut conversations = Value::Null;
    for _ in 0..100 {
        conversations = house.get(owner, "/conversations").await.is(200);
        if !conversations["items"].as_array().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let conversation = &conversations["items"][0];
    let thread = house.get(owner, &format!("/conversations/{}", conversation["id"].as_str().unwrap())).await.is(200);
    let role = serde_json::from_str::<Value>(&role.text).unwrap_or_default();
    HashMap::from([
        ("channelId", channel),
        ("queueId", queue),
        ("userId", user),
        ("invitationId", id(invited)),
        ("roleId", role["id"].as_str().unwrap_or("01a20224-0000-7000-8000-000000000000").to_owned()),
        ("contactId", conversation["contact"]["id"].as_str().unwrap().to_owned()),
        ("conversationId", id(conversation.clone())),
        ("ticketId", id(conversation.clone())),
        ("messageId", thread["messages"][0]["id"].as_str().unwrap().to_owned()),
    ])
}

struct Operation {
    method: Method,
    path: String,
    permission: Option<String>,
    public: bool,
    body: Option<Value>,
}

/// Every operation of the API proper, with a body made from the examples of its schema.
fn operations() -> Vec<Operation> {
    let contract = serde_json::to_value(openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/") || path.ends_with("/events") {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let body = (!schema.is_null()).then(|| sample(&contract, schema));
            let public = operation["security"].as_array().is_none_or(Vec::is_empty);
            let permission = operation["x-permission"].as_str().map(str::to_owned);
            all.push(Operation { method, path: path.clone(), permission, public, body });
        }
    }
    assert!(all.len() > 50, "the contract lists only {} operations", all.len());
    all
}

fn sample(contract: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return sample(contract, contract.pointer(name.trim_start_matches('#')).unwrap());
    }
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = json!({});
        for part in parts {
            if let (Value::Object(whole), Value::Object(part)) = (&mut whole, sample(contract, part)) {
                whole.extend(part);
            }
        }
        return whole;
    }
    if let Some(first) = schema["oneOf"].as_array().and_then(|all| all.first()) {
        return sample(contract, first);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let named = properties.iter().filter(|(name, _)| required.contains(&name.as_str()));
        return named.map(|(name, schema)| (name.clone(), sample(contract, schema))).collect::<serde_json::Map<_, _>>().into();
    }
    match schema["type"].as_str().unwrap_or("string") {
        "array" => json!([]),
        "boolean" => json!(false),
        "integer" | "number" => json!(1),
        "object" => json!({}),
        _ => json!("x"),
    }
}

#[tokio::test]
async fn nothing_of_one_firm_reaches_another() {
    let house = House::start().await;
    let owner = house.found(&format!("{CANARY} Dépannage")).await;
    let ids = first_firm(&house, &owner).await;
    let other = json!({"name": "Reboques do Norte", "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT", "queue": "Atendimento"});
    let other = house.post(&owner, "/tenants", other).await.is(201);
    let there = house.sign_in("marina@example.com", other["id"].as_str()).await;
    assert_ne!(there.tenant, owner.tenant);
    // An administrator of the other firm alone: no super administrator.
    let stranger = house.hire(&there, "Rui Alves", "rui@example.com", "ADMIN").await;

    let (mut asked, mut leaks) = (0, Vec::new());
    for operation in operations() {
        // What ends one's own session or firm would end the test.
        if ["/auth/logout", "/auth/password", "/setup", "/auth/refresh", "/token"].iter().any(|end| operation.path.contains(end))
        {
            continue;
        }
        let mut path = operation.path.clone();
        let mut foreign = false;
        for (noun, id) in &ids {
            let replaced = path.replace(&format!("{{{noun}}}"), id);
            foreign |= replaced != path;
            path = replaced;
        }
        if path.contains('{') {
            path = path.split('{').next().unwrap().to_owned()
                + "01a20224-0000-7000-8000-00000000dead"
                + path.split('}').next_back().unwrap();
        }
        let mut body = operation.body.clone();
        if let Some(Value::Object(fields)) = &mut body {
            for (noun, id) in &ids {
                if fields.contains_key(*noun) {
                    fields.insert((*noun).to_owned(), id.clone().into());
                    foreign = true;
                }
            }
        }
        for mount in [path.clone(), path.replacen("/api/v1", "/api", 1)] {
            asked += 1;
            let query = if operation.method == Method::GET {
                format!("?q={CANARY}&query={CANARY}&search={CANARY}")
            } else {
                String::new()
            };
            let answer =
                house.call(operation.method.clone(), &format!("{mount}{query}"), Some(&stranger.token), body.as_ref()).await;
            let says =
                answer.text.contains(CANARY) && !mount.contains("openapi") && !answer.text.contains(&format!("\"q\":\"{CANARY}"));
            if answer.status >= 500 || says || (foreign && answer.status < 400) {
                leaks.push(format!("{} {mount} as a stranger: {} {}", operation.method, answer.status, answer.text));
            }
        }
        for mount in [path.clone(), path.replacen("/api/v1", "/api", 1)] {
            let answer = house.call(operation.method.clone(), &mount, None, body.as_ref()).await;
            if !operation.public && answer.status != 401 {
                leaks.push(format!("{} {mount} without a token: {}", operation.method, answer.status));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks in {asked} calls:\n{}", leaks.len(), leaks.join("\n"));
}

#[tokio::test]
async fn a_lower_role_is_refused_what_it_does_not_hold() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let ids = first_firm(&house, &owner).await;
    let client = house.hire(&owner, "Client", "client@example.com", "CLIENT").await;
    let held = house.get(&client, "/auth/me").await.is(200);
    let held = held["permissions"].as_object().cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    for operation in operations() {
        let Some(permission) = &operation.permission else { continue };
        if held.contains_key(permission) {
            continue;
        }
        let path = ids.iter().fold(operation.path.clone(), |path, (noun, id)| path.replace(&format!("{{{noun}}}"), id));
        let answer = house.call(operation.method.clone(), &path, Some(&client.token), operation.body.as_ref()).await;
        if answer.status != 403 && answer.status != 404 && !path.contains('{') {
            wrong.push(format!("{} {path} needs {permission}: {} {}", operation.method, answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    house.connect(&owner, "106540352242922", SECRET).await;
    for n in 0..20 {
        let said =
            house.customer_says("106540352242922", SECRET, "33639981234", &format!("wamid.n{n}"), &format!("message {n}")).await;
        assert_eq!(said, 200);
    }
    let house = house.restart().await;
    // The session outlives the restart as well.
    let conversations = house.get(&owner, "/conversations").await.is(200);
    assert_eq!(conversations["items"].as_array().unwrap().len(), 1, "one contact on one channel has one conversation");
    let id = conversations["items"][0]["id"].as_str().unwrap();
    let thread = house.get(&owner, &format!("/conversations/{id}/messages?limit=50")).await.is(200);
    assert_eq!(thread["messages"].as_array().unwrap().len(), 20);
    assert!(house.data().join("farol.redb").exists());
}
