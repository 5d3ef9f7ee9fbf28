//! Files: fetched from providers, fitted to what a channel takes, handed over to them, and the rules of what may come and go.

pub(super) mod api;
pub(super) mod fetch;
pub(super) mod file_rules;
pub(super) mod fit;
pub(super) mod forwarded;
pub(super) mod upload;

use crate::platform::http::Routes;

/// The doors of this folder.
pub(super) fn routes() -> Routes {
    api::routes()
}
