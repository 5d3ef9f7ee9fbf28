//! Sessions of WAHA: how one does, its code to scan, what can be done to it, and who is behind a hidden id.

pub(super) mod api;
pub(super) mod heard;
pub(super) mod lids;

use crate::platform::http::Routes;

/// The doors of this folder.
pub(super) fn routes() -> Routes {
    api::routes()
}
