//! Reactions, what was read and who types, as the Cloud API wants them. It has no calls that change a message or take
//! one back.

use super::{PURPOSE, SEND_TIMEOUT, not_answered, send};
use crate::{
    channels::{
        adapter::Line,
        sending::{
            acts::{OutgoingAct, What},
            outgoing::{Recipient, Verdict},
        },
    },
    platform::outbound::{Call, Guard, Outbound},
};
use serde_json::{Value, json};

/// Carries out one act.
pub async fn act(outbound: &Outbound, line: &Line, asked: &OutgoingAct) -> Verdict {
    let nothing = Verdict::Taken { external_id: String::new() };
    let body = match &asked.what {
        What::React(..) | What::Seen(_) | What::Typing(true, _) => body(asked),
        // It ends by itself after 25 seconds, or with the message.
        What::Typing(false, _) | What::Watch => return nothing,
        What::Edit(..) => return Verdict::not_supported("an edit"),
        What::Remove(_) => return Verdict::not_supported("taking a message back"),
    };
    let call = Call::post(PURPOSE, format!("{}/{}/messages", line.base_url, line.account))
        .guard(Guard::Owner)
        .bearer(&line.token)
        .json(&body)
        .timeout(SEND_TIMEOUT);
    match outbound.send(call).await {
        Ok(answer) if answer.status.is_success() && !matches!(asked.what, What::React(..)) => nothing,
        Ok(answer) => {
            let wait = answer.headers.get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
            send::verdict(answer.status.as_u16(), wait, &answer.body)
        }
        Err(error) => not_answered(&error),
    }
}

/// The request's body.
fn body(asked: &OutgoingAct) -> Value {
    match &asked.what {
        What::React(target, emoji) => {
            let mut body = json!({
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "type": "reaction",
                "reaction": { "message_id": target.id, "emoji": emoji },
                "biz_opaque_callback_data": asked.callback.to_string(),
            });
            match &asked.to {
                Recipient::Phone(phone) => body["to"] = json!(phone.trim_start_matches('+')),
                Recipient::Scoped(id) => body["recipient"] = json!(id),
                Recipient::Group(id) => {
                    body["recipient_type"] = json!("group");
                    body["to"] = json!(id);
                }
            }
            body
        }
        What::Typing(_, target) => json!({
            "messaging_product": "whatsapp", "status": "read", "message_id": target.id, "typing_indicator": { "type": "text" },
        }),
        What::Seen(target) | What::Edit(target, _) | What::Remove(target) => {
            json!({ "messaging_product": "whatsapp", "status": "read", "message_id": target.id })
        }
        What::Watch => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::sending::acts::Target;

    #[test]
    fn requests_are_what_the_contract_prints() {
        let target = Target { id: "wamid.A".into(), is_ours: false, whole: None };
        let asked = |what| OutgoingAct { to: Recipient::Phone("+351900000001".into()), what, callback: uuid::Uuid::from_u128(7) };
        assert_eq!(
            body(&asked(What::React(target.clone(), "👍".into()))),
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "351900000001", "type": "reaction",
                "reaction": {"message_id": "wamid.A", "emoji": "👍"},
                "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000007"})
        );
        assert_eq!(
            body(&asked(What::Typing(true, target.clone()))),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A",
                "typing_indicator": {"type": "text"}})
        );
        assert_eq!(
            body(&asked(What::Seen(target))),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"})
        );
    }
}
