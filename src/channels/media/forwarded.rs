//! A customer's file on its way to others: made into something channels take, as if one of us had handed it in. What came over
//! one provider need not be what another takes.

use super::{
    fetch::landed,
    fit::{HANDED_IN, Wish, make_fit},
};
use crate::{
    base::{Error, Result, TenantId},
    channels::model::ChannelKind,
    conversations::{Direction, Media, MediaState, Message, MessageKind},
    platform::media::{Claims, MediaHash, MediaStore},
};

/// What a message's file is sent on as, and the file; `None` where it goes as it is.
///
/// # Errors
/// Those of [`make_fit`].
pub async fn fitted(
    store: &MediaStore,
    tenant: TenantId,
    channel: ChannelKind,
    message: &Message,
) -> Result<Option<(MessageKind, Media)>> {
    let Some(media) = message.media.as_ref().filter(|media| media.state == MediaState::Ready) else { return Ok(None) };
    let may_differ = matches!(message.kind, MessageKind::Image | MessageKind::Video | MessageKind::Audio | MessageKind::Document);
    // What one of us sent was made to fit then.
    if !may_differ || message.direction == Direction::Outbound {
        return Ok(None);
    }
    let Some(hash) = media.hash.as_deref().and_then(|hash| hash.parse::<MediaHash>().ok()) else { return Ok(None) };
    let claims = Claims { mime: media.mime.clone(), file_name: media.file_name.clone(), sha256: None };
    let from = store.files().path(tenant, hash);
    let again = move |to: &std::path::Path| {
        let copied = std::fs::copy(&from, to);
        copied.map(drop).map_err(|e| Error::internal(format!("take {} in once more: {e}", from.display())))
    };
    let file = store.make(tenant, claims, HANDED_IN, again).await?;
    let wish = Wish { is_voice: media.is_voice, as_document: message.kind == MessageKind::Document, ..Wish::default() };
    let fitting = make_fit(store, tenant, channel, file, media.file_name.clone(), wish).await?;
    let known = Media { file_name: fitting.file_name, is_voice: wish.is_voice, ..Media::default() };
    Ok(Some((fitting.kind, Media { reason: None, ..landed(&known, &fitting.file) })))
}
