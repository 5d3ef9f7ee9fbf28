//! A house without ports: the rooms' routes over a store in memory. Whoever shows the token `agent 2` is the
//! second agent, with the rights of the built-in role.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, request::Parts},
};
use farol::{
    base::{time::ManualClock, *},
    channels::{self, Accounts, Ingest, WhatsappCloudAdapter},
    contacts::{self, IdentityKind, Observed},
    conversations::{self, Inbound, MessageKind, Received},
    identity::{self, BuiltIn, Founding, FoundingStep},
    platform::{
        http::{Authenticator, HttpSettings, Kit, Routes, Site, site},
        outbound::{Outbound, OutboundSettings},
        secrets::Keyring,
        store::{Lane, Store},
    },
    routing,
};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use tower::ServiceExt;
use uuid::Uuid;

/// Everything a scenario of these rooms needs.
pub struct House {
    pub store: Store,
    pub clock: ManualClock,
    pub env: Env,
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub queue: QueueId,
    site: Site,
    _data: tempfile::TempDir,
}

struct Doorman(OnceLock<(TenantId, QueueId)>);

impl Authenticator for Doorman {
    fn authenticate(&self, parts: &Parts, origin: &Origin) -> Result<Actor> {
        let nobody = Error::Unauthenticated("unauthenticated");
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()?.strip_prefix("Bearer ")).ok_or(nobody)?;
        let (role, number) = token.split_once(' ').unwrap();
        let (tenant, queue) = *self.0.get().unwrap();
        let user = user(number.parse().unwrap());
        Ok(Actor {
            user,
            name: token.into(),
            session: SessionId(user.0),
            tenant,
            grants: BuiltIn::from_key(role).unwrap().grants(),
            queues: Arc::new([queue]),
            origin: origin.acting_as(ActorRef::User(user)),
        })
    }
}

/// The person of a token.
pub fn user(number: u64) -> UserId {
    UserId(Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number))
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The one field error's field and code.
    pub fn field(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        (error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    }
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
    /// One field of each item of a list.
    pub fn each(&self, field: &str) -> Vec<Value> {
        self.body["items"].as_array().unwrap().iter().map(|item| item[field].clone()).collect()
    }
}

impl House {
    /// A firm with one queue; its owner is `admin 1`, and agents 2 and 3 are members.
    pub async fn founded() -> Self {
        let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:05Z").unwrap(), 11);
        let store = Store::in_memory(env.clone());
        let founding = Founding {
            owner: user(1),
            owner_name: "Olga".into(),
            owner_email: "olga@example.com".into(),
            password_hash: None,
            company: "Dépannage Example".into(),
            language: farol::base::locale::Language::Fr,
            timezone: "Europe/Paris".into(),
            country: "FR".into(),
            queue: "Assistance".into(),
        };
        let steps: Vec<FoundingStep> = vec![Arc::new(routing::founding_step)];
        let found = move |tx: &mut farol::platform::store::PlatformTx<'_, '_>| identity::found(tx, &founding, &steps);
        let tenant = store.write_platform(Lane::People, Origin::system(), found).await.unwrap().tenant;
        let members = move |tx: &mut farol::platform::store::Tx<'_, '_>| {
            use farol::platform::store::{Read, Write};
            let owner: identity::Member = tx.require(&user(1))?;
            for n in 2..=3 {
                let name = format!("agent {n}");
                tx.put(&identity::Member { user: user(n), number: n, name, role: "AGENT".into(), ..owner.clone() })?;
            }
            routing::queue_for_new(tx, None)
        };
        let queue = store.write(tenant, Lane::People, Origin::system(), members).await.unwrap().unwrap();
        let doorman = Doorman(OnceLock::from((tenant, queue)));
        let data = tempfile::tempdir().unwrap();
        let accounts = Accounts::load(store.clone(), Keyring::ephemeral()).unwrap();
        let ingest = Ingest::new(store.clone(), env.clone(), accounts, Arc::new(WhatsappCloudAdapter), data.path());
        let kit = Kit::builder(store.clone(), env.clone(), HttpSettings::default())
            .authenticator(Arc::new(doorman))
            .provide(Arc::new(farol::conversations::Faces::default()))
            .provide(Arc::new(ingest))
            .provide(Arc::new(Outbound::new(env.clone(), OutboundSettings::default()).unwrap()))
            .build();
        let routes = Routes::new().merge(contacts::routes()).merge(conversations::routes()).merge(routing::routes());
        let site = site(&kit, routes.merge(channels::routes()));
        let mut house = Self { store, clock, env, tenant, channel: ChannelId(Uuid::nil()), queue, site, _data: data };
        let number = json!({"kind": "whatsapp_cloud", "name": "Main", "config": {"phoneNumberId": "106540352242922",
            "accessToken": "EAAG-test-token", "appSecret": "0123456789abcdef0123456789abcdef", "verifyToken": "verify"}});
        let made = house.post("admin 1", "/channels", number).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        house.channel = made.body["id"].as_str().unwrap().parse().unwrap();
        house
    }

    /// A request in somebody's name; the path is below `/api/v1` unless it begins with `/api`.
    pub async fn ask(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let path = if path.starts_with("/api") { path.to_owned() } else { format!("/api/v1{path}") };
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8080");
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {who}"));
        }
        let body = match body {
            Some(value) => {
                request = request.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        let response = self.site.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 4 << 20).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }
    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(who, Method::GET, path, None).await
    }
    pub async fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.ask(who, Method::POST, path, Some(body)).await
    }
    /// A customer writes.
    pub async fn says(&self, from: &str, external_id: &str, text: &str) -> Received {
        let inbound = Inbound {
            channel: self.channel,
            queue: Some(self.queue),
            identities: vec![Observed::new(IdentityKind::Whatsapp, from)],
            profile_name: Some(format!("Customer {}", &from[from.len() - 2..])),
            address: from.into(),
            external_id: external_id.into(),
            reply_to: None,
            kind: MessageKind::Text,
            content: text.into(),
            media: None,
            group: None,
            extra: None,
            metadata: None,
            raw: Some(format!(r#"{{"id":"{external_id}"}}"#)),
            at: self.clock.now(),
            window: None,
            is_echo: false,
        };
        let write = move |tx: &mut farol::platform::store::Tx<'_, '_>| conversations::receive_inbound(tx, inbound);
        self.store.write(self.tenant, Lane::People, Origin::system(), write).await.unwrap()
    }
}
