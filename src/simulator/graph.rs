//! A Graph API that is not Meta's: takes messages, checks them as the real one does, reports their
//! progress by webhooks, and tells the made-up customers what the firm wrote.

use super::{
    graph_account::{self, APP_ID, Apps},
    graph_content,
    graph_media::{self, Kept, MediaTrouble},
    graph_templates,
    post::{Postman, Roughness, Subscription},
    wire::{self, Line, Person},
};
use crate::{
    base::{Env, Timestamp},
    channels::AppSecret,
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::Engine;
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::mpsc};

/// Free text is taken for this long after the customer's last word.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Texts one number may send in a second.
const NUMBER_RATE_MAX: usize = 80;
/// Texts one pair may exchange in a burst …
const PAIR_BURST_MAX: usize = 45;
/// … within this time.
const PAIR_SPAN: Duration = Duration::from_secs(6);
/// Largest file handed over, its form included.
const MEDIA_BYTES_MAX: usize = 102 << 20;
/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 4096;

/// One WhatsApp number of a firm.
#[derive(Debug, Clone)]
pub struct Number {
    /// How webhooks name it.
    pub line: Line,
    /// The firm's name at WhatsApp.
    pub verified_name: String,
    /// Bearer token that may send.
    pub token: String,
    /// Secret that signs webhooks.
    pub app_secret: String,
    /// Where webhooks go.
    pub webhook: String,
}

/// What goes wrong with the next send, on purpose.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Answers this HTTP status with this error code and takes nothing.
    Refuse(u16, i64),
    /// Takes the message, then cuts the line before the answer.
    LoseAnswer,
    /// Answers nothing for this long, and takes nothing.
    Stall(Duration),
    /// Takes the message and answers without an id.
    ForgetId,
    /// Takes the message, then reports that it failed with this code.
    FailLater(i64),
}

/// What the firm sent, as its customer sees it.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// On which number.
    pub phone_number_id: String,
    /// To whom: number or scoped id.
    pub to: String,
    /// WhatsApp's id.
    pub id: String,
    /// The words of it: a text, a caption, what stands above buttons.
    pub body: String,
}

pub(super) struct Served {
    pub(super) number: Number,
    pub(super) postman: Postman,
    /// Last word of each customer.
    heard: HashMap<String, Timestamp>,
    /// Those who wrote, by what identifies them.
    people: HashMap<String, Person>,
    recent: VecDeque<Timestamp>,
    pairs: HashMap<String, VecDeque<Timestamp>>,
}

pub(super) struct Inner {
    pub(super) env: Env,
    pub(super) http: reqwest::Client,
    pub(super) apps: Mutex<Apps>,
    roughness: Roughness,
    /// Divides every waiting time.
    speed: f64,
    pub(super) served: Mutex<HashMap<String, Served>>,
    pub(super) media: Mutex<HashMap<String, Kept>>,
    pub(super) media_troubles: Mutex<VecDeque<MediaTrouble>>,
    /// Templates of each business account, as the API lists them.
    pub(super) templates: Mutex<HashMap<String, Vec<Value>>>,
    unreachable: Mutex<HashSet<String>>,
    troubles: Mutex<VecDeque<Trouble>>,
    taken: Mutex<Vec<(Arrived, Value)>>,
    told: Mutex<Vec<Value>>,
    arrivals: Mutex<Option<mpsc::UnboundedSender<Arrived>>>,
    pub(super) address: SocketAddr,
}

/// A running fake. Clones share it; it serves until the process ends or [`Graph::stop`].
#[derive(Clone)]
pub struct Graph {
    pub(super) inner: Arc<Inner>,
    server: Arc<tokio::task::JoinHandle<()>>,
}

impl Graph {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(env: Env, roughness: Roughness, speed: f64) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        // Plain HTTP on this machine needs no certificates, but the client asks for a provider all the same.
        crate::platform::outbound::install_tls_provider();
        let http = reqwest::Client::new();
        let inner = Arc::new(Inner {
            env,
            http,
            apps: Mutex::default(),
            roughness,
            speed: speed.max(0.01),
            served: Mutex::default(),
            media: Mutex::default(),
            media_troubles: Mutex::default(),
            templates: Mutex::default(),
            unreachable: Mutex::default(),
            troubles: Mutex::default(),
            taken: Mutex::default(),
            told: Mutex::default(),
            arrivals: Mutex::default(),
            address,
        });
        let router = Router::new()
            .route("/{version}/{id}/messages", post(send))
            .route("/{version}/{id}/media", post(graph_media::upload).layer(DefaultBodyLimit::max(MEDIA_BYTES_MAX)))
            .route("/media-files/{id}/{token}", get(graph_media::download))
            .route("/{version}/{id}/phone_numbers", get(phone_numbers))
            .route("/{version}/app/uploads", post(graph_templates::begin_upload))
            .route(
                "/{version}/{id}/message_templates",
                get(graph_templates::list).post(graph_templates::create).delete(graph_templates::remove),
            )
            .route("/{version}/{id}", get(node).post(graph_templates::change).layer(DefaultBodyLimit::max(MEDIA_BYTES_MAX)))
            .route("/{version}/app", get(graph_account::app))
            .route("/{version}/{id}/subscribed_apps", get(graph_account::subscribed).post(graph_account::subscribe))
            .route("/{version}/{id}/subscriptions", get(graph_account::subscriptions).post(graph_account::set_subscription))
            .with_state(inner.clone());
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the made-up Graph API stopped");
            }
        });
        Ok(Self { inner, server: Arc::new(server) })
    }
    /// What a channel's `baseUrl` must be.
    pub fn base_url(&self) -> String {
        format!("http://{}/v21.0", self.inner.address)
    }
    /// Connects a number; from now on it sends and its webhooks arrive.
    pub fn connect(&self, number: Number) {
        let to = Subscription {
            url: number.webhook.clone(),
            secret: AppSecret::new(&number.app_secret),
            business_account_id: number.line.business_account_id.clone(),
        };
        let postman = Postman::start(to, self.inner.roughness, self.inner.env.clone(), self.inner.http.clone());
        let served = Served {
            postman,
            heard: HashMap::new(),
            people: HashMap::new(),
            recent: VecDeque::new(),
            pairs: HashMap::new(),
            number: number.clone(),
        };
        self.inner.served.lock().insert(number.line.phone_number_id, served);
    }
    /// Somebody has set the app up in the dashboard: it is subscribed, and its events go to `url`.
    pub fn subscribed(&self, business_account_id: &str, url: &str, fields: &[&str]) {
        let mut apps = self.inner.apps.lock();
        apps.accounts.insert(business_account_id.to_owned());
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        apps.objects.insert("whatsapp_business_account".to_owned(), (url.to_owned(), fields));
    }
    /// The id of the app whose tokens these are.
    pub fn app_id(&self) -> &'static str {
        APP_ID
    }
    /// These customers have written before, and last then: free text to them is taken for a day from that.
    pub fn heard(&self, phone_number_id: &str, last: impl IntoIterator<Item = (String, Timestamp)>) {
        if let Some(served) = self.inner.served.lock().get_mut(phone_number_id) {
            served.heard.extend(last);
        }
    }
    /// Everything the firm sends from now on, in order of arrival.
    pub fn arrivals(&self) -> mpsc::UnboundedReceiver<Arrived> {
        let (tell, told) = mpsc::unbounded_channel();
        *self.inner.arrivals.lock() = Some(tell);
        told
    }
    /// The next send meets this.
    pub fn trouble(&self, trouble: Trouble) {
        self.inner.troubles.lock().push_back(trouble);
    }
    /// Nobody uses WhatsApp at this number.
    pub fn nobody_at(&self, wa_id: &str) {
        self.inner.unreachable.lock().insert(wa_id.to_owned());
    }
    /// All messages taken so far, with the requests as they came.
    pub fn taken(&self) -> Vec<(Arrived, Value)> {
        self.inner.taken.lock().clone()
    }
    /// All that was told to have been read so far, as the requests came; who types is told with it.
    pub fn told_read(&self) -> Vec<Value> {
        self.inner.told.lock().clone()
    }
    /// A customer writes; gives WhatsApp's id of the message.
    pub fn writes(&self, phone_number_id: &str, person: &Person, text: &str) -> String {
        self.says(phone_number_id, person, json!({"type": "text", "text": {"body": text}}))
    }
    /// A customer sends anything: `content` brings `type` and its object.
    pub fn says(&self, phone_number_id: &str, person: &Person, content: Value) -> String {
        let (id, now) = (wire::wamid(self.inner.env.chance.as_ref()), self.inner.env.now());
        if let Some(served) = self.inner.served.lock().get_mut(phone_number_id) {
            served.heard.insert(person.key().to_owned(), now);
            served.people.insert(person.key().to_owned(), person.clone());
            served.postman.post(wire::message(&served.number.line, person, &id, now, content));
        }
        id
    }
    /// A customer sends a file; gives WhatsApp's id of the message. `kind` is its type, `facts` go into its object.
    pub fn sends(
        &self,
        phone_number_id: &str,
        person: &Person,
        (kind, mime): (&str, &str),
        bytes: impl Into<Bytes>,
        facts: Value,
    ) -> String {
        let bytes: Bytes = bytes.into();
        let sha256 = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&bytes));
        let mut object = json!({"id": self.inner.keep(phone_number_id, bytes, mime), "mime_type": mime, "sha256": sha256});
        if let (Some(object), Value::Object(facts)) = (object.as_object_mut(), facts) {
            object.extend(facts);
        }
        self.says(phone_number_id, person, json!({"type": kind, kind: object}))
    }
    /// The next download of a file meets this.
    pub fn media_trouble(&self, trouble: MediaTrouble) {
        self.inner.media_troubles.lock().push_back(trouble);
    }
    /// The file of this id, as the firm handed it over or a customer sent it: its bytes and media type.
    pub fn file(&self, id: &str) -> Option<(Bytes, String)> {
        self.inner.media.lock().get(id).map(|kept| (kept.bytes.clone(), kept.mime.clone()))
    }
    /// The file of this id is known no more.
    pub fn loses(&self, id: &str) {
        self.inner.media.lock().remove(id);
    }
    /// The customer opens the chat and sees this message.
    pub fn reads(&self, message: &Arrived) {
        self.inner.report(&message.phone_number_id, &message.to, &message.id, "read", None, None);
    }
    /// No more answers.
    pub fn stop(&self) {
        self.server.abort();
    }
}

impl Inner {
    fn report(&self, number: &str, to: &str, id: &str, word: &str, callback: Option<&str>, error: Option<(i64, &str, &str)>) {
        if let Some(served) = self.served.lock().get(number) {
            let now = self.env.now();
            let person = served.people.get(to).cloned().unwrap_or_else(|| Person::of_key(to));
            served.postman.post(wire::status(&served.number.line, &person, id, word, now, callback, error));
        }
    }
    async fn pause(&self, millis: u64) {
        let wait = Duration::from_millis(millis).div_f64(self.speed);
        self.env.clock.sleep_until(self.env.now().plus(wait)).await;
    }
}

/// An error as the Graph API words it.
pub(super) fn refuse(status: u16, code: i64, details: &str) -> Response {
    let kind = if matches!(code, 0 | 190) { "OAuthException" } else { "GraphMethodException" };
    let body = json!({"error": {"message": format!("(#{code}) {details}"), "type": kind, "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details}, "fbtrace_id": "AFictionalTraceId"}});
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

pub(super) fn json_answer(body: &Value) -> Response {
    ([("content-type", "application/json")], body.to_string()).into_response()
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

async fn node(State(graph): State<Arc<Inner>>, Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if let Some(answer) = graph.media_node(&id, &headers) {
        return answer;
    }
    let served = graph.served.lock();
    let Some(Served { number, .. }) = served.get(&id) else { return unknown(&id) };
    if bearer(&headers) != Some(&number.token) {
        return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
    }
    json_answer(&described(number))
}

async fn phone_numbers(State(graph): State<Arc<Inner>>, Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let served = graph.served.lock();
    let mine: Vec<&Number> = served.values().map(|s| &s.number).filter(|n| n.line.business_account_id == id).collect();
    if mine.is_empty() {
        return unknown(&id);
    }
    let allowed: Vec<Value> = mine.iter().filter(|n| bearer(&headers) == Some(&n.token)).map(|n| described(n)).collect();
    if allowed.is_empty() {
        return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
    }
    json_answer(&json!({"data": allowed}))
}

fn described(number: &Number) -> Value {
    json!({
        "id": number.line.phone_number_id,
        "display_phone_number": format!("+{}", number.line.display_number),
        "verified_name": number.verified_name,
        "quality_rating": "GREEN",
        "messaging_limit_tier": "TIER_1K",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "webhook_configuration": {"application": number.webhook},
    })
}

fn unknown(id: &str) -> Response {
    refuse(400, 100, &format!("Unsupported request. Object with ID '{id}' does not exist or cannot be loaded"))
}

/// What a request asks for, once it has passed the checks.
struct Wanted {
    to: String,
    text: String,
    callback: Option<String>,
    /// Goes to who has not written, too.
    is_template: bool,
}

/// The no is the whole answer.
#[expect(clippy::result_large_err, reason = "one call per request, and the answer leaves at once")]
fn check(graph: &Inner, number_id: &str, body: &[u8]) -> Result<Wanted, Response> {
    let Ok(mut request) = serde_json::from_slice::<Value>(body) else {
        return Err(refuse(400, 100, "Invalid JSON"));
    };
    // Any part of a request may be written as JSON in a string, and clients do.
    for part in request.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(inner @ (Value::Array(_) | Value::Object(_))) = part.as_str().and_then(|text| serde_json::from_str(text).ok())
        {
            *part = inner;
        }
    }
    let request = request;
    let text_of = |key: &str| request.get(key).and_then(Value::as_str);
    if text_of("messaging_product") != Some("whatsapp") {
        return Err(refuse(400, 100, "The parameter messaging_product is required."));
    }
    let to = match (text_of("to"), text_of("recipient")) {
        (Some(to), None) => to.trim_start_matches('+').to_owned(),
        (None, Some(id)) if id.contains('.') => id.to_owned(),
        _ => return Err(refuse(400, 100, "The parameter to is required.")),
    };
    if !to.contains('.') && (!(7..=15).contains(&to.len()) || !to.bytes().all(|b| b.is_ascii_digit())) {
        return Err(refuse(400, 131_009, "Parameter value is not valid: to"));
    }
    let kind = text_of("type").unwrap_or("text");
    let callback = text_of("biz_opaque_callback_data").map(str::to_owned);
    if let Some(caption) = graph_media::caption_of(graph, &request, kind) {
        return caption.map(|text| Wanted { to, text, callback, is_template: false }).map_err(|answer| *answer);
    }
    if kind == "template" {
        let account = graph.served.lock().get(number_id).map(|served| served.number.line.business_account_id.clone());
        let words = graph_templates::words_of(graph, &account.unwrap_or_default(), &request);
        return words.map(|text| Wanted { to, text, callback, is_template: true }).map_err(|answer| *answer);
    }
    if let Some(words) = graph_content::words_of(&request, kind) {
        return words.map(|text| Wanted { to, text, callback, is_template: false }).map_err(|answer| *answer);
    }
    match kind {
        "text" => {}
        "reaction" => {
            let emoji = request.pointer("/reaction/emoji").and_then(Value::as_str);
            let about = request.pointer("/reaction/message_id").and_then(Value::as_str).filter(|id| id.starts_with("wamid."));
            return match (emoji, about) {
                (Some(emoji), Some(_)) => Ok(Wanted { to, text: emoji.to_owned(), callback, is_template: false }),
                _ => Err(refuse(400, 131_009, "Parameter value is not valid: reaction")),
            };
        }
        other => return Err(refuse(400, 131_009, &format!("Parameter value is not valid: type {other}"))),
    }
    let text = request.pointer("/text/body").and_then(Value::as_str).unwrap_or_default();
    match text.chars().count() {
        0 => return Err(refuse(400, 100, "The parameter text['body'] is required.")),
        n if n > TEXT_CHARS_MAX => {
            return Err(refuse(400, 100, "Param text['body'] must be at most 4096 characters long."));
        }
        _ => {}
    }
    if callback.as_ref().is_some_and(|c| c.len() > 512) {
        return Err(refuse(400, 100, "Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    Ok(Wanted { to, text: text.to_owned(), callback, is_template: false })
}

async fn send(
    State(graph): State<Arc<Inner>>,
    Path((_, number_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = graph.env.now();
    {
        let mut all = graph.served.lock();
        let Some(served) = all.get_mut(&number_id) else { return unknown(&number_id) };
        if bearer(&headers) != Some(&served.number.token) {
            return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
        }
        if let Ok(told) = serde_json::from_slice::<Value>(&body)
            && told["status"] == "read"
        {
            graph.told.lock().push(told);
            return json_answer(&json!({"success": true}));
        }
        forget(&mut served.recent, now, Duration::from_secs(1));
        if served.recent.len() >= NUMBER_RATE_MAX {
            return refuse(429, 130_429, "Cloud API message throughput has been reached.");
        }
    }
    let wanted = match check(&graph, &number_id, &body) {
        Ok(wanted) => wanted,
        Err(answer) => return answer,
    };
    let trouble = graph.troubles.lock().pop_front();
    match &trouble {
        Some(Trouble::Refuse(status, code)) => return refuse(*status, *code, "Something went wrong, on purpose."),
        Some(Trouble::Stall(time)) => {
            tokio::time::sleep(*time).await;
            return refuse(500, 131_000, "Something went wrong, late and on purpose.");
        }
        _ => {}
    }
    let open = {
        let mut all = graph.served.lock();
        let Some(served) = all.get_mut(&number_id) else { return unknown(&number_id) };
        let pair = served.pairs.entry(wanted.to.clone()).or_default();
        forget(pair, now, PAIR_SPAN);
        if pair.len() >= PAIR_BURST_MAX {
            return refuse(
                400,
                131_056,
                "Too many messages sent from this phone number to the same phone number in a short time.",
            );
        }
        pair.push_back(now);
        served.recent.push_back(now);
        wanted.is_template || served.heard.get(&wanted.to).is_some_and(|heard| now.since(*heard) < WINDOW)
    };
    let id = wire::wamid(graph.env.chance.as_ref());
    let arrived = Arrived { phone_number_id: number_id, to: wanted.to.clone(), id: id.clone(), body: wanted.text };
    graph.taken.lock().push((arrived.clone(), serde_json::from_slice(&body).unwrap_or_default()));
    let failure = match &trouble {
        Some(Trouble::FailLater(code)) => Some((*code, "Failed on purpose", "This message was made to fail.")),
        _ if graph.unreachable.lock().contains(&wanted.to) => Some((131_026, "Message undeliverable", "Message undeliverable.")),
        _ if !open => Some((
            131_047,
            "Re-engagement message",
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        )),
        _ => None,
    };
    let is_reaction = serde_json::from_slice::<Value>(&body).is_ok_and(|request| request["type"] == "reaction");
    tokio::spawn(progress(graph.clone(), arrived, wanted.callback, failure, is_reaction));
    match trouble {
        Some(Trouble::LoseAnswer) => {
            // A body that ends in an error cuts the connection in the middle of the answer.
            let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut on purpose"))]);
            axum::body::Body::from_stream(cut).into_response()
        }
        Some(Trouble::ForgetId) => json_answer(&json!({"messaging_product": "whatsapp", "contacts": [], "messages": []})),
        _ => {
            let known = if wanted.to.contains('.') { "user_id" } else { "wa_id" };
            json_answer(&json!({"messaging_product": "whatsapp",
                "contacts": [{"input": wanted.to, known: wanted.to}], "messages": [{"id": id}]}))
        }
    }
}

/// Reports how far a message got, and lets its customer see it.
async fn progress(
    graph: Arc<Inner>,
    arrived: Arrived,
    callback: Option<String>,
    failure: Option<(i64, &'static str, &'static str)>,
    is_reaction: bool,
) {
    let report = |word: &str, error| {
        graph.report(&arrived.phone_number_id, &arrived.to, &arrived.id, word, callback.as_deref(), error);
    };
    graph.pause(60 + graph.env.chance.below(250)).await;
    if let Some(error) = failure {
        return report("failed", Some(error));
    }
    report("sent", None);
    graph.pause(100 + graph.env.chance.below(900)).await;
    report("delivered", None);
    // Nobody answers a reaction.
    let tell = graph.arrivals.lock().clone().filter(|_| !is_reaction);
    if let Some(tell) = tell {
        // Nobody plays the customers in some tests.
        let _ = tell.send(arrived.clone());
    }
}

fn forget(times: &mut VecDeque<Timestamp>, now: Timestamp, span: Duration) {
    while times.front().is_some_and(|t| now.since(*t) >= span) {
        times.pop_front();
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
