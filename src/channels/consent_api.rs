//! What somebody agreed to receive, noted by one of us: on the phone, at the counter, on paper. Here and not with the
//! contacts, because the channel it is about must be one of ours.

use super::commands::require_channel;
use crate::{
    base::{Actor, ChannelId, ContactId, Result, Timestamp},
    contacts::{CONTACT_WRITE, Consent, ConsentSource, ContactView, Purpose, contact_named, set_consent},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Path, Routes, routes},
        store::{Lane, Tx},
    },
};
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn routes() -> Routes {
    Routes::new().add(Access::Needs(CONTACT_WRITE), routes!(note_consent))
}

/// What somebody wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NoteConsent {
    /// Over which channel; absent: all of them.
    channel_id: Option<ChannelId>,
    /// For what.
    purpose: Purpose,
    /// Agreed, or no more?
    granted: bool,
    /// When they said so; absent: now.
    at: Option<Timestamp>,
}

/// Notes what somebody wants to receive over one channel, or all, for one purpose. The newer statement stands.
#[utoipa::path(post, path = "/contacts/{contactId}/consents", tag = "contacts", params(("contactId" = String, Path)),
    request_body = NoteConsent, responses((status = 200, body = ContactView)))]
async fn note_consent(
    State(kit): State<Kit>,
    actor: Actor,
    Path(name): Path<IdOrNumber<ContactId>>,
    Json(body): Json<NoteConsent>,
) -> Result<Json<ContactView>> {
    let (tenant, origin) = (actor.tenant, actor.origin.clone());
    let write = move |tx: &mut Tx<'_, '_>| {
        actor.require(CONTACT_WRITE)?;
        let id = contact_named(tx, name)?.id;
        if let Some(channel) = body.channel_id {
            require_channel(tx, channel)?;
        }
        // Nobody agreed to anything tomorrow: that would outlast whatever they say today.
        let at = body.at.unwrap_or_else(|| tx.now()).min(tx.now());
        let source = ConsentSource::Person(actor.user);
        let consent = Consent { channel: body.channel_id, purpose: body.purpose, is_granted: body.granted, at, source };
        set_consent(tx, id, consent)
    };
    let contact = kit.store().write(tenant, Lane::People, origin, write).await?;
    Ok(Json(contact.into()))
}
