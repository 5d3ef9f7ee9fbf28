//! Scenarios over a tiny room of notes: the hub in process, and the same through real sockets.

use super::*;
use crate::{
    base::*,
    platform::{
        http::{Authenticator, HttpSettings, Kit, site},
        journal::{self, Audience, Event, NewEvent},
        store::{KeyRange, Lane, Read, Record, Store, TableId, TenantScope, View, Write, testing::founded},
    },
};
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

#[derive(Clone, Serialize, Deserialize)]
struct Note {
    id: Uuid,
    owner: Option<UserId>,
    text: String,
    rev: u64,
}
impl Record for Note {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0xF001);
    const NAME: &'static str = "note";
    fn key(&self) -> Uuid {
        self.id
    }
}
impl Note {
    fn audience(&self) -> Audience {
        Audience { assignee: self.owner, ..Audience::holders(READ) }
    }
    fn json(&self) -> Value {
        json!({"id": self.id, "owner": self.owner, "text": self.text, "rev": self.rev})
    }
}
const READ: Permission = Permission("note.read");

struct Notes;
impl Encoder for Notes {
    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("note.")
    }
    fn encode(&self, view: &View, event: &Event, _: Class) -> Result<Option<Encoded>> {
        let Some(note) = view.get::<Note>(&event.subject)? else { return Ok(None) };
        Ok(Some(Encoded { kind: event.kind.clone(), data: note.json(), audience: Some(note.audience()) }))
    }
}

/// People by token; what is in here counts now.
#[derive(Default)]
struct People(Mutex<BTreeMap<String, Actor>>);
impl People {
    fn add(&self, token: &str, number: u128, tenant: TenantId, reach: Reach) -> Actor {
        let actor = Actor {
            name: token.into(),
            session: SessionId(Uuid::from_u128(number + 1000)),
            ..testing::actor(tenant, UserId(Uuid::from_u128(number)), &[(READ.0, reach)])
        };
        self.0.lock().insert(token.to_owned(), actor.clone());
        actor
    }
}
impl Rights for People {
    fn again(&self, actor: &Actor) -> Result<Actor> {
        let people = self.0.lock();
        people.values().find(|known| known.session == actor.session).cloned().ok_or(Error::Unauthenticated("session_over"))
    }
    fn touches(&self, event: &Event) -> Touched {
        match event.kind.as_ref() {
            "session.revoked" => Touched::Session(event.subject.into()),
            "user.updated" => Touched::User(event.subject.into()),
            _ => Touched::Nobody,
        }
    }
}
impl Authenticator for People {
    fn authenticate(&self, parts: &axum::http::request::Parts, _: &Origin) -> Result<Actor> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
        token.and_then(|t| self.0.lock().get(t).cloned()).ok_or(Error::Unauthenticated("unauthenticated"))
    }
}

struct House {
    store: Store,
    hub: Hub,
    people: Arc<People>,
    tenants: Vec<TenantId>,
    address: String,
    chance: Arc<dyn chance::Chance>,
}

fn sight(view: &View, id: Uuid) -> Result<Option<Audience>> {
    Ok(view.get::<Note>(&id)?.map(|note| note.audience()))
}

impl House {
    async fn build(seed: u64) -> House {
        let env = Env { chance: Arc::new(chance::Seeded::new(seed)), ..Env::system() };
        let (store, tenants) = founded(&env, 2).await;
        let people = Arc::new(People::default());
        let hub = Hub::new(HubParts {
            store: store.clone(),
            env: env.clone(),
            build: "test".into(),
            encoders: vec![Box::new(Notes)],
            rights: people.clone(),
            sight: Some(sight),
            numbered: None,
        });
        tokio::spawn(hub.clone().run());
        let kit = Kit::builder(store.clone(), env.clone(), HttpSettings::default())
            .authenticator(people.clone())
            .provide(Arc::new(hub.clone()))
            .build();
        let site = site(&kit, routes());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let service = axum::ServiceExt::<axum::extract::Request>::into_make_service(site);
            axum::serve(listener, service).await.unwrap();
        });
        House { store, hub, people, tenants, address, chance: env.chance }
    }

    async fn save(&self, tenant: TenantId, id: Uuid, owner: Option<UserId>, text: String) -> u64 {
        let change = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
            let before = tx.get::<Note>(&id)?.map_or_else(Audience::nobody, |note| note.audience());
            let note = Note { id, owner, text, rev: tx.next_rev() };
            tx.put(&note)?;
            tx.emit(NewEvent { kind: "note.saved", subject: id, before, after: note.audience(), data: Value::Null })
        };
        self.store.write(tenant, Lane::Jobs, Origin::system(), change).await.unwrap()
    }
    async fn delete(&self, tenant: TenantId, id: Uuid) {
        let change = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
            let Some(note) = tx.get::<Note>(&id)? else { return Ok(0) };
            tx.delete::<Note>(&id)?;
            let (before, after) = (note.audience(), Audience::nobody());
            tx.emit(NewEvent { kind: "note.deleted", subject: id, before, after, data: Value::Null })
        };
        self.store.write(tenant, Lane::Jobs, Origin::system(), change).await.unwrap();
    }
    async fn announce(&self, kind: &'static str, subject: Uuid) {
        let event = NewEvent { kind, subject, before: Audience::nobody(), after: Audience::nobody(), data: Value::Null };
        self.store.write_platform(Lane::People, Origin::system(), move |tx| tx.emit(event)).await.unwrap();
    }
    /// What `actor` may see now, and the sequence it is at least as new as: the answer of a GET.
    fn seen(&self, actor: &Actor) -> (u64, BTreeMap<Uuid, u64>) {
        let seq = self.store.head();
        let notes: Result<Vec<Note>> = self
            .store
            .view(actor.tenant, |view| view.all::<Note>(KeyRange::all())?.map(|pair| pair.map(|(note, _)| note)).collect());
        let mine = notes.unwrap().into_iter().filter(|note| note.audience().admits(actor));
        (seq, mine.map(|note| (note.id, note.rev)).collect())
    }
    async fn connect(&self, token: &str, query: &str) -> Client {
        let url = format!("ws://{}/api/v1/events{query}", self.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        socket.send(Message::text(json!({"type": "auth", "token": token}).to_string())).await.unwrap();
        Client(socket)
    }
}

struct Client(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Client {
    /// The next frame; a close comes as `{"type":"close","code":…}`.
    async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("a frame within 20 s");
            match message {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return json!({"type": "close", "code": u16::from(frame.code), "reason": frame.reason.as_str()});
                }
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return json!({"type": "close", "code": 0}),
            }
        }
    }
    async fn silent_for(&mut self, millis: u64) -> bool {
        tokio::time::timeout(Duration::from_millis(millis), self.0.next()).await.is_err()
    }
    async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }
}

/// A client's cache, as the web app keeps it.
#[derive(Default)]
struct Cache {
    notes: BTreeMap<Uuid, u64>,
    after: u64,
    resyncs: usize,
    /// Sequences of the events it was told of.
    told: Vec<u64>,
}

impl Cache {
    fn take(&mut self, frame: &Value, house: &House, actor: &Actor) {
        let seq = frame["seq"].as_u64().unwrap_or(0);
        match frame["type"].as_str().unwrap() {
            "hello" => {}
            "seq" => self.after = self.after.max(seq),
            "resync" => {
                self.resyncs += 1;
                (self.after, self.notes) = house.seen(actor);
                self.after = self.after.max(seq);
            }
            kind @ ("gone" | "note.saved") => {
                assert!(self.told.last().is_none_or(|last| *last < seq), "frame {seq} came after {:?}", self.told.last());
                self.told.push(seq);
                self.after = self.after.max(seq);
                if kind == "gone" {
                    self.notes.remove(&frame["id"].as_str().unwrap().parse().unwrap());
                } else {
                    let id = frame["data"]["id"].as_str().unwrap().parse().unwrap();
                    let rev = frame["data"]["rev"].as_u64().unwrap();
                    let known = self.notes.entry(id).or_default();
                    *known = rev.max(*known);
                }
            }
            other => panic!("unexpected frame {other}"),
        }
    }
}

/// Two hundred random disconnections under a random load; what a client has folded equals what the server shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_disconnection_the_client_ends_where_the_server_is() {
    let house = Arc::new(House::build(20_261_122).await);
    let [a, _] = house.tenants[..] else { panic!() };
    let all = house.people.add("all", 1, a, Reach::Tenant);
    let own = house.people.add("own", 2, a, Reach::Own);
    let quiet = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn(write_at_random(house.clone(), own.user, quiet.clone()));
    let visits = [all, own].map(|actor| tokio::spawn(come_and_go(house.clone(), actor, 100)));
    let mut visitors = Vec::new();
    for visit in visits {
        visitors.push(visit.await.unwrap());
    }
    quiet.store(true, Relaxed);
    writing.await.unwrap();
    let mut told = 0;
    for (actor, began, mut cache) in visitors {
        let mut client = house.connect(&actor.name, &format!("?after={}", cache.after)).await;
        while let Ok(frame) = tokio::time::timeout(Duration::from_millis(500), client.next()).await {
            cache.take(&frame, &house, &actor);
        }
        assert_eq!(cache.notes, house.seen(&actor).1, "{} ends elsewhere than the server", actor.name);
        assert!(cache.told.len() > 500, "{} was told of only {} events", actor.name, cache.told.len());
        assert_eq!(cache.resyncs, 0);
        told += cache.told.len();
        if actor.name.as_ref() != "all" {
            continue;
        }
        // Who may see all of a tenant is told of every event, except where the note was deleted before its
        // saving could be shown; then its `gone` follows.
        let events = journal::read_tenant_after(&house.store, a, began, 1_000_000).unwrap();
        for (n, event) in events.iter().enumerate() {
            let later = || events[n + 1..].iter().any(|e| e.kind == "note.deleted" && e.subject == event.subject);
            assert!(cache.told.binary_search(&event.seq).is_ok() || later(), "event {} was never told", event.seq);
        }
    }
    println!("tally: sockets disconnected under load: rounds 200, acknowledged {told}, lost 0, doubled 0, violations 0");
}

async fn write_at_random(house: Arc<House>, owner: UserId, quiet: Arc<AtomicBool>) {
    while !quiet.load(Relaxed) {
        let id = Uuid::from_u128(0xA000 + u128::from(house.chance.below(40)));
        let tenant = house.tenants[usize::from(house.chance.below(5) == 0)];
        let text = format!("secret of {tenant}");
        match house.chance.below(12) {
            0 => house.delete(tenant, id).await,
            1..=5 => drop(house.save(tenant, id, Some(owner), text).await),
            _ => drop(house.save(tenant, id, None, text).await),
        }
        if house.chance.below(10) == 0 {
            tokio::time::sleep(Duration::from_millis(house.chance.below(6))).await;
        }
    }
}

/// Connects, reads a while, drops the connection; again and again. Gives back where it began and what it knows.
async fn come_and_go(house: Arc<House>, actor: Actor, times: usize) -> (Actor, u64, Cache) {
    let stranger = format!("secret of {}", house.tenants[1]);
    let mut cache = Cache::default();
    (cache.after, cache.notes) = house.seen(&actor);
    let began = cache.after;
    for _ in 0..times {
        let mut client = house.connect(&actor.name, &format!("?after={}", cache.after)).await;
        for _ in 0..house.chance.below(60) {
            let Ok(frame) = tokio::time::timeout(Duration::from_millis(50), client.next()).await else { break };
            assert!(!frame.to_string().contains(&stranger), "a stranger's note: {frame}");
            cache.take(&frame, &house, &actor);
        }
    }
    (actor, began, cache)
}

#[tokio::test]
async fn the_first_frame_says_where_one_is_and_resume_is_exact() {
    let house = House::build(1).await;
    let tenant = house.tenants[0];
    house.people.add("rui", 1, tenant, Reach::Tenant);
    let id = Uuid::from_u128(5);
    for n in 0..300 {
        house.save(tenant, id, None, n.to_string()).await;
    }
    let mut client = house.connect("rui", "?after=20").await;
    let hello = client.next().await;
    assert_eq!((&hello["type"], &hello["seq"], &hello["build"]), (&json!("hello"), &json!(20), &json!("test")));
    for seq in 21..=300 {
        assert_eq!(client.next().await["seq"], seq);
    }
    house.save(tenant, id, None, "live".into()).await;
    let live = client.next().await;
    assert_eq!((&live["seq"], &live["type"], &live["data"]["text"]), (&json!(301), &json!("note.saved"), &json!("live")));
    assert_eq!(live["tenant"], json!(tenant));

    // The same epoch goes on; another one starts anew.
    let epoch = hello["epoch"].as_str().unwrap().to_owned();
    let mut client = house.connect("rui", &format!("?after=301&epoch={epoch}")).await;
    assert_eq!(client.next().await["seq"], 301);
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.next().await["type"], "pong");
    for (query, reason) in [("?after=301&epoch=0123", "epoch"), ("?after=900", "epoch")] {
        let mut client = house.connect("rui", query).await;
        let frames = [client.next().await, client.next().await];
        assert_eq!(
            frames.map(|f| (f["type"].clone(), f["seq"].clone(), f["reason"].clone())),
            [(json!("hello"), json!(301), Value::Null), (json!("resync"), json!(301), json!(reason))]
        );
    }
}

#[tokio::test]
async fn too_long_a_gap_is_not_told_one_by_one() {
    let house = House::build(2).await;
    let tenant = house.tenants[0];
    house.people.add("rui", 1, tenant, Reach::Tenant);
    let id = Uuid::from_u128(5);
    let many = move |tx: &mut crate::platform::store::Tx<'_, '_>| {
        for _ in 0..100 {
            let note = Note { id, owner: None, text: String::new(), rev: tx.next_rev() };
            let (before, after) = (note.audience(), note.audience());
            tx.emit(NewEvent { kind: "note.saved", subject: id, before, after, data: Value::Null })?;
        }
        Ok(())
    };
    house.save(tenant, id, None, String::new()).await;
    for _ in 0..=REPLAY_EVENTS_MAX / 100 {
        house.store.write(tenant, Lane::Jobs, Origin::system(), many).await.unwrap();
    }
    let mut client = house.connect("rui", "?after=1").await;
    assert_eq!(client.next().await["type"], "hello");
    assert_eq!(client.next().await["reason"], "too_old");
    let mut client = house.connect("rui", &format!("?after={}", house.store.head() - 1_000)).await;
    for n in 0..=1_000 {
        assert_eq!(client.next().await["type"], if n == 0 { "hello" } else { "note.saved" });
    }
}

#[tokio::test]
async fn a_record_that_leaves_ones_sight_is_gone() {
    let house = House::build(3).await;
    let tenant = house.tenants[0];
    let own = house.people.add("own", 1, tenant, Reach::Own);
    let id = Uuid::from_u128(5);
    let mut client = house.connect("own", "").await;
    assert_eq!(client.next().await["type"], "hello");
    house.save(tenant, id, None, "not yours".into()).await;
    house.save(tenant, id, Some(own.user), "yours".into()).await;
    let frame = client.next().await;
    assert_eq!((&frame["type"], &frame["data"]["text"]), (&json!("note.saved"), &json!("yours")));
    house.save(tenant, id, None, "not yours again".into()).await;
    let frame = client.next().await;
    assert_eq!((&frame["type"], &frame["id"], &frame["of"]), (&json!("gone"), &json!(id), &json!("note")));
    // In a replay, too: and never the text of now for a change of then.
    let mut client = house.connect("own", "?after=0").await;
    let frames = [client.next().await, client.next().await, client.next().await];
    assert_eq!(frames.map(|f| f["type"].clone()), [json!("hello"), json!("gone"), json!("gone")]);
}

#[tokio::test]
async fn a_revoked_session_ends_at_once_and_changed_rights_start_anew() {
    let house = House::build(4).await;
    let tenant = house.tenants[0];
    let rui = house.people.add("rui", 1, tenant, Reach::Tenant);
    let ana = house.people.add("ana", 2, tenant, Reach::Own);
    let (mut first, mut second) = (house.connect("rui", "").await, house.connect("ana", "").await);
    assert_eq!((first.next().await["type"].clone(), second.next().await["type"].clone()), (json!("hello"), json!("hello")));

    house.people.0.lock().remove("rui");
    house.announce("session.revoked", rui.session.into()).await;
    house.save(tenant, Uuid::from_u128(5), None, "after the end".into()).await;
    let end = first.next().await;
    assert_eq!((&end["type"], &end["code"], &end["reason"]), (&json!("close"), &json!(4401), &json!("session_over")));

    house.people.add("ana", 2, tenant, Reach::Tenant);
    house.announce("user.updated", ana.user.into()).await;
    let resync = second.next().await;
    assert_eq!((&resync["type"], &resync["reason"]), (&json!("resync"), &json!("rights")));
    house.save(tenant, Uuid::from_u128(6), None, "now for all".into()).await;
    assert_eq!(second.next().await["data"]["text"], "now for all");
    // The change lies in the gap: the client's cache was filled under other rights.
    let mut late = house.connect("ana", "?after=0").await;
    assert_eq!(late.next().await["type"], "hello");
    let mut frame = late.next().await;
    while frame["type"] == "note.saved" {
        frame = late.next().await;
    }
    assert_eq!((&frame["type"], &frame["reason"]), (&json!("resync"), &json!("rights")));
    // A change that changes nothing of the rights is nobody's business.
    house.announce("user.updated", ana.user.into()).await;
    assert!(second.silent_for(200).await);
}

#[tokio::test]
async fn who_does_not_say_who_they_are_is_sent_away() {
    let house = House::build(5).await;
    house.people.add("rui", 1, house.tenants[0], Reach::Tenant);
    let mut client = house.connect("nobody", "").await;
    assert_eq!(client.next().await["code"], 4401);
    let url = format!("ws://{}/api/v1/events", house.address);
    let mut silent = Client(tokio_tungstenite::connect_async(&url).await.unwrap().0);
    silent.say(json!({"type": "typing", "conversationId": Uuid::nil()})).await;
    assert_eq!(silent.next().await["code"], 4401);
    // By query, by header, from a foreign page, and without an upgrade.
    let by_query = tokio_tungstenite::connect_async(format!("{url}?token=rui")).await.unwrap();
    assert_eq!(Client(by_query.0).next().await["type"], "hello");
    assert!(tokio_tungstenite::connect_async(format!("{url}?token=nobody")).await.is_err());
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let with = |name: &'static str, value: &str| {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let by_header = tokio_tungstenite::connect_async(with("authorization", "Bearer rui")).await.unwrap();
    assert_eq!(Client(by_header.0).next().await["type"], "hello");
    assert!(tokio_tungstenite::connect_async(with("origin", "https://evil.example.com")).await.is_err());
    assert!(tokio_tungstenite::connect_async(with("origin", &format!("http://{}", house.address))).await.is_ok());
}

#[tokio::test]
async fn silence_instead_of_a_name_ends_after_five_seconds() {
    let house = House::build(6).await;
    let url = format!("ws://{}/api/v1/events", house.address);
    let mut silent = Client(tokio_tungstenite::connect_async(&url).await.unwrap().0);
    assert_eq!(silent.next().await["code"], 4401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_costs_its_bound_and_nobody_elses_time() {
    let house = House::build(7).await;
    let tenant = house.tenants[0];
    let rui = house.people.add("rui", 1, tenant, Reach::Tenant);
    let mut stalled = house.connect("rui", "").await;
    let mut healthy = house.connect("rui", "").await;
    assert_eq!((stalled.next().await["type"].clone(), healthy.next().await["type"].clone()), (json!("hello"), json!("hello")));
    let text = "x".repeat(16 << 10);
    let ids: Vec<Uuid> = (0..20).map(|n| Uuid::from_u128(n + 5)).collect();
    // Far more than the kernel's buffers and the queue hold together.
    for n in 0..1_500usize {
        let seq = house.save(tenant, ids[n % 20], None, text.clone()).await;
        assert_eq!(healthy.next().await["seq"], seq);
    }
    // The stalled one wakes up: it is told to fetch anew, once, and goes on without a hole.
    let mut cache = Cache::default();
    let mut last = 0;
    while last < house.store.head() {
        let frame = stalled.next().await;
        last = frame["seq"].as_u64().unwrap();
        cache.take(&frame, &house, &rui);
    }
    assert!(cache.resyncs >= 1, "told {} frames and never to fetch anew", cache.told.len());
    assert_eq!(cache.notes, house.seen(&rui).1);
    let seq = house.save(tenant, ids[0], None, "on".into()).await;
    assert_eq!(stalled.next().await["seq"], seq);
}

#[tokio::test]
async fn passing_states_reach_those_who_may_see_the_record_and_nobody_else() {
    let house = House::build(8).await;
    let [a, b] = house.tenants[..] else { panic!() };
    for (token, number, tenant) in [("rui", 1, a), ("ana", 2, a), ("stranger", 3, b)] {
        house.people.add(token, number, tenant, Reach::Tenant);
    }
    let own = house.people.add("own", 4, a, Reach::Own);
    let id = Uuid::from_u128(5);
    house.save(a, id, None, String::new()).await;
    let mut clients = Vec::new();
    for token in ["rui", "ana", "stranger", "own"] {
        let mut client = house.connect(token, "").await;
        assert_eq!(client.next().await["type"], "hello");
        clients.push(client);
    }
    let [rui, ana, stranger, blind] = &mut clients[..] else { panic!() };
    rui.say(json!({"type": "viewing", "conversationId": id, "on": true})).await;
    let frame = ana.next().await;
    assert_eq!((&frame["type"], &frame["data"]["name"], &frame["seq"]), (&json!("viewing"), &json!("rui"), &Value::Null));
    // Who comes later learns who is there already.
    ana.say(json!({"type": "viewing", "conversationId": id})).await;
    assert_eq!(ana.next().await["data"]["name"], "rui");
    assert_eq!(rui.next().await["data"]["name"], "ana");
    stranger.say(json!({"type": "typing", "conversationId": id})).await;
    blind.say(json!({"type": "typing", "conversationId": id})).await;
    assert!(ana.silent_for(150).await && stranger.silent_for(10).await && blind.silent_for(10).await);
    assert!(house.hub.is_connected(a, own.user));
    rui.0.close(None).await.unwrap();
    let frame = ana.next().await;
    assert_eq!((&frame["data"]["name"], &frame["data"]["on"]), (&json!("rui"), &json!(false)));
}

#[tokio::test]
async fn sockets_are_counted_and_a_stop_says_come_back() {
    let house = House::build(9).await;
    house.people.add("rui", 1, house.tenants[0], Reach::Tenant);
    let mut clients = Vec::new();
    for _ in 0..SOCKETS_PER_USER_MAX {
        let mut client = house.connect("rui", "").await;
        assert_eq!(client.next().await["type"], "hello");
        clients.push(client);
    }
    assert_eq!(house.connect("rui", "").await.next().await["code"], 4429);
    drop(clients.pop());
    while house.hub.sockets() == SOCKETS_PER_USER_MAX {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(house.connect("rui", "").await.next().await["type"], "hello");
    house.hub.stop();
    for mut client in clients {
        assert_eq!(client.next().await["code"], 1012);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_fetch_anew_where_the_journal_was_trimmed_past_the_hub() {
    let house = House::build(1).await;
    let actor = house.people.add("all", 1, house.tenants[0], Reach::Tenant);
    // One that nobody runs: it is as late as a hub can be.
    let hub = Hub::new(HubParts {
        store: house.store.clone(),
        env: Env::system(),
        build: "test".into(),
        encoders: vec![Box::new(Notes)],
        rights: house.people.clone(),
        sight: None,
        numbered: None,
    });
    let seat = hub.register(actor, None).unwrap();
    for n in 0..3 {
        house.save(house.tenants[0], Uuid::from_u128(n), None, "x".into()).await;
    }
    let trim = |tx: &mut crate::platform::store::PlatformTx<'_, '_>| journal::trim(tx, Timestamp::FAR_FUTURE, u64::MAX, 400);
    house.store.write_platform(Lane::Jobs, Origin::system(), trim).await.unwrap();
    hub.turn().unwrap();
    let told: Vec<String> = seat.slot.queue.take().texts.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].contains("too_old"), "{told:?}");
    assert_eq!(hub.position(), house.store.head());
    // Rights that changed between token and seat wake the socket at once.
    let changed = house.people.add("all", 1, house.tenants[0], Reach::Own);
    let late = Actor { grants: Arc::new(Grants::from_pairs([("note.read".into(), Reach::Tenant)])), ..changed };
    let seat = hub.register(late, None).unwrap();
    tokio::time::timeout(Duration::from_secs(1), seat.slot.queue.woken()).await.expect("it is woken");
}
