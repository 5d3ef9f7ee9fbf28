//! All writes on channels, and what their webhooks bring about.

mod alarm;
mod figures;
mod inbound;
mod manage;
mod notices;
mod receive;
mod release;
mod scheduled;
mod seen;
mod session;
mod uploads;

pub use super::templates::commands::templates_stale;
pub use alarm::{ALARM, alarm_due, failed};
pub use figures::{asked, got_on, has_room};
pub use inbound::{KEPT_FOR, Unread, bury_unreadable, done, keep, note_attempt, purge};
pub use manage::{
    ChannelChange, ConfigChange, NewChannel, WahaChange, WhatsappChange, channel_by_default, check_done, connect, create, live,
    mark_broken, mark_working, remove, require_channel, stand_in, update,
};
pub(in crate::channels) use notices::list_notice;
pub use receive::{UNKNOWN_SESSION, close_window, identities, retry_letter, take};
pub use release::ReleaseHeld;
pub use scheduled::{scheduled_is_due, send_scheduled_now};
pub use seen::SeenOut;
pub use session::{FETCH_QR, LOOK_UP_LID, WATCH, number_found, qr_fetched, restarted, session_changed, silence, watch};
pub use uploads::{ForgetUploads, KEPT_FOR as UPLOADS_KEPT_FOR, forget_upload, note_upload};
