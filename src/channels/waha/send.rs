//! Sending: the request as WAHA wants it, what its answer means, and the look into the chat where no answer came.

use super::{
    client::{Client, Failed, SEND_TIMEOUT, escaped, json_of},
    ids::{self, Key},
    verbs,
};
use crate::{
    base::Timestamp,
    channels::{
        receiving::inbound::Failure,
        sending::outgoing::{Class, Outgoing, Recipient, Verdict},
    },
    platform::outbound::Retry,
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A lost message is looked for among so many of the chat's last ones.
const LOOKED_AT: usize = 30;
/// Clocks of two machines differ; a message counts as sent since an attempt if it is this much older at most.
const SKEW: Duration = Duration::from_secs(10);
/// Between two looks into a chat that may still show the message.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// The session is not connected: what waits to go out waits on.
pub const SESSION_NOT_WORKING: &str = "session_not_working";

/// What one of our codes means.
pub fn class_of(code: &str) -> Class {
    match code {
        SESSION_NOT_WORKING | "bad_key" | "session_not_found" | "bad_address" => Class::Account,
        "not_on_whatsapp" => Class::Recipient,
        "not_supported" | "incomplete" | "refused" => Class::Content,
        "unreachable" | "slow_down" | "server_error" => Class::Retry,
        _ => Class::Unknown,
    }
}

/// Sends one message; never twice where that can be known.
pub async fn send(client: Client<'_>, message: &Outgoing) -> Verdict {
    let chat = match chat_of(&client, &message.to).await {
        Ok(chat) => chat,
        Err(refused) => return refused,
    };
    let request = match verbs::request(&chat, message) {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    // An earlier attempt of which nobody knows the end may have arrived.
    if let Some(since) = message.tried_since
        && let Ok(Some(id)) = look(&client, &chat, message, since).await
    {
        return Verdict::Taken { external_id: id };
    }
    approach(&client, &chat, message).await;
    let started = client.outbound().env().now();
    let answer = match request.file {
        Some(file) => client.verb_with_file(request.verb, request.body, file).await,
        None => client.verb(Method::POST, request.verb, request.body, SEND_TIMEOUT).await,
    };
    match answer {
        Ok(answer) => match id_of(&json_of(&answer)) {
            Some(id) => Verdict::Taken { external_id: id },
            None => unclear(&client, &chat, message, started, "it was taken and given no id").await,
        },
        Err(failed) => match failed.retry {
            Retry::Unknown => after_no_answer(&client, &chat, message, started, &failed).await,
            _ => refused(&failed),
        },
    }
}

/// The chat a message goes to. A number nobody has written from yet is asked for: WhatsApp knows some
/// (Brazil's, with and without their ninth digit) by another spelling than people dial.
async fn chat_of(client: &Client<'_>, to: &Recipient) -> Result<String, Verdict> {
    let number = match to {
        Recipient::Scoped(address) | Recipient::Group(address) => return Ok(ids::chat_id(address)),
        Recipient::Phone(number) => number.trim_start_matches('+'),
    };
    let query = format!("/api/contacts/check-exists?phone={}&session={}", escaped(number), escaped(client.name()));
    let Ok(answer) = client.call(Method::GET, &query, None, super::client::ASK_TIMEOUT).await else {
        // Sending will tell what is wrong.
        return Ok(ids::chat_id(number));
    };
    let said = json_of(&answer);
    if said["numberExists"] == json!(false) {
        let reason = "WhatsApp does not know this number".to_owned();
        return Err(Verdict::Refused(Class::Recipient, failure("not_on_whatsapp", Class::Recipient, reason), None));
    }
    Ok(said["chatId"].as_str().map_or_else(|| ids::chat_id(number), ids::chat_id))
}

/// As a person would: reads, types for a while, then sends. What fails here is no reason not to send.
async fn approach(client: &Client<'_>, chat: &str, message: &Outgoing) {
    let manners = message.manners;
    let chat_only = || json!({ "chatId": chat });
    if manners.seen {
        let _ = client.verb(Method::POST, "sendSeen", chat_only(), super::client::ASK_TIMEOUT).await;
    }
    let span = u64::from(manners.pause_max_ms.saturating_sub(manners.pause_min_ms));
    let env = client.outbound().env();
    let pause = u64::from(manners.pause_min_ms) + if span > 0 { env.chance.below(span + 1) } else { 0 };
    if pause == 0 {
        return;
    }
    if manners.typing {
        let _ = client.verb(Method::POST, "startTyping", chat_only(), super::client::ASK_TIMEOUT).await;
    }
    env.clock.sleep_until(env.now().plus(Duration::from_millis(pause))).await;
    if manners.typing {
        let _ = client.verb(Method::POST, "stopTyping", chat_only(), super::client::ASK_TIMEOUT).await;
    }
}

/// The id of a message in an answer, bare, whatever engine wrote it.
pub fn id_of(message: &Value) -> Option<String> {
    let texts = ["/id", "/id/_serialized", "/id/id", "/key/id", "/message/id", "/_data/id/_serialized", "/_data/key/id"];
    let id = texts.iter().find_map(|at| message.pointer(at)?.as_str())?;
    Key::parse(id).map(|key| key.id.to_owned())
}

/// No answer, or one that leaves it open: the chat itself is asked.
async fn after_no_answer(client: &Client<'_>, chat: &str, message: &Outgoing, started: Timestamp, failed: &Failed) -> Verdict {
    if failed.status.is_none() {
        return unclear(client, chat, message, started, &failed.reason).await;
    }
    match look(client, chat, message, started).await {
        Ok(Some(id)) => Verdict::Taken { external_id: id },
        // It answered that it failed, and the chat agrees.
        Ok(None) => Verdict::Refused(Class::Retry, failure("server_error", Class::Retry, failed.reason.clone()), None),
        Err(_) => Verdict::Unclear(failed.reason.clone()),
    }
}

async fn unclear(client: &Client<'_>, chat: &str, message: &Outgoing, started: Timestamp, why: &str) -> Verdict {
    for pause in [None, Some(LOOK_AGAIN_AFTER)] {
        let env = client.outbound().env();
        if let Some(pause) = pause {
            env.clock.sleep_until(env.now().plus(pause)).await;
        }
        if let Ok(Some(id)) = look(client, chat, message, started).await {
            return Verdict::Taken { external_id: id };
        }
    }
    Verdict::Unclear(why.to_owned())
}

/// Looks for our own message of the same words among the chat's last ones, sent since then and not yet known as another's.
async fn look(client: &Client<'_>, chat: &str, message: &Outgoing, since: Timestamp) -> Result<Option<String>, Failed> {
    let since_secs = since.minus(SKEW).as_millis() / 1000;
    let rest = format!(
        "chats/{}/messages?limit={LOOKED_AT}&downloadMedia=false&filter.fromMe=true&filter.timestamp.gte={since_secs}",
        escaped(chat)
    );
    let answer = client.own(Method::GET, &rest, None).await?;
    let all = json_of(&answer);
    let ours = |found: &&Value| {
        let mine = found["fromMe"].as_bool().unwrap_or(true);
        let at = found["timestamp"].as_f64().unwrap_or(0.0);
        mine && at >= since_secs as f64 && verbs::is_it(found, &message.body)
    };
    let mut ids = all.as_array().into_iter().flatten().filter(ours).filter_map(id_of);
    Ok(ids.rfind(|id| !message.known.contains(id)))
}

pub(super) fn refused(failed: &Failed) -> Verdict {
    let code = match failed.status {
        None if failed.bad_address => "bad_address",
        None => "unreachable",
        Some(422) if failed.session_down => SESSION_NOT_WORKING,
        Some(401 | 403) => "bad_key",
        Some(404) => "session_not_found",
        Some(429) => "slow_down",
        Some(501) => "not_supported",
        Some(400..=499) => "refused",
        Some(_) => "server_error",
    };
    let wait = match failed.retry {
        Retry::Safe(wait) => wait,
        _ => None,
    };
    let class = class_of(code);
    Verdict::Refused(class, failure(code, class, failed.reason.clone()), wait)
}

pub(super) fn failure(code: &str, class: Class, reason: String) -> Failure {
    Failure {
        code: code.to_owned(),
        reason,
        next_step: class.next_step(),
        closes_window: false,
        account: class == Class::Account,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_every_engines_answer() {
        for answer in [
            json!({"id": "true_55@c.us_AAAA"}),
            json!({"id": {"fromMe": true, "remote": "55@c.us", "id": "AAAA", "_serialized": "true_55@c.us_AAAA"}}),
            json!({"key": {"remoteJid": "55@s.whatsapp.net", "fromMe": true, "id": "AAAA"}}),
            json!({"_data": {"id": {"_serialized": "true_55@c.us_AAAA"}}}),
            json!({"id": "AAAA"}),
        ] {
            assert_eq!(id_of(&answer).as_deref(), Some("AAAA"), "{answer}");
        }
        assert_eq!(id_of(&json!({})), None);
    }

    #[test]
    fn refusals_mean_one_thing_each() {
        let class = |status: Option<u16>, session_down: bool| {
            let failed = Failed { status, reason: "x".into(), retry: Retry::Never, bad_address: false, session_down };
            match refused(&failed) {
                Verdict::Refused(class, failure, None) => {
                    assert_eq!((class_of(&failure.code), failure.next_step), (class, class.next_step()));
                    class
                }
                other => panic!("{other:?}"),
            }
        };
        for (status, down, expected) in [
            (Some(422), true, Class::Account),
            (Some(422), false, Class::Content),
            (Some(400), false, Class::Content),
            (Some(401), false, Class::Account),
            (Some(404), false, Class::Account),
            (Some(429), false, Class::Retry),
            (Some(501), false, Class::Content),
            (Some(503), false, Class::Retry),
            (None, false, Class::Retry),
        ] {
            assert_eq!(class(status, down), expected, "{status:?}");
        }
    }
}
