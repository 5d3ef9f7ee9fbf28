//! A channel's figures day by day.

use super::figures::{self, ChannelDay};
use crate::{
    base::{Actor, ChannelId, Error, Result},
    channels::{api::id_of, commands::require_channel, model::CHANNEL_READ},
    platform::http::{Access, IdOrNumber, Json, Kit, Path, Query, Routes, routes},
};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Days shown where nobody says how many, and at most.
const DAYS: u32 = 30;
/// See [`DAYS`].
const DAYS_MAX: u32 = 90;

pub(in crate::channels) fn routes() -> Routes {
    Routes::new().add(Access::Needs(CHANNEL_READ), routes!(get_metrics))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct MetricsQuery {
    /// How many days, today the last of them; 1 to 90.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<u32>,
}

/// A channel day by day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelMetrics {
    /// Each day, today the last.
    days: Vec<ChannelDay>,
}

/// What went over a channel day by day, how long messages took to arrive, and how much of the time it worked.
#[utoipa::path(get, path = "/channels/{channelId}/metrics", tag = "channels",
    params(("channelId" = String, Path), MetricsQuery), responses((status = 200, body = ChannelMetrics)))]
async fn get_metrics(
    State(kit): State<Kit>,
    actor: Actor,
    Path(named): Path<IdOrNumber<ChannelId>>,
    Query(query): Query<MetricsQuery>,
) -> Result<Json<ChannelMetrics>> {
    let days = query.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Error::invalid("days", "out_of_range", "give 1 to 90 days"));
    }
    kit.store().view(actor.tenant, |view| {
        let channel = require_channel(view, id_of(view, named)?)?;
        Ok(Json(ChannelMetrics { days: figures::days(view, &channel, kit.store().now(), days)? }))
    })
}
