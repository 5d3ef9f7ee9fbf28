//! Sending a message on to other conversations: the same words, file and facts once more, each judged where it goes.

use super::{
    super::{
        extra::{Extra, Media, MediaState, Poll},
        model::{CONVERSATION_READ, Message, MessageKind},
        trace::StepKind,
    },
    NewMessage, Stored, note_deed, within,
};
use crate::{
    base::{Actor, ConversationId, Error, MessageId, Result, error::Check},
    platform::store::{Read, Tx},
};

/// Conversations one message is sent on to at once.
pub const FORWARDED_MAX: usize = 10;

/// What became of sending a message on.
#[derive(Debug, Default)]
pub struct Forwarded {
    /// What went out, in the order asked for.
    pub sent: Vec<Stored>,
    /// Where it did not, and why.
    pub refused: Vec<(ConversationId, Error)>,
}

/// Sends a message on by `send`, which knows what each channel carries and writes nothing of what it refuses. Where it
/// can't go it is said so, and the others go all the same.
///
/// # Errors
/// `NotFound`; `Invalid` naming `conversationIds`; conflicts `is_note`, `message_revoked`, `not_forwardable`,
/// `media_pending`; where it can go nowhere, what the first conversation said.
pub fn forward(
    tx: &mut Tx<'_, '_>,
    actor: &Actor,
    id: MessageId,
    to: &[ConversationId],
    client_id: Option<&str>,
    mut send: impl FnMut(&mut Tx<'_, '_>, NewMessage) -> Result<Stored>,
) -> Result<Forwarded> {
    let message = tx.require::<Message>(&id)?;
    within(tx, actor, message.conversation, CONVERSATION_READ).map_err(|_| Error::NotFound("message"))?;
    let mut check = Check::new();
    check.that(!to.is_empty(), "conversationIds", "required", "name a conversation");
    check.that(to.len() <= FORWARDED_MAX, "conversationIds", "too_long", format!("name at most {FORWARDED_MAX} conversations"));
    check.length("clientId", client_id.unwrap_or_default(), 0, 64);
    check.done()?;
    let mut forwarded = Forwarded::default();
    for (n, conversation) in to.iter().enumerate() {
        if to[..n].contains(conversation) {
            continue;
        }
        let new = NewMessage { client_id: client_id.map(|id| format!("{id}/{conversation}")), ..again(&message, *conversation)? };
        match send(tx, new) {
            Ok(stored) => forwarded.sent.push(stored),
            Err(error) if error.is_permanent() => forwarded.refused.push((*conversation, error)),
            Err(error) => return Err(error),
        }
    }
    if forwarded.sent.is_empty() {
        return Err(forwarded.refused.swap_remove(0).1);
    }
    if forwarded.sent.iter().any(|stored| stored.is_new) {
        note_deed(tx, id, StepKind::Forwarded, Some(actor.user), None)?;
    }
    Ok(forwarded)
}

/// The message once more. What was chosen of buttons is words elsewhere, and so is what was made of a template.
fn again(message: &Message, conversation: ConversationId) -> Result<NewMessage> {
    if message.is_private {
        return Err(Error::conflict("is_note", "a note is for colleagues alone"));
    }
    if message.is_revoked() {
        return Err(Error::conflict("message_revoked", "this message was taken back"));
    }
    let extra = message.extra.as_deref();
    let mut kind = message.kind;
    match kind {
        MessageKind::Interactive | MessageKind::Template => kind = kind_of_file(message.media.as_ref()),
        MessageKind::Reaction | MessageKind::Order | MessageKind::System | MessageKind::Unsupported => {
            return Err(Error::conflict("not_forwardable", "this kind of message can't be sent on"));
        }
        _ => {}
    }
    let media = match &message.media {
        Some(media) if media.state == MediaState::Ready => {
            Some(Media { provider_id: None, provider_url: None, provider_sha256: None, ..media.clone() })
        }
        Some(media) if media.state == MediaState::Pending => {
            return Err(Error::conflict("media_pending", "this is still being fetched"));
        }
        Some(_) => return Err(Error::conflict("not_forwardable", "its file is not here")),
        None => None,
    };
    let extra = Extra {
        place: extra.and_then(|extra| extra.place.clone()),
        cards: extra.map(|extra| extra.cards.clone()).unwrap_or_default(),
        poll: extra.and_then(|extra| extra.poll.clone()).map(|poll| Poll { votes: Vec::new(), ..poll }),
        is_forwarded: true,
        ..Extra::default()
    };
    if kind == MessageKind::Text && message.content.trim().is_empty() {
        return Err(Error::conflict("not_forwardable", "there are no words in it"));
    }
    Ok(NewMessage { kind, media, extra: extra.boxed(), ..NewMessage::text(conversation, message.content.clone()) })
}

/// What words are with the picture, film or file that stood above them.
fn kind_of_file(media: Option<&Media>) -> MessageKind {
    let Some(media) = media else { return MessageKind::Text };
    match media.mime.as_deref().and_then(|mime| mime.split('/').next()) {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        _ => MessageKind::Document,
    }
}
