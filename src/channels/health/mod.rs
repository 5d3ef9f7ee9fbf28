//! How a channel does: its doctor, the watch over sessions, the alarm of failures, figures and the providers' notices.

pub(super) mod alarm;
pub(super) mod doctor;
pub(super) mod figures;
pub(super) mod figures_api;
pub(super) mod notices_api;
pub(super) mod watch;

use crate::platform::http::Routes;

/// The doors of this folder.
pub(super) fn routes() -> Routes {
    doctor::routes().merge(figures_api::routes()).merge(notices_api::routes())
}
