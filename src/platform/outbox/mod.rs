//! The outbox: work that leaves the house, kept durably until its outcome is known.
//!
//! A command writes a delivery in its own commit; a *hand* performs it later and its outcome is stored by
//! another command. Invariants:
//! - An attempt is marked in flight, durably, before its first byte leaves. One that was in flight when the
//!   process died, or took too long, is *unknown* and never sent again by itself.
//! - Deliveries of one lane (kind and lane name) leave in the order they were made, one at a time; other
//!   lanes do not wait. A lane waits at most [`Policy::lane_wait`] behind an unsettled one, then goes on.
//! - Failures are tried again with growing, jittered pauses; the last failure or a final refusal becomes a
//!   dead letter with payload, attempts and error. Success leaves no row: its outcome lives with the room.

mod lanes;
mod model;
mod service;
#[cfg(test)]
mod tests;

pub(in crate::platform) use lanes::retry_letter;
pub use lanes::{any_held, discard, list, release, release_those, resolve, retry};
pub use model::{Delivery, DeliveryState, NewDelivery, Outcome, Policy, Rate};
pub use service::Outbox;

use super::store::Tx;
use crate::base::Result;
use futures_util::future::BoxFuture;

/// Performs deliveries of one kind.
pub trait Hand: Send + Sync + 'static {
    /// The kind, as [`NewDelivery::kind`] names it.
    fn kind(&self) -> &'static str;

    /// Runs in the commit that marks an attempt in flight. A permanent refusal ends the delivery as dead.
    fn starting(&self, _tx: &mut Tx<'_, '_>, _delivery: &Delivery) -> Result<()> {
        Ok(())
    }

    /// The slow and unreliable work. Cut off after [`Policy::attempt_timeout`], outcome unknown.
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome>;

    /// Runs in the commit that stores an outcome. `last`: done, dead, or no attempt left; after an unknown
    /// outcome or a hold it is false, for those may still go either way.
    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, last: bool) -> Result<()>;

    /// How patient this kind is. Asked at each attempt, so a setting takes effect at once.
    fn policy(&self) -> Policy {
        Policy::default()
    }

    /// How patient it is with this delivery, where that differs: attempts, pauses and how long its lane waits.
    /// Asked in the commit that stores a failure.
    fn policy_of(&self, _tx: &Tx<'_, '_>, _delivery: &Delivery) -> Policy {
        self.policy()
    }

    /// May an attempt of which nobody knows the end simply be made again? Reading is; what the other side acts upon is not.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// Buckets this delivery draws one token from before it may start. Called outside any command.
    fn rates(&self, _delivery: &Delivery) -> Vec<Rate> {
        Vec::new()
    }
}
