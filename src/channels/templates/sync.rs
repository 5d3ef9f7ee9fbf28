//! Brings a channel's templates up to date with the provider's list.

use super::{
    commands::{self, Counted, SYNC},
    model::{TEMPLATES_OF_CHANNEL, Template, TemplateStatus},
    provider::{Listed, Refusal},
};
use crate::{
    base::{ChannelId, Error, Origin, Result, TemplateId, TenantId},
    channels::{accounts::Accounts, adapter::Adapters, commands::require_channel, model::Channel},
    platform::{
        outbound::Outbound,
        outbox::{Delivery, Hand, Outcome, Policy},
        store::{KeyRange, Lane, Read, Store, Tx},
    },
};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

/// Templates that one command takes: each may hold some kilobytes and costs a dozen operations.
const AT_ONCE: usize = 16;
/// Pages of a list; a business account holds some thousand templates at most.
const PAGES_MAX: usize = 100;

/// What a look at the provider's list needs.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The store.
    pub store: &'a Store,
    /// Keys.
    pub accounts: &'a Accounts,
    /// The way out.
    pub outbound: &'a Outbound,
    /// Who knows the provider.
    pub adapters: &'a Adapters,
}

/// What a look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Templates on the list.
    pub found: usize,
    /// What changed here.
    pub counted: Counted,
}

/// Reads the provider's list to its end and takes it over: page by page, each part in a command of its own. A list that
/// breaks off in the middle deletes nothing.
///
/// # Errors
/// Conflict `provider_refused`, `not_supported`, `no_token`; `Unavailable` where the provider does not answer.
pub async fn look(parts: Parts<'_>, tenant: TenantId, channel: &Channel) -> Result<Looked> {
    let Parts { store, accounts, outbound, adapters } = parts;
    let Some(book) = adapters.of(channel.kind()).templates() else {
        return Err(Error::conflict("not_supported", "this connection has no templates"));
    };
    let line = accounts.line(tenant, channel).ok_or_else(|| Error::conflict("no_token", "the channel has no access token"))?;
    let began = store.now();
    let (mut looked, mut seen, mut after) = (Looked::default(), HashSet::new(), None);
    for page in 0.. {
        if page == PAGES_MAX {
            return Err(Refusal::Away("the list does not end".into()).into());
        }
        let listed = book.page((outbound, &line), after.as_deref()).await?;
        looked.found += listed.templates.len();
        seen.extend(listed.templates.iter().map(|one| (one.name.clone(), one.language.clone())));
        for some in in_parts(listed.templates) {
            let id = channel.id;
            let take = move |tx: &mut Tx<'_, '_>| commands::take_listed(tx, id, some);
            looked.counted += store.write(tenant, Lane::Jobs, Origin::system(), take).await?;
        }
        after = listed.next;
        if after.is_none() {
            break;
        }
    }
    for ids in gone(store, tenant, channel.id, &seen)?.chunks(AT_ONCE).map(<[TemplateId]>::to_vec) {
        let mark = move |tx: &mut Tx<'_, '_>| commands::mark_gone(tx, &ids, began);
        looked.counted += store.write(tenant, Lane::Jobs, Origin::system(), mark).await?;
    }
    Ok(looked)
}

fn in_parts(all: Vec<Listed>) -> Vec<Vec<Listed>> {
    let mut parts: Vec<Vec<Listed>> = Vec::new();
    for one in all {
        match parts.last_mut().filter(|part| part.len() < AT_ONCE) {
            Some(part) => part.push(one),
            None => parts.push(vec![one]),
        }
    }
    parts
}

fn gone(store: &Store, tenant: TenantId, channel: ChannelId, seen: &HashSet<(String, String)>) -> Result<Vec<TemplateId>> {
    store.view(tenant, |view| {
        let mut gone = Vec::new();
        for hit in view.list(&TEMPLATES_OF_CHANNEL, KeyRange::prefix(channel))? {
            let (template, _): (Template, _) = hit?;
            if template.status != TemplateStatus::Deleted && !seen.contains(&(template.name, template.language)) {
                gone.push(template.id);
            }
        }
        Ok(gone)
    })
}

/// The hand that looks at the provider's list, at connect, daily, and when a webhook says that it changed.
pub struct SyncHand {
    /// The store.
    pub store: Store,
    /// Keys.
    pub accounts: Accounts,
    /// The way out.
    pub outbound: Outbound,
    /// Who knows the provider.
    pub adapters: Adapters,
}

fn channel_of(delivery: &Delivery) -> Result<ChannelId> {
    let id = delivery.payload.0.get("channel").and_then(|id| id.as_str()?.parse().ok());
    id.ok_or_else(|| Error::conflict("no_channel", "the delivery names no channel"))
}

impl Hand for SyncHand {
    fn kind(&self) -> &'static str {
        SYNC
    }

    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let channel = channel_of(delivery).and_then(|id| self.store.view(delivery.tenant, |view| require_channel(view, id)));
            let looked = match channel {
                Ok(channel) => {
                    let Self { store, accounts, outbound, adapters } = self;
                    look(Parts { store, accounts, outbound, adapters }, delivery.tenant, &channel).await
                }
                Err(error) => Err(error),
            };
            match looked {
                Ok(looked) => Outcome::Done(json!({ "found": looked.found })),
                // Nobody waits for this one, and the timer asks again: a failure is no letter for a person.
                Err(error) => {
                    tracing::info!(%error, lane = delivery.lane, "a channel's templates can't be listed");
                    Outcome::Done(json!({ "failed": error.code() }))
                }
            }
        })
    }

    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, _last: bool) -> Result<()> {
        match outcome {
            Outcome::Done(said) if said.get("failed").is_none() => Ok(()),
            _ => commands::sync_failed(tx, channel_of(delivery)?),
        }
    }

    fn policy(&self) -> Policy {
        Policy {
            attempts_max: 3,
            attempt_timeout: Duration::from_secs(300),
            lane_wait: Duration::from_secs(1),
            concurrency: 4,
            ..Policy::default()
        }
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}
