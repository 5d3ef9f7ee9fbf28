//! Generated from the contract: every operation with another firm's real ids, in its path, its query and each field
//! of its body, with lower roles, and with no token, on both mounts. Nothing of the other firm, or of what a role does
//! not reach, may come back, be it in a list, an error or a frame.

use super::app::Screen;
use crate::harness::{House, Person};
use farol::{app::openapi, base::Origin, platform::store::Lane};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A word that only the first firm's records hold.
const CANARY: &str = "quetzalcanary";
const SECRET: &str = "app-secret-of-the-first-firm";
const NUMBER: &str = "106540352242922";

type Ids = HashMap<&'static str, String>;

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// Asks until there is something in the list.
async fn first_of(house: &House, by: &Person, path: &str) -> Value {
    house.until(by, path, |list| list["items"][0].is_object()).await["items"][0].clone()
}

/// One of everything a firm has, by the noun that paths and fields name it by. `word` stands in all of it.
async fn one_of_everything(house: &House, owner: &Person, number: &str, secret: &str, word: &str) -> Ids {
    let channel = id(&house.connect(owner, number, secret).await);
    let said = house.customer_says(number, secret, "33639981234", &format!("wamid.{word}1"), &format!("{word} bonjour")).await;
    assert_eq!(said, 200);
    let unreadable = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number},
            "messages": [{"id": format!("wamid.{word}2"), "type": "text", "text": {"body": format!("{word} perdu")}}]}}]}]});
    assert_eq!(house.webhook(secret, unreadable.to_string()).await, 200);
    let queue = id(&house.post(owner, "/queues", json!({"name": format!("{word} queue")})).await.is(201));
    let colleague = house.hire(owner, &format!("{word} agent"), &format!("{word}.agent@example.com"), "AGENT").await;
    let user = colleague.id.clone();
    let invitation = json!({"email": format!("{word}.invited@example.com"), "role": "AGENT"});
    let invitation = id(&house.post(owner, "/invitations", invitation).await.is(201));
    let role = id(&house.post(owner, "/roles", json!({"name": format!("{word} role"), "permissions": {}})).await.is(201));
    let conversation = first_of(house, owner, "/conversations").await;
    let thread = house.get(owner, &format!("/conversations/{}", id(&conversation))).await.is(200);
    let letter = id(&first_of(house, owner, "/deadletters").await);
    let name = format!("{word} job");
    let tenant = owner.tenant.parse().unwrap();
    let job =
        house.kit.store().write(tenant, Lane::Jobs, Origin::system(), move |tx| tx.start_job("none", json!({"name": name})));
    HashMap::from([
        ("channelId", channel),
        ("queueId", queue.clone()),
        ("departmentId", queue),
        ("userId", user.clone()),
        ("assignedTo", user),
        ("invitationId", invitation),
        ("roleId", role),
        ("contactId", id(&conversation["contact"])),
        ("conversationId", id(&conversation)),
        ("ticketId", id(&conversation)),
        ("messageId", id(&thread["messages"][0])),
        ("replyTo", id(&thread["messages"][0])),
        ("deadLetterId", letter),
        ("jobId", job.await.unwrap().id.to_string()),
        ("sessionId", id(&first_of(house, &colleague, "/auth/sessions").await)),
        ("tenantId", owner.tenant.clone()),
        ("companyId", owner.tenant.clone()),
    ])
}

struct Operation {
    method: Method,
    path: String,
    permission: Option<String>,
    public: bool,
    /// Names of its query parameters.
    query: Vec<String>,
    /// Its body's fields with an example each, and whether they must be there.
    fields: Option<Vec<(String, Value, bool)>>,
}

impl Operation {
    /// Its path with `ids` in it; what has none in it gets one that nobody has.
    fn path_with(&self, ids: &Ids) -> String {
        let mut path = ids.iter().fold(self.path.clone(), |path, (noun, id)| path.replace(&format!("{{{noun}}}"), id));
        path = path.replace("{key}", "conversations.reopenMinutes").replace("{action}", "start");
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, "01a20224-0000-7000-8000-00000000dead");
        }
        path
    }
    fn names_a_record(&self, ids: &Ids) -> bool {
        ids.keys().any(|noun| self.path.contains(&format!("{{{noun}}}")))
    }
    fn least_body(&self) -> Option<Value> {
        let fields = self.fields.as_ref()?;
        let needed = fields.iter().filter(|(_, _, needed)| *needed);
        Some(needed.map(|(name, value, _)| (name.clone(), value.clone())).collect::<Map<_, _>>().into())
    }
    /// Bodies that name one of `foreign` in one field and, beside it, what the call makes sense with, out of `own`.
    fn bodies_naming(&self, foreign: &Ids, own: &Ids) -> Vec<(String, Value)> {
        let mut bodies = Vec::new();
        for (field, _, _) in self.fields.iter().flatten() {
            let value = match field.as_str() {
                "queueIds" => json!([foreign["queueId"]]),
                "contactIds" => json!([foreign["contactId"]]),
                name => match foreign.get(name) {
                    Some(id) => json!(id),
                    None => continue,
                },
            };
            let mut body = Map::new();
            for (other, example, needed) in self.fields.iter().flatten() {
                // Another name for the same fact would speak instead of it.
                let same = [["conversationId", "ticketId"], ["queueId", "departmentId"], ["queueIds", "departmentId"]];
                let alias = same.iter().any(|pair| pair.contains(&other.as_str()) && pair.contains(&field.as_str()));
                match own.get(other.as_str()) {
                    _ if alias => {}
                    Some(id) if other == "conversationId" => drop(body.insert(other.clone(), json!(id))),
                    _ if *needed || other == "content" => drop(body.insert(other.clone(), example.clone())),
                    _ => {}
                }
            }
            body.insert(field.clone(), value);
            bodies.push((field.clone(), body.into()));
        }
        bodies
    }
}

/// Every operation of the API proper.
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
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            all.push(Operation {
                method,
                path: path.clone(),
                permission: operation["x-permission"].as_str().map(str::to_owned),
                public: operation["security"].as_array().is_none_or(Vec::is_empty),
                query: parameters.filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap().to_owned()).collect(),
                fields: (!schema.is_null()).then(|| fields(&contract, schema)),
            });
        }
    }
    assert!(all.len() > 50, "the contract lists only {} operations", all.len());
    all
}

fn resolved<'c>(contract: &'c Value, mut schema: &'c Value) -> &'c Value {
    loop {
        if let Some(name) = schema["$ref"].as_str() {
            schema = contract.pointer(name.trim_start_matches('#')).unwrap();
        } else if let Some(named) = schema["oneOf"].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            schema = named;
        } else {
            return schema;
        }
    }
}

fn fields(contract: &Value, schema: &Value) -> Vec<(String, Value, bool)> {
    let schema = resolved(contract, schema);
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields.map(|(name, schema)| (name.clone(), sample(contract, schema), needed.contains(&name.as_str()))).collect()
}

fn sample(contract: &Value, schema: &Value) -> Value {
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    let schema = resolved(contract, schema);
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    if schema["properties"].is_object() {
        let needed = fields(contract, schema).into_iter().filter(|(_, _, needed)| *needed);
        return needed.map(|(name, value, _)| (name, value)).collect::<Map<_, _>>().into();
    }
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("string") {
        "array" => json!([]),
        "boolean" => json!(false),
        "integer" | "number" => json!(1),
        "object" => json!({}),
        _ => json!("x"),
    }
}

/// What ends one's own session or firm would end the test.
fn ends_the_test(path: &str) -> bool {
    ["/auth/logout", "/auth/password", "/setup", "/auth/refresh", "/token"].iter().any(|end| path.contains(end))
}

fn mounts(path: &str) -> [String; 2] {
    [path.to_owned(), path.replacen("/api/v1", "/api", 1)]
}

/// Does an answer carry the canary, other than by repeating what was asked?
fn tells(text: &str, path: &str) -> bool {
    text.contains(CANARY) && !path.contains("openapi") && !text.contains(&format!("\"q\":\"{CANARY}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_one_firm_reaches_another() {
    let house = House::start().await;
    let owner = house.found(&format!("{CANARY} Dépannage")).await;
    let other = json!({"name": "Reboques do Norte", "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT", "queue": "Atendimento"});
    let other = house.post(&owner, "/tenants", other).await.is(201);
    let there = house.sign_in("marina@example.com", other["id"].as_str()).await;
    assert_ne!(there.tenant, owner.tenant);
    // An administrator of the other firm alone: no super administrator.
    let stranger = house.hire(&there, "Rui Alves", "rui@example.com", "ADMIN").await;
    let mut live = Screen::open(&house.url, &stranger.token, "").await;
    let ids = one_of_everything(&house, &owner, NUMBER, SECRET, CANARY).await;
    let own = one_of_everything(&house, &stranger, "206540352242922", "secret-of-the-second", "garoa").await;
    let minutes = json!({"value": 4711});
    house.call(Method::PUT, "/api/v1/settings/conversations.reopenMinutes", Some(&owner.token), Some(&minutes)).await.is(200);

    let (mut asked, mut leaks) = (0, Vec::new());
    for operation in operations().iter().filter(|operation| !ends_the_test(&operation.path)) {
        let Operation { method, .. } = operation;
        let path = operation.path_with(&ids);
        let foreign = operation.names_a_record(&ids);
        let body = operation.least_body();
        let mut calls: Vec<(String, Option<Value>, bool)> = Vec::new();
        let all = if *method == Method::GET { format!("?q={CANARY}&query={CANARY}&search={CANARY}") } else { String::new() };
        calls.push((format!("{path}{all}"), body.clone(), foreign));
        for name in operation.query.iter().filter(|name| ids.contains_key(name.as_str())) {
            calls.push((
                format!("{}?{name}={}&q=bonjour&query=bonjour", operation.path_with(&own), ids[name.as_str()]),
                None,
                false,
            ));
        }
        for (_, body) in operation.bodies_naming(&ids, &own) {
            calls.push((operation.path_with(&own), Some(body), true));
        }
        for (path, body, is_foreign) in calls {
            for mount in mounts(&path) {
                asked += 1;
                let answer = house.call(method.clone(), &mount, Some(&stranger.token), body.as_ref()).await;
                let shows = answer.text.contains("4711") && mount.contains("/settings");
                if answer.status >= 500 || tells(&answer.text, &mount) || shows || (is_foreign && answer.status < 400) {
                    let body = body.clone().unwrap_or_default();
                    leaks.push(format!("{method} {mount} {body} as a stranger: {} {}", answer.status, answer.text));
                }
            }
        }
        for mount in mounts(&path) {
            let answer = house.call(method.clone(), &mount, None, body.as_ref()).await;
            if !operation.public && answer.status != 401 {
                leaks.push(format!("{method} {mount} without a token: {}", answer.status));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks in {asked} calls:\n{}", leaks.len(), leaks.join("\n"));

    // Sockets: while it happens, and told afterwards; whatever one says of a conversation elsewhere changes nothing.
    let mut watching = Screen::open(&house.url, &owner.token, "").await;
    let mut late = Screen::open(&house.url, &stranger.token, "?after=0").await;
    for kind in ["typing", "viewing"] {
        for screen in [&mut live, &mut late] {
            screen.says(json!({"type": kind, "conversationId": ids["conversationId"], "on": true})).await;
        }
    }
    let said = house.customer_says(NUMBER, SECRET, "33639981234", "wamid.last", &format!("{CANARY} encore")).await;
    assert_eq!(said, 200);
    let told = watching.sees("message.received").await;
    assert!(told.to_string().contains(CANARY));
    assert!(!watching.rest().await.iter().any(|frame| frame.to_string().contains("Rui Alves")));
    for (name, screen) in [("live", &mut live), ("late", &mut late)] {
        let frames = screen.rest().await;
        assert!(
            name == "late" || frames.iter().any(|frame| frame["type"] == "message.received"),
            "{name} sees its own: {frames:?}"
        );
        for frame in frames {
            let text = frame.to_string();
            let named = ids.iter().find(|(_, id)| text.contains(id.as_str()));
            assert!(!text.contains(CANARY) && named.is_none(), "the {name} screen of a stranger was told of {named:?}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lower_roles_get_what_they_hold_and_reach_and_no_more() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    let ids = one_of_everything(&house, &owner, NUMBER, SECRET, CANARY).await;
    let queues = house.get(&owner, "/queues").await.is(200);
    let first = queues["items"].as_array().unwrap().iter().find(|queue| queue["isDefault"] == true).unwrap().clone();
    let mut wrong = Vec::new();
    for role in ["CLIENT", "DEPANNEUR", "USER", "AGENT", "SUPERVISOR"] {
        let person = house.hire(&owner, role, &format!("{}@example.com", role.to_lowercase()), role).await;
        let me = house.get(&person, "/auth/me").await.is(200);
        let held = me["permissions"].as_object().cloned().unwrap_or_default();
        let mut screen = Screen::open(&house.url, &person.token, "?after=0").await;
        for operation in operations().iter().filter(|operation| !ends_the_test(&operation.path)) {
            let Some(permission) = &operation.permission else { continue };
            let Operation { method, .. } = operation;
            let (path, body) = (operation.path_with(&ids), operation.least_body());
            let reach = held.get(permission).and_then(Value::as_str);
            let mut complain = |answer: &crate::harness::Answer, why: &str| {
                wrong.push(format!("{role}: {method} {path} needs {permission} ({why}): {} {}", answer.status, answer.text));
            };
            match reach {
                None => {
                    let answer = house.call(method.clone(), &path, Some(&person.token), body.as_ref()).await;
                    if answer.status != 403 {
                        complain(&answer, "not held");
                    }
                }
                // Nothing is theirs: neither what they name nor what they look for may be shown or done.
                Some("own" | "queue") => {
                    let query = if *method == Method::GET {
                        format!("?q={CANARY}&query={CANARY}&assignedTo=none")
                    } else {
                        String::new()
                    };
                    let mut calls = vec![(format!("{path}{query}"), body.clone())];
                    calls.extend(operation.bodies_naming(&ids, &ids).into_iter().map(|(_, body)| (path.clone(), Some(body))));
                    for (call, body) in calls {
                        let answer = house.call(method.clone(), &call, Some(&person.token), body.as_ref()).await;
                        let names = operation.names_a_record(&ids) || *method != Method::GET;
                        if answer.status >= 500 || tells(&answer.text, &call) || (names && answer.status < 400) {
                            complain(&answer, "beyond reach");
                        }
                    }
                }
                Some(_) => {}
            }
        }
        // A socket that resumes is judged by the same reach.
        let frames = screen.rest().await;
        if held.get("contact.read").and_then(Value::as_str) != Some("tenant") {
            let told = frames.iter().find(|frame| frame.to_string().contains(CANARY) && frame["type"] != "resync");
            assert!(told.is_none(), "{role} was told {told:?}");
        }
        assert!(
            role == "SUPERVISOR" || !frames.iter().any(|frame| frame.to_string().contains("bonjour")),
            "{role} was told what was said: {frames:?}"
        );
        assert!(first["id"].is_string() && me["queueIds"] == json!([]));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let house = House::start().await;
    let owner = house.found("Dépannage").await;
    house.connect(&owner, NUMBER, SECRET).await;
    for n in 0..20 {
        let said = house.customer_says(NUMBER, SECRET, "33639981234", &format!("wamid.n{n}"), &format!("message {n}")).await;
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
