//! What the box says of itself and does to go on working: room on its disk, readiness, settings of the whole box.

use super::app::{PASSWORD, Running};
use crate::harness::until;
use farol::base::Env;
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
    let message =
        json!({"conversationId": conversation, "content": "On arrive", "clientId": Env::system().new_id::<uuid::Uuid>()});
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

#[tokio::test]
async fn one_endpoint_can_have_a_rate_and_a_time_of_its_own() {
    let (app, token) = Running::founded().await;
    let asked = async || app.call(&token, "GET", "/api/v1/contacts", None).await;
    for wrong in [json!(["GET contacts requests=1"]), json!(["GET /api/v1/contacts speed=9"]), json!("all")] {
        let (status, problem) = set(&app, &token, "http.endpoints", wrong).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{problem}");
    }
    let lines = json!(["GET /api/contacts requests=1 window=3600 burst=2", "GET /api/v1/queues timeout=30"]);
    let (status, set_to) = set(&app, &token, "http.endpoints", lines).await;
    assert_eq!(status, 200, "{set_to}");
    assert_eq!(set_to["value"][0], "GET /api/v1/contacts requests=1 window=3600 burst=2", "both mounts are one endpoint");
    assert_eq!((asked().await.0, app.call(&token, "GET", "/api/contacts", None).await.0), (200, 200));
    let (status, problem) = asked().await;
    assert_eq!((status, &problem["code"]), (429, &json!("quota")));
    assert_eq!(app.call(&token, "GET", "/api/v1/queues", None).await.0, 200);
    assert_eq!(set(&app, &token, "http.endpoints", Value::Null).await.0, 200);
    assert_eq!(asked().await.0, 200);

    // All sessions of a person share one allowance, whatever each session may.
    let other = app.login("ana@example.com").await;
    let rate = json!({"requests": 1, "windowSecs": 3600, "burst": 3});
    assert_eq!(set(&app, &token, "http.rateUser", rate).await.0, 200);
    let mut answers = Vec::new();
    for token in [&token, &other, &token, &other] {
        answers.push(app.call(token, "GET", "/api/v1/queues", None).await.0);
    }
    assert_eq!(answers, [200, 200, 200, 429]);
}

#[tokio::test]
async fn a_channel_gives_up_after_as_many_attempts_as_it_is_set_to() {
    let (app, token) = Running::founded().await;
    app.hears("33639980002", "Léa", "wamid.RETRY.1", "Allô ?").await;
    let conversations = app.get(&token, "/api/v1/conversations?tab=all").await;
    let conversation = conversations["items"][0]["id"].clone();
    let channel = conversations["items"][0]["channelId"].as_str().unwrap().to_owned();
    let put = async |value: Value| {
        let body = json!({"value": value, "level": "channel", "channelId": channel});
        app.call(&token, "PUT", "/api/v1/settings/channel.retries", Some(body)).await
    };
    let patience = |attempts: u32, first: u32| json!({"attempts": attempts, "firstPauseSecs": first, "longestPauseSecs": 900, "laneWaitSecs": 60});
    assert_eq!(put(patience(0, 1)).await.0, 422);
    assert_eq!(put(patience(3, 901)).await.0, 422);
    assert_eq!(put(patience(1, 1)).await.0, 200);
    let shown = app.get(&token, &format!("/api/v1/settings?level=channel&channelId={channel}")).await;
    let shown = shown["items"].as_array().unwrap().iter().find(|one| one["key"] == "channel.retries").unwrap();
    assert_eq!(
        (&shown["value"]["attempts"], &shown["origin"], &shown["default"]["attempts"]),
        (&json!(1), &json!("channel"), &json!(105))
    );

    // Nobody answers at this channel's provider, so its one attempt is the last.
    let message =
        json!({"conversationId": conversation, "content": "Nous arrivons", "clientId": Env::system().new_id::<uuid::Uuid>()});
    let (status, sent) = app.call(&token, "POST", "/api/v1/messages/send", Some(message)).await;
    assert_eq!(status, 201, "{sent}");
    let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
    until(|| app.get(&token, &path), "its failure", |message| message["status"] == "FAILED").await;
    let letters = app.get(&token, "/api/v1/deadletters?kind=delivery").await;
    assert_eq!(letters["items"][0]["attempts"], 1, "{letters}");
}

#[tokio::test]
async fn every_route_follower_and_job_has_a_histogram() {
    farol::platform::telemetry::start_metrics();
    let (app, token) = Running::founded().await;
    let mut screen = app.screen(&token, "").await;
    app.hears("33639980003", "Ida", "wamid.METRICS.1", "Bonsoir").await;
    screen.sees("message.received").await;
    let contacts = app.get(&token, "/api/v1/contacts").await;
    let contact = format!("/api/v1/contacts/{}", contacts["items"][0]["id"].as_str().unwrap());
    assert_eq!(app.call(&token, "PATCH", &contact, Some(json!({"name": "Ida Berg"}))).await.0, 200);
    app.searchable().await;
    // What reacts to somebody's leaving and to a conversation opened again, and each kind of bulk work, with nothing to do.
    let eva = json!({"name": "Eva", "email": "eva@example.com", "password": PASSWORD, "role": "AGENT", "isActive": false});
    assert_eq!(app.call(&token, "POST", "/api/v1/users", Some(eva)).await.0, 201);
    assert_eq!(app.call(&token, "PATCH", "/api/v1/users/2", Some(json!({"phone": "1"}))).await.0, 200);
    for verb in ["read", "resolve", "reopen"] {
        assert_eq!(app.call(&token, "POST", &format!("/api/v1/conversations/1/{verb}"), None).await.0, 200);
    }
    let nobody = uuid::Uuid::nil();
    let about = json!({"contact": contacts["items"][0]["id"], "after": "", "user": nobody, "queue": nobody, "channel": nobody});
    let kinds: Vec<_> = app.kit.service::<farol::platform::telemetry::Measured>().0.clone();
    let tenant = app.get(&token, "/api/v1/auth/me").await["companyId"].as_str().unwrap().parse().unwrap();
    let order = move |tx: &mut farol::platform::store::Tx<'_, '_>| {
        let mut kinds = kinds.into_iter().filter(|(label, _)| *label == "job");
        kinds.try_for_each(|(_, kind)| tx.start_job(kind, about.clone()).map(drop))
    };
    let by = farol::base::Origin::system();
    app.kit.store().write(tenant, farol::platform::store::Lane::Jobs, by, order).await.unwrap();
    // Nobody is signed in here: what is refused at the gate is measured like everything else.
    let routes = farol::app::routes().list();
    assert!(routes.len() > 60, "{}", routes.len());
    for (_, method, path) in &routes {
        let named = path.split('/').map(|part| if part.starts_with('{') { "00000000-0000-0000-0000-000000000000" } else { part });
        app.call("", method.as_str(), &named.collect::<Vec<_>>().join("/"), None).await;
    }
    let measured = app.kit.service::<farol::platform::telemetry::Measured>();
    let mut missing = Vec::new();
    for _ in 0..100 {
        let text = farol::platform::telemetry::metrics_text();
        let buckets: Vec<&str> = text.lines().filter(|line| line.contains("_seconds_bucket{")).collect();
        let has = |label: &str, name: &str| buckets.iter().any(|line| line.contains(&format!("{label}=\"{name}\"")));
        let routes = routes.iter().filter(|(_, _, path)| !has("route", path)).map(|(_, _, path)| path.clone());
        let others = measured.0.iter().filter(|(label, name)| !has(label, name)).map(|(label, name)| format!("{label} {name}"));
        missing = routes.chain(others).collect::<Vec<String>>();
        if missing.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!missing.iter().any(|one| one.starts_with('/')), "{missing:?}");
    }
    panic!("no histogram: {missing:?}");
}

#[tokio::test]
async fn the_wizard_is_gone_once_there_is_an_owner() {
    let (app, token) = Running::founded().await;
    for path in ["/setup", "/api/v1/setup", "/api/setup", "/setup/"] {
        let (status, problem) = app.call("", "GET", path, None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "{path}: {problem}");
    }
    let (status, _) = app.call("", "POST", "/api/v1/setup/check", Some(json!({"code": "7K2QX-M4N8P"}))).await;
    assert_eq!(status, 404);

    // How long a sign-in lasts is in force from the next one on.
    assert_eq!(set(&app, &token, "auth.sessionDays", json!(0)).await.0, 422);
    assert_eq!(set(&app, &token, "auth.sessionDays", json!(2)).await.0, 200);
    let second = app.login("ana@example.com").await;
    let sessions = app.get(&second, "/api/v1/auth/sessions").await;
    let ends = |one: &Value| farol::base::Timestamp::parse(one["expiresAt"].as_str().unwrap()).unwrap();
    let mut lasts: Vec<u64> = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ends(one).since(app.kit.env().now()).as_secs().div_ceil(86_400))
        .collect();
    lasts.sort_unstable();
    assert_eq!(lasts, [2, 30]);
}

#[tokio::test]
async fn a_message_without_its_conversation_is_found_by_verify() {
    use farol::{
        base::{Origin, Result},
        cli::references,
        contacts::Contact,
        platform::store::{KeyRange, Lane, Read, Write},
    };
    let (app, _) = Running::founded().await;
    app.hears("33639980004", "Noé", "wamid.VERIFY.1", "Bonjour").await;
    let store = app.kit.store().clone();
    let tenant = store.tenants()[0];
    let whole = references::walk(&store).unwrap();
    assert!(whole.references >= 5 && whole.broken == 0, "{whole:?}");
    let removed = store.write(tenant, Lane::People, Origin::system(), |tx| {
        let contact = tx.all::<Contact>(KeyRange::all())?.next().transpose()?.unwrap().0;
        tx.delete::<Contact>(&contact.id)
    });
    let contact = removed.await.unwrap().unwrap();
    let found: Result<_> = references::walk(&store);
    let found = found.unwrap();
    assert_eq!((found.references, found.broken), (whole.references, 1));
    assert!(found.named[0].contains("contact") && found.named[0].contains(&contact.id.to_string()), "{found:?}");
}
