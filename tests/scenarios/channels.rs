//! Webhooks at the door and the API of channels: what is believed, what is stored, and how often.
//! Fixture bodies lie in `$FAROL_FIXTURES` or beside the project; where they are absent those tests say so and pass.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, request::Parts},
};
use farol::{
    base::*,
    channels::{self, Accounts, AppSecret, Ingest, Taken, WhatsappCloudAdapter},
    contacts,
    conversations::{self, MessageKind, MessageStatus},
    platform::{
        http::{Authenticator, HttpSettings, Kit, Site, site},
        outbound::{Outbound, OutboundSettings},
        secrets::Keyring,
        store::{KeyRange, Lane, Read, Store},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc};
use tower::ServiceExt;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "106540352242922";

/// The owner of the firm, by any token that names the tenant.
struct Doorman;
impl Authenticator for Doorman {
    fn authenticate(&self, parts: &Parts, origin: &Origin) -> Result<Actor> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let tenant =
            token.strip_prefix("Bearer ").and_then(|t| t.parse().ok()).ok_or(Error::Unauthenticated("unauthenticated"))?;
        Ok(owner(tenant, origin))
    }
}

fn owner(tenant: TenantId, origin: &Origin) -> Actor {
    let user = UserId(uuid::Uuid::from_u128(7));
    Actor {
        user,
        name: "Rui".into(),
        session: SessionId(uuid::Uuid::from_u128(8)),
        tenant,
        grants: Arc::new(Grants::from_pairs([("*".into(), Reach::Tenant)])),
        queues: Arc::new([]),
        origin: origin.acting_as(ActorRef::User(user)),
    }
}

/// A box with firms in it, and nothing but the room of channels open.
struct House {
    store: Store,
    ingest: Ingest,
    site: Site,
    tenants: Vec<TenantId>,
    _data: tempfile::TempDir,
}

impl House {
    async fn with(tenants: usize) -> Self {
        let env = Env::system();
        let store = Store::in_memory(env.clone());
        let tenants: Vec<TenantId> = (0..tenants).map(|_| env.new_id()).collect();
        for id in tenants.clone() {
            store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(id)).await.unwrap();
        }
        let data = tempfile::tempdir().unwrap();
        let accounts = Accounts::load(store.clone(), Keyring::ephemeral()).unwrap();
        let ingest = Ingest::new(store.clone(), env.clone(), accounts, Arc::new(WhatsappCloudAdapter), data.path());
        let outbound = Outbound::new(env.clone(), OutboundSettings::default()).unwrap();
        let kit = Kit::builder(store.clone(), env, HttpSettings::default())
            .authenticator(Arc::new(Doorman))
            .provide(Arc::new(ingest.clone()))
            .provide(Arc::new(outbound))
            .build();
        let site = site(&kit, channels::routes());
        Self { store, ingest, site, tenants, _data: data }
    }
    async fn with_channel() -> Self {
        let house = Self::with(1).await;
        let (status, channel) = house.connect(0, NUMBER, SECRET).await;
        assert_eq!(status, StatusCode::CREATED, "{channel}");
        house
    }
    async fn connect(&self, tenant: usize, number: &str, secret: &str) -> (StatusCode, Value) {
        let body = json!({"kind": "whatsapp_cloud", "name": "Main", "config": {"phoneNumberId": number,
            "accessToken": "EAAG-test-token", "appSecret": secret, "verifyToken": format!("verify-{number}")}});
        self.api(tenant, Method::POST, "/api/v1/channels", Some(body)).await
    }
    async fn api(&self, tenant: usize, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("host", "farol.example.com");
        let request = request
            .header("authorization", format!("Bearer {}", self.tenants[tenant]))
            .header("content-type", "application/json")
            .body(body.map_or_else(Body::empty, |b| Body::from(b.to_string())))
            .unwrap();
        let (status, bytes) = self.send(request).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.site.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap().to_vec())
    }
    async fn webhook(&self, body: &[u8], signature: Option<&str>) -> StatusCode {
        let mut request =
            Request::builder().method(Method::POST).uri("/webhooks/whatsapp").header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        self.send(request.body(Body::from(body.to_vec())).unwrap()).await.0
    }
    async fn signed(&self, body: &[u8]) -> StatusCode {
        self.webhook(body, Some(&AppSecret::new(SECRET).sign(body))).await
    }
    /// Waits until every kept body is done.
    async fn settled(&self) {
        for _ in 0..200 {
            if self.ingest.sweep().await.unwrap() == 0 && self.count().waiting == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("an inbound body is never done");
    }
    fn count(&self) -> Count {
        self.count_of(0)
    }
    fn count_of(&self, tenant: usize) -> Count {
        let view = self.store.read(self.tenants[tenant]).unwrap();
        let mut messages = Vec::new();
        let mut conversations = 0;
        for n in 1.. {
            let Some(c) = conversations::conversation_of_number(&view, n).unwrap() else { break };
            conversations += 1;
            messages.push(c.arrivals);
        }
        let contacts = view.all::<contacts::Contact>(KeyRange::all()).unwrap().count();
        let letters = farol::platform::deadletters::list(&view, None, None, 1000).unwrap();
        Count {
            contacts,
            conversations,
            messages: messages.iter().sum::<u64>() as usize,
            letters: letters.into_iter().map(|(l, _)| (l.code, String::from_utf8_lossy(&l.raw).into_owned())).collect(),
            waiting: self.ingest.waiting().unwrap(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Count {
    contacts: usize,
    conversations: usize,
    messages: usize,
    letters: Vec<(String, String)>,
    waiting: usize,
}

fn element(id: &str, from: &str, text: &str) -> Value {
    json!({"from": from, "id": id, "timestamp": "1749416383", "type": "text", "text": {"body": text}})
}

fn body_with(number: &str, messages: &[Value]) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Sheena"}, "wa_id": "16505551234"}], "messages": messages}}]}]})
    .to_string()
    .into_bytes()
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    let root = std::env::var_os("FAROL_FIXTURES").map_or(beside, PathBuf::from);
    let mut found = Vec::new();
    let mut folders = vec![root.join("whatsapp")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") && path.components().any(|c| c.as_os_str() == "webhooks") {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    if found.is_empty() {
        println!("SKIPPED: payloads as the provider prints them: none in {}", root.display());
    }
    found
}

/// Messages, conversations and contacts an example leaves behind: a reaction waits for the message it is about, and a
/// group is a contact before anybody writes in it.
fn left_by(name: &str, body: &[u8]) -> (usize, usize, usize) {
    let speaks = String::from_utf8_lossy(body).replace(' ', "").contains("\"messages\":[");
    match name {
        "reaction-message.json" => (0, 0, 0),
        name if name.starts_with("group-") => (0, 0, 1),
        _ if speaks => (1, 1, 1),
        _ => (0, 0, 0),
    }
}

#[tokio::test]
async fn every_fixture_is_taken_when_signed_and_refused_when_not() {
    for (name, body) in fixtures() {
        let house = House::with_channel().await;
        let before = house.count();
        let signature = AppSecret::new(SECRET).sign(&body);
        for bad in [None, Some("sha256=00"), Some(&*AppSecret::new("another").sign(&body)), Some(&signature[7..])] {
            assert_eq!(house.webhook(&body, bad).await, StatusCode::UNAUTHORIZED, "{name} with {bad:?}");
        }
        assert_eq!(house.count(), before, "{name}: nothing is stored of what is refused");
        assert_eq!(house.signed(&body).await, StatusCode::OK, "{name}");
        house.settled().await;
        let after = house.count();
        assert_eq!((after.messages, after.conversations, after.contacts), left_by(&name, &body), "{name}");
        assert!(after.letters.is_empty(), "{name}: {:?}", after.letters);
    }
}

#[tokio::test]
async fn a_hundred_copies_at_once_make_one_of_everything() {
    let mut bodies = fixtures();
    bodies.push(("own".into(), body_with(NUMBER, &[element("wamid.own", "16505551234", "Ol\u{e1} 🚗")])));
    for (name, body) in bodies {
        let alone = House::with_channel().await;
        assert_eq!(alone.signed(&body).await, StatusCode::OK, "{name}");
        alone.settled().await;
        let house = Arc::new(House::with_channel().await);
        let signature = AppSecret::new(SECRET).sign(&body);
        let copies = (0..100).map(|_| {
            let (house, body, signature) = (house.clone(), body.clone(), signature.clone());
            tokio::spawn(async move { house.webhook(&body, Some(&signature)).await })
        });
        for outcome in futures_util::future::join_all(copies).await {
            assert_eq!(outcome.unwrap(), StatusCode::OK, "{name}");
        }
        house.settled().await;
        let count = house.count();
        assert_eq!((count.messages, count.conversations, count.contacts), left_by(&name, &body), "{name}");
        assert_eq!(count, alone.count(), "{name}: a hundred leave what one leaves");
    }
}

#[tokio::test]
async fn all_elements_of_a_batch_arrive_and_a_bad_one_goes_alone() {
    let house = House::with_channel().await;
    let mut messages: Vec<Value> = (0..150).map(|n| element(&format!("wamid.{n}"), &format!("1650555{n:04}"), "hello")).collect();
    messages.insert(70, json!({"from": "16505550001", "type": "text", "text": {"body": "without an id"}}));
    messages.insert(90, json!(17));
    assert_eq!(house.signed(&body_with(NUMBER, &messages)).await, StatusCode::OK);
    house.settled().await;
    let count = house.count();
    assert_eq!((count.messages, count.conversations), (150, 150));
    let mut codes: Vec<&str> = count.letters.iter().map(|(code, _)| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["malformed", "no_id"]);
    assert!(count.letters.iter().all(|(_, raw)| !raw.contains("wamid.")), "only the bad element itself: {:?}", count.letters);
    // The same again brings nothing new but the bad ones' letters.
    assert_eq!(house.signed(&body_with(NUMBER, &messages[..70])).await, StatusCode::OK);
    house.settled().await;
    assert_eq!(house.count().messages, 150);
}

#[tokio::test]
async fn fixtures_spliced_into_one_body_all_arrive() {
    let mut entries = Vec::new();
    let mut expected = 0;
    for (n, (_, body)) in fixtures().into_iter().enumerate() {
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        for entry in body["entry"].as_array_mut().unwrap() {
            for message in entry["changes"][0]["value"].get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten() {
                message["id"] = json!(format!("wamid.{n}"));
                // A reaction is no message of its own.
                expected += usize::from(message["type"] != "reaction");
            }
            entries.push(entry.clone());
        }
    }
    let house = House::with_channel().await;
    let body = json!({"object": "whatsapp_business_account", "entry": entries}).to_string().into_bytes();
    assert_eq!(house.signed(&body).await, StatusCode::OK);
    house.settled().await;
    let count = house.count();
    assert_eq!((count.messages, count.letters), (expected, vec![]));
}

#[tokio::test]
async fn a_secret_speaks_for_its_own_accounts_only() {
    let house = House::with(2).await;
    house.connect(0, "111", "secret-of-the-first").await;
    house.connect(1, "222", "secret-of-the-second").await;
    let send = async |number: &str, secret: &str| {
        let body = body_with(number, &[element(&format!("wamid.{number}.{secret}"), "16505551234", "hi")]);
        house.webhook(&body, Some(&AppSecret::new(secret).sign(&body))).await
    };
    // The second firm's secret signs a message "to" the first firm's number.
    assert_eq!(send("111", "secret-of-the-second").await, StatusCode::OK);
    assert_eq!(send("333", "secret-of-the-second").await, StatusCode::OK);
    house.settled().await;
    assert_eq!((house.count_of(0).messages, house.count_of(1).messages), (0, 0));
    assert_eq!(send("111", "secret-of-the-first").await, StatusCode::OK);
    assert_eq!(send("222", "secret-of-the-second").await, StatusCode::OK);
    assert_eq!(send("222", "secret-of-nobody").await, StatusCode::UNAUTHORIZED);
    house.settled().await;
    assert_eq!((house.count_of(0).messages, house.count_of(1).messages), (1, 1));
    // One number, one channel of the whole box.
    let (status, problem) = house.connect(1, "111", "x").await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("account_taken")));
}

#[tokio::test]
async fn a_change_of_number_told_again_takes_nothing_from_who_has_the_number_now() {
    let house = House::with_channel().await;
    let change = json!({"from": "16505551234", "id": "wamid.CHANGE", "timestamp": "1749416383", "type": "system",
        "system": {"body": "changed", "wa_id": "12195555358", "type": "user_changed_number"}});
    let says = |id: &str, from: &str| body_with(NUMBER, &[element(id, from, "hello")]);
    let change = body_with(NUMBER, &[change]);
    for body in [&says("wamid.1", "16505551234"), &change, &says("wamid.2", "16505551234"), &change, &change] {
        assert_eq!(house.signed(body).await, StatusCode::OK);
        house.settled().await;
    }
    assert_eq!((house.count().contacts, house.count().messages), (2, 3));
    assert_eq!(house.signed(&says("wamid.3", "16505551234")).await, StatusCode::OK);
    house.settled().await;
    let second = conversations::conversation_of_number(&house.store.read(house.tenants[0]).unwrap(), 2).unwrap().unwrap();
    assert_eq!((house.count().contacts, second.arrivals), (2, 2), "the number's new owner stays who they are");
}

#[tokio::test]
async fn what_can_not_be_read_at_all_waits_as_a_dead_letter() {
    let house = House::with_channel().await;
    for body in [&b"{\"object\":"[..], b"[1,2", b"\xff\xfe", b""] {
        assert_eq!(house.signed(body).await, StatusCode::OK, "{body:?}");
    }
    house.settled().await;
    assert_eq!(house.count().letters.len(), 4);
    let ignored = br#"{"object":"page","entry":[{"changes":[{"field":"messages","value":{}}]}]}"#;
    assert_eq!(house.signed(ignored).await, StatusCode::OK);
    assert_eq!(house.count().letters.len(), 4);
    let large = vec![b' '; (3 << 20) + 1];
    assert_eq!(house.signed(&large).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_large_body_is_kept_as_a_file_and_arrives() {
    let house = House::with_channel().await;
    let messages: Vec<Value> = (0..40).map(|n| element(&format!("wamid.{n}"), "16505551234", &"é".repeat(3000))).collect();
    let body = body_with(NUMBER, &messages);
    assert!(body.len() > 64 << 10);
    assert_eq!(house.signed(&body).await, StatusCode::OK);
    house.settled().await;
    assert_eq!((house.count().messages, house.count().conversations), (40, 1));
}

#[tokio::test]
async fn the_handshake_answers_who_knows_the_token() {
    let house = House::with_channel().await;
    let (_, list) = house.api(0, Method::GET, "/api/v1/channels", None).await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let ask = async |path: &str| {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let (status, body) = house.send(request).await;
        (status.as_u16(), String::from_utf8_lossy(&body).into_owned())
    };
    let token = format!("verify-{NUMBER}");
    for path in [
        format!("/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=98765432109876543210"),
        format!("/webhooks/whatsapp?hub.challenge=98765432109876543210&hub.verify_token={token}&hub.mode=subscribe"),
        format!("/webhooks/whatsapp/{id}?hub.mode=subscribe&hub.challenge=98765432109876543210&hub.verify_token={token}"),
    ] {
        assert_eq!(ask(&path).await, (200, "98765432109876543210".to_owned()), "{path}");
    }
    for path in [
        "/webhooks/whatsapp".to_owned(),
        format!("/webhooks/whatsapp?hub.mode=unsubscribe&hub.verify_token={token}&hub.challenge=1"),
        "/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1".to_owned(),
        "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1".to_owned(),
        format!("/webhooks/whatsapp/{}?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1", uuid::Uuid::from_u128(1)),
    ] {
        assert_eq!(ask(&path).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn secrets_go_in_and_never_come_out() {
    let house = House::with_channel().await;
    let (_, list) = house.api(0, Method::GET, "/api/v1/channels", None).await;
    let channel = &list["items"][0];
    let text = list.to_string();
    assert!(!text.contains(SECRET) && !text.contains("EAAG-test-token"), "{text}");
    assert_eq!(channel["config"]["appSecret"], json!({"set": true, "last4": "cdef"}));
    assert_eq!(channel["verifyToken"], format!("verify-{NUMBER}"));
    assert_eq!((channel["status"].as_str(), channel["isDefault"].as_bool()), (Some("UNVERIFIED"), Some(true)));
    assert!(
        channel["webhookUrl"].as_str().unwrap().ends_with(&format!("/webhooks/whatsapp/{}", channel["id"].as_str().unwrap()))
    );
    let path = "/api/v1/channels/1";
    let change = json!({"name": "Night line", "config": {"appSecret": "another-secret-of-ours"}});
    let (status, changed) = house.api(0, Method::PATCH, path, Some(change)).await;
    assert_eq!(
        (status, changed["name"].as_str(), changed["config"]["appSecret"]["last4"].as_str()),
        (StatusCode::OK, Some("Night line"), Some("ours"))
    );
    let body = body_with(NUMBER, &[element("wamid.1", "16505551234", "hi")]);
    assert_eq!(house.signed(&body).await, StatusCode::UNAUTHORIZED, "the old secret no longer counts");
    for (config, account, base_url) in [
        (
            json!({"businessAccountId": "419561257915477", "baseUrl": "https://graph.example.com/", "accessToken": "EAAG-anew"}),
            json!("419561257915477"),
            "https://graph.example.com",
        ),
        (json!({}), json!("419561257915477"), "https://graph.example.com"),
        (json!({"businessAccountId": null, "baseUrl": null}), json!(null), "https://graph.facebook.com/v21.0"),
        (json!({"businessAccountId": " 5 "}), json!("5"), "https://graph.facebook.com/v21.0"),
        (json!({"businessAccountId": "", "baseUrl": ""}), json!(null), "https://graph.facebook.com/v21.0"),
    ] {
        let (status, changed) = house.api(0, Method::PATCH, path, Some(json!({"config": config}))).await;
        let shown = (&changed["config"]["businessAccountId"], changed["config"]["baseUrl"].as_str());
        assert_eq!((status, shown), (StatusCode::OK, (&account, Some(base_url))), "{config}");
    }
    for (body, field) in [
        (json!({"kind": "whatsapp_cloud", "name": "", "config": {"phoneNumberId": "5"}}), "name"),
        (json!({"kind": "whatsapp_cloud", "name": "x", "config": {}}), "config.phoneNumberId"),
        (json!({"kind": "whatsapp_cloud", "name": "x", "config": {"phoneNumberId": "+55 48"}}), "config.phoneNumberId"),
        (
            json!({"kind": "whatsapp_cloud", "name": "x", "config": {"phoneNumberId": "5", "baseUrl": "ftp://x"}}),
            "config.baseUrl",
        ),
    ] {
        let (status, problem) = house.api(0, Method::POST, "/api/v1/channels", Some(body)).await;
        assert_eq!((status.as_u16(), problem["errors"][0]["field"].as_str()), (422, Some(field)), "{problem}");
    }
    assert_eq!(house.api(0, Method::DELETE, path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(house.api(0, Method::GET, path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(house.connect(0, NUMBER, SECRET).await.0, StatusCode::CREATED, "the number is free again");
}

#[tokio::test]
async fn statuses_in_any_order_end_the_same_and_unknown_ones_wait() {
    let house = House::with_channel().await;
    // Written just now, so that it may be answered freely.
    let mut recent = element("wamid.in", "16505551234", "hi");
    recent["timestamp"] = json!((Env::system().now().as_millis() / 1000).to_string());
    assert_eq!(house.signed(&body_with(NUMBER, &[recent])).await, StatusCode::OK);
    house.settled().await;
    let status = |word: &str| {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER},
            "statuses": [{"id": "wamid.out", "status": word, "timestamp": "1749416390", "recipient_id": "16505551234"}]}}]}]})
        .to_string()
        .into_bytes()
    };
    for word in ["read", "in_orbit", "sent", "delivered"] {
        assert_eq!(house.signed(&status(word)).await, StatusCode::OK);
    }
    house.settled().await;
    assert!(house.count().letters.is_empty());
    // The answer to our send comes last of all, as it may.
    let tenant = house.tenants[0];
    let actor = owner(tenant, &Origin::system());
    let sent = house
        .store
        .write(tenant, Lane::People, Origin::system(), move |tx| {
            let conversation = conversations::conversation_of_number(tx, 1)?.unwrap();
            let new = conversations::NewMessage::text(conversation.id, "olá");
            let message = conversations::send_message(tx, &actor, new)?.message;
            conversations::mark_sending(tx, message.id)?;
            let outcome = conversations::SendOutcome::Sent { external_id: "wamid.out".into(), at: tx.now() };
            conversations::settle_send(tx, message.id, outcome)
        })
        .await
        .unwrap();
    assert_eq!(sent.status, MessageStatus::Read);
}

#[tokio::test]
async fn what_is_not_text_is_shown_as_unsupported_with_its_json() {
    let house = House::with_channel().await;
    let odd = json!({"from": "16505551234", "id": "wamid.odd", "timestamp": "1749416383", "type": "hologram", "hologram": {"x": [1, 2]}});
    assert_eq!(house.signed(&body_with(NUMBER, &[odd])).await, StatusCode::OK);
    house.settled().await;
    let view = house.store.read(house.tenants[0]).unwrap();
    let conversation = conversations::conversation_of_number(&view, 1).unwrap().unwrap();
    let last = conversation.last_message.unwrap();
    assert_eq!(last.kind, MessageKind::Unsupported);
}

/// JSON of every shape, around the names a webhook knows.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!(NUMBER)),
        Just(json!("whatsapp_business_account")),
        Just(json!("messages")),
    ];
    let name = prop::sample::select(vec![
        "object",
        "entry",
        "changes",
        "value",
        "field",
        "metadata",
        "phone_number_id",
        "messages",
        "statuses",
        "errors",
        "contacts",
        "profile",
        "name",
        "wa_id",
        "user_id",
        "id",
        "from",
        "from_user_id",
        "timestamp",
        "type",
        "text",
        "body",
        "status",
        "code",
        "system",
        "context",
        "biz_opaque_callback_data",
        "x",
    ]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

#[test]
fn hostile_json_never_panics_and_is_always_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let house = runtime.block_on(House::with_channel());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 300, ..ProptestConfig::default() });
    runner
        .run(&hostile(), |value| {
            let wrapped = json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages",
                "value": {"metadata": {"phone_number_id": NUMBER}, "messages": [value], "statuses": [value], "contacts": value, "errors": [value]}}]}]});
            for body in [value.to_string(), wrapped.to_string()] {
                let signature = AppSecret::new(SECRET).sign(body.as_bytes());
                let taken = runtime.block_on(house.ingest.take(channels::ChannelKind::WhatsappCloud, body.into_bytes().into(), Some(signature.as_bytes()), None, &Origin::system()));
                prop_assert!(matches!(taken, Ok(Taken::Kept | Taken::Ignored)), "{:?}", taken);
            }
            Ok(())
        })
        .unwrap();
    runtime.block_on(house.settled());
}
