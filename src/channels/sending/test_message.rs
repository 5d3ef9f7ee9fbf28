//! *Send me a test*: one text to one's own phone.

use crate::{
    base::{Actor, ChannelId, Error, FieldError, Result, phone},
    channels::{api::id_of, commands::require_channel, config_api::text, model::CHANNEL_MANAGE},
    contacts::{IdentityKind, Observed},
    conversations::{self, MessageView, Opening, Sight},
    platform::{
        http::{Access, IdOrNumber, Json, Kit, Path, Routes, routes},
        store::{Lane, Tx},
    },
    routing,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// The door of this verb.
pub fn routes() -> Routes {
    Routes::new().add(Access::Needs(CHANNEL_MANAGE), routes!(send_test_message))
}

/// To whom a test goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TestMessage {
    /// A phone number with country code.
    #[schema(example = "+33639980001")]
    to: String,
    /// Other words than ours.
    #[schema(example = "Is this thing on?")]
    text: Option<String>,
}

/// Sends a test, as a message in a conversation of its own. Who has not written to the number within a day
/// can't be sent free text: then it fails with the provider's words.
#[utoipa::path(post, path = "/channels/{channelId}/test-message", tag = "channels", params(("channelId" = String, Path)),
    request_body = TestMessage, responses((status = 201, body = MessageView)))]
async fn send_test_message(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
    Json(body): Json<TestMessage>,
) -> Result<(StatusCode, Json<MessageView>)> {
    let to = phone::e164("to", &body.to, None).or_else(|error| match error {
        // Numbers reserved for fiction and for tests are in no numbering plan.
        Error::Invalid(_) => phone::from_provider_digits(&body.to.replace([' ', '-', '(', ')', '.'], "")).ok_or(error),
        other => Err(other),
    })?;
    let words = text(body.text).unwrap_or_else(|| "Farol ✓ test · teste · essai · prueba".to_owned());
    if words.chars().count() > conversations::TEXT_MAX {
        let detail = format!("give at most {} characters", conversations::TEXT_MAX);
        return Err(Error::Invalid(vec![FieldError { field: "text".into(), code: "too_long".into(), detail: detail.into() }]));
    }
    let (by, origin) = (actor.clone(), actor.origin.clone());
    let command = move |tx: &mut Tx<'_, '_>| {
        let channel = require_channel(tx, id_of(tx, named)?)?;
        let seen = Observed::new(IdentityKind::Whatsapp, to.trim_start_matches('+'));
        let opening = Opening { channel: channel.id, queue: routing::queue_for_new(tx, channel.queue)?, address: to };
        let conversation = conversations::open_conversation(tx, opening, &[seen], conversations::SendWindow::open())?;
        let author = conversations::Author::Person { user: by.user, name: by.name.clone() };
        // No answer to the customer: what they wrote stays unread and unanswered.
        let test = conversations::NewMessage { is_bot: true, ..conversations::NewMessage::text(conversation.id, words) };
        conversations::send_as(tx, &author, test)
    };
    let stored = kit.store().write(actor.tenant, Lane::People, origin, command).await?;
    Ok((StatusCode::CREATED, Json(MessageView::of(stored.message, stored.conversation.read_arrival, Sight::of(&actor)))))
}
