//! What goes out: what a channel carries, who may send how much, the hand that sends it and reports back, and what is done
//! to a message afterwards (reactions, edits, taking back).

pub(super) mod acts;
pub(super) mod acts_api;
pub(super) mod api;
pub(super) mod carries;
pub(super) mod hand;
pub(super) mod limits;
pub(super) mod manners;
pub(super) mod outgoing;
pub(super) mod start_api;
pub(super) mod test_message;
pub(super) mod typing;

use crate::platform::http::Routes;

/// The doors of this folder.
pub(super) fn routes() -> Routes {
    acts_api::routes().merge(api::routes()).merge(start_api::routes()).merge(test_message::routes())
}
