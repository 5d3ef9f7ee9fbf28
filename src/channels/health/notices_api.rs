//! What providers told of a channel's account, templates, groups and sessions, newest first.

use crate::{
    base::{Actor, ChannelId, Result, Timestamp},
    channels::{
        api::id_of,
        commands::require_channel,
        model::{CHANNEL_READ, ChannelNotice, NOTICES_OF_CHANNEL},
    },
    platform::{
        http::{Access, IdOrNumber, Kit, Page, PageQuery, Path, Query, Routes, page_of, routes},
        store::{KeyRange, Read},
    },
};
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

pub(in crate::channels) fn routes() -> Routes {
    Routes::new().add(Access::Needs(CHANNEL_READ), routes!(list_notices))
}

/// Something a provider told of a channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelNotice)]
struct NoticeView {
    /// Its id.
    id: Uuid,
    /// Of which channel.
    channel_id: ChannelId,
    /// When, by the provider's clock.
    at: Timestamp,
    /// The provider's word for what it is about.
    #[schema(example = "message_template_status_update")]
    topic: String,
    /// The provider's word for what happened.
    #[schema(example = "PAUSED")]
    event: String,
    /// What it is about: a template's name, a number, a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Why, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Stable code of what one can do about it, where the notice is the house's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "check_recipient")]
    next_step: Option<String>,
    /// As it came; absent where it was too long to be kept whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    raw: Option<Box<RawValue>>,
}

impl From<ChannelNotice> for NoticeView {
    fn from(n: ChannelNotice) -> Self {
        let raw = RawValue::from_string(n.raw).ok();
        Self {
            id: n.id,
            channel_id: n.channel,
            at: n.at,
            topic: n.topic,
            event: n.event,
            subject: n.subject,
            reason: n.reason,
            next_step: n.next_step,
            raw,
        }
    }
}

/// What the provider told of a channel, newest first.
#[utoipa::path(get, path = "/channels/{channelId}/notices", tag = "channels", params(("channelId" = String, Path), PageQuery),
    responses((status = 200, body = Page<NoticeView>)))]
async fn list_notices(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
    Query(page): Query<PageQuery>,
) -> Result<Page<NoticeView>> {
    let (limit, after) = (page.limit(), page.after()?);
    kit.store().view(actor.tenant, |view| {
        let id = require_channel(view, id_of(view, named)?)?.id;
        let range = KeyRange::prefix(id).reverse().after(after.filter(|at| at.starts_with(id.as_bytes())));
        page_of(view.list(&NOTICES_OF_CHANNEL, range)?, limit, |notice| Ok(Some(notice.into())))
    })
}
