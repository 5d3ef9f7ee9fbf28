//! The bytes of a message's picture, file or sound: asked for with the message, settled when they are here or won't come.

use super::{
    super::{
        extra::{Media, MediaState},
        model::{CONVERSATION_READ, CONVERSATION_REPLY, Direction, Message},
    },
    status::store_message,
    within,
};
use crate::{
    base::{Actor, DeliveryId, Error, MessageId, Result},
    platform::{
        outbox::NewDelivery,
        store::{Read, Tx},
    },
};
use serde_json::json;

/// The kind of delivery that fetches a message's bytes from its provider.
pub const MEDIA_FETCH: &str = "media.fetch";

/// Asks for the bytes, in the commit that stores the message. One lane a message: a slow file stops no other.
pub(super) fn fetch(tx: &mut Tx<'_, '_>, message: &Message) -> Result<()> {
    let Some(media) = &message.media else { return Ok(()) };
    let id: DeliveryId = tx.new_id();
    tx.deliver(NewDelivery {
        id,
        kind: MEDIA_FETCH,
        lane: message.id.to_string(),
        payload: json!({
            "message": message.id,
            "channel": message.channel,
            "provider_id": media.provider_id,
            "url": media.provider_url,
            "mime": media.declared_mime,
            "sha256": media.provider_sha256,
        }),
        not_before: None,
    })
}

/// The bytes are here, kept back, or won't come: `media` is how it stands now. A message that was erased meanwhile is
/// `NotFound`.
///
/// # Errors
/// `NotFound`.
pub fn settle_media(tx: &mut Tx<'_, '_>, id: MessageId, media: Media) -> Result<Message> {
    let old = tx.require::<Message>(&id)?;
    let mut message = Message { media: Some(media), ..old.clone() };
    if message != old {
        store_message(tx, &old, &mut message)?;
    }
    Ok(message)
}

/// Asks again for bytes that could not be fetched, or were too many: the channel may take more by now.
///
/// # Errors
/// `NotFound`, `Forbidden`; conflict `not_failed`.
pub fn retry_media(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<Message> {
    let old = tx.require::<Message>(&id)?;
    let conversation = within(tx, actor, old.conversation, CONVERSATION_READ).map_err(|_| Error::NotFound("message"))?;
    within(tx, actor, conversation.id, CONVERSATION_REPLY)?;
    let is_lacking = |media: &&Media| match media.state {
        MediaState::Failed => true,
        // What is kept back because of what it is would be kept back again.
        MediaState::Quarantined => media.hash.is_none(),
        MediaState::Pending | MediaState::Ready => false,
    };
    let failed = old.media.as_ref().filter(is_lacking).filter(|_| old.direction == Direction::Inbound);
    let Some(failed) = failed else {
        return Err(Error::conflict("not_failed", "only what could not be fetched can be fetched again"));
    };
    let media = Media { state: MediaState::Pending, reason: None, ..failed.clone() };
    let mut message = Message { media: Some(media), ..old.clone() };
    fetch(tx, &message)?;
    store_message(tx, &old, &mut message)?;
    Ok(message)
}
