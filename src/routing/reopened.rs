//! A conversation that comes back to life in a queue that is gone waits in the default one instead.

use super::commands::{queue_exists, queue_for_new};
use crate::{
    base::{ConversationId, Result},
    conversations::{self, CONVERSATION_UPDATED},
    platform::{
        journal::{Event, Reaction},
        store::Tx,
    },
};

/// Moves reopened conversations out of deleted queues.
#[derive(Debug, Default)]
pub struct DeadQueues;

impl Reaction for DeadQueues {
    fn name(&self) -> &'static str {
        "routing.dead_queues"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == CONVERSATION_UPDATED && matches!(event.data["status"].as_str(), Some("OPEN" | "ASSIGNED"))
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        let conversation = conversations::require_conversation(tx, ConversationId(event.subject))?;
        match conversation.queue {
            Some(queue) if !queue_exists(tx, queue)? => {
                let default = queue_for_new(tx, None)?;
                conversations::reroute(tx, conversation.id, default).map(drop)
            }
            _ => Ok(()),
        }
    }
}
