//! A message's file on its way out: handed over to the provider first, where it wants that, and remembered there.

use super::{
    adapter::{Adapter, Line},
    outgoing::{OutgoingMedia, Verdict},
};
use crate::{
    base::{ChannelId, TenantId, Timestamp},
    conversations::{MediaState, Message},
    platform::{
        media::{MediaHash, MediaStore},
        outbound::Outbound,
    },
};
use parking_lot::Mutex;
use std::{collections::HashMap, time::Duration};

/// A provider keeps what was handed over for 30 days; a day before that it is handed over anew.
const KEPT_FOR: Duration = Duration::from_secs(29 * 86_400);
/// Files remembered; forgetting costs one more upload.
const REMEMBERED_MAX: usize = 10_000;

/// Files that providers have from us already, by channel: the same catalogue sent to a hundred people goes up once.
#[derive(Default)]
pub struct Uploads(Mutex<HashMap<(ChannelId, MediaHash), (String, Timestamp)>>);

impl Uploads {
    /// The file of a message, handed over where the provider wants that; `None` for a message without one.
    ///
    /// # Errors
    /// What the provider's answer means for the message.
    pub async fn file_of(
        &self,
        (store, outbound, adapter): (&MediaStore, &Outbound, &dyn Adapter),
        line: &Line,
        tenant: TenantId,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<OutgoingMedia>, Verdict> {
        let Some(media) = message.media.as_ref().filter(|media| media.state == MediaState::Ready) else { return Ok(None) };
        let Some(hash) = media.hash.as_deref().and_then(|hash| hash.parse::<MediaHash>().ok()) else { return Ok(None) };
        let mut file = OutgoingMedia {
            kind: message.kind,
            mime: media.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
            file_name: media.file_name.clone(),
            is_voice: media.is_voice,
            path: store.files().path(tenant, hash),
            bytes: media.bytes.unwrap_or_default(),
            provider_id: None,
        };
        let known = self.0.lock().get(&(message.channel, hash)).filter(|(_, at)| now.since(*at) < KEPT_FOR).cloned();
        file.provider_id = match known {
            Some((id, _)) => Some(id),
            None => {
                let id = adapter.upload(outbound, line, &file).await?;
                if let Some(id) = &id {
                    let mut uploads = self.0.lock();
                    if uploads.len() >= REMEMBERED_MAX {
                        uploads.clear();
                    }
                    uploads.insert((message.channel, hash), (id.clone(), now));
                }
                id
            }
        };
        Ok(Some(file))
    }

    /// The provider does not know the file any more: it goes up again.
    pub fn forget(&self, channel: ChannelId, media: Option<&OutgoingMedia>) {
        let id = media.and_then(|media| media.provider_id.as_deref());
        if id.is_some() {
            self.0.lock().retain(|(of, _), (known, _)| *of != channel || Some(known.as_str()) != id);
        }
    }
}
