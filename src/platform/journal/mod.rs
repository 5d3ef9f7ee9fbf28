//! The journal: what happened, in the order it happened, written in the commit that made it so.
//!
//! Events carry ids and changed facts (states, assignees, amounts), never message text nor personal
//! data: who needs content reads the record as it is now. They are stored by (tenant, sequence) as
//! JSON, which outlives versions of records; a small table leads from a sequence to its tenant.

mod audience;
mod event;
mod follow;
mod reactions;
#[cfg(test)]
mod tests;

pub use audience::Audience;
pub use event::{
    Event, JOURNAL_SLICE_MAX, NewEvent, count_concerning_after, is_gap, last, oldest, read_after, read_concerning_after,
    read_tenant_after,
};
pub(crate) use event::{oldest_at, trim};
pub use follow::{Follower, Followers, Start};
pub(crate) use reactions::settled_by_all;
pub use reactions::{CAUSE_DEPTH_MAX, Reaction, Reactions};
