//! People at the desk, through the same API the web app uses: they sign in, take, answer and resolve.

use super::customers::Call;
use crate::base::Env;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;

/// What the API answered that it should not have.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path}: {said}")]
pub struct Refused {
    method: String,
    path: String,
    said: String,
}

/// One signed-in person.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    email: String,
    password: String,
    token: String,
}

impl Api {
    /// Nobody yet, at the box under `url`.
    pub fn anonymous(http: reqwest::Client, url: &str) -> Self {
        Self { http, base: format!("{url}/api/v1"), email: String::new(), password: String::new(), token: String::new() }
    }
    /// Signs in.
    ///
    /// # Errors
    /// If the box refuses.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Self, Refused> {
        let mut person = Self { email: email.to_owned(), password: password.to_owned(), ..self.clone() };
        person.renew().await?;
        Ok(person)
    }
    async fn renew(&mut self) -> Result<(), Refused> {
        let told = self.ask("POST", "/auth/login", Some(json!({"email": self.email, "password": self.password}))).await?;
        self.token = told["token"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }
    /// The same person with a token from elsewhere.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = token.to_owned();
        self
    }
    /// The access token.
    pub fn token(&self) -> &str {
        &self.token
    }
    /// One call; anything but success is an error.
    ///
    /// # Errors
    /// What the box said.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        let refused = |said: String| Refused { method: method.to_owned(), path: path.to_owned(), said };
        let verb = reqwest::Method::from_bytes(method.as_bytes()).map_err(|e| refused(e.to_string()))?;
        let mut request = self.http.request(verb, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|e| refused(e.to_string()))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|e| refused(e.to_string()))?;
        if !status.is_success() {
            return Err(refused(format!("{status} {text}")));
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
    /// As [`Api::ask`], signing in again where the token has run out.
    ///
    /// # Errors
    /// What the box said.
    pub async fn insist(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        match self.ask(method, path, body.clone()).await {
            Err(refused) if refused.said.starts_with("401") && !self.email.is_empty() => {
                self.renew().await?;
                self.ask(method, path, body).await
            }
            other => other,
        }
    }
}

/// Colleagues who answer most calls, so that the visitor is not alone.
pub struct Colleagues {
    /// Agents by name, signed in.
    pub people: Vec<(String, Api)>,
    /// Divides every waiting time.
    pub speed: f64,
    /// Of a hundred new conversations, so many are left for the visitor.
    pub left_percent: u64,
    /// Clock and chance.
    pub env: Env,
}

impl Colleagues {
    /// Answers calls until nobody calls any more.
    pub async fn run(self, mut calls: mpsc::UnboundedReceiver<Call>) {
        let Self { people, speed, left_percent, env } = self;
        while let Some(call) = calls.recv().await {
            // Who is left for the visitor stays the visitor's, whatever turn it is.
            let place = call.person.bytes().fold(7u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
            if place % 100 < left_percent {
                continue;
            }
            let Some((_, agent)) = people.iter().find(|(name, _)| *name == call.agent) else { continue };
            let mut agent = agent.clone();
            let env = env.clone();
            tokio::spawn(async move {
                let thinking = Duration::from_millis(1_500 + env.chance.below(4_000) + call.line.chars().count() as u64 * 45);
                env.clock.sleep_until(env.now().plus(thinking.div_f64(speed.max(0.01)))).await;
                if let Err(refused) = answer(&mut agent, &call, &env, speed).await {
                    tracing::debug!(%refused, "a colleague could not answer");
                }
            });
        }
    }
}

/// Finds the caller's conversation, takes it if nobody has it, answers, and resolves it at the end.
async fn answer(agent: &mut Api, call: &Call, env: &Env, speed: f64) -> Result<(), Refused> {
    let me = agent.insist("GET", "/auth/me", None).await?;
    let list = agent.insist("GET", "/conversations?status=OPEN,ASSIGNED&limit=200", None).await?;
    let phone = format!("+{}", call.person);
    let is_theirs = |c: &&Value| {
        [&c["customerPhone"], &c["contact"]["phoneNumber"]].iter().any(|v| v.as_str() == Some(&phone))
            || c["customerName"].as_str() == Some(&call.name)
    };
    let Some(conversation) = list["items"].as_array().into_iter().flatten().find(is_theirs) else { return Ok(()) };
    let id = conversation["id"].as_str().unwrap_or_default();
    match conversation["assignedTo"].as_str() {
        None => drop(agent.insist("POST", &format!("/conversations/{id}/assign"), Some(json!({}))).await?),
        Some(user) if Some(user) != me["id"].as_str() => return Ok(()),
        Some(_) => {}
    }
    let body = json!({"conversationId": id, "content": call.line, "clientId": env.new_id::<crate::base::MessageId>()});
    agent.insist("POST", "/messages/send", Some(body)).await?;
    if call.last {
        env.clock.sleep_until(env.now().plus(Duration::from_secs(25).div_f64(speed.max(0.01)))).await;
        agent.insist("POST", &format!("/conversations/{id}/resolve"), Some(json!({}))).await?;
    }
    Ok(())
}
