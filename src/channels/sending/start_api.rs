//! Writing first: a conversation with somebody who has not written, over the channel that was named or the one that is
//! taken where nobody names one.

use crate::{
    base::{Actor, ChannelId, ContactId, Error, Result, phone},
    channels::{
        commands::{self, require_channel},
        model::{CHANNEL_READ, Channel, ChannelKind},
    },
    contacts::{self, IdentityKind, Observed},
    conversations::{self, CONVERSATION_REPLY, ConversationView, MessageKind, Opening, SendWindow, Sight},
    platform::{
        http::{Access, Json, Kit, Routes, routes},
        store::{Lane, Tx},
    },
    routing,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The doors of this file.
pub fn routes() -> Routes {
    Routes::new()
        .add(Access::Needs(CONVERSATION_REPLY), routes!(start_conversation))
        .add(Access::Needs(CHANNEL_READ), routes!(get_default_channel))
}

/// To whom, and over what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartConversation {
    /// A contact of the firm …
    contact_id: Option<ContactId>,
    /// … or a phone number with country code.
    #[schema(example = "+33639980001")]
    phone_number: Option<String>,
    /// Over which channel; the firm's default one if none is named, and while that is not connected the next one that is.
    channel_id: Option<ChannelId>,
}

/// Opens a conversation with somebody, or gives the one that is open. Over Meta's API only a template goes out before they
/// write; over a paired phone anything does.
#[utoipa::path(post, path = "/conversations", tag = "conversations", request_body = StartConversation,
    responses((status = 201, body = ConversationView)))]
async fn start_conversation(
    State(kit): State<Kit>,
    actor: Actor,
    Json(body): Json<StartConversation>,
) -> Result<(StatusCode, Json<ConversationView>)> {
    let (tenant, origin, sight) = (actor.tenant, actor.origin.clone(), Sight::of(&actor));
    let command = move |tx: &mut Tx<'_, '_>| {
        let to = match (body.contact_id, body.phone_number) {
            (Some(id), None) => {
                let contact = contacts::require_contact(tx, id)?;
                contact.phone_number().map(str::to_owned).ok_or_else(|| {
                    Error::conflict_at("contactId", "no_phone", "this contact has no phone number: give one first")
                })?
            }
            (None, Some(number)) => e164(&number)?,
            _ => return Err(Error::invalid("phoneNumber", "required", "give either a contact or a phone number")),
        };
        let channel = match body.channel_id {
            Some(id) => require_channel(tx, id)?,
            None => commands::channel_by_default(tx)?,
        };
        let seen = Observed::new(IdentityKind::Whatsapp, to.trim_start_matches('+'));
        let opening = Opening { channel: channel.id, queue: routing::queue_for_new(tx, channel.queue)?, address: to };
        let conversation = conversations::open_conversation(tx, opening, &[seen], window(tx, &channel))?;
        // The one that is open may be a colleague's, and a new one may begin in a queue of others.
        if conversation.is_within(&actor, CONVERSATION_REPLY) { Ok(conversation) } else { Err(Error::NotFound("conversation")) }
    };
    let conversation = kit.store().write(tenant, Lane::People, origin, command).await?;
    Ok((StatusCode::CREATED, Json(ConversationView::of(conversation, tenant, sight, kit.store().now()))))
}

/// What may go out before they have written.
fn window(tx: &Tx<'_, '_>, channel: &Channel) -> SendWindow {
    match channel.kind() {
        ChannelKind::Waha => SendWindow::open(),
        ChannelKind::WhatsappCloud => SendWindow {
            kinds: Vec::new(),
            until: Some(tx.now()),
            kinds_after: vec![MessageKind::Template],
            reason: Some("customer_service_window".to_owned()),
        },
    }
}

fn e164(number: &str) -> Result<String> {
    phone::e164("phoneNumber", number, None).or_else(|error| match error {
        // Numbers reserved for fiction and for tests are in no numbering plan.
        Error::Invalid(_) => phone::from_provider_digits(&number.replace([' ', '-', '(', ')', '.'], "")).ok_or(error),
        other => Err(other),
    })
}

/// The channel that is taken where nobody names one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DefaultChannel {
    /// Which.
    channel_id: ChannelId,
    /// It stands in for this one, which is set as the default and not connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead_of: Option<ChannelId>,
}

/// The channel that is taken where nobody names one: the default, and while that is not connected the next one that is.
#[utoipa::path(get, path = "/channels/default", tag = "channels", responses((status = 200, body = DefaultChannel)))]
async fn get_default_channel(State(kit): State<Kit>, actor: Actor) -> Result<Json<DefaultChannel>> {
    let (channel, instead_of) = kit.store().view(actor.tenant, commands::stand_in)?;
    Ok(Json(DefaultChannel { channel_id: channel.id, instead_of: instead_of.map(|set| set.id) }))
}
