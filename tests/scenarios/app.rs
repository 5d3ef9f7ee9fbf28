//! A whole app on a port, as people meet it: founded through the wizard, fed through the webhook.

use farol::{
    app::{App, Start},
    base::Env,
    channels::AppSecret,
    config::{Config, Given},
    identity::{Cost, issue_setup_code},
    platform::{http::Kit, search::Search},
    simulator::{
        graph::{Graph, Number},
        post::Roughness,
        wire::Line,
    },
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tokio_tungstenite::tungstenite::Message;

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const NUMBER: &str = "106540352242922";
/// Everybody's password here.
pub const PASSWORD: &str = "a long sentence only I know";

/// A running app.
pub struct Running {
    pub kit: Kit,
    _data: tempfile::TempDir,
    url: String,
    http: reqwest::Client,
    task: tokio::task::JoinHandle<()>,
}

async fn start(data: &Path) -> (Kit, String, tokio::task::JoinHandle<()>) {
    let flags = BTreeMap::from([
        ("data", vec![data.display().to_string()]),
        ("listen", vec!["127.0.0.1:0".to_owned()]),
        ("outbound.private_hosts", vec!["127.0.0.1".to_owned()]),
    ]);
    let config = Config::load(&Given { flags, ..Given::default() }).unwrap();
    let app = App::start(Start { config, env: Env::system(), demo: false, cost: Some(Cost::CHEAP) }).await.unwrap();
    let (kit, url) = (app.kit().clone(), app.url());
    (kit, url.trim_end_matches('/').to_owned(), tokio::spawn(app.run()))
}

impl Running {
    /// A simulated Graph API at this speed that serves the firm's number, of that business account, and is told to the channel.
    pub async fn graph(&self, owner: &str, account: &str, speed: f64) -> Graph {
        const TOKEN: &str = "EAAG-test-token";
        let graph = Graph::start(Env::system(), Roughness::NONE, speed).await.unwrap();
        graph.connect(Number {
            line: Line {
                phone_number_id: NUMBER.into(),
                business_account_id: account.into(),
                display_number: "15550783881".into(),
            },
            verified_name: "Reboques Exemplo".into(),
            token: TOKEN.into(),
            app_secret: SECRET.into(),
            webhook: format!("{}/webhooks/whatsapp", self.url()),
        });
        let there = json!({"config": {"baseUrl": graph.base_url(), "accessToken": TOKEN, "businessAccountId": account}});
        assert_eq!(self.call(owner, "PATCH", "/api/v1/channels/1", Some(there)).await.0, 200);
        graph
    }

    /// A founded firm with one number; and the owner's token.
    pub async fn founded() -> (Self, String) {
        let data = tempfile::tempdir().unwrap();
        let (kit, url, task) = start(data.path()).await;
        let code = issue_setup_code(data.path(), kit.env().now()).unwrap().to_string();
        let app = Self { kit, _data: data, url, http: reqwest::Client::new(), task };
        let wizard = json!({
            "code": code, "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT",
            "owner": {"name": "Ana Prates", "email": "ana@example.com", "password": PASSWORD},
            "company": {"name": "Reboques Exemplo"}, "queue": {"name": "Atendimento"},
        });
        let login = app.call("", "POST", "/api/v1/setup", Some(wizard)).await;
        let token = login.1["token"].as_str().unwrap_or_else(|| panic!("{login:?}")).to_owned();
        let channel = json!({"kind": "whatsapp_cloud", "name": "Main", "config": {"phoneNumberId": NUMBER,
            "accessToken": "EAAG-test-token", "appSecret": SECRET, "verifyToken": "verify", "baseUrl": "http://127.0.0.1:9"}});
        let made = app.call(&token, "POST", "/api/v1/channels", Some(channel)).await;
        assert_eq!(made.0, 201, "{}", made.1);
        (app, token)
    }
    /// One call: status and body.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, _, body) = self.call_with_seq(token, method, path, body).await;
        (status, body)
    }
    /// … and the sequence the answer is at least as new as.
    pub async fn call_with_seq(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, u64, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let seq = answer.headers().get("x-farol-seq").and_then(|v| v.to_str().ok()?.parse().ok()).unwrap_or(0);
        let (status, bytes) = (answer.status().as_u16(), answer.bytes().await.unwrap());
        (status, seq, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    /// Where it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }
    /// A GET as a browser or player makes it: status, headers, bytes.
    pub async fn fetch(&self, token: &str, path: &str, headers: &[(&str, &str)]) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }
    /// A form with one file: status and body.
    pub async fn form(&self, token: &str, path: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> (u16, Value) {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let (name, mime, bytes) = file;
        let head = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: {mime}");
        body.extend(format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(token);
        let answer = request.header("content-type", "multipart/form-data; boundary=edge").body(body).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
    }
    /// What a GET shows.
    pub async fn get(&self, token: &str, path: &str) -> Value {
        let (status, body) = self.call(token, "GET", path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
    /// The text of a page anybody may read.
    pub async fn page(&self, path: &str) -> String {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap().text().await.unwrap()
    }
    /// Somebody writes to the firm, as the provider tells it. The number at the end of `id` is the second they wrote in.
    pub async fn hears(&self, from: &str, name: &str, id: &str, text: &str) {
        let second: i64 = id.rsplit('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let at = self.kit.env().now().as_millis() / 1000 - 600 + second;
        let message = json!({"from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": {"body": text}});
        self.webhook(json!({"contacts": [{"profile": {"name": name}, "wa_id": from}], "messages": [message]})).await;
    }
    /// The provider tells of this, signed: the `value` of one change, but for what each has.
    pub async fn webhook(&self, mut value: Value) {
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] = json!({"display_phone_number": "15550783881", "phone_number_id": NUMBER});
        let change = json!({"field": "messages", "value": value});
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).to_string();
        let signature = AppSecret::new(SECRET).sign(body.as_bytes());
        let post = self.http.post(format!("{}/webhooks/whatsapp", self.url)).header("content-type", "application/json");
        let answer = post.header("x-hub-signature-256", signature).body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
    /// A colleague's token.
    pub async fn colleague(&self, owner: &str, name: &str, role: &str, queues: &[String]) -> String {
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({"name": name, "email": email, "password": PASSWORD, "role": role, "queueIds": queues});
        let made = self.call(owner, "POST", "/api/v1/users", Some(body)).await;
        assert_eq!(made.0, 201, "{}", made.1);
        self.login(&email).await
    }
    /// Signs somebody in.
    pub async fn login(&self, email: &str) -> String {
        let login = self.call("", "POST", "/api/v1/auth/login", Some(json!({"email": email, "password": PASSWORD}))).await;
        login.1["token"].as_str().unwrap_or_else(|| panic!("{login:?}")).to_owned()
    }
    /// Waits until everything so far can be found.
    pub async fn searchable(&self) {
        let search: Arc<Search> = self.kit.service();
        assert!(search.reached(self.kit.store().head(), Duration::from_secs(30)).await, "{:?}", search.trouble());
    }
    /// An open screen, after its greeting.
    pub async fn screen(&self, token: &str, query: &str) -> Screen {
        Screen::open(&self.url, token, query).await
    }
    /// Ends it.
    pub async fn stop(self) {
        self.kit.stop();
        self.task.await.unwrap();
    }
}

/// A socket as a screen sees it.
pub struct Screen(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Screen {
    /// Opens one on the app at `url`, and waits for its greeting.
    pub async fn open(url: &str, token: &str, query: &str) -> Self {
        let url = format!("{}/api/v1/events{query}", url.trim_end_matches('/').replacen("http", "ws", 1));
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        socket.send(Message::text(json!({"type": "auth", "token": token}).to_string())).await.unwrap();
        let mut screen = Self(socket);
        let hello = screen.next().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        screen
    }
    /// The next frame; a close comes as `{"type":"close","code":…}`.
    pub async fn next(&mut self) -> Value {
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.expect("a frame within 10 s") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => return json!({"type": "close", "code": u16::from(frame.code)}),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return json!({"type": "close", "code": 0}),
            }
        }
    }
    /// The next frame of this type; others are passed by.
    pub async fn sees(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
            assert_ne!(frame["type"], "close", "closed while waiting for {kind}: {frame}");
        }
    }
    /// Frames until nothing comes for a while.
    pub async fn rest(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Ok(frame) = tokio::time::timeout(Duration::from_millis(400), self.next()).await {
            frames.push(frame);
        }
        frames
    }
    /// Says something.
    pub async fn says(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }
}
