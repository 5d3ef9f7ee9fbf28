//! What somebody of us read is told to the provider, where it shows that to customers.

use crate::{
    base::Result,
    conversations::{CHANNEL_ACT, CONVERSATION_READ_EVENT},
    platform::{
        journal::{Event, Reaction},
        outbox::NewDelivery,
        store::Tx,
    },
};
use serde_json::json;

/// Has providers told what was read.
#[derive(Debug, Default)]
pub struct SeenOut;

impl Reaction for SeenOut {
    fn name(&self) -> &'static str {
        "channels.seen"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == CONVERSATION_READ_EVENT
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        let id = tx.new_id();
        let payload = json!({ "seen": event.subject, "answered": event.data["answered"] == true });
        // A lane of its own: what was read waits for nothing.
        tx.deliver(NewDelivery { id, kind: CHANNEL_ACT, lane: format!("seen:{}", event.subject), payload, not_before: None })
    }
}
