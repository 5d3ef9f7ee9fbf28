//! A message's file on its way out: handed over to the provider first, where it wants that, and remembered there.

use crate::{
    base::{ChannelId, Origin, Result, TenantId},
    channels::{
        adapter::{Adapter, Line},
        commands::{UPLOADS_KEPT_FOR, forget_upload, note_upload},
        model::Upload,
        sending::outgoing::{OutgoingMedia, Verdict},
    },
    conversations::{MediaState, Message},
    platform::{
        media::{MediaHash, MediaStore},
        outbound::Outbound,
        store::{Lane, Read, Store, Tx},
    },
};

/// What is needed to bring a message's file to its provider.
#[derive(Clone, Copy)]
pub struct Handing<'a> {
    /// Where is written what providers have.
    pub store: &'a Store,
    /// Where files lie.
    pub media: &'a MediaStore,
    /// The way out.
    pub outbound: &'a Outbound,
    /// The provider's adapter.
    pub adapter: &'a dyn Adapter,
    /// Its line.
    pub line: &'a Line,
    /// Whose message it is.
    pub tenant: TenantId,
}

impl Handing<'_> {
    /// The file of a message, handed over where the provider wants that, and whether the provider had it from before:
    /// the same catalogue sent to a hundred people goes up once. `is_anew` hands it over whatever the provider had. `None`
    /// for a message without a file.
    ///
    /// # Errors
    /// What the provider's answer means for the message.
    pub async fn file_of(&self, message: &Message, is_anew: bool) -> std::result::Result<Option<(OutgoingMedia, bool)>, Verdict> {
        let Some(media) = message.media.as_ref().filter(|media| media.state == MediaState::Ready) else { return Ok(None) };
        let Some(hash) = media.hash.as_deref().and_then(|hash| hash.parse::<MediaHash>().ok()) else { return Ok(None) };
        let mut file = OutgoingMedia {
            kind: message.kind,
            mime: media.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
            file_name: media.file_name.clone(),
            is_voice: media.is_voice,
            path: self.media.files().path(self.tenant, hash),
            bytes: media.bytes.unwrap_or_default(),
            provider_id: None,
        };
        let hash = hash.to_string();
        if !is_anew && let Some(known) = self.known(message.channel, &hash) {
            file.provider_id = Some(known);
            return Ok(Some((file, true)));
        }
        file.provider_id = self.adapter.upload(self.outbound, self.line, &file).await?;
        if let Some(provider_id) = file.provider_id.clone() {
            let at = self.store.now();
            self.note(Upload { channel: message.channel, hash, provider_id, at }).await;
        }
        Ok(Some((file, false)))
    }

    fn known(&self, channel: ChannelId, hash: &str) -> Option<String> {
        let now = self.store.now();
        let upload = self.store.view(self.tenant, |view| view.get::<Upload>(&(channel, hash.to_owned()))).ok().flatten()?;
        (now.since(upload.at) < UPLOADS_KEPT_FOR).then_some(upload.provider_id)
    }

    async fn note(&self, upload: Upload) {
        let write = move |tx: &mut Tx<'_, '_>| note_upload(tx, &upload);
        self.told(self.store.write(self.tenant, Lane::Reactions, Origin::system(), write).await);
    }

    /// The provider does not know the file of `message` any more: the next attempt hands it over anew.
    pub async fn forget(&self, message: &Message) {
        let Some(hash) = message.media.as_ref().and_then(|media| media.hash.clone()) else { return };
        let channel = message.channel;
        let write = move |tx: &mut Tx<'_, '_>| forget_upload(tx, channel, hash);
        self.told(self.store.write(self.tenant, Lane::Reactions, Origin::system(), write).await);
    }

    /// What could not be noted costs one more upload, and no message.
    fn told(&self, noted: Result<()>) {
        if let Err(error) = noted {
            tracing::warn!(tenant = %self.tenant, %error, "what a provider has of our files could not be noted");
        }
    }
}
