//! Reads that join rooms for one screen. Writes nothing, decides nothing.

mod search;

use crate::platform::http::Routes;

/// The routes of this room.
pub fn routes() -> Routes {
    search::routes()
}
