//! A WAHA server that is not devlikeapro's: sessions with codes to scan, the calls that send, webhooks signed as the
//! real one signs them, and receipts.

use super::{
    waha_acts::{self, ActTrouble, Acted},
    waha_content, waha_files,
};
use crate::{
    base::{Env, Timestamp},
    channels::waha::{
        session::EVENTS,
        signature::{ALGORITHM, ALGORITHM_HEADER, HEADER, HmacKey},
    },
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::mpsc};

/// Largest request: a hundred megabytes as Base64.
const BODY_BYTES_MAX: usize = 140 << 20;
/// Tries of a webhook that finds nobody.
const TRIES: u32 = 8;

/// What goes wrong with the next send, on purpose.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// Takes the message, then cuts the line before the answer.
    LoseAnswer,
    /// Takes nothing, and says that something failed.
    Fail,
}

/// A message the firm sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Over which session.
    pub session: String,
    /// To which chat.
    pub chat: String,
    /// WhatsApp's id of it.
    pub id: String,
    /// Its words: a text, a caption, a question.
    pub text: String,
    /// By which verb.
    pub verb: String,
    /// The request as it came.
    pub body: Value,
}

#[derive(Default)]
pub(super) struct Session {
    state: String,
    me: Option<(String, String)>,
    config: Value,
    pub(super) chats: HashMap<String, Vec<Value>>,
}

pub(super) struct Inner {
    pub(super) env: Env,
    http: reqwest::Client,
    api_key: String,
    address: SocketAddr,
    pub(super) sessions: Mutex<HashMap<String, Session>>,
    troubles: Mutex<VecDeque<Trouble>>,
    sent: Mutex<Vec<Sent>>,
    called: Mutex<Vec<String>>,
    deaf: Mutex<bool>,
    /// Who plays the customers: then they read when they say so.
    arrivals: Mutex<Option<mpsc::UnboundedSender<Sent>>>,
    /// Files customers sent, by name.
    pub(super) files: Mutex<HashMap<String, (Bytes, String)>>,
    /// Those it no longer has, and would fetch from WhatsApp anew.
    pub(super) forgotten: Mutex<HashMap<String, (Bytes, String)>>,
    /// Numbers behind hidden ids.
    pub(super) lids: Mutex<HashMap<String, String>>,
    /// What stands before a file's path in events; `None`: this server's own address.
    file_host: Mutex<Option<String>>,
    pub(super) acted: Mutex<Vec<Acted>>,
    pub(super) act_troubles: Mutex<VecDeque<ActTrouble>>,
    /// Chats that can't be listed.
    garbled: Mutex<Vec<String>>,
}

/// A running fake. Clones share it; it serves until the process ends or [`Waha::stop`].
#[derive(Clone)]
pub struct Waha {
    inner: Arc<Inner>,
    server: Arc<tokio::task::JoinHandle<()>>,
}

impl Waha {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(env: Env, api_key: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        crate::platform::outbound::install_tls_provider();
        let inner = Arc::new(Inner {
            env,
            http: reqwest::Client::new(),
            api_key: api_key.to_owned(),
            address,
            sessions: Mutex::default(),
            troubles: Mutex::default(),
            sent: Mutex::default(),
            called: Mutex::default(),
            deaf: Mutex::default(),
            arrivals: Mutex::default(),
            files: Mutex::default(),
            forgotten: Mutex::default(),
            lids: Mutex::default(),
            file_host: Mutex::default(),
            acted: Mutex::default(),
            act_troubles: Mutex::default(),
            garbled: Mutex::default(),
        });
        let router = Router::new()
            .route("/api/sessions", post(create))
            .route("/api/sessions/{session}", get(session).put(configure))
            .route("/api/sessions/{session}/{act}", post(act))
            .route("/api/{session}/auth/qr", get(qr))
            .route("/api/{session}/chats/overview", get(overview))
            .route("/api/{session}/chats/{chat}/messages", get(messages))
            .route("/api/files/{session}/{name}", get(waha_files::download))
            .route("/api/{session}/chats/{chat}/messages/{id}", get(waha_files::message))
            .route("/api/{session}/lids/{lid}", get(waha_files::lid))
            .route("/api/contacts/check-exists", get(check_exists))
            .route("/api/reaction", put(waha_acts::reaction))
            .route("/api/{session}/chats/{chat}/messages/{id}", put(waha_acts::edit).delete(waha_acts::delete))
            .route("/api/{session}/presence/{chat}/subscribe", post(waha_acts::subscribe))
            .route("/api/{verb}", post(verb))
            .route("/api/{session}/{verb}", post(verb_in_path))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(inner.clone());
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the made-up WAHA server stopped");
            }
        });
        Ok(Self { inner, server: Arc::new(server) })
    }
    /// What a channel's `baseUrl` must be.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.inner.address)
    }
    /// Somebody scans the code: the session is paired with this number.
    pub fn scan(&self, session: &str, number: &str, name: &str) {
        if let Some(session) = self.inner.sessions.lock().get_mut(session) {
            session.me = Some((number.to_owned(), name.to_owned()));
        }
        self.inner.turn(session, "WORKING");
    }
    /// The session is lost: `STOPPED`, `FAILED`, `SCAN_QR_CODE`.
    pub fn lose(&self, session: &str, state: &str) {
        self.inner.turn(session, state);
    }
    /// Somebody takes every webhook of the session away.
    pub fn unhook(&self, session: &str) {
        if let Some(session) = self.inner.sessions.lock().get_mut(session) {
            session.config = json!({});
        }
    }
    /// Webhooks reach nobody any more, or again.
    pub fn deafen(&self, deaf: bool) {
        *self.inner.deaf.lock() = deaf;
    }
    /// What was said in this chat can't be listed any more.
    pub fn garble(&self, chat: &str) {
        self.inner.garbled.lock().push(chat.to_owned());
    }
    /// The next send meets this.
    pub fn trouble(&self, trouble: Trouble) {
        self.inner.troubles.lock().push_back(trouble);
    }
    /// All messages taken so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.inner.sent.lock().clone()
    }
    /// All that was done to messages so far, in order.
    pub fn acted(&self) -> Vec<Acted> {
        self.inner.acted.lock().clone()
    }
    /// The next act upon a message meets this.
    pub fn act_trouble(&self, trouble: ActTrouble) {
        self.inner.act_troubles.lock().push_back(trouble);
    }
    /// All verbs called so far, in order.
    pub fn called(&self) -> Vec<String> {
        self.inner.called.lock().clone()
    }
    /// A customer writes; gives WhatsApp's id of the message.
    pub fn writes(&self, session: &str, number: &str, name: &str, text: &str) -> String {
        let (id, chat) = (self.inner.id(), format!("{number}@c.us"));
        let payload = json!({"id": format!("false_{chat}_{id}"), "timestamp": self.inner.env.now().as_millis() / 1000,
            "from": chat, "fromMe": false, "source": "app", "to": "me", "body": text, "hasMedia": false, "media": null,
            "ack": 1, "ackName": "SERVER", "_data": {"notifyName": name}});
        self.inner.keep(session, &chat, payload.clone());
        // Both events tell of it, as with the real one.
        self.inner.tell(session, "message", payload.clone());
        self.inner.tell(session, "message.any", payload);
        id
    }
    /// Somebody who hides the number writes; gives WhatsApp's id of the message.
    pub fn hidden_writes(&self, session: &str, lid: &str, name: &str, text: &str) -> String {
        let (id, chat) = (self.inner.id(), format!("{lid}@lid"));
        let payload = json!({"id": format!("false_{chat}_{id}"), "timestamp": self.inner.env.now().as_millis() / 1000,
            "from": chat, "fromMe": false, "source": "app", "to": "me", "body": text, "hasMedia": false, "media": null,
            "ack": 1, "_data": {"notifyName": name}});
        self.inner.keep(session, &chat, payload.clone());
        self.inner.tell(session, "message", payload);
        id
    }
    /// A customer sends anything: `content` brings `body` and what else it is made of. Gives WhatsApp's id of it.
    pub fn says(&self, session: &str, number: &str, name: &str, content: Value) -> String {
        let (id, chat) = (self.inner.id(), format!("{number}@c.us"));
        let mut payload = json!({"id": format!("false_{chat}_{id}"), "timestamp": self.inner.env.now().as_millis() / 1000,
            "from": chat, "fromMe": false, "source": "app", "to": "me", "body": "", "hasMedia": false, "media": null,
            "ack": 1, "ackName": "SERVER", "_data": {"notifyName": name}});
        merge(&mut payload, content);
        self.inner.keep(session, &chat, payload.clone());
        self.inner.tell(session, "message", payload.clone());
        self.inner.tell(session, "message.any", payload);
        id
    }
    /// A customer sends a file; `said` is WhatsApp's word for what it is (`ptt`, `image`).
    pub fn sends(&self, session: &str, (number, name): (&str, &str), said: &str, file: (&str, Bytes), caption: &str) -> String {
        let (mime, bytes) = file;
        let name_there = format!("{}.{}", self.inner.id(), mime.split(['/', ';']).nth(1).unwrap_or("bin"));
        self.inner.files.lock().insert(name_there.clone(), (bytes, mime.to_owned()));
        let host = self.inner.file_host.lock().clone().unwrap_or_else(|| self.base_url());
        let media = json!({"url": format!("{host}/api/files/{session}/{name_there}"), "mimetype": mime, "filename": null});
        let content = json!({"body": caption, "hasMedia": true, "media": media, "_data": {"type": said}});
        self.says(session, number, name, content)
    }
    /// Events name files under this address instead of the server's own: as a server does that knows itself by another.
    pub fn files_at(&self, host: &str) {
        *self.inner.file_host.lock() = Some(host.to_owned());
    }
    /// The server forgets its files: they live three minutes.
    pub fn forget_files(&self) {
        let gone: Vec<_> = self.inner.files.lock().drain().collect();
        self.inner.forgotten.lock().extend(gone);
    }
    /// WhatsApp tells the number behind a hidden id.
    pub fn knows_lid(&self, lid: &str, number: &str) {
        self.inner.lids.lock().insert(lid.to_owned(), number.to_owned());
    }
    /// An id as WhatsApp makes them.
    pub fn new_id(&self) -> String {
        self.inner.id()
    }
    /// An event of a session as it stands.
    pub fn event(&self, session: &str, event: &str, payload: Value) {
        self.inner.tell(session, event, payload);
    }
    /// Everything the firm sends from now on, in order; from now on it is read when [`Waha::reads`] says so.
    pub fn arrivals(&self) -> mpsc::UnboundedReceiver<Sent> {
        let (tell, told) = mpsc::unbounded_channel();
        *self.inner.arrivals.lock() = Some(tell);
        told
    }
    /// The customer opens the chat and sees this message.
    pub fn reads(&self, sent: &Sent) {
        self.inner.tell(&sent.session, "message.ack", ack(&sent.chat, &sent.id, 3, "READ"));
    }
    /// The firm's owner writes on the phone itself.
    pub fn owner_writes(&self, session: &str, number: &str, text: &str) -> String {
        let (id, chat) = (self.inner.id(), format!("{number}@c.us"));
        let payload = self.inner.own(&chat, &id, text, "app");
        self.inner.keep(session, &chat, payload.clone());
        self.inner.tell(session, "message.any", payload);
        id
    }
    /// No more answers.
    pub fn stop(&self) {
        self.server.abort();
    }
}

impl Inner {
    pub(super) fn id(&self) -> String {
        format!("3EB0{:016X}", self.env.chance.below(u64::MAX))
    }
    fn own(&self, chat: &str, id: &str, text: &str, source: &str) -> Value {
        json!({"id": format!("true_{chat}_{id}"), "timestamp": self.env.now().as_millis() / 1000, "from": "me", "to": chat,
            "fromMe": true, "source": source, "body": text, "hasMedia": false, "media": null, "ack": 1, "ackName": "SERVER"})
    }
    fn keep(&self, session: &str, chat: &str, message: Value) {
        if let Some(session) = self.sessions.lock().get_mut(session) {
            session.chats.entry(chat.to_owned()).or_default().push(message);
        }
    }
    /// The session does so from now on.
    fn turn(&self, session: &str, state: &str) {
        if let Some(session) = self.sessions.lock().get_mut(session) {
            state.clone_into(&mut session.state);
        }
        self.tell(session, "session.status", json!({"name": session, "status": state}));
    }
    /// Posts an event to every webhook of the session, signed, until it is taken.
    pub(super) fn tell(&self, name: &str, event: &str, payload: Value) {
        if *self.deaf.lock() || !EVENTS.contains(&event) {
            return;
        }
        let sessions = self.sessions.lock();
        let Some(session) = sessions.get(name) else { return };
        let me = session.me.as_ref().map(|(number, name)| json!({"id": format!("{number}@c.us"), "pushName": name}));
        let body = json!({"id": format!("evt_{}", self.id()), "timestamp": self.env.now().as_millis(), "event": event,
            "session": name, "me": me, "payload": payload, "engine": "NOWEB", "environment": {"version": "2026.7.1"}});
        let body = body.to_string();
        for hook in session.config["webhooks"].as_array().into_iter().flatten() {
            let (Some(url), Some(key)) = (hook["url"].as_str(), hook["hmac"]["key"].as_str()) else { continue };
            let (url, http, env, body) = (url.to_owned(), self.http.clone(), self.env.clone(), body.clone());
            let signature = HmacKey::new(key).sign(body.as_bytes());
            tokio::spawn(async move {
                for attempt in 0..TRIES {
                    let call = http.post(&url).header("content-type", "application/json").header(HEADER, &signature);
                    let call = call.header(ALGORITHM_HEADER, ALGORITHM).body(body.clone());
                    if call.send().await.is_ok_and(|answer| answer.status().is_success()) {
                        return;
                    }
                    env.clock.sleep_until(env.now().plus(Duration::from_millis(200 << attempt))).await;
                }
            });
        }
    }
    pub(super) fn shown(&self, name: &str) -> Option<Value> {
        let sessions = self.sessions.lock();
        let session = sessions.get(name)?;
        let me = session.me.as_ref().map(|(number, name)| json!({"id": format!("{number}@c.us"), "pushName": name}));
        Some(json!({"name": name, "status": session.state, "config": session.config, "me": me, "engine": {"engine": "NOWEB"}}))
    }
}

pub(super) fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

pub(super) fn refused(waha: &Inner, headers: &HeaderMap) -> Option<Response> {
    let given = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    (given != Some(&waha.api_key)).then(|| answer(401, &json!({"message": "Unauthorized", "statusCode": 401})))
}

pub(super) fn unknown() -> Response {
    answer(404, &json!({"message": "Session not found", "error": "Not Found", "statusCode": 404}))
}

async fn create(State(waha): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let name = body["name"].as_str().unwrap_or("default").to_owned();
    let session = Session { state: "STOPPED".to_owned(), config: body["config"].clone(), ..Session::default() };
    waha.sessions.lock().insert(name.clone(), session);
    answer(201, &waha.shown(&name).unwrap_or_default())
}

async fn session(State(waha): State<Arc<Inner>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    waha.shown(&name).map_or_else(unknown, |shown| answer(200, &shown))
}

async fn configure(State(waha): State<Arc<Inner>>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(session) = waha.sessions.lock().get_mut(&name) {
        session.config = body["config"].clone();
    }
    waha.shown(&name).map_or_else(unknown, |shown| answer(200, &shown))
}

async fn act(State(waha): State<Arc<Inner>>, Path((name, act)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let paired = {
        let mut sessions = waha.sessions.lock();
        let Some(session) = sessions.get_mut(&name) else { return unknown() };
        if act == "logout" {
            session.me = None;
        }
        session.me.is_some()
    };
    let state = match (act.as_str(), paired) {
        ("stop", _) => "STOPPED",
        (_, true) => "WORKING",
        (_, false) => "SCAN_QR_CODE",
    };
    waha.turn(&name, state);
    answer(201, &waha.shown(&name).unwrap_or_default())
}

async fn qr(State(waha): State<Arc<Inner>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    match waha.sessions.lock().get(&name) {
        Some(session) if session.state == "SCAN_QR_CODE" => answer(200, &json!({"value": format!("2@code-of-{name}")})),
        Some(_) => answer(422, &json!({"error": "Session status is not as expected", "expected": ["SCAN_QR_CODE"]})),
        None => unknown(),
    }
}

async fn overview(State(waha): State<Arc<Inner>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let sessions = waha.sessions.lock();
    let Some(session) = sessions.get(&name) else { return unknown() };
    let chats: Vec<Value> = session.chats.iter().map(|(id, all)| json!({"id": id, "lastMessage": all.last().cloned()})).collect();
    answer(200, &Value::Array(chats))
}

async fn messages(
    State(waha): State<Arc<Inner>>,
    Path((name, chat)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    if waha.garbled.lock().contains(&chat) {
        return answer(500, &json!({"statusCode": 500, "message": "Cannot read properties of undefined"}));
    }
    let sessions = waha.sessions.lock();
    let Some(session) = sessions.get(&name) else { return unknown() };
    let since: i64 = asked.get("filter.timestamp.gte").and_then(|n| n.parse().ok()).unwrap_or(0);
    let own_only = asked.get("filter.fromMe").is_some_and(|word| word == "true");
    let fits = |m: &&Value| m["timestamp"].as_i64().unwrap_or(0) >= since && (!own_only || m["fromMe"] == true);
    let found: Vec<Value> = session.chats.get(&chat).into_iter().flatten().filter(fits).cloned().collect();
    answer(200, &Value::Array(found))
}

async fn check_exists(
    State(waha): State<Arc<Inner>>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let phone = asked.get("phone").cloned().unwrap_or_default();
    answer(200, &json!({"numberExists": true, "chatId": format!("{phone}@c.us")}))
}

async fn verb_in_path(
    state: State<Arc<Inner>>,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    verb(state, Path(name), headers, body).await
}

async fn verb(State(waha): State<Arc<Inner>>, Path(verb): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(no) = refused(&waha, &headers) {
        return no;
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    waha.called.lock().push(verb.clone());
    let name = body["session"].as_str().unwrap_or("default").to_owned();
    let state = match waha.sessions.lock().get(&name) {
        Some(session) => session.state.clone(),
        None => return unknown(),
    };
    if state != "WORKING" {
        return answer(
            422,
            &json!({"error": "Session status is not as expected. Try again later or restart the session",
                "session": name, "status": state, "expected": ["WORKING"]}),
        );
    }
    let Some(taken) = waha_content::taken(&verb, &body) else { return answer(201, &json!({"result": true})) };
    let (text, shows, chat) = match (taken, body["chatId"].as_str()) {
        (Ok((text, shows)), Some(chat)) => (text, shows, chat),
        (Err(lacks), _) => return answer(400, &json!({"message": [lacks], "statusCode": 400})),
        (Ok(_), None) => return answer(400, &json!({"message": ["chatId is required"], "statusCode": 400})),
    };
    let trouble = waha.troubles.lock().pop_front();
    if matches!(trouble, Some(Trouble::Fail)) {
        return answer(500, &json!({"statusCode": 500, "exception": {"message": "failed on purpose"}}));
    }
    let id = waha.id();
    let mut message = waha.own(chat, &id, &text, "api");
    if let (Some(message), Value::Object(shows)) = (message.as_object_mut(), shows) {
        message.extend(shows);
    }
    let sent = Sent { session: name.clone(), chat: chat.to_owned(), id: id.clone(), text, verb, body: body.clone() };
    waha.sent.lock().push(sent);
    waha.keep(&name, chat, message.clone());
    waha.tell(&name, "message.any", message.clone());
    let tell = waha.arrivals.lock().clone();
    if let (Some(tell), Some(sent)) = (tell, waha.sent.lock().last().cloned()) {
        // Nobody plays the customers in some tests.
        let _ = tell.send(sent);
    }
    tokio::spawn(receipts(waha.clone(), name, chat.to_owned(), id, waha.env.now()));
    if matches!(trouble, Some(Trouble::LoseAnswer)) {
        let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut on purpose"))]);
        return axum::body::Body::from_stream(cut).into_response();
    }
    answer(201, &message)
}

/// The message is delivered, then read.
async fn receipts(waha: Arc<Inner>, session: String, chat: String, id: String, sent_at: Timestamp) {
    for (level, word, after) in [(2, "DEVICE", 60), (3, "READ", 150)] {
        waha.env.clock.sleep_until(sent_at.plus(Duration::from_millis(after))).await;
        if level == 3 && waha.arrivals.lock().is_some() {
            return;
        }
        waha.tell(&session, "message.ack", ack(&chat, &id, level, word));
    }
}

fn ack(chat: &str, id: &str, level: u8, word: &str) -> Value {
    json!({"id": format!("true_{chat}_{id}"), "from": chat, "to": chat, "fromMe": true, "ack": level, "ackName": word})
}

/// `content` over `payload`, one level deep.
pub(super) fn merge(payload: &mut Value, content: Value) {
    let (Some(into), Value::Object(from)) = (payload.as_object_mut(), content) else { return };
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => inner.extend(more),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}
