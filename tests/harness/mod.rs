//! A real house on a free port in a folder of its own, and the people who work in it.

use farol::{
    app::{App, Start},
    base::Env,
    channels::AppSecret,
    config::{Config, Given},
    identity::Cost,
    platform::http::Kit,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// A running house. Dropping it stops it.
pub struct House {
    pub kit: Kit,
    pub url: String,
    pub http: Client,
    data: tempfile::TempDir,
    running: Option<tokio::task::JoinHandle<()>>,
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub token: String,
    pub id: String,
    pub tenant: String,
}

/// What an answer said.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// The body, if the status is the one expected.
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// How often something is looked at that comes by itself, and the pause between two looks: half a minute, for a busy machine.
const LOOKS_MAX: usize = 1_500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks again and again until what was waited for is there.
pub async fn wait_for<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("{what} never happens");
}

/// … until it is so.
pub async fn until_so(what: &str, fits: impl Fn() -> bool) {
    wait_for(what, async || fits().then_some(())).await;
}

/// Asks again and again until the answer fits.
pub async fn until(ask: impl AsyncFn() -> Value, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..LOOKS_MAX {
        last = ask().await;
        if fits(&last) {
            return last;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("{what} never happens: {last}");
}

pub const PASSWORD: &str = "a lamp above the quiet harbour";

impl House {
    /// Starts in an empty folder.
    pub async fn start() -> Self {
        Self::start_at(tempfile::tempdir().unwrap(), Env::system()).await
    }

    /// … with further options.
    pub async fn start_with(options: &[(&'static str, &str)]) -> Self {
        Self::open(tempfile::tempdir().unwrap(), options, Env::system()).await
    }

    /// Starts on this folder at another time, which its clock tells.
    pub async fn start_at(data: tempfile::TempDir, env: Env) -> Self {
        Self::open(data, &[], env).await
    }

    async fn open(data: tempfile::TempDir, options: &[(&'static str, &str)], env: Env) -> Self {
        let flags =
            [("data", data.path().display().to_string()), ("listen", "127.0.0.1:0".into()), ("rate.enabled", "false".into())];
        let flags = flags.into_iter().chain(options.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let flags: BTreeMap<&'static str, Vec<String>> = flags.map(|(key, value)| (key, vec![value])).collect();
        let config = Config::load(&Given { flags, env: BTreeMap::default(), config_file: None }).unwrap();
        let app = App::start(Start { config, env, demo: false, cost: Some(Cost::CHEAP) }).await.unwrap();
        let (url, kit) = (app.url(), app.kit().clone());
        let running = Some(tokio::spawn(app.run()));
        Self { kit, url, http: Client::new(), data, running }
    }

    /// Asks until `fits`; what was told then.
    pub async fn until(&self, by: &Person, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(async || self.get(by, path).await.is(200), path, fits).await
    }

    /// Stops and starts again on the same folder.
    pub async fn restart(self) -> Self {
        self.restart_at(Env::system()).await
    }

    /// … at another time, which its clock tells.
    pub async fn restart_at(mut self, env: Env) -> Self {
        self.kit.stop();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
        let data = std::mem::replace(&mut self.data, tempfile::tempdir().unwrap());
        drop(self);
        Self::start_at(data, env).await
    }

    /// Stops it and waits for its end.
    pub async fn stop(mut self) {
        self.kit.stop();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    /// One call; `path` begins with `/`.
    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut call = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            call = call.bearer_auth(token);
        }
        if let Some(body) = body {
            call = call.json(body);
        }
        let answer = call.send().await.unwrap();
        Answer { status: answer.status().as_u16(), text: answer.text().await.unwrap() }
    }
    /// GET under `/api/v1`.
    pub async fn get(&self, by: &Person, path: &str) -> Answer {
        self.call(Method::GET, &format!("/api/v1{path}"), Some(&by.token), None).await
    }
    /// POST under `/api/v1`.
    pub async fn post(&self, by: &Person, path: &str, body: Value) -> Answer {
        self.call(Method::POST, &format!("/api/v1{path}"), Some(&by.token), Some(&body)).await
    }

    /// Answers the wizard; its person is the first owner.
    pub async fn found(&self, company: &str) -> Person {
        let code = farol::identity::issue_setup_code(self.data.path(), self.kit.env().now()).unwrap();
        let body = json!({
            "code": code.to_string(), "language": "fr", "timezone": "Europe/Paris", "country": "FR",
            "owner": {"name": "Marina Duarte", "email": "marina@example.com", "password": PASSWORD},
            "company": {"name": company}, "queue": {"name": "Assistance"},
        });
        let answer = self.call(Method::POST, "/api/v1/setup", None, Some(&body)).await;
        person(&answer.is(if answer.status == 201 { 201 } else { 200 }))
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, tenant: Option<&str>) -> Person {
        let mut body = json!({"email": email, "password": PASSWORD});
        if let Some(tenant) = tenant {
            body["companyId"] = tenant.into();
        }
        person(&self.call(Method::POST, "/api/v1/auth/login", None, Some(&body)).await.is(200))
    }

    /// Makes a colleague of `by` and signs them in.
    pub async fn hire(&self, by: &Person, name: &str, email: &str, role: &str) -> Person {
        let body = json!({"name": name, "email": email, "password": PASSWORD, "role": role});
        self.post(by, "/users", body).await.is(201);
        self.sign_in(email, Some(&by.tenant)).await
    }

    /// Connects a WhatsApp number nobody answers at; gives the channel.
    pub async fn connect(&self, by: &Person, phone_number_id: &str, secret: &str) -> Value {
        let config = json!({
            "phoneNumberId": phone_number_id, "businessAccountId": "102290129340398", "accessToken": format!("token-of-{phone_number_id}"),
            "appSecret": secret, "verifyToken": format!("verify-{phone_number_id}"), "baseUrl": "http://127.0.0.1:9/v21.0",
        });
        let body = json!({"kind": "whatsapp_cloud", "name": "WhatsApp", "config": config});
        self.post(by, "/channels", body).await.is(201)
    }

    /// A customer's text arrives, signed.
    pub async fn customer_says(&self, phone_number_id: &str, secret: &str, from: &str, id: &str, text: &str) -> u16 {
        let now = self.kit.env().now().as_millis() / 1000;
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [{"field": "messages",
            "value": {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": phone_number_id},
                "contacts": [{"profile": {"name": format!("Customer {from}")}, "wa_id": from}],
                "messages": [{"from": from, "id": id, "timestamp": now.to_string(), "type": "text", "text": {"body": text}}]}}]}]});
        self.webhook(secret, body.to_string()).await
    }

    /// A webhook body arrives with the signature `secret` makes.
    pub async fn webhook(&self, secret: &str, body: String) -> u16 {
        let signature = AppSecret::new(secret).sign(body.as_bytes());
        let call = self.http.post(format!("{}/webhooks/whatsapp", self.url));
        let call = call.header("x-hub-signature-256", signature).header("content-type", "application/json").body(body);
        call.send().await.unwrap().status().as_u16()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kit.stop();
    }
}

fn person(answer: &Value) -> Person {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Person { token: text(&answer["token"]), id: text(&answer["user"]["id"]), tenant: text(&answer["user"]["companyId"]) }
}
