//! Channels: the firm's connections to providers, and the road messages take in and out.
//!
//! In: a webhook is believed by its signature alone, kept durably before it is acknowledged, and split
//! into elements, each taken by a command of its own in the tenant of its account ([`Ingest`]). Out:
//! what conversations put into the outbox is sent by [`ChannelHand`] and reported back. One adapter per
//! provider ([`adapter::Adapter`]) knows its wire format, nobody else does.
//!
//! Invariants: an account belongs to one channel of the whole box; a secret speaks only for its own
//! accounts; a channel the provider refuses is BROKEN, holds its queue and raises one alert; a removed
//! channel stays readable for its conversations; a file comes in as a stream and is judged by its bytes, and goes out as its
//! channel takes it; a template is a copy of what the provider has. Deliberately absent: any limit per address on webhooks.

mod accounts;
mod adapter;
mod api;
mod commands;
mod config_api;
mod consent_api;
mod founding;
mod health;
mod media;
mod model;
mod receiving;
mod sending;
mod sessions;
mod templates;
pub mod waha;
mod whatsapp;

pub use accounts::Accounts;
pub use adapter::{Adapter, Adapters, CheckItem};
pub use api::{ChannelFrames, ChannelView};
pub use commands::scheduled_is_due;
pub use commands::{
    ALARM, ForgetUploads, NewChannel, ReleaseHeld, SeenOut, WATCH, alarm_due, connect, create, live as live_channels, watch,
};
pub use config_api::{ChannelDefaults, WahaDefaults};
pub use founding::{GivenChannel, GivenNumber, founding_step, tenant_whatsapp};
pub use health::doctor::examine_channel;
pub use health::watch::{QrHand, Watch, WatchHand};
pub use media::fetch::{MediaHand, landed};
pub use media::file_rules::{FILE_RULES, FileRules};
pub use model::{
    CHANNEL_CREATED, CHANNEL_DELETED, CHANNEL_MANAGE, CHANNEL_READ, CHANNEL_UPDATED, Channel, ChannelConfig, ChannelKind,
    ChannelStatus, PathStyle, SessionState, Waha, WhatsappCloud,
};
pub use receiving::ingest::{Ingest, Taken};
pub use sending::acts::ActHand;
pub use sending::api::send_message;
pub use sending::carries::{Ability, Carries, Lengths, Said};
pub use sending::hand::ChannelHand;
pub use sending::manners::{MANNERS, PER_SECOND, RETRIES, Retries, settings};
pub use sending::outgoing::Manners;
pub use sending::typing::{TypingOut, contact_types};
pub use sessions::heard::Sessions;
pub use sessions::lids::LidHand;
pub use templates::{
    SYNC as TEMPLATES_SYNC, SyncHand, TEMPLATE_MANAGE, TEMPLATE_READ, TellOfTemplate, TemplateFrames, holds_file, sync_due,
};
pub use waha::WahaAdapter;
pub use whatsapp::{
    WhatsappCloudAdapter,
    signature::{AppSecret, HEADER as SIGNATURE_HEADER},
};

use std::path::{Path, PathBuf};

use crate::{
    base::{ChannelId, Error, Result},
    platform::{
        deadletters::DeadLetter,
        http::Routes,
        store::{Store, Tx},
    },
};

/// The doors of this room: its API and the providers' webhooks.
pub fn routes() -> Routes {
    api::routes()
        .merge(consent_api::routes())
        .merge(health::routes())
        .merge(media::routes())
        .merge(receiving::routes())
        .merge(sending::routes())
        .merge(sessions::routes())
        .merge(templates::routes())
}

/// The folders of WAHA sessions in reach of this box: by the channel each belongs to, and `given`, the one that whoever runs
/// the box has named in its configuration. Where several firms share the box that one alone: none of them may name a folder
/// of the host, and one may have been named before the second came.
///
/// # Errors
/// If the store can't be read.
pub fn session_folders(store: &Store, given: Option<&Path>) -> Result<Vec<(String, PathBuf)>> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for tenant in store.tenants() {
        let channels = store.view(tenant, commands::live)?;
        let folders = channels.iter().filter_map(|channel| {
            let folder = channel.waha()?.session_folder.as_ref()?;
            Some((format!("waha/{}", channel.id), PathBuf::from(folder)))
        });
        found.extend(folders);
    }
    if store.tenants().len() > 1 {
        for (channel, folder) in found.drain(..) {
            tracing::warn!(%channel, folder = %folder.display(), "several firms share this box: the backup goes without the folder");
        }
    }
    found.extend(given.map(|folder| ("waha/server".to_owned(), folder.to_owned())));
    Ok(found)
}

/// Takes a body for one of our channels as if its webhook had come at this command's time: for pasts that are made up.
///
/// # Errors
/// `unreadable` where an element can't be read; else what its command says.
pub fn take_past(tx: &mut Tx<'_, '_>, channel: ChannelId, kind: ChannelKind, body: &[u8]) -> Result<()> {
    let unreadable = |why: String| Error::conflict("unreadable", why);
    for element in Adapters::default().of(kind).parse(body, tx.now()).map_err(unreadable)? {
        commands::take(tx, channel, element.told.map_err(|why| unreadable(why.detail))?)?;
    }
    Ok(())
}

/// Reads the element of a dead letter of kind `inbound` again and takes it.
///
/// # Errors
/// Conflict `still_unreadable`, or what its command says.
pub fn retry_letter(tx: &mut Tx<'_, '_>, letter: &DeadLetter) -> Result<()> {
    commands::retry_letter(tx, letter, &Adapters::default())
}
