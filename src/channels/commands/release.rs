//! What was held goes on once its channel may send again, and ends once its channel is gone.

use crate::{
    base::{ChannelId, Error, MessageId, Result},
    conversations,
    platform::{
        jobs::{Job, JobKind, Progress},
        outbox,
        store::Tx,
    },
};
use serde_json::json;

/// The kind of [`ReleaseHeld`].
const RELEASE_HELD: &str = "channels.release_held";

/// The channel may send again, or is gone: what was held for it is looked at again, in bounded steps, however much it is.
pub(super) fn let_go(tx: &mut Tx<'_, '_>, channel: ChannelId) -> Result<()> {
    if outbox::any_held(tx, conversations::CHANNEL_SEND)? {
        tx.start_job(RELEASE_HELD, json!({ "channel": channel }))?;
    }
    Ok(())
}

/// Walks all that is held and lets one channel's go on.
pub struct ReleaseHeld;

impl JobKind for ReleaseHeld {
    fn name(&self) -> &'static str {
        RELEASE_HELD
    }

    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let channel: ChannelId = job.subject("channel")?;
        let (released, last) = outbox::release_those(tx, conversations::CHANNEL_SEND, job.place(), |tx, delivery| {
            let message: Option<MessageId> = delivery.payload.0["message"].as_str().and_then(|id| id.parse().ok());
            let Some(message) = message else { return Ok(true) };
            match conversations::require_message(tx, message) {
                Ok(message) => Ok(message.channel == channel),
                // Erased meanwhile: its attempt will find that out.
                Err(Error::NotFound(_)) => Ok(true),
                Err(error) => Err(error),
            }
        })?;
        job.done += released as u64;
        Ok(job.walk_on(last))
    }
}
