//! Messages by whatever names them: our id, the provider's, or the serialised form `fromMe_chat_id` that web clients of
//! WhatsApp write.

use super::model::{Direction, EXTERNAL_ID_TO_MESSAGE, Message};
use crate::{
    base::{Error, MessageId, Result},
    platform::store::{KeyRange, Read, TenantScope},
};

/// Channels whose ids are looked through; a tenant has at most a hundred that are alive.
const CHANNELS_MAX: usize = 256;

/// The message `name` stands for.
///
/// # Errors
/// `NotFound`.
pub fn message_named(source: &impl Read<Scope = TenantScope>, name: &str) -> Result<Message> {
    if let Ok(id) = name.parse::<MessageId>()
        && let Some(message) = source.get::<Message>(&id)?
    {
        return Ok(message);
    }
    if let Some(message) = by_external_id(source, name)? {
        return Ok(message);
    }
    match bare_id(name) {
        Some(id) => by_external_id(source, id)?.ok_or(Error::NotFound("message")),
        None => Err(Error::NotFound("message")),
    }
}

/// The id within `true_33639980001@c.us_3EB0…` and `false_…@g.us_3EB0…_33639980001@c.us`.
fn bare_id(name: &str) -> Option<&str> {
    let (from_me, rest) = name.split_once('_')?;
    let (chat, rest) = rest.split_once('_')?;
    let id = rest.split_once('_').filter(|(_, author)| author.contains('@')).map_or(rest, |(id, _)| id);
    (matches!(from_me, "true" | "false") && !chat.is_empty() && !id.is_empty()).then_some(id)
}

/// The serialised form of a message in the chat with `address`.
pub fn serialised(message: &Message, address: &str) -> Option<String> {
    let id = message.external_id.as_deref()?;
    if bare_id(id).is_some() {
        return Some(id.to_owned());
    }
    let from_me = message.direction == Direction::Outbound;
    let digits = address.trim_start_matches('+');
    let chat = match digits {
        _ if address.contains('@') => address.to_owned(),
        _ if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => format!("{digits}@c.us"),
        other => other.to_owned(),
    };
    Some(format!("{from_me}_{chat}_{id}"))
}

/// Ids are unique in a channel: each channel that has any is asked.
fn by_external_id(source: &impl Read<Scope = TenantScope>, id: &str) -> Result<Option<Message>> {
    let mut after: Option<Vec<u8>> = None;
    for _ in 0..CHANNELS_MAX {
        let range = KeyRange::all().after(after.take());
        let Some(first) = source.list(&EXTERNAL_ID_TO_MESSAGE, range)?.next() else { return Ok(None) };
        let (message, _) = first?;
        if let Some(found) = source.find(&EXTERNAL_ID_TO_MESSAGE, (message.channel, id))? {
            return Ok(Some(found));
        }
        // Behind everything this channel has.
        let mut end = message.channel.as_bytes().to_vec();
        end.extend([0xff; 8]);
        after = Some(end);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::bare_id;

    #[test]
    fn serialised_forms_hold_the_id() {
        for (name, expected) in [
            ("true_33639980001@c.us_3EB0ABC", Some("3EB0ABC")),
            ("false_1203630001@g.us_3EB0ABC_33639980001@c.us", Some("3EB0ABC")),
            ("false_1@lid_wamid.HB_gL", Some("wamid.HB_gL")),
            ("wamid.HBgL", None),
            ("maybe_1@c.us_3EB0", None),
            ("true__3EB0", None),
            ("true_1@c.us_", None),
        ] {
            assert_eq!(bare_id(name), expected, "{name}");
        }
    }
}
