//! Sessions of a WAHA server: made, paired, started, stopped, and asked what they missed.

use super::{
    client::{Client, Failed, Session, escaped, json_of},
    ids::Chat,
    parse,
};
use crate::{
    base::Timestamp,
    channels::receiving::inbound::{Told, Unreadable},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Events a session tells of. Each is one of those that are read.
pub const EVENTS: [&str; 18] = [
    "session.status",
    "message",
    "message.any",
    "message.reaction",
    "message.ack",
    "message.ack.group",
    "message.waiting",
    "message.edited",
    "message.revoked",
    "group.v2.join",
    "group.v2.leave",
    "group.v2.update",
    "group.v2.participants",
    "presence.update",
    "poll.vote",
    "poll.vote.failed",
    "call.received",
    "call.rejected",
];
/// Tries of a webhook that finds nobody, and seconds between them: the default of a session without any is loss.
const WEBHOOK_TRIES: u32 = 15;
const WEBHOOK_PAUSE_SECS: u32 = 2;
/// A start, a stop or a log-out may take a browser a while.
const ACT_TIMEOUT: Duration = Duration::from_secs(45);
/// Chats looked through after an outage, the busiest first.
const CHATS_MAX: usize = 40;
/// After so many chats that can't be read the rest are left for the next look.
const UNREAD_MAX: usize = 3;
/// Messages of one chat taken after an outage.
const MESSAGES_PER_CHAT: usize = 50;

/// Where a session's webhooks go, and what signs them.
#[derive(Clone)]
pub struct Webhook {
    /// Our door.
    pub url: String,
    /// The key.
    pub hmac_key: String,
}

/// What can be done to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Makes it if it is not there, gives it our webhook, starts it.
    Start,
    /// Stops it; it stays paired.
    Stop,
    /// Stops and starts it.
    Restart,
    /// Unpairs it.
    Logout,
}

impl Act {
    /// From its word in the API.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "restart" => Self::Restart,
            "logout" => Self::Logout,
            _ => return None,
        })
    }
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Logout => "logout",
        }
    }
}

/// Does this to the session and tells how it does afterwards.
pub async fn act(client: Client<'_>, act: Act, webhook: Option<&Webhook>) -> Result<Session, Failed> {
    if matches!(act, Act::Start | Act::Restart) {
        provide(client, webhook).await?;
    }
    let path = format!("/api/sessions/{}/{}", escaped(client.name()), act.word());
    client.call(Method::POST, &path, Some(&json!({})), ACT_TIMEOUT).await?;
    client.session().await
}

/// Makes the session where there is none, and gives it our webhook where it has another.
pub async fn provide(client: Client<'_>, webhook: Option<&Webhook>) -> Result<(), Failed> {
    match client.session().await {
        Ok(session) => match webhook {
            Some(webhook) if !has(&session.config, webhook) => {
                let body = json!({ "config": with(&session.config, webhook) });
                let path = format!("/api/sessions/{}", escaped(client.name()));
                client.call(Method::PUT, &path, Some(&body), ACT_TIMEOUT).await.map(drop)
            }
            _ => Ok(()),
        },
        Err(failed) if failed.status == Some(404) => {
            let config = webhook.map_or_else(|| json!({}), |webhook| with(&Value::Null, webhook));
            let body = json!({ "name": client.name(), "start": false, "config": config });
            client.call(Method::POST, "/api/sessions", Some(&body), ACT_TIMEOUT).await.map(drop)
        }
        Err(failed) => Err(failed),
    }
}

/// Has the session a webhook of ours? Servers hide or show the key, so the address decides.
pub fn has(config: &Value, webhook: &Webhook) -> bool {
    let hooks = config.get("webhooks").and_then(Value::as_array);
    hooks.into_iter().flatten().any(|hook| {
        let keyed = hook.pointer("/hmac/key").and_then(Value::as_str);
        hook.get("url").and_then(Value::as_str) == Some(&webhook.url) && keyed.is_none_or(|key| key == webhook.hmac_key)
    })
}

/// A session's configuration with our webhook beside those of others.
fn with(config: &Value, webhook: &Webhook) -> Value {
    let mut config = if config.is_object() { config.clone() } else { json!({}) };
    let ours = json!({
        "url": webhook.url,
        "events": EVENTS,
        "hmac": { "key": webhook.hmac_key },
        "retries": { "policy": "constant", "delaySeconds": WEBHOOK_PAUSE_SECS, "attempts": WEBHOOK_TRIES },
    });
    let others = config.get("webhooks").and_then(Value::as_array).into_iter().flatten();
    let mut hooks: Vec<Value> = others.filter(|hook| hook["url"].as_str() != Some(&webhook.url)).cloned().collect();
    hooks.push(ours);
    config["webhooks"] = hooks.into();
    config
}

/// What a phone must scan to pair, as text; a picture is made of it by whoever shows it.
pub async fn qr(client: Client<'_>) -> Result<Option<String>, Failed> {
    let answer = client.own(Method::GET, "auth/qr?format=raw", None).await?;
    Ok(json_of(&answer)["value"].as_str().filter(|value| !value.is_empty()).map(str::to_owned))
}

/// The number behind a hidden id, in E.164, where WhatsApp tells it to this session.
pub async fn number_behind(client: Client<'_>, lid: &str) -> Result<Option<String>, Failed> {
    match client.own(Method::GET, &format!("lids/{}", escaped(lid)), None).await {
        Ok(answer) => Ok(json_of(&answer)["pn"].as_str().and_then(|id| Chat::parse(id)?.phone())),
        Err(failed) if failed.status == Some(404) => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// What a look through a session's chats found.
pub struct Missed {
    /// What was said, oldest first.
    pub told: Vec<Result<Told, Unreadable>>,
    /// Why a chat could not be read, if one could not: the others are there all the same.
    pub unread: Option<Failed>,
}

/// Everything said since then in the chats that moved: what webhooks would have told.
///
/// # Errors
/// Where the list of chats itself can't be read.
pub async fn missed(client: Client<'_>, since: Timestamp, now: Timestamp) -> Result<Missed, Failed> {
    let since_secs = since.as_millis() / 1000;
    let answer = client.own(Method::GET, &format!("chats/overview?limit={CHATS_MAX}&offset=0"), None).await?;
    let chats = json_of(&answer);
    let mut told: Vec<(f64, Result<Told, Unreadable>)> = Vec::new();
    let (mut unread, mut failures) = (None, 0);
    for chat in chats.as_array().into_iter().flatten() {
        let at = chat.pointer("/lastMessage/timestamp").and_then(Value::as_f64);
        let id = chat["id"].as_str().or_else(|| chat.pointer("/id/_serialized")?.as_str());
        // Statuses and newsletters are none of a desk's chats.
        let is_ours = |id: &&str| !matches!(Chat::parse(id), Some(Chat::Other(_)));
        let Some(id) = id.filter(|_| at.is_none_or(|at| at >= since_secs as f64)).filter(is_ours) else { continue };
        let rest = format!(
            "chats/{}/messages?limit={MESSAGES_PER_CHAT}&downloadMedia=true&filter.timestamp.gte={since_secs}",
            escaped(id)
        );
        let messages = match client.own(Method::GET, &rest, None).await {
            Ok(answer) => json_of(&answer),
            Err(failed) => {
                // One that its engine knows by half must not hide all others; a server that is away answers for none.
                failures += 1;
                unread = Some(failed);
                if failures == UNREAD_MAX {
                    break;
                }
                continue;
            }
        };
        for message in messages.as_array().into_iter().flatten() {
            let at = message["timestamp"].as_f64().unwrap_or_default();
            if at >= since_secs as f64 {
                told.push((at, parse::listed(message, now)));
            }
        }
    }
    told.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Missed { told: told.into_iter().map(|(_, told)| told).collect(), unread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_webhook_stands_beside_those_of_others() {
        let ours = Webhook { url: "https://farol.example.com/webhooks/waha/1".into(), hmac_key: "k".into() };
        let config = json!({"webhooks": [{"url": "https://other.example.com", "events": ["message"]}], "debug": true});
        assert!(!has(&config, &ours));
        let with_ours = with(&config, &ours);
        assert!(has(&with_ours, &ours) && with_ours["debug"] == true);
        assert_eq!(with(&with_ours, &ours)["webhooks"].as_array().unwrap().len(), 2);
        let rekeyed = Webhook { hmac_key: "other".into(), ..ours.clone() };
        assert!(!has(&with_ours, &rekeyed));
        assert!(has(&with(&Value::Null, &ours), &ours));
    }
}
