//! The real binary in a folder of its own: started, founded, asked, killed.

use farol::channels::AppSecret;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The number that webhooks come in for.
pub const NUMBER: &str = "106540352242922";
/// What its webhooks are signed with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The owner signs in with this.
pub const EMAIL: &str = "ana@example.com";
/// … and this.
pub const PASSWORD: &str = "a long sentence only I know";

/// The program: the one built beside this, or another that a bench is to measure (`FAROL_BENCH_BIN`).
pub fn binary() -> PathBuf {
    std::env::var_os("FAROL_BENCH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_farol").into(), PathBuf::from)
}

/// The program, about to be started by `verb` on a free port. What steers tests and benches (`FAROL_LONG`) is no
/// option of it, and it refuses what it doesn't know.
pub fn command(verb: &str) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FAROL_")) {
        command.env_remove(name);
    }
    command.args([verb, "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// A running server.
pub struct Appliance {
    child: Child,
    url: String,
    client: reqwest::Client,
}

impl Appliance {
    /// Starts `farol serve` on the folder `data` and waits until it is ready. The second value is the setup code,
    /// where the box has no owner yet.
    pub async fn start(data: &Path) -> (Self, Option<String>) {
        Self::start_telling(data, Stdio::null(), &[]).await
    }

    /// … with its log going to `log`, and more in its environment.
    pub async fn start_telling(data: &Path, log: Stdio, environment: &[(&str, &str)]) -> (Self, Option<String>) {
        farol::platform::outbound::install_tls_provider();
        let mut serve = command("serve");
        serve.arg("--data").arg(data).env("FAROL_RATE_ENABLED", "false").envs(environment.iter().copied()).stderr(log);
        let mut child = serve.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (told, hear) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut code = None;
            for line in lines.by_ref().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("setup ") {
                    code = url.rsplit(['=', '/', '#']).next().map(str::to_owned);
                }
                if let Some(url) = line.strip_prefix("ready ") {
                    let _ = told.send((url.trim_end_matches('/').to_owned(), code));
                    break;
                }
            }
            // Whatever else it says must not fill the pipe.
            lines.for_each(drop);
        });
        let ready = tokio::time::timeout(Duration::from_secs(60), hear).await;
        let (url, code) = ready.expect("ready within a minute").expect("it says ready");
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        (Self { child, url, client }, code)
    }

    /// Where it listens, as `address:port`.
    #[allow(dead_code, reason = "the bench asks")]
    pub fn address(&self) -> &str {
        self.url.split("//").nth(1).unwrap_or_default()
    }
    /// Its process.
    #[allow(dead_code, reason = "the bench asks")]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks with a token, if there is one; status and body.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Result<(u16, Value), reqwest::Error> {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}/api/v1{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null)))
    }

    /// As [`ask`](Self::ask), and it must succeed.
    pub async fn get_done(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Value {
        let (status, body) = self.ask(method, path, token, body).await.unwrap();
        assert!(status < 300, "{method} {path}: {status} {body}");
        body
    }

    /// Founds a firm with a channel; the owner's token.
    pub async fn found(&self, code: &str) -> String {
        let wizard = json!({
            "code": code, "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT",
            "owner": {"name": "Ana Prates", "email": EMAIL, "password": PASSWORD},
            "company": {"name": "Reboques Exemplo"}, "queue": {"name": "Atendimento"},
        });
        let login = self.get_done("POST", "/setup", None, Some(wizard)).await;
        let token = login["token"].as_str().unwrap().to_owned();
        let channel = json!({"kind": "whatsapp_cloud", "name": "Main", "config": {"phoneNumberId": NUMBER,
            "accessToken": "EAAG-test-token", "appSecret": SECRET, "verifyToken": "verify"}});
        self.get_done("POST", "/channels", Some(&token), Some(channel)).await;
        token
    }

    /// The owner's token.
    pub async fn sign_in(&self) -> String {
        let login = self.get_done("POST", "/auth/login", None, Some(json!({"email": EMAIL, "password": PASSWORD}))).await;
        login["token"].as_str().unwrap().to_owned()
    }

    /// A customer's text, signed as the provider signs it; was it accepted?
    pub async fn webhook(&self, from: u64, id: &str, text: &str) -> bool {
        let (body, signature) = signed(from, id, text);
        let request = self.client.post(format!("{}/webhooks/whatsapp", self.url)).header("x-hub-signature-256", signature);
        let sent = request.header("content-type", "application/json").body(body).send().await;
        sent.is_ok_and(|answer| answer.status().is_success())
    }

    /// A text that nobody signed who may; was it accepted?
    #[allow(dead_code, reason = "the bench does not ask")]
    pub async fn forged_webhook(&self, text: &str) -> bool {
        let request = self.client.post(format!("{}/webhooks/whatsapp", self.url)).header("x-hub-signature-256", "sha256=00");
        let sent = request.header("content-type", "application/json").body(json!({"text": text}).to_string()).send().await;
        sent.is_ok_and(|answer| answer.status().is_success())
    }

    /// Ends it at once, as the system does when memory runs out.
    pub fn kill_now(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success(), "a stop that was asked for ends with 0");
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        // A failed test must not leave a server behind; after `kill` or `stop` there is none.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A customer's text as a webhook brings it: the body and its signature.
pub fn signed(from: u64, id: &str, text: &str) -> (String, String) {
    signed_all([(from, id.to_owned(), text.to_owned())])
}

/// Customers' texts as one webhook brings them: sender, id and text of each.
pub fn signed_all(all: impl IntoIterator<Item = (u64, String, String)>) -> (String, String) {
    // Now, so that the customers may be answered.
    let at = (farol::base::Env::system().now().as_millis() / 1000).to_string();
    let (mut contacts, mut messages) = (Vec::new(), Vec::new());
    let mut known = std::collections::HashSet::new();
    for (from, id, text) in all {
        if known.insert(from) {
            contacts.push(json!({"profile": {"name": "Sheena"}, "wa_id": from.to_string()}));
        }
        messages.push(json!({"from": from.to_string(), "id": id, "timestamp": at, "type": "text", "text": {"body": text}}));
    }
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": contacts, "messages": messages}}]}]})
    .to_string();
    let signature = AppSecret::new(SECRET).sign(body.as_bytes());
    (body, signature)
}
