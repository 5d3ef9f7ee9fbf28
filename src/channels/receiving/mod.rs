//! What comes in: webhooks believed by their signature, kept, split into elements, and each told in the house's words.

pub(super) mod inbound;
pub(super) mod ingest;
pub(super) mod reading;
pub(super) mod stop_words;
pub(super) mod webhooks;

use crate::platform::http::Routes;

/// The doors of this folder.
pub(super) fn routes() -> Routes {
    webhooks::routes()
}
