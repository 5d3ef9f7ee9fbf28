//! Reactions, edits, revocations, what was read and who types, as WAHA's calls want them.

use super::{
    client::{ASK_TIMEOUT, Client, Failed, escaped, json_of},
    ids,
    send::{failure, id_of, refused},
};
use crate::{
    channels::sending::{
        acts::{OutgoingAct, Target, What},
        outgoing::{Class, Recipient, Verdict},
    },
    platform::outbound::Retry,
};
use http::Method;
use serde_json::json;

/// Carries out one act.
pub async fn act(client: Client<'_>, asked: &OutgoingAct) -> Verdict {
    let (Recipient::Phone(address) | Recipient::Scoped(address) | Recipient::Group(address)) = &asked.to;
    let chat = ids::chat_id(address);
    let whole =
        |target: &Target| target.whole.clone().unwrap_or_else(|| ids::serialised(target.is_ours, &chat, &target.id, None));
    let message = |target: &Target| format!("chats/{}/messages/{}", escaped(&chat), escaped(&whole(target)));
    let in_chat = || json!({ "chatId": chat });
    let answer = match &asked.what {
        What::React(target, emoji) => {
            let body = json!({ "messageId": whole(target), "reaction": emoji });
            client.verb(Method::PUT, "reaction", body, ASK_TIMEOUT).await
        }
        What::Edit(target, text) => client.own(Method::PUT, &message(target), Some(&json!({ "text": text }))).await,
        What::Remove(target) => client.own(Method::DELETE, &message(target), None).await,
        What::Seen(_) => client.verb(Method::POST, "sendSeen", in_chat(), ASK_TIMEOUT).await,
        What::Typing(true, _) => client.verb(Method::POST, "startTyping", in_chat(), ASK_TIMEOUT).await,
        What::Typing(false, _) => client.verb(Method::POST, "stopTyping", in_chat(), ASK_TIMEOUT).await,
        What::Watch => {
            let path = format!("presence/{}/subscribe", escaped(&chat));
            client.own(Method::POST, &path, Some(&json!({}))).await
        }
    };
    match answer {
        Ok(answer) => Verdict::Taken { external_id: id_of(&json_of(&answer)).unwrap_or_default() },
        Err(failed) => no(&failed),
    }
}

/// What a failure means for an act: an unknown message is not an unknown session.
fn no(failed: &Failed) -> Verdict {
    match failed.status {
        Some(404) => Verdict::Refused(Class::Content, failure("message_not_found", Class::Content, failed.reason.clone()), None),
        None if failed.retry == Retry::Unknown => Verdict::Unclear(failed.reason.clone()),
        _ => refused(failed),
    }
}
